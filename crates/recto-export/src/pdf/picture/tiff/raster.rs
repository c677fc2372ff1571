//! Pixels in any other compression, row by row.

use std::fs::File;
use std::io::{Read, Write};

use super::Pixels;
use crate::pdf::failure::Failure;
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::picture::jpeg::image_dictionary;
use crate::pdf::picture::png::indexed;
use crate::pdf::picture::rows::{Layout, Rows};
use crate::pdf::picture::{one_at_a_time, over_white};
use crate::pdf::writer::Writer;

/// Photometric interpretations.
const WHITE_IS_ZERO: u64 = 0;
const BLACK_IS_ZERO: u64 = 1;
const RGB: u64 = 2;
const PALETTE: u64 = 3;
const SEPARATED: u64 = 5;
const YCBCR: u64 = 6;

/// Writes a picture whose rows are decoded.
pub(super) fn embed(file: &mut File, pixels: &Pixels, writer: &mut Writer<'_>) -> Result<Reference, Failure> {
    let _turn = one_at_a_time();
    let form = Form::of(pixels)?;
    let mut dictionary = form.dictionary(pixels, writer.inks());
    form.layout.describe(&mut dictionary);
    let reference = writer.reserve();
    writer.stream_with(reference, dictionary, |out| {
        let mut rows = Rows::new(out, form.layout);
        let bands = pixels.height.div_ceil(pixels.tile_height);
        for band in 0..bands {
            let tall = pixels.tile_height.min(pixels.height - band * pixels.tile_height);
            let data = band_rows(file, pixels, band as usize, tall as usize)?;
            for row in data.chunks_exact((data.len() / tall as usize).max(1)) {
                rows.push(&form.row(pixels, row))?;
            }
        }
        rows.finish()?.flush()?;
        Ok::<(), Failure>(())
    })?;
    Ok(reference)
}

/// The form of the picture in the export: its layout, and the number of colour samples per pixel.
struct Form {
    layout: Layout,
    colors: usize,
}

impl Form {
    fn of(pixels: &Pixels) -> Result<Self, Failure> {
        let colors = match pixels.photometric {
            WHITE_IS_ZERO | BLACK_IS_ZERO | PALETTE => 1,
            RGB => 3,
            SEPARATED => 4,
            YCBCR => return Err(Failure::original("it is a TIFF of YCbCr samples without JPEG")),
            other => {
                return Err(Failure::original(format!("it is a TIFF in an unsupported colour space ({other})")));
            }
        };
        let sound = matches!(pixels.bits, 1 | 2 | 4 | 8 | 16) && !pixels.float
            || matches!((pixels.bits, pixels.float), (12, false) | (32, _));
        if !sound || usize::from(pixels.samples) < colors {
            return Err(Failure::original(format!("it is a TIFF of {} bits per sample", pixels.bits)));
        }
        // Twelve bits are stored in sixteen; 32-bit values, integer or floating point, are reduced to eight bits.
        let bits = match pixels.bits {
            12 => 16,
            32 => 8,
            bits if pixels.has_opacity(colors) => bits.min(8),
            bits => bits,
        };
        let continuous = pixels.photometric != PALETTE && bits >= 8;
        Ok(Self { layout: Layout { width: pixels.width, samples: colors as u8, bits, continuous }, colors })
    }

    fn dictionary(&self, pixels: &Pixels, inks: &Object) -> Dictionary {
        let dictionary = image_dictionary(pixels.width, pixels.height, self.layout.bits);
        match pixels.photometric {
            PALETTE => dictionary.with("ColorSpace", pixels.palette()),
            RGB => dictionary.with("ColorSpace", Object::name("DeviceRGB")),
            SEPARATED => dictionary.with("ColorSpace", inks.clone()),
            WHITE_IS_ZERO => {
                dictionary.with("ColorSpace", Object::name("DeviceGray")).with("Decode", Object::numbers([1.0, 0.0]))
            }
            _ => dictionary.with("ColorSpace", Object::name("DeviceGray")),
        }
    }

