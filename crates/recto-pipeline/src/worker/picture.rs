//! Pages as pictures for people to look at.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, ImageFormat};
use recto_domain::Rotation;
use recto_ocr::PageImage;
use recto_pages::{OpenFile, PagesError};

/// Dots per inch at which a page of a PDF is drawn: an A4 page is 1240 by 1754 pixels.
const DPI: u32 = 150;

/// A page as a grey PNG in Base64, upright, its longer side at most `max_side` pixels; never enlarged.
pub(super) fn draw(
    file: &mut OpenFile<'_>,
    number: u32,
    rotation: Rotation,
    max_side: u32,
) -> Result<String, PagesError> {
    let rendered = file.render(number, DPI)?;
    // What recognition found on top of what the file says.
    let turn = rendered.rotation.inverse().then(rotation);
    let upright = rendered.image.turned(turn);
    let mut picture = DynamicImage::ImageLuma8(grey(&upright));
    if picture.width().max(picture.height()) > max_side {
        picture = picture.resize(max_side, max_side, FilterType::Triangle);
    }
    Ok(STANDARD.encode(encoded(&picture)))
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
    picture.write_to(&mut png, ImageFormat::Png).expect("a grey picture is written to memory as PNG");
    png.into_inner()
}
