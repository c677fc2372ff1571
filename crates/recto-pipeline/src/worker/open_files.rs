//! The files that a worker keeps open, because the next page is often in the same file.

use std::fs::File;

use recto_pages::{FileOpener, OpenFile, PagesError};

/// A file is closed at this many jobs in a row for other files, so it does not stay open for long after its document
/// has ended. A worker's pages often alternate between two files; keeping more would only waste memory.
const KEPT: usize = 2;

/// The files used last, with the most recent at the end.
pub(super) struct OpenFiles<'a> {
    opener: &'a FileOpener,
    files: Vec<Kept<'a>>,
}

struct Kept<'a> {
    name: String,
    file: OpenFile<'a>,
    /// The number of jobs for other files since its last use.
    unused: usize,
}

impl<'a> OpenFiles<'a> {
    /// No open files.
    pub(super) fn new(opener: &'a FileOpener) -> Self {
        Self { opener, files: Vec::new() }
    }

    /// The file of this name: the one that is open already, or else `file`, which is then opened.
    pub(super) fn get(&mut self, name: &str, file: File) -> Result<&mut OpenFile<'a>, PagesError> {
        let at = self.files.iter().position(|kept| kept.name == name);
        let open = at.map(|at| self.files.remove(at).file);
        // Unused files are closed first, so that their memory is available.
        self.files.iter_mut().for_each(|kept| kept.unused += 1);
        self.files.retain(|kept| kept.unused < KEPT);
        let file = match open {
            Some(file) => file,
            None => self.opener.open(file)?,
        };
        self.files.push(Kept { name: name.to_owned(), file, unused: 0 });
        let kept = self.files.last_mut().expect("an entry was pushed");
        Ok(&mut kept.file)
    }

    /// Closes all files.
    pub(super) fn close_all(&mut self) {
        self.files.clear();
    }
}
