//! Pictures in formats that PDF does not have. They are decoded and compressed again without loss, unless that makes
//! them much larger than the original.

use std::fs::File;
use std::io::{BufReader, Seek};

use hayro_jpeg2000::integration::Jp2Decoder;
use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::pnm::PnmDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageResult, Limits};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use recto_domain::FileKind;
use recto_heif::{AvifDecoder, HeicDecoder};

use super::jpeg::image_dictionary;
use super::palette::Reduced;
use super::rows::Rows;
use super::{MAX_DECODED_BYTES, Picture, over_white};
use crate::pdf::failure::Failure;
use crate::pdf::object::{Dictionary, Object, Reference};
use crate::pdf::writer::Writer;

/// The JPEG qualities tried until a picture is small enough. Below the last, letters get halos.
const QUALITIES: [u8; 5] = [92, 85, 75, 65, 50];

/// The pictures of an animation or of a file with one picture, decoded in order.
pub(super) struct Frames {
    orientation: Orientation,
    /// The index of the next picture.
    next: u32,
    pictures: Box<dyn Iterator<Item = ImageResult<DynamicImage>>>,
}

impl Frames {
    pub(super) fn open(file: &File, kind: FileKind) -> Result<Self, Failure> {
        let mut file = file.try_clone().map_err(Failure::cut_off)?;
        file.rewind().map_err(Failure::cut_off)?;
        let file = BufReader::new(file);
        match kind {
            FileKind::Gif => Self::of(GifDecoder::new(file).map_err(Failure::cut_off)?, |decoder| Ok(frames(decoder))),
            FileKind::Webp => Self::of(WebPDecoder::new(file).map_err(Failure::cut_off)?, |decoder| {
                Ok(if decoder.has_animation() { frames(decoder) } else { only(decoder) })
            }),
            FileKind::Bmp => Self::of(BmpDecoder::new(file).map_err(Failure::cut_off)?, |decoder| Ok(only(decoder))),
            FileKind::Heic => Self::of(HeicDecoder::new(file).map_err(Failure::cut_off)?, |decoder| Ok(only(decoder))),
            FileKind::Avif => Self::of(AvifDecoder::new(file).map_err(Failure::cut_off)?, |decoder| Ok(only(decoder))),
            FileKind::Jp2 => Self::of(Jp2Decoder::new(file).map_err(Failure::cut_off)?, |decoder| Ok(only(decoder))),
            FileKind::Pnm => Self::of(PnmDecoder::new(file).map_err(Failure::cut_off)?, |decoder| Ok(only(decoder))),
            _ => Self::of(PngDecoder::new(file).map_err(Failure::cut_off)?, |decoder| Ok(frames(decoder.apng()?))),
        }
    }

    fn of<D: ImageDecoder>(
        mut decoder: D,
        pictures: impl FnOnce(D) -> ImageResult<Box<dyn Iterator<Item = ImageResult<DynamicImage>>>>,
    ) -> Result<Self, Failure> {
        limit(&mut decoder)?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        Ok(Self { orientation, next: 0, pictures: pictures(decoder).map_err(Failure::cut_off)? })
    }

    /// The orientation according to the file.
    pub(super) fn orientation(&self) -> Orientation {
        self.orientation
    }

    /// Whether that picture was not decoded yet.
    pub(super) fn can_reach(&self, index: u32) -> bool {
        self.next <= index
    }

    /// Writes the picture at that index, in about `allowed` bytes.
    pub(super) fn embed(&mut self, index: u32, allowed: u64, writer: &mut Writer<'_>) -> Result<Picture, Failure> {
        let skipped = index - self.next;
        let picture = self.pictures.nth(skipped as usize);
        self.next = index + 1;
        let picture = picture.ok_or_else(|| Failure::original("it has fewer pictures than before"))?;
        let pixels = opaque(picture.map_err(Failure::cut_off)?);
        let reference = embed_pixels(&pixels, allowed, writer)?;
        Ok(Picture { reference, width: pixels.width(), height: pixels.height(), orientation: self.orientation })
    }
}

/// Writes pixels, in about `allowed` bytes.
pub(in crate::pdf) fn embed_pixels(
    pixels: &image::RgbImage,
    allowed: u64,
    writer: &mut Writer<'_>,
) -> Result<Reference, Failure> {
    let reference = writer.reserve();
    let (dictionary, data) = smallest(pixels, allowed)?;
    writer.stream(reference, dictionary, &data)?;
    Ok(reference)
}

fn only<'a>(decoder: impl ImageDecoder + 'a) -> Box<dyn Iterator<Item = ImageResult<DynamicImage>> + 'a> {
    Box::new(std::iter::once_with(|| DynamicImage::from_decoder(decoder)))
}

fn frames<'a>(decoder: impl AnimationDecoder<'a>) -> Box<dyn Iterator<Item = ImageResult<DynamicImage>> + 'a> {
    Box::new(decoder.into_frames().map(|frame| Ok(frame?.into_buffer().into())))
}

/// Refuses pictures that would take too much memory.
fn limit(decoder: &mut impl ImageDecoder) -> Result<(), Failure> {
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > MAX_DECODED_BYTES as u64 {
        return Err(Failure::original(format!("its {width} x {height} pixels are too many to decode at once")));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(2 * MAX_DECODED_BYTES as u64);
    decoder.set_limits(limits).map_err(Failure::cut_off)
}

/// The picture on a white background.
fn opaque(picture: DynamicImage) -> image::RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let (width, height) = picture.dimensions();
    let samples = picture.chunks_exact(4).flat_map(|p| [0, 1, 2].map(|i| over_white(p[i], p[3])));
    image::RgbImage::from_vec(width, height, samples.collect()).unwrap_or_default()
}

/// The picture without loss if that takes at most `allowed` bytes or it has few colours; otherwise as JPEG.
fn smallest(pixels: &image::RgbImage, allowed: u64) -> Result<(Dictionary, Vec<u8>), Failure> {
    let (width, height) = pixels.dimensions();
    let reduced = Reduced::of(pixels);
    let layout = reduced.layout(width);
    let mut rows = Rows::new(Vec::new(), layout);
    for row in pixels.chunks_exact(width as usize * 3) {
        rows.push(&reduced.row(row))?;
    }
    let lossless = rows.finish()?;
    let mut dictionary = image_dictionary(width, height, layout.bits).with("ColorSpace", reduced.space());
    layout.describe(&mut dictionary);
    if !layout.continuous || lossless.len() as u64 <= allowed {
        return Ok((dictionary, lossless));
    }
    let (Ok(w), Ok(h)) = (u16::try_from(width), u16::try_from(height)) else {
        return Ok((dictionary, lossless));
    };
    let dictionary = image_dictionary(width, height, 8)
        .with("ColorSpace", Object::name("DeviceRGB"))
        .with("Filter", Object::name("DCTDecode"));
    let mut lossy = Vec::new();
    for quality in QUALITIES {
        lossy.clear();
        let mut encoder = Encoder::new(&mut lossy, quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_optimized_huffman_tables(true);
        encoder.encode(pixels, w, h, ColorType::Rgb).map_err(Failure::cut_off)?;
        if lossy.len() as u64 <= allowed {
            break;
        }
    }
    Ok((dictionary, lossy))
}
