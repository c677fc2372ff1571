//! Tells letters from dirt on a page with almost no text, where hairs, holes and staples are read as a letter or two.
//!
//! Engines are trained on pages of text, on which most letter-like marks are letters. On an empty page most are not.
//! Marks that cannot be print are removed; marks that may be either stay, but are marked as doubtful.

use recto_domain::{Block, Line, Rect, Rotation, Word};

use crate::letters::{Spot, spots};
use crate::page_image::PageImage;
use crate::read_page::ReadPage;
use crate::reduced::Reduced;

/// A page with more letters and digits is a page of text, or of print that shows through; its doubtful words already
/// have low confidences.
const SPARSE: f32 = 40.0;
/// A line is trusted from this many letters and digits that are probably right: dirt has one to three.
const BELIEVED: f32 = 4.0;
/// Confidences of doubtful words are reduced to this share, so that none is more likely right than wrong.
const DOUBTED: f32 = 0.3;
/// The height of the lowest letters, in points: capitals of 4-point type.
const LOWEST: f32 = 2.4;
/// A solid round spot with at least this height, in points, is a hole or a blot: 3 mm.
const HOLE: f32 = 8.5;
/// A stroke thinner than one part in this many of its letter may be a hair. Strokes are one in 5 to 9 in most fonts,
/// and one in 14 in light and typewriter fonts.
const THIN: f32 = 10.0;
/// Ink that differs less from its background, of 255, shows through from the back or is a stain.
const FAINT: u8 = 30;
/// Sheets are not printed closer to their edges than one part in this many of a side: 8 mm of A4.
const MARGIN: f32 = 25.0;
/// Staples are within one part in this many of both sides from a corner.
const CORNER: f32 = 10.0;

/// What the pixels of a word reveal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// They may well be print.
    Print,
    /// They may be print or dirt.
    Doubtful,
    /// They are not print.
    Dirt,
}

/// Whether a page has text, but hardly more than might be misread dirt.
pub(crate) fn is_sparse(read: &ReadPage) -> bool {
    let lines = || read.blocks.iter().flat_map(|block| &block.lines);
    lines().flat_map(|line| &line.words).map(letters).sum::<f32>() <= SPARSE && lines().any(is_stray)
}

/// A page with almost no text, without what looks like dirt. A word that may be dirt keeps its confidence only if all
/// of `others`, readings by two engines, agree with it. A word that looks like print loses confidence if one of them
/// disagrees.
pub(crate) fn without_dirt(read: ReadPage, image: &PageImage, others: &[ReadPage]) -> ReadPage {
    let turned;
    let page = if read.turn == Rotation::None {
        image
    } else {
        turned = image.turned(read.turn);
        &turned
    };
    let turn = read.turn;
    let said = |word: &Word| {
        let is_same = |other: &ReadPage| if other.turn == turn { agrees(other, word) } else { None };
        others.iter().map(is_same).collect::<Vec<Option<bool>>>()
    };
    let weighed = |mut word: Word| {
        let is_doubtful = match verdict(page, &word.bbox) {
            Verdict::Dirt => return None,
            Verdict::Doubtful => others.is_empty() || said(&word).iter().any(|&is_same| is_same != Some(true)),
            Verdict::Print => said(&word).contains(&Some(false)),
        };
        if is_doubtful {
            word.confidence *= DOUBTED;
        }
        Some(word)
    };
    let line = |line: Line| {
        if !is_stray(&line) {
            return Some(line);
        }
        if line.words.iter().all(|word| letters(word) == 0.0) {
            return None;
        }
        Line::of(line.angle, line.words.into_iter().filter_map(weighed).collect())
    };
    let block = |block: Block| Block::of(block.kind, block.lines.into_iter().filter_map(line).collect());
    ReadPage { blocks: read.blocks.into_iter().filter_map(block).collect(), turn, unread: None }
}

/// Whether a line has too few probably correct letters to be trusted on an empty page.
fn is_stray(line: &Line) -> bool {
    line.words.iter().map(|word| letters(word) * word.confidence.powi(2)).sum::<f32>() < BELIEVED
}

fn letters(word: &Word) -> f32 {
    word.text.chars().filter(|c| c.is_alphanumeric()).count() as f32
}

/// Whether a reading has the same letters and digits at the place of a word; `None` if it has nothing there.
fn agrees(other: &ReadPage, word: &Word) -> Option<bool> {
    let of = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let middle = word.bbox.center();
    let holds = |other: &&Word| {
        let bbox = &other.bbox;
        (bbox.x..=bbox.right()).contains(&middle.x) && (bbox.y..=bbox.bottom()).contains(&middle.y)
    };
    let words = other.blocks.iter().flat_map(|block| &block.lines).flat_map(|line| &line.words);
    words.into_iter().find(holds).map(|other| of(&other.text) == of(&word.text))
}

