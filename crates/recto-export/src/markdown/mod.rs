//! Markdown: `CommonMark` with GitHub's tables, for notes, wikis and language models.
//!
//! A heading names each file. Its fields follow as a table, and then its text: headings, paragraphs, lists and tables
//! as recognised from the layout. For a file without a document, the status and the reason follow instead. Text is
//! escaped so that it is shown unchanged.

mod escape;

use std::io::{self, Write};

use recto_domain::{Field, FinishedBatch, FinishedDocument};
use recto_layout::{Align, Decoration, Element, ListItem, Marker, MarkerStyle, Numerals, Paragraph, Table};

use crate::error::ExportError;
use crate::field_view::FieldView;
use crate::files::{Entry, entries};
use crate::flat_text::name_line;
use crate::reading::{Part, read_through};
use escape::{cell, inline, start_of_line};

/// Written for a document without text on any page.
const NO_TEXT: &str = "*No text was found.*";

/// Writes the documents of a batch as Markdown in UTF-8 with line feeds.
pub(crate) fn write(batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
    for (at, entry) in entries(batch).iter().enumerate() {
        if at > 0 {
            out.write_all(b"\n")?;
        }
        match entry {
            Entry::Read(document) => write_document(batch, document, out)?,
            Entry::Unread(file) => {
                writeln!(out, "# {}\n\n*{}*", inline(&file.name_line()), inline(&file.note()))?;
            }
        }
    }
    Ok(())
}

fn write_document(
    batch: &mut dyn FinishedBatch,
    document: &FinishedDocument,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    writeln!(out, "# {}", inline(&name_line(document)))?;
    if let Some(fields) = document.fields.as_ref().filter(|fields| !fields.is_empty()) {
        write_fields(fields, out)?;
    }
    let mut text = Text { out, list: Vec::new(), empty: true };
    read_through(batch, document, |part| text.part(&part))?;
    if text.empty {
        writeln!(out, "\n{NO_TEXT}")?;
    }
    Ok(())
}

fn write_fields(fields: &[Field], out: &mut dyn Write) -> io::Result<()> {
    let FieldView { rows, lists } = FieldView::of(fields);
    let start = [Align::Start; 3];
    let header = ["Field", "Value", "Confidence"].map(str::to_owned);
    let rows = rows.into_iter().map(|row| vec![cell(&row.field.name), cell(&row.value), cell(&row.remark)]);
    write_table(&start, &header, rows, out)?;
    for list in &lists {
        writeln!(out, "\n**{}**", inline(list.name))?;
        let align = |at: usize| if list.is_numeric(at) { Align::End } else { Align::Start };
        let aligns: Vec<Align> = (0..list.columns.len()).map(align).collect();
        let header: Vec<String> = list.columns.iter().map(|name| cell(name)).collect();
        let rows = list.rows.iter().map(|row| row.iter().map(|value| cell(&value.text)).collect());
        write_table(&aligns, &header, rows, out)?;
    }
    Ok(())
}

/// Writes a table of escaped cells after an empty line.
fn write_table(
    aligns: &[Align],
    header: &[String],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\n| {} |", header.join(" | "))?;
    let rule = aligns.iter().map(|align| match align {
        Align::Start => "---",
        Align::Center => ":---:",
        Align::End => "---:",
    });
    writeln!(out, "| {} |", rule.collect::<Vec<_>>().join(" | "))?;
    for row in rows {
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    Ok(())
}

/// The text of a document being written.
struct Text<'w> {
    out: &'w mut dyn Write,
    /// The last item of the open list on each level.
    list: Vec<Marker>,
    empty: bool,
}

impl Text<'_> {
    fn part(&mut self, part: &Part) -> io::Result<()> {
        self.empty = false;
        if let Part::Element(Element::Item(item)) = part {
            return self.item(item);
        }
        self.list.clear();
        match part {
            Part::FailedPage(note) => writeln!(self.out, "\n*{}*", inline(note)),
            Part::Element(Element::Heading { level, text }) => {
                let signs = "#".repeat(usize::from(*level) + 1);
                writeln!(self.out, "\n{signs} {}", inline(&text.replace(['\n', '\t'], " ")))
            }
            Part::Element(Element::Paragraph(paragraph)) => writeln!(self.out, "\n{}", lines(paragraph, "")),
            Part::Element(Element::Table(table)) => self.table(table),
            Part::Element(Element::Item(_)) => Ok(()),
        }
    }

    /// The first row becomes the header, which the dialect requires. Cells cannot span rows or columns: the text is in
    /// the first place, and the other places are empty.
    fn table(&mut self, table: &Table) -> io::Result<()> {
        let rows = table.texts();
        let cells = |row: &Vec<&str>| -> Vec<String> { row.iter().map(|text| cell(text)).collect() };
        let Some((header, rows)) = rows.split_first() else { return Ok(()) };
        let aligns: Vec<Align> = table.columns.iter().map(|column| column.align).collect();
        write_table(&aligns, &cells(header), rows.iter().map(cells), self.out)
    }

    fn item(&mut self, item: &ListItem) -> io::Result<()> {
        // An item can be at most one level below the item before it.
        let level = usize::from(item.level).min(self.list.len());
        self.list.truncate(level + 1);
        match self.list.get(level) {
            None if level > 0 => {}
            None => writeln!(self.out)?,
            Some(before) if item.marker.follows(*before) => {}
            // Adjacent lists would be read as one.
            Some(_) => writeln!(self.out, "\n<!-- -->\n")?,
        }
        self.list.truncate(level);
        self.list.push(item.marker);
        // Markdown numbers only with Arabic numerals; any other marker is written as text after a dash.
        let marker = match item.marker.style {
            MarkerStyle::Bullet => "- ".to_owned(),
            MarkerStyle::Numbered(Numerals::Decimal, Decoration::Period | Decoration::Parenthesis) => {
                format!("{} ", item.marker)
            }
            MarkerStyle::Numbered(..) => format!("- {} ", item.marker),
        };
        // Deep enough to be inside the item above, whose number has up to three digits, and never read as code.
        let indent = " ".repeat(5 * level);
        let hanging = format!("{indent}{}", " ".repeat(if marker.starts_with('-') { 2 } else { marker.len() }));
        writeln!(self.out, "{indent}{marker}{}", lines(&item.paragraph, &hanging))
    }
}

/// The text of a paragraph with its intended line ends.
fn lines(paragraph: &Paragraph, indent: &str) -> String {
    let lines = paragraph.text.split('\n').map(|line| start_of_line(&inline(line.trim())));
    lines.collect::<Vec<_>>().join(&format!("\\\n{indent}"))
}
