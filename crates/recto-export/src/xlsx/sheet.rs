//! A sheet, written row by row (ECMA-376 part 1, section 18.3).

use std::io::{self, Write};

use recto_domain::RecordId;

use super::cell::Cell;
use super::text::{LongText, escaped};
use crate::markup::Markup;

/// The namespace of relationships.
pub(super) const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// The most links of a sheet; Excel refuses more.
const MOST_LINKS: usize = 65_530;

/// The main namespace of SpreadsheetML.
pub(super) const MAIN: (&str, &str) = ("xmlns", "http://schemas.openxmlformats.org/spreadsheetml/2006/main");

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    /// The width in characters.
    pub(super) width: u32,
    /// Whether values are right-aligned, like numbers.
    pub(super) at_the_right: bool,
}

impl Column {
    /// A column with that width, but at least as wide as its name and the filter button.
    pub(super) fn new(name: impl Into<String>, width: u32) -> Self {
        let name = name.into();
        let least = name.chars().count() as u32 + 4;
        Self { name, width: width.max(least.min(60)), at_the_right: false }
    }

    pub(super) fn of_numbers(name: impl Into<String>, width: u32) -> Self {
        Self { at_the_right: true, ..Self::new(name, width) }
    }
}

/// The styles of `styles.xml`, by their index there.
enum Style {
    Header = 1,
    Text = 2,
    Whole = 3,
    Number = 4,
    Day = 5,
    Boolean = 6,
    Share = 7,
    HeaderAtTheRight = 8,
    Link = 9,
}

/// A sheet being written.
pub(super) struct Sheet<W: Write> {
    xml: Markup<W>,
    columns: usize,
    row: u32,
    column: usize,
    /// The height of the rows in points; `None` to leave it to the program.
    row_height: Option<u32>,
    /// The address of a record's web page, up to its id.
    record_address: Option<String>,
    /// Cells that are links, with their targets.
    links: Vec<(String, String)>,
}

/// Properties in which sheets of one workbook differ, besides their columns.
#[derive(Default)]
pub(super) struct Shape<'a> {
    /// Whether it is shown when the workbook is opened.
    pub(super) is_first: bool,
    /// The height of its rows in points; `None` to leave it to the program.
    pub(super) row_height: Option<u32>,
    /// The address of a record's web page, up to its id.
    pub(super) record_address: Option<&'a str>,
}

impl<W: Write> Sheet<W> {
    /// Begins a sheet with its header; the header and the first column stay visible when scrolling.
    pub(super) fn begin(out: W, columns: &[Column], shape: &Shape<'_>) -> io::Result<Self> {
        let mut xml = Markup::begin(out, Some("yes"))?;
        xml.open("worksheet", &[MAIN, ("xmlns:r", RELATIONSHIPS)])?;
        xml.open("sheetPr", &[])?;
        xml.empty("pageSetUpPr", &[("fitToPage", "1")])?;
        xml.close("sheetPr")?;
        xml.open("sheetViews", &[])?;
        let selected = [("tabSelected", "1"), ("workbookViewId", "0")];
        xml.open("sheetView", if shape.is_first { &selected } else { &selected[1..] })?;
        xml.empty(
            "pane",
            &[
                ("xSplit", "1"),
                ("ySplit", "1"),
                ("topLeftCell", "B2"),
                ("activePane", "bottomRight"),
                ("state", "frozen"),
            ],
        )?;
        xml.close("sheetView")?;
        xml.close("sheetViews")?;
        xml.open("cols", &[])?;
        for (at, column) in (1..).zip(columns) {
            let (at, width) = (i32::to_string(&at), column.width.to_string());
            xml.empty("col", &[("min", &at), ("max", &at), ("width", &width), ("customWidth", "1")])?;
        }
        xml.close("cols")?;
        xml.open("sheetData", &[])?;
        let mut sheet = Self {
            xml,
            columns: columns.len(),
            row: 0,
            column: 0,
            row_height: Some(22),
            record_address: shape.record_address.map(str::to_owned),
            links: Vec::new(),
        };
        sheet.begin_row()?;
        for column in columns {
            let style = if column.at_the_right { Style::HeaderAtTheRight } else { Style::Header };
            sheet.text(&column.name, style)?;
        }
        sheet.end_row()?;
        sheet.row_height = shape.row_height;
        Ok(sheet)
    }

