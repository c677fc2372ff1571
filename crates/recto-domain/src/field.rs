//! The fields of a document: what a template asks for, and the values that were found or corrected.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::geometry::Rect;
use crate::spelling::spelled;
use crate::time::Timestamp;

/// The type of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text.
    String,
    /// A decimal number.
    Number,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// A calendar day, as `2026-03-31`.
    Date,
    /// A list, such as the line items of an invoice.
    Array,
    /// Fields within a field.
    Object,
}

spelled!(
    FieldType,
    "a type",
    InvalidFieldType,
    [
        String = "string",
        Number = "number",
        Integer = "integer",
        Boolean = "boolean",
        Date = "date",
        Array = "array",
        Object = "object",
    ]
);

impl FieldType {
    /// Whether values of this type contain other values.
    #[must_use]
    pub fn is_composite(self) -> bool {
        matches!(self, Self::Array | Self::Object)
    }

    /// Whether a value is of this type. Null stands for a missing value and belongs to every type.
    #[must_use]
    pub fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null)
            | (Self::String, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::Array, Value::Array(_))
            | (Self::Object, Value::Object(_)) => true,
            (Self::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (Self::Date, Value::String(text)) => Timestamp::start_of_day(text).is_ok(),
            _ => false,
        }
    }
}

/// A field of a document, with its value and the value's place on the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The name in the template's schema.
    pub name: String,
    /// The type in the template's schema.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The normalised value; null when none was found. A [`FieldType::Array`] of objects holds one object per row.
    pub value: Value,
    /// The value as printed on the page.
    pub raw: Option<String>,
    /// Confidence, 0 to 1; `None` without a value, and for a value entered by a person.
    pub confidence: Option<f32>,
    /// The number of the page that shows the value, from 1.
    pub page: Option<u32>,
    /// The bounding box on that page, in points from its top left.
    pub bbox: Option<Rect>,
    /// The extractor that found it, such as `rules`; `None` without a value.
    pub source: Option<String>,
    /// Whether a person entered the value.
    pub corrected: bool,
    /// Why the value was chosen, and the evidence for and against it, worded for a person; may be empty.
    #[serde(default)]
    pub why: Vec<String>,
}

impl Field {
    /// A field whose value was not found.
    #[must_use]
    pub fn missing(name: impl Into<String>, kind: FieldType) -> Self {
        Self {
            name: name.into(),
            kind,
            value: Value::Null,
            raw: None,
            confidence: None,
            page: None,
            bbox: None,
            source: None,
            corrected: false,
            why: Vec::new(),
        }
    }

    /// The field with a value entered by a person.
    #[must_use]
    pub fn corrected(self, value: Value) -> Self {
        Self { value, corrected: true, why: Vec::new(), ..self }
    }

    /// The values of the fields by name.
    #[must_use]
    pub fn values(fields: &[Self]) -> Map<String, Value> {
        fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect()
    }

    /// The origins of the fields' values by name.
    #[must_use]
    pub fn details(fields: &[Self]) -> Map<String, Value> {
        let detail = |field: &Self| {
            serde_json::json!({
                "value": field.value,
                "raw": field.raw,
                "confidence": field.confidence.map(|c| (f64::from(c) * 10_000.0).round() / 10_000.0),
                "page": field.page,
                "bbox": field.bbox,
                "source": field.source,
                "corrected": field.corrected,
                "why": field.why,
            })
        };
        fields.iter().map(|field| (field.name.clone(), detail(field))).collect()
    }

    /// The columns of the rows when the value is a list of objects, in order of first appearance; empty otherwise.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let rows = self.value.as_array().map_or(&[][..], Vec::as_slice);
        let mut columns = Vec::new();
        for name in rows.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
            if !columns.contains(&name.as_str()) {
                columns.push(name);
            }
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_accepts_its_own_values_and_null() {
        let accepts = |kind: FieldType, value: Value| kind.accepts(&value);
        assert!(accepts(FieldType::Number, json!(12.5)) && !accepts(FieldType::Number, json!("12.5")));
        assert!(accepts(FieldType::Integer, json!(12)) && !accepts(FieldType::Integer, json!(12.5)));
        assert!(accepts(FieldType::Date, json!("2026-02-28")) && !accepts(FieldType::Date, json!("2026-02-30")));
        assert!(FieldType::ALL.into_iter().all(|kind| kind.accepts(&Value::Null)));
    }

    #[test]
    fn the_columns_of_line_items_are_those_of_all_rows_in_order() {
        let rows = json!([{"b": 1, "a": 2}, {"a": 3, "c": 4}, 5]);
        let items = Field::missing("items", FieldType::Array).corrected(rows);
        assert_eq!(items.columns(), ["b", "a", "c"]);
        assert!(Field::missing("total", FieldType::Number).columns().is_empty());
    }

    #[test]
    fn types_read_back_as_they_are_spelt() {
        for kind in FieldType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("colour".parse::<FieldType>(), Err(InvalidFieldType));
    }
}
