//! Pictures as image XObjects (ISO 32000-1, section 8.9.5), in their original compression if PDF has it.

mod decoded;
mod jpeg;
mod palette;
mod png;
mod rows;
mod tiff;

use std::cell::Cell;
use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::metadata::Orientation;
use recto_domain::{FileKind, Rotation};

use super::failure::Failure;
use super::object::Reference;
use super::writer::Writer;
pub(super) use decoded::embed_pixels;
pub(super) use jpeg::embed_bytes as embed_jpeg;
pub(super) use palette::Reduced;
pub(super) use rows::{Layout, Rows, paeth_predictor};

/// A picture that was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picture {
    /// The image XObject.
    pub(super) reference: Reference,
    /// Width as stored, in pixels.
    pub(super) width: u32,
    /// Height as stored, in pixels.
    pub(super) height: u32,
    /// The orientation according to the file.
    pub(super) orientation: Orientation,
}

impl Picture {
    /// Whether it must be mirrored left to right, before it is rotated.
    pub(super) fn mirrored(self) -> bool {
        is_mirrored(self.orientation)
    }

    /// The rotation that the file asks for, after mirroring.
    pub(super) fn rotation(self) -> Rotation {
        match self.orientation {
            Orientation::NoTransforms | Orientation::FlipHorizontal => Rotation::None,
            // In EXIF's order the rotation comes first; if mirroring comes first, a quarter turn is reversed.
            Orientation::Rotate90 | Orientation::Rotate270FlipH => Rotation::Clockwise,
            Orientation::Rotate180 | Orientation::FlipVertical => Rotation::Half,
            Orientation::Rotate270 | Orientation::Rotate90FlipH => Rotation::CounterClockwise,
        }
    }
}

/// Whether a picture with that orientation must be mirrored left to right, before it is rotated.
pub(super) fn is_mirrored(orientation: Orientation) -> bool {
    use Orientation::{FlipHorizontal, FlipVertical, Rotate90FlipH, Rotate270FlipH};
    matches!(orientation, FlipHorizontal | FlipVertical | Rotate90FlipH | Rotate270FlipH)
}

/// The pictures of a file: one, the pages of a TIFF, or the frames of an animation.
pub(super) struct Pictures {
    file: File,
    kind: FileKind,
    /// The number of its pictures that are requested.
    count: u32,
    frames: Option<decoded::Frames>,
    /// The pages of a TIFF, once one of them was requested.
    tiff_pages: Option<tiff::TiffPages>,
}

impl Pictures {
    /// The pictures of a file, `count` of which are requested.
    pub(super) fn new(file: File, kind: FileKind, count: u32) -> Self {
        Self { file, kind, count, frames: None, tiff_pages: None }
    }

    /// Writes the picture at an index from 0. Frames of animations are cheapest in order.
    pub(super) fn embed(&mut self, index: u32, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
        let file = &mut self.file;
        match self.kind {
            FileKind::Jpeg => jpeg::embed(file, writer),
            FileKind::Tiff => tiff_pages(&mut self.tiff_pages, file)?.embed(file, index, writer),
            FileKind::Png => {
                let header = png::Header::read(file)?;
                if header.needs_compositing(index) {
                    self.embed_frame(index, writer)
                } else {
                    png::embed(file, &header, writer)
                }
            }
            FileKind::Webp
            | FileKind::Gif
            | FileKind::Bmp
            | FileKind::Heic
            | FileKind::Avif
            | FileKind::Jp2
            | FileKind::Pnm => self.embed_frame(index, writer),
            FileKind::Pdf => Err(Failure::original("it is not a picture")),
        }
    }

    /// The orientation of the picture at an index from 0, according to the file.
    pub(super) fn orientation(&mut self, index: u32) -> Option<Orientation> {
        let file = &mut self.file;
        match self.kind {
            FileKind::Jpeg => jpeg::orientation(file),
            FileKind::Tiff => tiff_pages(&mut self.tiff_pages, file).ok()?.orientation(file, index),
            FileKind::Png => png::Header::read(file).ok()?.orientation(),
            FileKind::Webp
            | FileKind::Gif
            | FileKind::Bmp
            | FileKind::Heic
            | FileKind::Avif
            | FileKind::Jp2
            | FileKind::Pnm => decoded::Frames::open(file, self.kind).ok().map(|frames| frames.orientation()),
            FileKind::Pdf => None,
        }
    }

    fn embed_frame(&mut self, index: u32, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
        let _turn = one_at_a_time();
        if self.frames.as_ref().is_none_or(|frames| !frames.can_reach(index)) {
            self.frames = Some(decoded::Frames::open(&self.file, self.kind)?);
        }
        let length = self.file.metadata().map_err(Failure::cut_off)?.len();
        // The size limit of a picture, so that the export is at most slightly larger than the original. What a JPEG
        // needs several times the bytes for may be larger.
        let allowed = match self.kind {
            FileKind::Webp => (length + length / 8) / u64::from(self.count.max(1)),
            FileKind::Heic | FileKind::Avif | FileKind::Jp2 => 4 * length,
            _ => u64::MAX,
        };
        match &mut self.frames {
            Some(frames) => frames.embed(index, allowed, writer),
            None => Err(Failure::original("it contains no pictures")),
        }
    }
}

/// The pages of a TIFF, which are located once.
fn tiff_pages<'a>(found: &'a mut Option<tiff::TiffPages>, file: &File) -> Result<&'a tiff::TiffPages, Failure> {
    Ok(match found {
        Some(pages) => pages,
        None => found.insert(tiff::TiffPages::find(file)?),
    })
}

/// The most bytes of pictures that must be decoded as a whole: the server has little memory of its own …
pub(super) const MAX_DECODED_BYTES: usize = 160 << 20;

/// … and decodes one at a time. The guard is held while the pixels are in memory; a thread that holds it may ask again.
pub(super) fn one_at_a_time() -> Turn {
    static TURN: Mutex<()> = Mutex::new(());
    if HAS_TURN.replace(true) {
        return Turn { guard: None };
    }
    // The mutex guards no state that a panic could leave inconsistent.
    Turn { guard: Some(TURN.lock().unwrap_or_else(PoisonError::into_inner)) }
}

thread_local! {
    static HAS_TURN: Cell<bool> = const { Cell::new(false) };
}

/// The right to hold the pixels of a picture in memory.
pub(super) struct Turn {
    /// `None` if this thread already had it.
    guard: Option<MutexGuard<'static, ()>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.guard.is_some() {
            HAS_TURN.set(false);
        }
    }
}

/// A sample with that opacity on a white background.
fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
