//! Markers of list items, and recognising which of them begin lists.

use super::element::{Element, ListItem};
use super::joining::append_line;

/// The marker of a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// Its style.
    pub style: MarkerStyle,
    /// Its value, from 1; 1 for bullets.
    pub value: u32,
}

/// The style of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MarkerStyle {
    /// A dot, a dash, a box.
    Bullet,
    /// A number or a letter, and the punctuation around it.
    Numbered(Numerals, Decoration),
}

/// The numeral system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Numerals {
    /// 1, 2, 3.
    Decimal,
    /// a, b, c.
    LowerLetter,
    /// A, B, C.
    UpperLetter,
    /// i, ii, iii.
    LowerRoman,
    /// I, II, III.
    UpperRoman,
}

/// The punctuation around a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decoration {
    /// `1.`
    Period,
    /// `1)`
    Parenthesis,
    /// `(1)`
    Parentheses,
}

impl Marker {
    /// Parses a word as a marker; `None` if it is not one. `i`, `v` and the like are read as Roman numerals.
    pub(super) fn read(word: &str) -> Option<Self> {
        if matches!(word, "•" | "●" | "○" | "▪" | "■" | "□" | "◦" | "‣" | "·" | "*" | "-" | "–" | "—" | "►" | "❖")
        {
            return Some(Self { style: MarkerStyle::Bullet, value: 1 });
        }
        let (inner, decoration) = if let Some(inner) = word.strip_prefix('(') {
            (inner.strip_suffix(')')?, Decoration::Parentheses)
        } else if let Some(inner) = word.strip_suffix(')') {
            (inner, Decoration::Parenthesis)
        } else {
            (word.strip_suffix('.')?, Decoration::Period)
        };
        let (numerals, value) = read_number(inner)?;
        Some(Self { style: MarkerStyle::Numbered(numerals, decoration), value })
    }

    /// Whether it is a dot, a dash or a box.
    #[must_use]
    pub fn is_bullet(self) -> bool {
        self.style == MarkerStyle::Bullet
    }

    /// Whether this marker follows `other` in a list.
    #[must_use]
    pub fn follows(self, other: Self) -> bool {
        self.style == other.style && (self.style == MarkerStyle::Bullet || self.value == other.value + 1)
    }

    /// The same word read as a letter, if it can also be a Roman numeral: `(i)` after `(h)`.
    fn as_letter(self) -> Option<Self> {
        let MarkerStyle::Numbered(numerals @ (Numerals::LowerRoman | Numerals::UpperRoman), decoration) = self.style
        else {
            return None;
        };
        let value = match self.value {
            1 => 9,
            5 => 22,
            10 => 24,
            50 => 12,
            100 => 3,
            _ => return None,
        };
        let letters = if numerals == Numerals::LowerRoman { Numerals::LowerLetter } else { Numerals::UpperLetter };
        Some(Self { style: MarkerStyle::Numbered(letters, decoration), value })
    }
}

impl std::fmt::Display for Marker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let MarkerStyle::Numbered(numerals, decoration) = self.style else { return f.write_str("•") };
        let letter = char::from(b'a' + (self.value.saturating_sub(1) % 26) as u8);
        let number = match numerals {
            Numerals::Decimal => self.value.to_string(),
            Numerals::LowerLetter => letter.to_string(),
            Numerals::UpperLetter => letter.to_ascii_uppercase().to_string(),
            Numerals::LowerRoman => roman(self.value),
            Numerals::UpperRoman => roman(self.value).to_ascii_uppercase(),
        };
        match decoration {
            Decoration::Period => write!(f, "{number}."),
            Decoration::Parenthesis => write!(f, "{number})"),
            Decoration::Parentheses => write!(f, "({number})"),
        }
    }
}

fn read_number(text: &str) -> Option<(Numerals, u32)> {
    let mut letters = text.chars();
    match (letters.next()?, letters.next()) {
        (first, _) if first.is_ascii_digit() => {
            let plain = text.len() <= 3 && first != '0' && text.bytes().all(|b| b.is_ascii_digit());
            Some((Numerals::Decimal, plain.then(|| text.parse().ok())??))
        }
        _ if text.len() <= 7 && text.bytes().all(|b| b"ivxlc".contains(&b)) => {
            read_roman(text).map(|value| (Numerals::LowerRoman, value))
        }
        _ if text.len() <= 7 && text.bytes().all(|b| b"IVXLC".contains(&b)) => {
            read_roman(&text.to_ascii_lowercase()).map(|value| (Numerals::UpperRoman, value))
        }
        (letter @ 'a'..='z', None) => Some((Numerals::LowerLetter, letter as u32 - 'a' as u32 + 1)),
        (letter @ 'A'..='Z', None) => Some((Numerals::UpperLetter, letter as u32 - 'A' as u32 + 1)),
        _ => None,
    }
}

