//! Still pictures, decoded to grey.

use std::fs::File;
use std::io::{BufReader, Read};

use hayro_jpeg2000::integration::Jp2Decoder;
use image::codecs::bmp::BmpDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::pnm::PnmDecoder;
use image::codecs::webp::WebPDecoder;
use image::{ColorType, ImageDecoder, ImageError, Limits};
use recto_domain::FileKind;
use recto_heif::{AvifDecoder, HeicDecoder};

use super::grey::{luma_of_rgb, on_paper};
use super::{GreyPicture, Header, jpeg, name};
use crate::error::PagesError;
use crate::open_file::PageLimits;

/// Decodes a file of one picture.
pub(super) fn decode(
    kind: FileKind,
    file: &mut File,
    header: Header,
    limits: PageLimits,
) -> Result<GreyPicture, PagesError> {
    let broken = |error: ImageError| decoding_error(1, kind, &error);
    let (width, height, luma) = match kind {
        FileKind::Jpeg => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(PagesError::Unreadable)?;
            jpeg::decode(&bytes, 1, limits)?
        }
        FileKind::Png => decode_with(
            PngDecoder::with_limits(BufReader::new(file), codec_limits(limits)).map_err(broken)?,
            kind,
            limits,
        )?,
        FileKind::Webp => decode_with(WebPDecoder::new(BufReader::new(file)).map_err(broken)?, kind, limits)?,
        FileKind::Heic => decode_with(HeicDecoder::new(file).map_err(broken)?, kind, limits)?,
        FileKind::Avif => decode_with(AvifDecoder::new(file).map_err(broken)?, kind, limits)?,
        FileKind::Jp2 => decode_with(Jp2Decoder::new(BufReader::new(file)).map_err(broken)?, kind, limits)?,
        FileKind::Pnm => decode_with(PnmDecoder::new(BufReader::new(file)).map_err(broken)?, kind, limits)?,
        _ => decode_with(BmpDecoder::new(BufReader::new(file)).map_err(broken)?, kind, limits)?,
    };
    Ok(GreyPicture { width, height, luma, resolution: header.resolution, orientation: header.orientation })
}

/// The limits of a codec: a few times what one page takes.
pub(super) fn codec_limits(limits: PageLimits) -> Limits {
    let mut codec = Limits::default();
    codec.max_alloc = Some(limits.max_decoded_bytes());
    codec
}

/// A codec's error, worded for a person.
pub(super) fn decoding_error(number: u32, kind: FileKind, error: &ImageError) -> PagesError {
    match error {
        ImageError::Limits(_) => PagesError::PageNeedsMemory { number },
        ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            PagesError::broken_page(number, format!("the {} ends too early", name(kind)))
        }
        ImageError::Unsupported(_) => {
            PagesError::broken_page(number, format!("this variant of {} is not supported", name(kind)))
        }
        other => PagesError::broken_page(number, other),
    }
}

fn decode_with(
    mut decoder: impl ImageDecoder,
    kind: FileKind,
    limits: PageLimits,
) -> Result<(u32, u32, Vec<u8>), PagesError> {
    let (width, height) = decoder.dimensions();
    limits.check_pixels(1, u64::from(width), u64::from(height))?;
    if width == 0 || height == 0 {
        return Err(PagesError::broken_page(1, "it has no pixels"));
    }
    let bytes = decoder.total_bytes();
    if bytes > limits.max_decoded_bytes() {
        return Err(PagesError::PageNeedsMemory { number: 1 });
    }
    // The limits of the decoder's own buffers; a codec that does not support them reports that.
    match decoder.set_limits(codec_limits(limits)) {
        Ok(()) | Err(ImageError::Unsupported(_)) => {}
        Err(error) => return Err(decoding_error(1, kind, &error)),
    }
    let color = decoder.color_type();
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(bytes as usize).map_err(|_| PagesError::PageNeedsMemory { number: 1 })?;
    pixels.resize(bytes as usize, 0);
    decoder.read_image(&mut pixels).map_err(|error| decoding_error(1, kind, &error))?;
    Ok((width, height, to_luma(pixels, color)))
}

/// Converts a codec's pixels to grey; samples of 16 bits have the machine's byte order.
fn to_luma(pixels: Vec<u8>, color: ColorType) -> Vec<u8> {
    let high = |pair: &[u8]| (u16::from_ne_bytes([pair[0], pair[1]]) >> 8) as u8;
    match color {
        ColorType::L8 => pixels,
        ColorType::La8 => on_paper(pixels.chunks_exact(2).map(|p| (p[0], p[1]))),
        ColorType::Rgb8 => pixels.chunks_exact(3).map(|p| luma_of_rgb(p[0], p[1], p[2])).collect(),
        ColorType::L16 => pixels.chunks_exact(2).map(high).collect(),
        ColorType::La16 => on_paper(pixels.chunks_exact(4).map(|p| (high(&p[0..2]), high(&p[2..4])))),
        ColorType::Rgb16 => {
            pixels.chunks_exact(6).map(|p| luma_of_rgb(high(&p[0..2]), high(&p[2..4]), high(&p[4..6]))).collect()
        }
        ColorType::Rgba16 => on_paper(
            pixels
                .chunks_exact(8)
                .map(|p| (luma_of_rgb(high(&p[0..2]), high(&p[2..4]), high(&p[4..6])), high(&p[6..8]))),
        ),
        // The codecs used here have no other type.
        _ => rgba_to_luma(&pixels),
    }
}

/// Converts red, green, blue and opacity to grey pixels.
pub(super) fn rgba_to_luma(pixels: &[u8]) -> Vec<u8> {
    on_paper(pixels.chunks_exact(4).map(|p| (luma_of_rgb(p[0], p[1], p[2]), p[3])))
}
