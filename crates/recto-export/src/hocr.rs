//! hOCR 1.2 (<http://kba.github.io/hocr-spec/1.2/>): an HTML page whose classes and titles give the position of text.
//!
//! All documents are in one file, each in a division; its pages name the file as their `image`. A file without a
//! document has a division with a note and no page. Boxes are in pixels at 300 dpi, which `scan_res` states on each
//! page. The file is also well-formed XML, for tools that use an XML parser.

use std::io::{self, Write};

use recto_domain::{FinishedBatch, FinishedDocument, Line, Page, Word};
use recto_layout::is_right_to_left;

use crate::error::ExportError;
use crate::files::{Entry, UnreadFile, entries};
use crate::flat_text::{failure_note, name_line};
use crate::markup::Markup;
use crate::measure;
use crate::pixels::{DPI, PixelBox, pixels};

/// The hOCR capabilities in use.
const CAPABILITIES: &str = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf";

/// Writes the documents of a batch as one hOCR file in UTF-8.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    let entries = entries(batch);
    let pages: u32 = entries.iter().map(Entry::page_count).sum();
    let mut xml = Markup::begin_html(out)?;
    xml.open("html", &[("xmlns", "http://www.w3.org/1999/xhtml")])?;
    xml.line_end()?;
    xml.open("head", &[])?;
    xml.empty("meta", &[("charset", "utf-8")])?;
    xml.element("title", &[], &batch.details().batch.name)?;
    for (name, content) in [
        ("ocr-system", concat!("Recto ", env!("CARGO_PKG_VERSION"))),
        ("ocr-capabilities", CAPABILITIES),
        ("ocr-number-of-pages", &pages.to_string()),
    ] {
        xml.empty("meta", &[("name", name), ("content", content)])?;
    }
    xml.close("head")?;
    xml.line_end()?;
    xml.open("body", &[])?;
    for (at, entry) in entries.iter().enumerate() {
        let mut writer = Writer { xml: &mut xml, document: at + 1 };
        match entry {
            Entry::Read(document) => writer.document(batch, document)?,
            Entry::Unread(file) => writer.unread(file)?,
        }
    }
    xml.close("body")?;
    xml.close("html")?;
    xml.line_end()?;
    Ok(())
}

/// Writes a document.
struct Writer<'a, W: Write> {
    xml: &'a mut Markup<W>,
    /// Its number in the file, from 1; all its ids begin with it.
    document: usize,
}

impl<W: Write> Writer<'_, W> {
    fn document(&mut self, batch: &mut dyn FinishedBatch, document: &FinishedDocument) -> Result<(), ExportError> {
        self.xml.line_end()?;
        self.xml.open("div", &[("id", &format!("document_{}", self.document))])?;
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            self.page(document, &page)?;
        }
        self.xml.close("div")?;
        Ok(())
    }

    /// Writes the note for a file without a document. It has no hOCR class, because it is not text of a page.
    fn unread(&mut self, file: &UnreadFile) -> io::Result<()> {
        let id = format!("document_{}", self.document);
        let title = format!("image {}", quoted(&file.name_line()));
        self.xml.line_end()?;
        self.xml.open("div", &[("id", &id), ("title", &title)])?;
        let note = format!("{} {}", file.name_line(), file.note());
        self.xml.element("p", &[("class", "recto_failed")], &note)?;
        self.xml.close("div")
    }

    fn page(&mut self, document: &FinishedDocument, page: &Page) -> io::Result<()> {
        let title = format!(
            "image {}; bbox 0 0 {} {}; ppageno {}; scan_res {DPI} {DPI}",
            quoted(&name_line(document)),
            pixels(page.size.width),
            pixels(page.size.height),
            page.number.saturating_sub(1),
        );
        let id = format!("page_{}_{}", self.document, page.number);
        // The language is stated only if there is a single one, because HTML has no notation for several.
        let language = page.language.as_deref().filter(|language| language.bytes().all(|b| b.is_ascii_alphabetic()));
        let language: Vec<_> = language.into_iter().flat_map(|l| [("lang", l), ("xml:lang", l)]).collect();
        let attributes = [[("class", "ocr_page"), ("id", &id), ("title", &title)].as_slice(), &language].concat();
        self.xml.line_end()?;
        self.xml.open("div", &attributes)?;
        if let Some(note) = failure_note(page) {
            // It has no hOCR class, because it is not text of the page.
            self.xml.element("p", &[("class", "recto_failed")], &note)?;
        }
        let mut line_number = 0;
        let mut word_number = 0;
        for (at, block) in page.blocks.iter().enumerate() {
            let title = bbox(PixelBox::of(&block.bbox));
            let number = format!("{}_{}_{}", self.document, page.number, at + 1);
            self.xml.line_end()?;
            self.xml.open("div", &[("class", "ocr_carea"), ("id", &format!("block_{number}")), ("title", &title)])?;
            let id = format!("par_{number}");
            let mut paragraph = vec![("class", "ocr_par"), ("id", &id), ("title", &title)];
            if is_right_to_left(&block.text()) {
                paragraph.push(("dir", "rtl"));
            }
            self.xml.open("p", &paragraph)?;
            for line in &block.lines {
                line_number += 1;
                self.line(page, line, line_number, &mut word_number)?;
            }
            self.xml.close("p")?;
            self.xml.close("div")?;
        }
        self.xml.close("div")
    }

    fn line(&mut self, page: &Page, line: &Line, number: usize, word_number: &mut usize) -> io::Result<()> {
        let id = format!("line_{}_{}_{number}", self.document, page.number);
        self.xml.line_end()?;
        self.xml.open("span", &[("class", "ocr_line"), ("id", &id), ("title", &line_title(line))])?;
        for (at, word) in line.words.iter().enumerate() {
            if at > 0 {
                self.xml.text(" ")?;
            }
            *word_number += 1;
            let id = format!("word_{}_{}_{word_number}", self.document, page.number);
            self.xml.element(
                "span",
                &[("class", "ocrx_word"), ("id", &id), ("title", &word_title(word))],
                &word.text,
            )?;
        }
        self.xml.close("span")
    }
}

