//! TIFF 6.0 and BigTIFF: each directory of the file is a page, unless it is a smaller copy of another one.
//!
//! The pages are decoded straight to grey, strip by strip, so that a page takes one byte a pixel and its largest
//! strip, whatever its colours.

mod compression;
mod directory;
mod fax;
mod layout;
mod reduced;
mod samples;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader};

pub(crate) use directory::Directory;
use directory::DirectoryReader;
use layout::PageLayout;

use super::GreyPicture;
use super::turn::Orientation;
use crate::error::PagesError;
use crate::open_file::PageLimits;
use samples::GreyCanvas;

/// Directories are counted up to this many, so that a person learns how far above the limit the file is.
const MAX_COUNTED: usize = 1_000_000;

/// A TIFF file, and where its directories stand.
#[derive(Debug)]
pub(super) struct TiffFile {
    file: File,
    limits: PageLimits,
    /// Offsets of the directories that are pages; at least one.
    directories: Vec<u64>,
}

impl TiffFile {
    /// Walks the chain of directories, which ends where it loops or leaves the file.
    pub(super) fn open(file: File, limits: PageLimits) -> Result<Self, PagesError> {
        let broken = |error: io::Error| PagesError::broken_file("TIFF", reason(&error));
        let mut reader = DirectoryReader::new(BufReader::new(&file)).map_err(broken)?;
        let mut seen = HashSet::new();
        let mut directories = Vec::new();
        let mut next = reader.first_directory();
        while next != 0 && seen.insert(next) && directories.len() < MAX_COUNTED {
            let after = match reader.directory_after(next) {
                Ok(after) => after,
                Err(_) if !directories.is_empty() => break,
                Err(error) => return Err(broken(error)),
            };
            directories.push(next);
            next = after;
        }
        let marked = reduced::unmarked(&mut reader, &directories);
        limits.check_pages(marked.len() as u64)?;
        let mut tiff = Self { file, limits, directories: Vec::new() };
        tiff.directories = reduced::without_copies(&tiff, &marked);
        Ok(tiff)
    }

    pub(super) fn page_count(&self) -> u32 {
        self.directories.len() as u32
    }

    /// Decodes one page, and only that.
    pub(super) fn page(&self, number: u32) -> Result<GreyPicture, PagesError> {
        self.decode(number, self.directories.get(number as usize - 1).copied().unwrap_or(0))
    }

    /// Decodes the directory at that offset, which is the page of that number.
    fn decode(&self, number: u32, offset: u64) -> Result<GreyPicture, PagesError> {
        let broken = |error: io::Error| PagesError::broken_page(number, reason(&error));
        let mut reader = DirectoryReader::new(BufReader::new(&self.file)).map_err(broken)?;
        let directory = reader.directory(offset).map_err(broken)?;
        let (width, height) = directory.size().map_err(broken)?;
        self.limits.check_pixels(number, u64::from(width), u64::from(height))?;
        let layout = PageLayout::of(&directory, reader.is_big_endian()).map_err(broken)?;
        if layout.chunk_bytes() > self.limits.max_decoded_bytes() {
            return Err(PagesError::PageNeedsMemory { number });
        }
        let mut canvas =
            GreyCanvas::new(width, height, layout.has_alpha()).ok_or(PagesError::PageNeedsMemory { number })?;
        for place in layout.chunks() {
            let data = compression::chunk(&mut reader, &layout, &place).map_err(broken)?;
            canvas.put(&layout, &place, &data);
        }
        Ok(GreyPicture {
            width,
            height,
            luma: canvas.into_luma(),
            resolution: directory.resolution(),
            orientation: Orientation::from_tag(directory.orientation_tag()),
        })
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the file ends too early".to_owned(),
        _ => error.to_string(),
    }
}

/// An error about the file's contents.
fn bad(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}
