//! Access to an original's bytes, which are read only as far as needed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// A file that is never read as a whole. A part that cannot be read counts as the end of the file.
pub(super) struct Bytes {
    file: File,
    length: u64,
}

impl Bytes {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// At most `length` bytes from `at`; fewer at the end of the file.
    pub(super) fn read(&mut self, at: u64, length: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Whatever can be read is used: a damaged file is carried over as far as it goes.
        let _shorter = self.reader(at, length).read_to_end(&mut bytes);
        bytes
    }

    /// A reader of at most `length` bytes from `at` on.
    pub(super) fn reader(&mut self, at: u64, length: u64) -> impl Read + '_ {
        let length = if self.file.seek(SeekFrom::Start(at)).is_ok() { length } else { 0 };
        (&self.file).take(length)
    }

    /// Calls `parse` with increasingly longer parts from `at`, as long as it returns `None` to ask for more. `parse` is
    /// told whether the part extends to the end of the file or to the size limit.
    pub(super) fn window<T>(
        &mut self,
        at: u64,
        longest: u64,
        mut parse: impl FnMut(&[u8], bool) -> Option<T>,
    ) -> Option<T> {
        let mut length = 4096;
        loop {
            let data = self.read(at, length);
            let is_all = (data.len() as u64) < length || length >= longest;
            if let Some(parsed) = parse(&data, is_all) {
                return Some(parsed);
            }
            if is_all {
                return None;
            }
            length = (length * 8).min(longest);
        }
    }

    /// The first position of `needle` in `from..until`.
    pub(super) fn find(&mut self, needle: &[u8], from: u64, until: u64) -> Option<u64> {
        const BLOCK: u64 = 64 * 1024;
        let mut at = from;
        while at < until {
            let block = self.read(at, BLOCK.min(until - at));
            if let Some(found) = memchr::memmem::find(&block, needle) {
                return Some(at + found as u64);
            }
            if (block.len() as u64) < BLOCK {
                return None;
            }
            at += BLOCK - needle.len() as u64;
        }
        None
    }
}
