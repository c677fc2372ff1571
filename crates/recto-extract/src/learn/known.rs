//! Known values, converted to the form in which values are found.

use recto_domain::{FieldSchema, FieldType};
use recto_values::amount::{self, DecimalMark};
use recto_values::date::{self, DayOrder};
use serde_json::{Map, Value, json};

use crate::candidate::number;

/// A known value in its field's type; people write numbers and dates as printed on the page. `None` when it cannot have
/// that type.
pub(super) fn normalized(schema: &FieldSchema, value: &Value) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    match (schema.kind, value) {
        (FieldType::Number, Value::Number(_)) | (FieldType::Boolean, Value::Bool(_)) => Some(value.clone()),
        (FieldType::Integer, Value::Number(whole)) => (whole.as_f64()?.fract() == 0.0).then(|| value.clone()),
        (FieldType::Number | FieldType::Integer, Value::String(text)) => {
            let read = number(amount::read(text, mark_of(text))?.value);
            normalized(schema, &read).filter(Value::is_number)
        }
        (FieldType::Date, Value::String(text)) => {
            let day = text.parse::<jiff::civil::Date>().ok().or_else(|| date::first(text, DayOrder::DayMonthYear))?;
            Some(Value::String(day.to_string()))
        }
        (FieldType::String, Value::String(text)) if !text.trim().is_empty() => Some(value.clone()),
        (FieldType::String, Value::Number(number)) => Some(Value::String(number.to_string())),
        (FieldType::Array, Value::Array(rows)) => match &schema.items {
            Some(items) => {
                rows.iter().map(|row| normalized(items, row)).collect::<Option<Vec<Value>>>().map(Value::from)
            }
            None => Some(value.clone()),
        },
        (FieldType::Object, Value::Object(members)) => {
            let known = schema.properties.iter().filter_map(|property| Some((property, members.get(&property.name)?)));
            let members = known.map(|(property, value)| Some((property.name.clone(), normalized(property, value)?)));
            members.collect::<Option<Map<String, Value>>>().map(Value::Object)
        }
        _ => None,
    }
}

/// The decimal separator of a single number: its last separator.
fn mark_of(text: &str) -> DecimalMark {
    match text.rfind(['.', ',']).map(|at| &text[at..]) {
        Some(rest) if rest.starts_with(',') && rest.len() != 4 => DecimalMark::Comma,
        _ => DecimalMark::Point,
    }
}

/// A flat schema for the fields that some documents' values name, each with the type of its values.
#[must_use]
pub fn schema_of(values: &[&Map<String, Value>]) -> Value {
    let mut fields = Map::new();
    for (name, value) in values.iter().copied().flatten() {
        // A null value says nothing about the type.
        if fields.get(name).is_none_or(|known| *known == json!({"type": "string"})) && !value.is_null() {
            fields.insert(name.clone(), described(value));
        }
        fields.entry(name.clone()).or_insert_with(|| json!({"type": "string"}));
    }
    Value::Object(fields)
}

fn described(value: &Value) -> Value {
    match value {
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(_) => json!({"type": "number"}),
        Value::String(text) if text.parse::<jiff::civil::Date>().is_ok() => json!({"type": "date"}),
        // Digits alone may be any kind of number; amounts of money have cents.
        Value::String(text) if amount::read(text, mark_of(text)).is_some_and(|amount| amount.decimals == 2) => {
            json!({"type": "number"})
        }
        Value::Null | Value::String(_) => json!({"type": "string"}),
        Value::Object(members) => json!({"type": "object", "properties": schema_of(&[members])}),
        Value::Array(rows) => {
            let objects: Vec<&Map<String, Value>> = rows.iter().filter_map(Value::as_object).collect();
            match rows.first() {
                Some(_) if objects.len() == rows.len() => {
                    json!({"type": "array", "items": {"type": "object", "properties": schema_of(&objects)}})
                }
                Some(first) => json!({"type": "array", "items": described(first)}),
                None => json!({"type": "array", "items": {"type": "string"}}),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;

    use super::*;

    fn known(schema: &Value, value: &Value) -> Option<Value> {
        normalized(&TemplateSchema::parse(&json!({"x": schema})).unwrap().fields[0], value)
    }

    #[test]
    fn numbers_and_days_may_be_as_on_the_page() {
        for (kind, written, value) in [
            ("number", json!("1.234,50"), json!(1234.5)),
            ("number", json!("$1,234"), json!(1234)),
            ("number", json!(7.5), json!(7.5)),
            ("integer", json!("17"), json!(17)),
            ("date", json!("31.03.2026"), json!("2026-03-31")),
            ("date", json!("3 May 2026"), json!("2026-05-03")),
            ("string", json!(4711), json!("4711")),
            ("string", json!(null), json!(null)),
        ] {
            assert_eq!(known(&json!({"type": kind}), &written), Some(value), "{kind} {written}");
        }
        for (kind, wrong) in [
            ("number", json!("many")),
            ("integer", json!(1.5)),
            ("date", json!("soon")),
            ("boolean", json!("yes")),
            ("string", json!(" ")),
            ("array", json!(3)),
        ] {
            assert_eq!(known(&json!({"type": kind}), &wrong), None, "{kind} {wrong}");
        }
    }

    #[test]
    fn a_schema_follows_from_values() {
        let first = json!({"day": "2026-03-31", "total": "1,50", "note": null, "items": [{"name": "a"}, {"price": 2}]});
        let second = json!({"note": true, "no": "7"});
        let schema = schema_of(&[first.as_object().unwrap(), second.as_object().unwrap()]);
        assert_eq!(
            schema,
            json!({
                "day": {"type": "date"}, "total": {"type": "number"}, "note": {"type": "boolean"},
                "items": {"type": "array", "items": {"type": "object",
                    "properties": {"name": {"type": "string"}, "price": {"type": "number"}}}},
                "no": {"type": "string"},
            })
        );
        assert!(TemplateSchema::parse(&schema).is_ok());
    }
}
