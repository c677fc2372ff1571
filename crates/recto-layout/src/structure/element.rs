//! The parts that a document is made of.

use recto_domain::Rect;

use super::list::Marker;

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A title over what follows.
    Heading {
        /// 1 for the greater ones, 2 for the lesser.
        level: u8,
        /// On one line.
        text: String,
    },
    /// Running text, or a few lines that stand together.
    Paragraph(Paragraph),
    /// An item of a list.
    Item(ListItem),
    /// Words in rows and columns.
    Table(Table),
}

/// Where the lines of a paragraph stand between the margins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Where reading starts: at the left in Latin script, at the right in Arabic.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// Where lines end.
    End,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paragraph {
    /// The text in logical order. A line feed is a line end that the writer meant, a tab a wide gap.
    pub text: String,
    /// Between the margins.
    pub align: Align,
    /// Whether the last line was full and ended within a sentence, so that the text may go on elsewhere.
    pub open: bool,
    /// Whether the first line stands in from those after it, as a new paragraph's does.
    pub indented: bool,
    /// Whether it stands alone at the head or the foot of the page, as page numbers and running titles do.
    pub marginal: Marginal,
}

/// Where a paragraph stands on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marginal {
    /// In the body.
    #[default]
    Body,
    /// It looks like a running title or a page number, and would be one as the first or last element of the page.
    Candidate,
    /// At the head or the foot.
    Margin,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListItem {
    /// What stands before it.
    pub marker: Marker,
    /// 0 for the outermost list.
    pub level: u8,
    /// Where the marker starts, in points; tells levels apart.
    pub start: f32,
    /// Whether the lines after the first stand in to the text behind the marker.
    pub hanging: bool,
    /// The text behind the marker.
    pub paragraph: Paragraph,
}

/// A table. Its cells are placed as HTML places them: each stands in the first column of its row that no cell of a row
/// above reaches into; together they cover every place once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Around all cells, in points on the displayed page.
    pub bbox: Rect,
    /// In the order of reading.
    pub columns: Vec<Column>,
    /// The cells that begin in each row, from top to bottom.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// On one line; empty where nothing stands.
    pub text: String,
    /// Its place in the grid, in points on the displayed page.
    pub bbox: Rect,
    /// Whether it names a column.
    pub header: bool,
    /// How many rows it reaches over; at least 1.
    pub row_span: u32,
    /// How many columns it reaches over; at least 1.
    pub col_span: u32,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// In points.
    pub width: f32,
    /// Where most cells line up.
    pub align: Align,
}

impl Table {
    /// A table of one cell in each place; with `has_header`, its first row names the columns.
    #[must_use]
    pub fn of_texts(columns: Vec<Column>, rows: Vec<Vec<String>>, has_header: bool) -> Self {
        let row = |(at, texts): (usize, Vec<String>)| {
            let header = has_header && at == 0;
            let cell = |text| Cell { text, header, row_span: 1, col_span: 1, ..Cell::default() };
            texts.into_iter().map(cell).collect()
        };
        Self { bbox: Rect::default(), columns, rows: rows.into_iter().enumerate().map(row).collect() }
    }

    /// The cells that each row crosses, in the order of columns: each with its first column, and whether it begins in
    /// that row.
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

    /// The rows with a text for each column: that of a cell stands in its first place, and the others are empty.
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

    /// How many rows at the top hold nothing but headers.
    #[must_use]
    pub fn header_rows(&self) -> usize {
        self.rows.iter().take_while(|row| !row.is_empty() && row.iter().all(|cell| cell.header)).count()
    }
}
