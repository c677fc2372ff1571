//! Fax coding: CCITT groups 3 and 4 (ITU-T T.4 and T.6).

use std::io;

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::bad;
use super::layout::{Chunk, Compression};

/// Rows of bits, 1 for black.
struct Rows<'a> {
    bits: std::slice::ChunksExactMut<'a, u8>,
    width: u32,
    count: usize,
}

impl Decoder for Rows<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        let Some(row) = self.bits.next() else { return };
        self.count += 1;
        for run in changes.chunks(2) {
            let end = run.get(1).copied().unwrap_or(self.width).min(self.width);
            for x in run[0]..end {
                row[x as usize / 8] |= 0x80 >> (x % 8);
            }
        }
    }
}

/// Decodes a strip into rows of bits, 1 for black. A damaged row ends the strip; the rest stays white, as on a fax
/// machine.
///
/// # Errors
/// When less than half of the rows can be decoded.
pub(super) fn decode(packed: &[u8], compression: Compression, chunk: &Chunk, out: &mut [u8]) -> io::Result<()> {
    let encoding = match compression {
        Compression::Fax4 => EncodingMode::Group4,
        Compression::Fax3 { two_dimensional: true } => EncodingMode::Group3_2D,
        _ => EncodingMode::Group3_1D,
    };
    let settings = DecodeSettings {
        columns: chunk.width,
        rows: chunk.height,
        end_of_block: true,
        end_of_line: matches!(compression, Compression::Fax3 { .. }),
        rows_are_byte_aligned: compression == Compression::FaxRows,
        encoding,
        strict: false,
    };
    let row_bytes = chunk.width.div_ceil(8) as usize;
    let mut rows = Rows { bits: out.chunks_exact_mut(row_bytes), width: chunk.width, count: 0 };
    let result = hayro_ccitt::decode(packed, &mut rows, &mut DecoderContext::new(settings));
    if rows.count * 2 < chunk.height as usize {
        return Err(bad(match result {
            Err(_) => "its fax data is damaged",
            Ok(_) => "its fax data ends too early",
        }));
    }
    Ok(())
}