    /// A row of the export from a row of the file.
    fn row(&self, pixels: &Pixels, row: &[u8]) -> Vec<u8> {
        let opacity = pixels.has_opacity(self.colors);
        if usize::from(pixels.samples) == self.colors && pixels.bits == self.layout.bits {
            return row[..self.layout.row_bytes().min(row.len())].to_vec();
        }
        let mut out = Vec::with_capacity(self.layout.row_bytes());
        let samples = pixels.unpacked(row);
        for pixel in samples.chunks_exact(pixels.samples.into()).take(pixels.width as usize) {
            for &sample in &pixel[..self.colors] {
                match self.layout.bits {
                    16 => out.extend_from_slice(&sample.to_be_bytes()),
                    _ if opacity => out.push(over_white((sample >> 8) as u8, (pixel[self.colors] >> 8) as u8)),
                    _ => out.push((sample >> 8) as u8),
                }
            }
        }
        out
    }
}

impl Pixels {
    fn has_opacity(&self, colors: usize) -> bool {
        self.alpha && usize::from(self.samples) > colors && self.bits >= 8
    }

    /// The samples of a row, each scaled to 16 bits.
    fn unpacked(&self, row: &[u8]) -> Vec<u16> {
        match self.bits {
            8 => row.iter().map(|v| u16::from(*v) * 257).collect(),
            16 => row.chunks_exact(2).map(|v| u16::from_be_bytes([v[0], v[1]])).collect(),
            32 => row
                .chunks_exact(4)
                .map(|v| {
                    let word = u32::from_be_bytes([v[0], v[1], v[2], v[3]]);
                    if self.float {
                        (f32::from_bits(word).clamp(0.0, 1.0) * 65535.0) as u16
                    } else {
                        (word >> 16) as u16
                    }
                })
                .collect(),
            bits => {
                let count = self.width as usize * usize::from(self.samples);
                let top = (1u32 << bits) - 1;
                let value = |i: usize| {
                    let at = i * usize::from(bits);
                    let bit = |k: usize| u32::from(row.get((at + k) / 8).map_or(0, |b| b >> (7 - (at + k) % 8) & 1));
                    (0..usize::from(bits)).fold(0, |v, k| v << 1 | bit(k))
                };
                (0..count).map(|i| (value(i) * 65535 / top) as u16).collect()
            }
        }
    }

    /// The colour map: all reds, all greens, all blues, in 16 bits. Some programs wrongly write 8 bits.
    fn palette(&self) -> Object {
        let count = self.color_map.len() / 3;
        let deep = self.color_map.iter().any(|v| *v > 255);
        let value = |v: u64| if deep { (v >> 8) as u8 } else { v as u8 };
        let colors = (0..count.min(256)).flat_map(|i| [0, 1, 2].map(|c| value(self.color_map[c * count + i])));
        let colors: Vec<u8> = colors.collect();
        indexed(if colors.is_empty() { vec![0, 0, 0, 255, 255, 255] } else { colors })
    }
}

/// The rows of a band (a strip, or tiles side by side), with PDF's order of bits and bytes.
fn band_rows(file: &mut File, pixels: &Pixels, band: usize, tall: usize) -> Result<Vec<u8>, Failure> {
    let (across, layout) = (pixels.across(), pixels.piece_layout());
    let planes = if pixels.planar { usize::from(pixels.samples) } else { 1 };
    let per_plane = across * pixels.height.div_ceil(pixels.tile_height) as usize;
    let piece_row = layout.row_bytes();
    let size = piece_row * tall;
    if (size * across * planes) as u64 > super::MAX_PIECE_BYTES {
        return Err(Failure::original("a piece of the TIFF's picture is too large"));
    }
    let mut piece = |plane: usize, column: usize| {
        let data = pixels.piece(file, plane * per_plane + band * across + column)?;
        let mut data = decompressed(data, pixels, size)?;
        data.resize(size, 0);
        data.chunks_exact_mut(piece_row).for_each(|row| undo_predictor(pixels, layout, row));
        Ok::<_, Failure>(data)
    };
    if across == 1 && planes == 1 {
        return piece(0, 0);
    }
    // Rows run across all tiles; the samples of a pixel are adjacent (planes with less than a byte per sample do not
    // occur).
    let bytes = usize::from(pixels.bits).div_ceil(8);
    let plane_row = piece_row * across;
    let mut rows = vec![0; plane_row * planes * tall];
    for (plane, column) in (0..planes).flat_map(|plane| (0..across).map(move |column| (plane, column))) {
        let data = piece(plane, column)?;
        for (from, to) in data.chunks_exact(piece_row).zip(rows.chunks_exact_mut(plane_row * planes)) {
            if planes == 1 {
                to[column * piece_row..][..piece_row].copy_from_slice(from);
                continue;
            }
            for (index, sample) in from.chunks_exact(bytes).enumerate() {
                let pixel = column * pixels.tile_width as usize + index;
                to[(pixel * planes + plane) * bytes..][..bytes].copy_from_slice(sample);
            }
        }
    }
    Ok(rows)
}

