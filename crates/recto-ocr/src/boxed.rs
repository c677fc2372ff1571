//! Forms with a box for each letter: what stands in a row of boxes is one word.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use recto_domain::{Block, Line, Rect, Rotation, Word};

use crate::page_image::PageImage;
use crate::read_page::ReadPage;

/// The middles of boxes side by side are so many heights of a letter apart. Columns of a table are further.
const PITCH: RangeInclusive<f32> = 0.8..=3.0;
/// A letter may stand off the middle of its box by this share of the distance.
const OFF: f32 = 0.25;
/// A row of boxes has so many letters, at least.
const LEAST: usize = 3;
/// A letter is so many of its heights wide, on average.
const WIDTH: f32 = 0.6;
/// The side of a box is darker than this share of the paper,
const SIDE: f32 = 0.85;
/// and so many heights of a letter long. The teeth of a comb are shorter than the sides of boxes.
const TOOTH: f32 = 0.35;

/// Joins letters that stand in boxes side by side, or over the teeth of a comb, to the words that they are.
///
/// An empty box ends a word. The side of a box must be seen between every two letters, and they must stand evenly: letters
/// in the columns of a table stay apart.
#[must_use]
pub fn boxed_letters_joined(image: &PageImage, mut read: ReadPage) -> ReadPage {
    if !read.blocks.iter().flat_map(|block| &block.lines).any(has_loose_letters) {
        return read;
    }
    let image = match read.turn {
        Rotation::None => Cow::Borrowed(image),
        turn => Cow::Owned(image.turned(turn)),
    };
    let joined = |line: Line| if has_loose_letters(&line) { joined(&image, line) } else { Some(line) };
    let block = |block: Block| Block::of(block.kind, block.lines.into_iter().filter_map(joined).collect());
    read.blocks = read.blocks.into_iter().filter_map(block).collect();
    read
}

/// Whether some words beside each other are single letters: most lines are passed by so.
fn has_loose_letters(line: &Line) -> bool {
    let single = |word: &Word| word.text.chars().count() == 1;
    line.words.windows(2).any(|pair| single(&pair[0]) && single(&pair[1]))
}

/// A letter of a word, and where it stands on its line, in points.
#[derive(Debug, Clone, Copy)]
struct Letter {
    word: usize,
    left: f32,
    right: f32,
}

impl Letter {
    fn middle(&self) -> f32 {
        f32::midpoint(self.left, self.right)
    }
}

/// The line with the words that stand in boxes joined.
fn joined(image: &PageImage, line: Line) -> Option<Line> {
    let height = median(line.words.iter().map(|word| word.bbox.height));
    let letters: Vec<Letter> = line.words.iter().enumerate().flat_map(|(i, word)| letters(i, word, height)).collect();
    let beside = |pair: &[Letter]| PITCH.contains(&((pair[1].middle() - pair[0].middle()) / height));
    let is_boxed = |pair: &[Letter]| {
        let (a, b) = (&line.words[pair[0].word], &line.words[pair[1].word]);
        // What is one word already needs no more than to stand evenly.
        beside(pair) && (pair[0].word == pair[1].word || has_side(image, a, b, (pair[0].right, pair[1].left), height))
    };
    // Whether a word is one with the next.
    let mut goes_on = vec![false; line.words.len()];
    let mut from = 0;
    while from < letters.len() {
        let row = 1 + letters[from..].windows(2).take_while(|pair| is_boxed(pair)).count();
        for pair in side_by_side(&letters[from..from + row]).filter(|pair| pair[0].word != pair[1].word) {
            goes_on[pair[0].word] = true;
        }
        from += row;
    }
    let mut words: Vec<Word> = Vec::new();
    let mut is_open = false;
    for (word, goes_on) in line.words.into_iter().zip(goes_on) {
        match words.last_mut() {
            Some(last) if is_open => {
                last.text.push_str(&word.text);
                last.bbox = last.bbox.union(&word.bbox);
                // The word is right when every letter is.
                last.confidence *= word.confidence;
            }
            _ => words.push(word),
        }
        is_open = goes_on;
    }
    Line::of(line.angle, words)
}

