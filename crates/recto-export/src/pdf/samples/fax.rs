//! Fax data (ITU-T T.4 and T.6) as rows of bits.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use crate::pdf::object::{Dictionary, Object};

/// The rows of a picture; `None` for damaged data, which looks different in every viewer.
pub(super) fn decode(data: &[u8], parameters: Option<&Dictionary>, width: u32, height: u32) -> Option<Vec<u8>> {
    let none = Dictionary::new();
    let parameters = parameters.unwrap_or(&none);
    let number = |key: &str, default: i64| parameters.get(key).map_or(Some(default), Object::as_integer);
    let switch = |key: &str, default: bool| match parameters.get(key) {
        None => Some(default),
        Some(Object::Boolean(value)) => Some(*value),
        Some(_) => None,
    };
    if number("Columns", 1728)? != i64::from(width) {
        return None;
    }
    let settings = DecodeSettings {
        columns: width,
        rows: height,
        end_of_block: switch("EndOfBlock", true)?,
        end_of_line: switch("EndOfLine", false)?,
        rows_are_byte_aligned: switch("EncodedByteAlign", false)?,
        encoding: match number("K", 0)? {
            ..0 => EncodingMode::Group4,
            0 => EncodingMode::Group3_1D,
            _ => EncodingMode::Group3_2D,
        },
        strict: true,
    };
    let black = u8::from(switch("BlackIs1", false)?);
    let mut rows = Rows { width, black, data: Vec::new(), left: height };
    hayro_ccitt::decode(data, &mut rows, &mut DecoderContext::new(settings)).ok()?;
    (rows.left == 0).then_some(rows.data)
}

struct Rows {
    width: u32,
    /// The bit value of black.
    black: u8,
    data: Vec<u8>,
    left: u32,
}

impl Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let start = self.data.len();
        let white = if self.black == 1 { 0 } else { 0xFF };
        self.data.resize(start + self.width.div_ceil(8) as usize, white);
        for run in changes.chunks(2) {
            let end = run.get(1).copied().unwrap_or(self.width).min(self.width);
            for x in run[0].min(end)..end {
                self.data[start + x as usize / 8] ^= 0x80 >> (x % 8);
            }
        }
    }
}