/// A Roman numeral up to 199 in lower case; `None` for letters in an invalid order.
fn read_roman(text: &str) -> Option<u32> {
    (1..200).find(|&value| roman(value) == text)
}

fn roman(mut value: u32) -> String {
    const PARTS: [(u32, &str); 9] =
        [(100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")];
    let mut text = String::new();
    for (part, letters) in PARTS {
        while value >= part {
            text += letters;
            value -= part;
        }
    }
    text
}

/// Decides which items of a page belong to lists, and their levels. An item that neither follows nor precedes another
/// of its kind, and has no hanging indent, is a paragraph that begins with a number: `A. Smith`.
pub(super) fn settle(elements: &mut [Element]) {
    read_letters(elements);
    let markers: Vec<Option<(Marker, bool)>> = elements
        .iter()
        .map(|element| match element {
            Element::Item(item) => Some((item.marker, item.hanging)),
            _ => None,
        })
        .collect();
    let items: Vec<usize> = (0..markers.len()).filter(|&at| markers[at].is_some()).collect();
    let mut meant = vec![false; elements.len()];
    for pair in items.windows(2) {
        if let (Some((a, _)), Some((b, _))) = (markers[pair[0]], markers[pair[1]])
            && b.follows(a)
            && (pair[1] - pair[0] <= 3 || a.style != MarkerStyle::Bullet)
        {
            meant[pair[0]] = true;
            meant[pair[1]] = true;
        }
    }
    let mut open: Vec<(f32, MarkerStyle)> = Vec::new();
    for (at, element) in elements.iter_mut().enumerate() {
        let Element::Item(item) = element else { continue };
        let dash = item.marker.style == MarkerStyle::Bullet && !meant[at];
        if dash || !(meant[at] || item.hanging) {
            *element = as_paragraph(item);
            continue;
        }
        item.level = level(&mut open, item);
    }
}

/// Reads `(i)` as a letter if its list counts in letters.
fn read_letters(elements: &mut [Element]) {
    let mut last: Option<Marker> = None;
    for element in elements {
        let Element::Item(item) = element else { continue };
        if let (Some(last), Some(letter)) = (last, item.marker.as_letter())
            && letter.follows(last)
        {
            item.marker = letter;
        }
        last = Some(item.marker);
    }
}

/// The level of an item among the open lists; closes lists or opens a new one.
fn level(open: &mut Vec<(f32, MarkerStyle)>, item: &ListItem) -> u8 {
    const DEEPEST: usize = 3;
    let inset = 9.0;
    while open.len() > 1 && open.last().is_some_and(|(start, _)| item.start < start - inset) {
        open.pop();
    }
    match open.last() {
        Some((start, style)) if *style != item.marker.style && item.start > start + inset && open.len() < DEEPEST => {
            open.push((item.start, item.marker.style));
        }
        Some(_) => {}
        None => open.push((item.start, item.marker.style)),
    }
    if let Some(last) = open.last_mut() {
        *last = (last.0, item.marker.style);
    }
    (open.len() - 1) as u8
}

fn as_paragraph(item: &ListItem) -> Element {
    let mut paragraph = item.paragraph.clone();
    let mut text = if item.marker.style == MarkerStyle::Bullet { "-".to_owned() } else { item.marker.to_string() };
    text.push(' ');
    append_line(&mut text, &paragraph.text);
    paragraph.text = text;
    Element::Paragraph(paragraph)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markers_are_read_as_they_are_written() {
        for word in ["1.", "12)", "(3)", "a.", "(B)", "iv.", "(ii)", "XIV.", "•"] {
            assert_eq!(Marker::read(word).unwrap().to_string(), word);
        }
        for word in ["1996.", "1", "a", "Mr.", "iiii.", "()", ".", "(", "3.5", "ab.", "0.", "1.)", ""] {
            assert_eq!(Marker::read(word), None, "{word}");
        }
    }

    proptest! {
        #[test]
        fn a_number_follows_the_one_before(value in 1u32..30) {
            let read = |n: u32| Marker::read(&format!("({})", roman(n))).unwrap();
            prop_assert!(read(value + 1).follows(read(value)));
            prop_assert!(!read(value).follows(read(value + 1)));
        }

        #[test]
        fn no_word_is_too_odd(word in any::<String>()) {
            let _ = Marker::read(&word);
        }
    }
}
