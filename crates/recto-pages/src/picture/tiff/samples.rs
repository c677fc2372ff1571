//! Conversion of samples to grey pixels.

use super::compression::ChunkData;
use super::layout::{Chunk, PageLayout, Photometric, SampleFormat};
use crate::picture::grey::{luma_of_cmyk, luma_of_rgb, on_paper};

/// The page, as far as it was decoded.
pub(super) struct GreyCanvas {
    width: u32,
    height: u32,
    luma: Vec<u8>,
    /// Empty for an opaque page.
    alpha: Vec<u8>,
}

impl GreyCanvas {
    /// A white page; `None` when memory is insufficient.
    pub(super) fn new(width: u32, height: u32, has_alpha: bool) -> Option<Self> {
        let pixels = width as usize * height as usize;
        let plane = |wanted: bool| {
            let mut plane = Vec::new();
            let count = if wanted { pixels } else { 0 };
            plane.try_reserve_exact(count).ok()?;
            plane.resize(count, 0xFF);
            Some(plane)
        };
        Some(Self { width, height, luma: plane(true)?, alpha: plane(has_alpha)? })
    }

    pub(super) fn into_luma(self) -> Vec<u8> {
        if self.alpha.is_empty() {
            return self.luma;
        }
        on_paper(self.luma.iter().copied().zip(self.alpha))
    }

    /// Copies a strip or tile to the page.
    pub(super) fn put(&mut self, layout: &PageLayout, chunk: &Chunk, data: &ChunkData) {
        let columns = chunk.width.min(self.width.saturating_sub(chunk.x));
        let rows = chunk.height.min(self.height.saturating_sub(chunk.y));
        let pixel = Pixel { layout };
        for y in 0..rows {
            let start = (chunk.y + y) as usize * self.width as usize + chunk.x as usize;
            let end = start + columns as usize;
            let row = &mut self.luma[start..end];
            match data {
                ChunkData::Grey { width, pixels } => copy_grey(row, pixels, *width, y as usize),
                ChunkData::Bytes { width, samples, pixels } => {
                    let from = pixels.chunks_exact(*samples).skip(y as usize * width);
                    for (luma, sample) in row.iter_mut().zip(from) {
                        *luma = pixel.luma_of(|i| sample.get(i as usize).copied().unwrap_or(0));
                    }
                }
                ChunkData::Samples(planes) if is_black_and_white(layout) => {
                    let bytes = layout.row_bytes(chunk.width);
                    let reversed = if layout.photometric == Photometric::WhiteIsZero { 0xFF } else { 0 };
                    copy_bits(row, planes[0].get(y as usize * bytes..).unwrap_or(&[]), reversed);
                }
                ChunkData::Samples(planes) if is_subsampled(layout) => {
                    brightness_row(row, layout, chunk, y, &planes[0]);
                }
                ChunkData::Samples(planes) => {
                    let source = Row::new(layout, chunk, planes, y);
                    for (x, luma) in row.iter_mut().enumerate() {
                        *luma = if layout.photometric == Photometric::Palette {
                            let index = source.raw(x, 0) as usize;
                            layout.palette.get(index).copied().unwrap_or(0)
                        } else {
                            pixel.luma_of(|i| source.byte(x, i))
                        };
                    }
                    if let (Some(alpha), Some(opacity)) = (layout.alpha, self.alpha.get_mut(start..end)) {
                        for (x, value) in opacity.iter_mut().enumerate() {
                            *value = source.byte(x, alpha);
                        }
                    }
                }
            }
        }
    }
}

fn is_subsampled(layout: &PageLayout) -> bool {
    layout.photometric == Photometric::YCbCr && layout.subsampling != (1, 1)
}

/// Whether each pixel is a single bit. Most scanned pages are, so this case is optimised.
fn is_black_and_white(layout: &PageLayout) -> bool {
    layout.bits == 1
        && layout.samples == 1
        && layout.format == SampleFormat::Unsigned
        && matches!(layout.photometric, Photometric::WhiteIsZero | Photometric::BlackIsZero)
}

/// Copies a row of bits, the leftmost pixel in the highest bit; those that differ from `reversed` are white.
fn copy_bits(row: &mut [u8], bits: &[u8], reversed: u8) {
    for (pixels, byte) in row.chunks_mut(8).zip(bits) {
        let white = byte ^ reversed;
        for (i, pixel) in pixels.iter_mut().enumerate() {
            *pixel = if white & (0x80 >> i) == 0 { 0 } else { 0xFF };
        }
    }
}