/// The letters of a word, which stand evenly in it.
fn letters(index: usize, word: &Word, height: f32) -> impl Iterator<Item = Letter> {
    let count = word.text.chars().count();
    let Rect { x, width, .. } = word.bbox;
    let letter = if count == 1 { width } else { (WIDTH * height).min(width / count as f32) };
    let step = if count == 1 { 0.0 } else { (width - letter) / (count - 1) as f32 };
    (0..count).map(move |i| {
        let left = x + i as f32 * step;
        Letter { word: index, left, right: left + letter }
    })
}

/// The pairs of letters in a row of boxes that stand in boxes side by side; none when the letters do not stand evenly, or
/// are too few.
fn side_by_side(row: &[Letter]) -> impl Iterator<Item = &[Letter]> {
    let distance = |pair: &[Letter]| pair[1].middle() - pair[0].middle();
    let least = row.windows(2).map(distance).fold(f32::INFINITY, f32::min);
    let usual = median(row.windows(2).map(distance).filter(|distance| *distance < 1.5 * least));
    let is_even = row.windows(2).all(|pair| {
        let boxes = distance(pair) / usual;
        (boxes - boxes.round()).abs() <= OFF
    });
    let enough = row.len() >= LEAST && is_even;
    row.windows(2).filter(move |pair| enough && distance(pair) < 1.5 * usual)
}

/// Whether the side of a box stands between two letters of a line, which end and begin at those places.
fn has_side(image: &PageImage, a: &Word, b: &Word, (from, to): (f32, f32), height: f32) -> bool {
    let pixels = |points: f32| (points / image.scale()).max(0.0) as usize;
    let (width, rows) = (image.width() as usize, image.height() as usize);
    let middle = f32::midpoint(a.bbox.y + a.bbox.height / 2.0, b.bbox.y + b.bbox.height / 2.0);
    let (left, right) = (pixels(from).min(width), pixels(to).saturating_add(1).min(width));
    let (top, bottom) = (pixels(middle - height).min(rows), pixels(middle + height).min(rows));
    if left >= right || top >= bottom {
        return false;
    }
    let row = |y: usize| &image.luma()[y * width + left..y * width + right];
    let paper = median((top..bottom).flat_map(row).map(|&p| f32::from(p)));
    let is_dark = |x: usize, y: usize| f32::from(image.luma()[y * width + x]) < SIDE * paper;
    let enough = pixels(TOOTH * height).max(3);
    (left..right).any(|x| {
        // On a page that is not quite level, a side goes on in the column beside.
        let around = x.saturating_sub(1).max(left)..=(x + 1).min(right - 1);
        let mut run = 0;
        (top..bottom).any(|y| {
            run = if around.clone().any(|x| is_dark(x, y)) { run + 1 } else { 0 };
            run >= enough
        })
    })
}

