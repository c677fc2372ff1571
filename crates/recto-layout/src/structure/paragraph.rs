//! Groups lines into paragraphs, headings and list items.

use super::element::{Align, Element, ListItem, Marginal, Paragraph};
use super::heading::{self, Setting};
use super::joining::{append_line, ends_in_parted_word, ends_sentence};
use super::list::Marker;
use super::sheet::{Sheet, TextLine, percentile};

/// The least gap between lines, as a multiple of the usual distance of baselines.
const GAP: f32 = 1.4;
/// The least indent, in em.
const INDENT: f32 = 0.8;
/// Lines up to this width, in em, do not show by themselves where full lines end.
const NARROW: f32 = 13.0;
/// Lines whose type sizes differ by more than this factor do not belong together.
const SAME_TYPE: f32 = 1.3;

/// The elements of some lines in reading order.
pub(super) fn group(sheet: &Sheet, lines: &[&TextLine]) -> Vec<Element> {
    let mut elements = Vec::new();
    for column in lines.chunk_by(|a, b| b.baseline > a.baseline + 0.2 * a.em.min(b.em)) {
        let margins = Margins::of(column);
        let mut chunks: Vec<Chunk<'_, '_>> =
            column.chunk_by(|a, b| !margins.parts(a, b)).map(|lines| Chunk::of(lines, &margins)).collect();
        for at in 1..chunks.len() {
            chunks[at].below_text = chunks[at - 1].is_text();
            chunks[at - 1].above_text = chunks[at].is_text();
        }
        let mut of_column = Vec::new();
        for chunk in &chunks {
            chunk_elements(sheet, &margins, chunk, &mut of_column);
        }
        for element in of_column {
            // A sentence that is cut off at the end of a column continues in the next one.
            if let (Some(Element::Paragraph(last)), Element::Paragraph(next)) = (elements.last_mut(), &element)
                && last.open
                && goes_on(last, next)
            {
                join(last, next);
                continue;
            }
            elements.push(element);
        }
    }
    elements
}

/// Whether a paragraph continues in another one elsewhere, judged by the words alone.
fn goes_on(last: &Paragraph, next: &Paragraph) -> bool {
    next.text.starts_with(char::is_lowercase) && (ends_in_parted_word(&last.text) || !next.indented)
}

/// Appends a paragraph to the one that it continues.
pub(super) fn join(last: &mut Paragraph, next: &Paragraph) {
    append_line(&mut last.text, &next.text);
    last.open = next.open;
    last.marginal = Marginal::Body;
}

/// Marks paragraphs that stand alone at the top and the bottom of a page.
pub(super) fn mark_margins(elements: &mut [Element]) {
    fn settle<'a>(elements: impl Iterator<Item = &'a mut Element>) {
        let mut outside = true;
        for element in elements {
            if let Element::Paragraph(paragraph) = element
                && paragraph.marginal == Marginal::Candidate
                && outside
            {
                paragraph.marginal = Marginal::Margin;
                continue;
            }
            outside = false;
        }
    }
    settle(elements.iter_mut());
    settle(elements.iter_mut().rev());
    for element in elements {
        if let Element::Paragraph(paragraph) = element
            && paragraph.marginal == Marginal::Candidate
        {
            paragraph.marginal = Marginal::Body;
        }
    }
}

/// The usual measures of a column of lines.
struct Margins {
    /// The number of lines they are based on.
    lines: usize,
    start: f32,
    end: f32,
    /// The distance of baselines within a paragraph, in points.
    pitch: f32,
}

impl Margins {
    fn of(lines: &[&TextLine]) -> Self {
        let em = percentile(lines.iter().map(|l| l.em), 0.5).unwrap_or(10.0);
        let pitches = lines.windows(2).map(|pair| pair[1].baseline - pair[0].baseline).filter(|p| *p < 4.0 * em);
        let pitches: Vec<f32> = pitches.collect();
        let pitch = if pitches.len() < 2 { 1.5 * em } else { percentile(pitches.into_iter(), 0.3).unwrap_or(em) };
        Self {
            lines: lines.len(),
            start: percentile(lines.iter().map(|l| l.start), 0.1).unwrap_or(0.0),
            end: percentile(lines.iter().map(|l| l.end), 0.9).unwrap_or(0.0),
            pitch: pitch.max(em),
        }
    }

    /// Whether there is a gap between two consecutive lines.
    fn parts(&self, a: &TextLine, b: &TextLine) -> bool {
        let type_changes = a.em.max(b.em) > SAME_TYPE * a.em.min(b.em) && a.words.len().min(b.words.len()) > 1;
        let kind_changes = a.kind != b.kind && a.block != b.block;
        b.baseline - a.baseline > GAP * self.pitch || type_changes || kind_changes
    }
}

