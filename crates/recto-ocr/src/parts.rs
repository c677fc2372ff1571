//! Parts of a page at an angle of their own: a stamp, a label, a second slip on the scanner glass, the facing page of a
//! book.
//!
//! They appear as lines of letters that do not agree with most lines of the page. Where the reading of the page gets
//! little from them, they are cut out, deskewed and read separately. The separate reading replaces the original where
//! it is clearly better.

use recto_domain::{Affine, Block, Languages, Line, Point, Rect, Rotation, Size, Word};

use crate::attempt::worth;
use crate::engine::{OcrEngine, OcrError};
use crate::lay::Lines;
use crate::page_image::PageImage;
use crate::price::Budget;
use crate::profile::Profile;
use crate::read_page::ReadPage;
use crate::resample;
use crate::statistics::PageStatistics;
use crate::text_lines::{Run, TextLine};
use crate::upright::{CLEARLY_TURNED, LEAST_TURNED};

/// The fewest letters of a part.
pub(crate) const LEAST_LETTERS: f32 = 8.0;
/// The least difference, in degrees, between the angle of a part and that of the page; less for a part with many
/// letters. At smaller differences, an engine reads the part as it is.
const OFF: f32 = 6.0;
const MANY_LETTERS: f32 = 60.0;
const OFF_OF_MANY: f32 = 2.5;
/// A line whose angle has a larger error, in degrees, is no evidence.
const KNOWN: f32 = 2.5;
/// A line does not count as separate if more than this share of its marks belongs to lines of the page.
const SHARED: f32 = 0.3;
/// The angles of a part's lines differ by at most this many degrees, plus the errors of their angles.
const ALIKE: f32 = 1.5;
/// The largest distance between the lines of a part, in heights of their letters.
const APART: f32 = 4.0;
/// The margin around a part, in heights of its letters.
const ROOM: f32 = 1.2;
/// A part counts as already read if at least this share of its letters is probably right.
const READ: f32 = 0.6;
/// The most parts of a page that are worth reading.
const MOST_PARTS: usize = 4;

/// The lines that do not run like the page, whose lines in direction `run` fall by that many degrees.
pub(crate) fn lines_apart(lines: &Lines, run: Run, degrees: f32) -> Vec<(Run, &TextLine)> {
    let agrees = |line: &TextLine| (line.degrees - degrees).abs() <= OFF_OF_MANY + line.error;
    let mut is_taken: Vec<usize> =
        lines.of_run(run).iter().filter(|line| agrees(line)).flat_map(|line| line.members.iter().copied()).collect();
    is_taken.sort_unstable();
    let is_other = |line: &TextLine| {
        let taken = line.members.iter().filter(|member| is_taken.binary_search(member).is_ok()).count();
        line.error <= KNOWN && line.letters > 0.0 && taken as f32 <= SHARED * line.members.len() as f32
    };
    let own = lines.of_run(run).iter().filter(|line| !agrees(line) && is_other(line)).map(move |line| (run, line));
    let across = lines.of_run(run.other()).iter().filter(|line| is_other(line)).map(move |line| (run.other(), line));
    own.chain(across).collect()
}

/// A rotated rectangle of the page, in pixels.
#[derive(Debug, Clone, Copy)]
struct Part {
    run: Run,
    degrees: f32,
    error: f32,
    letters: f32,
    /// The bounding box of its letters, along and across its lines, with the page's top left as the origin.
    bounds: Rect,
    height: f32,
}

impl Part {
    fn of(run: Run, line: &TextLine, scale: f32) -> Self {
        let mut part = Self {
            run,
            degrees: line.degrees,
            error: line.error,
            letters: line.letters,
            bounds: Rect::default(),
            height: line.height * scale,
        };
        part.bounds = part.around(line, scale);
        part
    }

    /// The unit vectors along and across its lines.
    fn axes(&self) -> (Point, Point) {
        let degrees = if self.run == Run::Across { self.degrees } else { self.degrees + 90.0 };
        let (sin, cos) = degrees.to_radians().sin_cos();
        (Point { x: cos, y: sin }, Point { x: -sin, y: cos })
    }

    fn around(&self, line: &TextLine, scale: f32) -> Rect {
        let (along, across) = self.axes();
        let half = line.height * scale / 2.0;
        let at = |p: Point| {
            let (x, y) = (p.x * scale, p.y * scale);
            (x * along.x + y * along.y, x * across.x + y * across.y)
        };
        let (from, to) = (at(line.from), at(line.to));
        Rect::from_edges(from.0.min(to.0), from.1.min(to.1) - half, from.0.max(to.0), from.1.max(to.1) + half)
    }

    /// Adds a line, if it continues the part.
    fn takes(&mut self, run: Run, line: &TextLine, scale: f32) -> bool {
        if run != self.run || (line.degrees - self.degrees).abs() > ALIKE + line.error + self.error {
            return false;
        }
        let other = self.around(line, scale);
        let reach = APART * self.height.max(line.height * scale);
        let near = Rect {
            x: self.bounds.x - reach,
            y: self.bounds.y - reach,
            width: self.bounds.width + 2.0 * reach,
            height: self.bounds.height + 2.0 * reach,
        };
        if near.intersection(&other).is_none() {
            return false;
        }
        self.bounds = self.bounds.union(&other);
        self.letters += line.letters;
        true
    }

