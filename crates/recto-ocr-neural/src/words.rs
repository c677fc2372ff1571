//! Groups the characters of a line into words with their positions on the page.

use recto_domain::{Rect, Word};
use unicode_normalization::UnicodeNormalization as _;

use crate::ctc::Character;
use crate::cut::{HEIGHT, LineImage};
use crate::line_reader::Reading;
use crate::region::Region;

/// The rows at the edge of a line's picture that may hold ink of the lines above and below.
const MARGIN: usize = 3;
/// The weights of a logistic regression for a blank between two characters. There is a blank when the sum of the terms
/// is above 0. It was fitted on 41,000 pairs of 92 receipts and 8 dense pages, of which 0.7 % come out wrong.
mod blank {
    /// The constant term.
    pub(super) const BASE: f32 = -1.436;
    /// The weight of the log odds of a blank, which are limited to at least [`LEAST_ODDS`].
    pub(super) const ODDS: f32 = 0.711;
    pub(super) const LEAST_ODDS: f32 = -12.0;
    /// The weight of the number of columns without ink between the two, which is limited to at most [`MOST_COLUMNS`].
    pub(super) const COLUMNS: f32 = 0.115;
    pub(super) const MOST_COLUMNS: f32 = 40.0;
    /// The weight of that number divided by the usual number on the line. The usual number is at least [`LEAST_USUAL`],
    /// and the quotient at most [`MOST_TIMES`].
    pub(super) const TIMES: f32 = 0.415;
    pub(super) const MOST_TIMES: f32 = 8.0;
    pub(super) const LEAST_USUAL: f32 = 2.0;
    /// Added when the recogniser read a blank.
    pub(super) const READ: f32 = 2.247;
}

/// A line that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadLine {
    /// The position of the line, in pixels of the page.
    pub region: Region,
    /// The words from left to right, with boxes in points.
    pub words: Vec<Word>,
}

impl ReadLine {
    /// The words of a line. `scale` is in points per pixel of the page.
    pub(crate) fn of(line: &LineImage, reading: &Reading, scale: f32) -> Self {
        let ink = Ink::of(line);
        let column = |place: f32| (place / reading.places.max(1) as f32 * line.width as f32) as usize;
        let middle = |c: &Character| column((c.from + c.to) as f32 / 2.0);
        let letters: Vec<(usize, &Character)> =
            reading.characters.iter().enumerate().filter(|(_, c)| c.letter != ' ').collect();
        let gaps: Vec<Gap> =
            letters.windows(2).map(|pair| ink.widest_gap(middle(pair[0].1), middle(pair[1].1))).collect();
        let usual = usual_width(&gaps);
        let pitch = Pitch::of(&letters, &gaps, &ink);
        let mut words = Vec::new();
        let mut open: Vec<&Character> = Vec::new();
        let mut start = 0;
        for (i, &(at, c)) in letters.iter().enumerate() {
            if let Some(before) = i.checked_sub(1)
                // All characters skipped between the two are blanks.
                && parts_words(gaps[before], usual, c.blank, letters[before].0 + 1 < at)
                && !pitch.holds_together(before)
            {
                words.extend(word(line, &ink, &open, (start, gaps[before].middle), scale));
                open.clear();
                start = gaps[before].middle;
            }
            open.push(c);
        }
        words.extend(word(line, &ink, &open, (start, line.width), scale));
        Self { region: line.region, words }
    }
}

/// Whether two characters belong to different words. It depends on the gap between them, on the usual gap of the line,
/// on the log odds of a blank, and on whether a blank was read.
fn parts_words(gap: Gap, usual: f32, odds: f32, is_read: bool) -> bool {
    let odds = if is_read { 0.0 } else { odds.max(blank::LEAST_ODDS) };
    let columns = (gap.width as f32).min(blank::MOST_COLUMNS);
    let times = (columns / usual.max(blank::LEAST_USUAL)).min(blank::MOST_TIMES);
    let read = if is_read { blank::READ } else { 0.0 };
    blank::BASE + blank::ODDS * odds + blank::COLUMNS * columns + blank::TIMES * times + read > 0.0
}

