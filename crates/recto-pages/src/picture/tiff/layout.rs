//! How the pixels of a TIFF page are stored.

use std::io;

use recto_tiff::{Directory, tag};

use super::{bad, size};

/// The compression of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    /// CCITT modified Huffman without end-of-line codes.
    FaxRows,
    /// CCITT group 3, one- or two-dimensional.
    Fax3 {
        two_dimensional: bool,
    },
    Fax4,
    Lzw,
    /// A separate JPEG file inside the TIFF, as originally defined in TIFF 6.0.
    OldJpeg,
    Jpeg,
    Deflate,
    PackBits,
}

/// The meaning of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Photometric {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Cmyk,
    /// Brightness first, and two colour differences.
    YCbCr,
    /// Lightness first, and two colour coordinates.
    Lab,
}

/// The data type of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SampleFormat {
    Unsigned,
    Signed,
    Float,
}

/// Everything needed to decode a page.
#[expect(clippy::struct_excessive_bools, reason = "each is a tag of its own, and any combination of them occurs")]
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PageLayout {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bits: u32,
    pub(super) samples: u32,
    pub(super) format: SampleFormat,
    pub(super) photometric: Photometric,
    pub(super) compression: Compression,
    pub(super) differenced: bool,
    pub(super) reversed_bits: bool,
    pub(super) big_endian: bool,
    /// Whether there is one plane per sample, instead of interleaved samples.
    pub(super) planar: bool,
    /// The index of the opacity sample.
    pub(super) alpha: Option<u32>,
    /// The brightness of each palette colour.
    pub(super) palette: Vec<u8>,
    pub(super) jpeg_tables: Vec<u8>,
    /// The number of pixels that share colour differences, horizontally and vertically.
    pub(super) subsampling: (u32, u32),
    chunk_width: u32,
    chunk_height: u32,
    tiled: bool,
    offsets: Vec<u64>,
    byte_counts: Vec<u64>,
}

/// A strip or tile, with its position on the page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    pub(super) x: u32,
    pub(super) y: u32,
    /// The stored width in pixels, including the part of a tile that lies off the page.
    pub(super) width: u32,
    pub(super) height: u32,
    /// The offset and length of the data in the file, for each plane.
    pub(super) planes: Vec<(u64, u64)>,
}

impl PageLayout {
    pub(super) fn of(directory: &Directory, big_endian: bool) -> io::Result<Self> {
        let (width, height) = size(directory)?;
        let small = |tag, default| directory.integer(tag).map_or(Some(default), |v| u32::try_from(v).ok());
        let number = |tag, default| small(tag, default).ok_or_else(|| bad("one of its tags is out of range"));
        let samples = number(tag::SAMPLES, 1)?;
        let bits = number(tag::BITS, 1)?;
        let all_bits = directory.integers(tag::BITS);
        if !(1..=64).contains(&bits) || !(1..=64).contains(&samples) || all_bits.iter().any(|&b| b != all_bits[0]) {
            return Err(bad(format!("it has {samples} samples of {bits} bits, which is not supported")));
        }
        let compression = compression(directory)?;
        let photometric = photometric(directory, compression, samples)?;
        let tiled = !directory.integers(tag::TILE_OFFSETS).is_empty();
        let (chunk_width, chunk_height) = if tiled {
            (number(tag::TILE_WIDTH, 0)?, number(tag::TILE_HEIGHT, 0)?)
        } else {
            (width, number(tag::ROWS_PER_STRIP, height).unwrap_or(height).clamp(1, height))
        };
        if chunk_width == 0 || chunk_height == 0 {
            return Err(bad("its tiles have no size"));
        }
        let (offsets, byte_counts) =
            if tiled { (tag::TILE_OFFSETS, tag::TILE_BYTES) } else { (tag::STRIP_OFFSETS, tag::STRIP_BYTES) };
        let subsampling = match directory.integers(tag::SUBSAMPLING) {
            [h @ (1 | 2 | 4), v @ (1 | 2 | 4)] => (*h as u32, *v as u32),
            _ => (2, 2),
        };
        let layout = Self {
            width,
            height,
            bits,
            samples,
            format: match directory.integer(tag::SAMPLE_FORMAT) {
                Some(2) => SampleFormat::Signed,
                Some(3) => SampleFormat::Float,
                _ => SampleFormat::Unsigned,
            },
            photometric,
            compression,
            differenced: match directory.integer(tag::PREDICTOR) {
                None | Some(1) => false,
                Some(2) if matches!(bits, 8 | 16 | 32) => true,
                Some(_) => return Err(bad("its predictor is not supported")),
            },
            reversed_bits: directory.integer(tag::FILL_ORDER) == Some(2),
            big_endian,
            planar: directory.integer(tag::PLANAR) == Some(2) && samples > 1,
            alpha: alpha(directory, samples),
            palette: palette(directory),
            jpeg_tables: directory.integers(tag::JPEG_TABLES).iter().map(|&b| b as u8).collect(),
            subsampling,
            chunk_width,
            chunk_height,
            tiled,
            offsets: directory.integers(offsets).to_vec(),
            byte_counts: directory.integers(byte_counts).to_vec(),
        };
        if compression == Compression::OldJpeg { layout.into_one_jpeg(directory) } else { layout.checked() }
    }

