//! A text that keeps track of the words it was made from, even when it is sliced and rewritten.

use std::ops::Range;

use recto_domain::Rect;

/// The origin of a byte that is in no word.
const NO_WORD: u32 = u32::MAX;

/// The position of a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WordPosition {
    /// The page, from 1.
    pub(crate) page: u32,
    /// The bounding box on the page.
    pub(crate) bbox: Rect,
}

impl WordPosition {
    /// The box around all places that are on the page of the first one; `None` when there are no places.
    pub(crate) fn around(places: impl IntoIterator<Item = Self>) -> Option<Self> {
        places.into_iter().reduce(|all, place| {
            if place.page == all.page { Self { bbox: all.bbox.union(&place.bbox), ..all } } else { all }
        })
    }
}

/// A text made from words of a document.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TracedText {
    text: String,
    /// The index of the word for each byte of the text.
    origins: Vec<u32>,
    places: Vec<WordPosition>,
}

impl TracedText {
    /// The text itself.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Appends text that belongs to no word, such as spaces.
    pub(crate) fn push_filler(&mut self, text: &str) {
        self.text.push_str(text);
        self.origins.resize(self.text.len(), NO_WORD);
    }

    /// Appends a word whose position is `place`.
    pub(crate) fn push_word(&mut self, word: &str, place: WordPosition) {
        let index = self.places.len() as u32;
        self.places.push(place);
        self.text.push_str(word);
        self.origins.resize(self.text.len(), index);
    }

    /// The position of the words in a range of bytes, on the page of the first of them. `None` when there are none.
    pub(crate) fn place(&self, range: &Range<usize>) -> Option<WordPosition> {
        let origins = self.origins.get(range.clone())?;
        let mut previous = NO_WORD;
        let is_next = |origin: &u32| *origin != std::mem::replace(&mut previous, *origin) && *origin != NO_WORD;
        let words = origins.iter().copied().filter(is_next);
        WordPosition::around(words.filter_map(|origin| self.places.get(origin as usize).copied()))
    }

    /// Maps every character to any number of characters, which keep its origin.
    pub(crate) fn map_chars<I: IntoIterator<Item = char>>(&self, map: impl Fn(char) -> I) -> Self {
        let mut mapped = Self { places: self.places.clone(), ..Self::default() };
        for (at, c) in self.text.char_indices() {
            mapped.text.extend(map(c));
            mapped.origins.resize(mapped.text.len(), self.origins[at]);
        }
        mapped
    }

    /// The text with some ranges replaced; these are in order and do not overlap. A replacement for text of several
    /// words is distributed over them by length.
    pub(crate) fn replaced(&self, replacements: &[(Range<usize>, String)]) -> Self {
        let mut new = Self { places: self.places.clone(), ..Self::default() };
        let mut at = 0;
        for (range, replacement) in replacements {
            new.copy(self, at..range.start);
            for byte in 0..replacement.len() {
                let from = range.start + byte * range.len() / replacement.len();
                let origin = self.origins.get(from).filter(|_| !range.is_empty());
                new.origins.push(origin.copied().unwrap_or(NO_WORD));
            }
            new.text.push_str(replacement);
            at = range.end;
        }
        new.copy(self, at..self.text.len());
        new
    }

    fn copy(&mut self, from: &Self, range: Range<usize>) {
        self.text.push_str(&from.text[range.clone()]);
        self.origins.extend_from_slice(&from.origins[range]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(x: f32) -> WordPosition {
        WordPosition { page: 1, bbox: Rect { x, y: 0.0, width: 10.0, height: 10.0 } }
    }

    fn two_words() -> TracedText {
        let mut text = TracedText::default();
        text.push_word("Größe", place(0.0));
        text.push_filler("  ");
        text.push_word("12", place(50.0));
        text
    }

    #[test]
    fn a_range_is_traced_to_its_words() {
        let text = two_words();
        assert_eq!(text.place(&(0..3)), Some(place(0.0)));
        assert_eq!(text.place(&(7..9)), None);
        assert_eq!(text.place(&(0..text.as_str().len())).unwrap().bbox.width, 60.0);
    }

    #[test]
    fn places_survive_rewriting() {
        let text = two_words().map_chars(char::to_uppercase);
        assert_eq!(text.as_str(), "GRÖSSE  12");
        let at = text.as_str().find("12").unwrap();
        let shorter = text.replaced(&[(at - 2..at, String::new()), (at..at + 2, "no. 12".to_owned())]);
        assert_eq!(shorter.as_str(), "GRÖSSEno. 12");
        let at = shorter.as_str().find("no.").unwrap();
        assert_eq!(shorter.place(&(at..at + 6)), Some(place(50.0)));
    }
}