/// The bytes of a piece; at most `size`, because any more cannot be pixels.
fn decompressed(data: Vec<u8>, pixels: &Pixels, size: usize) -> Result<Vec<u8>, Failure> {
    let limit = size as u64;
    let mut out = Vec::new();
    match pixels.compression {
        1 => return Ok(data),
        5 => {
            let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
            // The limit ends decoding with an error; everything decoded until then is used.
            let _ = decoder.into_stream(Limited { out: &mut out, left: size }).decode_all(&data[..]).status;
        }
        8 | 32946 => {
            // Data that is cut off is used as far as it goes.
            let _cut_off = flate2::read::ZlibDecoder::new(&data[..]).take(limit).read_to_end(&mut out);
        }
        32773 => unpack_bits(&data, size, &mut out),
        other => return Err(Failure::original(format!("it is a TIFF with an unsupported compression ({other})"))),
    }
    if out.is_empty() { Err(Failure::original("the TIFF's picture cannot be decoded")) } else { Ok(out) }
}

/// Accepts a limited number of bytes and refuses more.
struct Limited<'a> {
    out: &'a mut Vec<u8>,
    left: usize,
}

impl Write for Limited<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = bytes.len().min(self.left);
        self.out.extend_from_slice(&bytes[..n]);
        self.left -= n;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Decodes runs and literals (TIFF 6.0, section 9).
fn unpack_bits(data: &[u8], size: usize, out: &mut Vec<u8>) {
    let mut data = data;
    while let [head, rest @ ..] = data {
        data = rest;
        match (*head as i8, rest) {
            (-128, _) => {}
            (n @ 0.., _) => {
                let n = (n as usize + 1).min(rest.len());
                out.extend_from_slice(&rest[..n]);
                data = &rest[n..];
            }
            (n, [byte, rest @ ..]) => {
                out.resize(out.len() + usize::from(n.unsigned_abs()) + 1, *byte);
                data = rest;
            }
            (_, []) => {}
        }
        if out.len() >= size {
            return;
        }
    }
}

/// Adds up horizontal differences (TIFF 6.0, section 14) and puts the high byte of each sample first.
fn undo_predictor(pixels: &Pixels, layout: Layout, row: &mut [u8]) {
    let samples = usize::from(layout.samples);
    let bytes = usize::from(pixels.bits) / 8;
    if pixels.predictor == 3 && pixels.float && bytes > 0 {
        // Bytes of equal significance are stored together, highest first, and summed as bytes.
        for i in samples..row.len() {
            row[i] = row[i].wrapping_add(row[i - samples]);
        }
        let count = row.len() / bytes;
        let mixed = row.to_vec();
        for (i, byte) in row.iter_mut().enumerate().take(count * bytes) {
            *byte = mixed[(i % bytes) * count + i / bytes];
        }
        return;
    }
    if pixels.little_endian && bytes > 1 {
        row.chunks_exact_mut(bytes).for_each(<[u8]>::reverse);
    }
    if pixels.predictor != 2 || bytes == 0 || !pixels.bits.is_multiple_of(8) {
        return;
    }
    for at in (samples * bytes..row.len() / bytes * bytes).step_by(bytes) {
        let mut carry = 0;
        for k in (at..at + bytes).rev() {
            let sum = u16::from(row[k]) + u16::from(row[k - samples * bytes]) + carry;
            row[k] = sum as u8;
            carry = sum >> 8;
        }
    }
}
