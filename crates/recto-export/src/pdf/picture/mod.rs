//! Pictures as image XObjects (ISO 32000-1, section 8.9.5), in the compression they came in where PDF knows it.

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
    /// How the file says it is to be held.
    pub(super) orientation: Orientation,
}

impl Picture {
    /// Whether it is to be mirrored left to right, before it is turned.
    pub(super) fn mirrored(self) -> bool {
        is_mirrored(self.orientation)
    }

    /// The turn that the file asks for, after the mirroring.
    pub(super) fn rotation(self) -> Rotation {
        match self.orientation {
            Orientation::NoTransforms | Orientation::FlipHorizontal => Rotation::None,
            // In EXIF's order the turn comes first; mirrored first, a quarter turn goes the other way round.
            Orientation::Rotate90 | Orientation::Rotate270FlipH => Rotation::Clockwise,
            Orientation::Rotate180 | Orientation::FlipVertical => Rotation::Half,
            Orientation::Rotate270 | Orientation::Rotate90FlipH => Rotation::CounterClockwise,
        }
    }
}

/// Whether a picture held so is mirrored left to right, before it is turned.
pub(super) fn is_mirrored(orientation: Orientation) -> bool {
    use Orientation::{FlipHorizontal, FlipVertical, Rotate90FlipH, Rotate270FlipH};
    matches!(orientation, FlipHorizontal | FlipVertical | Rotate90FlipH | Rotate270FlipH)
}

/// The pictures of a file: one, the pages of a TIFF, or the frames of an animation.
pub(super) struct Pictures {
    file: File,
    kind: FileKind,
    /// How many of its pictures are asked for.
    count: u32,
    frames: Option<decoded::Frames>,
    /// The pages of a TIFF, once one of them was asked for.
    tiff_pages: Option<tiff::TiffPages>,
}

impl Pictures {
    /// The pictures of a file, of which `count` are asked for.
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
            FileKind::Webp | FileKind::Gif | FileKind::Bmp => self.embed_frame(index, writer),
            FileKind::Pdf => Err(Failure::original("it is no picture")),
        }
    }

    /// How the file says that the picture at an index from 0 is to be held.
    pub(super) fn orientation(&mut self, index: u32) -> Option<Orientation> {
        let file = &mut self.file;
        match self.kind {
            FileKind::Jpeg => jpeg::orientation(file),
            FileKind::Tiff => tiff_pages(&mut self.tiff_pages, file).ok()?.orientation(file, index),
            FileKind::Png => png::Header::read(file).ok()?.orientation(),
            FileKind::Webp | FileKind::Gif | FileKind::Bmp => {
                decoded::Frames::open(file, self.kind).ok().map(|frames| frames.orientation())
            }
            FileKind::Pdf => None,
        }
    }

    fn embed_frame(&mut self, index: u32, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
        let _turn = one_at_a_time();
        if self.frames.as_ref().is_none_or(|frames| !frames.can_reach(index)) {
            self.frames = Some(decoded::Frames::open(&self.file, self.kind)?);
        }
        let length = self.file.metadata().map_err(Failure::cut_off)?.len();
        // What a picture may take, so that the export stays within the size of what was sent and a little more.
        let allowed = (length + length / 8) / u64::from(self.count.max(1));
        let allowed = if self.kind == FileKind::Webp { allowed } else { u64::MAX };
        match &mut self.frames {
            Some(frames) => frames.embed(index, allowed, writer),
            None => Err(Failure::original("it holds no pictures")),
        }
    }
}

/// The pages of a TIFF, which are looked for once.
fn tiff_pages<'a>(found: &'a mut Option<tiff::TiffPages>, file: &File) -> Result<&'a tiff::TiffPages, Failure> {
    Ok(match found {
        Some(pages) => pages,
        None => found.insert(tiff::TiffPages::find(file)?),
    })
}

/// Pictures that have to be decoded whole may take this many bytes: the server has little memory for itself …
pub(super) const MAX_DECODED_BYTES: usize = 160 << 20;

/// … and decodes one at a time. The guard is held while the pixels are in memory; a thread that has it may ask again.
pub(super) fn one_at_a_time() -> Turn {
    static TURN: Mutex<()> = Mutex::new(());
    if HAS_TURN.replace(true) {
        return Turn { guard: None };
    }
    // The mutex guards nothing that a panic could leave half done.
    Turn { guard: Some(TURN.lock().unwrap_or_else(PoisonError::into_inner)) }
}

thread_local! {
    static HAS_TURN: Cell<bool> = const { Cell::new(false) };
}

/// The right to hold the pixels of a picture.
pub(super) struct Turn {
    /// `None` where this thread had it before.
    guard: Option<MutexGuard<'static, ()>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.guard.is_some() {
            HAS_TURN.set(false);
        }
    }
}

/// A sample laid over white with that opacity.
fn over_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
