//! Pages of TIFF files. Fax and JPEG data go over as they are; other compressions become `FlateDecode`.

mod directory;
mod fax;
mod jpeg;
mod raster;

use std::fs::File;
use std::ops::Range;

use image::metadata::Orientation;

use super::Picture;
use super::rows::Layout;
use crate::pdf::failure::Failure;
use crate::pdf::object::Reference;
use crate::pdf::writer::Writer;
use directory::{Directory, read_at};

/// A piece of compressed pixels, a strip or a tile, may take this many bytes, compressed or not.
const MAX_PIECE_BYTES: u64 = 160 << 20;

/// Tags by their numbers (TIFF 6.0, appendix A, and technical note 2).
mod tag {
    pub(super) const WIDTH: u16 = 256;
    pub(super) const HEIGHT: u16 = 257;
    pub(super) const BITS: u16 = 258;
    pub(super) const COMPRESSION: u16 = 259;
    pub(super) const PHOTOMETRIC: u16 = 262;
    pub(super) const FILL_ORDER: u16 = 266;
    pub(super) const STRIP_OFFSETS: u16 = 273;
    pub(super) const ORIENTATION: u16 = 274;
    pub(super) const SAMPLES: u16 = 277;
    pub(super) const ROWS_PER_STRIP: u16 = 278;
    pub(super) const STRIP_BYTES: u16 = 279;
    pub(super) const PLANAR: u16 = 284;
    pub(super) const T4_OPTIONS: u16 = 292;
    pub(super) const PREDICTOR: u16 = 317;
    pub(super) const COLOR_MAP: u16 = 320;
    pub(super) const TILE_WIDTH: u16 = 322;
    pub(super) const TILE_HEIGHT: u16 = 323;
    pub(super) const TILE_OFFSETS: u16 = 324;
    pub(super) const TILE_BYTES: u16 = 325;
    pub(super) const EXTRA_SAMPLES: u16 = 338;
    pub(super) const SAMPLE_FORMAT: u16 = 339;
    pub(super) const JPEG_TABLES: u16 = 347;
}

/// What the directory says of the pixels.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a tag of its own")]
struct Pixels {
    width: u32,
    height: u32,
    bits: u8,
    samples: u8,
    compression: u64,
    photometric: u64,
    /// Whether each byte begins with its lowest bit.
    reversed: bool,
    planar: bool,
    predictor: u64,
    t4_options: u64,
    /// Whether samples are floating point numbers.
    float: bool,
    /// Whether the sample after the colours is an opacity.
    alpha: bool,
    color_map: Vec<u64>,
    little_endian: bool,
    /// Strips are tiles as wide as the picture.
    tile_width: u32,
    tile_height: u32,
    /// Where the data of each piece lies.
    pieces: Vec<Range<u64>>,
    jpeg_tables: Vec<u8>,
}

/// Writes a page.
pub(super) fn embed(file: &mut File, index: u32, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
    let mut directory = Directory::open(file, index)?;
    let pixels = Pixels::read(&mut directory)?;
    let orientation = held(&mut directory)?.unwrap_or(Orientation::NoTransforms);
    let reference = embed_pixels(directory.file(), &pixels, writer)?;
    Ok(Picture { reference, width: pixels.width, height: pixels.height, orientation })
}

/// How the file says that a page is to be held.
pub(super) fn orientation(file: &mut File, index: u32) -> Option<Orientation> {
    held(&mut Directory::open(file, index).ok()?).ok()?
}

fn held(directory: &mut Directory<'_>) -> Result<Option<Orientation>, Failure> {
    let told = directory.value(tag::ORIENTATION)?.and_then(|v| u8::try_from(v).ok());
    Ok(told.and_then(Orientation::from_exif))
}

fn embed_pixels(file: &mut File, pixels: &Pixels, writer: &mut Writer<'_>) -> Result<Reference, Failure> {
    match pixels.compression {
        2..=4 if pixels.bits == 1 && pixels.samples == 1 => fax::embed(file, pixels, writer),
        7 => jpeg::embed(file, pixels, writer),
        _ => raster::embed(file, pixels, writer),
    }
}

