//! The files that a worker keeps open: the next page is often of the same file.

use std::fs::File;

use recto_pages::{FileOpener, OpenFile, PagesError};

/// A worker's share of the pages often alternates between two files; more would only hold memory. A file goes with the
/// second job that is of another: nothing stays open for long after its document has ended.
const KEPT: usize = 2;

/// The files used last, the most recent at the end.
pub(super) struct OpenFiles<'a> {
    opener: &'a FileOpener,
    files: Vec<Kept<'a>>,
}

struct Kept<'a> {
    name: String,
    file: OpenFile<'a>,
    /// Jobs since that were of other files.
    unused: usize,
}

impl<'a> OpenFiles<'a> {
    /// None yet.
    pub(super) fn new(opener: &'a FileOpener) -> Self {
        Self { opener, files: Vec::new() }
    }

    /// The file of that name: the one that is open, or `file`, opened.
    pub(super) fn get(&mut self, name: &str, file: File) -> Result<&mut OpenFile<'a>, PagesError> {
        let at = self.files.iter().position(|kept| kept.name == name);
        let open = at.map(|at| self.files.remove(at).file);
        // Closed first, so that the file to open has its memory.
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

    /// Closes them.
    pub(super) fn close_all(&mut self) {
        self.files.clear();
    }
}
