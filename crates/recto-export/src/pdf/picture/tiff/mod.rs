//! Pages of TIFF files. Fax and JPEG data are copied unchanged; other compressions become `FlateDecode`.

mod fax;
mod jpeg;
mod raster;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use image::metadata::Orientation;
use recto_tiff::{Directory, Tiff, TiffError, tag};

use super::Picture;
use super::rows::Layout;
use crate::pdf::failure::Failure;
use crate::pdf::object::Reference;
use crate::pdf::writer::Writer;

/// The most bytes of a piece of pixels (a strip or a tile), compressed or not.
const MAX_PIECE_BYTES: u64 = 160 << 20;

/// The tags needed to write a page.
const WANTED: [u16; 22] = [
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
    tag::PLANAR,
    tag::T4_OPTIONS,
    tag::PREDICTOR,
    tag::COLOR_MAP,
    tag::TILE_WIDTH,
    tag::TILE_HEIGHT,
    tag::TILE_OFFSETS,
    tag::TILE_BYTES,
    tag::EXTRA_SAMPLES,
    tag::SAMPLE_FORMAT,
    tag::JPEG_TABLES,
];

/// The description of the pixels in the directory.
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
    /// Strips are treated as tiles as wide as the picture.
    tile_width: u32,
    tile_height: u32,
    /// The byte range of each piece.
    pieces: Vec<Range<u64>>,
    jpeg_tables: Vec<u8>,
}

/// The pages of a file: the offsets of their directories.
pub(super) struct TiffPages(Vec<u64>);

impl TiffPages {
    /// Finds the pages, in the order of their numbers when the file is read.
    pub(super) fn find(file: &File) -> Result<Self, Failure> {
        let pages = Tiff::open(file)?.pages()?;
        Ok(Self(pages.into_iter().map(|page| page.offset).collect()))
    }

    /// Writes the page at an index from 0.
    pub(super) fn embed(&self, file: &mut File, index: u32, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
        let mut tiff = Tiff::open(&*file)?;
        let directory = tiff.directory(self.offset(index)?, &WANTED)?;
        let little_endian = !tiff.is_big_endian();
        let pixels = Pixels::read(&directory, little_endian, file.metadata().map_err(Failure::cut_off)?.len())?;
        let orientation = held(&directory).unwrap_or(Orientation::NoTransforms);
        let reference = embed_pixels(file, &pixels, writer)?;
        Ok(Picture { reference, width: pixels.width, height: pixels.height, orientation })
    }

    /// The orientation of the page at an index from 0, according to the file.
    pub(super) fn orientation(&self, file: &File, index: u32) -> Option<Orientation> {
        let directory = Tiff::open(file).ok()?.directory(self.offset(index).ok()?, &[tag::ORIENTATION]);
        held(&directory.ok()?)
    }

    fn offset(&self, index: u32) -> Result<u64, Failure> {
        let offset = self.0.get(index as usize).copied();
        offset.ok_or_else(|| Failure::original(format!("the TIFF has no page {}", index + 1)))
    }
}

fn held(directory: &Directory) -> Option<Orientation> {
    Orientation::from_exif(u8::try_from(directory.integer(tag::ORIENTATION)?).ok()?)
}

/// Reads bytes at an offset.
fn read_at(file: &mut File, at: u64, buffer: &mut [u8]) -> Result<(), Failure> {
    file.seek(SeekFrom::Start(at)).map_err(Failure::cut_off)?;
    file.read_exact(buffer).map_err(Failure::cut_off)
}

impl From<TiffError> for Failure {
    fn from(error: TiffError) -> Self {
        match error {
            TiffError::Read(error) => Self::cut_off(error),
            _ => Self::original("the TIFF's directory is invalid"),
        }
    }
}

fn embed_pixels(file: &mut File, pixels: &Pixels, writer: &mut Writer<'_>) -> Result<Reference, Failure> {
    match pixels.compression {
        2..=4 if pixels.bits == 1 && pixels.samples == 1 => fax::embed(file, pixels, writer),
        7 => jpeg::embed(file, pixels, writer),
        _ => raster::embed(file, pixels, writer),
    }
}

impl Pixels {
    /// From the tags of a file of `end` bytes.
    fn read(directory: &Directory, little_endian: bool, end: u64) -> Result<Self, Failure> {
        let value = |tag, default| directory.integer(tag).unwrap_or(default);
        let side = |v: u64| u32::try_from(v).ok().filter(|v| (1..=i32::MAX as u32).contains(v));
        let (Some(width), Some(height)) = (side(value(tag::WIDTH, 0)), side(value(tag::HEIGHT, 0))) else {
            return Err(Failure::original("the TIFF does not state the size of its picture"));
        };
        let small = |v: u64| u8::try_from(v).unwrap_or(u8::MAX);
        let (bits, samples) = (small(value(tag::BITS, 1)), small(value(tag::SAMPLES, 1)));
        let compression = value(tag::COMPRESSION, 1);
        let photometric = value(tag::PHOTOMETRIC, 0);
        let reversed = value(tag::FILL_ORDER, 1) == 2;
        let planar = value(tag::PLANAR, 1) == 2 && samples > 1;
        let (predictor, t4_options) = (value(tag::PREDICTOR, 1), value(tag::T4_OPTIONS, 0));
        let float = value(tag::SAMPLE_FORMAT, 1) == 3;
        let alpha = matches!(value(tag::EXTRA_SAMPLES, 0), 1 | 2);
        let tile = (side(value(tag::TILE_WIDTH, 0)), side(value(tag::TILE_HEIGHT, 0)));
        let rows = value(tag::ROWS_PER_STRIP, u64::from(u32::MAX));
        let (tile_width, tile_height, offsets, lengths) = match tile {
            (Some(w), Some(h)) => (w, h, tag::TILE_OFFSETS, tag::TILE_BYTES),
            _ => (width, (rows.clamp(1, height.into())) as u32, tag::STRIP_OFFSETS, tag::STRIP_BYTES),
        };
        let offsets = directory.integers(offsets);
        let lengths = directory.integers(lengths);
        let length = |i: usize, at: u64| lengths.get(i).copied().unwrap_or(u64::MAX).min(end.saturating_sub(at));
        let pieces: Vec<_> = offsets.iter().enumerate().map(|(i, &at)| at..at + length(i, at)).collect();
        let planes = if planar { u64::from(samples) } else { 1 };
        let expected = u64::from(width.div_ceil(tile_width)) * u64::from(height.div_ceil(tile_height)) * planes;
        if (pieces.len() as u64) < expected || pieces.iter().any(Range::is_empty) {
            return Err(Failure::original("the TIFF's picture is truncated"));
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
            color_map: directory.integers(tag::COLOR_MAP).to_vec(),
            little_endian,
            tile_width,
            tile_height,
            pieces,
            jpeg_tables: directory.integers(tag::JPEG_TABLES).iter().map(|b| *b as u8).collect(),
        })
    }

    /// The number of pieces side by side.
    fn across(&self) -> usize {
        self.width.div_ceil(self.tile_width) as usize
    }

    /// The layout of an uncompressed row of one piece.
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
