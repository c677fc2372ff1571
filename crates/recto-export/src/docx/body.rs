//! The main part: sections, paragraphs, lists and tables. Elements are in the order of the schema (ECMA-376 part 1,
//! annex A.1), which Word requires.

use std::io::{self, Write};

use recto_domain::{Field, FinishedBatch, FinishedDocument, Page};
use recto_layout::{Align, Cell, Column, Element, Flow, ListItem, Marginal, Paragraph, Table, is_right_to_left};

use super::W;
use super::numbering::Numbering;
use super::page_setup::{PageSetup, TWENTIETHS};
use crate::error::ExportError;
use crate::field_view::FieldView;
use crate::files::UnreadFile;
use crate::flat_text::{failure_note, name_line};
use crate::markup::Markup;

/// The main part being written.
pub(super) struct Body<W: Write> {
    xml: Markup<W>,
    numbering: Numbering,
    /// The current section. Its properties are written in its last paragraph or, for the last section, at the end.
    section: Option<PageSetup>,
    /// Held back until it is known whether it ends its section.
    last: Option<Content>,
}

/// The content of a body.
enum Content {
    Text { style: Style, align: Align, text: String },
    Item(ListItem),
    Table(Table),
}

#[derive(Clone, Copy)]
enum Style {
    Normal,
    Heading(u8),
    PageMargin,
    Remark,
}

impl Style {
    fn id(self) -> Option<String> {
        match self {
            Self::Normal => None,
            Self::Heading(level) => Some(format!("Heading{level}")),
            Self::PageMargin => Some("PageMargin".to_owned()),
            Self::Remark => Some("Remark".to_owned()),
        }
    }
}

impl<O: Write> Body<O> {
    pub(super) fn begin(out: O) -> io::Result<Self> {
        let mut xml = Markup::begin(out, Some("yes"))?;
        xml.open("w:document", &[W])?;
        xml.open("w:body", &[])?;
        Ok(Self { xml, numbering: Numbering::default(), section: None, last: None })
    }

    /// Writes a document as a section.
    pub(super) fn document(
        &mut self,
        batch: &mut dyn FinishedBatch,
        document: &FinishedDocument,
    ) -> Result<(), ExportError> {
        self.end_section()?;
        self.add(Content::Text { style: Style::Heading(1), align: Align::Start, text: name_line(document) })?;
        if let Some(fields) = document.fields.as_ref().filter(|fields| !fields.is_empty()) {
            self.fields(fields)?;
        }
        let mut flow = Flow::default();
        for index in 0..document.page_count {
            let page = batch.page(document.record_id, index).map_err(ExportError::Source)?;
            self.page(&mut flow, &page)?;
        }
        self.elements(flow.finish())?;
        self.section.get_or_insert_with(|| PageSetup::like(recto_domain::Size::default()));
        Ok(())
    }

    /// Writes the placeholder section for a file without a document.
    pub(super) fn unread(&mut self, file: &UnreadFile) -> io::Result<()> {
        self.end_section()?;
        self.add(Content::Text { style: Style::Heading(1), align: Align::Start, text: file.name_line() })?;
        self.add(Content::Text { style: Style::Remark, align: Align::Start, text: file.note() })?;
        self.section = Some(PageSetup::like(recto_domain::Size::default()));
        Ok(())
    }

