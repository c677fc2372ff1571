//! The part of a page's picture that is missing in its text layer: the words of the layer are painted over.

use recto_domain::{Point, Rect};
use recto_ocr::PageImage;

use super::DoubtfulLayer;

/// The margin around lines to be read, in points: a line may continue with letters that were not recognised as such.
const ROOM: f32 = 24.0;
/// The margin around words that are painted over, in points.
const EDGE: f32 = 1.5;

/// A part of a page's picture without the words of its text layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Rest {
    image: PageImage,
    place: Point,
}

impl Rest {
    /// The picture.
    #[must_use]
    pub fn image(&self) -> &PageImage {
        &self.image
    }

    /// The position of its top left corner on the displayed page, in points.
    #[must_use]
    pub fn place(&self) -> Point {
        self.place
    }

    /// The area of all lines that are missing in a layer; `None` when they lie outside the picture.
    pub(super) fn of(layer: &DoubtfulLayer, picture: &PageImage) -> Option<Self> {
        let around = Rect::around(layer.missing.iter().copied())?;
        let [left, top, right, bottom] = pixels(&around, ROOM, picture);
        if left >= right || top >= bottom {
            return None;
        }
        let width = picture.width() as usize;
        let mut luma = picture.luma().to_vec();
        for word in layer.page.words() {
            let [left, top, right, bottom] = pixels(&word.bbox, EDGE, picture);
            if left >= right || top >= bottom {
                continue;
            }
            let ground = ground(&luma, width, [left, top, right, bottom]);
            for y in top..bottom {
                luma[y * width + left..y * width + right].fill(ground);
            }
        }
        let cut = (top..bottom).flat_map(|y| &luma[y * width + left..y * width + right]).copied().collect();
        let image = PageImage::new((right - left) as u32, (bottom - top) as u32, picture.dpi(), cut);
        let place = Point { x: left as f32 * picture.scale(), y: top as f32 * picture.scale() };
        Some(Self { image, place })
    }
}

/// The edges of an area with a margin, in pixels within the picture.
fn pixels(place: &Rect, room: f32, picture: &PageImage) -> [usize; 4] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixel = |points: f32, most: usize| ((points / picture.scale()).max(0.0) as usize).min(most);
    [
        pixel(place.x - room, width),
        pixel(place.y - room, height),
        pixel(place.right() + room, width),
        pixel(place.bottom() + room, height),
    ]
}

/// The usual level along the upper and lower edge of a box: the background of a word.
fn ground(luma: &[u8], width: usize, [left, top, right, bottom]: [usize; 4]) -> u8 {
    let mut edge: Vec<u8> =
        [top, bottom - 1].iter().flat_map(|y| &luma[y * width + left..y * width + right]).copied().collect();
    let middle = edge.len() / 2;
    *edge.select_nth_unstable(middle).1
}
