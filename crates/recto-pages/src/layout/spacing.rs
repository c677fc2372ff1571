//! Finds the ends of words in a run of characters on one line.
//!
//! A space character ends a word. Without spaces, gaps decide, relative to the line: in a tightly set line a small gap
//! ends a word, in a letter-spaced line even a larger gap does not.

use super::bidi::is_right_to_left;
use super::word::Glyph;

/// A gap of this share of the type size ends a word in any line.
const WORD_GAP: f32 = 0.3;
/// A gap below this share of the type size is ignored, even if PDFium reports it.
const NO_GAP: f32 = 0.05;
/// Letters with at least this much space on both sides, as a share of the type size, are letter-spaced.
const SPACED: f32 = 0.07;
/// The fewest letters of a letter-spaced word, …
const MIN_SPACED: usize = 3;
/// … and the fewest if they are separated only by typed spaces.
const MIN_TYPED: usize = 4;
/// The largest gap between letter-spaced letters, as a share of the type size, …
const MAX_LETTER_GAP: f32 = 1.2;
/// … and the tolerance within which the gaps are equal, as a share of the type size or of themselves.
const EVEN: f32 = 0.06;
const EVEN_SHARE: f32 = 0.3;
/// A gap between letter-spaced words exceeds those between their letters by at least this share of the type size.
const WIDER: f32 = 0.12;
const WIDER_SHARE: f32 = 0.25;
/// In a line without spaces: the least gap between words, and the least difference from the gaps within words.
const MIN_NARROW: f32 = 0.08;
const NARROW_STEP: f32 = 0.06;
/// In a line with spaces, a gap of at least this share of their width ends a word.
const NEAR_SPACE: f32 = 0.6;
/// The fewest gaps for distinguishing two kinds.
const MIN_GAPS: usize = 4;

/// The separator of two characters of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Between {
    Nothing,
    /// PDFium reports a gap.
    Gap,
    /// A space character.
    Space,
}

/// Consecutive characters of one line.
#[derive(Debug, Default)]
pub(super) struct Run<'a> {
    pub(super) glyphs: Vec<&'a Glyph>,
    /// The separator before each character but the first.
    pub(super) between: Vec<Between>,
}

impl Run<'_> {
    /// Whether a word ends before each character but the first.
    pub(super) fn word_ends(&self) -> Vec<bool> {
        let gaps: Vec<f32> = self.glyphs.windows(2).map(|pair| gap(pair[0], pair[1])).collect();
        let mut ends: Vec<bool> = self
            .between
            .iter()
            .zip(&gaps)
            .map(|(between, gap)| match between {
                Between::Space => true,
                Between::Gap => !(-NO_GAP..NO_GAP).contains(gap),
                Between::Nothing => *gap > WORD_GAP,
            })
            .collect();
        let mut spaced = vec![false; gaps.len()];
        for part in self.spaced_parts(&gaps) {
            if let Some(part_ends) = self.ends_of_spaced_words(part.clone(), &gaps) {
                ends[part.clone()].copy_from_slice(&part_ends);
                spaced[part].fill(true);
            }
        }
        self.end_at_narrow_gaps(&gaps, &spaced, &mut ends);
        ends
    }

    /// Ranges of gaps between characters with space on both sides.
    fn spaced_parts(&self, gaps: &[f32]) -> Vec<std::ops::Range<usize>> {
        let wide = |i: usize| gaps.get(i).is_none_or(|&gap| gap >= SPACED);
        // The first and the last character count as having space on their outer side.
        let isolated = |glyph: usize| (glyph == 0 || wide(glyph - 1)) && wide(glyph);
        let mut parts = Vec::new();
        let mut start = 0;
        while start < self.glyphs.len() {
            let end = (start..self.glyphs.len()).find(|&i| !isolated(i)).unwrap_or(self.glyphs.len());
            if end >= start + MIN_SPACED {
                parts.push(start..end - 1);
            }
            start = end + 1;
        }
        parts
    }

    /// The ends of words among letter-spaced characters; `None` when they are words of one letter each.
    fn ends_of_spaced_words(&self, part: std::ops::Range<usize>, gaps: &[f32]) -> Option<Vec<bool>> {
        let glyphs = &self.glyphs[part.start..=part.end];
        let between = &self.between[part.clone()];
        let gaps = &gaps[part];
        let letters = glyphs.iter().filter(|g| g.text.is_alphanumeric()).count();
        let numbers = glyphs.iter().filter(|g| g.text.is_numeric()).count();
        let typed = between.iter().filter(|b| **b == Between::Space).count() * 2 > between.len();
        let in_one_object = glyphs.windows(2).all(|pair| pair[0].object == pair[1].object);
        // Adjacent digits are more often the cells of a table.
        if letters * 10 < glyphs.len() * 7 || numbers > 0 && (!in_one_object || typed) {
            return None;
        }
        let mut sorted: Vec<f32> = if typed {
            gaps.to_vec()
        } else {
            gaps.iter().zip(between).filter(|(_, b)| **b != Between::Space).map(|(gap, _)| *gap).collect()
        };
        sorted.sort_by(f32::total_cmp);
        let limit = wider_gap(&sorted);
        let letter_gaps = sorted.iter().take_while(|&&gap| gap < limit).count();
        let (least, most) = (*sorted.first()?, *sorted.get(letter_gaps.checked_sub(1)?)?);
        let even = most - least <= EVEN.max(EVEN_SHARE * most) && most <= MAX_LETTER_GAP;
        // On average, words have at least two letters.
        if !even || letter_gaps < MIN_SPACED - 1 || letter_gaps * 2 < glyphs.len() {
            return None;
        }
        if typed && !is_typed_apart(glyphs, limit.is_finite()) {
            return None;
        }
        Some(gaps.iter().zip(between).map(|(gap, b)| *gap >= limit || !typed && *b == Between::Space).collect())
    }

    /// Ends words at narrow gaps that are clearly wider than those within words.
    fn end_at_narrow_gaps(&self, gaps: &[f32], spaced: &[bool], ends: &mut [bool]) {
        let mut solid: Vec<f32> = (0..gaps.len()).filter(|&i| !ends[i] && !spaced[i]).map(|i| gaps[i]).collect();
        if solid.len() < MIN_GAPS || solid.iter().all(|&gap| gap < MIN_NARROW) {
            return;
        }
        solid.sort_by(f32::total_cmp);
        let Some(limit) = narrow_gap(&solid) else { return };
        let mut wide: Vec<f32> = (0..gaps.len()).filter(|&i| ends[i] && !spaced[i]).map(|i| gaps[i]).collect();
        wide.sort_by(f32::total_cmp);
        let least = solid.iter().copied().find(|gap| *gap >= limit).unwrap_or(limit);
        if wide.get(wide.len() / 2).is_some_and(|&typical| least < NEAR_SPACE * typical.min(1.0)) {
            return;
        }
        for i in 0..gaps.len() {
            let known = self.glyphs[i].has_room() && self.glyphs[i + 1].has_room();
            ends[i] |= !spaced[i] && gaps[i] >= limit && known;
        }
    }
}

