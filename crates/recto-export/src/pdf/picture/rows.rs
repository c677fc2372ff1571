//! Rows of pixels, compressed as `FlateDecode` with PNG's filters (ISO 32000-1, section 7.4.4.4).

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::pdf::object::{Dictionary, Object};

/// The layout of a row's samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pdf) struct Layout {
    pub(in crate::pdf) width: u32,
    /// Samples per pixel.
    pub(in crate::pdf) samples: u8,
    /// Bits per sample; rows begin at whole bytes.
    pub(in crate::pdf) bits: u8,
    /// Whether neighbouring values are similar, as in photographs and unlike in palettes and in black and white.
    pub(in crate::pdf) continuous: bool,
}

impl Layout {
    pub(in crate::pdf) fn row_bytes(self) -> usize {
        (self.width as usize * usize::from(self.samples) * usize::from(self.bits)).div_ceil(8)
    }

    /// Adds the required entries to an image dictionary.
    pub(in crate::pdf) fn describe(self, dictionary: &mut Dictionary) {
        dictionary.set("Filter", Object::name("FlateDecode"));
        if self.continuous {
            dictionary.set("DecodeParms", self.predictor());
        }
    }

    /// The parameters of PNG's filters.
    pub(super) fn predictor(self) -> Dictionary {
        Dictionary::new()
            .with("Predictor", 15u32)
            .with("Colors", u32::from(self.samples))
            .with("BitsPerComponent", u32::from(self.bits))
            .with("Columns", self.width)
    }
}

/// Compresses rows as they arrive.
pub(in crate::pdf) struct Rows<W: Write> {
    encoder: ZlibEncoder<W>,
    /// The distance back to the sample of the previous pixel, in bytes; 0 for rows that are not filtered.
    pixel: usize,
    above: Vec<u8>,
    /// A filtered row with its type, for each of the filters that are tried.
    candidates: [Vec<u8>; 3],
}

impl<W: Write> Rows<W> {
    pub(super) fn new(out: W, layout: Layout) -> Self {
        Self::with(out, layout, Compression::new(if layout.continuous { 6 } else { 9 }))
    }

    /// Compresses as much as possible, taking more time.
    pub(in crate::pdf) fn smallest(out: W, layout: Layout) -> Self {
        Self::with(out, layout, Compression::best())
    }

    fn with(out: W, layout: Layout, compression: Compression) -> Self {
        let pixel = usize::from(layout.samples) * usize::from(layout.bits) / 8;
        Self {
            encoder: ZlibEncoder::new(out, compression),
            pixel: if layout.continuous { pixel.max(1) } else { 0 },
            above: vec![0; layout.row_bytes()],
            candidates: Default::default(),
        }
    }

    /// Adds a row.
    pub(in crate::pdf) fn push(&mut self, row: &[u8]) -> io::Result<()> {
        if self.pixel == 0 {
            return self.encoder.write_all(row);
        }
        let (pixel, above) = (self.pixel, &self.above);
        let [sub, up, paeth] = &mut self.candidates;
        for (candidate, filter) in [(&mut *sub, 1), (&mut *up, 2), (&mut *paeth, 4)] {
            candidate.clear();
            candidate.push(filter);
        }
        for (i, (&x, &b)) in row.iter().zip(above).enumerate() {
            let (a, c) = if i < pixel { (0, 0) } else { (row[i - pixel], above[i - pixel]) };
            sub.push(x.wrapping_sub(a));
            up.push(x.wrapping_sub(b));
            paeth.push(x.wrapping_sub(paeth_predictor(a, b, c)));
        }
        // The usual heuristic: the filter that leaves the smallest values compresses best.
        let cost = |row: &Vec<u8>| row[1..].iter().map(|v| u64::from((*v as i8).unsigned_abs())).sum::<u64>();
        if let Some(best) = self.candidates.iter().min_by_key(|candidate| cost(candidate)) {
            self.encoder.write_all(best)?;
        }
        self.above.clear();
        self.above.extend_from_slice(row);
        Ok(())
    }

    pub(in crate::pdf) fn finish(self) -> io::Result<W> {
        self.encoder.finish()
    }
}

/// The neighbour (left, above, above left) that is nearest to left + above - above left.
pub(in crate::pdf) fn paeth_predictor(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let (da, db, dc) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        above
    } else {
        corner
    }
}