/// The middles of the characters of a line.
///
/// In monospaced letters, as on screens and typewriters, a thin character has as much room as a digit. So there seems
/// to be a blank before or after the comma of `4,375`.
struct Pitch {
    letters: Vec<char>,
    /// The middles of the ink of digits, full stops and commas, in columns; `None` for other characters.
    middles: Vec<Option<f32>>,
    /// The median distance from one digit to the next, in columns; 0 when no two digits are adjacent.
    of_figures: f32,
}

impl Pitch {
    /// The least distance, as a part of the pitch, between a digit and a sign in monospaced letters. In other letters
    /// they are closer.
    const APART: f32 = 0.85;
    /// The greatest distance, as a part of the pitch, of characters without a blank between them.
    const TOGETHER: f32 = 1.4;
    /// The number of digits in a group between commas.
    const GROUP: usize = 3;

    fn of(letters: &[(usize, &Character)], gaps: &[Gap], ink: &Ink) -> Self {
        let letters: Vec<char> = letters.iter().map(|(_, character)| character.letter).collect();
        let middle = |i: usize| {
            let start = i.checked_sub(1).map_or(0, |before| gaps[before].middle);
            let end = gaps.get(i).map_or(ink.width, |gap| gap.middle);
            let (columns, _) = ink.within((start, end));
            (columns.0 + columns.1) as f32 / 2.0
        };
        let counts = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.');
        let middles: Vec<Option<f32>> =
            letters.iter().enumerate().map(|(i, letter)| counts(*letter).then(|| middle(i))).collect();
        let is_figure = |i: usize| letters[i].is_ascii_digit();
        let steps = (1..letters.len()).filter(|i| is_figure(i - 1) && is_figure(*i));
        let mut steps: Vec<f32> = steps.filter_map(|i| Some(middles[i]? - middles[i - 1]?)).collect();
        steps.sort_by(f32::total_cmp);
        let of_figures = steps.get(steps.len() / 2).copied().unwrap_or_default();
        Self { letters, middles, of_figures }
    }

    /// Whether a character and the next belong to one number in monospaced letters: one of them is a sign of the
    /// number, and the gap is too small for a blank.
    fn holds_together(&self, first: usize) -> bool {
        let sign = [first, first + 1].into_iter().find(|at| self.is_sign(*at));
        self.is_close(first) && sign.is_some_and(|sign| self.is_of_one_pitch(sign) && self.parts_a_number(sign))
    }

    /// The distance from a character to the next, as a part of the pitch.
    fn way(&self, first: usize) -> Option<f32> {
        let way = self.middles.get(first + 1).copied()?? - self.middles[first]?;
        (self.of_figures > 0.0).then(|| way / self.of_figures)
    }

    /// Whether there is no blank between a character and the next.
    fn is_close(&self, first: usize) -> bool {
        self.way(first).is_some_and(|way| way <= Self::TOGETHER)
    }

    fn is_figure(&self, at: usize) -> bool {
        self.letters.get(at).is_some_and(char::is_ascii_digit)
    }

    /// Whether a character is a full stop or a comma between two digits.
    fn is_sign(&self, at: usize) -> bool {
        at > 0 && matches!(self.letters.get(at), Some(',' | '.')) && self.is_figure(at - 1) && self.is_figure(at + 1)
    }

    fn is_of_one_pitch(&self, sign: usize) -> bool {
        [sign - 1, sign].into_iter().all(|first| self.way(first).is_some_and(|way| way >= Self::APART))
    }

    /// Whether the sign is at a possible position in a number: `2019, 375` is two numbers.
    fn parts_a_number(&self, sign: usize) -> bool {
        let before = (0..sign).rev().take_while(|at| self.is_figure(*at) && (at + 1 == sign || self.is_close(*at)));
        let after = (sign + 1..self.letters.len())
            .take_while(|at| self.is_figure(*at) && (*at == sign + 1 || self.is_close(at - 1)));
        let (before, after) = (before.count(), after.count());
        self.letters[sign] == '.' || after < Self::GROUP || (before <= Self::GROUP && after == Self::GROUP)
    }
}