    /// Writes fields as a table of names and values, followed by a table for each list of objects.
    fn fields(&mut self, fields: &[Field]) -> io::Result<()> {
        let column = |width, align| Column { width, align };
        let FieldView { rows, lists } = FieldView::of(fields);
        let cells = rows.into_iter().map(|row| vec![row.field.name.clone(), row.value, row.remark]).collect();
        let columns = vec![column(1.0, Align::Start), column(2.0, Align::Start), column(1.0, Align::Start)];
        self.add(Content::Table(Table::of_texts(columns, cells, false)))?;
        for list in &lists {
            self.add(Content::Text { style: Style::Heading(3), align: Align::Start, text: list.name.to_owned() })?;
            let align = |at: usize| if list.is_numeric(at) { Align::End } else { Align::Start };
            let columns = (0..list.columns.len()).map(|at| column(1.0, align(at))).collect();
            let header = list.columns.iter().map(|name| (*name).to_owned()).collect();
            let cells = list.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect());
            let rows = std::iter::once(header).chain(cells).collect();
            self.add(Content::Table(Table::of_texts(columns, rows, true)))?;
        }
        Ok(())
    }

    /// Ends the part; returns the data for the numbering part.
    pub(super) fn end(mut self) -> io::Result<Numbering> {
        if let Some(last) = self.last.take() {
            self.content(last, None)?;
        }
        self.section.unwrap_or_else(|| PageSetup::like(recto_domain::Size::default())).write(&mut self.xml)?;
        self.xml.close("w:body")?;
        self.xml.close("w:document")?;
        Ok(self.numbering)
    }

    fn page(&mut self, flow: &mut Flow, page: &Page) -> io::Result<()> {
        if let Some(note) = failure_note(page) {
            self.elements(flow.finish())?;
            return self.add(Content::Text { style: Style::Remark, align: Align::Start, text: note });
        }
        self.section.get_or_insert_with(|| PageSetup::like(page.size));
        let done = flow.page(recto_layout::elements(page));
        self.elements(done)
    }

    fn elements(&mut self, elements: Vec<Element>) -> io::Result<()> {
        for element in elements {
            self.add(match element {
                Element::Heading { level, text } => {
                    Content::Text { style: Style::Heading(level + 1), align: Align::Start, text }
                }
                Element::Paragraph(Paragraph { text, align, marginal, .. }) => {
                    // A line at the page margin without a number may equally be the last line of a letter.
                    let page_number = marginal == Marginal::Margin && text.contains(|c: char| c.is_numeric());
                    let style = if page_number { Style::PageMargin } else { Style::Normal };
                    Content::Text { style, align, text }
                }
                Element::Item(item) => Content::Item(item),
                Element::Table(table) => Content::Table(table),
            })?;
        }
        Ok(())
    }

    fn add(&mut self, content: Content) -> io::Result<()> {
        match self.last.replace(content) {
            Some(before) => self.content(before, None),
            None => Ok(()),
        }
    }

    fn end_section(&mut self) -> io::Result<()> {
        self.numbering.end_lists();
        let Some(last) = self.last.take() else { return Ok(()) };
        let section = self.section.take();
        self.content(last, section)
    }

    /// Writes content, and the end of the section after it if it is the last.
    fn content(&mut self, content: Content, section: Option<PageSetup>) -> io::Result<()> {
        let width = self.section.or(section).map_or(450.0, |setup| setup.text_width());
        match content {
            Content::Text { style, align, text } => {
                let properties = Properties { style: style.id(), align, section, ..Properties::of(&text) };
                self.paragraph(&properties, &text)
            }
            Content::Item(item) => self.item(&item, section),
            Content::Table(table) => {
                self.table(&table, width)?;
                // A table must be followed by a paragraph, at the end of a section and between two tables.
                self.paragraph(&Properties { section, ..Properties::default() }, "")
            }
        }
    }

    fn item(&mut self, item: &ListItem, section: Option<PageSetup>) -> io::Result<()> {
        let text = &item.paragraph.text;
        let Some(list) = self.numbering.list_of(item) else {
            let text = format!("{} {text}", item.marker);
            return self.paragraph(&Properties { section, ..Properties::of(&text) }, &text);
        };
        let style = if item.marker.is_bullet() { "ListBullet" } else { "ListNumber" };
        let properties = Properties {
            style: Some(style.to_owned()),
            list: Some((list, item.level)),
            section,
            ..Properties::of(text)
        };
        self.paragraph(&properties, text)
    }

    fn table(&mut self, table: &Table, width: f32) -> io::Result<()> {
        let widths = column_widths(table, width);
        let text: String = table.rows.iter().flatten().map(|cell| cell.text.as_str()).collect();
        let xml = &mut self.xml;
        xml.open("w:tbl", &[])?;
        xml.open("w:tblPr", &[])?;
        xml.empty("w:tblStyle", &[("w:val", "TableGrid")])?;
        if is_right_to_left(&text) {
            xml.empty("w:bidiVisual", &[])?;
        }
        xml.empty("w:tblW", &[("w:w", &((width * TWENTIETHS).round() as u32).to_string()), ("w:type", "dxa")])?;
        xml.close("w:tblPr")?;
        xml.open("w:tblGrid", &[])?;
        for width in &widths {
            xml.empty("w:gridCol", &[("w:w", &width.to_string())])?;
        }
        xml.close("w:tblGrid")?;
        let headers = table.header_rows();
        for (at, row) in table.crossed().into_iter().enumerate() {
            self.xml.open("w:tr", &[])?;
            if at < headers {
                // The row is repeated on every page of the table.
                self.xml.open("w:trPr", &[])?;
                self.xml.empty("w:tblHeader", &[])?;
                self.xml.close("w:trPr")?;
            }
            for (column, begins, cell) in row {
                let end = (column + cell.col_span as usize).min(widths.len());
                let width: u32 = widths[column.min(end)..end].iter().sum();
                let align = table.columns.get(column).map_or(Align::Start, |column| column.align);
                self.cell(cell, begins, width, if cell.col_span > 1 { Align::Center } else { align })?;
            }
            self.xml.close("w:tr")?;
        }
        self.xml.close("w:tbl")
    }

    /// Writes a cell, or the continuation of a cell that began in a row above.
    fn cell(&mut self, cell: &Cell, begins: bool, width: u32, align: Align) -> io::Result<()> {
        let xml = &mut self.xml;
        xml.open("w:tc", &[])?;
        xml.open("w:tcPr", &[])?;
        xml.empty("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")])?;
        if cell.col_span > 1 {
            xml.empty("w:gridSpan", &[("w:val", &cell.col_span.to_string())])?;
        }
        match (cell.row_span > 1, begins) {
            (false, _) => {}
            (true, true) => xml.empty("w:vMerge", &[("w:val", "restart")])?,
            (true, false) => xml.empty("w:vMerge", &[])?,
        }
        xml.close("w:tcPr")?;
        let text = if begins { cell.text.as_str() } else { "" };
        let properties = Properties { style: Some("TableText".to_owned()), align, ..Properties::of(text) };
        self.paragraph(&properties, text)?;
        self.xml.close("w:tc")
    }

    fn paragraph(&mut self, properties: &Properties, text: &str) -> io::Result<()> {
        let xml = &mut self.xml;
        xml.open("w:p", &[])?;
        properties.write(xml)?;
        if !text.is_empty() {
            xml.open("w:r", &[])?;
            if properties.right_to_left {
                xml.open("w:rPr", &[])?;
                xml.empty("w:rtl", &[])?;
                xml.close("w:rPr")?;
            }
            write_text(xml, text)?;
            xml.close("w:r")?;
        }
        xml.close("w:p")
    }
}

