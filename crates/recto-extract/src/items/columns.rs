//! The columns of a table, and the assignment of words to them.

use recto_domain::Rect;

use crate::concept::Concept;
use crate::sheet::Sheet;

/// Words are below a heading if they overlap it by at least this share of the narrower of the two.
const UNDER: f32 = 0.2;

/// A column of a table: its meaning, and the position of its heading.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// `None` for a column that is not needed. It is kept so that its content is not assigned to the neighbouring
    /// columns.
    pub(crate) concept: Option<Concept>,
    /// Whether the template gives its heading.
    pub(crate) is_told: bool,
    /// Whether the article's number stands above its description: the heading has both, one above the other.
    pub(crate) has_code: bool,
    pub(crate) left: f32,
    pub(crate) right: f32,
    /// The column of a table found by recto-layout that contains only this heading: the indices of the table and of the
    /// column.
    pub(crate) in_table: Option<(usize, usize)>,
}

/// The columns of a table from left to right; empty for a page without headings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns(Vec<Column>);

/// Whether a column is used for calculating rows, or is the description, which may continue over several rows.
pub(crate) fn is_reckoned(concept: Concept) -> bool {
    use Concept::{Description, LineTotal, Quantity, TaxRate, UnitPrice};
    matches!(concept, Description | LineTotal | Quantity | TaxRate | UnitPrice)
}

