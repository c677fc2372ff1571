//! How many files the process may have open, and how many of them may be connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit that is assumed where the system sets none.
const PLENTY: u64 = 1 << 20;

/// Raises the limit of open files as far as possible without privileges, and returns it. Systems set a low limit for
/// programs that cannot cope with more.
pub(crate) fn raise_limit() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(PLENTY);
    let current = current.unwrap_or(PLENTY);
    if current >= wanted {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, current, "the limit on open files cannot be raised");
            current
        }
    }
}

/// The most connections: as many as the settings say, but at least a quarter of all open files stays free for the
/// database, uploads, exports and workers.
pub(crate) fn max_connections(wanted: usize, open_files: u64) -> usize {
    let room = usize::try_from(open_files / 4 * 3).unwrap_or(usize::MAX).max(1);
    if room < wanted {
        tracing::warn!(
            connections = room,
            "the limit of {open_files} open files allows fewer connections than server.max_connections"
        );
    }
    wanted.min(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_the_rest() {
        assert_eq!(max_connections(8192, 1024), 768);
        assert_eq!(max_connections(100, 1024), 100);
        assert_eq!(max_connections(8192, u64::MAX), 8192);
    }

    #[test]
    fn the_limit_is_raised_to_what_the_system_allows() {
        let limit = raise_limit();
        assert_eq!(getrlimit(Resource::Nofile).current.unwrap_or(PLENTY), limit);
        assert_eq!(raise_limit(), limit, "there is nothing more to raise");
    }
}
