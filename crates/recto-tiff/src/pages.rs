//! Which directories are pages, and which are thumbnails, steps of a pyramid or masks.

use std::io::{Read, Seek};

use crate::directory::Directory;
use crate::error::TiffError;
use crate::tag;
use crate::tiff::Tiff;

/// What tells whether a directory is a page.
const WANTED: [u16; 5] = [tag::NEW_SUBFILE_TYPE, tag::SUBFILE_TYPE, tag::SUB_DIRECTORIES, tag::WIDTH, tag::HEIGHT];
/// Directories in which a directory may name its parts.
const MAX_PARTS: usize = 16;

/// A directory that is a page by its marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TiffPage {
    /// Where the directory stands in the file.
    pub offset: u64,
    /// Width and height in pixels; zeros when they are not told.
    pub size: (u32, u32),
}

/// What a directory says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Page,
    /// The page in fewer pixels.
    Reduced,
    /// What of a page is to be seen.
    Mask,
}

impl Role {
    /// By the bits of `NewSubfileType`, or by the number that `SubfileType` had before.
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
    /// The directories of the chain without those that are marked as reduced or as masks. In the place of a thumbnail
    /// that names its picture in full, as cameras write it, stands that picture. When all are marked the marks say
    /// nothing.
    pub fn pages(&mut self) -> Result<Vec<TiffPage>, TiffError> {
        let mut all = Vec::new();
        let mut pages = Vec::new();
        for offset in self.chain()? {
            // A directory that is damaged is a page that cannot be read.
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

    /// The largest page among the parts that a thumbnail's directory names.
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