    /// The layout of a page whose only chunk is the JPEG file embedded in old TIFFs.
    fn into_one_jpeg(self, directory: &Directory) -> io::Result<Self> {
        let offset = directory.integer(tag::JPEG_OFFSET).ok_or_else(|| bad("its old-style JPEG is not supported"))?;
        let length = directory.integer(tag::JPEG_BYTES).unwrap_or(u64::MAX);
        Ok(Self {
            chunk_width: self.width,
            chunk_height: self.height,
            tiled: false,
            planar: false,
            offsets: vec![offset],
            byte_counts: vec![length],
            ..self
        })
    }

    fn checked(self) -> io::Result<Self> {
        let needed = self.chunks_across() * self.chunks_down() * self.plane_count();
        if (self.offsets.len() as u64) < needed {
            return Err(bad("it does not state where all of its pixels are"));
        }
        let enough = self.samples >= self.photometric.samples();
        let fax = matches!(self.compression, Compression::FaxRows | Compression::Fax3 { .. } | Compression::Fax4);
        if !enough || fax && (self.bits, self.samples) != (1, 1) {
            return Err(bad("its samples do not match its colour space"));
        }
        if self.photometric == Photometric::Palette && (self.bits > 16 || self.palette.len() < 1 << self.bits.min(16)) {
            return Err(bad("its palette is truncated"));
        }
        let subsampled = self.photometric == Photometric::YCbCr && self.subsampling != (1, 1);
        if subsampled && self.compression != Compression::Jpeg && (self.bits != 8 || self.samples != 3 || self.planar) {
            return Err(bad("its chroma subsampling is not supported"));
        }
        let known_bits = match self.format {
            SampleFormat::Unsigned => self.bits <= 16 || self.bits == 32,
            SampleFormat::Signed => matches!(self.bits, 8 | 16 | 32),
            SampleFormat::Float => matches!(self.bits, 32 | 64),
        };
        if known_bits { Ok(self) } else { Err(bad(format!("samples of {} bits are not supported", self.bits))) }
    }

    /// The most bytes needed to decode one chunk.
    pub(super) fn chunk_bytes(&self) -> u64 {
        let pixels = u64::from(self.chunk_width) * u64::from(self.chunk_height);
        pixels.saturating_mul(u64::from(self.samples * self.bits)) / 8
    }

    pub(super) fn has_alpha(&self) -> bool {
        self.alpha.is_some()
    }

    /// The number of interleaved samples in a chunk's data.
    pub(super) fn samples_together(&self) -> u32 {
        if self.planar { 1 } else { self.samples }
    }

    /// The bytes of a row of a chunk's data.
    pub(super) fn row_bytes(&self, width: u32) -> usize {
        (u64::from(width) * u64::from(self.samples_together() * self.bits)).div_ceil(8) as usize
    }

