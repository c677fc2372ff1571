//! AVIF: still pictures compressed by AV1 (AV1 Image File Format, version 1.1).

use std::io::Read;

use avif_parse::AvifData;
use image::{ColorType, ImageDecoder, ImageResult};
use re_rav1d::dav1d::{Decoder, Picture, Settings};

use crate::colour::{self, Plane};
use crate::{broken, copy, divide_by_opacity, read_all, unless_it_panics, unsupported};

pub(crate) const NAME: &str = "AVIF";
/// A still picture is there after the first call. The decoder may ask for more calls, but not for many.
const MOST_CALLS: usize = 16;

/// An AVIF file whose header was read.
pub struct AvifDecoder {
    data: AvifData,
    /// Width and height in pixels.
    size: (u32, u32),
}

impl AvifDecoder {
    /// Reads a file as a whole, without decoding its pixels.
    ///
    /// # Errors
    /// If it is no AVIF file, is cut off, or has more bytes than a picture needs.
    pub fn new(reader: impl Read) -> ImageResult<Self> {
        let bytes = read_all(reader)?;
        unless_it_panics(NAME, || {
            let data = avif_parse::read_avif(&mut bytes.as_slice()).map_err(image_error)?;
            let header = data.primary_item_metadata().map_err(image_error)?;
            Ok(Self { size: (header.max_frame_width.get(), header.max_frame_height.get()), data })
        })
    }
}

impl ImageDecoder for AvifDecoder {
    fn dimensions(&self) -> (u32, u32) {
        self.size
    }

    fn color_type(&self) -> ColorType {
        if self.data.alpha_item.is_some() { ColorType::Rgba8 } else { ColorType::Rgb8 }
    }

    fn read_image(self, buffer: &mut [u8]) -> ImageResult<()> {
        copy(NAME, &unless_it_panics(NAME, || self.pixels())?, buffer)
    }

    fn read_image_boxed(self: Box<Self>, buffer: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buffer)
    }
}

impl AvifDecoder {
    /// Red, green and blue of each pixel, and opacity if the file has it.
    fn pixels(&self) -> ImageResult<Vec<u8>> {
        let picture = decoded(&self.data.primary_item, self.size)?;
        let pixels = colour::rgb(&picture)?;
        let Some(alpha) = &self.data.alpha_item else { return Ok(pixels) };
        let alpha = decoded(alpha, self.size)?;
        let opacity = Plane::brightness(&alpha)?;
        let width = self.size.0 as usize;
        let with_opacity =
            |(at, pixel): (usize, &[u8])| [pixel[0], pixel[1], pixel[2], opacity.as_full_range(at % width, at / width)];
        let mut pixels: Vec<u8> = pixels.chunks_exact(3).enumerate().flat_map(with_opacity).collect();
        if self.data.premultiplied_alpha {
            divide_by_opacity(&mut pixels);
        }
        Ok(pixels)
    }
}

/// The picture of a bit stream, which must have that width and height.
fn decoded(stream: &[u8], size: (u32, u32)) -> ImageResult<Picture> {
    let broken = |error| broken(NAME, error);
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(size.0.saturating_mul(size.1));
    let mut decoder = Decoder::with_settings(&settings).map_err(broken)?;
    let mut sent = decoder.send_data(stream.to_vec(), None, None, None);
    for _ in 0..MOST_CALLS {
        match decoder.get_picture() {
            Ok(picture) if (picture.width(), picture.height()) == size => return Ok(picture),
            Ok(_) => return Err(unsupported(NAME, "a picture of another size than its header says")),
            Err(error) if !error.is_again() => return Err(broken(error)),
            Err(_) => {}
        }
        if sent.is_err_and(|error| error.is_again()) {
            sent = decoder.send_pending_data();
        }
        sent.or_else(|error| if error.is_again() { Ok(()) } else { Err(broken(error)) })?;
    }
    Err(broken(re_rav1d::dav1d::Error::Again))
}

fn image_error(error: avif_parse::Error) -> image::ImageError {
    match error {
        avif_parse::Error::Unsupported(feature) => unsupported(NAME, feature),
        avif_parse::Error::UnexpectedEOF => image::ImageError::IoError(std::io::ErrorKind::UnexpectedEof.into()),
        avif_parse::Error::Io(error) => image::ImageError::IoError(error),
        other => broken(NAME, other),
    }
}
