//! Distinguishes pages from thumbnails, pyramid levels and masks.

use std::io::{Read, Seek};

use crate::directory::Directory;
use crate::error::TiffError;
use crate::tag;
use crate::tiff::Tiff;

/// The tags that tell whether a directory is a page.
const WANTED: [u16; 5] = [tag::NEW_SUBFILE_TYPE, tag::SUBFILE_TYPE, tag::SUB_DIRECTORIES, tag::WIDTH, tag::HEIGHT];
/// The most subdirectories of a directory that are considered.
const MAX_PARTS: usize = 16;

/// A directory that is marked as a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TiffPage {
    /// The offset of the directory in the file, in bytes.
    pub offset: u64,
    /// The width and height in pixels; zeros when they are missing.
    pub size: (u32, u32),
}

/// The role that a directory declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Page,
    /// The page in a lower resolution.
    Reduced,
    /// A mask of the visible part of a page.
    Mask,
}

impl Role {
    /// The role from the bits of `NewSubfileType`, or from the older number in `SubfileType`.
    fn of(directory: &Directory) -> Self {
        let bits = directory.integer(tag::NEW_SUBFILE_TYPE).unwrap_or(0);
        if bits & 4 != 0 {
            Self::Mask
        } else if bits & 1 != 0 || directory.integer(tag::SUBFILE_TYPE) == Some(2) {
            Self::Reduced
        } else {
            Self::Page
        }
    }
}

impl<R: Read + Seek> Tiff<R> {
    /// The directories of the chain that are not marked as reduced or as masks. A thumbnail that refers to its full
    /// picture, as cameras write it, is replaced by that picture. If all directories are marked, the marks are ignored.
    pub fn pages(&mut self) -> Result<Vec<TiffPage>, TiffError> {
        let mut all = Vec::new();
        let mut pages = Vec::new();
        for offset in self.chain()? {
            // A damaged directory counts as a page that cannot be read.
            let directory = self.directory(offset, &WANTED).unwrap_or_default();
            let page = TiffPage { offset, size: directory.size().unwrap_or_default() };
            all.push(page);
            match Role::of(&directory) {
                Role::Page => pages.push(page),
                Role::Reduced => pages.extend(self.picture_in_full(&directory)),
                Role::Mask => {}
            }
        }
        Ok(if pages.is_empty() { all } else { pages })
    }

    /// The largest page among the subdirectories of a thumbnail.
    fn picture_in_full(&mut self, thumbnail: &Directory) -> Option<TiffPage> {
        let parts = thumbnail.integers(tag::SUB_DIRECTORIES).iter().take(MAX_PARTS);
        let pages = parts.filter_map(|&offset| {
            let directory = self.directory(offset, &WANTED).ok()?;
            let size = directory.size()?;
            (Role::of(&directory) == Role::Page).then_some(TiffPage { offset, size })
        });
        pages.max_by_key(|page| u64::from(page.size.0) * u64::from(page.size.1))
    }
}
