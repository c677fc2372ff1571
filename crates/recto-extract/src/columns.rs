//! The columns of a table, by the row that names them.

use recto_domain::Rect;

use crate::labels::{self, Label};
use crate::lexicon::Concept;
use crate::sheet::Sheet;

/// What the lexicon knows of the columns of tables.
const KNOWN: [Concept; 8] = [
    Concept::Description,
    Concept::Quantity,
    Concept::Unit,
    Concept::UnitPrice,
    Concept::LineTotal,
    Concept::ArticleNumber,
    Concept::Position,
    Concept::TaxRate,
];

/// What a template says that stands over a column.
#[derive(Debug, Clone)]
pub(crate) struct ToldColumn<'a> {
    /// One that [`is_reckoned`], or [`Concept::Own`] with the property's index.
    pub(crate) concept: Concept,
    /// Without blanks.
    pub(crate) heads: &'a [String],
}

/// A column of a table: what it means, and where its head stands.
#[derive(Debug, Clone)]
struct Column {
    /// `None` for one that nobody asks for, which keeps what stands in it from being taken for its neighbours'.
    concept: Option<Concept>,
    left: f32,
    right: f32,
}

/// The columns of a table, of which a page without a head has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns {
    all: Vec<Column>,
    /// How many of them the template tells: these come first.
    told: usize,
    /// How many of them mean something.
    meant: usize,
}

/// Whether a column is one that rows are reckoned from, or the description, which goes on over several rows.
pub(crate) fn is_reckoned(concept: Concept) -> bool {
    use Concept::{Description, LineTotal, Quantity, TaxRate, UnitPrice};
    matches!(concept, Description | LineTotal | Quantity | TaxRate | UnitPrice)
}

/// The row that names the most columns, and those columns.
pub(crate) fn head(sheet: &Sheet, labels: &[Label], told: &[ToldColumn]) -> Option<(usize, Columns)> {
    let rank = |columns: &Columns| (columns.told, columns.meant);
    let mut best: Option<(usize, Columns)> = None;
    for index in 0..sheet.rows.len() {
        let columns = Columns::of_row(sheet, labels, told, index);
        let is_head = (columns.meant >= 2 && columns.have_amounts())
            || columns.told >= 2
            || (columns.told > 0 && columns.told == told.len());
        if is_head && best.as_ref().is_none_or(|(_, best)| rank(&columns) > rank(best)) {
            best = Some((index, columns));
        }
    }
    best
}

