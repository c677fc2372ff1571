//! The lines of a page in comparable form: deskewed, in reading direction, with their letter size.

use recto_domain::{Affine, BlockKind, Page, Point, Rect, Rule};

use super::list::Marker;
use super::script::is_right_to_left;
use crate::rules::{Stretch, stretches};

/// The height of a line's ink as a share of the em, if its letters have ascenders and descenders, only one of them, or
/// neither. Text typefaces agree on these values within a tenth.
const INK_BOTH: f32 = 0.93;
const INK_ONE: f32 = 0.72;
const INK_NEITHER: f32 = 0.5;
/// How far letters such as `p` reach below the baseline, in em.
const DESCENT: f32 = 0.21;

/// The deskewed lines of a page; `start` and `end` grow in reading direction, in points.
pub(super) struct Sheet {
    pub(super) lines: Vec<TextLine>,
    /// The em of most letters.
    pub(super) em: f32,
    /// Lines above this position stand alone at the top of the page.
    pub(super) head: f32,
    /// Lines below this position stand alone at the bottom of the page.
    pub(super) foot: f32,
    /// The rules parallel to the lines, deskewed.
    pub(super) across: Vec<Stretch>,
    /// The rules perpendicular to the lines.
    pub(super) down: Vec<Stretch>,
    /// The angle in degrees by which the page was rotated back, and its width if it was mirrored because its script
    /// runs from the right.
    turned: (f32, Option<f32>),
}

/// A line.
#[derive(Debug, Clone)]
pub(super) struct TextLine {
    pub(super) start: f32,
    pub(super) end: f32,
    /// The position of its baseline.
    pub(super) baseline: f32,
    /// The type size, estimated from the ink.
    pub(super) em: f32,
    /// Mean confidence of its words.
    pub(super) confidence: f32,
    /// Whether it is perpendicular to the other lines, like a note along the page's edge.
    pub(super) sideways: bool,
    /// The words in reading order.
    pub(super) words: Vec<PlacedWord>,
    pub(super) kind: BlockKind,
    /// The index of its block on the page.
    pub(super) block: usize,
}

/// The relation of a line to its page.
struct LinePlace {
    kind: BlockKind,
    block: usize,
    confidence: f32,
    /// Whether, according to the engine, it is perpendicular to the page's lines.
    turned: bool,
}

/// A word on a deskewed line.
#[derive(Debug, Clone)]
pub(super) struct PlacedWord {
    pub(super) text: String,
    pub(super) start: f32,
    pub(super) end: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
}

impl PlacedWord {
    /// Whether it is so much higher than wide that it must run up or down.
    fn is_upended(&self) -> bool {
        self.text.chars().count() > 2 && self.bottom - self.top > 1.5 * (self.end - self.start)
    }
}

impl Sheet {
    pub(super) fn of(page: &Page) -> Self {
        let angle = page_angle(page);
        let mirrored = is_right_to_left(&page.words().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "));
        let place = |bbox: &Rect| {
            let straight = straightened(&finite(bbox), angle);
            if mirrored { Rect { x: page.size.width - straight.right(), ..straight } } else { straight }
        };
        let across = angle.abs() > SKEW;
        let mut lines: Vec<TextLine> = Vec::new();
        let measure = InkMeasure::of(page);
        for (block, content) in page.blocks.iter().enumerate() {
            for line in &content.lines {
                let words = line.words.iter().filter(|w| !w.text.trim().is_empty()).map(|w| {
                    let bbox = place(&w.bbox);
                    PlacedWord {
                        text: w.text.clone(),
                        start: bbox.x,
                        end: bbox.x + bbox.width * share_before_leader(&w.text),
                        top: bbox.y,
                        bottom: bbox.bottom(),
                    }
                });
                let place = LinePlace {
                    kind: content.kind,
                    block,
                    confidence: line.confidence(),
                    turned: (line.angle - angle).abs() > SKEW,
                };
                lines.extend(TextLine::of(words.collect(), &place, measure));
            }
        }
        let upright = lines.iter().filter(|line| !line.sideways);
        let em = weighted_median(upright.map(|l| (l.em, l.characters()))).unwrap_or(10.0);
        let lines = with_markers(lines);
        let (head, foot) = if across { (f32::MIN, f32::MAX) } else { rims(&lines, em, page.size.height) };
        let (across, down) = straightened_rules(page, angle, mirrored);
        Self { lines, em, head, foot, across, down, turned: (angle, mirrored.then_some(page.size.width)) }
    }

    /// The place of a part of the sheet on the page: its upright bounding box.
    pub(super) fn on_page(&self, place: &Rect) -> Rect {
        let (angle, mirrored) = self.turned;
        let place = mirrored.map_or(*place, |width| Rect { x: width - place.right(), ..*place });
        if angle.abs() < 0.01 { place } else { Affine::rotation_about(angle, Point::default()).apply_rect(&place) }
    }
}

fn straightened_rules(page: &Page, angle: f32, mirrored: bool) -> (Vec<Stretch>, Vec<Stretch>) {
    let turn = Affine::rotation_about(-angle, Point::default());
    let place = |p: Point| {
        let p = turn.apply(p);
        if mirrored { Point { x: page.size.width - p.x, ..p } } else { p }
    };
    let finite = page.rules.iter().filter(|rule| rule.length().is_finite());
    stretches(finite.map(|rule| Rule::between(place(rule.from), place(rule.to))))
}

impl TextLine {
    fn of(words: Vec<PlacedWord>, place: &LinePlace, measure: InkMeasure) -> Option<Self> {
        let em = weighted_median(
            words.iter().map(|w| ((w.bottom - w.top) / measure.share_of_em(&w.text), w.text.chars().count())),
        )?
        .max(1.0);
        let mut baselines: Vec<f32> =
            words.iter().map(|w| if measure.descends(&w.text) { w.bottom - DESCENT * em } else { w.bottom }).collect();
        baselines.sort_by(f32::total_cmp);
        let all = |pick: fn(&PlacedWord) -> f32| words.iter().map(pick);
        Some(Self {
            start: all(|w| w.start).fold(f32::MAX, f32::min),
            end: all(|w| w.end).fold(f32::MIN, f32::max),
            baseline: baselines[baselines.len() / 2],
            em,
            confidence: place.confidence,
            sideways: place.turned || words.iter().all(PlacedWord::is_upended),
            words,
            kind: place.kind,
            block: place.block,
        })
    }

