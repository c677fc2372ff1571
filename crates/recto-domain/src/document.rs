//! The recognised Document: the one model that engines fill and exporters read.
//!
//! Boxes are in points (1/72 inch) from the top left of the page *as it is displayed*: upright, after applying the
//! PDF's `/Rotate`, the picture's EXIF orientation, and the rotation that recognition found. They do not depend on the
//! resolution at which the page was recognised. Confidence is 0 to 1.

use serde::{Deserialize, Serialize};

use crate::geometry::{Point, Rect, Rotation, Size};

/// Where the text of a page comes from. Serialises as `text-layer` or the engine's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum PageSource {
    /// The file itself carried usable text.
    TextLayer,
    /// The OCR engine of that name read the page's picture.
    Engine(String),
}

impl From<PageSource> for String {
    fn from(source: PageSource) -> Self {
        match source {
            PageSource::TextLayer => "text-layer".to_owned(),
            PageSource::Engine(name) => name,
        }
    }
}

impl From<String> for PageSource {
    fn from(text: String) -> Self {
        if text == "text-layer" { Self::TextLayer } else { Self::Engine(text) }
    }
}

/// The result for a page. A page without text and a page that could not be read are different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageOutcome {
    /// Text was found.
    Read,
    /// The page was examined and holds no text.
    NoText,
    /// The page could not be read; [`Page::error`] says why.
    Failed,
}

/// One page, read or failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The page number, from 1.
    pub number: u32,
    /// The displayed page's size in points.
    #[serde(flatten)]
    pub size: Size,
    /// The clockwise rotation that brings the stored page upright: the PDF's `/Rotate` or the picture's EXIF
    /// orientation, followed by the rotation that recognition found.
    pub rotation: Rotation,
    /// Where the text comes from; `None` for a failed page, and for a blank one, which is given to no engine.
    pub source: Option<PageSource>,
    /// The languages it was read in, as in `eng+deu`, or the language of its own text; `None` when unknown.
    pub language: Option<String>,
    /// Mean confidence of the words, weighted by their length; `None` without words. Where only part of the page's
    /// letters are known to be covered by words, the mean is multiplied by that share.
    pub confidence: Option<f32>,
    /// Why the page could not be read, worded for a person; `None` unless it failed.
    pub error: Option<String>,
    /// Remarks on a page that was read, worded for a person, each on one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
    /// The ruling lines drawn on the page, such as those of tables; at most [`Page::MAX_RULES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

impl Page {
    /// The most ruling lines of a page. A page with more is a drawing, and its shortest lines are left out.
    pub const MAX_RULES: usize = 2000;

    /// A page that was examined; its confidence is the mean over its words.
    #[must_use]
    pub fn read(
        number: u32,
        size: Size,
        rotation: Rotation,
        source: impl Into<Option<PageSource>>,
        language: Option<String>,
        blocks: Vec<Block>,
    ) -> Self {
        let confidence = mean_confidence(&blocks);
        Self {
            number,
            size,
            rotation,
            source: source.into(),
            language,
            confidence,
            error: None,
            warnings: Vec::new(),
            blocks,
            rules: Vec::new(),
        }
    }

    /// The page with the ruling lines drawn on it; if there are too many, with the longest of them.
    #[must_use]
    pub fn with_rules(mut self, mut rules: Vec<Rule>) -> Self {
        rules.retain(|rule| rule.length().is_finite());
        if rules.len() > Self::MAX_RULES {
            rules.sort_by(|a, b| b.length().total_cmp(&a.length()));
            rules.truncate(Self::MAX_RULES);
        }
        self.rules = rules;
        self
    }

    /// The page with one more warning, if there is one.
    #[must_use]
    pub fn with_warning(mut self, warning: Option<String>) -> Self {
        self.warnings.extend(warning);
        self
    }

    /// A page that could not be read.
    #[must_use]
    pub fn failed(number: u32, error: String) -> Self {
        Self {
            number,
            size: Size::default(),
            rotation: Rotation::None,
            source: None,
            language: None,
            confidence: None,
            error: Some(error),
            warnings: Vec::new(),
            blocks: Vec::new(),
            rules: Vec::new(),
        }
    }

    /// Read, without text, or failed.
    #[must_use]
    pub fn outcome(&self) -> PageOutcome {
        if self.error.is_some() {
            PageOutcome::Failed
        } else if self.words().next().is_none() {
            PageOutcome::NoText
        } else {
            PageOutcome::Read
        }
    }

    /// Whether the page was examined and found empty, so that it was given to no engine. A page that shows a picture
    /// without text is not blank.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.outcome() == PageOutcome::NoText && self.source.is_none()
    }

    /// All words in reading order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.blocks.iter().flat_map(|block| &block.lines).flat_map(|line| &line.words)
    }

    /// The text of the page. A line feed separates lines, and an empty line separates blocks.
    #[must_use]
    pub fn text(&self) -> String {
        self.blocks.iter().map(Block::text).collect::<Vec<_>>().join("\n\n")
    }
}

