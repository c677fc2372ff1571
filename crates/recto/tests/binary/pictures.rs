//! Likenesses of a scan: skewed, and encoded in ways that pictures of real life are.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma};

/// A picture's grey values.
pub fn grey(bytes: &[u8]) -> GrayImage {
    image::load_from_memory(bytes).unwrap().into_luma8()
}

/// The picture turned about its middle by some degrees, on white.
pub fn skewed(picture: &GrayImage, degrees: f32) -> GrayImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let new_width = width * cos.abs() + height * sin.abs();
    let new_height = width * sin.abs() + height * cos.abs();
    GrayImage::from_fn(new_width.ceil() as u32, new_height.ceil() as u32, |x, y| {
        let (x, y) = (x as f32 - new_width / 2.0, y as f32 - new_height / 2.0);
        Luma([sample(picture, x * cos + y * sin + width / 2.0, y * cos - x * sin + height / 2.0)])
    })
}

/// The picture as a camera sees it that stands at its left: the right side is that share lower, above and below.
pub fn perspective(picture: &GrayImage, lower: f32) -> GrayImage {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let at = x as f32 / width;
        let scale = 1.0 - 2.0 * lower * at;
        // What is farther away is also narrower: places crowd towards the right.
        let across = at * (1.0 - 2.0 * lower) / scale;
        Luma([sample(picture, width * across, (y as f32 - height / 2.0) / scale + height / 2.0)])
    })
}

/// The value between four pixels; white outside.
fn sample(picture: &GrayImage, x: f32, y: f32) -> u8 {
    let at = |dx: f32, dy: f32| {
        let (x, y) = (x.floor() + dx, y.floor() + dy);
        let inside = x >= 0.0 && y >= 0.0 && x < picture.width() as f32 && y < picture.height() as f32;
        if inside { f32::from(picture.get_pixel(x as u32, y as u32)[0]) } else { 255.0 }
    };
    let (right, down) = (x - x.floor(), y - y.floor());
    let upper = at(0.0, 0.0) * (1.0 - right) + at(1.0, 0.0) * right;
    let lower = at(0.0, 1.0) * (1.0 - right) + at(1.0, 1.0) * right;
    (upper * (1.0 - down) + lower * down).round() as u8
}

/// The picture as a file of that format.
pub fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Black ink on nothing: grey values as opacity.
pub fn transparent(picture: &GrayImage) -> DynamicImage {
    let pixel = |x, y| image::LumaA([0, 255 - picture.get_pixel(x, y)[0]]);
    image::ImageBuffer::from_fn(picture.width(), picture.height(), pixel).into()
}

/// Sixteen bits a pixel, of which the lower ones are noise.
pub fn sixteen_bits(picture: &GrayImage) -> DynamicImage {
    let pixel = |x: u32, y: u32| Luma([u16::from(picture.get_pixel(x, y)[0]) << 8 | (x * 31 + y * 17) as u16 & 0xff]);
    image::ImageBuffer::from_fn(picture.width(), picture.height(), pixel).into()
}

/// A PNG whose palette holds the greys upside down: whoever takes indices for values sees a negative.
pub fn palette_png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette((0..=255u8).flat_map(|i| [255 - i; 3]).collect::<Vec<_>>());
    let indices: Vec<u8> = picture.as_raw().iter().map(|value| 255 - value).collect();
    encoder.write_header().unwrap().write_image_data(&indices).unwrap();
    bytes
}

/// A TIFF in printing inks: black alone carries the picture.
pub fn cmyk_tiff(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let inks: Vec<u8> = picture.as_raw().iter().flat_map(|value| [0, 0, 0, 255 - value]).collect();
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
    encoder.write_image::<tiff::encoder::colortype::CMYK8>(picture.width(), picture.height(), &inks).unwrap();
    bytes.into_inner()
}

/// A JPEG that lies on its left side, and whose EXIF orientation says so.
pub fn exif_jpeg(picture: &GrayImage) -> Vec<u8> {
    // Big-endian TIFF with one entry: orientation (0x0112), one short, 6: turn right by a quarter to see it upright.
    const EXIF: &[u8] = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let jpeg = encoded(image::imageops::rotate270(picture), ImageFormat::Jpeg);
    let (start, rest) = jpeg.split_at(2);
    [start, EXIF, rest].concat()
}

/// A GIF of two frames: the picture, and the picture turned on its head.
pub fn animation(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for frame in [picture.clone(), image::imageops::rotate180(picture)] {
        encoder.encode_frame(image::Frame::new(DynamicImage::from(frame).into_rgba8())).unwrap();
    }
    drop(encoder);
    bytes
}

/// A PNG of one bit a pixel, all white, that is small as a file and large as a picture.
pub fn white_png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let white = vec![0xff; width.div_ceil(8) as usize * height as usize];
    encoder.write_header().unwrap().write_image_data(&white).unwrap();
    bytes
}

/// The picture many times on one sheet.
pub fn tiled(picture: &GrayImage, columns: u32, rows: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    GrayImage::from_fn(width * columns, height * rows, |x, y| *picture.get_pixel(x % width, y % height))
}