    /// The line without the words at these indices; `None` when no words are left.
    pub(super) fn without(&self, gone: &[usize]) -> Option<Self> {
        if gone.is_empty() {
            return Some(self.clone());
        }
        let kept = self.words.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, word)| word.clone());
        let words: Vec<PlacedWord> = kept.collect();
        let start = words.iter().map(|w| w.start).fold(f32::MAX, f32::min);
        let end = words.iter().map(|w| w.end).fold(f32::MIN, f32::max);
        (!words.is_empty()).then(|| Self { start, end, words, ..self.clone() })
    }

    /// The words separated by spaces, with a tab for a wide gap.
    pub(super) fn text(&self) -> String {
        let parts: Vec<String> = self.segments(WIDE_GAP).into_iter().map(|s| s.text()).collect();
        parts.join("\t")
    }

    pub(super) fn characters(&self) -> usize {
        self.words.iter().map(|w| w.text.chars().count()).sum()
    }

    pub(super) fn width(&self) -> f32 {
        self.end - self.start
    }

    /// Whether it consists of a few words with wide gaps between them, such as a label and a sum.
    pub(super) fn is_spread(&self) -> bool {
        let parts = self.segments(WIDE_GAP).len();
        parts > 1 && self.words.len() <= 4 * parts
    }

    /// The parts of the line between gaps of at least that many em. Leaders (rows of dots) are gaps; they stay with the
    /// words they lead from.
    pub(super) fn segments(&self, gap_em: f32) -> Vec<Segment<'_>> {
        let mut by_place: Vec<&PlacedWord> = self.words.iter().filter(|w| !is_leader(&w.text)).collect();
        if by_place.is_empty() {
            by_place = self.words.iter().collect();
        }
        by_place.sort_by(|a, b| a.start.total_cmp(&b.start));
        let mut ranges: Vec<(f32, f32)> = Vec::new();
        for word in by_place {
            match ranges.last_mut() {
                Some((_, end)) if word.start - *end < gap_em * self.em => *end = end.max(word.end),
                _ => ranges.push((word.start, word.end)),
            }
        }
        // Within a part, words keep the reading order: numbers in Hebrew run against the line.
        let mut parts: Vec<Segment<'_>> =
            ranges.into_iter().map(|(start, _)| Segment { start, words: Vec::new() }).collect();
        for word in &self.words {
            let at = parts.partition_point(|part| part.start <= word.start).saturating_sub(1);
            parts[at].words.push(word);
        }
        parts
    }
}

/// The least gap, in em, that is not a space between words, not even between sentences on a typewriter or in justified
/// text.
pub(super) const WIDE_GAP: f32 = 2.0;

/// Words of a line that stand together.
#[derive(Debug, Clone)]
pub(super) struct Segment<'a> {
    start: f32,
    pub(super) words: Vec<&'a PlacedWord>,
}

