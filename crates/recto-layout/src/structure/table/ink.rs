//! The words of a page as table detection uses them: in rows, split by gaps.

use recto_domain::BlockKind;

use crate::rules::Stretch;
use crate::structure::sheet::{PlacedWord, Sheet, is_leader, percentile};

/// The least gap between two cells, in em: more than between two sentences on a typewriter.
const CELL_GAP: f32 = 1.6;
/// The same if the engine recognised the block as a table.
const CELL_GAP_IN_TABLE: f32 = 1.0;
/// Where columns are known, the least gap between two cells, in em, …
const FINE_GAP: f32 = 0.55;
/// … which must also be this many times the width of a space.
const BLANKS: f32 = 1.6;
/// The largest difference between baselines of one row, in em.
const LEVEL: f32 = 0.4;

/// A word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink<'a> {
    pub(super) word: &'a PlacedWord,
    /// Its line on the sheet, and its index in the line.
    pub(super) line: usize,
    pub(super) at: usize,
    pub(super) baseline: f32,
    pub(super) em: f32,
    kind: BlockKind,
}

impl Ink<'_> {
    pub(super) fn middle(&self) -> f32 {
        f32::midpoint(self.word.start, self.word.end)
    }

    /// The centre between the top and the bottom of small letters.
    pub(super) fn height(&self) -> f32 {
        self.baseline - 0.25 * self.em
    }

    pub(super) fn is_number(&self) -> bool {
        is_number(&self.word.text)
    }
}

/// Whether a text is a number, including a sign, a one-letter unit and brackets, or a placeholder for a missing one.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    digits > 0 && letters <= 1
        || matches!(text, "-" | "–" | "—" | "*" | "†" | "‡" | "#" | "NA" | "n/a" | "N/A" | "x" | "X")
}

/// The words of the lines parallel to the page.
pub(super) fn inks(sheet: &Sheet) -> Vec<Ink<'_>> {
    let lines = sheet.lines.iter().enumerate().filter(|(_, line)| !line.sideways);
    lines
        .flat_map(|(number, line)| {
            line.words.iter().enumerate().map(move |(at, word)| Ink {
                word,
                line: number,
                at,
                baseline: line.baseline,
                em: line.em,
                kind: line.kind,
            })
        })
        .collect()
}

/// Words that stand together.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) start: f32,
    pub(super) end: f32,
    /// The words in reading order.
    pub(super) words: Vec<usize>,
}

impl Segment {
    pub(super) fn middle(&self) -> f32 {
        f32::midpoint(self.start, self.end)
    }

    pub(super) fn width(&self) -> f32 {
        self.end - self.start
    }
}

/// The words of one row.
#[derive(Debug, Clone)]
pub(super) struct TextRow {
    /// The segments in reading direction.
    pub(super) segments: Vec<Segment>,
    pub(super) baseline: f32,
    pub(super) em: f32,
}

impl TextRow {
    pub(super) fn start(&self) -> f32 {
        self.segments.first().map_or(0.0, |s| s.start)
    }

    pub(super) fn end(&self) -> f32 {
        self.segments.last().map_or(0.0, |s| s.end)
    }

    pub(super) fn has_cells(&self) -> bool {
        self.segments.len() > 1
    }

    pub(super) fn words(&self) -> impl Iterator<Item = usize> {
        self.segments.iter().flat_map(|segment| segment.words.iter().copied())
    }

    pub(super) fn height(&self) -> f32 {
        self.baseline - 0.25 * self.em
    }
}

/// The width of a gap that separates two segments.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gap {
    /// Wider than any space between words.
    Wide,
    /// At least this wide, in em: wider than the spaces in that place.
    Fine(f32),
}

