//! The columns of a table, and what stands in which.

use recto_domain::Rect;

use crate::lexicon::Concept;
use crate::sheet::Sheet;

/// Something stands under a head with at least this part of the narrower of the two.
const UNDER: f32 = 0.2;

/// A column of a table: what it means, and where its head stands.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// `None` for one that nobody asks for, which keeps what stands in it from being taken for its neighbours'.
    pub(crate) concept: Option<Concept>,
    /// Whether the template tells its head.
    pub(crate) is_told: bool,
    /// Whether a number of the article stands over its description: the head has both, one over the other.
    pub(crate) has_code: bool,
    pub(crate) left: f32,
    pub(crate) right: f32,
    /// The column of a table that recto-layout finds in which its head stands alone: indices of the table and in it.
    pub(crate) in_table: Option<(usize, usize)>,
}

/// The columns of a table from left to right, of which a page without a head has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns(Vec<Column>);

/// Whether a column is one that rows are reckoned from, or the description, which goes on over several rows.
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

    /// What they mean, from left to right.
    pub(crate) fn meanings(&self) -> impl Iterator<Item = Concept> {
        self.0.iter().filter_map(|column| column.concept)
    }

    /// Whether a head of theirs stands in that table of recto-layout.
    pub(crate) fn stand_in(&self, table: usize) -> bool {
        self.0.iter().any(|column| column.in_table.is_some_and(|(other, _)| other == table))
    }

    /// How many of them the template tells.
    pub(crate) fn told_count(&self) -> usize {
        self.0.iter().filter(|column| column.is_told).count()
    }

    /// Whether the template tells any of them.
    pub(crate) fn are_told(&self) -> bool {
        self.told_count() > 0
    }

    /// Whether the template tells where that is.
    pub(crate) fn is_told(&self, concept: Concept) -> bool {
        self.0.iter().any(|column| column.is_told && column.concept == Some(concept))
    }

    pub(crate) fn have(&self, concept: Concept) -> bool {
        self.meanings().any(|other| other == concept)
    }

    /// Whether they say what each row costs.
    pub(crate) fn have_amounts(&self) -> bool {
        self.have(Concept::LineTotal) || self.have(Concept::UnitPrice)
    }

    /// The column that a word stands in; `None` for one that nobody knows.
    pub(crate) fn of_word(&self, sheet: &Sheet, at: usize) -> Option<Concept> {
        self.column_of(sheet, at)?.concept
    }

    /// Whether a word is the number of an article that stands over its description.
    pub(crate) fn is_code_over_description(&self, sheet: &Sheet, at: usize) -> bool {
        let is_code = sheet.words[at].text.chars().any(|c| c.is_ascii_digit());
        is_code && self.column_of(sheet, at).is_some_and(|column| column.has_code)
    }

    /// The columns in which words stand.
    pub(crate) fn filled(&self, sheet: &Sheet, first: usize, end: usize) -> Vec<Concept> {
        let mut filled: Vec<Concept> = (first..end).filter_map(|at| self.of_word(sheet, at)).collect();
        filled.sort();
        filled.dedup();
        filled
    }

    /// Whether words that follow each other closely begin in another column than that of descriptions and run on under
    /// further heads, as a note across the table does.
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
            // Words close together under several heads: dense print, or a text that is longer than its column.
            _ if is_number(&sheet.words[at].text) => self.of_number(&sheet.words[at].bbox),
            _ => {
                let text = self.of_text(&sheet.words[at].bbox);
                // What follows a number, as a unit does, belongs to it, unless texts stand further to the right.
                let number = (first..at).rev().find(|before| is_number(&sheet.words[*before].text));
                let behind = number.and_then(|before| self.of_number(&sheet.words[before].bbox));
                let is_behind =
                    |column: &&Column| column.is_of_numbers() && text.is_none_or(|text| text.left < column.left);
                behind.filter(is_behind).or(text)
            }
        }
    }

    /// The column of a word by the table around it.
    fn in_table(&self, sheet: &Sheet, at: usize) -> Option<&Column> {
        let cell = sheet.words[at].in_table.filter(|cell| cell.columns == 1)?;
        self.0.iter().find(|column| column.in_table == Some((cell.table, cell.column)))
    }

    /// The column of a text that stands under no head: the one to the right, whose head may stand over its middle, if
    /// it is one of texts, or else the one to the left.
    fn of_text_beside(&self, bbox: &Rect) -> Option<&Column> {
        let left = self.0.iter().rev().find(|column| column.left < bbox.x);
        let right = self.0.iter().find(|column| column.left >= bbox.x);
        right.filter(|right| left.is_none() || !right.is_of_numbers()).or(left)
    }

    /// The column of a number: under most of whose head it stands, or else that with which it is aligned best.
    fn of_number(&self, bbox: &Rect) -> Option<&Column> {
        let over = self.0.iter().filter(|column| column.is_over(bbox));
        let most = over.max_by(|a, b| a.overlap(bbox).total_cmp(&b.overlap(bbox)));
        most.or_else(|| self.0.iter().min_by(|a, b| a.off(bbox).total_cmp(&b.off(bbox))))
    }

    /// The column of a word that is no number: one of texts, under most of whose head it stands, or to the right of it.
    fn of_text(&self, bbox: &Rect) -> Option<&Column> {
        let texts = || self.0.iter().filter(|column| !column.is_of_numbers());
        let over = texts().filter(|column| column.is_over(bbox));
        let most = over.max_by(|a, b| a.overlap(bbox).total_cmp(&b.overlap(bbox)));
        most.or_else(|| texts().rev().find(|column| column.left <= bbox.x)).or_else(|| texts().next())
    }
}

impl Column {
    /// Whether something stands under the head, and does not only reach a little under it.
    fn is_over(&self, bbox: &Rect) -> bool {
        self.overlap(bbox) > UNDER * bbox.width.min(self.right - self.left)
    }

    /// The width by which something stands under the head, in points; below zero when it stands beside it.
    fn overlap(&self, bbox: &Rect) -> f32 {
        self.right.min(bbox.right()) - self.left.max(bbox.x)
    }

    fn is_of_numbers(&self) -> bool {
        use Concept::{LineTotal, Quantity, TaxRate, UnitPrice};
        matches!(self.concept, Some(LineTotal | Quantity | TaxRate | UnitPrice))
    }

    /// How far something is from standing under the head: by its left edge, its right edge or its middle.
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