/// The widths of columns in twentieths of a point: proportional to those on the page, but at least as wide as their
/// longest word if there is room.
fn column_widths(table: &Table, width: f32) -> Vec<u32> {
    /// The width of a character of table text, and the space at both sides of a cell, in points.
    const CHARACTER: f32 = 5.2;
    const PADDING: f32 = 11.0;
    let on_page: f32 = table.columns.iter().map(|column| column.width).sum();
    let rows = table.crossed();
    let longest = |at: usize| {
        let own = rows.iter().flatten().filter(|(column, _, cell)| *column == at && cell.col_span == 1);
        let words = own.flat_map(|(_, _, cell)| cell.text.split(' '));
        let letters = |word: &str| word.trim_end_matches(['.', '_', '…']).chars().count();
        words.map(letters).max().unwrap_or(0) as f32 * CHARACTER + PADDING
    };
    let least: Vec<f32> = (0..table.columns.len()).map(longest).collect();
    let room = (width - least.iter().sum::<f32>()).max(0.0);
    let share = |at: usize| table.columns[at].width / on_page.max(1.0);
    // The width that columns want beyond their longest words is shared out as far as there is room.
    let wanted: Vec<f32> = (0..least.len()).map(|at| (share(at) * width - least[at]).max(0.0)).collect();
    let scale = room / wanted.iter().sum::<f32>().max(1.0);
    let all: Vec<f32> = least.iter().zip(&wanted).map(|(least, wanted)| least + wanted * scale).collect();
    let fit = width / all.iter().sum::<f32>().max(1.0);
    all.iter().map(|column| (column * fit * TWENTIETHS).round().max(20.0) as u32).collect()
}

/// Writes the text of a run: line feeds and tabs are separate elements.
fn write_text<W: Write>(xml: &mut Markup<W>, text: &str) -> io::Result<()> {
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            xml.empty("w:br", &[])?;
        }
        for (at, part) in line.split('\t').enumerate() {
            if at > 0 {
                xml.empty("w:tab", &[])?;
            }
            if !part.is_empty() {
                xml.element("w:t", &[("xml:space", "preserve")], part)?;
            }
        }
    }
    Ok(())
}

/// Properties of a paragraph.
#[derive(Default)]
struct Properties {
    style: Option<String>,
    /// The number of the list, and the level in it.
    list: Option<(u32, u8)>,
    right_to_left: bool,
    align: Align,
    /// The section that the paragraph ends.
    section: Option<PageSetup>,
}

impl Properties {
    fn of(text: &str) -> Self {
        Self { right_to_left: is_right_to_left(text), ..Self::default() }
    }

    fn write<W: Write>(&self, xml: &mut Markup<W>) -> io::Result<()> {
        let plain = self.style.is_none() && self.list.is_none() && self.section.is_none();
        if plain && !self.right_to_left && self.align == Align::Start {
            return Ok(());
        }
        xml.open("w:pPr", &[])?;
        if let Some(style) = &self.style {
            xml.empty("w:pStyle", &[("w:val", style)])?;
        }
        if let Some((list, level)) = self.list {
            xml.open("w:numPr", &[])?;
            xml.empty("w:ilvl", &[("w:val", &level.to_string())])?;
            xml.empty("w:numId", &[("w:val", &list.to_string())])?;
            xml.close("w:numPr")?;
        }
        if self.right_to_left {
            xml.empty("w:bidi", &[])?;
        }
        match self.align {
            Align::Start => {}
            Align::Center => xml.empty("w:jc", &[("w:val", "center")])?,
            // In a right-to-left paragraph, Word's `right` means the end of lines, which is the left.
            Align::End => xml.empty("w:jc", &[("w:val", "right")])?,
        }
        if let Some(section) = &self.section {
            section.write(xml)?;
        }
        xml.close("w:pPr")
    }
}
