//! A value that a field may have, with what speaks for it.

use recto_domain::{Field, FieldSchema, Rect};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Number, Value};

use crate::sheet::Sheet;

/// The source of a value that is printed nowhere.
pub(crate) const COMPUTED: &str = "computed";

/// What led to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Origin {
    /// It stands behind these words, which are what the field is called.
    Beside {
        /// Indices of the words: `first..end`.
        first: usize,
        end: usize,
    },
    /// It stands under them.
    Below {
        /// Indices of the words: `first..end`.
        first: usize,
        end: usize,
    },
    /// It stands where its party is named, by the lines around it.
    Party,
    /// It is one of the sums, which may add up.
    Sums { add_up: bool },
    /// It has the shape of such a value.
    Shape,
    /// The template says where it stands.
    Template,
    /// Nothing but its kind speaks for it.
    #[default]
    Kind,
}

/// A value that a field may have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// Normalised.
    pub(crate) value: Value,
    /// As it stands on the page; `None` when it was computed.
    pub(crate) raw: Option<String>,
    /// The words that it was read from, as ranges of indices.
    pub(crate) words: Vec<(usize, usize)>,
    /// How likely it is, 0 to 1.
    pub(crate) score: f32,
    /// Whether the value is printed nowhere and was computed from others.
    pub(crate) is_computed: bool,
    pub(crate) origin: Origin,
}

impl Candidate {
    /// A value that stands on the page as it is.
    pub(crate) fn printed(sheet: &Sheet, first: usize, end: usize, value: Value, score: f32) -> Self {
        Self::new(value, Some(sheet.text(first, end)), vec![(first, end)], score)
    }

    /// A value of some words, as it was read there.
    pub(crate) fn new(value: Value, raw: Option<String>, words: Vec<(usize, usize)>, score: f32) -> Self {
        Self { value, raw, words, score, is_computed: false, origin: Origin::default() }
    }

    /// A value that stands nowhere, computed from the amounts at some places.
    pub(crate) fn computed(value: Value, words: Vec<(usize, usize)>, score: f32) -> Self {
        Self { is_computed: true, ..Self::new(value, None, words, score) }
    }

    /// The same from that origin.
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

/// A decimal as JSON has it.
pub(crate) fn number(value: Decimal) -> Value {
    let whole = value.is_integer().then(|| value.to_i64()).flatten();
    match whole {
        Some(whole) => Value::Number(whole.into()),
        None => value.to_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
    }
}
