//! The positions of the sought words on a found page, and the text around them.

use std::ops::Range;

use recto_domain::{Page, Rect, Word};
use unicode_normalization::UnicodeNormalization;

use super::query::SearchQuery;
use super::terms::{self, Term, TextPosition, is_written_together};

/// The most hits listed per page; further ones are only counted.
const MOST_HITS: usize = 200;
/// Characters of the excerpt: before the first hit, and in all.
const BEFORE: usize = 60;
const AROUND: usize = 240;

/// An occurrence of a sought word or phrase on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The text of the occurrence.
    pub text: String,
    /// Bounding boxes in points from the top left of the upright page, one for each line it touches.
    pub boxes: Vec<Rect>,
}

/// A part of an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcerptPart {
    /// The text, as it was read.
    pub text: String,
    /// Whether it is a hit.
    pub is_hit: bool,
}

/// What was found on a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Findings {
    pub(super) count: u64,
    pub(super) hits: Vec<Hit>,
    pub(super) excerpt: Vec<ExcerptPart>,
}

impl Findings {
    /// Searches a page for a query.
    pub(super) fn of(page: &Page, query: &SearchQuery) -> Self {
        let found = terms::of_page(page);
        let spans = spans(&found, query.matches(&found));
        let sheet = Sheet::of(page);
        Self {
            count: spans.len() as u64,
            hits: spans.iter().take(MOST_HITS).map(|span| sheet.hit(span)).collect(),
            excerpt: spans.first().map(|first| sheet.excerpt(first, &spans)).unwrap_or_default(),
        }
    }
}

/// The positions of matches; overlapping matches are merged.
fn spans(found: &[Term], matches: Vec<Range<usize>>) -> Vec<Range<TextPosition>> {
    let mut spans: Vec<Range<TextPosition>> = Vec::new();
    for range in matches {
        let (Some(first), Some(last)) = (found.get(range.start), found.get(range.end - 1)) else { continue };
        match spans.last_mut().filter(|span| first.from < span.end) {
            Some(span) => span.end = span.end.max(last.to),
            None => spans.push(first.from..last.to),
        }
    }
    spans
}

/// A word of a page, with its characters in composed form and its line.
struct Printed {
    line: usize,
    chars: Vec<char>,
    bbox: Rect,
}

/// The words of a page in reading order.
struct Sheet(Vec<Printed>);

impl Sheet {
    fn of(page: &Page) -> Self {
        let lines = page.blocks.iter().flat_map(|block| &block.lines).enumerate();
        let printed = |line, word: &Word| Printed { line, chars: word.text.nfc().collect(), bbox: word.bbox };
        Self(lines.flat_map(|(line, found)| found.words.iter().map(move |word| printed(line, word))).collect())
    }

    fn hit(&self, span: &Range<TextPosition>) -> Hit {
        let mut boxes: Vec<(usize, Rect)> = Vec::new();
        for index in span.start.word..=span.end.word {
            let Some(word) = self.0.get(index) else { continue };
            let start = if index == span.start.word { span.start.char } else { 0 };
            let end = if index == span.end.word { span.end.char } else { word.chars.len() };
            if start >= end {
                continue;
            }
            let part = word.part(start..end);
            match boxes.last_mut().filter(|(of, _)| *of == word.line) {
                Some((_, all)) => *all = all.union(&part),
                None => boxes.push((word.line, part)),
            }
        }
        let parts = self.parts(span.start..span.end, std::slice::from_ref(span));
        Hit {
            text: parts.into_iter().map(|part| part.text).collect(),
            boxes: boxes.into_iter().map(|(_, found)| found).collect(),
        }
    }

    fn excerpt(&self, first: &Range<TextPosition>, spans: &[Range<TextPosition>]) -> Vec<ExcerptPart> {
        let start = self.back(first.start, BEFORE);
        let end = self.on(start, AROUND).max(first.end);
        let mut parts = self.parts(start..end, spans);
        let more = |text: &str| ExcerptPart { text: text.to_owned(), is_hit: false };
        if start > (TextPosition { word: 0, char: 0 }) {
            parts.insert(0, more("… "));
        }
        if self.0.get(end.word).is_some_and(|word| end.word + 1 < self.0.len() || end.char < word.chars.len()) {
            parts.push(more(" …"));
        }
        parts
    }

    /// The position some characters before another one, at the beginning of a word; within a word if the word is long.
    fn back(&self, from: TextPosition, chars: usize) -> TextPosition {
        if from.char > chars {
            return TextPosition { char: from.char - chars, ..from };
        }
        let (mut word, mut passed) = (from.word, from.char);
        while word > 0 {
            let length = self.0[word - 1].chars.len() + 1;
            if passed + length > chars {
                break;
            }
            word -= 1;
            passed += length;
        }
        TextPosition { word, char: 0 }
    }

    /// The position some characters after another one, at the end of a word; within a word if the word is long.
    fn on(&self, from: TextPosition, chars: usize) -> TextPosition {
        let (mut at, mut left) = (from, chars);
        while let Some(word) = self.0.get(at.word) {
            let length = word.chars.len() - at.char.min(word.chars.len());
            if length > left {
                return if length > chars { TextPosition { char: at.char + left, ..at } } else { at };
            }
            left = left.saturating_sub(length + 1);
            if at.word + 1 == self.0.len() {
                return TextPosition { char: word.chars.len(), ..at };
            }
            at = TextPosition { word: at.word + 1, char: 0 };
        }
        at
    }