/// The verdict on a word from the pixels in and around its box, which is in points.
fn verdict(page: &PageImage, bbox: &Rect) -> Verdict {
    let Some(cut) = Cut::around(page, bbox) else { return Verdict::Doubtful };
    let points = page.scale();
    let letters: Vec<Spot> = cut.letters();
    let Some(highest) = letters.iter().map(Spot::height).max() else { return Verdict::Dirt };
    let is_solid = |spot: &Spot| {
        let (wide, high) = (spot.width(), spot.height());
        // A disc fills pi/4 of its bounding square.
        wide.abs_diff(high) * 7 <= wide.max(high) && spot.pixels * 100 >= wide * high * 70
    };
    if highest as f32 * points < LOWEST
        || letters.iter().any(|spot| is_solid(spot) && spot.height() as f32 * points >= HOLE)
    {
        return Verdict::Dirt;
    }
    let size = page.size();
    let middle = bbox.center();
    let from_side = middle.x.min(size.width - middle.x) / size.width;
    let from_top = middle.y.min(size.height - middle.y) / size.height;
    let is_aside = from_side.min(from_top) * MARGIN < 1.0 || from_side.max(from_top) * CORNER < 1.0;
    let is_thin = |spot: &Spot| {
        let long = spot.height().max(spot.width().min(2 * spot.height()));
        cut.stroke(spot) * THIN < long as f32
    };
    if is_aside || cut.contrast < FAINT || letters.iter().any(is_thin) { Verdict::Doubtful } else { Verdict::Print }
}

/// The part of a page around a word, as ink and background.
struct Cut {
    ink: Reduced,
    /// The difference between ink and background.
    contrast: u8,
    /// The box of the word in pixels of the cut: left, top, right, bottom.
    word: [usize; 4],
}

impl Cut {
    /// The margin around the word is its height; `None` when no part of the box lies on the page.
    fn around(page: &PageImage, bbox: &Rect) -> Option<Self> {
        let (w, h) = (page.width() as usize, page.height() as usize);
        let pixel = |points: f32, most: usize| ((points / page.scale()).max(0.0) as usize).min(most);
        let around = bbox.height;
        let (left, right) = (pixel(bbox.x - around, w), pixel(bbox.right() + around, w));
        let (top, bottom) = (pixel(bbox.y - around, h), pixel(bbox.bottom() + around, h));
        if left >= right || top >= bottom {
            return None;
        }
        let luma: Vec<u8> = (top..bottom).flat_map(|y| &page.luma()[y * w + left..y * w + right]).copied().collect();
        let mut levels = luma.clone();
        let middle = levels.len() / 2;
        let ground = *levels.select_nth_unstable(middle).1;
        // The darkest ink may be few pixels, and a thin stroke has no others.
        let mut differences: Vec<u8> = luma.iter().map(|p| p.abs_diff(ground)).collect();
        let most = differences.len() - 1 - differences.len() / 200;
        let contrast = *differences.select_nth_unstable(most).1;
        let least = (contrast / 2).max(1);
        let luma = luma.iter().map(|p| if p.abs_diff(ground) >= least { 0 } else { 255 }).collect();
        let word = [
            pixel(bbox.x, w).saturating_sub(left),
            pixel(bbox.y, h).saturating_sub(top),
            pixel(bbox.right(), w) - left,
            pixel(bbox.bottom(), h) - top,
        ];
        Some(Self { ink: Reduced { width: right - left, height: bottom - top, divisor: 1, luma }, contrast, word })
    }

    /// The spots in the box that are not specks and end near it: a spot that continues is a hair, a rule or the edge of
    /// a sheet.
    fn letters(&self) -> Vec<Spot> {
        let [left, top, right, bottom] = self.word;
        let (w, h) = (self.ink.width, self.ink.height);
        let mut found = spots(&self.ink, |p| p == 0);
        found.retain(|spot| {
            let (x, y) = (spot.left.midpoint(spot.right), spot.top.midpoint(spot.bottom));
            (left..=right).contains(&x) && (top..=bottom).contains(&y)
        });
        let largest = found.iter().map(|spot| spot.pixels).max().unwrap_or(0);
        let ends = |spot: &Spot| spot.left > 0 && spot.top > 0 && spot.right < w && spot.bottom < h;
        found.retain(|spot| spot.pixels * 5 >= largest && ends(spot));
        found
    }

