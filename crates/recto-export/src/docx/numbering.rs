//! The numbering part: the definitions of the body's lists.

use recto_layout::{Decoration, ListItem, Marker, MarkerStyle, Numerals};

use std::io::{self, Write};

use super::W;
use crate::markup::Markup;

/// The most levels of nested lists.
const LEVELS: u8 = 3;
/// The indent of an item relative to the enclosing list, in twentieths of a point.
const INSET: u32 = 425;
/// The most lists of one file; Word counts them in signed 16-bit numbers.
const MOST_LISTS: usize = 32_000;

/// The lists that the body has begun.
#[derive(Default)]
pub(super) struct Numbering {
    lists: Vec<List>,
    /// The last item of the open list on each level.
    open: [Option<(u32, Marker)>; LEVELS as usize],
}

struct List {
    style: MarkerStyle,
    level: u8,
    start: u32,
}

impl Numbering {
    /// The number (`w:numId`) of an item's list: the list of the item before it if this item follows it, or otherwise a
    /// new list that starts at the item's value. `None` when the file cannot hold more lists.
    pub(super) fn list_of(&mut self, item: &ListItem) -> Option<u32> {
        let level = item.level.min(LEVELS - 1);
        for deeper in &mut self.open[usize::from(level) + 1..] {
            *deeper = None;
        }
        let open = &mut self.open[usize::from(level)];
        let list = match *open {
            Some((list, before)) if item.marker.follows(before) => list,
            _ if self.lists.len() >= MOST_LISTS => return None,
            _ => {
                self.lists.push(List { style: item.marker.style, level, start: item.marker.value });
                self.lists.len() as u32
            }
        };
        *open = Some((list, item.marker));
        Some(list)
    }

    /// Ends all lists, so that the next item begins a new one.
    pub(super) fn end_lists(&mut self) {
        self.open = Default::default();
    }

    /// Writes the part.
    pub(super) fn write(&self, out: impl Write) -> io::Result<()> {
        let mut xml = Markup::begin(out, Some("yes"))?;
        xml.open("w:numbering", &[W])?;
        for (id, style) in styles().into_iter().enumerate() {
            xml.open("w:abstractNum", &[("w:abstractNumId", &id.to_string())])?;
            xml.empty("w:multiLevelType", &[("w:val", "hybridMultilevel")])?;
            for level in 0..LEVELS {
                write_level(&mut xml, style, level)?;
            }
            xml.close("w:abstractNum")?;
        }
        for (at, list) in self.lists.iter().enumerate() {
            let style = styles().iter().position(|style| *style == list.style).unwrap_or(0);
            xml.open("w:num", &[("w:numId", &(at + 1).to_string())])?;
            xml.empty("w:abstractNumId", &[("w:val", &style.to_string())])?;
            xml.open("w:lvlOverride", &[("w:ilvl", &list.level.to_string())])?;
            xml.empty("w:startOverride", &[("w:val", &list.start.to_string())])?;
            xml.close("w:lvlOverride")?;
            xml.close("w:num")?;
        }
        xml.close("w:numbering")
    }
}

/// Every possible style of a marker.
fn styles() -> Vec<MarkerStyle> {
    let mut styles = vec![MarkerStyle::Bullet];
    for numerals in
        [Numerals::Decimal, Numerals::LowerLetter, Numerals::UpperLetter, Numerals::LowerRoman, Numerals::UpperRoman]
    {
        for decoration in [Decoration::Period, Decoration::Parenthesis, Decoration::Parentheses] {
            styles.push(MarkerStyle::Numbered(numerals, decoration));
        }
    }
    styles
}

fn write_level<W: Write>(xml: &mut Markup<W>, style: MarkerStyle, level: u8) -> io::Result<()> {
    let (format, text) = match style {
        MarkerStyle::Bullet => ("bullet", "•".to_owned()),
        MarkerStyle::Numbered(numerals, decoration) => {
            let format = match numerals {
                Numerals::Decimal => "decimal",
                Numerals::LowerLetter => "lowerLetter",
                Numerals::UpperLetter => "upperLetter",
                Numerals::LowerRoman => "lowerRoman",
                Numerals::UpperRoman => "upperRoman",
            };
            let number = u32::from(level) + 1;
            let text = match decoration {
                Decoration::Period => format!("%{number}."),
                Decoration::Parenthesis => format!("%{number})"),
                Decoration::Parentheses => format!("(%{number})"),
            };
            (format, text)
        }
    };
    let left = (INSET * (u32::from(level) + 1)).to_string();
    xml.open("w:lvl", &[("w:ilvl", &level.to_string())])?;
    xml.empty("w:start", &[("w:val", "1")])?;
    xml.empty("w:numFmt", &[("w:val", format)])?;
    xml.empty("w:lvlText", &[("w:val", &text)])?;
    xml.empty("w:lvlJc", &[("w:val", "left")])?;
    xml.open("w:pPr", &[])?;
    xml.empty("w:ind", &[("w:left", &left), ("w:hanging", &INSET.to_string())])?;
    xml.close("w:pPr")?;
    xml.close("w:lvl")
}
