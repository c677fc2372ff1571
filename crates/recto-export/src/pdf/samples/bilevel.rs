//! Black and white pictures as JBIG2 (ITU-T T.88), each as one generic region. That keeps every pixel, whereas symbol
//! regions replace letters by similar ones.

use jbig2enc_rust::decode::{DecodeOptions, decode_embedded};
use jbig2enc_rust::{Jbig2Config, Jbig2Context, encode_single_image_with_config};

/// Rows of bits as JBIG2; `None` if they cannot be coded.
pub(super) fn encode(width: u32, height: u32, rows: &[u8]) -> Option<Vec<u8>> {
    let row_bytes = width.div_ceil(8) as usize;
    // The filter gives 0 for black (ISO 32000-1, section 7.4.7), which JBIG2 codes as 1.
    let is_black = |row: &[u8], x: usize| row[x / 8] >> (7 - x % 8) & 1 == 0;
    let pixels = || rows.chunks_exact(row_bytes).flat_map(|row| (0..width as usize).map(|x| is_black(row, x)));
    let bytes: Vec<u8> = pixels().map(u8::from).collect();
    let mut config = Jbig2Config::lossless();
    // Without it, a region ends with a byte that some viewers report as an error.
    config.canonical_arithmetic_termination = true;
    let context = Jbig2Context::with_config(config, true);
    let coded = encode_single_image_with_config(&bytes, width, height, context).ok()?;
    if coded.global_data.is_some_and(|global| !global.is_empty()) {
        return None;
    }
    // The library is young, and the original pixels will be gone, so the result is verified.
    let decoded = decode_embedded(None, &coded.page_data, &DecodeOptions::default()).ok()?;
    let is_same = (decoded.width(), decoded.height()) == (width, height)
        && (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .zip(bytes)
            .all(|((x, y), b)| decoded.get(x, y) == (b != 0));
    is_same.then_some(coded.page_data)
}
