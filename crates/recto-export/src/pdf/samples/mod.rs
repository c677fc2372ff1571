//! The samples of pictures (ISO 32000-1, section 8.9.5): decoded from the usual compressions, and compressed again.
//!
//! The meaning of samples stays in the picture's dictionary. It is changed only for plain pictures: device RGB or
//! device grey with eight bits.

mod bilevel;
mod fax;
mod photograph;

use image::RgbImage;

use super::object::{Dictionary, Object};
use super::picture::{Layout, Reduced, Rows};
use super::source::{Bare, undone};

/// A picture's samples: row by row from the top, each row beginning at a whole byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Samples {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Samples per pixel.
    pub(super) components: u8,
    /// Bits per sample.
    pub(super) bits: u8,
    pub(super) data: Vec<u8>,
    /// Whether they come from a lossy compression.
    pub(super) is_lossy: bool,
}

/// A picture to be written: its dictionary and its compressed data.
pub(super) type Coded = (Dictionary, Vec<u8>);

impl Samples {
    /// Decodes a picture; `None` if it is damaged, larger than `limit` bytes, or in a compression that is kept.
    pub(super) fn decode(dictionary: &Dictionary, data: &[u8], limit: usize) -> Option<Self> {
        let side = |key| dictionary.get(key)?.as_integer().and_then(|side| u32::try_from(side).ok()).filter(|s| *s > 0);
        let (width, height) = (side("Width")?, side("Height")?);
        let is_mask = dictionary.get("ImageMask") == Some(&Object::Boolean(true));
        let bits =
            if is_mask { 1 } else { dictionary.get("BitsPerComponent").and_then(Object::as_integer).unwrap_or(8) };
        let bits = u8::try_from(bits).ok().filter(|bits| [1, 2, 4, 8, 16].contains(bits))?;
        if u64::from(width) * u64::from(height) * 3 * u64::from(bits).div_ceil(8) > limit as u64 {
            return None;
        }
        let Bare { filter, parameters, data } = undone(dictionary, data, limit)?;
        let of = |components, data, is_lossy| Self { width, height, components, bits, data, is_lossy };
        match filter.as_deref() {
            None => {
                let row = |components: u8| Layout { width, samples: components, bits, continuous: false }.row_bytes();
                // Some programs end the data with a line feed.
                let fits = |components: &u8| (0..2).any(|more| row(*components) * height as usize + more == data.len());
                let components = [1, 3, 4].into_iter().find(fits)?;
                let mut data = data;
                data.truncate(row(components) * height as usize);
                Some(of(components, data, false))
            }
            Some(b"CCITTFaxDecode" | b"CCF") if bits == 1 => {
                fax::decode(&data, parameters.as_ref(), width, height).map(|data| of(1, data, false))
            }
            Some(b"DCTDecode" | b"DCT") if bits == 8 && parameters.is_none() => {
                let (components, data) = photograph::decode(&data, width, height)?;
                Some(of(components, data, true))
            }
            _ => None,
        }
    }

    /// The picture without loss, as small as possible; entries other than those about the compression are kept.
    pub(super) fn lossless(&self, dictionary: &Dictionary) -> Option<Coded> {
        let dictionary = without_coding(dictionary);
        if (self.bits, self.components) == (1, 1) {
            return bilevel::encode(self.width, self.height, &self.data).map(|data| (jbig2(dictionary), data));
        }
        if let Some(rgb) = self.rgb().filter(|_| is_plain(&dictionary)) {
            let reduced = Reduced::of(&rgb);
            let layout = reduced.layout(self.width);
            let rows = rgb.chunks_exact(self.width as usize * 3).map(|row| reduced.row(row));
            let dictionary =
                dictionary.with("BitsPerComponent", u32::from(layout.bits)).with("ColorSpace", reduced.space());
            // Two colours other than black and white keep their palette.
            if (layout.bits, layout.samples) == (1, 1) {
                let data: Vec<u8> = rows.flatten().collect();
                return bilevel::encode(self.width, self.height, &data).map(|data| (jbig2(dictionary), data));
            }
            return deflated(dictionary, layout, rows);
        }
        let continuous = self.bits >= 8;
        let layout = Layout { width: self.width, samples: self.components, bits: self.bits, continuous };
        deflated(dictionary, layout, self.data.chunks_exact(layout.row_bytes()).map(<[u8]>::to_vec))
    }

    /// The picture as JPEG of that quality; `None` if it is not a photograph, or if its samples may not be shades.
    pub(super) fn photograph(&self, dictionary: &Dictionary, quality: u8) -> Option<Coded> {
        if self.bits != 8 || !self.is_continuous(dictionary) {
            return None;
        }
        let data = photograph::encode(self.width, self.height, self.components, &self.data, quality)?;
        Some((without_coding(dictionary).with("Filter", Object::name("DCTDecode")), data))
    }

    /// Whether neighbouring values are similar, as in photographs and unlike in drawings and palettes.
    fn is_continuous(&self, dictionary: &Dictionary) -> bool {
        if self.is_lossy {
            return true;
        }
        // A colour that is masked out must stay exactly the same.
        if matches!(dictionary.get("Mask"), Some(Object::Array(_))) {
            return false;
        }
        let is_shade = match dictionary.get("ColorSpace") {
            Some(Object::Name(name)) => [&b"DeviceGray"[..], b"DeviceRGB"].contains(&&name[..]),
            Some(Object::Array(space)) => {
                let family = space.first().and_then(Object::as_name).unwrap_or_default();
                [&b"ICCBased"[..], b"CalGray", b"CalRGB"].contains(&family)
            }
            _ => self.components == 3,
        };
        is_shade && self.rgb().is_some_and(|rgb| Reduced::of(&rgb).is_continuous())
    }

    /// The samples as red, green and blue, if they have eight bits and one or three per pixel.
    fn rgb(&self) -> Option<RgbImage> {
        let data = match (self.bits, self.components) {
            (8, 3) => self.data.clone(),
            (8, 1) => self.data.iter().flat_map(|shade| [*shade; 3]).collect(),
            _ => return None,
        };
        RgbImage::from_vec(self.width, self.height, data)
    }
}

/// Whether samples are device shades, and nothing else depends on their values.
fn is_plain(dictionary: &Dictionary) -> bool {
    let is_device = dictionary.is("ColorSpace", "DeviceGray") || dictionary.is("ColorSpace", "DeviceRGB");
    // A soft mask may name a colour of the picture in the picture's own space.
    is_device && ["Decode", "Mask", "SMask", "ImageMask", "Matte"].iter().all(|key| !dictionary.contains(key))
}

fn without_coding(dictionary: &Dictionary) -> Dictionary {
    let mut dictionary = dictionary.clone();
    for key in ["Length", "Filter", "DecodeParms"] {
        dictionary.remove(key);
    }
    dictionary
}

fn jbig2(dictionary: Dictionary) -> Dictionary {
    dictionary.with("Filter", Object::name("JBIG2Decode"))
}

fn deflated(mut dictionary: Dictionary, layout: Layout, samples: impl Iterator<Item = Vec<u8>>) -> Option<Coded> {
    let mut rows = Rows::smallest(Vec::new(), layout);
    for row in samples {
        // Writing to memory does not fail.
        rows.push(&row).ok()?;
    }
    layout.describe(&mut dictionary);
    Some((dictionary, rows.finish().ok()?))
}
