//! Hints suggested by known values.

use std::collections::HashSet;
use std::ops::Range;

use recto_domain::{FieldSchema, FieldType, Rect};
use serde_json::{Value, json};

use super::pattern::{Written, pattern};
use super::place::{KnownPlace, labels_around, places};
use super::table;
use crate::concept::Concept;
use crate::field_query::FieldQuery;
use crate::label_key::key_of;
use crate::matches::Matches;
use crate::same::is_same;
use crate::sheet::Sheet;

/// The most labels that are tried by themselves.
const MAX_LABELS: usize = 10;
/// The most labels that are tried with further hints.
const FEW_LABELS: usize = 3;
/// The most labels that are tried together.
const MAX_TOGETHER: usize = 4;
/// The largest height of a region, as a share of the page's.
const MAX_HEIGHT: f32 = 0.3;

/// A known value and its document.
pub(super) struct Known<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) matches: &'a Matches,
    pub(super) value: &'a Value,
    /// The words that show the known values of all fields.
    pub(super) values: &'a [Range<usize>],
}

/// A place of the value on its sheet.
struct Placed<'a> {
    sheet: &'a Sheet,
    place: KnownPlace,
    /// Its possible labels.
    labels: Vec<String>,
}

/// A label, and the examples in which it is beside the value.
struct Shared {
    text: String,
    key: String,
    examples: HashSet<usize>,
}

/// Hints that may find the known values of a field; those that are most useful for other documents come first.
pub(super) fn suggestions(field: &FieldSchema, known: &[Known<'_>]) -> Vec<Value> {
    match field.kind {
        FieldType::Array => return table::suggestions(field, known),
        FieldType::Object => return Vec::new(),
        _ => {}
    }
    let printed: Vec<&Known<'_>> = known.iter().filter(|known| !known.value.is_null()).collect();
    let constant = constant(field, &printed);
    let is_issuers = FieldQuery::of(field, false).concept.is_some_and(is_issuers);
    let mut all = Vec::new();
    all.extend(constant.clone().filter(|_| is_issuers));
    let places: Vec<Vec<Placed<'_>>> = printed.iter().map(|known| placed(field, known)).collect();
    let labels = shared_labels(&places);
    all.extend(labels.iter().take(MAX_LABELS).map(|label| json!({"labels": [label.text]})));
    all.extend(together(&labels, places.len()));
    for label in labels.iter().take(FEW_LABELS) {
        all.extend(["first", "last", "largest", "smallest"].map(|c| json!({"labels": [label.text], "choose": c})));
    }
    // One place for each value: the one with the most common label, or the first.
    let chosen: Vec<&Placed<'_>> =
        places.iter().filter_map(|places| chosen(places, labels.first().map(|label| label.key.as_str()))).collect();
    if !chosen.is_empty() && chosen.len() == printed.len() {
        let written: Vec<Written> = chosen.iter().map(|placed| written(placed)).collect();
        if let Some(pattern) = pattern(&written) {
            all.push(json!({"regex": pattern}));
            all.push(json!({"regex": pattern, "choose": "first"}));
        }
        all.extend(region(&chosen));
        let anchors = labels.iter().filter(|label| label.examples.len() == places.len()).take(FEW_LABELS);
        all.extend(anchors.filter_map(|label| anchored(&chosen, label)));
    }
    all.extend(constant.filter(|_| !is_issuers));
    all
}

/// Whether a concept stays the same in all documents of an issuer.
fn is_issuers(concept: Concept) -> bool {
    matches!(
        concept,
        Concept::SellerName
            | Concept::SellerAddress
            | Concept::SellerVatId
            | Concept::Iban
            | Concept::Bic
            | Concept::Email
            | Concept::Phone
            | Concept::Currency
    )
}

/// A text that is the same in several examples.
fn constant(field: &FieldSchema, printed: &[&Known<'_>]) -> Option<Value> {
    let (first, rest) = printed.split_first()?;
    let is_the_same = !rest.is_empty() && rest.iter().all(|known| is_same(field, first.value, known.value));
    (field.kind == FieldType::String && is_the_same).then(|| json!({"constant": first.value}))
}

fn placed<'a>(field: &FieldSchema, known: &Known<'a>) -> Vec<Placed<'a>> {
    let places = places(known.sheet, known.matches, field.kind, known.value);
    let with_labels = |place| {
        let labels = labels_around(known.sheet, &place, known.values);
        Placed { sheet: known.sheet, place, labels }
    };
    places.into_iter().map(with_labels).collect()
}

/// The labels at the places, sorted by the number of examples, and then by length.
fn shared_labels(places: &[Vec<Placed<'_>>]) -> Vec<Shared> {
    let mut shared: Vec<Shared> = Vec::new();
    for (example, places) in places.iter().enumerate() {
        for text in places.iter().flat_map(|placed| &placed.labels) {
            let key = key_of(text);
            match shared.iter_mut().find(|label| label.key == key) {
                Some(label) => drop(label.examples.insert(example)),
                None => shared.push(Shared { text: text.clone(), key, examples: HashSet::from([example]) }),
            }
        }
    }
    // Sorting is stable: among equals, labels nearer to the value's first place stay in front.
    shared.sort_by_key(|label| std::cmp::Reverse((label.examples.len(), label.key.chars().count())));
    shared
}

/// Labels that cover all examples only together: an issuer may use two wordings.
fn together(labels: &[Shared], examples: usize) -> Option<Value> {
    let mut covered: HashSet<usize> = HashSet::new();
    let mut texts = Vec::new();
    while covered.len() < examples && texts.len() < MAX_TOGETHER {
        let next = labels.iter().rev().max_by_key(|label| label.examples.difference(&covered).count())?;
        if next.examples.is_subset(&covered) {
            break;
        }
        covered.extend(&next.examples);
        texts.push(next.text.as_str());
    }
    (texts.len() > 1).then(|| json!({"labels": texts}))
}

fn chosen<'a, 'b>(places: &'b [Placed<'a>], label: Option<&str>) -> Option<&'b Placed<'a>> {
    let has_label = |placed: &&Placed<'_>| placed.labels.iter().any(|text| Some(key_of(text).as_str()) == label);
    places.iter().find(has_label).or_else(|| places.first())
}

