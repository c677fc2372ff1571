//! Hints of a template on the value or position of a field: the key `find` of a field in its schema.
//!
//! ```yaml
//! total:
//!   type: number
//!   find:
//!     labels: [Grand total, Endbetrag]   # looked beside and under, instead of those that the name suggests
//!     regex: 'Total:\s+(\S+)'            # in each row of words; the first group, or the whole match
//!     page: last                         # first, last or a number from 1
//!     region: [0, 0.5, 1, 1]             # left, top, right, bottom as shares of the page; alone, what stands there
//!     anchor: Payment                    # the text from whose top left corner the region is counted
//!     choose: largest                    # first, last, largest or smallest, instead of the likeliest
//!     locale: de-DE                      # how numbers and days are read, instead of what the page suggests
//!     default: 0                         # when nothing is found
//! currency: {type: string, find: {constant: EUR}}
//! gross: {type: number, find: {sum: [net, tax]}}
//! items_total: {type: number, find: {sum: items.amount}}
//! due: {type: date, find: {copy: date}}
//! items:
//!   type: array
//!   items: {type: object, properties: {amount: {type: number}, lot: {type: string}}}
//!   find: {columns: {amount: [Wert], lot: [Charge]}}   # what stands over the columns
//! ```

mod computed;
mod place;
mod reader;
mod references;
mod zone;

use recto_domain::{FieldSchema, FieldType, Pattern};
use serde_json::Value;

use crate::candidate::Candidate;
use crate::conventions::Conventions;
use crate::matches::{Matches, row_text};
use crate::sheet::Sheet;

pub(crate) use computed::Computed;
pub(crate) use place::{PageArea, WhichPage};
pub(crate) use reader::read;

/// A template's hints on a field.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Hints {
    /// Labels without spaces.
    pub(crate) labels: Vec<String>,
    regex: Option<Pattern>,
    place: PageArea,
    choose: Option<Choice>,
    /// The format of its numbers and dates.
    pub(crate) conventions: Conventions,
    pub(crate) default: Option<Value>,
    /// The value, regardless of the document.
    pub(crate) constant: Option<Value>,
    /// The headings of table columns.
    pub(crate) columns: Vec<ColumnHeads>,
    /// How the value is computed from other fields.
    pub(crate) computed: Option<Computed>,
}

/// The possible headings of a property's column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnHeads {
    /// The property's index in the items.
    pub(crate) property: usize,
    /// The headings without spaces.
    pub(crate) heads: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    First,
    Last,
    Largest,
    Smallest,
}

impl Hints {
    /// Whether labels or a regular expression say where to search, so that labels suggested by the name are ignored.
    pub(crate) fn are_exclusive(&self) -> bool {
        !self.labels.is_empty() || self.regex.is_some()
    }

    /// Whether the content of the region is the value.
    pub(crate) fn are_zonal(&self) -> bool {
        self.place.has_region() && !self.are_exclusive()
    }

    /// Whether the hints give the value or its exact position, so that no other source may provide it.
    pub(crate) fn are_binding(&self) -> bool {
        self.are_zonal() || self.constant.is_some() || self.computed.is_some() || !self.columns.is_empty()
    }

    /// Whether nothing says where the value is, so that the whole document is searched.
    pub(crate) fn are_open(&self) -> bool {
        !self.are_exclusive() && !self.are_binding() && self.place.is_anywhere() && self.choose.is_none()
    }

    /// The matches of the regular expression, row by row.
    pub(crate) fn matches(&self, sheet: &Sheet) -> Vec<Candidate> {
        let Some(regex) = self.regex.as_ref().and_then(Pattern::regex) else { return Vec::new() };
        let mut found = Vec::new();
        for row in &sheet.rows {
            let (text, starts) = row_text(sheet, row.first, row.end);
            for captures in regex.captures_iter(&text) {
                let Some(part) = captures.get(1).or_else(|| captures.get(0)).filter(|part| !part.is_empty()) else {
                    continue;
                };
                let first = row.first + starts.partition_point(|start| *start <= part.start()) - 1;
                let end = row.first + starts.partition_point(|start| *start < part.end());
                let score = told(sheet.confidence(first, end));
                let value = Value::String(part.as_str().trim().to_owned());
                let printed = Candidate::printed(sheet, first, end, value, score);
                found.push(Candidate { raw: Some(part.as_str().to_owned()), ..printed });
            }
        }
        found
    }

    /// The values in the region, on the first page where it contains one.
    pub(crate) fn in_region(&self, sheet: &Sheet, matches: &Matches, kind: FieldType) -> Vec<Candidate> {
        let mut values = self.place.zones(sheet).into_iter().map(|zone| zone::values(sheet, matches, &zone, kind));
        values.find(|values| !values.is_empty()).unwrap_or_default()
    }

    /// The constant as a candidate. If it is also printed, it has a higher score and its place.
    pub(crate) fn constant(&self, sheet: &Sheet, matches: &Matches, schema: &FieldSchema) -> Option<Candidate> {
        self.constant.as_ref().map(|value| zone::constant(sheet, matches, schema.kind, value))
    }

    /// Keeps the candidates at the places given by the hints, and of these only the chosen one if there is a `choose`
    /// hint.
    pub(crate) fn choose(&self, sheet: &Sheet, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        if !self.place.is_anywhere() {
            let zones = self.place.zones(sheet);
            // A computed value has no place.
            let stands = |candidate: &Candidate| candidate.words.first().copied();
            candidates.retain(|candidate| {
                stands(candidate).is_some_and(|words| zones.iter().any(|zone| zone.holds(sheet, words)))
            });
        }
        let place = |candidate: &Candidate| candidate.words.first().map_or(usize::MAX, |words| words.0);
        // Numbers are ordered by size; dates and texts alphabetically, which for ISO dates is chronological.
        let by_size = |a: &Candidate, b: &Candidate| match (a.value.as_f64(), b.value.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a.value.as_str().cmp(&b.value.as_str()),
        };
        let chosen = match self.choose.or(self.are_zonal().then_some(Choice::First)) {
            None => return candidates,
            Some(Choice::First) => candidates.into_iter().min_by_key(place),
            Some(Choice::Last) => candidates.into_iter().max_by_key(place),
            Some(Choice::Largest) => candidates.into_iter().max_by(by_size),
            Some(Choice::Smallest) => candidates.into_iter().min_by(by_size),
        };
        chosen.into_iter().collect()
    }
}

/// The probability of a value that the template itself leads to, from its recognition confidence.
fn told(confidence: f32) -> f32 {
    0.6 + 0.35 * confidence
}
