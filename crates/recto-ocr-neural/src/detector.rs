//! Finds lines of text.

use recto_domain::Point;
use recto_ocr::{OcrError, PageImage};

use crate::network::Network;
use crate::outline::TextMap;
use crate::region::Region;
use crate::runtime::Runtime;
use crate::shrink::scaled;

/// The longer side of the picture that the detector usually gets, in pixels. On most receipts and dense pages it finds
/// as many lines as on larger pictures.
const SIDE: f32 = 960.0;
/// The pixels of the larger picture. On long receipts whose lines almost touch, it separates lines that the usual
/// picture merges. Of 1.0, 1.4 and 2.2 million, this size gave the most certain readings of doubtful photos.
const LARGER: f32 = 1.4e6;
/// The larger picture is enlarged up to this factor.
const ENLARGED: f32 = 2.0;
/// The sides of the network's pictures are multiples of this number of pixels.
const STEP: usize = 32;
/// Mean and standard deviation of the network's training pictures, for each of its three planes.
const MEANS: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATIONS: [f32; 3] = [0.229, 0.224, 0.225];

/// Which picture the detector gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PictureSize {
    Usual,
    Larger,
}

impl PictureSize {
    /// The factor for a page of that width and height in pixels.
    fn factor(self, w: usize, h: usize) -> f32 {
        match self {
            Self::Usual => (SIDE / w.max(h) as f32).min(1.0),
            Self::Larger => (LARGER / (w * h) as f32).sqrt().min(ENLARGED),
        }
    }
}

pub(crate) struct Detector {
    network: Network,
}

impl Detector {
    pub(crate) fn load(runtime: &Runtime, model: &[u8]) -> Result<Self, OcrError> {
        Ok(Self { network: Network::load(runtime, model)? })
    }

    /// The rectangles around the lines, in no particular order.
    pub(crate) fn lines(&mut self, image: &PageImage, of: PictureSize) -> Result<Vec<Region>, OcrError> {
        let (w, h) = (image.width() as usize, image.height() as usize);
        let factor = of.factor(w, h);
        let side = |pixels: usize| ((pixels as f32 * factor / STEP as f32).round() as usize).max(1) * STEP;
        let (width, height) = (side(w), side(h));
        let planes = planes(&scaled(image.luma(), w, h, width, height));
        let map = self.network.run(width, height, &planes, |shape, likelihood| {
            (shape == [1, 1, height as i64, width as i64]).then(|| TextMap {
                width,
                height,
                likelihood: likelihood.to_vec(),
            })
        })?;
        let (x, y) = (w as f32 / width as f32, h as f32 / height as f32);
        let inside = |p: Point| p.x < w as f32 && p.y < h as f32;
        Ok(map.regions().into_iter().map(|region| region.scaled(x, y)).filter(|region| inside(region.center)).collect())
    }
}

/// The three planes that the network takes. For a grey picture, all three colours are equal.
fn planes(luma: &[u8]) -> Vec<f32> {
    let mut planes = Vec::with_capacity(3 * luma.len());
    for (mean, deviation) in MEANS.into_iter().zip(DEVIATIONS) {
        let levels: [f32; 256] = std::array::from_fn(|level| (level as f32 / 255.0 - mean) / deviation);
        planes.extend(luma.iter().map(|&p| levels[usize::from(p)]));
    }
    planes
}
