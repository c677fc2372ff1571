#![doc = include_str!("../README.md")]

mod avif;
mod colour;
mod heic;

use std::io::Read;
use std::panic::AssertUnwindSafe;

use image::error::{
    DecodingError, ImageFormatHint, LimitError, LimitErrorKind, UnsupportedError, UnsupportedErrorKind,
};
use image::{ImageError, ImageResult};

pub use avif::AvifDecoder;
pub use heic::HeicDecoder;

/// Compressed pictures are held in memory as a whole. Longer ones, in bytes, are refused.
const MAX_BYTES: u64 = 256 << 20;

fn read_all(reader: impl Read) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory)));
    }
    Ok(bytes)
}

fn broken(format: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ImageError {
    ImageError::Decoding(DecodingError::new(ImageFormatHint::Name(format.to_owned()), error))
}

fn unsupported(format: &str, feature: impl Into<String>) -> ImageError {
    let hint = ImageFormatHint::Name(format.to_owned());
    let kind = UnsupportedErrorKind::GenericFeature(feature.into());
    ImageError::Unsupported(UnsupportedError::from_format_and_kind(hint, kind))
}

/// What a decoder makes of strangers' bytes. Those that this crate builds on check much of what they read by assertions,
/// and a broken file is no reason to end the process.
fn unless_it_panics<T>(format: &str, decode: impl FnOnce() -> ImageResult<T>) -> ImageResult<T> {
    std::panic::catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err(broken(format, "it is broken")))
}

/// Copies pixels into the buffer of a caller of `read_image`.
fn copy(format: &str, pixels: &[u8], buffer: &mut [u8]) -> ImageResult<()> {
    if pixels.len() != buffer.len() {
        return Err(broken(format, "its pixels differ in number from what its header says"));
    }
    buffer.copy_from_slice(pixels);
    Ok(())
}

/// Divides colours by the opacity that they were multiplied by, in pixels of red, green, blue and opacity.
fn divide_by_opacity(pixels: &mut [u8]) {
    for pixel in pixels.chunks_exact_mut(4) {
        let opacity = u32::from(pixel[3]);
        for sample in &mut pixel[..3] {
            *sample = (u32::from(*sample) * 255).checked_div(opacity).unwrap_or(0).min(255) as u8;
        }
    }
}