    /// The text between two positions, split into hits and other text.
    fn parts(&self, range: Range<TextPosition>, spans: &[Range<TextPosition>]) -> Vec<ExcerptPart> {
        let mut parts: Vec<ExcerptPart> = Vec::new();
        let mut add = |c: char, is_hit: bool| match parts.last_mut().filter(|part| part.is_hit == is_hit) {
            Some(part) => part.text.push(c),
            None => parts.push(ExcerptPart { text: c.to_string(), is_hit }),
        };
        // Spans are sorted and do not overlap.
        let span_at =
            |at: TextPosition| spans.get(spans.partition_point(|span| span.end <= at)).filter(|span| span.start <= at);
        let mut before: Option<(usize, char)> = None;
        for index in range.start.word..=range.end.word {
            let Some(word) = self.0.get(index) else { break };
            let start = if index == range.start.word { range.start.char } else { 0 };
            let end = if index == range.end.word { range.end.char } else { word.chars.len() };
            let Some(shown) = word.chars.get(start..end).filter(|shown| !shown.is_empty()) else { continue };
            if let Some((line, last)) = before {
                let goes_on = line != word.line && is_written_together(last) && is_written_together(shown[0]);
                if !goes_on {
                    // A space inside a hit belongs to the hit.
                    let here = TextPosition { word: index, char: 0 };
                    add(' ', span_at(here).is_some_and(|span| span.start < here));
                }
            }
            for (offset, &c) in shown.iter().enumerate() {
                add(c, span_at(TextPosition { word: index, char: start + offset }).is_some());
            }
            before = shown.last().map(|&last| (word.line, last));
        }
        parts
    }
}

impl Printed {
    /// The part of a word's box that belongs to some of its characters, as if all had the same width.
    fn part(&self, part: Range<usize>) -> Rect {
        let length = self.chars.len().max(1) as f32;
        let (mut from, mut to) = (part.start as f32 / length, part.end as f32 / length);
        let all = self.bbox;
        if length > 1.0 && all.height > all.width * 1.5 {
            return Rect { y: all.y + all.height * from, height: all.height * (to - from), ..all };
        }
        if self.chars.iter().find(|c| c.is_alphabetic()).copied().is_some_and(is_right_to_left) {
            (from, to) = (1.0 - to, 1.0 - from);
        }
        Rect { x: all.x + all.width * from, width: all.width * (to - from), ..all }
    }
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use recto_domain::{Block, BlockKind, Line, PageSource, Rotation, Size};

    use super::*;

    /// A page with these lines, whose characters are 10 points wide and 10 points high.
    fn page(lines: &[&str]) -> Page {
        let line = |(row, text): (usize, &&str)| {
            let mut x = 0.0;
            let words = text.split(' ').map(|word| {
                let width = word.chars().count() as f32 * 10.0;
                let bbox = Rect { x, y: row as f32 * 20.0, width, height: 10.0 };
                x += width + 10.0;
                Word { text: word.to_owned(), bbox, confidence: 0.9 }
            });
            Line::of(0.0, words.collect()).unwrap()
        };
        let block = Block::of(BlockKind::Paragraph, lines.iter().enumerate().map(line).collect()).unwrap();
        let source = PageSource::Engine("tesseract".to_owned());
        Page::read(1, Size { width: 600.0, height: 800.0 }, Rotation::None, source, None, vec![block])
    }

    fn found(lines: &[&str], query: &str) -> Vec<(String, Vec<(f32, f32)>)> {
        let findings = Findings::of(&page(lines), &query.parse().unwrap());
        let places = |hit: &Hit| hit.boxes.iter().map(|found| (found.x.round(), found.width.round())).collect();
        findings.hits.iter().map(|hit| (hit.text.clone(), places(hit))).collect()
    }

    #[test]
    fn a_hit_has_the_box_of_its_characters_on_each_line() {
        let lines = ["Amount Due:", "Date 7 May"];
        assert_eq!(found(&lines, "\"due date\""), [("Due: Date".to_owned(), vec![(70.0, 40.0), (0.0, 40.0)])]);
        assert_eq!(found(&["No. INV-2024"], "2024"), [("2024".to_owned(), vec![(80.0, 40.0)])]);
        assert_eq!(found(&["Rech-", "nung 7"], "rechnung")[0].1, [(0.0, 50.0), (0.0, 40.0)]);
        assert_eq!(found(&["東京都庁の", "前で"], "庁の前")[0].1, [(30.0, 20.0), (0.0, 10.0)]);
        assert_eq!(found(&["שלום-עולם"], "עולם")[0].1, [(0.0, 40.0)]);
    }

    #[test]
    fn an_excerpt_marks_all_hits_around_the_first() {
        let findings = Findings::of(&page(&["The total is", "not the Total due"]), &"total".parse().unwrap());
        let parts: Vec<_> = findings.excerpt.iter().map(|part| (part.text.as_str(), part.is_hit)).collect();
        assert_eq!(
            parts,
            [("The ", false), ("total", true), (" is not the ", false), ("Total", true), (" due", false)]
        );
        assert_eq!(findings.count, 2);
    }
}