/// The gap between two characters of a line as a share of the type size; negative where they overlap.
pub(super) fn gap(last: &Glyph, next: &Glyph) -> f32 {
    let (a, b) = (last.direction.rect_to_frame(&last.cell), last.direction.rect_to_frame(&next.cell));
    (b.x - a.right()).max(a.x - b.right()) / last.size.max(next.size)
}

/// Whether there is no gap between two characters.
pub(super) fn is_solid(last: &Glyph, next: &Glyph) -> bool {
    (-NO_GAP..NO_GAP).contains(&gap(last, next))
}

/// The least gap between words, from sorted gaps between letters and words; infinite when they are all alike.
fn wider_gap(sorted: &[f32]) -> f32 {
    sorted
        .windows(2)
        .filter(|pair| pair[1] - pair[0] > WIDER.max(WIDER_SHARE * pair[0]))
        .max_by(|a, b| (a[1] - a[0]).total_cmp(&(b[1] - b[0])))
        .map_or(f32::INFINITY, |pair| f32::midpoint(pair[0], pair[1]))
}

/// The least gap between words, from the sorted gaps of a line without spaces: it is above the largest step, if that
/// step is large compared to the differences within words.
fn narrow_gap(sorted: &[f32]) -> Option<f32> {
    let (at, step) = (1..sorted.len())
        .filter(|&i| sorted[i] >= MIN_NARROW && i * 2 >= sorted.len())
        .map(|i| (i, sorted[i] - sorted[i - 1]))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let within = &sorted[..at];
    let spread = within[within.len() * 9 / 10] - within[within.len() / 10];
    (step >= NARROW_STEP && step >= 1.5 * spread).then(|| f32::midpoint(sorted[at - 1], sorted[at]))
}

/// Whether spaces were typed between the letters of words, as in `T O T A L`, rather than between single letters as in
/// `A B C D` or the weekdays of a calendar.
fn is_typed_apart(letters: &[&Glyph], in_words: bool) -> bool {
    let text: Vec<char> = letters.iter().map(|g| g.text).collect();
    let in_order = text.windows(2).all(|pair| pair[0] <= pair[1]) || text.windows(2).all(|pair| pair[0] >= pair[1]);
    let latin = text.iter().all(char::is_ascii);
    let vowels = text.iter().filter(|c| "aeiouAEIOU".contains(**c)).count();
    let words = !latin || vowels > 0 && vowels < text.len();
    let alike = text.iter().all(|c| c.is_uppercase()) || text.iter().skip(1).all(|c| !c.is_uppercase());
    text.len() >= MIN_TYPED && !in_order && (in_words || words && alike) && !text.iter().any(|&c| is_right_to_left(c))
}