impl Segment<'_> {
    pub(super) fn text(&self) -> String {
        self.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// Markers alone on a line are matched with all lines; a page with more of them does not consist of lists.
const MOST_MARKERS: usize = 200;

/// Moves list markers that the engine read as separate lines to the lines they belong to.
fn with_markers(lines: Vec<TextLine>) -> Vec<TextLine> {
    let is_marker = |line: &TextLine| line.words.len() == 1 && Marker::read(&line.words[0].text).is_some();
    if !(1..=MOST_MARKERS).contains(&lines.iter().filter(|line| is_marker(line)).count()) {
        return lines;
    }
    let (markers, mut lines): (Vec<_>, Vec<_>) = lines.into_iter().partition(is_marker);
    for marker in markers {
        let beside = |line: &TextLine| {
            let gap = line.start - marker.end;
            let level = (line.baseline - marker.baseline).abs() < 0.5 * line.em;
            (level && (0.0..6.0 * line.em).contains(&gap)).then_some(gap)
        };
        let nearest = (0..lines.len())
            .filter_map(|at| beside(&lines[at]).map(|gap| (at, gap)))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((at, _)) = nearest {
            lines[at].start = marker.start;
            lines[at].words.splice(0..0, marker.words);
        } else {
            let at = lines.iter().position(|line| line.block >= marker.block).unwrap_or(lines.len());
            lines.insert(at, marker);
        }
    }
    lines
}

/// Where the head of a page ends and its foot begins. Each is one or two rows in the outer eighth with a gap to the
/// rest, such as page numbers and running titles. A number by itself needs a smaller gap.
fn rims(lines: &[TextLine], em: f32, height: f32) -> (f32, f32) {
    const GAP: f32 = 2.5;
    const GAP_OF_NUMBER: f32 = 1.7;
    let is_number = |line: &TextLine| {
        let letters: String = line.words.iter().flat_map(|w| w.text.chars()).filter(|c| c.is_alphanumeric()).collect();
        line.words.len() <= 3
            && letters.len() <= 5
            && letters.bytes().all(|b| b.is_ascii_digit() || b"ivxlc".contains(&b))
    };
    // The baseline of each row, and whether it is just a number.
    let mut rows: Vec<(f32, bool)> = lines.iter().map(|line| (line.baseline, is_number(line))).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.dedup_by(|b, a| {
        let same = b.0 - a.0 < 0.5 * em;
        a.1 &= b.1 || !same;
        same
    });
    let gap = |outer: (f32, bool), inner: (f32, bool)| {
        (outer.0 - inner.0).abs() > em * if outer.1 { GAP_OF_NUMBER } else { GAP }
    };
    let middle = |pair: &[(f32, bool)]| f32::midpoint(pair[0].0, pair[1].0);
    let head = rows.windows(2).take(2).find(|pair| gap(pair[0], pair[1])).map(middle);
    let foot = rows.windows(2).rev().take(2).find(|pair| gap(pair[1], pair[0])).map(middle);
    (head.unwrap_or(0.0).min(height / 8.0), foot.unwrap_or(height).max(height * 7.0 / 8.0))
}

/// Whether a word is just a row of dots.
pub(super) fn is_leader(text: &str) -> bool {
    text.chars().count() > 2 && text.chars().all(is_dot)
}

fn is_dot(c: char) -> bool {
    matches!(c, '.' | '…' | '·' | '_' | '‥')
}

/// The share of a word's width before the dots at its end, which are half as wide as letters; 1 when there are none.
fn share_before_leader(text: &str) -> f32 {
    let dots = text.chars().rev().take_while(|c| is_dot(*c)).count();
    let letters = text.chars().count() - dots;
    if dots < 4 || letters == 0 { 1.0 } else { letters as f32 / (letters as f32 + 0.5 * dots as f32) }
}

/// The height of ink in em. The boxes of a text layer may instead have the height of the font, the same for `a` as for
/// `Áy`.
#[derive(Clone, Copy)]
struct InkMeasure {
    boxes_of_fonts: bool,
}

impl InkMeasure {
    fn of(page: &Page) -> Self {
        let (mut equal, mut all) = (0, 0);
        for line in page.blocks.iter().flat_map(|b| &b.lines) {
            let shapes = line.words.iter().map(|w| ink_share(&w.text));
            let (low, high) = range(shapes);
            if high > low {
                let (low, high) = range(line.words.iter().map(|w| w.bbox.height));
                all += 1;
                equal += usize::from(high <= low * 1.04);
            }
        }
        Self { boxes_of_fonts: all > 0 && equal * 3 > all * 2 }
    }

    fn share_of_em(self, text: &str) -> f32 {
        if self.boxes_of_fonts { 1.0 } else { ink_share(text) }
    }

    fn descends(self, text: &str) -> bool {
        self.boxes_of_fonts || text.contains(descends)
    }
}

fn range(values: impl Iterator<Item = f32>) -> (f32, f32) {
    values.fold((f32::MAX, f32::MIN), |(low, high), v| (low.min(v), high.max(v)))
}

fn ink_share(text: &str) -> f32 {
    let ascends = |c: char| c.is_uppercase() || c.is_numeric() || "bdfhkltißäöü()[]{}/|!?\"'&%$£€@".contains(c);
    // Letters of scripts without case fill most of the em.
    let fills = |c: char| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase();
    match (text.contains(ascends), text.contains(descends)) {
        _ if text.contains(fills) => INK_BOTH,
        (true, true) => INK_BOTH,
        (true, false) | (false, true) => INK_ONE,
        (false, false) => INK_NEITHER,
    }
}

fn descends(c: char) -> bool {
    "gjpqyQ()[]{}/|,;$@".contains(c)
}

/// A box of reasonable size, whatever a broken text layer contains: no page is a million points wide.
fn finite(bbox: &Rect) -> Rect {
    let sane = |v: f32| if v.is_finite() { v.clamp(-1e6, 1e6) } else { 0.0 };
    Rect { x: sane(bbox.x), y: sane(bbox.y), width: sane(bbox.width).max(0.0), height: sane(bbox.height).max(0.0) }
}

/// Lines with a larger angle, in degrees, are not parallel to the page's lines.
const SKEW: f32 = 30.0;

/// The angle of a page's lines, in degrees: small, or near 90 on a page written in columns from top to bottom, as
/// Chinese and Japanese may be; 0 when the lines disagree, as on a map.
fn page_angle(page: &Page) -> f32 {
    let lines = page.blocks.iter().flat_map(|b| &b.lines);
    let angle = weighted_median(lines.map(|l| (l.angle, l.words.len()))).unwrap_or(0.0);
    if angle.abs() < SKEW || (90.0 - SKEW..90.0 + SKEW).contains(&angle.abs()) { angle } else { 0.0 }
}

/// The rectangle of a word on the deskewed page, when its upright box on the page skewed by `degrees` is `bbox`; the
/// page is rotated about its corner. A word of length l and height h has a box of l cos + h sin by l sin + h cos.
fn straightened(bbox: &Rect, degrees: f32) -> Rect {
    if degrees.abs() < 0.01 {
        return *bbox;
    }
    let (sin, cos) = degrees.to_radians().sin_cos();
    let double = cos * cos - sin * sin;
    let width = ((bbox.width * cos.abs() - bbox.height * sin.abs()) / double).max(1.0);
    let height = ((bbox.height * cos.abs() - bbox.width * sin.abs()) / double).max(1.0);
    let center = bbox.center();
    let (x, y) = (cos * center.x + sin * center.y, cos * center.y - sin * center.x);
    Rect { x: x - width / 2.0, y: y - height / 2.0, width, height }
}

/// The weighted median; `None` if the total weight is zero.
pub(super) fn weighted_median(values: impl Iterator<Item = (f32, usize)>) -> Option<f32> {
    let mut values: Vec<_> = values.filter(|(value, weight)| value.is_finite() && *weight > 0).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|(_, weight)| weight).sum::<usize>().div_ceil(2);
    let mut sum = 0;
    values
        .into_iter()
        .find(|(_, weight)| {
            sum += weight;
            sum >= half
        })
        .map(|(value, _)| value)
}