/// Mean confidence of the words of the blocks, weighted by the number of characters; `None` without words.
#[must_use]
pub fn mean_confidence(blocks: &[Block]) -> Option<f32> {
    let (mut sum, mut characters) = (0.0, 0usize);
    for word in blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words) {
        let n = word.text.chars().count();
        sum += word.confidence * n as f32;
        characters += n;
    }
    (characters > 0).then(|| sum / characters as f32)
}

/// What a block looks like on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Running text.
    #[default]
    Paragraph,
    /// A title over what follows.
    Heading,
    /// Words in rows and columns.
    Table,
}

/// Lines that belong together: a paragraph, a heading, a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// The bounding box of all lines.
    pub bbox: Rect,
    /// The kind of block, as the engine sees it.
    #[serde(default)]
    pub kind: BlockKind,
    /// The lines from top to bottom.
    pub lines: Vec<Line>,
}

impl Block {
    /// A block around lines; `None` without lines.
    #[must_use]
    pub fn of(kind: BlockKind, lines: Vec<Line>) -> Option<Self> {
        let bbox = Rect::around(lines.iter().map(|l| l.bbox))?;
        Some(Self { bbox, kind, lines })
    }

    /// The lines' texts, with a line feed between them.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().map(Line::text).collect::<Vec<_>>().join("\n")
    }
}

/// Words on one baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The bounding box of all words.
    pub bbox: Rect,
    /// The direction of the line in degrees clockwise from left-to-right: 0 on a straight page, 3.5 when the line falls
    /// by 3.5 degrees, 90 when it runs from top to bottom.
    #[serde(default)]
    pub angle: f32,
    /// The words in reading order.
    pub words: Vec<Word>,
}

impl Line {
    /// A line around words; `None` without words.
    #[must_use]
    pub fn of(angle: f32, words: Vec<Word>) -> Option<Self> {
        let bbox = Rect::around(words.iter().map(|w| w.bbox))?;
        Some(Self { bbox, angle, words })
    }

    /// The words, separated by spaces.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Mean confidence of the words, weighted by their length.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        let (sum, n) = self.words.iter().fold((0.0, 0usize), |(sum, n), w| {
            let k = w.text.chars().count().max(1);
            (sum + w.confidence * k as f32, n + k)
        });
        if n == 0 { 0.0 } else { sum / n as f32 }
    }
}

/// A word: never empty, and without white space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The text in Unicode NFC, in logical order.
    pub text: String,
    /// The bounding box of the ink.
    pub bbox: Rect,
    /// Confidence, 0 to 1.
    pub confidence: f32,
}

/// A ruling line between two points. Serialises as `[x, y, x, y]`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rule {
    /// The left end or, for a vertical line, the upper end.
    pub from: Point,
    /// The other end.
    pub to: Point,
}

impl Rule {
    /// The line between two points, in any order.
    #[must_use]
    pub fn between(a: Point, b: Point) -> Self {
        if (a.x, a.y) <= (b.x, b.y) { Self { from: a, to: b } } else { Self { from: b, to: a } }
    }

    /// The length in points.
    #[must_use]
    pub fn length(&self) -> f32 {
        (self.to.x - self.from.x).hypot(self.to.y - self.from.y)
    }
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Rounded to the same precision as boxes.
        let round = |v: f32| (f64::from(v) * 100.0).round() / 100.0;
        [round(self.from.x), round(self.from.y), round(self.to.x), round(self.to.y)].serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [left, top, right, bottom] = <[f32; 4]>::deserialize(deserializer)?;
        Ok(Self { from: Point { x: left, y: top }, to: Point { x: right, y: bottom } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_stored_without_rules_has_none_and_others_come_back() {
        let page = Page::read(1, Size { width: 595.0, height: 842.0 }, Rotation::None, None, None, Vec::new());
        let stored = serde_json::to_value(&page).unwrap();
        assert!(stored.get("rules").is_none());
        assert_eq!(serde_json::from_value::<Page>(stored).unwrap(), page);
        let rule = Rule::between(Point { x: 250.0, y: 80.126 }, Point { x: 50.0, y: 80.0 });
        let ruled = serde_json::to_value(page.with_rules(vec![rule])).unwrap();
        assert_eq!(ruled["rules"], serde_json::json!([[50.0, 80.0, 250.0, 80.13]]));
        assert_eq!(serde_json::from_value::<Page>(ruled).unwrap().rules[0].from, Point { x: 50.0, y: 80.0 });
    }

    #[test]
    fn of_too_many_rules_the_longest_stay() {
        let rule = |length: usize| Rule { from: Point::default(), to: Point { x: length as f32, y: 0.0 } };
        let mut rules: Vec<Rule> = (0..Page::MAX_RULES + 50).map(rule).collect();
        rules.push(Rule { from: Point::default(), to: Point { x: f32::NAN, y: 0.0 } });
        let page = Page::failed(1, String::new()).with_rules(rules);
        assert_eq!(page.rules.len(), Page::MAX_RULES);
        assert!(page.rules.iter().all(|rule| rule.length() >= 50.0));
    }
}
