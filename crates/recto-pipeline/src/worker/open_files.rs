//! The files that a worker keeps open: the next page is often of the same file.

use std::fs::File;

use recto_pages::{FileOpener, OpenFile, PagesError};

/// A worker's share of the pages often alternates between two files; more would only hold memory.
const KEPT: usize = 2;

/// The files used last, the most recent at the end.
pub(super) struct OpenFiles<'a> {
    opener: &'a FileOpener,
    files: Vec<(String, OpenFile<'a>)>,
}

impl<'a> OpenFiles<'a> {
    /// None yet.
    pub(super) fn new(opener: &'a FileOpener) -> Self {
        Self { opener, files: Vec::new() }
    }

    /// The file of that name: the one that is open, or `file`, opened.
    pub(super) fn get(&mut self, name: &str, file: File) -> Result<&mut OpenFile<'a>, PagesError> {
        let entry = if let Some(at) = self.files.iter().position(|(open, _)| open == name) {
            self.files.remove(at)
        } else {
            // Closed first, so that the file to open has its memory.
            self.files.drain(..self.files.len().saturating_sub(KEPT - 1));
            (name.to_owned(), self.opener.open(file)?)
        };
        self.files.push(entry);
        let (_, open) = self.files.last_mut().expect("an entry was pushed");
        Ok(open)
    }
}
