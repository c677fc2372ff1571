//! The two things of Exif data that matter here: which way is up, and how large a pixel is.

use std::io::Cursor;

use super::resolution::Resolution;
use super::tiff::Directory;

/// What the first directory of Exif data says.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Exif {
    /// 0 when it is not said.
    pub(crate) orientation: u64,
    pub(crate) resolution: Option<Resolution>,
}

impl Exif {
    /// From the data after `Exif\0\0`, which is laid out as a TIFF file. Damaged data says nothing.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let Ok(directory) = Directory::first(&mut Cursor::new(bytes)) else { return Self::default() };
        Self { orientation: directory.orientation_tag(), resolution: directory.resolution() }
    }
}