    /// The map from points of its own picture, with a margin, to points of the page; rotated by 180 degrees if the part
    /// is upside down.
    fn map(&self, points: f32, is_turned: bool) -> (Affine, f32, f32) {
        let room = ROOM * self.height;
        let (wide, high) = (self.bounds.width + 2.0 * room, self.bounds.height + 2.0 * room);
        let (along, across) = self.axes();
        let (u, v) = (self.bounds.x - room, self.bounds.y - room);
        let corner = |u: f32, v: f32| Point { x: along.x * u + across.x * v, y: along.y * u + across.y * v };
        let (sign, at) = if is_turned { (-1.0, corner(u + wide, v + high)) } else { (1.0, corner(u, v)) };
        let map = Affine {
            a: sign * along.x,
            b: sign * along.y,
            c: sign * across.x,
            d: sign * across.y,
            e: at.x * points,
            f: at.y * points,
        };
        (map, wide, high)
    }
}

/// The parts of a page, those with the most letters first.
fn parts(image: &PageImage, statistics: &PageStatistics) -> Vec<Part> {
    let lines = Lines::of(image);
    let run = if statistics.is_sideways() { Run::Down } else { Run::Across };
    let degrees = statistics.slant().degrees;
    let mut apart = lines_apart(&lines, run, degrees);
    apart.sort_by(|a, b| b.1.letters.total_cmp(&a.1.letters));
    let mut parts: Vec<Part> = Vec::new();
    for (run, line) in apart {
        if !parts.iter_mut().any(|part| part.takes(run, line, lines.scale)) {
            parts.push(Part::of(run, line, lines.scale));
        }
    }
    parts.retain(|part| {
        let off = if part.letters >= MANY_LETTERS { OFF_OF_MANY } else { OFF };
        part.letters >= LEAST_LETTERS && (part.run != run || (part.degrees - degrees).abs() >= off)
    });
    parts.sort_by(|a, b| b.letters.total_cmp(&a.letters));
    parts.truncate(MOST_PARTS);
    parts
}

/// Reads those parts of a page separately from which the reading of the whole gets little.
pub(crate) fn read_parts(
    engine: &mut dyn OcrEngine,
    profile: &Profile,
    image: &PageImage,
    statistics: &PageStatistics,
    languages: &Languages,
    budget: &mut Budget,
    mut page: ReadPage,
) -> Result<ReadPage, OcrError> {
    let upright = page.turn.affine(image.size());
    let size = match page.turn {
        Rotation::None | Rotation::Half => image.size(),
        Rotation::Clockwise | Rotation::CounterClockwise => {
            Size { width: image.size().height, height: image.size().width }
        }
    };
    for part in parts(image, statistics) {
        let (map, wide, high) = part.map(image.scale(), false);
        let whole = Area { back: inverse(&map.then(&upright)), wide: wide * image.scale(), high: high * image.scale() };
        let there = taken_out(&page.blocks, &whole).0;
        if is_read(&there, &part, profile) {
            continue;
        }
        let mut best: Option<(f32, Vec<Block>)> = None;
        for is_turned in [false, true] {
            let (map, wide, high) = part.map(image.scale(), is_turned);
            let cut = cut(image, &map, wide.ceil() as u32, high.ceil() as u32);
            if !budget.takes(engine.cost(cut.luma().len(), part.letters as usize)) {
                break;
            }
            let mut blocks = match engine.recognize(&cut, languages) {
                Ok(recognized) => recognized.blocks,
                // The page as a whole was read.
                Err(OcrError::Page { .. }) => break,
                Err(error) => return Err(error),
            };
            profile.calibration.apply(&mut blocks);
            let worth = worth(&blocks);
            let is_sound = is_read(&words(&blocks), &part, profile);
            if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                best = Some((worth, placed(blocks, &map.then(&upright), size)));
            }
            if is_sound {
                break;
            }
        }
        let Some((found, blocks)) = best else { continue };
        if found >= LEAST_TURNED.max(CLEARLY_TURNED * worth_of(&there)) {
            page.blocks = taken_out(&page.blocks, &whole).1;
            let middle = Rect::around(blocks.iter().map(|block| block.bbox)).map_or(0.0, |bbox| bbox.center().y);
            let place = page.blocks.iter().position(|block| block.bbox.y > middle).unwrap_or(page.blocks.len());
            page.blocks.splice(place..place, blocks);
        }
    }
    Ok(page)
}

/// Whether words cover enough of a part's letters.
fn is_read(words: &[Word], part: &Part, profile: &Profile) -> bool {
    let line = Line::of(0.0, words.to_vec());
    let confidence = line.as_ref().map_or(0.0, Line::confidence);
    confidence >= profile.sound && worth_of(words) >= READ * part.letters
}