impl Columns {
    pub(crate) fn of(mut columns: Vec<Column>) -> Self {
        columns.sort_by(|a, b| a.left.total_cmp(&b.left));
        Self(columns)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their meanings, from left to right.
    pub(crate) fn meanings(&self) -> impl Iterator<Item = Concept> {
        self.0.iter().filter_map(|column| column.concept)
    }

    /// Whether one of their headings is in that table of recto-layout.
    pub(crate) fn stand_in(&self, table: usize) -> bool {
        self.0.iter().any(|column| column.in_table.is_some_and(|(other, _)| other == table))
    }

    /// The number of columns whose headings the template gives.
    pub(crate) fn told_count(&self) -> usize {
        self.0.iter().filter(|column| column.is_told).count()
    }

    /// Whether the template gives any of their headings.
    pub(crate) fn are_told(&self) -> bool {
        self.told_count() > 0
    }

    /// Whether the template gives the heading of this concept's column.
    pub(crate) fn is_told(&self, concept: Concept) -> bool {
        self.0.iter().any(|column| column.is_told && column.concept == Some(concept))
    }

    pub(crate) fn have(&self, concept: Concept) -> bool {
        self.meanings().any(|other| other == concept)
    }

    /// Whether a column shows what each row costs.
    pub(crate) fn have_amounts(&self) -> bool {
        self.have(Concept::LineTotal) || self.have(Concept::UnitPrice)
    }

    /// The concept of the column that a word is in; `None` for an unknown column.
    pub(crate) fn of_word(&self, sheet: &Sheet, at: usize) -> Option<Concept> {
        self.column_of(sheet, at)?.concept
    }

    /// Whether a word is an article number above its description.
    pub(crate) fn is_code_over_description(&self, sheet: &Sheet, at: usize) -> bool {
        let is_code = sheet.words[at].text.chars().any(|c| c.is_ascii_digit());
        is_code && self.column_of(sheet, at).is_some_and(|column| column.has_code)
    }

    /// The columns that contain some of the words.
    pub(crate) fn filled(&self, sheet: &Sheet, first: usize, end: usize) -> Vec<Concept> {
        let mut filled: Vec<Concept> = (first..end).filter_map(|at| self.of_word(sheet, at)).collect();
        filled.sort();
        filled.dedup();
        filled
    }

    /// Whether closely spaced words begin in a column other than the description and continue below further headings,
    /// like a note across the table.
    pub(crate) fn is_across(&self, sheet: &Sheet, (first, end): (usize, usize)) -> bool {
        let phrase = sheet.bbox(first, end);
        let mut over = self.0.iter().filter(|column| column.overlap(&phrase) > 0.5 * (column.right - column.left));
        over.next().is_some_and(|column| column.concept != Some(Concept::Description)) && over.next().is_some()
    }

    fn column_of(&self, sheet: &Sheet, at: usize) -> Option<&Column> {
        if let Some(column) = self.in_table(sheet, at) {
            return Some(column);
        }
        let (first, end) = sheet.phrase_around(at);
        let phrase = sheet.bbox(first, end);
        let mut over = self.0.iter().filter(|column| column.is_over(&phrase));
        match (over.next(), over.next()) {
            (None, _) if is_text(&sheet.words[first].text) => self.of_text_beside(&phrase),
            (None, _) => self.of_number(&phrase),
            (Some(only), None) => Some(only),
            // Closely spaced words below several headings are dense print, or a text that is longer than its column.
            _ if is_number(&sheet.words[at].text) => self.of_number(&sheet.words[at].bbox),
            _ => {
                let text = self.of_text(&sheet.words[at].bbox);
                // Text after a number, such as a unit, belongs to the number, unless there are text columns further to
                // the right.
                let number = (first..at).rev().find(|before| is_number(&sheet.words[*before].text));
                let behind = number.and_then(|before| self.of_number(&sheet.words[before].bbox));
                let is_behind =
                    |column: &&Column| column.is_of_numbers() && text.is_none_or(|text| text.left < column.left);
                behind.filter(is_behind).or(text)
            }
        }
    }

    /// The column of a word, by the table around it.
    fn in_table(&self, sheet: &Sheet, at: usize) -> Option<&Column> {
        let cell = sheet.words[at].in_table.filter(|cell| cell.columns == 1)?;
        self.0.iter().find(|column| column.in_table == Some((cell.table, cell.column)))
    }

    /// The column of a text without a heading above it. This is the column to its right, whose heading may be centred,
    /// if it is a text column; otherwise the column to its left.
    fn of_text_beside(&self, bbox: &Rect) -> Option<&Column> {
        let left = self.0.iter().rev().find(|column| column.left < bbox.x);
        let right = self.0.iter().find(|column| column.left >= bbox.x);
        right.filter(|right| left.is_none() || !right.is_of_numbers()).or(left)
    }

    /// The column of a number: the one whose heading is mostly above it, or otherwise the one that it is best aligned
    /// with.
    fn of_number(&self, bbox: &Rect) -> Option<&Column> {
        let over = self.0.iter().filter(|column| column.is_over(bbox));
        let most = over.max_by(|a, b| a.overlap(bbox).total_cmp(&b.overlap(bbox)));
        most.or_else(|| self.0.iter().min_by(|a, b| a.off(bbox).total_cmp(&b.off(bbox))))
    }

    /// The column of a word that is not a number: a text column whose heading is mostly above it, or to the left of it.
    fn of_text(&self, bbox: &Rect) -> Option<&Column> {
        let texts = || self.0.iter().filter(|column| !column.is_of_numbers());
        let over = texts().filter(|column| column.is_over(bbox));
        let most = over.max_by(|a, b| a.overlap(bbox).total_cmp(&b.overlap(bbox)));
        most.or_else(|| texts().rev().find(|column| column.left <= bbox.x)).or_else(|| texts().next())
    }
}

impl Column {
    /// Whether a box is below the heading, by more than a small overlap.
    fn is_over(&self, bbox: &Rect) -> bool {
        self.overlap(bbox) > UNDER * bbox.width.min(self.right - self.left)
    }

    /// The width of the overlap with the heading, in points; negative when a box is beside it.
    fn overlap(&self, bbox: &Rect) -> f32 {
        self.right.min(bbox.right()) - self.left.max(bbox.x)
    }

    fn is_of_numbers(&self) -> bool {
        use Concept::{LineTotal, Quantity, TaxRate, UnitPrice};
        matches!(self.concept, Some(LineTotal | Quantity | TaxRate | UnitPrice))
    }

    /// The smallest misalignment with the heading: at the left edge, the right edge or the centre.
    fn off(&self, bbox: &Rect) -> f32 {
        let middle = f32::midpoint(self.left, self.right);
        let edges = (bbox.right() - self.right).abs().min((bbox.x - self.left).abs());
        edges.min((bbox.center().x - middle).abs())
    }
}

fn is_text(word: &str) -> bool {
    !word.chars().any(|c| c.is_ascii_digit()) && word.chars().any(char::is_alphabetic)
}

fn is_number(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit()) && !word.chars().any(char::is_alphabetic)
}
