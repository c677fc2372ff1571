//! What a page's words mean as a document: headings, paragraphs, lists and tables, found from where the words are.
//!
//! Engines give lines in reading order and blocks that are right more often than not. [`pieces`] keeps the order,
//! takes the blocks as hints, and decides by the geometry that a typist or a typesetter left: gaps, indents, line
//! ends that leave room, columns that line up. [`Flow`] then joins what runs over the end of a page. Nothing here
//! knows about an output format.

mod flow;
mod heading;
mod joining;
mod list;
mod paragraph;
mod piece;
mod script;
mod sheet;
mod table;

pub(crate) use flow::Flow;
pub(crate) use list::{Decoration, Marker, MarkerStyle, Numerals};
pub(crate) use piece::{Align, Column, ListItem, Marginal, Paragraph, Piece, Table};
pub(crate) use script::is_right_to_left;

use recto_domain::Page;
use sheet::Sheet;

/// The pieces of a page in reading order.
pub(crate) fn pieces(page: &Page) -> Vec<Piece> {
    let sheet = Sheet::of(page);
    let tables = table::find(&sheet);
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    for (at, line) in sheet.lines.iter().enumerate() {
        match tables.owner[at] {
            None => text.push(line),
            Some(table) if tables.first_line[table] == at => {
                pieces.extend(paragraph::group(&sheet, &std::mem::take(&mut text)));
                pieces.push(Piece::Table(tables.found[table].clone()));
            }
            Some(_) => {}
        }
    }
    pieces.extend(paragraph::group(&sheet, &text));
    list::settle(&mut pieces);
    paragraph::mark_margins(&mut pieces);
    pieces
}