    /// The stroke thickness of a spot, in pixels: its area divided by the number of its runs in rows or in columns.
    fn stroke(&self, spot: &Spot) -> f32 {
        let is_ink = |x: usize, y: usize| self.ink.luma[y * self.ink.width + x] == 0;
        let (mut rows, mut columns, mut area) = (0usize, 0usize, 0usize);
        for y in spot.top..spot.bottom {
            for x in (spot.left..spot.right).filter(|&x| is_ink(x, y)) {
                area += 1;
                rows += usize::from(x == spot.left || !is_ink(x - 1, y));
                columns += usize::from(y == spot.top || !is_ink(x, y - 1));
            }
        }
        area as f32 / rows.max(columns).max(1) as f32
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::BlockKind;

    use super::*;

    const DPI: u32 = 150;
    const WIDE: usize = 1240;
    const HIGH: usize = 1754;

    /// An A4 sheet at 150 dpi with ink where the function says so.
    fn sheet(is_ink: impl Fn(usize, usize) -> bool) -> PageImage {
        let luma = (0..WIDE * HIGH).map(|i| if is_ink(i % WIDE, i / WIDE) { 40 } else { 240 });
        PageImage::new(WIDE as u32, HIGH as u32, DPI, luma.collect())
    }

    /// A digit seven 20 pixels high with strokes of that thickness, with its top left corner at that point.
    fn seven(left: usize, top: usize, thick: usize) -> impl Fn(usize, usize) -> bool {
        move |x, y| {
            let (Some(x), Some(y)) = (x.checked_sub(left), y.checked_sub(top)) else { return false };
            x < 14 && y < 20 && (y < thick || (14 - thick..14).contains(&(x + y / 2)))
        }
    }

    /// The box around those pixels, in points.
    fn around(left: usize, top: usize, wide: usize, high: usize) -> Rect {
        let points = |pixels: usize| pixels as f32 * 72.0 / DPI as f32;
        Rect { x: points(left), y: points(top), width: points(wide), height: points(high) }
    }

    fn page(words: &[(&str, f32, Rect)]) -> ReadPage {
        let block = |&(text, confidence, bbox): &(&str, f32, Rect)| {
            let word = Word { text: text.to_owned(), bbox, confidence };
            Block::of(BlockKind::Paragraph, vec![Line::of(0.0, vec![word])?])
        };
        ReadPage { blocks: words.iter().filter_map(block).collect(), ..ReadPage::default() }
    }

    fn confidences(page: &ReadPage) -> Vec<f32> {
        page.blocks.iter().flat_map(|block| &block.lines).flat_map(|line| &line.words).map(|w| w.confidence).collect()
    }

    #[test]
    fn a_page_number_stays_as_it_is() {
        for (left, top) in [(600, 800), (610, 1640), (1100, 110)] {
            let bbox = around(left, top, 14, 20);
            assert_eq!(verdict(&sheet(seven(left, top, 3)), &bbox), Verdict::Print, "{left}, {top}");
        }
        let read = page(&[("7", 0.9, around(600, 800, 14, 20))]);
        assert_eq!(confidences(&without_dirt(read, &sheet(seven(600, 800, 3)), &[])), [0.9]);
    }

    #[test]
    fn holes_borders_and_specks_are_no_letters() {
        let disc = |x: usize, y: usize| x.abs_diff(80).pow(2) + y.abs_diff(640).pow(2) < 18 * 18;
        assert_eq!(verdict(&sheet(disc), &around(62, 622, 37, 37)), Verdict::Dirt);
        assert_eq!(verdict(&sheet(|x, _| x < 12), &around(0, 300, 14, 30)), Verdict::Dirt);
        let speck = |x: usize, y: usize| x.abs_diff(600) < 2 && y.abs_diff(800) < 2;
        assert_eq!(verdict(&sheet(speck), &around(596, 796, 9, 9)), Verdict::Dirt);
        assert_eq!(verdict(&sheet(|_, _| false), &around(596, 796, 9, 9)), Verdict::Dirt);
    }

    #[test]
    fn what_may_be_a_hair_is_believed_when_two_engines_read_the_same() {
        let (hair, bbox) = (sheet(seven(600, 800, 1)), around(600, 800, 14, 20));
        assert_eq!(verdict(&hair, &bbox), Verdict::Doubtful);
        let read = |text| page(&[(text, 0.9, bbox)]);
        let left = |others: &[ReadPage]| confidences(&without_dirt(read("7"), &hair, others))[0];
        assert_eq!(left(&[read("7"), read("7")]), 0.9);
        for others in [&[][..], &[read("7"), page(&[])], &[read("7"), read("Y")]] {
            assert!(left(others) < 0.3);
        }
    }

    #[test]
    fn what_looks_like_print_is_doubted_where_engines_differ() {
        let (print, bbox) = (sheet(seven(600, 800, 3)), around(600, 800, 14, 20));
        let read = |text| page(&[(text, 0.9, bbox)]);
        let left = |others: &[ReadPage]| confidences(&without_dirt(read("7"), &print, others))[0];
        assert_eq!(left(&[read("7"), page(&[])]), 0.9);
        assert!(left(&[read("7"), read("1")]) < 0.3);
    }

    #[test]
    fn pages_of_text_and_lines_that_are_believed_are_left_alone() {
        let text = ("enough", 0.95, around(600, 800, 60, 20));
        let stray = ("K", 0.9, around(200, 300, 20, 20));
        assert!(is_sparse(&page(&[text, stray])) && !is_sparse(&page(&[text])));
        assert!(!is_sparse(&page(&[text, text, text, text, text, text, text, stray])));
        let nothing_there = sheet(|_, _| false);
        assert_eq!(confidences(&without_dirt(page(&[text, stray]), &nothing_there, &[])), [0.95]);
    }
}
