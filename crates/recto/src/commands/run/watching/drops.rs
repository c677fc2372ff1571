//! What lies in a watched folder and is complete.

use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Files that are read together at most.
pub(super) const MOST_FILES: usize = 50;
/// For so long files that are complete wait for those that come with them.
const COMPANY: Duration = Duration::from_secs(30);
/// How names end while their files are on their way.
const UNFINISHED: [&str; 5] = ["part", "partial", "tmp", "filepart", "crdownload"];

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Below the watched folder.
    pub(super) below: PathBuf,
    /// When its bytes, its name or its rights last changed.
    pub(super) changed: SystemTime,
    size: u64,
}

/// The files of a folder, as they become complete.
#[derive(Debug)]
pub(super) struct Drops {
    folder: PathBuf,
    /// Folders that may lie in it and are no part of it.
    elsewhere: Vec<PathBuf>,
    settle: Duration,
    /// Since when each file has been as it is.
    seen: HashMap<PathBuf, (Found, Instant)>,
    is_any_settling: bool,
}

impl Drops {
    pub(super) fn new(folder: PathBuf, elsewhere: Vec<PathBuf>, settle: Duration) -> Self {
        Self { folder, elsewhere, settle, seen: HashMap::new(), is_any_settling: false }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether there was a file at the last look that may still change.
    pub(super) fn is_any_settling(&self) -> bool {
        self.is_any_settling
    }

    /// Looks at the folder: the files that are complete and that `is_done` does not know, in the order of their paths. None
    /// while others of the same drop are still coming.
    pub(super) fn next(&mut self, is_done: impl Fn(&Found) -> bool) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        self.look_into(&self.folder, &mut found)?;
        found.retain(|file| !is_done(file));
        found.sort_by(|a, b| a.below.cmp(&b.below));
        Ok(self.complete(found, Instant::now()))
    }

    fn look_into(&self, folder: &Path, found: &mut Vec<Found>) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if is_hidden || self.elsewhere.contains(&path) {
                continue;
            }
            // Links are not followed: what they lead to may be anywhere. What is gone by now was not complete.
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                // A folder of others, or one that is gone by now, hides nothing but what is in it.
                if let Err(error) = self.look_into(&path, found) {
                    tracing::debug!(folder = %path.display(), %error, "a folder is passed over");
                }
            } else if about.is_file() && !is_unfinished(&path) {
                let below = path.strip_prefix(&self.folder).unwrap_or(&path).to_owned();
                found.push(Found { path, below, changed: changed(&about), size: about.len() });
            }
        }
        Ok(())
    }

    /// Whether another file is where one was found.
    pub(super) fn is_replaced(file: &Found) -> bool {
        file.path.symlink_metadata().is_ok_and(|about| about.len() != file.size || changed(&about) != file.changed)
    }

    /// Of what was found, what has stayed the same for long enough by `now`.
    fn complete(&mut self, found: Vec<Found>, now: Instant) -> Vec<Found> {
        let there: HashSet<PathBuf> = found.iter().map(|file| file.path.clone()).collect();
        self.seen.retain(|path, _| there.contains(path));
        let (mut complete, mut longest) = (Vec::new(), Duration::ZERO);
        self.is_any_settling = false;
        for file in found {
            let (before, since) = self.seen.entry(file.path.clone()).or_insert_with(|| (file.clone(), now));
            if *before != file {
                (*before, *since) = (file.clone(), now);
            }
            let unchanged = now.duration_since(*since);
            if unchanged >= self.settle {
                longest = longest.max(unchanged);
                complete.push(file);
            } else {
                self.is_any_settling = true;
            }
        }
        if self.is_any_settling && longest < self.settle + COMPANY {
            return Vec::new();
        }
        complete
    }
}

/// When bytes, name or rights of a file last changed.
fn changed(about: &Metadata) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::new(about.ctime().max(0).unsigned_abs(), about.ctime_nsec() as u32)
}

fn is_unfinished(path: &Path) -> bool {
    path.extension().is_some_and(|own| UNFINISHED.iter().any(|end| own.eq_ignore_ascii_case(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(3);

    fn file(name: &str, size: u64) -> Found {
        Found { path: Path::new("/in").join(name), below: name.into(), changed: SystemTime::UNIX_EPOCH, size }
    }

    fn drops() -> Drops {
        Drops::new("/in".into(), Vec::new(), SETTLE)
    }

    #[test]
    fn a_file_is_complete_when_it_has_stayed_the_same() {
        let (mut drops, now) = (drops(), Instant::now());
        assert_eq!(drops.complete(vec![file("a", 1)], now), []);
        assert_eq!(drops.complete(vec![file("a", 2)], now + SETTLE), [], "it has grown");
        assert!(drops.is_any_settling());
        assert_eq!(drops.complete(vec![file("a", 2)], now + SETTLE * 2), [file("a", 2)]);
        assert!(!drops.is_any_settling());
    }

    #[test]
    fn files_that_come_together_are_read_together_but_not_for_ever() {
        let (mut drops, now) = (drops(), Instant::now());
        drops.complete(vec![file("a", 1)], now);
        assert_eq!(drops.complete(vec![file("a", 1), file("b", 1)], now + SETTLE), [], "b is on its way");
        let growing = now + SETTLE + COMPANY;
        assert_eq!(drops.complete(vec![file("a", 1), file("b", 9)], growing), [file("a", 1)]);
    }

    #[test]
    fn what_is_hidden_unfinished_or_a_result_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap();
        for name in ["a/b.tif", ".hidden.pdf", "c.pdf.part", "d.TMP", "out/e.pdf", "f"] {
            std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            std::fs::write(folder.join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("f", folder.join("link")).unwrap();
        let mut drops = Drops::new(folder.clone(), vec![folder.join("out")], Duration::ZERO);
        let found: Vec<PathBuf> = drops.next(|_| false).unwrap().into_iter().map(|file| file.below).collect();
        assert_eq!(found, ["a/b.tif", "f"].map(PathBuf::from));
    }
}
