//! Where the files of a watch and their results are, or will be.

use std::io;
use std::path::{Path, PathBuf};

use super::super::each::beside;
use super::location::{Contents, Found, Location, with_end};
use crate::failure::advised;

/// The locations of a watch.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) watched: Location,
    pub(super) out: Location,
    /// For files that were read; without it they stay in place.
    pub(super) done: Option<Location>,
    /// For files that cannot be read; without it they stay in place.
    pub(super) failed: Option<Location>,
}

impl Places {
    /// Opens the watched folder or bucket, which must exist, and creates those for results, done files and failed files
    /// if they are missing. `endpoint` is the server of the buckets.
    pub(super) fn open(
        watched: &Path,
        out: &Path,
        done: Option<&Path>,
        failed: Option<&Path>,
        endpoint: Option<&str>,
    ) -> anyhow::Result<Self> {
        let made = |path: Option<&Path>| path.map(|path| Location::made(path, endpoint)).transpose();
        let places = Self {
            watched: Location::existing(watched, endpoint)?,
            out: Location::made(out, endpoint)?,
            done: made(done)?,
            failed: made(failed)?,
        };
        places.check()?;
        Ok(places)
    }

    /// Refuses locations whose contents would be read again and again, and two locations that are the same.
    fn check(&self) -> anyhow::Result<()> {
        let others: Vec<&Location> = self.others().collect();
        if others.iter().any(|other| other.contains(&self.watched)) {
            let what = format!("files written to {} would be read again", self.watched);
            return Err(advised(
                what,
                "Specify other folders for results, done files and failed files; they may be inside the watched \
                 folder.",
            ));
        }
        let is_doubled = (1..others.len()).any(|at| others[..at].iter().any(|other| other.is_same(others[at])));
        if is_doubled {
            let what = "two of the folders for results, done files and failed files are the same";
            return Err(advised(what, "Specify different folders; files with the same name would be confused."));
        }
        Ok(())
    }

    /// All locations except the watched one.
    pub(super) fn others(&self) -> impl Iterator<Item = &Location> {
        [Some(&self.out), self.done.as_ref(), self.failed.as_ref()].into_iter().flatten()
    }

    /// The current contents of the locations. `extension` is the extension of results.
    pub(super) async fn look(&self, extension: &'static str) -> io::Result<Results> {
        let contents = async |location: Option<&Location>| match location {
            Some(location) => location.contents().await.map(Some),
            None => Ok(None),
        };
        Ok(Results {
            extension,
            watched: self.watched.contents().await?,
            out: self.out.contents().await?,
            done: contents(self.done.as_ref()).await?,
            failed: contents(self.failed.as_ref()).await?,
        })
    }
}

/// The contents of all locations.
pub(super) struct Results {
    /// The extension of results.
    extension: &'static str,
    watched: Contents,
    out: Contents,
    done: Option<Contents>,
    failed: Option<Contents>,
}

impl Results {
    /// The path of a file's result. Usually it is the file's whole name plus the extension. A file that already has the
    /// extension keeps its name, unless there is or was a file whose result has that name.
    pub(super) fn of(&self, file: &Found) -> PathBuf {
        let ends_so = file.below.extension().is_some_and(|own| own.eq_ignore_ascii_case(self.extension));
        let shorter = file.below.with_extension("");
        let is_taken = |contents: &Contents| contents.written(&shorter).is_some();
        let has_twin = is_taken(&self.watched) || self.done.as_ref().is_some_and(is_taken);
        if ends_so && !has_twin { file.below.clone() } else { beside(&file.below, self.extension) }
    }

    /// The path of a file's result, numbered when an earlier file of that name, since moved away, has left its result
    /// there.
    pub(super) fn free_of(&self, file: &Found) -> PathBuf {
        let result = self.of(file);
        if self.done.is_none() || !self.out.holds(&result) {
            return result;
        }
        let numbered = |number: u32| beside(&result.with_extension(number.to_string()), self.extension);
        (2..=u32::MAX).map(numbered).find(|path| !self.out.holds(path)).unwrap_or(result)
    }

    /// Whether the file has a result that is not older than the file.
    pub(super) fn has_result(&self, file: &Found) -> bool {
        is_newer(&self.out, &self.of(file), file)
    }

    /// Whether the file has a reason why it cannot be read that is not older than the file.
    pub(super) fn has_reason(&self, file: &Found) -> bool {
        is_newer(self.failed.as_ref().unwrap_or(&self.out), &reason_of(&file.below), file)
    }

    /// Whether there is a result or a reason for the file or for an earlier one of that name.
    pub(super) fn holds_outcome(&self, file: &Found) -> bool {
        self.out.holds(&self.of(file)) || self.failed.as_ref().unwrap_or(&self.out).holds(&reason_of(&file.below))
    }

    /// Whether nothing is left to do with the file. If files are to be moved, a file that is still here is not done: an
    /// earlier run may have stopped before the move.
    pub(super) fn is_done_with(&self, file: &Found) -> bool {
        (self.failed.is_none() && self.has_reason(file)) || (self.done.is_none() && self.has_result(file))
    }
}

/// The name of the text file that says why a file cannot be read.
pub(super) fn reason_of(below: &Path) -> PathBuf {
    with_end(below, ".reason.txt")
}

/// Whether something was written at `below` after the file was.
fn is_newer(contents: &Contents, below: &Path, file: &Found) -> bool {
    contents.written(below).is_some_and(|written| written >= file.changed)
}
