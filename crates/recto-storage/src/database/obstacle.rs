//! Obstacles to storing anything, recognised from the errors of the database, the file store and the system.

use std::error::Error;
use std::io;

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr};

/// Why the database or the file store cannot do its work, although the request itself is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A file system has no room left, or a quota is used up.
    #[error("the disk is full: nothing can be stored until space is freed, for example by deleting batches")]
    DiskFull,
    /// A file system is mounted read-only.
    #[error("the data folder is read-only: nothing can be stored until the server can write to it again")]
    ReadOnly,
    /// The data folder, or something in it, belongs to another account.
    #[error("the data folder belongs to another account: nothing can be stored until the server can write to it")]
    Forbidden,
    /// Another program is writing to the database and does not finish.
    #[error("the database is locked by another program; try again")]
    Locked,
    /// The database file does not exist, was removed, or belongs to another account.
    #[error("the database file cannot be opened: check that it exists and that the server can read and write it")]
    CannotOpen,
    /// There is no connection to the database, or none became free in time.
    #[error("the database does not answer; try again")]
    Unreachable,
    /// The bucket's server cannot be reached, or it fails.
    #[error("the file store does not answer; try again")]
    FilesUnreachable,
    /// The bucket refuses Recto's keys.
    #[error("the file store rejects the server's credentials: nothing can be stored until it accepts them")]
    FilesForbidden,
    /// The device under the database or the files reports errors.
    #[error("the disk reports errors: nothing can be stored until it is repaired")]
    FaultyDisk,
}

impl Obstacle {
    /// The obstacle behind a database error; `None` for an error that is Recto's own fault.
    pub(crate) fn of_database(error: &DbErr) -> Option<Self> {
        let (DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error)) = error else {
            return matches!(error, DbErr::ConnectionAcquire(_)).then_some(Self::Unreachable);
        };
        let RuntimeErr::SqlxError(error) = error else { return None };
        match error.as_ref() {
            sqlx::Error::Database(error) => {
                let code = error.code()?;
                if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                    Self::of_sqlite(code.parse().ok()?)
                } else {
                    Self::of_sql_state(&code)
                }
            }
            sqlx::Error::Io(error) => Some(Self::of_io(error).unwrap_or(Self::Unreachable)),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Tls(_) => {
                Some(Self::Unreachable)
            }
            _ => None,
        }
    }

    /// The obstacle behind an extended result code of SQLite (<https://www.sqlite.org/rescode.html>).
    fn of_sqlite(code: i32) -> Option<Self> {
        const BUSY: i32 = 5;
        const LOCKED: i32 = 6;
        const READONLY: i32 = 8;
        const IOERR: i32 = 10;
        const FULL: i32 = 13;
        const CANTOPEN: i32 = 14;
        /// The shared-memory file with the index of the write-ahead log could not grow.
        const IOERR_SHMSIZE: i32 = IOERR | (19 << 8);
        /// The database file was removed while a connection was open.
        const READONLY_DBMOVED: i32 = READONLY | (4 << 8);
        match (code, code & 0xff) {
            (IOERR_SHMSIZE, _) | (_, FULL) => Some(Self::DiskFull),
            (READONLY_DBMOVED, _) | (_, CANTOPEN) => Some(Self::CannotOpen),
            (_, READONLY) => Some(Self::ReadOnly),
            (_, BUSY | LOCKED) => Some(Self::Locked),
            (_, IOERR) => Some(Self::FaultyDisk),
            _ => None,
        }
    }

    /// The obstacle behind an SQLSTATE of PostgreSQL (appendix A of its manual).
    fn of_sql_state(code: &str) -> Option<Self> {
        match code {
            "53100" => Some(Self::DiskFull),
            "25006" => Some(Self::ReadOnly),
            // A lock timeout, a deadlock, or a serialization failure.
            "55P03" | "40P01" | "40001" => Some(Self::Locked),
            "58030" => Some(Self::FaultyDisk),
            _ if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) => Some(Self::Unreachable),
            _ => None,
        }
    }

    /// The obstacle behind an error of the blob store.
    pub(crate) fn of_blobs(error: &object_store::Error) -> Option<Self> {
        Self::behind(error).or(match error {
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                Some(Self::FilesForbidden)
            }
            // No connection, an error in the client itself, or a server error after several retries. A wrong request
            // would be Recto's own fault, and is rare.
            object_store::Error::Generic { store: "S3", .. } => Some(Self::FilesUnreachable),
            _ => None,
        })
    }

    /// The obstacle behind an error of the file system; libraries wrap the system's error several times.
    pub(crate) fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let system = error.downcast_ref::<io::Error>();
            if let Some(found) = system.and_then(Self::of_io) {
                return Some(found);
            }
            // An I/O error does not report the error that it wraps as its source.
            let wrapped = system.and_then(io::Error::get_ref).map(|wrapped| wrapped as &(dyn Error + 'static));
            cause = wrapped.or_else(|| error.source());
        }
        None
    }

    fn of_io(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Self::DiskFull),
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnly),
            io::ErrorKind::PermissionDenied => Some(Self::Forbidden),
            _ if error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => Some(Self::FaultyDisk),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_sqlite_are_told_apart() {
        let known = [
            (13, Some(Obstacle::DiskFull)),
            (4874, Some(Obstacle::DiskFull)),
            (8, Some(Obstacle::ReadOnly)),
            (1544, Some(Obstacle::ReadOnly)),
            (1032, Some(Obstacle::CannotOpen)),
            (5, Some(Obstacle::Locked)),
            (517, Some(Obstacle::Locked)),
            (778, Some(Obstacle::FaultyDisk)),
            (14, Some(Obstacle::CannotOpen)),
            (1555, None),
            (1, None),
        ];
        for (code, meant) in known {
            assert_eq!(Obstacle::of_sqlite(code), meant, "{code}");
        }
    }

    #[test]
    fn states_of_postgresql_are_told_apart() {
        let known = [
            ("53100", Some(Obstacle::DiskFull)),
            ("53300", Some(Obstacle::Unreachable)),
            ("57P01", Some(Obstacle::Unreachable)),
            ("08006", Some(Obstacle::Unreachable)),
            ("55P03", Some(Obstacle::Locked)),
            ("25006", Some(Obstacle::ReadOnly)),
            ("23505", None),
        ];
        for (code, meant) in known {
            assert_eq!(Obstacle::of_sql_state(code), meant, "{code}");
        }
    }

    #[test]
    fn a_full_disk_is_found_behind_the_errors_of_libraries() {
        let full = io::Error::from_raw_os_error(28);
        let wrapped =
            object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(io::Error::other(full)) };
        assert_eq!(Obstacle::behind(&wrapped), Some(Obstacle::DiskFull));
        assert_eq!(Obstacle::behind(&io::Error::from_raw_os_error(30)), Some(Obstacle::ReadOnly));
        assert_eq!(Obstacle::behind(&io::Error::from_raw_os_error(13)), Some(Obstacle::Forbidden));
        assert_eq!(Obstacle::behind(&io::Error::other("something else")), None);
    }
}