/// The transition between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seam {
    /// The sentence continues.
    Join,
    /// The author ended the line, but not the paragraph.
    Break,
    /// A paragraph or an item begins.
    Begin,
}

/// Why lines end where they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// The next word did not fit: running text.
    Running,
    /// They are centred or flush with the end, as in titles and signatures: each line end is intended.
    SetOut,
    /// No regularity is visible.
    Loose,
}

/// Lines at the usual distance from each other.
struct Chunk<'a, 'l> {
    lines: &'a [&'l TextLine],
    /// The end of full lines.
    end: f32,
    setting: Lines,
    /// Whether running text is above it.
    below_text: bool,
    /// Whether running text is below it.
    above_text: bool,
}

impl<'a, 'l> Chunk<'a, 'l> {
    fn of(lines: &'a [&'l TextLine], margins: &Margins) -> Self {
        let widest = lines.iter().map(|l| l.end).fold(f32::MIN, f32::max);
        let full_to = |end: f32| lines.windows(2).filter(|pair| !leaves_room(pair[0], pair[1], end)).count();
        let pairs = lines.len() - 1;
        // In narrower lines, such as those of an address, hardly any has room for another word.
        let is_wide = widest - lines.iter().map(|l| l.start).fold(f32::MAX, f32::min) >= NARROW * lines[0].em;
        let own = pairs >= 3 && is_wide && full_to(widest) * 10 >= pairs * 6;
        let end = if own { widest } else { margins.end.max(lines[0].end.min(widest)) };
        let setting = if is_set_out(lines, margins) {
            Lines::SetOut
        } else if own || pairs > 0 && full_to(end) * 10 >= pairs * 6 {
            Lines::Running
        } else {
            Lines::Loose
        };
        Self { lines, end, setting, below_text: false, above_text: false }
    }

    fn is_text(&self) -> bool {
        self.setting == Lines::Running && self.lines.len() > 1
    }

    /// The transition before line `at`, in a paragraph that began with line `first`.
    fn seam(&self, first: usize, at: usize) -> Seam {
        let (a, b) = (self.lines[at - 1], self.lines[at]);
        let next = self.lines.get(at + 1);
        let set_out = self.setting == Lines::SetOut;
        let indent = INDENT * b.em;
        let room = leaves_room(a, b, self.end);
        let sentence = ends_sentence(&a.text());
        if marker_of(b).is_some() && (room || sentence || a.text().ends_with([';', ',']) || b.start < a.start - indent)
        {
            return Seam::Begin;
        }
        if ends_in_parted_word(&a.text()) && b.text().starts_with(char::is_lowercase) {
            return Seam::Join;
        }
        if a.is_spread() || b.is_spread() {
            return Seam::Break;
        }
        let begin = self.lines[first].start;
        let hangs = at - first > 1 && a.start > begin + indent;
        if !set_out && hangs && b.start < a.start - indent {
            return Seam::Begin;
        }
        let in_item = marker_of(self.lines[first]).is_some();
        if !set_out && b.start > a.start + indent && !(in_item && at - first == 1) {
            let flush_after = next.is_some_and(|c| c.start < b.start - indent);
            if flush_after || room || (at - first > 1 && sentence) {
                return Seam::Begin;
            }
        }
        if set_out && (sentence || !b.text().starts_with(char::is_lowercase)) {
            return Seam::Break;
        }
        if !room {
            return Seam::Join;
        }
        match (self.setting == Lines::Running, sentence, b.text().starts_with(char::is_lowercase)) {
            (_, false, true) => Seam::Join,
            (true, _, _) | (_, true, _) => Seam::Begin,
            (false, false, false) => Seam::Break,
        }
    }
}

/// Whether several lines are centred or flush with the end, but not with the start.
fn is_set_out(lines: &[&TextLine], margins: &Margins) -> bool {
    let within = |pick: fn(&TextLine) -> f32, em: f32| {
        let (low, high) = lines.iter().map(|l| pick(l)).fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v)));
        high - low < em * lines[0].em
    };
    let first = lines.iter().map(|l| l.start).fold(f32::MAX, f32::min);
    let centered = within(|l| f32::midpoint(l.start, l.end), 1.2);
    let flush_with_end = within(|l| l.end, 1.2) && first > margins.start + 1.5 * lines[0].em;
    lines.len() > 1 && !within(|l| l.start, 1.5) && (centered || flush_with_end)
}