/// The word made of some characters between two columns.
fn word(line: &LineImage, ink: &Ink, characters: &[&Character], columns: (usize, usize), scale: f32) -> Option<Word> {
    if characters.is_empty() {
        return None;
    }
    let text: String = characters.iter().map(|c| c.letter).nfc().collect();
    // A word is right when all its characters are.
    let confidence = characters.iter().map(|c| c.likelihood).product();
    let (columns, rows) = ink.within(columns);
    let (dx, dy) = (line.region.length / line.width as f32, line.region.thickness / HEIGHT as f32);
    let part = |(from, to): (usize, usize), step: f32| (from as f32 * step, to as f32 * step);
    let pixels = line.region.part(part(columns, dx), part(rows, dy));
    let bbox =
        Rect { x: pixels.x * scale, y: pixels.y * scale, width: pixels.width * scale, height: pixels.height * scale };
    Some(Word { text, bbox, confidence })
}

fn usual_width(gaps: &[Gap]) -> f32 {
    let mut widths: Vec<usize> = gaps.iter().map(|gap| gap.width).collect();
    if widths.is_empty() {
        return 0.0;
    }
    let middle = widths.len() / 2;
    *widths.select_nth_unstable(middle).1 as f32
}

/// A gap: columns without ink.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gap {
    middle: usize,
    width: usize,
}

/// The ink in the picture of a line.
struct Ink {
    width: usize,
    /// Whether a pixel is ink.
    pixels: Vec<bool>,
    /// The number of ink pixels in each column.
    columns: Vec<u8>,
}

impl Ink {
    fn of(line: &LineImage) -> Self {
        let threshold = threshold(&line.luma);
        let dark = line.luma.iter().filter(|&&p| p <= threshold).count();
        // The ink is the rarer of the two levels.
        let is_dark = dark * 2 <= line.luma.len();
        let pixels: Vec<bool> = line.luma.iter().map(|&p| (p <= threshold) == is_dark).collect();
        let mut columns = vec![0u8; line.width];
        for row in pixels.chunks_exact(line.width).skip(MARGIN).take(HEIGHT - 2 * MARGIN) {
            for (count, &ink) in columns.iter_mut().zip(row) {
                *count += u8::from(ink);
            }
        }
        Self { width: line.width, pixels, columns }
    }

    /// The widest run of columns without ink between two columns. If there is none, it is an empty gap in the middle.
    fn widest_gap(&self, from: usize, to: usize) -> Gap {
        let to = to.min(self.width);
        let mut widest = Gap { middle: usize::midpoint(from, to), width: 0 };
        let mut start = from;
        for x in from..to {
            if self.columns[x] > 0 {
                start = x + 1;
            } else if x + 1 - start > widest.width {
                widest = Gap { middle: usize::midpoint(start, x + 1), width: x + 1 - start };
            }
        }
        widest
    }

    /// The columns and rows of the bounding box of the ink between two columns; the whole area when there is no ink.
    fn within(&self, (from, to): (usize, usize)) -> ((usize, usize), (usize, usize)) {
        let (from, to) = (from.min(self.width - 1), to.clamp(1, self.width));
        let has_ink = |x: &usize| self.columns[*x] > 0;
        let (Some(left), Some(right)) = ((from..to).find(has_ink), (from..to).rev().find(has_ink)) else {
            return ((from, to.max(from + 1)), (0, HEIGHT));
        };
        let has_ink = |y: &usize| self.pixels[y * self.width + left..=y * self.width + right].contains(&true);
        let rows = MARGIN..HEIGHT - MARGIN;
        let (top, bottom) = (rows.clone().find(has_ink), rows.rev().find(has_ink));
        ((left, right + 1), (top.unwrap_or(0), bottom.map_or(HEIGHT, |y| y + 1)))
    }
}

/// The level halfway between the means of the two classes that it separates (T. Ridler and S. Calvard, 1978).
fn threshold(luma: &[u8]) -> u8 {
    let mut counts = [0u32; 256];
    for &p in luma {
        counts[usize::from(p)] += 1;
    }
    let mean = |levels: std::ops::Range<usize>| {
        let all: u32 = counts[levels.clone()].iter().sum();
        let sum: u64 = levels.map(|level| level as u64 * u64::from(counts[level])).sum();
        (all > 0).then(|| sum as f32 / all as f32)
    };
    let mut threshold = mean(0..256).unwrap_or(127.0) as usize;
    for _ in 0..8 {
        let (Some(dark), Some(light)) = (mean(0..threshold + 1), mean(threshold + 1..256)) else { break };
        let next = f32::midpoint(dark, light) as usize;
        if next == threshold {
            break;
        }
        threshold = next;
    }
    threshold.min(254) as u8
}