impl Gap {
    /// The gap that is clearly wider than the spaces between these words.
    pub(super) fn fine(inks: &[Ink<'_>], words: &[usize]) -> Self {
        let rows = rows_of(inks, words);
        let gaps = rows.iter().flat_map(|row| {
            row.windows(2).map(|pair| {
                let (a, b) = (&inks[pair[0]], &inks[pair[1]]);
                (b.word.start - a.word.end) / a.em
            })
        });
        let blanks = percentile(gaps.filter(|gap| (0.0..1.2).contains(gap)), 0.5).unwrap_or(0.25);
        Self::Fine((BLANKS * blanks).clamp(FINE_GAP, CELL_GAP))
    }

    fn width(self, a: &Ink<'_>, b: &Ink<'_>) -> f32 {
        let gap = match self {
            Self::Fine(_) if are_two_numbers(&a.word.text, &b.word.text) => FINE_GAP,
            Self::Fine(gap) => gap,
            Self::Wide if a.kind == BlockKind::Table && b.kind == BlockKind::Table => CELL_GAP_IN_TABLE,
            Self::Wide => CELL_GAP,
        };
        gap * a.em.min(b.em)
    }
}

/// Whether two words are two numbers, rather than one number whose thousands are separated by a space.
fn are_two_numbers(a: &str, b: &str) -> bool {
    let is_whole = |text: &str| {
        let ends_in_digit = text.trim_end_matches(['%', ')', '*']).ends_with(|c: char| c.is_numeric());
        let is_note = text.starts_with(['(', '[']) && text.chars().filter(|c| c.is_numeric()).count() <= 2;
        is_number(text) && ends_in_digit && !is_note && text.chars().any(char::is_numeric)
    };
    let digits = |text: &str| text.chars().all(char::is_numeric);
    let is_grouped = digits(b) && b.chars().count() == 3 && a.chars().rev().take_while(|c| c.is_numeric()).count() <= 3;
    is_whole(a) && is_whole(b) && !is_grouped
}

/// Words of one height, from start to end.
fn rows_of(inks: &[Ink<'_>], words: &[usize]) -> Vec<Vec<usize>> {
    let mut order = words.to_vec();
    order.sort_by(|&a, &b| inks[a].baseline.total_cmp(&inks[b].baseline));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    let (mut baseline, mut em) = (f32::MIN, 0.0);
    for at in order {
        let ink = &inks[at];
        match rows.last_mut() {
            Some(row) if ink.baseline - baseline < LEVEL * ink.em.min(em) => row.push(at),
            _ => {
                (baseline, em) = (ink.baseline, ink.em);
                rows.push(vec![at]);
            }
        }
    }
    for row in &mut rows {
        row.sort_by(|&a, &b| inks[a].word.start.total_cmp(&inks[b].word.start));
    }
    rows
}

/// Words in rows; vertical rules separate segments, however close they are.
pub(super) fn text_rows(inks: &[Ink<'_>], words: &[usize], gap: Gap, cuts: &[Stretch]) -> Vec<TextRow> {
    let row = |row: Vec<usize>| {
        let em = percentile(row.iter().map(|&at| inks[at].em), 0.5).unwrap_or(10.0);
        let baseline = percentile(row.iter().map(|&at| inks[at].baseline), 0.5).unwrap_or(0.0);
        TextRow { segments: segments(inks, row, gap, cuts), baseline, em }
    };
    rows_of(inks, words).into_iter().map(row).collect()
}

fn segments(inks: &[Ink<'_>], row: Vec<usize>, gap: Gap, cuts: &[Stretch]) -> Vec<Segment> {
    let mut parts: Vec<Segment> = Vec::new();
    // The last word that is not a leader.
    let mut last: Option<usize> = None;
    for at in row {
        let ink = &inks[at];
        let (start, end) = (ink.word.start, ink.word.end);
        let leader = is_leader(&ink.word.text);
        let Some(part) = parts.last_mut() else {
            parts.push(Segment { start, end, words: vec![at] });
            last = Some(at).filter(|_| !leader);
            continue;
        };
        // A leader belongs to the word it leads from, and counts as a gap.
        if leader {
            part.words.push(at);
            continue;
        }
        let before = last.map_or(part.start, |last| inks[last].word.end);
        let is_cut = cuts.iter().any(|cut| {
            let between = before.min(start) - 0.5 <= cut.at && cut.at <= start.max(before) + 0.5;
            between && cut.from <= ink.height() && ink.height() <= cut.to && part.end <= cut.at + 0.3 * ink.em
        });
        let led = part.words.last().is_some_and(|&word| is_leader(&inks[word].word.text)) && last.is_some();
        let wide = last.is_some_and(|last| start - before >= gap.width(&inks[last], ink));
        if is_cut || led || wide {
            parts.push(Segment { start, end, words: vec![at] });
        } else {
            part.end = part.end.max(end);
            part.words.push(at);
        }
        last = Some(at);
    }
    for part in &mut parts {
        // Numbers in Hebrew run against the line.
        part.words.sort_by_key(|&at| (inks[at].line, inks[at].at));
    }
    parts
}