fn worth_of(words: &[Word]) -> f32 {
    let letters = |word: &Word| word.text.chars().filter(|c| c.is_alphanumeric()).count() as f32;
    words.iter().map(|word| letters(word) * word.confidence.powi(2)).sum()
}

fn words(blocks: &[Block]) -> Vec<Word> {
    blocks.iter().flat_map(|block| &block.lines).flat_map(|line| &line.words).cloned().collect()
}

/// The picture of a part.
fn cut(image: &PageImage, map: &Affine, width: u32, height: u32) -> PageImage {
    let points = image.scale();
    let mut luma = Vec::with_capacity(width as usize * height as usize);
    for y in 0..height {
        for x in 0..width {
            let at = map.apply(Point { x: (x as f32 + 0.5) * points, y: (y as f32 + 0.5) * points });
            luma.push(resample::pixel(image, at.x / points, at.y / points));
        }
    }
    PageImage::new(width, height, image.dpi(), luma)
}

/// The position of a part on the upright page: the map from points of the page to those of its own picture, and its
/// size.
struct Area {
    back: Affine,
    wide: f32,
    high: f32,
}

impl Area {
    fn holds(&self, bbox: &Rect) -> bool {
        let at = self.back.apply(bbox.center());
        (0.0..=self.wide).contains(&at.x) && (0.0..=self.high).contains(&at.y)
    }
}

/// The inverse of a map that consists of a rotation and a translation.
fn inverse(map: &Affine) -> Affine {
    let Affine { a, b, c, d, e, f } = *map;
    Affine { a, b: c, c: b, d, e: -(a * e + b * f), f: -(c * e + d * f) }
}

/// The words in an area, and the blocks without them.
fn taken_out(blocks: &[Block], area: &Area) -> (Vec<Word>, Vec<Block>) {
    let mut taken = Vec::new();
    let mut line = |line: &Line| {
        let (inside, rest) = line.words.iter().cloned().partition::<Vec<_>, _>(|word| area.holds(&word.bbox));
        taken.extend(inside);
        Line::of(line.angle, rest)
    };
    let mut block = |block: &Block| Block::of(block.kind, block.lines.iter().filter_map(&mut line).collect());
    let rest = blocks.iter().filter_map(&mut block).collect();
    (taken, rest)
}

/// The blocks of a part at their place on the page.
fn placed(blocks: Vec<Block>, map: &Affine, page: Size) -> Vec<Block> {
    let degrees = map.b.atan2(map.a).to_degrees();
    let line = |line: Line| {
        let words = line.words.into_iter().filter_map(|mut word| {
            word.bbox = map.apply_rect(&word.bbox).clipped(page)?;
            Some(word)
        });
        Line::of(line.angle + degrees, words.collect())
    };
    let block = |block: Block| Block::of(block.kind, block.lines.into_iter().filter_map(line).collect());
    blocks.into_iter().filter_map(block).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_words_of_a_part_stand_on_their_ink(
            degrees in -30f32..30.0, x in 0f32..900.0, y in -200f32..900.0, is_turned: bool, is_down: bool,
            u in 0f32..100.0, v in 0f32..40.0, quarter in 0i32..4,
        ) {
            let run = if is_down { Run::Down } else { Run::Across };
            let bounds = Rect { x, y, width: 300.0, height: 80.0 };
            let part = Part { run, degrees, error: 0.5, letters: 20.0, bounds, height: 14.0 };
            let page = Size { width: 600.0, height: 800.0 };
            let map = part.map(0.5, is_turned).0.then(&Rotation::from_degrees(90 * quarter).unwrap().affine(page));
            let there = map.apply(Point { x: u, y: v });
            let back = inverse(&map).apply(there);
            prop_assert!((back.x - u).abs() < 0.05 && (back.y - v).abs() < 0.05, "{back:?}");
        }

        #[test]
        fn a_point_of_a_part_is_cut_from_where_it_stands(degrees in -30f32..30.0, is_down: bool, is_turned: bool) {
            // One dark square on a white page.
            let is_dark = |i: u32| (500..520).contains(&(i % 1000)) && (400..420).contains(&(i / 1000));
            let page = PageImage::new(1000, 800, 72, (0..1000 * 800).map(|i| if is_dark(i) { 0 } else { 255 }).collect());
            let run = if is_down { Run::Down } else { Run::Across };
            let mut part =
                Part { run, degrees, error: 0.5, letters: 20.0, bounds: Rect::default(), height: 10.0 };
            let (along, across) = part.axes();
            let (at_u, at_v) = (510.0 * along.x + 410.0 * along.y, 510.0 * across.x + 410.0 * across.y);
            part.bounds = Rect { x: at_u - 40.0, y: at_v - 30.0, width: 80.0, height: 60.0 };
            let (map, wide, high) = part.map(1.0, is_turned);
            let cut = cut(&page, &map, wide.ceil() as u32, high.ceil() as u32);
            let middle = cut.luma()[(cut.height() / 2 * cut.width() + cut.width() / 2) as usize];
            prop_assert_eq!(middle, 0);
            let ink = cut.luma().iter().filter(|&&p| p < 128).count();
            prop_assert!((340..460).contains(&ink), "{}", ink);
        }
    }
}