#[cfg(test)]
mod tests {
    use recto_domain::Point;

    use super::*;

    /// A line of 160 pixels with bars of ink, and the text read on it, with one character for every ten columns.
    fn read(text: &str, bars: &[(usize, usize)]) -> Vec<(String, Rect)> {
        let region =
            Region { center: Point { x: 80.0, y: 24.0 }, length: 160.0, thickness: 48.0, angle: 0.0, score: 1.0 };
        let is_ink = |i: usize| (10..40).contains(&(i / 160)) && bars.iter().any(|&(a, b)| (a..b).contains(&(i % 160)));
        let line = LineImage {
            region,
            width: 160,
            luma: (0..160 * HEIGHT).map(|i| if is_ink(i) { 20 } else { 230 }).collect(),
        };
        let characters = text.chars().enumerate().filter(|&(_, c)| c != '-');
        let characters = characters.map(|(i, character)| Character {
            letter: character,
            likelihood: 0.9,
            blank: -3.0,
            from: i,
            to: i + 1,
        });
        let reading = Reading { characters: characters.collect(), places: 16 };
        ReadLine::of(&line, &reading, 1.0).words.into_iter().map(|w| (w.text, w.bbox)).collect()
    }

    #[test]
    fn words_end_at_blanks_and_their_boxes_are_around_their_ink() {
        let words = read("-ab-- -cd-------", &[(12, 18), (22, 28), (72, 78), (82, 90)]);
        let expected = [
            ("ab".to_owned(), Rect { x: 12.0, y: 10.0, width: 16.0, height: 30.0 }),
            ("cd".to_owned(), Rect { x: 72.0, y: 10.0, width: 18.0, height: 30.0 }),
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn a_gap_that_is_wide_for_the_line_parts_words() {
        let texts: Vec<String> = read("-abc--de--------", &[(12, 18), (22, 28), (32, 38), (72, 78), (82, 90)])
            .into_iter()
            .map(|w| w.0)
            .collect();
        assert_eq!(texts, ["abc", "de"]);
        let spaced: Vec<String> = read("-a-b-c-d-e------", &[(12, 16), (32, 36), (52, 56), (72, 76), (92, 96)])
            .into_iter()
            .map(|w| w.0)
            .collect();
        assert_eq!(spaced, ["abcde"]);
    }

    #[test]
    fn signs_of_a_number_have_as_much_room_as_figures_where_letters_are_of_one_pitch() {
        let texts = |text: &str, bars: &[(usize, usize)]| -> Vec<String> {
            read(text, bars).into_iter().map(|word| word.0).collect()
        };
        let figures = [(2, 28), (32, 58)];
        let with = |rest: &[(usize, usize)]| [&figures[..], rest].concat();
        assert_eq!(texts("-1--2- ,--3--4--", &with(&[(74, 76), (92, 118), (122, 148)])), ["12,34"]);
        assert_eq!(texts("-1--2--, -3--4--", &with(&[(74, 76), (92, 118), (122, 148)])), ["12,34"]);
        // A real blank takes a whole pitch of its own.
        assert_eq!(texts("-1--2--,-- --3--", &with(&[(74, 76), (122, 148)])), ["12,", "3"]);
        // In proportional letters, a comma is close behind its digit, and a wide gap is a blank.
        assert_eq!(texts("-1--2-, --3--4--", &with(&[(63, 66), (92, 118), (122, 148)])), ["12,", "34"]);
    }

    #[test]
    fn a_word_is_as_likely_as_all_its_characters_together() {
        let region = Region { center: Point::default(), length: 16.0, thickness: 48.0, angle: 0.0, score: 1.0 };
        let line = LineImage { region, width: 16, luma: vec![255; 16 * HEIGHT] };
        let c = |from| Character { letter: 'x', likelihood: 0.5, blank: -9.0, from, to: from + 1 };
        let reading = Reading { characters: vec![c(0), c(1)], places: 2 };
        assert_eq!(ReadLine::of(&line, &reading, 1.0).words[0].confidence, 0.25);
    }
}
