//! A few lines of a page, cut out, levelled and stacked.

use recto_domain::{Point, Rect, Rotation};

use crate::lay::Lines;
use crate::page_image::PageImage;
use crate::resample;
use crate::text_lines::{Run, TextLine};

/// This many letters are enough.
const LETTERS: f32 = 60.0;
/// The most letters taken from one line.
const LETTERS_OF_A_LINE: f32 = 20.0;
/// Heights of usual lines, as a share of most letters' height. Lower lines are rows of dashes or dots; higher ones are
/// not usual text.
const USUAL: std::ops::RangeInclusive<f32> = 0.6..=2.0;
/// The margin around a line, in heights of its letters: for ascenders, marks and descenders.
const ABOVE: f32 = 0.8;
const BESIDE: f32 = 1.0;
/// How much of that belongs to the line for an engine that reads lines one by one.
const AROUND: f32 = 0.5;

/// Some lines of a page.
pub(crate) struct Specimen {
    pub(crate) image: PageImage,
    /// The boxes of the lines on it, in pixels.
    pub(crate) lines: Vec<Rect>,
    /// The number of letters.
    pub(crate) letters: f32,
    /// The height of the first line's letters, in pixels.
    pub(crate) height: f32,
}

impl Specimen {
    /// A specimen of the lines of one direction that have the most letters, read from left to right or from top to
    /// bottom; `None` when there are none.
    pub(crate) fn of(image: &PageImage, lines: &Lines, run: Run) -> Option<Self> {
        let usual = usual_height(lines.of_run(run));
        let mut longest: Vec<&TextLine> =
            lines.of_run(run).iter().filter(|line| USUAL.contains(&(line.height / usual))).collect();
        longest.sort_by(|a, b| b.letters.total_cmp(&a.letters));
        let (mut letters, mut strips) = (0.0, Vec::new());
        for line in longest {
            if letters >= LETTERS {
                break;
            }
            letters += line.letters.min(LETTERS_OF_A_LINE);
            strips.push(Strip::of(line, lines.scale));
        }
        let wide = strips.iter().map(|strip| strip.width as usize).max()?;
        let height = strips.first()?.letter;
        let (mut luma, mut rects) = (Vec::new(), Vec::new());
        for strip in &strips {
            let top = luma.len() / wide;
            rects.push(strip.line(top as f32));
            strip.copy(image, wide, &mut luma);
        }
        let high = (luma.len() / wide) as u32;
        let image = PageImage::new(wide as u32, high, image.dpi(), luma);
        Some(Self { image, lines: rects, letters, height })
    }

    /// The same specimen rotated by 180 degrees.
    pub(crate) fn turned_around(&self) -> Self {
        let (wide, high) = (self.image.width() as f32, self.image.height() as f32);
        let turned = |line: &Rect| Rect { x: wide - line.right(), y: high - line.bottom(), ..*line };
        let lines = self.lines.iter().rev().map(turned).collect();
        Self { image: self.image.turned(Rotation::Half), lines, ..*self }
    }
}

/// The line height above and below which half of the letters lie.
fn usual_height(lines: &[TextLine]) -> f32 {
    let mut heights: Vec<(f32, f32)> = lines.iter().map(|line| (line.height, line.members.len() as f32)).collect();
    heights.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f32 = heights.iter().map(|(_, letters)| letters).sum();
    let mut below = 0.0;
    let middle = heights.into_iter().find(|(_, letters)| {
        below += letters;
        below * 2.0 >= all
    });
    middle.map_or(0.0, |(height, _)| height)
}

/// A slanted strip of the page with a line, in pixels of the page.
struct Strip {
    /// Its top left corner, and the unit steps along and across the line.
    corner: Point,
    along: Point,
    across: Point,
    width: u32,
    height: u32,
    /// The height of the line's letters.
    letter: f32,
}

impl Strip {
    fn of(line: &TextLine, scale: f32) -> Self {
        let [from, to] = [line.from, line.to].map(|p| Point { x: p.x * scale, y: p.y * scale });
        let length = (to.x - from.x).hypot(to.y - from.y).max(1.0);
        let along = Point { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
        let across = Point { x: -along.y, y: along.x };
        let letter = line.height * scale;
        // The sizes of letters vary about as much as their scatter about the line.
        let taken = length.min(LETTERS_OF_A_LINE * letter);
        let (beside, above) = (BESIDE * letter, (0.5 + ABOVE) * letter);
        let corner =
            Point { x: from.x - along.x * beside - across.x * above, y: from.y - along.y * beside - across.y * above };
        let (width, height) = ((taken + 2.0 * beside).ceil() as u32, (2.0 * above).ceil() as u32);
        Self { corner, along, across, width, height, letter }
    }

    fn line(&self, top: f32) -> Rect {
        let inset = (ABOVE - AROUND) * self.letter;
        let beside = (BESIDE - AROUND) * self.letter;
        Rect {
            x: beside,
            y: top + inset,
            width: self.width as f32 - 2.0 * beside,
            height: self.height as f32 - 2.0 * inset,
        }
    }

    /// Appends its rows, padded to that width with its background.
    fn copy(&self, image: &PageImage, wide: usize, luma: &mut Vec<u8>) {
        let start = luma.len();
        let at = |x: f32, y: f32| {
            let (sx, sy) = (
                self.corner.x + self.along.x * x + self.across.x * y,
                self.corner.y + self.along.y * x + self.across.y * y,
            );
            resample::pixel(image, sx, sy)
        };
        let (width, height) = (self.width as usize, self.height as usize);
        let mut levels: Vec<u8> = Vec::with_capacity(width * height);
        for y in 0..height {
            levels.extend((0..width).map(|x| at(x as f32 + 0.5, y as f32 + 0.5)));
        }
        // Most of a line is background.
        let mut sorted = levels.clone();
        let middle = sorted.len() / 2;
        let ground = if sorted.is_empty() { u8::MAX } else { *sorted.select_nth_unstable(middle).1 };
        luma.resize(start + wide * height, ground);
        // Far enough apart that lines are not confused.
        let gap = wide * self.letter.ceil() as usize;
        for (row, levels) in luma[start..].chunks_exact_mut(wide).zip(levels.chunks_exact(width.max(1))) {
            row[..width].copy_from_slice(levels);
        }
        luma.resize(luma.len() + gap, ground);
    }
}
