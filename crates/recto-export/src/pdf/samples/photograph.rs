//! JPEG (ITU-T T.81).

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::{ColorType, DynamicImage, ImageDecoder};
use jpeg_encoder::{Encoder, SamplingFactor};

/// The samples of a picture of that size, and the number per pixel: one for grey, three for red, green and blue. `None`
/// for damaged data, and for pictures made of inks.
pub(super) fn decode(data: &[u8], width: u32, height: u32) -> Option<(u8, Vec<u8>)> {
    let decoder = JpegDecoder::new(Cursor::new(data)).ok()?;
    let components = match decoder.original_color_type() {
        image::ExtendedColorType::L8 => 1,
        image::ExtendedColorType::Rgb8 => 3,
        _ => return None,
    };
    if decoder.dimensions() != (width, height) || !matches!(decoder.color_type(), ColorType::L8 | ColorType::Rgb8) {
        return None;
    }
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    let samples = if components == 1 { picture.into_luma8().into_raw() } else { picture.into_rgb8().into_raw() };
    Some((components, samples))
}

/// The samples as JPEG of that quality, of 100; `None` if the format cannot hold them.
pub(super) fn encode(width: u32, height: u32, components: u8, samples: &[u8], quality: u8) -> Option<Vec<u8>> {
    let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(height)) else { return None };
    let kind = match components {
        1 => jpeg_encoder::ColorType::Luma,
        3 => jpeg_encoder::ColorType::Rgb,
        _ => return None,
    };
    let mut data = Vec::new();
    let mut encoder = Encoder::new(&mut data, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(true);
    encoder.set_progressive(true);
    encoder.encode(samples, width, height, kind).ok()?;
    Some(data)
}
