//! Where on the pages a value stands, and which of several places is meant.

use recto_domain::Rect;

use crate::labels::Label;
use crate::sheet::Sheet;

/// The largest distance of a label above its value, in line heights.
const BELOW: f32 = 4.5;
/// Related values, such as the cells of a row, lie within this many line heights of one of them.
const NEAR: f32 = 4.0;
/// If a value, such as a 1, stands in more places than this, only the first ones are considered.
const MAX_PLACES: usize = 60;

/// Words that show a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EvidencePlace {
    /// The page number, from 1.
    pub(super) page: u32,
    pub(super) bbox: Rect,
    /// The value as printed there.
    pub(super) raw: String,
    /// How surely the words show the value, 0 to 1: less if recognition is doubtful or must have made errors.
    pub(super) certainty: f32,
}

impl EvidencePlace {
    /// The place of some words that show a value with that likeness.
    pub(super) fn on(sheet: &Sheet, first: usize, end: usize, likeness: f32) -> Self {
        Self {
            page: sheet.page_of(first),
            bbox: sheet.place(first, end),
            raw: sheet.text(first, end),
            certainty: likeness * sheet.legibility(first, end),
        }
    }

    /// The bounding place of those places that are on the page of the first; `None` if there are none.
    pub(super) fn around(places: &[Self]) -> Option<Self> {
        let first = places.first()?;
        let here = || places.iter().filter(|place| place.page == first.page);
        Some(Self {
            page: first.page,
            bbox: Rect::around(here().map(|place| place.bbox))?,
            raw: here().map(|place| place.raw.as_str()).collect::<Vec<_>>().join("\n"),
            certainty: places.iter().map(|place| place.certainty).sum::<f32>() / places.len() as f32,
        })
    }

    fn is_near(&self, other: &Self, line_height: f32) -> bool {
        self.page == other.page && (self.bbox.center().y - other.bbox.center().y).abs() <= NEAR * line_height
    }
}

/// The place of a value that a label leads to; without labels, the first place.
pub(super) fn labelled<'a>(sheet: &Sheet, labels: &[&Label], places: &'a [EvidencePlace]) -> Option<&'a EvidencePlace> {
    let distance = |place: &EvidencePlace| {
        let to_labels = labels.iter().filter_map(|label| distance(sheet, label, place));
        to_labels.min_by(f32::total_cmp).unwrap_or(f32::MAX)
    };
    places.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// The distance of a value to the right of or below a label; `None` when it stands elsewhere.
fn distance(sheet: &Sheet, label: &Label, place: &EvidencePlace) -> Option<f32> {
    let (row, head) = (&sheet.rows[label.row], sheet.place(label.first, label.end));
    if row.page != place.page {
        return None;
    }
    let height = head.height.max(sheet.line_height);
    let down = place.bbox.center().y - head.center().y;
    if down.abs() < 0.7 * height && place.bbox.right() > head.right() {
        return Some((place.bbox.x - head.right()).max(0.0));
    }
    let overlaps = place.bbox.x < head.right() + height && place.bbox.right() > head.x - height;
    // A value beside a label is more likely meant than one below it.
    (down > 0.0 && place.bbox.y - head.bottom() < BELOW * height && overlaps).then_some(10.0 * down)
}

/// For each of several related values, the intended place: where most of the values are close to each other.
pub(super) fn together(values: &[&[EvidencePlace]], line_height: f32) -> Vec<Option<EvidencePlace>> {
    let firsts: Vec<&[EvidencePlace]> = values.iter().map(|places| &places[..places.len().min(MAX_PLACES)]).collect();
    let near = |anchor: &EvidencePlace| -> Vec<Option<EvidencePlace>> {
        let nearest = |places: &&[EvidencePlace]| {
            let off = |place: &&EvidencePlace| (place.bbox.center().y - anchor.bbox.center().y).abs();
            let near = places.iter().filter(|place| place.is_near(anchor, line_height));
            near.min_by(|a, b| off(a).total_cmp(&off(b))).cloned()
        };
        firsts.iter().map(nearest).collect()
    };
    let count = |places: &Vec<Option<EvidencePlace>>| places.iter().flatten().count();
    let all = firsts.iter().flat_map(|places| places.iter()).map(near);
    // The first one of equals.
    all.reduce(|best, next| if count(&next) > count(&best) { next } else { best })
        .unwrap_or_else(|| vec![None; values.len()])
}
