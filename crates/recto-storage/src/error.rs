//! Storage errors, worded for a person; the underlying cause stays in the chain for the log.

use std::error::Error;
use std::io;

use sea_orm::DbErr;

use crate::database::obstacle::Obstacle;
use crate::disk::space::DiskSpace;

/// Why storage could not do what was asked.
///
/// A message never contains SQL or a path; [`std::error::Error::source`] leads to the cause.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A named object does not exist.
    #[error("this {what} does not exist")]
    NotFound {
        /// The kind of object: `organization`, `project`, `file`.
        what: &'static str,
    },
    /// A batch without files was submitted; it could never end.
    #[error("a batch needs at least one file")]
    NoFiles,
    /// New work was submitted to a deactivated project.
    #[error("the project is inactive and accepts no new work")]
    ProjectInactive,
    /// Somebody else has changed the template in the meantime.
    #[error("the template has changed in the meantime")]
    TemplateChanged,
    /// A project cannot be deactivated while batches of it are still being read.
    #[error("this project still has work in progress; wait for its batches, or cancel them first")]
    ProjectBusy,
    /// A revoked token cannot be changed.
    #[error("this token has been revoked")]
    TokenRevoked,
    /// The request came through the API and would leave the organization without anybody who can manage tokens.
    #[error("this is the last token that can manage the organization's tokens; create another one first")]
    LastAdmin,
    /// A result was reported for an item of another kind of work.
    #[error("this result belongs to another kind of work item")]
    OtherWork,
    /// The disk, its permissions or other users of the database prevent the operation; the request itself is valid.
    #[error("{obstacle}")]
    Obstructed {
        /// The obstacle.
        obstacle: Obstacle,
        /// The error that revealed it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// New files would use space from the disk reserve.
    #[error(
        "the disk is too full: {} more are needed for the {}, {} are free and {} are reserved for results and \
         deletions; delete what is no longer needed, or send less",
        in_bytes(*.wanted_bytes), .space.holds, in_bytes(.space.left_bytes()), in_bytes(.space.reserve_bytes)
    )]
    NoRoom {
        /// The size of the new files.
        wanted_bytes: u64,
        /// The state of the disk.
        space: DiskSpace,
    },
    /// The database refused a request.
    #[error("the database failed; see the log for the cause")]
    Database(#[source] DbErr),
    /// The URL of the database has an unknown scheme.
    #[error("database.url must be sqlite://FILE or postgres://USER@HOST/NAME")]
    DatabaseUrl,
    /// An operation for SQLite was requested on a database server.
    #[error("the database is on a server, which has its own tools for this")]
    NotSqlite,
    /// The target of a move already holds data.
    #[error("the database already contains an installation")]
    NotEmpty,
    /// A restored backup is incomplete.
    #[error("the {what} is damaged")]
    Damaged {
        /// The incomplete part: `database` or `set of files`.
        what: &'static str,
    },
    /// The URL of the blob store has an unknown scheme.
    #[error("blobs.url must be file:///FOLDER or s3://BUCKET/PREFIX")]
    BlobsUrl,
    /// The file store refused a request.
    #[error("the file store failed; see the log for the cause")]
    Blobs(#[source] object_store::Error),
    /// The file system refused a request.
    #[error("the file store failed; see the log for the cause")]
    File(#[source] io::Error),
    /// Data that was just stored cannot be found.
    #[error("the {what} lost data that was just written to it")]
    NotKept {
        /// Where it is missing: `database` or `file store`.
        what: &'static str,
    },
    /// The data folder cannot be created or locked.
    #[error("the data folder cannot be used; check that it exists and is writable")]
    DataFolder(#[source] io::Error),
    /// Another process works on the same data folder.
    #[error("another Recto process is using this data folder; stop it first, or choose another folder")]
    FolderInUse,
    /// An upload took so long that its received bytes were removed.
    #[error("the upload took too long and was abandoned; send it again")]
    ReceivingExpired,
    /// A row holds a value that this version cannot have written.
    #[error("the database contains a {what} that this version of Recto does not understand")]
    Unreadable {
        /// The kind of object.
        what: &'static str,
    },
    /// An endpoint's secret was encrypted with an installation secret that is no longer configured.
    #[error("the secret of this webhook was encrypted with a different installation secret; set a new one")]
    Sealed,
    /// A secret was to be stored or read, but the encryption keys are missing.
    #[error("webhooks and passwords need the installation's secret, but this storage was opened without it")]
    NoSealingKeys,
    /// A task within storage was stopped, for example at the end of the process.
    #[error("storage was interrupted; try again")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl StorageError {
    /// The obstacle, if the failure is not due to the request.
    #[must_use]
    pub fn obstacle(&self) -> Option<Obstacle> {
        match self {
            Self::Obstructed { obstacle, .. } => Some(*obstacle),
            _ => None,
        }
    }

    /// Wraps a file-system error.
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

/// A number of bytes, formatted for people.
fn in_bytes(bytes: u64) -> String {
    const KILO: u64 = 1000;
    match bytes {
        0..KILO => format!("{bytes} bytes"),
        KILO..1_000_000 => format!("{} kB", bytes / KILO),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// The result of storage functions.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;
