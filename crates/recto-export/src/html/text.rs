//! The text of a document: headings, paragraphs, lists and tables.

use std::io::{self, Write};

use recto_domain::{FinishedBatch, FinishedDocument};
use recto_layout::{Align, Cell, Element, Marginal, Paragraph, Table};

use super::list::Lists;
use crate::error::ExportError;
use crate::markup::Markup;
use crate::reading::{Part, read_through};

/// A text being written.
pub(super) struct Text<'a, W: Write> {
    html: &'a mut Markup<W>,
    lists: Lists,
    empty: bool,
}

impl<'a, W: Write> Text<'a, W> {
    pub(super) fn new(html: &'a mut Markup<W>) -> Self {
        Self { html, lists: Lists::default(), empty: true }
    }

    /// Writes a document's text, or that there is none.
    pub(super) fn document(
        mut self,
        batch: &mut dyn FinishedBatch,
        document: &FinishedDocument,
    ) -> Result<(), ExportError> {
        read_through(batch, document, |part| self.part(&part))?;
        self.lists.end(self.html)?;
        if self.empty {
            self.html.element("p", &[("class", "quiet")], "No text was found.")?;
        }
        Ok(())
    }

    fn part(&mut self, part: &Part) -> io::Result<()> {
        self.empty = false;
        if let Part::Element(Element::Item(item)) = part {
            self.lists.item(self.html, item.level, item.marker)?;
            self.html.open("span", &[("dir", "auto")])?;
            self.lines(&item.paragraph.text)?;
            return self.html.close("span");
        }
        self.lists.end(self.html)?;
        self.html.line_end()?;
        match part {
            Part::FailedPage(note) => self.html.element("p", &[("class", "failed")], note),
            Part::Element(Element::Heading { level, text }) => {
                let name = if *level == 1 { "h3" } else { "h4" };
                self.html.element(name, &[("dir", "auto")], text)
            }
            Part::Element(Element::Paragraph(paragraph)) => self.paragraph(paragraph),
            Part::Element(Element::Table(table)) => self.table(table),
            Part::Element(Element::Item(_)) => Ok(()),
        }
    }

    fn paragraph(&mut self, paragraph: &Paragraph) -> io::Result<()> {
        // A line at the page margin without a number may equally be the last line of a letter.
        let marginal = paragraph.marginal == Marginal::Margin && paragraph.text.contains(char::is_numeric);
        let class = match (marginal, paragraph.align) {
            (true, _) => Some("margin"),
            (false, align) => class_of(align),
        };
        let attributes: Vec<_> = class.map(|class| ("class", class)).into_iter().chain([("dir", "auto")]).collect();
        self.html.open("p", &attributes)?;
        self.lines(&paragraph.text)?;
        self.html.close("p")
    }

    fn table(&mut self, table: &Table) -> io::Result<()> {
        self.html.open("div", &[("class", "table")])?;
        self.html.open("table", &[])?;
        let rows = table.crossed();
        let (head, body) = rows.split_at(table.header_rows());
        self.rows("thead", head, table)?;
        self.rows("tbody", body, table)?;
        self.html.close("table")?;
        self.html.close("div")
    }

    /// Writes rows in their part of the table, if there are any.
    fn rows(&mut self, part: &str, rows: &[Vec<(usize, bool, &Cell)>], table: &Table) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.html.open(part, &[])?;
        for row in rows {
            self.html.open("tr", &[])?;
            for (column, _, cell) in row.iter().filter(|(_, begins, _)| *begins) {
                self.cell(cell, table.columns.get(*column).map_or(Align::Start, |column| column.align))?;
            }
            self.html.close("tr")?;
        }
        self.html.close(part)
    }

    fn cell(&mut self, cell: &Cell, align: Align) -> io::Result<()> {
        let (rows, columns) = (cell.row_span.to_string(), cell.col_span.to_string());
        let name = if cell.header { "th" } else { "td" };
        let align = if cell.col_span > 1 { Align::Center } else { align };
        let class = class_of(align).map(|class| ("class", class));
        let row_span = (cell.row_span > 1).then_some(("rowspan", rows.as_str()));
        let column_span = (cell.col_span > 1).then_some(("colspan", columns.as_str()));
        let scope = cell.header.then_some(("scope", if cell.col_span > 1 { "colgroup" } else { "col" }));
        let all = [class, row_span, column_span, scope, Some(("dir", "auto"))];
        self.html.open(name, &all.into_iter().flatten().collect::<Vec<_>>())?;
        self.lines(&cell.text)?;
        self.html.close(name)
    }

    /// Writes intended line ends as such, and a wide gap as an em space.
    fn lines(&mut self, text: &str) -> io::Result<()> {
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.html.empty("br", &[])?;
            }
            self.html.text(&line.replace('\t', "\u{2003}"))?;
        }
        Ok(())
    }
}

fn class_of(align: Align) -> Option<&'static str> {
    match align {
        Align::Start => None,
        Align::Center => Some("center"),
        Align::End => Some("end"),
    }
}
