//! Pictures with few colours, which need fewer bits.

use std::collections::BTreeMap;

use super::png::indexed;
use super::rows::Layout;
use crate::pdf::object::Object;

/// The smallest representation of a picture's colours.
pub(in crate::pdf) enum Reduced {
    /// At most 256 colours: an index for each pixel.
    Palette { colors: Vec<u8>, indices: BTreeMap<[u8; 3], u8>, bits: u8 },
    /// Shades of grey.
    Gray,
    /// Any colours.
    Rgb,
}

impl Reduced {
    /// The smallest representation of a picture.
    pub(in crate::pdf) fn of(pixels: &image::RgbImage) -> Self {
        let mut indices = BTreeMap::new();
        let mut gray = true;
        let mut last = None;
        for color in pixels.pixels().map(|p| p.0) {
            if last == Some(color) {
                continue;
            }
            last = Some(color);
            gray &= color[0] == color[1] && color[1] == color[2];
            if indices.len() <= 256 {
                indices.insert(color, 0);
            }
            if !gray && indices.len() > 256 {
                return Self::Rgb;
            }
        }
        // Up to sixteen shades come from a drawing; more come from a camera and compress better as grey.
        if gray && indices.len() > 16 {
            return Self::Gray;
        }
        for (index, (_, value)) in indices.iter_mut().enumerate() {
            *value = index as u8;
        }
        let colors: Vec<u8> = indices.keys().flatten().copied().collect();
        let bits = bits_for(indices.len());
        Self::Palette { colors, indices, bits }
    }

    /// Whether neighbouring values are similar, as in photographs.
    pub(in crate::pdf) fn is_continuous(&self) -> bool {
        !matches!(self, Self::Palette { .. })
    }

    pub(in crate::pdf) fn layout(&self, width: u32) -> Layout {
        match self {
            Self::Palette { bits, .. } => Layout { width, samples: 1, bits: *bits, continuous: false },
            Self::Gray => Layout { width, samples: 1, bits: 8, continuous: true },
            Self::Rgb => Layout { width, samples: 3, bits: 8, continuous: true },
        }
    }

    pub(in crate::pdf) fn space(&self) -> Object {
        match self {
            Self::Palette { colors, .. } if *colors == [0, 0, 0, 255, 255, 255] => Object::name("DeviceGray"),
            Self::Palette { colors, .. } => indexed(colors.clone()),
            Self::Gray => Object::name("DeviceGray"),
            Self::Rgb => Object::name("DeviceRGB"),
        }
    }

    /// A row of RGB pixels in this form.
    pub(in crate::pdf) fn row(&self, rgb: &[u8]) -> Vec<u8> {
        match self {
            Self::Palette { indices, .. } => {
                let index = |p: &[u8]| indices.get(p).copied().unwrap_or(0);
                self.packed(rgb.chunks_exact(3).map(index))
            }
            Self::Gray => rgb.iter().step_by(3).copied().collect(),
            Self::Rgb => rgb.to_vec(),
        }
    }

    /// A row of indices with as many bits as the palette needs.
    fn packed(&self, indices: impl Iterator<Item = u8>) -> Vec<u8> {
        let bits = if let Self::Palette { bits, .. } = self { *bits } else { 8 };
        let mut row = Vec::new();
        let mut free = 0;
        for index in indices {
            if free == 0 {
                row.push(0);
                free = 8;
            }
            free -= bits;
            if let Some(byte) = row.last_mut() {
                *byte |= (index & (0xFF >> (8 - bits))) << free;
            }
        }
        row
    }
}

fn bits_for(colors: usize) -> u8 {
    match colors {
        0..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    }
}