    pub(super) fn begin_row(&mut self) -> io::Result<()> {
        self.row += 1;
        self.column = 0;
        let (number, height) = (self.row.to_string(), self.row_height.map(|height| height.to_string()));
        let mut attributes = vec![("r", number.as_str())];
        attributes.extend(height.iter().flat_map(|height| [("ht", height.as_str()), ("customHeight", "1")]));
        self.xml.line_end()?;
        self.xml.open("row", &attributes)
    }

    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.xml.close("row")
    }

    pub(super) fn cell(&mut self, cell: &Cell) -> io::Result<()> {
        match cell {
            Cell::Empty => {
                self.column += 1;
                Ok(())
            }
            Cell::Text(text) => self.text(text, Style::Text),
            Cell::Whole(number) => self.value(&number.to_string(), Style::Whole, "n"),
            Cell::Number(number) => self.value(&number.to_string(), Style::Number, "n"),
            Cell::Share(share) => self.value(&share.to_string(), Style::Share, "n"),
            Cell::Day(number) => self.value(&number.to_string(), Style::Day, "n"),
            Cell::Boolean(yes) => self.value(if *yes { "1" } else { "0" }, Style::Boolean, "b"),
        }
    }

    /// Writes the name of a file, as a link to its record if it has a web page.
    pub(super) fn file_name(&mut self, name: &str, record: RecordId) -> io::Result<()> {
        let Some(address) = self.record_address.as_ref().filter(|_| self.links.len() < MOST_LINKS && !name.is_empty())
        else {
            return self.text(name, Style::Text);
        };
        self.links.push((format!("{}{}", letters(self.column), self.row), format!("{address}{record}")));
        self.text(name, Style::Link)
    }

    fn text(&mut self, text: &str, style: Style) -> io::Result<()> {
        if text.is_empty() {
            return self.cell(&Cell::Empty);
        }
        let mut long = LongText::default();
        long.push(text);
        self.long_text(&long, style)
    }

    /// Writes a text that was collected in parts.
    pub(super) fn gathered(&mut self, text: &LongText) -> io::Result<()> {
        if text.is_empty() { self.cell(&Cell::Empty) } else { self.long_text(text, Style::Text) }
    }

    /// Text is stored in its cell as text, never as a formula's result, so nothing in it can be executed.
    fn long_text(&mut self, text: &LongText, style: Style) -> io::Result<()> {
        self.open_cell(style, "inlineStr")?;
        self.xml.open("is", &[])?;
        self.xml.element("t", &[("xml:space", "preserve")], &escaped(&text.shown()))?;
        self.xml.close("is")?;
        self.xml.close("c")
    }

    fn value(&mut self, value: &str, style: Style, kind: &str) -> io::Result<()> {
        self.open_cell(style, kind)?;
        self.xml.element("v", &[], value)?;
        self.xml.close("c")
    }

    fn open_cell(&mut self, style: Style, kind: &str) -> io::Result<()> {
        let place = format!("{}{}", letters(self.column), self.row);
        self.column += 1;
        self.xml.open("c", &[("r", &place), ("s", &(style as u8).to_string()), ("t", kind)])
    }

    /// Ends the sheet and makes all its columns filterable. Returns the targets of its links, which are written in a
    /// part of their own.
    pub(super) fn end(mut self) -> io::Result<Vec<String>> {
        self.xml.line_end()?;
        self.xml.close("sheetData")?;
        self.xml.empty("autoFilter", &[("ref", &area(self.columns, self.row))])?;
        if !self.links.is_empty() {
            self.xml.open("hyperlinks", &[])?;
            for (number, (place, _)) in (1..).zip(&self.links) {
                self.xml.empty("hyperlink", &[("ref", place), ("r:id", &link_id(number))])?;
            }
            self.xml.close("hyperlinks")?;
        }
        self.xml.empty(
            "pageMargins",
            &[
                ("left", "0.5"),
                ("right", "0.5"),
                ("top", "0.6"),
                ("bottom", "0.6"),
                ("header", "0.3"),
                ("footer", "0.3"),
            ],
        )?;
        self.xml.empty("pageSetup", &[("orientation", "landscape"), ("fitToHeight", "0")])?;
        self.xml.close("worksheet")?;
        Ok(self.links.into_iter().map(|(_, address)| address).collect())
    }
}

/// Writes the targets of a sheet's links.
pub(super) fn write_links(links: &[String], out: impl Write) -> io::Result<()> {
    let kind = format!("{RELATIONSHIPS}/hyperlink");
    let mut xml = Markup::begin(out, Some("yes"))?;
    xml.open("Relationships", &[("xmlns", "http://schemas.openxmlformats.org/package/2006/relationships")])?;
    for (number, link) in (1..).zip(links) {
        let attributes = [("Id", &*link_id(number)), ("Type", &kind), ("Target", link), ("TargetMode", "External")];
        xml.empty("Relationship", &attributes)?;
    }
    xml.close("Relationships")
}

fn link_id(number: u32) -> String {
    format!("link{number}")
}

/// The range of that many columns and rows, as in `A1:E4`.
fn area(columns: usize, rows: u32) -> String {
    format!("A1:{}{rows}", letters(columns.saturating_sub(1)))
}

/// The same range in the form of a workbook's name: `$A$1:$E$4`.
pub(super) fn fixed_area(columns: usize, rows: u32) -> String {
    format!("$A$1:${}${rows}", letters(columns.saturating_sub(1)))
}

/// The letters of a column, from 0: A to Z, AA to ZZ, and so on.
fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (column % 26) as u8));
        if column < 26 {
            return letters.iter().rev().collect();
        }
        column = column / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_spreadsheets_do() {
        let all = [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")];
        for (column, expected) in all {
            assert_eq!(letters(column), expected);
        }
        assert_eq!(area(5, 4), "A1:E4");
    }
}