fn copy_grey(row: &mut [u8], pixels: &[u8], width: usize, y: usize) {
    if let Some(from) = pixels.get(y * width..(y + 1) * width) {
        let count = row.len().min(from.len());
        row[..count].copy_from_slice(&from[..count]);
    }
}

/// Copies the brightness of a row from units of several pixels that share their colour differences (TIFF 6.0, section
/// 21).
fn brightness_row(row: &mut [u8], layout: &PageLayout, chunk: &Chunk, y: u32, data: &[u8]) {
    let (h, v) = layout.subsampling;
    let unit = (h * v + 2) as usize;
    let units_across = chunk.width.div_ceil(h) as usize;
    for (x, luma) in row.iter_mut().enumerate() {
        let (unit_x, in_x) = (x / h as usize, x % h as usize);
        let place = ((y / v) as usize * units_across + unit_x) * unit + (y % v * h) as usize + in_x;
        *luma = data.get(place).copied().unwrap_or(0);
    }
}

struct Pixel<'a> {
    layout: &'a PageLayout,
}

impl Pixel<'_> {
    /// The brightness of a pixel; `sample` gives its samples in 8 bits.
    fn luma_of(&self, sample: impl Fn(u32) -> u8) -> u8 {
        match self.layout.photometric {
            Photometric::WhiteIsZero => 255 - sample(0),
            Photometric::BlackIsZero | Photometric::Palette | Photometric::YCbCr | Photometric::Lab => sample(0),
            Photometric::Rgb => luma_of_rgb(sample(0), sample(1), sample(2)),
            Photometric::Cmyk => luma_of_cmyk(sample(0), sample(1), sample(2), sample(3)),
        }
    }
}

/// A row of samples, in one or several planes.
struct Row<'a> {
    layout: &'a PageLayout,
    planes: Vec<&'a [u8]>,
}

impl<'a> Row<'a> {
    fn new(layout: &'a PageLayout, chunk: &Chunk, planes: &'a [Vec<u8>], y: u32) -> Self {
        let bytes = layout.row_bytes(chunk.width);
        let rows = planes.iter().map(|plane| plane.get(y as usize * bytes..(y as usize + 1) * bytes).unwrap_or(&[]));
        Self { layout, planes: rows.collect() }
    }

    /// Sample `sample` of pixel `x`, as stored.
    fn raw(&self, x: usize, sample: u32) -> u64 {
        let bits = self.layout.bits as usize;
        let (plane, index) = if self.layout.planar {
            (self.planes.get(sample as usize), x)
        } else {
            (self.planes.first(), x * self.layout.samples as usize + sample as usize)
        };
        let Some(row) = plane else { return 0 };
        if bits.is_multiple_of(8) {
            let bytes = row.get(index * bits / 8..(index + 1) * bits / 8).unwrap_or(&[]);
            let push = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
            return if self.layout.big_endian { bytes.iter().fold(0, push) } else { bytes.iter().rev().fold(0, push) };
        }
        // Bits are packed from the highest on, regardless of the byte order.
        let first = index * bits;
        (first..first + bits).fold(0, |value, bit| {
            let byte = row.get(bit / 8).copied().unwrap_or(0);
            value << 1 | u64::from(byte >> (7 - bit % 8) & 1)
        })
    }

    /// The sample reduced to 8 bits.
    fn byte(&self, x: usize, sample: u32) -> u8 {
        let (raw, bits) = (self.raw(x, sample), self.layout.bits);
        match self.layout.format {
            SampleFormat::Float => {
                let value = if bits == 64 { f64::from_bits(raw) } else { f64::from(f32::from_bits(raw as u32)) };
                (value.clamp(0.0, 1.0) * 255.0) as u8
            }
            SampleFormat::Unsigned if bits < 8 => (raw * 255 / ((1 << bits) - 1)) as u8,
            SampleFormat::Unsigned => (raw >> (bits - 8)) as u8,
            // Half of the range is negative.
            SampleFormat::Signed => ((raw >> (bits - 8)) as u8).wrapping_add(128),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_become_black_and_white_in_either_sense() {
        let mut row = [7; 10];
        copy_bits(&mut row, &[0b1010_0000, 0b0100_0000], 0);
        assert_eq!(row, [255, 0, 255, 0, 0, 0, 0, 0, 0, 255]);
        copy_bits(&mut row, &[0b1010_0000, 0b0100_0000], 0xFF);
        assert_eq!(row, [0, 255, 0, 255, 255, 255, 255, 255, 255, 0]);
    }
}
