//! TSV: Tesseract's table format, with a row for each page, block, paragraph, line and word.
//!
//! The twelve columns are Tesseract's, so programs that read its tables can read this one:
//! - `level` is 1 for a page, 2 for a block, 3 for a paragraph, 4 for a line, 5 for a word.
//! - `page_num` counts through the whole batch, so that no two pages share a number. `block_num`, `par_num`, `line_num`
//!   and `word_num` count within the enclosing element; a block has one paragraph.
//! - `left`, `top`, `width` and `height` are pixels at 300 dpi.
//! - `conf` is 0 to 100 for a word and -1 for everything else.
//! - `text` is the word. In page rows, where Tesseract leaves it empty, it names the file and the page number, and
//!   gives the reason if the page could not be read. A file without a document has such a row too, as page 0 without a
//!   size, with its status and the reason. Readers that want only words select rows with a `conf` of 0 or more.
//!
//! As in Tesseract's tables, quotes have no special meaning; characters that would break a row become U+FFFD. Unlike
//! there, a `'` precedes a text that a spreadsheet would execute as a formula.

use std::io::{self, Write};

use recto_domain::{FinishedBatch, FinishedDocument, Page, Rect};

use crate::error::ExportError;
use crate::files::{Entry, entries};
use crate::flat_text::{name_line, one_line};
use crate::formula;
use crate::measure;
use crate::pixels::PixelBox;

const HEADER: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n";

/// Writes the documents of a batch as one table in UTF-8 with line feeds.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    out.write_all(HEADER.as_bytes())?;
    let mut page_number = 0;
    for entry in &entries(batch) {
        let document = match entry {
            Entry::Read(document) => document,
            Entry::Unread(file) => {
                let label = format!("{} {}", file.name_line(), file.note());
                writeln!(out, "1\t0\t0\t0\t0\t0\t0\t0\t0\t0\t-1\t{}", formula::guarded(&label))?;
                continue;
            }
        };
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            page_number += 1;
            write_page(document, &page, page_number, out)?;
        }
    }
    Ok(())
}

fn write_page(document: &FinishedDocument, page: &Page, page_number: u32, out: &mut dyn Write) -> io::Result<()> {
    let mut row = |level: u8, [block, paragraph, line, word]: [usize; 4], place: &Rect, rest: (i64, &str)| {
        let place = PixelBox::of(place);
        writeln!(
            out,
            "{level}\t{page_number}\t{block}\t{paragraph}\t{line}\t{word}\t{}\t{}\t{}\t{}\t{}\t{}",
            place.left,
            place.top,
            place.width(),
            place.height(),
            rest.0,
            formula::guarded(rest.1),
        )
    };
    let whole = Rect { x: 0.0, y: 0.0, width: page.size.width, height: page.size.height };
    row(1, [0; 4], &whole, (-1, &page_label(document, page)))?;
    for (block_number, block) in (1..).zip(&page.blocks) {
        row(2, [block_number, 0, 0, 0], &block.bbox, (-1, ""))?;
        row(3, [block_number, 1, 0, 0], &block.bbox, (-1, ""))?;
        for (line_number, line) in (1..).zip(&block.lines) {
            row(4, [block_number, 1, line_number, 0], &line.bbox, (-1, ""))?;
            for (word_number, word) in (1..).zip(&line.words) {
                let confidence = (measure::confidence(word.confidence) * 100.0).round() as i64;
                let place = [block_number, 1, line_number, word_number];
                row(5, place, &word.bbox, (confidence, &one_line(&word.text)))?;
            }
        }
    }
    Ok(())
}

fn page_label(document: &FinishedDocument, page: &Page) -> String {
    let label = format!("{}, page {}", name_line(document), page.number);
    match &page.error {
        Some(error) => format!("{label} could not be read: {}", one_line(error)),
        None => label,
    }
}