/// The value below which that share of the values lies; `None` without values.
pub(super) fn percentile(values: impl Iterator<Item = f32>, share: f32) -> Option<f32> {
    let mut values: Vec<f32> = values.filter(|v| v.is_finite()).collect();
    values.sort_by(f32::total_cmp);
    let at = (values.len().saturating_sub(1) as f32 * share).round() as usize;
    values.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_skewed_word_gets_its_own_box_back(
            x in 50f32..400.0, y in 50f32..700.0, width in 20f32..90.0, height in 8f32..20.0, degrees in prop_oneof![-15f32..15.0, 85f32..95.0],
        ) {
            let word = Rect { x, y, width, height };
            let skewed = Affine::rotation_about(degrees, Point::default()).apply_rect(&word);
            let back = straightened(&skewed, degrees);
            prop_assert!((back.x - x).abs() < 0.2 && (back.y - y).abs() < 0.2, "{back:?} for {word:?}");
            prop_assert!((back.width - width).abs() < 0.2 && (back.height - height).abs() < 0.2);
        }

        #[test]
        fn any_boxes_give_finite_lines(boxes in prop::collection::vec(prop::array::uniform4(any::<f32>()), 1..20), angle in any::<f32>()) {
            let words = boxes.into_iter().map(|[x, y, width, height]| recto_domain::Word {
                text: "word".to_owned(),
                bbox: Rect { x, y, width, height },
                confidence: 1.0,
            });
            let line = recto_domain::Line { bbox: Rect::default(), angle, words: words.collect() };
            let block = recto_domain::Block { bbox: Rect::default(), kind: BlockKind::Paragraph, lines: vec![line] };
            let mut page = Page::failed(1, String::new());
            page.blocks = vec![block];
            let _ = super::super::elements(&page);
        }
    }
}