    /// The strips or tiles, in order.
    pub(super) fn chunks(&self) -> impl Iterator<Item = Chunk> {
        let (across, down) = (self.chunks_across(), self.chunks_down());
        (0..across * down).map(move |index| {
            let (x, y) = (index % across * u64::from(self.chunk_width), index / across * u64::from(self.chunk_height));
            let (x, y) = (x as u32, y as u32);
            let height = if self.tiled { self.chunk_height } else { self.chunk_height.min(self.height - y) };
            let planes = (0..self.plane_count()).map(|plane| self.data((plane * across * down + index) as usize));
            Chunk { x, y, width: self.chunk_width, height, planes: planes.collect() }
        })
    }

    /// The position of a chunk's data. If the length is missing, the data extends as far as needed.
    fn data(&self, index: usize) -> (u64, u64) {
        let length = self.byte_counts.get(index).copied().filter(|&n| n > 0).unwrap_or(u64::MAX);
        (self.offsets.get(index).copied().unwrap_or(0), length)
    }

    fn chunks_across(&self) -> u64 {
        u64::from(self.width.div_ceil(self.chunk_width))
    }

    fn chunks_down(&self) -> u64 {
        u64::from(self.height.div_ceil(self.chunk_height))
    }

    fn plane_count(&self) -> u64 {
        if self.planar { u64::from(self.samples) } else { 1 }
    }
}

impl Photometric {
    /// The number of samples per pixel, without extra ones.
    fn samples(self) -> u32 {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb | Self::YCbCr | Self::Lab => 3,
            Self::Cmyk => 4,
        }
    }
}

fn compression(directory: &Directory) -> io::Result<Compression> {
    Ok(match directory.integer(tag::COMPRESSION) {
        None | Some(0 | 1) => Compression::None,
        Some(2) => Compression::FaxRows,
        Some(3) => Compression::Fax3 { two_dimensional: directory.integer(tag::T4_OPTIONS).unwrap_or(0) & 1 == 1 },
        Some(4) => Compression::Fax4,
        Some(5) => Compression::Lzw,
        Some(6) => Compression::OldJpeg,
        Some(7) => Compression::Jpeg,
        Some(8 | 32946) => Compression::Deflate,
        Some(32773) => Compression::PackBits,
        Some(other) => return Err(bad(format!("its compression (number {other}) is not supported"))),
    })
}

fn photometric(directory: &Directory, compression: Compression, samples: u32) -> io::Result<Photometric> {
    Ok(match directory.integer(tag::PHOTOMETRIC) {
        Some(0) => Photometric::WhiteIsZero,
        Some(2) => Photometric::Rgb,
        Some(3) => Photometric::Palette,
        Some(5) => Photometric::Cmyk,
        Some(6) => Photometric::YCbCr,
        Some(8..=10) => Photometric::Lab,
        // Faxes are black on white; other files without the tag are grey or coloured, depending on their number of
        // samples.
        None if matches!(compression, Compression::FaxRows | Compression::Fax3 { .. } | Compression::Fax4) => {
            Photometric::WhiteIsZero
        }
        None if samples >= 3 => Photometric::Rgb,
        Some(1 | 4) | None => Photometric::BlackIsZero,
        Some(other) => return Err(bad(format!("its colour space (number {other}) is not supported"))),
    })
}

/// The first extra sample that is an opacity: 1 for associated, 2 for unassociated.
fn alpha(directory: &Directory, samples: u32) -> Option<u32> {
    let extra = directory.integers(tag::EXTRA_SAMPLES);
    let first = samples.checked_sub(extra.len() as u32)?;
    extra.iter().position(|kind| matches!(kind, 1 | 2)).map(|index| first + index as u32)
}

/// The brightness of a palette's colours; its reds, greens and blues follow each other in 16 bits.
fn palette(directory: &Directory) -> Vec<u8> {
    let map = directory.integers(tag::COLOR_MAP);
    let colours = map.len() / 3;
    // Some programs write 8 bits instead of 16.
    let shift = if map.iter().all(|&v| v < 256) { 0 } else { 8 };
    let level = |i: usize| (map[i] >> shift) as u8;
    (0..colours)
        .map(|i| crate::picture::grey::luma_of_rgb(level(i), level(colours + i), level(2 * colours + i)))
        .collect()
}
