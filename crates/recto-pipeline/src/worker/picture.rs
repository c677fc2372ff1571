//! Pages as pictures for people to look at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use recto_domain::Rotation;
use recto_ocr::PageImage;
use recto_pages::{OpenFile, PagesError};

/// The resolution in pixels per inch at which a page of a PDF is drawn: an A4 page has 1240 by 1754 pixels.
const DPI: u32 = 150;
/// The most bytes of a lossless picture. A larger one is mostly a photograph, and becomes a JPEG.
const MAX_PNG_BYTES: usize = 4 << 20;
/// The most bytes that fit into an answer.
const MAX_JPEG_BYTES: usize = 10 << 20;
/// The JPEG qualities that are tried until a photograph fits.
const JPEG_QUALITIES: [u8; 3] = [90, 75, 50];

/// An upright page as a grey PNG in Base64. Its longer side has at most `max_side` pixels, and it is never enlarged.
pub(super) fn draw(
    file: &mut OpenFile<'_>,
    number: u32,
    rotation: Rotation,
    max_side: u32,
) -> Result<String, PagesError> {
    let rendered = file.render(number, DPI)?;
    // The rotation that recognition found in addition to the one in the file.
    let turn = rendered.rotation.inverse().then(rotation);
    let upright = rendered.image.turned(turn);
    let mut picture = DynamicImage::ImageLuma8(grey(&upright));
    if picture.width().max(picture.height()) > max_side {
        picture = picture.resize(max_side, max_side, FilterType::Triangle);
    }
    Ok(STANDARD.encode(encoded(&picture)))
}

/// An upright page of a PDF in colour and in Base64, as a PNG, or as a JPEG where that is much smaller. `None` for a
/// file that is itself a picture.
pub(super) fn draw_in_colours(
    file: &mut OpenFile<'_>,
    number: u32,
    rotation: Rotation,
    dpi: u32,
) -> Result<Option<String>, PagesError> {
    let Some(drawn) = file.draw(number, dpi)? else { return Ok(None) };
    // The rotation that recognition found in addition to the one in the file.
    let turn = drawn.rotation.inverse().then(rotation);
    let picture = RgbImage::from_raw(drawn.width, drawn.height, drawn.rgb).expect("a drawn page has all its pixels");
    let picture = match turn {
        Rotation::None => picture,
        Rotation::Clockwise => imageops::rotate90(&picture),
        Rotation::Half => imageops::rotate180(&picture),
        Rotation::CounterClockwise => imageops::rotate270(&picture),
    };
    let png = encoded(&DynamicImage::ImageRgb8(picture.clone()));
    if png.len() <= MAX_PNG_BYTES {
        return Ok(Some(STANDARD.encode(png)));
    }
    let mut jpeg = Vec::new();
    for quality in JPEG_QUALITIES {
        jpeg.clear();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
        picture.write_with_encoder(encoder).expect("a picture is written to memory as JPEG");
        if jpeg.len() <= MAX_JPEG_BYTES {
            break;
        }
    }
    Ok(Some(STANDARD.encode(jpeg)))
}

/// The picture as a grey PNG.
pub(super) fn png(image: &PageImage) -> Vec<u8> {
    encoded(&DynamicImage::ImageLuma8(grey(image)))
}

fn grey(image: &PageImage) -> GrayImage {
    GrayImage::from_raw(image.width(), image.height(), image.luma().to_vec())
        .expect("a page image has a byte for every pixel")
}

fn encoded(picture: &DynamicImage) -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).expect("a picture is written to memory as PNG");
    png.into_inner()
}
