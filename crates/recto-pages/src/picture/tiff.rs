//! TIFF 6.0 and BigTIFF: each directory of the file is a page, unless it is a smaller copy of another one.
//!
//! The pages are decoded directly to grey, strip by strip, so that a page takes one byte per pixel plus its largest
//! strip, regardless of its colours.

mod compression;
mod copies;
mod fax;
mod layout;
mod samples;

use std::fs::File;
use std::io;

use layout::PageLayout;
use recto_tiff::{Directory, Tiff, tag};

use super::GreyPicture;
use super::turn::Orientation;
use crate::error::PagesError;
use crate::open_file::PageLimits;
use crate::picture::resolution::Resolution;
use samples::GreyCanvas;

/// The tags needed to decode a page; all others are skipped.
const WANTED: [u16; 28] = [
    tag::WIDTH,
    tag::HEIGHT,
    tag::BITS,
    tag::COMPRESSION,
    tag::PHOTOMETRIC,
    tag::FILL_ORDER,
    tag::STRIP_OFFSETS,
    tag::ORIENTATION,
    tag::SAMPLES,
    tag::ROWS_PER_STRIP,
    tag::STRIP_BYTES,
    tag::X_RESOLUTION,
    tag::Y_RESOLUTION,
    tag::PLANAR,
    tag::T4_OPTIONS,
    tag::RESOLUTION_UNIT,
    tag::PREDICTOR,
    tag::COLOR_MAP,
    tag::TILE_WIDTH,
    tag::TILE_HEIGHT,
    tag::TILE_OFFSETS,
    tag::TILE_BYTES,
    tag::EXTRA_SAMPLES,
    tag::SAMPLE_FORMAT,
    tag::JPEG_TABLES,
    tag::JPEG_OFFSET,
    tag::JPEG_BYTES,
    tag::SUBSAMPLING,
];

/// A TIFF file with the offsets of its directories.
#[derive(Debug)]
pub(super) struct TiffFile {
    file: File,
    limits: PageLimits,
    /// The offsets of the directories that are pages; at least one.
    directories: Vec<u64>,
}

impl TiffFile {
    /// Finds the pages: directories that are neither marked as something else nor a smaller copy of another one.
    pub(super) fn open(file: File, limits: PageLimits) -> Result<Self, PagesError> {
        let pages = Tiff::open(&file).and_then(|mut tiff| tiff.pages());
        let pages = pages.map_err(|error| PagesError::broken_file("TIFF", reason(&error.into())))?;
        limits.check_pages(pages.len() as u64)?;
        let mut tiff = Self { file, limits, directories: Vec::new() };
        tiff.directories = copies::without_copies(&tiff, &pages);
        Ok(tiff)
    }

    pub(super) fn page_count(&self) -> u32 {
        self.directories.len() as u32
    }

    /// Decodes only the requested page.
    pub(super) fn page(&self, number: u32) -> Result<GreyPicture, PagesError> {
        self.decode(number, self.directories.get(number as usize - 1).copied().unwrap_or(0))
    }

    /// Decodes the directory at that offset, which is page `number`.
    fn decode(&self, number: u32, offset: u64) -> Result<GreyPicture, PagesError> {
        let broken = |error: io::Error| PagesError::broken_page(number, reason(&error));
        let mut tiff = Tiff::open(&self.file).map_err(|error| broken(error.into()))?;
        let directory = tiff.directory(offset, &WANTED).map_err(|error| broken(error.into()))?;
        let (width, height) = size(&directory).map_err(broken)?;
        self.limits.check_pixels(number, u64::from(width), u64::from(height))?;
        let layout = PageLayout::of(&directory, tiff.is_big_endian()).map_err(broken)?;
        if layout.chunk_bytes() > self.limits.max_decoded_bytes() {
            return Err(PagesError::PageNeedsMemory { number });
        }
        let mut canvas =
            GreyCanvas::new(width, height, layout.has_alpha()).ok_or(PagesError::PageNeedsMemory { number })?;
        for place in layout.chunks() {
            let data = compression::chunk(&mut tiff, &layout, &place).map_err(broken)?;
            canvas.put(&layout, &place, &data);
        }
        Ok(GreyPicture {
            width,
            height,
            luma: canvas.into_luma(),
            resolution: Resolution::of_directory(&directory),
            orientation: Orientation::from_tag(directory.integer(tag::ORIENTATION).unwrap_or(0)),
        })
    }
}

fn size(directory: &Directory) -> io::Result<(u32, u32)> {
    directory.size().ok_or_else(|| bad("it does not state its size"))
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
