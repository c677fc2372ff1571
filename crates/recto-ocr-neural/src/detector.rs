//! Finds lines of text.

use recto_domain::Point;
use recto_ocr::{OcrError, PageImage};

use crate::network::Network;
use crate::outline::TextMap;
use crate::region::Region;
use crate::runtime::Runtime;
use crate::shrink::scaled;

/// The longer side of the picture that the detector gets, in pixels. On receipts it finds as many lines as on larger
/// pictures.
const SIDE: f32 = 960.0;
/// The sides of the network's pictures are multiples of this number of pixels.
const STEP: usize = 32;
/// Mean and standard deviation of the network's training pictures, for each of its three planes.
const MEANS: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATIONS: [f32; 3] = [0.229, 0.224, 0.225];

pub(crate) struct Detector {
    network: Network,
}

impl Detector {
    pub(crate) fn load(runtime: &Runtime, model: &[u8]) -> Result<Self, OcrError> {
        Ok(Self { network: Network::load(runtime, model)? })
    }

    /// The rectangles around the lines, in no particular order.
    pub(crate) fn lines(&mut self, image: &PageImage) -> Result<Vec<Region>, OcrError> {
        let (w, h) = (image.width() as usize, image.height() as usize);
        let factor = (SIDE / w.max(h) as f32).min(1.0);
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
