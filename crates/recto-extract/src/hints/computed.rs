//! Values that are computed from other fields.

use recto_domain::{Field, FieldSchema, FieldType};
use rust_decimal::Decimal;
use serde_json::Value;

use super::Hints;
use crate::candidate::COMPUTED;
use crate::candidate::number;

/// How a value is computed from other fields, which are given by their indices in the template.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Computed {
    /// The sum of all parts.
    Sum(Vec<Part>),
    /// A copy of another field.
    Copy(usize),
}

/// A part of a sum.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub(crate) field: usize,
    /// The column to add up, if the field is a table.
    pub(crate) column: Option<String>,
}

impl Computed {
    /// The key of the hint.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Sum(_) => "sum",
            Self::Copy(_) => "copy",
        }
    }

    /// The fields that it is computed from.
    pub(crate) fn sources(&self) -> Vec<usize> {
        match self {
            Self::Sum(parts) => parts.iter().map(|part| part.field).collect(),
            Self::Copy(field) => vec![*field],
        }
    }

    /// The computed field. Those of `fields` that it depends on must already be computed.
    pub(crate) fn field(&self, schema: &FieldSchema, fields: &[Field]) -> Field {
        match self {
            Self::Sum(parts) => sum(schema, parts, fields),
            Self::Copy(source) => Field { name: schema.name.clone(), kind: schema.kind, ..fields[*source].clone() },
        }
    }
}

fn sum(schema: &FieldSchema, parts: &[Part], fields: &[Field]) -> Field {
    let missing = Field::missing(schema.name.clone(), schema.kind);
    let sums = parts.iter().map(|part| part.sum(&fields[part.field].value));
    let total = sums.reduce(|a, b| a?.checked_add(b?)).flatten();
    let Some(total) = total.filter(|total| schema.kind == FieldType::Number || total.is_integer()) else {
        return missing;
    };
    Field {
        value: number(total),
        confidence: parts.iter().filter_map(|part| fields[part.field].confidence).min_by(f32::total_cmp),
        source: Some(COMPUTED.to_owned()),
        ..missing
    }
}

impl Part {
    /// The part's contribution; `None` when it is unknown, or missing in a row of its table.
    fn sum(&self, value: &Value) -> Option<Decimal> {
        let Some(column) = &self.column else { return decimal(value) };
        let mut rows = value.as_array()?.iter();
        rows.try_fold(Decimal::ZERO, |sum, row| sum.checked_add(decimal(row.get(column)?)?))
    }
}

/// A number with the digits in which it is written.
fn decimal(value: &Value) -> Option<Decimal> {
    let text = value.as_number()?.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// The computed fields of a template, each after the fields that it depends on; and the fields that depend on
/// themselves, for which there is no such order.
pub(crate) fn order(hints: &[Hints]) -> (Vec<usize>, Vec<usize>) {
    let sources = |index: usize| hints[index].computed.as_ref().map(Computed::sources).unwrap_or_default();
    let mut waiting: Vec<usize> = (0..hints.len()).filter(|index| hints[*index].computed.is_some()).collect();
    let mut ordered = Vec::new();
    loop {
        let is_ready = |index: &usize| sources(*index).iter().all(|source| !waiting.contains(source));
        let (ready, rest): (Vec<usize>, Vec<usize>) = waiting.iter().copied().partition(is_ready);
        if ready.is_empty() {
            break;
        }
        ordered.extend(ready);
        waiting = rest;
    }
    // A field that only depends on such fields is not one of them.
    let leads_back = |start: &usize| {
        let (mut open, mut seen) = (sources(*start), Vec::new());
        while let Some(next) = open.pop() {
            if next == *start {
                return true;
            }
            if !seen.contains(&next) {
                seen.push(next);
                open.extend(sources(next));
            }
        }
        false
    };
    let circular = waiting.into_iter().filter(leads_back).collect();
    (ordered, circular)
}