impl Columns {
    /// The columns that a row names: those that the template tells first, and of each meaning only one.
    pub(crate) fn of_row(sheet: &Sheet, labels: &[Label], told: &[ToldColumn], index: usize) -> Self {
        let row = &sheet.rows[index];
        let overlap = |a: (usize, usize), b: (usize, usize)| a.0 < b.1 && b.0 < a.1;
        let mut columns: Vec<((usize, usize), Option<Concept>)> = Vec::new();
        for column in told {
            let find = |head: &String| labels::first_place_of(sheet, std::slice::from_ref(row), head);
            let place = column.heads.iter().find_map(find);
            if let Some(place) = place.filter(|place| !columns.iter().any(|(other, _)| overlap(*other, *place))) {
                columns.push((place, Some(column.concept)));
            }
        }
        let told = columns.len();
        for label in labels::in_row(labels, index) {
            let place = (label.first, label.end);
            let is_free = !columns[..told].iter().any(|(other, _)| overlap(*other, place));
            if let Some(concept) = concept_of(label).filter(|_| is_free)
                && !columns.iter().any(|(_, other)| *other == Some(concept))
            {
                columns.push((place, Some(concept)));
            }
        }
        let meant = columns.len();
        if told > 0 {
            let mut at = row.first;
            while at < row.end {
                let phrase = sheet.phrase_around(at);
                if !columns.iter().any(|(column, _)| overlap(*column, phrase)) {
                    columns.push((phrase, None));
                }
                at = phrase.1;
            }
        }
        let at = |((first, end), concept): ((usize, usize), Option<Concept>)| {
            let head = sheet.bbox(first, end);
            Column { concept, left: head.x, right: head.right() }
        };
        Self { all: columns.into_iter().map(at).collect(), told, meant }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many mean something.
    pub(crate) fn meant_count(&self) -> usize {
        self.meant
    }

    /// Whether the template tells any of them.
    pub(crate) fn are_told(&self) -> bool {
        self.told > 0
    }

    /// How many of them the template tells.
    pub(crate) fn told_count(&self) -> usize {
        self.told
    }

    /// Whether the template tells where that is.
    pub(crate) fn is_told(&self, concept: Concept) -> bool {
        self.all[..self.told].iter().any(|column| column.concept == Some(concept))
    }

    pub(crate) fn have(&self, concept: Concept) -> bool {
        self.all.iter().any(|column| column.concept == Some(concept))
    }

    /// Whether they say what each row costs.
    pub(crate) fn have_amounts(&self) -> bool {
        self.have(Concept::LineTotal) || self.have(Concept::UnitPrice)
    }

    /// Whether something stands where the template tells an amount, so that it is one however it is written.
    pub(crate) fn tell_amount(&self, bbox: &Rect) -> bool {
        let concept = self.under(bbox);
        concept.is_some_and(|c| matches!(c, Concept::LineTotal | Concept::UnitPrice) && self.is_told(c))
    }

    /// The column whose head is nearest to a word: by its left edge for texts, by its middle else.
    pub(crate) fn nearest(&self, bbox: &Rect) -> Option<Concept> {
        self.closest(|column| (bbox.x - column.left).abs().min((bbox.center().x - column.middle()).abs()))
    }

    /// The column under whose head something stands, however it is aligned.
    pub(crate) fn under(&self, bbox: &Rect) -> Option<Concept> {
        self.closest(|column| column.off(bbox))
    }

    /// The column of a word in a table whose head the template tells: that of the words close
    /// around it, unless these reach under several heads.
    pub(crate) fn of_word(&self, sheet: &Sheet, at: usize) -> Option<Concept> {
        let (first, end) = sheet.phrase_around(at);
        let phrase = sheet.bbox(first, end);
        let heads = self.all.iter().filter(|column| phrase.x < column.right && phrase.right() > column.left).count();
        self.under(if heads > 1 { &sheet.words[at].bbox } else { &phrase })
    }

    /// Whether a word stands in a column that only the template knows, or nobody.
    pub(crate) fn is_apart(&self, sheet: &Sheet, at: usize) -> bool {
        self.told > 0 && matches!(self.of_word(sheet, at), None | Some(Concept::Own(_)))
    }

    /// The columns in which words of a row stand.
    pub(crate) fn filled(&self, sheet: &Sheet, first: usize, end: usize) -> Vec<Concept> {
        let mut filled: Vec<Concept> = (first..end).filter_map(|at| self.of_word(sheet, at)).collect();
        filled.sort();
        filled.dedup();
        filled
    }

    fn closest(&self, distance: impl Fn(&Column) -> f32) -> Option<Concept> {
        let closest = self.all.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        closest.and_then(|column| column.concept)
    }
}

impl Column {
    fn middle(&self) -> f32 {
        f32::midpoint(self.left, self.right)
    }

    /// How far something is from standing under the head: by its left edge, its right edge or its middle.
    fn off(&self, bbox: &Rect) -> f32 {
        let edges = (bbox.right() - self.right).abs().min((bbox.x - self.left).abs());
        edges.min((bbox.center().x - self.middle()).abs())
    }
}

/// What a label means as the head of a column.
fn concept_of(label: &Label) -> Option<Concept> {
    let names = |concept| label.strength(concept).is_some();
    KNOWN.into_iter().find(|concept| names(*concept)).or_else(|| {
        // `Total` and `Net` at the head of a column are the line's; `VAT` is its rate.
        if names(Concept::TotalGross) || names(Concept::TotalNet) {
            Some(Concept::LineTotal)
        } else {
            names(Concept::TotalTax).then_some(Concept::TaxRate)
        }
    })
}
