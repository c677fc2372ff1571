//! The structure of a page as a document: headings, paragraphs, lists and tables, derived from the positions of words.
//!
//! Engines give lines in reading order, and blocks that are usually right. [`elements`] keeps the order, takes the
//! blocks as hints, and decides by the geometry left by typists and typesetters: gaps, indents, line ends that leave
//! room, aligned columns. [`Flow`] then joins text across page breaks. This module is independent of output formats.

mod element;
mod flow;
mod heading;
mod joining;
mod list;
mod paragraph;
mod script;
mod sheet;
mod table;

pub use element::{Align, Cell, Column, Element, ListItem, Marginal, Paragraph, Table};
pub use flow::Flow;
pub use list::{Decoration, Marker, MarkerStyle, Numerals};
pub use script::is_right_to_left;
pub use table::tables;

use recto_domain::Page;
use sheet::Sheet;

/// The elements of a page in reading order.
#[must_use]
pub fn elements(page: &Page) -> Vec<Element> {
    let sheet = Sheet::of(page);
    let table::Tables { found, first_line, rest } = table::find(&sheet);
    let mut elements = Vec::new();
    let mut text = Vec::new();
    for (at, line) in rest.iter().enumerate() {
        for (table, _) in found.iter().zip(&first_line).filter(|(_, first)| **first == at) {
            elements.extend(paragraph::group(&sheet, &std::mem::take(&mut text)));
            elements.push(Element::Table(table.clone()));
        }
        text.extend(line);
    }
    elements.extend(paragraph::group(&sheet, &text));
    list::settle(&mut elements);
    paragraph::mark_margins(&mut elements);
    elements
}