fn written(placed: &Placed<'_>) -> Written {
    let (sheet, place) = (placed.sheet, &placed.place);
    let row = &sheet.rows[sheet.words[place.first].row];
    Written {
        before: sheet.text(row.first, place.first),
        value: sheet.text(place.first, place.end).trim_end_matches(['.', ',', ';', ':']).to_owned(),
        after: sheet.text(place.end, row.end),
    }
}

/// The part of the page that contains all of the values and nothing else.
fn region(chosen: &[&Placed<'_>]) -> Option<Value> {
    let page = if chosen.iter().all(|placed| placed.place.page == 1) {
        "first"
    } else if chosen.iter().all(|placed| placed.place.page as usize == placed.sheet.sizes.len()) {
        "last"
    } else {
        return None;
    };
    let region = shares(chosen, |_| Some((0.0, 0.0)))?;
    let region = region.map(|share| share.clamp(0.0, 1.0));
    Some(json!({"page": page, "region": region.map(rounded)}))
}

/// The same, relative to a label.
fn anchored(chosen: &[&Placed<'_>], label: &Shared) -> Option<Value> {
    let origin = |placed: &Placed<'_>| {
        let row_of = |first: usize| placed.sheet.rows[placed.sheet.words[first].row].page;
        let words = 0..placed.sheet.words.len();
        let starts = |first: &usize| {
            let row = placed.sheet.rows[placed.sheet.words[*first].row].end;
            (*first + 1..=row.min(first + 8)).any(|end| key_of(&placed.sheet.text(*first, end)) == label.key)
        };
        let first = words.into_iter().find(starts)?;
        (row_of(first) == placed.place.page).then(|| {
            let bbox = placed.sheet.words[first].bbox;
            (bbox.x, bbox.y)
        })
    };
    let region = shares(chosen, origin)?.map(|share| share.clamp(-1.0, 1.0));
    Some(json!({"anchor": label.text, "region": region.map(rounded)}))
}

/// The bounding box of all places, each relative to its origin, in shares of their pages. It is as wide as the free
/// space of all places allows, and a little higher than they are. `None` when it would be more than a strip of the
/// page.
fn shares(chosen: &[&Placed<'_>], origin: impl Fn(&Placed<'_>) -> Option<(f32, f32)>) -> Option<[f32; 4]> {
    let (mut tight, mut free): (Option<[f32; 4]>, Option<[f32; 4]>) = (None, None);
    for placed in chosen {
        let (width, height) = placed.sheet.sizes.get(placed.place.page as usize - 1).copied()?;
        let (x, y) = origin(placed)?;
        let share = |bbox: Rect| {
            let (width, height) = (width.max(1.0), height.max(1.0));
            [(bbox.x - x) / width, (bbox.y - y) / height, (bbox.right() - x) / width, (bbox.bottom() - y) / height]
        };
        let (own, room) = (share(placed.place.bbox), share(room(placed, width)));
        tight = Some(tight.map_or(own, |t| [t[0].min(own[0]), t[1].min(own[1]), t[2].max(own[2]), t[3].max(own[3])]));
        free =
            Some(free.map_or(room, |f| [f[0].max(room[0]), f[1].min(room[1]), f[2].min(room[2]), f[3].max(room[3])]));
    }
    let (tight, free) = (tight?, free?);
    let both = [tight[0].min(free[0]), free[1], tight[2].max(free[2]), free[3]];
    (both[3] - both[1] <= MAX_HEIGHT).then_some(both)
}

/// A place with the empty space at its sides and half a line above and below.
fn room(placed: &Placed<'_>, width: f32) -> Rect {
    let (sheet, KnownPlace { bbox, page, .. }) = (placed.sheet, &placed.place);
    let (mut left, mut right) = (0.0f32, width);
    for word in sheet.words.iter().filter(|word| sheet.rows[word.row].page == *page) {
        let is_beside = word.bbox.y < bbox.bottom() && word.bbox.bottom() > bbox.y;
        // The region takes words whose centre lies in it.
        if is_beside && word.bbox.right() <= bbox.x + 0.5 {
            left = left.max(word.bbox.center().x + 0.5);
        }
        if is_beside && word.bbox.x >= bbox.right() - 0.5 {
            right = right.min(word.bbox.center().x - 0.5);
        }
    }
    let above = 0.4 * sheet.line_height;
    Rect { x: left, y: bbox.y - above, width: (right - left).max(bbox.width), height: bbox.height + 2.0 * above }
}

fn rounded(share: f32) -> f64 {
    (f64::from(share) * 1000.0).round() / 1000.0
}
