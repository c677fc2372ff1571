//! Fax data (ITU-T T.4 and T.6), which PDF calls `CCITTFaxDecode`. A single strip is copied unchanged; several strips
//! are joined, because each is coded independently.

use std::convert::Infallible;
use std::fs::File;

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use super::Pixels;
use crate::pdf::failure::Failure;
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::picture::jpeg::image_dictionary;
use crate::pdf::writer::Writer;

/// Writes a picture of fax data.
pub(super) fn embed(file: &mut File, pixels: &Pixels, writer: &mut Writer<'_>) -> Result<Reference, Failure> {
    let reference = writer.reserve();
    if pixels.pieces.len() == 1 && pixels.across() == 1 && pixels.tile_width == pixels.width {
        let data = pixels.piece(file, 0)?;
        writer.stream(reference, dictionary(pixels, parameters(pixels)), &data)?;
    } else if pixels.tile_width == pixels.width {
        let data = joined(file, pixels)?;
        writer.stream(reference, dictionary(pixels, group_4(pixels)), &data)?;
    } else {
        return Err(Failure::original("its fax data is in tiles"));
    }
    Ok(reference)
}

fn dictionary(pixels: &Pixels, parameters: Dictionary) -> Dictionary {
    image_dictionary(pixels.width, pixels.height, 1)
        .with("ColorSpace", Object::name("DeviceGray"))
        .with("Filter", Object::name("CCITTFaxDecode"))
        .with("DecodeParms", parameters)
}

/// The decoding parameters of one strip (ISO 32000-1, table 11).
fn parameters(pixels: &Pixels) -> Dictionary {
    let parameters = group_4(pixels);
    match pixels.compression {
        4 => parameters,
        // Bit 0: lines refer to the line above.
        3 => parameters.with("K", Object::Integer((pixels.t4_options & 1) as i64)),
        _ => parameters.with("K", 0u32).with("EncodedByteAlign", true).with("EndOfBlock", false),
    }
}

fn group_4(pixels: &Pixels) -> Dictionary {
    let parameters =
        Dictionary::new().with("K", Object::Integer(-1)).with("Columns", pixels.width).with("Rows", pixels.height);
    // Where the file says that 0 is black, white and black are swapped compared to fax data.
    if pixels.photometric == 1 { parameters.with("BlackIs1", true) } else { parameters }
}

/// Decodes all strips and encodes them as one piece of T.6.
fn joined(file: &mut File, pixels: &Pixels) -> Result<Vec<u8>, Failure> {
    let width = u16::try_from(pixels.width).map_err(|_| Failure::original("it is too wide for fax data"))?;
    let mut lines = Lines { encoder: Encoder::new(VecWriter::new()), width };
    for strip in 0..pixels.pieces.len() {
        let data = pixels.piece(file, strip)?;
        let rows = pixels.tile_height.min(pixels.height - strip as u32 * pixels.tile_height);
        let settings = DecodeSettings {
            columns: pixels.width,
            rows,
            end_of_block: pixels.compression != 2,
            end_of_line: pixels.compression == 3,
            rows_are_byte_aligned: pixels.compression == 2,
            encoding: match (pixels.compression, pixels.t4_options & 1) {
                (4, _) => EncodingMode::Group4,
                (3, 1) => EncodingMode::Group3_2D,
                _ => EncodingMode::Group3_1D,
            },
            strict: false,
        };
        let mut counted = Counted { lines: &mut lines, left: rows };
        // A damaged strip is shown as far as it can be read; white lines keep the others in their place.
        let _readable_part = hayro_ccitt::decode(&data, &mut counted, &mut DecoderContext::new(settings));
        while counted.left > 0 {
            counted.push_row(&[]);
        }
    }
    let Ok(written) = lines.encoder.finish();
    Ok(written.finish())
}

struct Lines {
    encoder: Encoder<VecWriter>,
    width: u16,
}

/// Takes no more lines than the strip has.
struct Counted<'a> {
    lines: &'a mut Lines,
    left: u32,
}

impl Decoder for Counted<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let mut changes = changes.iter().copied().peekable();
        let mut black = false;
        let width = self.lines.width;
        let colors = (0..u32::from(width)).map(move |x| {
            while changes.next_if_eq(&x).is_some() {
                black = !black;
            }
            if black { Color::Black } else { Color::White }
        });
        let Ok(()): Result<(), Infallible> = self.lines.encoder.encode_line(colors, width);
    }
}
