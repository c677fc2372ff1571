//! Candidates: possible values of a field, with the evidence for them.

use recto_domain::{Field, FieldSchema, Rect};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Number, Value};

use crate::sheet::Sheet;

/// The source of a computed value.
pub(crate) const COMPUTED: &str = "computed";

/// The evidence that led to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Origin {
    /// It stands beside the words of a label.
    Beside {
        /// Indices of the label's words: `first..end`.
        first: usize,
        end: usize,
    },
    /// It stands below the words of a label.
    Below {
        /// Indices of the label's words: `first..end`.
        first: usize,
        end: usize,
    },
    /// The lines around it show that a party is named there.
    Party,
    /// It is one of the document's totals, which may add up.
    Sums { add_up: bool },
    /// It has the shape of such a value.
    Shape,
    /// It is one of the values of its kind that may be left over.
    Remaining,
    /// The template states its position.
    Template,
    /// It only has the right kind.
    #[default]
    Kind,
}

/// A possible value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// The normalised value.
    pub(crate) value: Value,
    /// The value as printed on the page; `None` when it was computed.
    pub(crate) raw: Option<String>,
    /// The words it was read from, as ranges of indices.
    pub(crate) words: Vec<(usize, usize)>,
    /// Its probability, 0 to 1.
    pub(crate) score: f32,
    /// Whether the value was computed from others and is printed nowhere.
    pub(crate) is_computed: bool,
    /// Whether another field has the better claim to its words.
    pub(crate) is_contested: bool,
    pub(crate) origin: Origin,
}

impl Candidate {
    /// A candidate whose value is printed on the page as it is.
    pub(crate) fn printed(sheet: &Sheet, first: usize, end: usize, value: Value, score: f32) -> Self {
        Self::new(value, Some(sheet.text(first, end)), vec![(first, end)], score)
    }

    /// A candidate read from some words.
    pub(crate) fn new(value: Value, raw: Option<String>, words: Vec<(usize, usize)>, score: f32) -> Self {
        Self { value, raw, words, score, is_computed: false, is_contested: false, origin: Origin::default() }
    }

    /// A candidate computed from the amounts at some places.
    pub(crate) fn computed(value: Value, words: Vec<(usize, usize)>, score: f32) -> Self {
        Self { is_computed: true, ..Self::new(value, None, words, score) }
    }

    /// The same candidate with that origin.
    pub(crate) fn from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The field with this value.
    pub(crate) fn into_field(self, sheet: &Sheet, schema: &FieldSchema, source: &str) -> Field {
        let source = if self.is_computed { COMPUTED } else { source };
        let page = self.words.first().map(|(first, _)| sheet.page_of(*first));
        let on_page = self.words.iter().filter(|(first, _)| Some(sheet.page_of(*first)) == page);
        Field {
            value: self.value,
            raw: self.raw,
            confidence: Some(self.score.clamp(0.01, 0.99)),
            page,
            bbox: Rect::around(on_page.map(|(first, end)| sheet.place(*first, *end))),
            source: Some(source.to_owned()),
            ..Field::missing(schema.name.clone(), schema.kind)
        }
    }
}

/// A decimal as a JSON number.
pub(crate) fn number(value: Decimal) -> Value {
    let whole = value.is_integer().then(|| value.to_i64()).flatten();
    match whole {
        Some(whole) => Value::Number(whole.into()),
        None => value.to_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
    }
}
