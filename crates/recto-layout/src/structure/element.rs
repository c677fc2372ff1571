//! The elements of a document.

use recto_domain::Rect;

use super::list::Marker;

/// An element of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A title over what follows.
    Heading {
        /// 1 for main headings, 2 for lesser ones.
        level: u8,
        /// The text on one line.
        text: String,
    },
    /// Running text, or a few lines that belong together.
    Paragraph(Paragraph),
    /// An item of a list.
    Item(ListItem),
    /// Words in rows and columns.
    Table(Table),
}

/// The alignment of a paragraph's lines between the margins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the start of reading: at the left in Latin script, at the right in Arabic.
    #[default]
    Start,
    /// Centred.
    Center,
    /// At the end of lines.
    End,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paragraph {
    /// The text in logical order. A line feed is an intended line end, a tab a wide gap.
    pub text: String,
    /// Its alignment between the margins.
    pub align: Align,
    /// Whether the last line was full and ended within a sentence, so that the text may continue elsewhere.
    pub open: bool,
    /// Whether the first line is indented, as in a new paragraph.
    pub indented: bool,
    /// Whether it stands alone at the top or the bottom of the page, like page numbers and running titles.
    pub marginal: Marginal,
}

/// The position of a paragraph on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marginal {
    /// In the body.
    #[default]
    Body,
    /// It looks like a running title or a page number, and is one if it is the first or last element of the page.
    Candidate,
    /// At the top or bottom margin.
    Margin,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListItem {
    /// Its marker.
    pub marker: Marker,
    /// 0 for the outermost list.
    pub level: u8,
    /// The start of the marker, in points; it distinguishes levels.
    pub start: f32,
    /// Whether the lines after the first are indented to the text after the marker.
    pub hanging: bool,
    /// The text after the marker.
    pub paragraph: Paragraph,
}

/// A table. Its cells are placed as in HTML: each in the first column of its row that no cell of an earlier row reaches
/// into. Together they cover every place exactly once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The bounding box of all cells, in points on the displayed page.
    pub bbox: Rect,
    /// The columns in reading order.
    pub columns: Vec<Column>,
    /// The cells that begin in each row, from top to bottom.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// The text on one line; empty for an empty cell.
    pub text: String,
    /// Its place in the grid, in points on the displayed page.
    pub bbox: Rect,
    /// Whether it is a column heading.
    pub header: bool,
    /// The number of rows it spans; at least 1.
    pub row_span: u32,
    /// The number of columns it spans; at least 1.
    pub col_span: u32,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Its width in points.
    pub width: f32,
    /// The alignment of most cells.
    pub align: Align,
}

impl Table {
    /// A table with one cell in each place; with `has_header`, its first row has the column headings.
    #[must_use]
    pub fn of_texts(columns: Vec<Column>, rows: Vec<Vec<String>>, has_header: bool) -> Self {
        let row = |(at, texts): (usize, Vec<String>)| {
            let header = has_header && at == 0;
            let cell = |text| Cell { text, header, row_span: 1, col_span: 1, ..Cell::default() };
            texts.into_iter().map(cell).collect()
        };
        Self { bbox: Rect::default(), columns, rows: rows.into_iter().enumerate().map(row).collect() }
    }

    /// The cells that each row crosses, in column order: each with its first column, and whether it begins in that row.
    #[must_use]
    pub fn crossed(&self) -> Vec<Vec<(usize, bool, &Cell)>> {
        let mut open: Vec<(usize, usize, &Cell)> = Vec::new();
        let mut rows = Vec::with_capacity(self.rows.len());
        for (row, cells) in self.rows.iter().enumerate() {
            open.retain(|(_, until, _)| *until > row);
            let mut crossed: Vec<(usize, bool, &Cell)> =
                open.iter().map(|&(column, _, cell)| (column, false, cell)).collect();
            let mut column = 0;
            for cell in cells {
                while let Some(taken) =
                    open.iter().find(|&&(first, _, other)| (first..first + other.col_span as usize).contains(&column))
                {
                    column = taken.0 + taken.2.col_span as usize;
                }
                crossed.push((column, true, cell));
                column += cell.col_span as usize;
            }
            for &(column, _, cell) in crossed.iter().filter(|(_, begins, _)| *begins) {
                open.push((column, row + cell.row_span as usize, cell));
            }
            crossed.sort_by_key(|(column, ..)| *column);
            rows.push(crossed);
        }
        rows
    }

    /// The rows, with one text for each column. The text of a spanning cell is in its first place; its other places are
    /// empty.
    #[must_use]
    pub fn texts(&self) -> Vec<Vec<&str>> {
        let mut rows = Vec::with_capacity(self.rows.len());
        for crossed in self.crossed() {
            let mut texts = vec![""; self.columns.len()];
            for (column, _, cell) in crossed.into_iter().filter(|(_, begins, _)| *begins) {
                if let Some(text) = texts.get_mut(column) {
                    *text = &cell.text;
                }
            }
            rows.push(texts);
        }
        rows
    }

    /// The number of rows at the top that contain only headings.
    #[must_use]
    pub fn header_rows(&self) -> usize {
        self.rows.iter().take_while(|row| !row.is_empty() && row.iter().all(|cell| cell.header)).count()
    }
}