/// The middle one of some numbers; 0 without any.
fn median(numbers: impl Iterator<Item = f32>) -> f32 {
    let mut numbers: Vec<f32> = numbers.collect();
    if numbers.is_empty() {
        return 0.0;
    }
    let middle = numbers.len() / 2;
    *numbers.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use recto_domain::BlockKind;

    use super::*;

    const SIZE: (u32, u32) = (900, 100);

    /// A picture at 72 dots per inch with rules at those places, from 20 down to 60, and the words over it, of letters 20
    /// high and 12 wide that stand between 30 and 50.
    fn read(rules: &[u32], teeth: bool, words: &[(&str, f32, f32)]) -> Vec<String> {
        let top = if teeth { 48 } else { 20 };
        let is_rule = |x: u32, y: u32| rules.contains(&x) && (top..60).contains(&y);
        let is_ink = |x: u32, y: u32| {
            let within = |&(_, left, right): &(&str, f32, f32)| (left..right).contains(&(x as f32));
            (30..50).contains(&y) && words.iter().any(within) && x % 3 == 0
        };
        let level = |i: u32| {
            let (x, y) = (i % SIZE.0, i / SIZE.0);
            if is_rule(x, y) || is_ink(x, y) { 60 } else { 240 }
        };
        let image = PageImage::new(SIZE.0, SIZE.1, 72, (0..SIZE.0 * SIZE.1).map(level).collect());
        let word = |&(text, left, right): &(&str, f32, f32)| Word {
            text: text.to_owned(),
            bbox: Rect { x: left, y: 30.0, width: right - left, height: 20.0 },
            confidence: 0.9,
        };
        let line = Line::of(0.0, words.iter().map(word).collect());
        let blocks = Block::of(BlockKind::Paragraph, line.into_iter().collect()).into_iter().collect();
        let read = boxed_letters_joined(&image, ReadPage { blocks, turn: Rotation::None });
        read.blocks[0].lines[0].words.iter().map(|word| word.text.clone()).collect()
    }

    /// Letters in boxes of that width from a place on; a dot is an empty box.
    fn boxes(from: u32, width: u32, letters: &str) -> (Vec<u32>, Vec<(String, f32, f32)>) {
        let rules = (0..=letters.len() as u32).map(|i| from + i * width).collect();
        let place = |i: usize| (from + i as u32 * width) as f32 + width as f32 / 2.0;
        let word = |(i, c): (usize, char)| (c != '.').then(|| (c.to_string(), place(i) - 6.0, place(i) + 6.0));
        (rules, letters.chars().enumerate().filter_map(word).collect())
    }

    fn read_boxes(from: u32, width: u32, letters: &str, teeth: bool) -> Vec<String> {
        let (rules, words) = boxes(from, width, letters);
        let words: Vec<(&str, f32, f32)> = words.iter().map(|(text, a, b)| (text.as_str(), *a, *b)).collect();
        read(&rules, teeth, &words)
    }

    #[test]
    fn letters_in_boxes_are_words_and_an_empty_box_ends_one() {
        assert_eq!(read_boxes(20, 32, "MARTIN", false), ["MARTIN"]);
        assert_eq!(read_boxes(20, 32, "ANNA.LEE.", false), ["ANNA", "LEE"]);
        assert_eq!(read_boxes(20, 26, "ANNA.LEE.", false), ["ANNA", "LEE"]);
        assert_eq!(read_boxes(20, 26, "A.LEE.B", false), ["A", "LEE", "B"]);
        assert_eq!(read_boxes(20, 32, "DE4702", true), ["DE4702"]);
    }

    #[test]
    fn what_was_read_together_stays_so_and_a_label_stays_a_word() {
        let (rules, _) = boxes(200, 32, "471012");
        let words = [("Account", 20.0, 120.0), ("4", 210.0, 222.0), ("7", 242.0, 254.0), ("1012", 274.0, 382.0)];
        assert_eq!(read(&rules, false, &words), ["Account", "471012"]);
    }

    #[test]
    fn letters_without_boxes_and_in_columns_stay_apart() {
        let (_, words) = boxes(20, 32, "MTWTF");
        let words: Vec<(&str, f32, f32)> = words.iter().map(|(text, a, b)| (text.as_str(), *a, *b)).collect();
        assert_eq!(read(&[], false, &words), ["M", "T", "W", "T", "F"], "nothing between them");
        assert_eq!(read_boxes(20, 80, "12345", false), ["1", "2", "3", "4", "5"], "columns of a table");
    }

    proptest! {
        #[test]
        fn no_letter_is_lost(from in 10u32..100, width in 18u32..70, letters in "[A-Z.]{2,9}", teeth: bool) {
            let read = read_boxes_or_none(from, width, &letters, teeth);
            prop_assert_eq!(read.concat(), letters.replace('.', ""));
        }
    }

    fn read_boxes_or_none(from: u32, width: u32, letters: &str, teeth: bool) -> Vec<String> {
        if letters.chars().all(|c| c == '.') { Vec::new() } else { read_boxes(from, width, letters, teeth) }
    }
}
