//! The text of a document: headings, paragraphs, lists and tables.

use std::io::{self, Write};

use recto_domain::{FinishedBatch, FinishedDocument};

use super::list::Lists;
use crate::error::ExportError;
use crate::layout::{Align, Marginal, Paragraph, Piece, Table};
use crate::markup::Markup;
use crate::reading::{Part, read_through};

/// A text on its way out.
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
        if let Part::Piece(Piece::Item(item)) = part {
            self.lists.item(self.html, item.level, item.marker)?;
            self.html.open("span", &[("dir", "auto")])?;
            self.lines(&item.paragraph.text)?;
            return self.html.close("span");
        }
        self.lists.end(self.html)?;
        self.html.line_end()?;
        match part {
            Part::FailedPage(note) => self.html.element("p", &[("class", "failed")], note),
            Part::Piece(Piece::Heading { level, text }) => {
                let name = if *level == 1 { "h3" } else { "h4" };
                self.html.element(name, &[("dir", "auto")], text)
            }
            Part::Piece(Piece::Paragraph(paragraph)) => self.paragraph(paragraph),
            Part::Piece(Piece::Table(table)) => self.table(table),
            Part::Piece(Piece::Item(_)) => Ok(()),
        }
    }

    fn paragraph(&mut self, paragraph: &Paragraph) -> io::Result<()> {
        // A line at the rim without a number may as well be the last of a letter.
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
        self.html.open("tbody", &[])?;
        for row in &table.rows {
            self.html.open("tr", &[])?;
            for (cell, column) in row.iter().zip(&table.columns) {
                let class = class_of(column.align).map(|class| ("class", class));
                let attributes: Vec<_> = class.into_iter().chain([("dir", "auto")]).collect();
                self.html.open("td", &attributes)?;
                self.lines(cell)?;
                self.html.close("td")?;
            }
            self.html.close("tr")?;
        }
        self.html.close("tbody")?;
        self.html.close("table")?;
        self.html.close("div")
    }

    /// A line end that the writer meant is one; a wide gap is an em space.
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
