//! Red, green and blue from the planes of an AV1 picture.

use image::ImageResult;
use re_rav1d::dav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::dav1d::{Picture, PixelLayout, PlanarImageComponent};

use crate::avif::NAME;
use crate::unsupported;

/// A plane of a picture. Its samples have 8, 10 or 12 bits.
pub(crate) struct Plane {
    samples: re_rav1d::dav1d::Plane,
    /// The length of a row, in bytes.
    stride: usize,
    bits: usize,
    is_full_range: bool,
    /// How many times as many columns and rows the picture has.
    reduced: (usize, usize),
}

impl Plane {
    /// The plane of the brightness.
    pub(crate) fn brightness(picture: &Picture) -> ImageResult<Self> {
        Self::of(picture, PlanarImageComponent::Y)
    }

    fn of(picture: &Picture, component: PlanarImageComponent) -> ImageResult<Self> {
        let bits = picture.bits_per_component().ok_or_else(|| unsupported(NAME, "samples of that depth"))?.0;
        let reduced = match (component, picture.pixel_layout()) {
            (PlanarImageComponent::Y, _) | (_, PixelLayout::I444 | PixelLayout::I400) => (1, 1),
            (_, PixelLayout::I422) => (2, 1),
            (_, PixelLayout::I420) => (2, 2),
        };
        Ok(Self {
            samples: picture.plane(component),
            stride: picture.stride(component) as usize,
            bits,
            is_full_range: picture.color_range() == YUVRange::Full,
            reduced,
        })
    }

    /// The sample for a place on the picture.
    fn at(&self, x: usize, y: usize) -> f32 {
        let (x, y) = (x / self.reduced.0, y / self.reduced.1);
        let sample = if self.bits == 8 {
            u16::from(self.samples[y * self.stride + x])
        } else {
            let start = y * self.stride + 2 * x;
            u16::from_ne_bytes([self.samples[start], self.samples[start + 1]])
        };
        f32::from(sample)
    }

    /// The brightness at a place, from 0 to 1.
    fn brightness_at(&self, x: usize, y: usize) -> f32 {
        let unit = (1u32 << (self.bits - 8)) as f32;
        if self.is_full_range {
            self.at(x, y) / ((1u32 << self.bits) - 1) as f32
        } else {
            (self.at(x, y) - 16.0 * unit) / (219.0 * unit)
        }
    }

    /// The colour difference at a place, from -0.5 to 0.5.
    fn difference_at(&self, x: usize, y: usize) -> f32 {
        let unit = (1u32 << (self.bits - 8)) as f32;
        let centred = self.at(x, y) - 128.0 * unit;
        if self.is_full_range { centred / ((1u32 << self.bits) - 1) as f32 } else { centred / (224.0 * unit) }
    }

    /// The opacity at a place, which always takes the whole range.
    pub(crate) fn as_full_range(&self, x: usize, y: usize) -> u8 {
        byte(self.at(x, y) / ((1u32 << self.bits) - 1) as f32)
    }
}

/// Three bytes for each pixel. The equations are those of ITU-T H.273, section 8.3.
pub(crate) fn rgb(picture: &Picture) -> ImageResult<Vec<u8>> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let luma = Plane::brightness(picture)?;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    if picture.pixel_layout() == PixelLayout::I400 {
        return Ok(places.flat_map(|(x, y)| [byte(luma.brightness_at(x, y)); 3]).collect());
    }
    let blue = Plane::of(picture, PlanarImageComponent::U)?;
    let red = Plane::of(picture, PlanarImageComponent::V)?;
    let (of_red, of_blue) = match picture.matrix_coefficients() {
        MatrixCoefficients::Identity => {
            let pixel = |(x, y)| [&red, &luma, &blue].map(|plane| byte(plane.brightness_at(x, y)));
            return Ok(places.flat_map(pixel).collect());
        }
        MatrixCoefficients::BT709 => (0.2126, 0.0722),
        MatrixCoefficients::BT2020NonConstantLuminance => (0.2627, 0.0593),
        // Also what unmarked pictures have.
        MatrixCoefficients::Unspecified | MatrixCoefficients::BT470BG | MatrixCoefficients::ST170M => (0.299, 0.114),
        _ => return Err(unsupported(NAME, "its colours")),
    };
    let pixel = |(x, y)| {
        let (luma, blue, red) = (luma.brightness_at(x, y), blue.difference_at(x, y), red.difference_at(x, y));
        let (r, b) = (luma + 2.0 * (1.0 - of_red) * red, luma + 2.0 * (1.0 - of_blue) * blue);
        let g = (luma - of_red * r - of_blue * b) / (1.0 - of_red - of_blue);
        [byte(r), byte(g), byte(b)]
    };
    Ok(places.flat_map(pixel).collect())
}

/// A sample of 0 to 1 as one of 0 to 255.
fn byte(sample: f32) -> u8 {
    (sample * 255.0).round().clamp(0.0, 255.0) as u8
}
