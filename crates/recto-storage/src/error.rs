//! What can go wrong, in words for a person; the cause behind it stays in the chain for the log.

use std::error::Error;
use std::io;

use sea_orm::DbErr;

use crate::database::obstacle::Obstacle;
use crate::disk::space::DiskSpace;

/// Why storage could not do what it was asked to.
///
/// A message never carries SQL or a path; [`std::error::Error::source`] leads to the cause.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Something that was named does not exist.
    #[error("this {what} does not exist")]
    NotFound {
        /// What was looked for: `organization`, `project`, `file`.
        what: &'static str,
    },
    /// A batch was offered without a file, and could never end.
    #[error("a batch needs at least one file")]
    NoFiles,
    /// New work was offered to a project that was deactivated.
    #[error("the project is not active and takes no new work")]
    ProjectInactive,
    /// A template was changed meanwhile by somebody else.
    #[error("the template was changed meanwhile")]
    TemplateChanged,
    /// A project was to be deactivated while batches of it are still being read.
    #[error("work of this project still runs; wait for its batches or cancel them first")]
    ProjectBusy,
    /// A token was to be changed that was revoked.
    #[error("this token was revoked")]
    TokenRevoked,
    /// Through the API, nobody would be left in the organization who may look after tokens.
    #[error("this is the last token that looks after the tokens of the organization; make another one first")]
    LastAdmin,
    /// A result of one kind of work was told of an item of another kind.
    #[error("this result belongs to another kind of work item")]
    OtherWork,
    /// The disk, its rights or others at the database stand in the way; nothing is wrong with what was asked.
    #[error("{obstacle}")]
    Obstructed {
        /// What it is.
        obstacle: Obstacle,
        /// What said so.
        source: Box<dyn Error + Send + Sync>,
    },
    /// New files would take what is kept back on the disk for the rest.
    #[error(
        "the disk is too full: {} more are wanted for the {}, {} are free and {} are kept back for results and \
         deletions; delete what is no longer needed, or send less",
        in_bytes(*.wanted_bytes), .space.holds, in_bytes(.space.left_bytes()), in_bytes(.space.reserve_bytes)
    )]
    NoRoom {
        /// What was to be stored.
        wanted_bytes: u64,
        /// What the disk has.
        space: DiskSpace,
    },
    /// The database refused what it was asked.
    #[error("the database could not do its part; the log has the cause")]
    Database(#[source] DbErr),
    /// The URL of the database is of no known kind.
    #[error("database.url must be sqlite://FILE or postgres://USER@HOST/NAME")]
    DatabaseUrl,
    /// What only SQLite can do was asked of a database that a server keeps.
    #[error("the database is kept by a server, which has tools of its own for that")]
    NotSqlite,
    /// What was to be moved into a database that holds something.
    #[error("the database holds an installation already")]
    NotEmpty,
    /// What was put back from a backup is not whole.
    #[error("the {what} is damaged")]
    Damaged {
        /// `database` or `set of files`.
        what: &'static str,
    },
    /// The URL of the blob store is of no known kind.
    #[error("blobs.url must be file:///FOLDER or s3://BUCKET/PREFIX")]
    BlobsUrl,
    /// The file store refused what it was asked.
    #[error("the file store could not do its part; the log has the cause")]
    Blobs(#[source] object_store::Error),
    /// The file system refused what it was asked.
    #[error("the file store could not do its part; the log has the cause")]
    File(#[source] io::Error),
    /// What was just stored is not there.
    #[error("the {what} did not keep what was written to it")]
    NotKept {
        /// Which of the two: `database`, `file store`.
        what: &'static str,
    },
    /// The data folder cannot be made or locked.
    #[error("the data folder cannot be used; check that it exists and may be written to")]
    DataFolder(#[source] io::Error),
    /// Another process works on the same data folder.
    #[error("another recto works on this data folder; stop it first, or choose another folder")]
    FolderInUse,
    /// An upload took so long that what was received of it was removed.
    #[error("the upload took too long and was given up; send it again")]
    ReceivingExpired,
    /// A row holds what this version cannot have written.
    #[error("the database holds a {what} that this version of Recto does not understand")]
    Unreadable {
        /// What kind of thing it is.
        what: &'static str,
    },
    /// An endpoint's secret was encrypted under another secret of the installation than those in force.
    #[error("the secret of this webhook was encrypted under another secret of the installation; give it a new one")]
    Sealed,
    /// A secret was to be kept or read without the keys that it is encrypted under.
    #[error("webhooks and passwords need the installation's secret, and this storage was opened without it")]
    NoSealingKeys,
    /// A piece of work inside storage died, as at the end of the process.
    #[error("storage was interrupted; try again")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl StorageError {
    /// What stands in the way, when it is nothing that was asked.
    #[must_use]
    pub fn obstacle(&self) -> Option<Obstacle> {
        match self {
            Self::Obstructed { obstacle, .. } => Some(*obstacle),
            _ => None,
        }
    }

    /// What became of a file.
    pub(crate) fn file(error: io::Error) -> Self {
        match Obstacle::behind(&error) {
            Some(obstacle) => Self::Obstructed { obstacle, source: Box::new(error) },
            None => Self::File(error),
        }
    }
}

impl From<DbErr> for StorageError {
    fn from(error: DbErr) -> Self {
        match Obstacle::of_database(&error) {
            Some(obstacle) => Self::Obstructed { obstacle, source: Box::new(error) },
            None => Self::Database(error),
        }
    }
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        match Obstacle::of_blobs(&error) {
            Some(obstacle) => Self::Obstructed { obstacle, source: Box::new(error) },
            None => Self::Blobs(error),
        }
    }
}

/// A number of bytes as people say it.
fn in_bytes(bytes: u64) -> String {
    const KILO: u64 = 1000;
    match bytes {
        0..KILO => format!("{bytes} bytes"),
        KILO..1_000_000 => format!("{} kB", bytes / KILO),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// What storage's functions give.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;
