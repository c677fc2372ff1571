//! The parts that a document is made of.

use super::list::Marker;

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
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
pub(crate) enum Align {
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
pub(crate) struct Paragraph {
    /// The text in logical order. A line feed is a line end that the writer meant, a tab a wide gap.
    pub(crate) text: String,
    /// Between the margins.
    pub(crate) align: Align,
    /// Whether the last line was full and ended within a sentence, so that the text may go on elsewhere.
    pub(crate) open: bool,
    /// Whether the first line stands in from those after it, as a new paragraph's does.
    pub(crate) indented: bool,
    /// Whether it stands alone at the head or the foot of the page, as page numbers and running titles do.
    pub(crate) marginal: Marginal,
}

/// Where a paragraph stands on its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Marginal {
    /// In the body.
    #[default]
    Body,
    /// It looks like a running title or a page number, and would be one as the first or last piece of the page.
    Candidate,
    /// At the head or the foot.
    Margin,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListItem {
    /// What stands before it.
    pub(crate) marker: Marker,
    /// 0 for the outermost list.
    pub(crate) level: u8,
    /// Where the marker starts, in points; tells levels apart.
    pub(crate) start: f32,
    /// Whether the lines after the first stand in to the text behind the marker.
    pub(crate) hanging: bool,
    /// The text behind the marker.
    pub(crate) paragraph: Paragraph,
}

/// A table; every row has as many cells as there are columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// In the order of reading.
    pub(crate) columns: Vec<Column>,
    /// From top to bottom; the text of each cell.
    pub(crate) rows: Vec<Vec<String>>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Column {
    /// In points.
    pub(crate) width: f32,
    /// Where most cells line up.
    pub(crate) align: Align,
}