impl Pixels {
    fn read(directory: &mut Directory<'_>) -> Result<Self, Failure> {
        let mut value = |tag, default| Ok::<u64, Failure>(directory.value(tag)?.unwrap_or(default));
        let side = |v: u64| u32::try_from(v).ok().filter(|v| (1..=i32::MAX as u32).contains(v));
        let (Some(width), Some(height)) = (side(value(tag::WIDTH, 0)?), side(value(tag::HEIGHT, 0)?)) else {
            return Err(Failure::original("the TIFF does not say how large its picture is"));
        };
        let small = |v: u64| u8::try_from(v).unwrap_or(u8::MAX);
        let (bits, samples) = (small(value(tag::BITS, 1)?), small(value(tag::SAMPLES, 1)?));
        let compression = value(tag::COMPRESSION, 1)?;
        let photometric = value(tag::PHOTOMETRIC, 0)?;
        let reversed = value(tag::FILL_ORDER, 1)? == 2;
        let planar = value(tag::PLANAR, 1)? == 2 && samples > 1;
        let (predictor, t4_options) = (value(tag::PREDICTOR, 1)?, value(tag::T4_OPTIONS, 0)?);
        let float = value(tag::SAMPLE_FORMAT, 1)? == 3;
        let alpha = matches!(value(tag::EXTRA_SAMPLES, 0)?, 1 | 2);
        let tile = (side(value(tag::TILE_WIDTH, 0)?), side(value(tag::TILE_HEIGHT, 0)?));
        let rows = value(tag::ROWS_PER_STRIP, u64::from(u32::MAX))?;
        let (tile_width, tile_height, offsets, lengths) = match tile {
            (Some(w), Some(h)) => (w, h, tag::TILE_OFFSETS, tag::TILE_BYTES),
            _ => (width, (rows.clamp(1, height.into())) as u32, tag::STRIP_OFFSETS, tag::STRIP_BYTES),
        };
        let offsets = directory.values(offsets)?.unwrap_or_default();
        let lengths = directory.values(lengths)?.unwrap_or_default();
        let end = directory.file().metadata().map_err(Failure::cut_off)?.len();
        let length = |i: usize, at: u64| lengths.get(i).copied().unwrap_or(u64::MAX).min(end.saturating_sub(at));
        let pieces: Vec<_> = offsets.iter().enumerate().map(|(i, &at)| at..at + length(i, at)).collect();
        let planes = if planar { u64::from(samples) } else { 1 };
        let expected = u64::from(width.div_ceil(tile_width)) * u64::from(height.div_ceil(tile_height)) * planes;
        if (pieces.len() as u64) < expected || pieces.iter().any(Range::is_empty) {
            return Err(Failure::original("the TIFF's picture is cut off"));
        }
        Ok(Self {
            width,
            height,
            bits,
            samples,
            compression,
            photometric,
            reversed,
            planar,
            predictor,
            t4_options,
            float,
            alpha,
            color_map: directory.values(tag::COLOR_MAP)?.unwrap_or_default(),
            little_endian: directory.is_little_endian(),
            tile_width,
            tile_height,
            pieces,
            jpeg_tables: directory.values(tag::JPEG_TABLES)?.unwrap_or_default().iter().map(|b| *b as u8).collect(),
        })
    }

    /// How many pieces lie side by side.
    fn across(&self) -> usize {
        self.width.div_ceil(self.tile_width) as usize
    }

    /// A row of one piece, uncompressed.
    fn piece_layout(&self) -> Layout {
        let samples = if self.planar { 1 } else { self.samples };
        Layout { width: self.tile_width, samples, bits: self.bits, continuous: false }
    }

    /// The compressed bytes of a piece.
    fn piece(&self, file: &mut File, index: usize) -> Result<Vec<u8>, Failure> {
        let range = self.pieces.get(index).cloned().unwrap_or_default();
        let length = range.end - range.start;
        if length > MAX_PIECE_BYTES {
            return Err(Failure::original("a piece of the TIFF's picture is too large"));
        }
        let mut data = vec![0; length as usize];
        read_at(file, range.start, &mut data)?;
        if self.reversed {
            for byte in &mut data {
                *byte = byte.reverse_bits();
            }
        }
        Ok(data)
    }
}
