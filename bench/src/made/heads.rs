//! Heads of receipts, each line with the part of the head that it is.

use recto_domain::{Size, Word};
use serde::Deserialize;

use super::{HEIGHT, LEADING, MARGIN, MadeShop, WIDTH, entries, is_right_to_left, page, words};
use crate::papers::Dice;

/// The least number of letters that fit in a line of the roll.
const NARROW: usize = 32;
/// A shorter word of a brand says little.
const LONG_WORD: usize = 3;

/// A head, as it is written in the files.
#[derive(Deserialize)]
struct Head {
    id: String,
    /// The text of a line, what it is, the size of its letters relative to the usual ones, and where it stands.
    lines: Vec<(String, Part, f32, Align)>,
}

/// What a line is.
#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Part {
    /// The name over the shop.
    Brand,
    /// The registered company.
    Legal,
    Branch,
    Address,
    /// The address of the company.
    Seat,
    Other,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Align {
    Left,
    Center,
    Right,
    /// Across the roll, the last word at the other edge.
    Row,
}

/// All heads of `bench/made/heads`.
pub(crate) fn heads() -> anyhow::Result<Vec<MadeShop>> {
    let heads: Vec<Head> = entries("heads")?;
    Ok(heads.into_iter().enumerate().map(|(number, head)| head.set(number as u64)).collect())
}

impl Head {
    fn set(self, number: u64) -> MadeShop {
        let all = |part: Part| {
            let lines = self.lines.iter().filter(|(_, own, ..)| *own == part);
            lines.map(|(text, ..)| text.as_str()).collect::<Vec<_>>().join(" ")
        };
        let name = name(all(Part::Brand), all(Part::Legal));
        let longest = self.lines.iter().map(|(text, ..)| text.chars().count()).max().unwrap_or_default();
        let width = MARGIN.mul_add(2.0, longest.max(NARROW) as f32 * WIDTH * HEIGHT);
        let mut top = MARGIN;
        let mut lines = Vec::new();
        for (text, _, size, align) in &self.lines {
            lines.push(line(text, top, *size, *align, width));
            top += size * HEIGHT * LEADING;
        }
        let size = Size { width, height: top + MARGIN };
        let page = page(lines.into_iter(), size, Some(Dice::of(0, number)));
        MadeShop { page, name, address: all(Part::Address), id: self.id }
    }
}

/// What a person takes for the name of the shop: the name over it; or the registered one, if it says the same and
/// more.
fn name(brand: String, legal: String) -> String {
    let key = |text: &str| -> Vec<String> {
        let words = text.split_whitespace().map(recto_values::fold);
        words.filter(|word| word.chars().count() >= LONG_WORD).collect()
    };
    let (words, whole) = (key(&brand), key(&legal).join(" "));
    let is_within = words.iter().all(|word| whole.contains(word.as_str()));
    if brand.is_empty() || (!legal.is_empty() && is_within) { legal } else { brand }
}

/// The words of a line below `top` on a roll of that width; long lines of large letters are set narrower.
fn line(text: &str, top: f32, size: f32, align: Align, width: f32) -> Vec<Word> {
    let count = text.chars().count().max(1) as f32;
    let room = width - 2.0 * MARGIN;
    let letter = (size * WIDTH * HEIGHT).min(room / count);
    let left = match align {
        Align::Left | Align::Row => MARGIN,
        Align::Center => MARGIN + (room - count * letter) / 2.0,
        Align::Right => MARGIN + room - count * letter,
    };
    let mut words = words(text, left, top, letter, size * HEIGHT);
    if matches!(align, Align::Row)
        && words.len() > 1
        && let Some(last) = words.last_mut()
    {
        last.bbox.x = if is_right_to_left(text) { MARGIN } else { MARGIN + room - last.bbox.width };
    }
    words
}