/// Whether the first word of `b` would have fitted at the end of `a`.
fn leaves_room(a: &TextLine, b: &TextLine, end: f32) -> bool {
    let first = b.words.iter().min_by(|x, y| x.start.total_cmp(&y.start)).map_or(0.0, |w| w.end - w.start);
    end - a.end > first + 0.9 * a.em
}

fn marker_of(line: &TextLine) -> Option<Marker> {
    let [first, _, ..] = line.words.as_slice() else { return None };
    Marker::read(&first.text)
}

fn chunk_elements(sheet: &Sheet, margins: &Margins, chunk: &Chunk<'_, '_>, elements: &mut Vec<Element>) {
    let mut first = 0;
    for at in 1..=chunk.lines.len() {
        if at == chunk.lines.len() || chunk.seam(first, at) == Seam::Begin {
            elements.push(element(sheet, margins, chunk, first, at));
            first = at;
        }
    }
}

/// The element formed by the lines from `first` to before `after`.
fn element(sheet: &Sheet, margins: &Margins, chunk: &Chunk<'_, '_>, first: usize, after: usize) -> Element {
    let lines = &chunk.lines[first..after];
    let alone = lines.len() == chunk.lines.len();
    // A heading may be as close to its text as the lines of the text are to each other.
    let on_top = first == 0 && chunk.is_text() && chunk.lines.len() > 2;
    let setting = match (alone, chunk.below_text && (alone && chunk.above_text || on_top)) {
        (_, true) => Setting::BetweenText,
        (true, false) => Setting::Alone,
        (false, false) => Setting::WithOthers,
    };
    let align = align(margins, lines);
    let marker = marker_of(lines[0]);
    if marker.is_none()
        && let Some(level) = heading::level(sheet, lines, align, setting)
    {
        let text = lines.iter().map(|l| l.text()).collect::<Vec<_>>().join(" ");
        return Element::Heading { level, text };
    }
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let mut words = if at == 0 && marker.is_some() { without_marker(line) } else { line.text() };
        if chunk.setting == Lines::Running && lines.len() > 1 {
            // A gap in running text comes from a typewriter or from justification.
            words = words.replace('\t', " ");
        }
        if at > 0 && chunk.seam(first, first + at) == Seam::Break {
            text.push('\n');
            text.push_str(&words);
        } else {
            append_line(&mut text, &words);
        }
    }
    let last = lines[lines.len() - 1];
    let full = last.end > chunk.end - 6.0 * last.em && last.width() > 0.4 * (chunk.end - margins.start);
    let paragraph = Paragraph {
        // Two lines or fewer do not show the length of a full line.
        open: full && margins.lines > 2 && !ends_sentence(&text) || ends_in_parted_word(&text),
        indented: lines.len() > 1 && lines[0].start > lines[1].start + INDENT * sheet.em,
        marginal: if stands_at_the_rim(sheet, lines) { Marginal::Candidate } else { Marginal::Body },
        align,
        text,
    };
    let Some(marker) = marker else { return Element::Paragraph(paragraph) };
    let start = lines[0].start;
    let hanging = lines.len() > 1 && lines[1..].iter().all(|l| l.start > start + INDENT * l.em);
    Element::Item(ListItem { marker, level: 0, start, hanging, paragraph })
}

fn without_marker(line: &TextLine) -> String {
    let mut rest = line.clone();
    rest.words.remove(0);
    rest.text()
}

/// Whether the lines are a single short line at the top or bottom of the page.
fn stands_at_the_rim(sheet: &Sheet, lines: &[&TextLine]) -> bool {
    let [line] = lines else { return false };
    line.words.len() <= 10 && (line.baseline < sheet.head || line.baseline > sheet.foot)
}

fn align(margins: &Margins, lines: &[&TextLine]) -> Align {
    let width = margins.end - margins.start;
    // A line in capitals is hardly ever running text, so little room on both sides is enough.
    let capitals = lines.iter().all(|line| line.words.iter().all(|w| w.text == w.text.to_uppercase()));
    let room = if capitals { 0.5 } else { 2.0 };
    let (mut center, mut end) = (true, true);
    for line in lines {
        let (before, after) = (line.start - margins.start, margins.end - line.end);
        center &=
            before > room * line.em && (before - after).abs() < (0.1 * width).min(0.5 * before.max(after) + line.em);
        end &= before > 0.25 * width && after < 1.5 * line.em;
    }
    match (center, end) {
        (true, _) => Align::Center,
        (_, true) => Align::End,
        _ => Align::Start,
    }
}