fn bbox(place: PixelBox) -> String {
    format!("bbox {} {} {} {}", place.left, place.top, place.right, place.bottom)
}

fn word_title(word: &Word) -> String {
    let confidence = (measure::confidence(word.confidence) * 100.0).round();
    format!("{}; x_wconf {confidence}", bbox(PixelBox::of(&word.bbox)))
}

/// The line's box and its baseline: the slope, and the height above the box's lower left corner at which it begins. For
/// a line that runs up or down, the counter-clockwise angle instead.
fn line_title(line: &Line) -> String {
    let place = PixelBox::of(&line.bbox);
    let angle = if line.angle.is_finite() { line.angle } else { 0.0 };
    if angle.abs() > 45.0 {
        return format!("{}; textangle {}", bbox(place), measure::degrees((-angle).rem_euclid(360.0)));
    }
    let slope = f64::from(angle).to_radians().tan();
    // Most words of a line stand on its baseline. The median of their lower edges, corrected for the slope, is
    // therefore on it.
    let scale = f64::from(DPI) / 72.0;
    let corner = (f64::from(line.bbox.x), f64::from(line.bbox.bottom()));
    let mut offsets: Vec<f64> = line
        .words
        .iter()
        .map(|word| {
            let reach = (f64::from(word.bbox.width) * slope.abs()) / 2.0;
            let bottom = f64::from(word.bbox.bottom()) - reach;
            (bottom - corner.1 - slope * (f64::from(word.bbox.center().x) - corner.0)) * scale
        })
        .collect();
    offsets.sort_by(f64::total_cmp);
    let offset = offsets.get(offsets.len() / 2).copied().unwrap_or(0.0).min(0.0).round() + 0.0;
    let slope = (slope * 1000.0).round() / 1000.0 + 0.0;
    format!("{}; baseline {slope} {offset}", bbox(place))
}

/// A file name in the title's quotes, whose grammar (section 3.2) has no escape for a quote.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "'"))
}

#[cfg(test)]
mod tests {
    use recto_domain::Rect;

    use super::*;

    fn word(x: f32, y: f32, width: f32, height: f32) -> Word {
        Word { text: "word".to_owned(), bbox: Rect { x, y, width, height }, confidence: 0.876 }
    }

    #[test]
    fn boxes_are_in_pixels_and_confidence_in_percent() {
        assert_eq!(word_title(&word(72.0, 36.0, 24.0, 12.0)), "bbox 300 150 400 200; x_wconf 88");
    }

    #[test]
    fn a_descender_does_not_lower_the_baseline() {
        let line =
            Line::of(0.0, vec![word(0.0, 0.0, 20.0, 8.0), word(24.0, 0.0, 20.0, 10.4), word(48.0, 0.0, 9.0, 8.0)]);
        assert_eq!(line_title(&line.unwrap()), "bbox 0 0 238 43; baseline 0 -10");
    }

    #[test]
    fn a_falling_line_has_a_positive_slope_and_a_turned_one_an_angle() {
        let words = (0..5).map(|i| word(i as f32 * 40.0, i as f32 * 4.0, 30.0, 13.0)).collect();
        let falling = line_title(&Line::of(5.71, words).unwrap());
        assert!(falling.ends_with("baseline 0.1 -79"), "{falling}");
        let down = line_title(&Line::of(90.0, vec![word(0.0, 0.0, 10.0, 30.0)]).unwrap());
        assert!(down.ends_with("textangle 270"), "{down}");
    }

    #[test]
    fn quotes_do_not_end_a_name() {
        assert_eq!(quoted("a\"; bbox 0 0 1 1"), "\"a'; bbox 0 0 1 1\"");
    }
}
