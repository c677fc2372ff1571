//! A rectangle on some pages in which a field is looked for.

use recto_domain::{Page, Rect, Word};
use serde_json::Value;

use super::reader::{Reader, shown};
use super::traced::{TracedText, WordPosition};

/// Points in an inch.
const POINTS: f64 = 72.0;

/// The key `area` of a field: a rectangle on some pages.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Area {
    first_page: u32,
    last_page: u32,
    rect: Rect,
}

impl Area {
    /// Reads the keys `f` and `l` (first and last page), `x`, `y`, `W` and `H` in pixels, and `r`, the pixels per inch.
    pub(super) fn read(reader: &mut Reader, path: &str, value: &Value) -> Option<Self> {
        let object = reader.object(path, value)?;
        let mut number = |key: &str, least: f64| {
            let value = object.get(key).unwrap_or(&Value::Null);
            let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
            let number = number.filter(|number: &f64| number.is_finite() && *number >= least);
            if number.is_none() {
                reader.wrong(&format!("{path}.{key}"), &format!("must be a number from {least}, not {}", shown(value)));
            }
            number
        };
        let keys = [("f", 1.0), ("l", 1.0), ("x", 0.0), ("y", 0.0), ("W", 0.0), ("H", 0.0), ("r", 1.0)];
        let [f, l, x, y, w, h, r] = keys.map(|(key, least)| number(key, least));
        let scale = POINTS / r?;
        let points = |pixels: f64| (pixels * scale) as f32;
        let rect = Rect { x: points(x?), y: points(y?), width: points(w?), height: points(h?) };
        Some(Self { first_page: f? as u32, last_page: l? as u32, rect })
    }

    /// The words that are at least partly inside the area, in lines, with a space between words.
    pub(super) fn cut(&self, pages: &[Page]) -> TracedText {
        let mut text = TracedText::default();
        for page in pages.iter().filter(|page| (self.first_page..=self.last_page).contains(&page.number)) {
            let words: Vec<&Word> = page.words().filter(|word| self.rect.intersection(&word.bbox).is_some()).collect();
            for (index, row) in rows(words).into_iter().enumerate() {
                if index > 0 || !text.as_str().is_empty() {
                    text.push_filler("\n");
                }
                for (index, word) in row.into_iter().enumerate() {
                    if index > 0 {
                        text.push_filler(" ");
                    }
                    text.push_word(&word.text, WordPosition { page: page.number, bbox: word.bbox });
                }
            }
        }
        text
    }
}

/// Groups words into rows: rows from top to bottom, and words from left to right.
fn rows(mut words: Vec<&Word>) -> Vec<Vec<&Word>> {
    words.sort_by(|a, b| a.bbox.center().y.total_cmp(&b.bbox.center().y));
    let mut rows: Vec<(Rect, Vec<&Word>)> = Vec::new();
    for word in words {
        match rows.last_mut() {
            Some((around, row)) if word.bbox.center().y < around.bottom() => {
                *around = around.union(&word.bbox);
                row.push(word);
            }
            _ => rows.push((word.bbox, vec![word])),
        }
    }
    rows.into_iter()
        .map(|(_, mut row)| {
            row.sort_by(|a, b| a.bbox.x.total_cmp(&b.bbox.x));
            row
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use recto_domain::{Block, BlockKind, Line, PageSource, Rotation, Size};
    use serde_json::json;

    use super::*;

    fn word(text: &str, x: f32, y: f32) -> Word {
        Word { text: text.to_owned(), bbox: Rect { x, y, width: 30.0, height: 8.0 }, confidence: 1.0 }
    }

    #[test]
    fn an_area_is_in_pixels_and_cuts_words() {
        let line =
            Line::of(0.0, vec![word("right", 172.0, 101.0), word("left", 72.0, 100.0), word("off", 72.0, 300.0)]);
        let block = Block::of(BlockKind::Paragraph, vec![line.unwrap()]).unwrap();
        let size = Size { width: 595.0, height: 842.0 };
        let page = Page::read(1, size, Rotation::None, PageSource::TextLayer, None, vec![block]);
        let mut reader = Reader::default();
        let value = json!({"f": 1, "l": 1, "x": 100, "y": 100, "r": 100, "W": 200, "H": 200});
        let area = Area::read(&mut reader, "area", &value).unwrap();
        assert_eq!(area.cut(&[page]).as_str(), "left right");
    }

    #[test]
    fn an_area_names_the_keys_that_it_lacks() {
        let mut reader = Reader::default();
        assert_eq!(Area::read(&mut reader, "area", &json!({"f": 0, "l": 1, "x": 1, "y": 1, "r": 100, "W": 1})), None);
        let wrong = reader.into_wrong();
        assert_eq!(wrong, ["area.f must be a number from 1, not 0", "area.H must be a number from 0, not null"]);
    }
}
