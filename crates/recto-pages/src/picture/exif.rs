//! The two values of Exif data that are needed here: orientation and resolution.

use std::io::Cursor;

use recto_tiff::{Tiff, tag};

use super::resolution::Resolution;

/// Values of the first directory of Exif data.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Exif {
    /// 0 when it is missing.
    pub(crate) orientation: u64,
    pub(crate) resolution: Option<Resolution>,
}

impl Exif {
    /// Parses the data after `Exif\0\0`, which has the structure of a TIFF file. Damaged data gives no values.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let wanted = [tag::ORIENTATION, tag::X_RESOLUTION, tag::Y_RESOLUTION, tag::RESOLUTION_UNIT];
        let directory = Tiff::open(Cursor::new(bytes)).and_then(|mut exif| exif.first_directory(&wanted));
        let Ok(directory) = directory else { return Self::default() };
        Self {
            orientation: directory.integer(tag::ORIENTATION).unwrap_or(0),
            resolution: Resolution::of_directory(&directory),
        }
    }
}
