//! A few stacked lines of a page's picture: those in which its text layer is most doubtful.

use std::collections::BTreeSet;

use recto_domain::{Block, Line};
use recto_ocr::PageImage;

use super::agreement::Agreement;
use super::{Doubt, DoubtfulLayer};

/// The number of lines of a sample.
const LINES: usize = 5;
/// The fewest letters of a line.
const MIN_LETTERS: usize = 4;
/// The weight of a digit relative to a letter: language statistics do not reveal wrong digits.
const DIGIT: usize = 3;
/// The margin above and below a line, and around the sheet, in heights of the line.
const ROOM: f32 = 0.25;
/// Lines with a larger slope, in degrees, are not used.
const LEVEL: f32 = 1.0;

/// Lines of a page to be read, with their text in the layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    image: PageImage,
    words: Vec<String>,
}

impl Sample {
    /// The picture of the lines.
    #[must_use]
    pub fn image(&self) -> &PageImage {
        &self.image
    }

    /// A sample for a doubtful layer; `None` when it has no suitable line.
    pub(super) fn of(layer: &DoubtfulLayer, picture: &PageImage) -> Option<Self> {
        let mut doubts = layer.doubts.iter();
        let mut lines: Vec<(&Line, BTreeSet<char>)> = Vec::new();
        for line in layer.page.blocks.iter().flat_map(|block| &block.lines) {
            let suspects: BTreeSet<char> = line
                .words
                .iter()
                .zip(doubts.by_ref())
                .filter(|(_, doubt)| **doubt == Doubt::Suspect)
                .flat_map(|(word, _)| word.text.chars())
                .filter(|c| c.is_alphanumeric())
                .collect();
            if line.angle.abs() <= LEVEL && suspects.len() >= MIN_LETTERS {
                lines.push((line, suspects));
            }
        }
        let taken = most_telling(lines);
        let image = sheet(&taken, picture)?;
        let words = taken.iter().flat_map(|line| &line.words).map(|word| word.text.clone()).collect();
        Some(Self { image, words })
    }

    pub(super) fn compare(&self, read: &[Block]) -> Agreement {
        Agreement::of_lines(self.words.iter().map(String::as_str), read)
    }
}

/// The lines with the largest variety of letters and digits, in page order.
fn most_telling(mut lines: Vec<(&Line, BTreeSet<char>)>) -> Vec<&Line> {
    let mut seen: BTreeSet<char> = BTreeSet::new();
    let mut taken: Vec<&Line> = Vec::new();
    while taken.len() < LINES && !lines.is_empty() {
        let worth = |suspects: &BTreeSet<char>| -> usize {
            let new = suspects.difference(&seen).map(|c| if c.is_numeric() { DIGIT } else { 1 }).sum::<usize>();
            4 * new + suspects.len()
        };
        let best = (0..lines.len()).max_by_key(|&at| (worth(&lines[at].1), usize::MAX - at)).unwrap_or(0);
        let (line, suspects) = lines.remove(best);
        seen.extend(suspects);
        taken.push(line);
    }
    taken.sort_by(|a, b| a.bbox.y.total_cmp(&b.bbox.y));
    taken
}

/// The lines cut out of the picture.
fn sheet(lines: &[&Line], picture: &PageImage) -> Option<PageImage> {
    let pixels = |points: f32| points / picture.scale();
    let (page_width, page_height) = (picture.width() as usize, picture.height() as usize);
    let cuts: Vec<[usize; 4]> = lines
        .iter()
        .filter_map(|line| {
            let room = ROOM * line.bbox.height;
            let [left, right] =
                [line.bbox.x - room, line.bbox.right() + room].map(|x| (pixels(x).max(0.0) as usize).min(page_width));
            let [top, bottom] =
                [line.bbox.y - room, line.bbox.bottom() + room].map(|y| (pixels(y).max(0.0) as usize).min(page_height));
            (left < right && top < bottom).then_some([left, top, right, bottom])
        })
        .collect();
    let margin = cuts.iter().map(|[_, top, _, bottom]| bottom - top).max()?;
    let width = cuts.iter().map(|[left, _, right, _]| right - left).max()? + 2 * margin;
    let mut luma = vec![0xFF; width * margin];
    for [left, top, right, bottom] in cuts {
        for y in top..bottom {
            let start = luma.len() + margin;
            luma.resize(luma.len() + width, 0xFF);
            luma[start..start + right - left]
                .copy_from_slice(&picture.luma()[y * page_width + left..y * page_width + right]);
        }
        luma.resize(luma.len() + width * margin, 0xFF);
    }
    let height = luma.len() / width;
    Some(PageImage::new(width as u32, height as u32, picture.dpi(), luma))
}
