//! HEIC: still pictures compressed by HEVC (ISO/IEC 23008-12), which telephones take.

use std::io::Read;

use heic_decoder::{HeifError, ImageInfo};
use image::{ColorType, ImageDecoder, ImageError, ImageResult};

use crate::{broken, copy, divide_by_opacity, read_all, unless_it_panics, unsupported};

const NAME: &str = "HEIC";

/// A HEIC file whose header was read. Its picture comes upright: the file's own rotation and mirroring are applied.
pub struct HeicDecoder {
    bytes: Vec<u8>,
    info: ImageInfo,
}

impl HeicDecoder {
    /// Reads a file as a whole, without decoding its pixels.
    ///
    /// # Errors
    /// If it is no HEIC file, is cut off, or has more bytes than a picture needs.
    pub fn new(reader: impl Read) -> ImageResult<Self> {
        let bytes = read_all(reader)?;
        let info = unless_it_panics(NAME, || heic_decoder::probe(&bytes).map_err(image_error))?;
        Ok(Self { bytes, info })
    }
}

impl ImageDecoder for HeicDecoder {
    fn dimensions(&self) -> (u32, u32) {
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
        (side(self.info.width), side(self.info.height))
    }

    fn color_type(&self) -> ColorType {
        if self.info.alpha_bit_depth.is_some() { ColorType::Rgba8 } else { ColorType::Rgb8 }
    }

    fn read_image(self, buffer: &mut [u8]) -> ImageResult<()> {
        copy(NAME, &unless_it_panics(NAME, || self.pixels())?, buffer)
    }

    fn read_image_boxed(self: Box<Self>, buffer: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(buffer)
    }
}

impl HeicDecoder {
    /// Red, green and blue of each pixel, and opacity if the file has it.
    fn pixels(&self) -> ImageResult<Vec<u8>> {
        let picture = heic_decoder::decode(&self.bytes).map_err(image_error)?;
        if self.info.alpha_bit_depth.is_none() {
            return Ok(picture.to_rgb8().map_err(image_error)?.data);
        }
        let mut pixels = picture.to_rgba8().map_err(image_error)?;
        if pixels.premultiplied {
            divide_by_opacity(&mut pixels.data);
        }
        Ok(pixels.data)
    }
}

fn image_error(error: HeifError) -> ImageError {
    match error {
        HeifError::Unsupported(feature) => unsupported(NAME, feature),
        HeifError::Truncated { .. } => ImageError::IoError(std::io::ErrorKind::UnexpectedEof.into()),
        other => broken(NAME, other),
    }
}
