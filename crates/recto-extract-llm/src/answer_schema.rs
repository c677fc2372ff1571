//! The JSON Schema of an answer, in the strict form that servers can enforce: every property is required, no others are
//! allowed, and null stands for what the document does not have.

use recto_domain::{FieldSchema, FieldType};
use serde_json::{Map, Value, json};

/// The schema of an object with these fields.
pub(crate) fn of_fields<'a>(fields: impl IntoIterator<Item = &'a FieldSchema>) -> Value {
    object(&json!("object"), fields)
}

fn object<'a>(kind: &Value, fields: impl IntoIterator<Item = &'a FieldSchema>) -> Value {
    let properties: Map<String, Value> =
        fields.into_iter().map(|field| (field.name.clone(), nullable(field))).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": kind, "required": required, "additionalProperties": false, "properties": properties})
}

fn nullable(field: &FieldSchema) -> Value {
    let kind = json!([json_type(field.kind), "null"]);
    let mut schema = match field.kind {
        FieldType::Object => object(&kind, &field.properties),
        FieldType::Array => json!({"type": kind, "items": item(field.items.as_deref())}),
        _ => json!({ "type": kind }),
    };
    if !field.allowed.is_empty() {
        let mut allowed = field.allowed.clone();
        allowed.push(Value::Null);
        schema["enum"] = allowed.into();
    }
    let description = description(field);
    if !description.is_empty() {
        schema["description"] = description.into();
    }
    schema
}

/// The schema of a list's items. A row is never null, but its cells may be.
fn item(field: Option<&FieldSchema>) -> Value {
    match field {
        None => json!({"type": "string"}),
        Some(row) if row.kind == FieldType::Object => object(&json!("object"), &row.properties),
        Some(item) => nullable(item),
    }
}

fn json_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Date => "string",
        other => other.as_str(),
    }
}

/// The author's description, extended by what the type implies, because servers support different parts of JSON Schema.
fn description(field: &FieldSchema) -> String {
    let day = (field.kind == FieldType::Date).then(|| "A day as YYYY-MM-DD.".to_owned());
    let pattern = field.pattern.as_ref().map(|pattern| format!("Matches the regular expression {}", pattern.as_str()));
    let parts = [Some(field.description.clone()).filter(|text| !text.is_empty()), day, pattern];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;

    use super::*;

    #[test]
    fn every_member_is_required_and_may_be_null() {
        let template = json!({
            "number": {"type": "string", "description": "Invoice number", "pattern": "^R"},
            "day": {"type": "date"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "tags": {"type": "array"},
            "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}},
        });
        let schema = of_fields(&TemplateSchema::parse(&template).unwrap().fields);
        let row = json!({"type": "object", "required": ["price"], "additionalProperties": false,
            "properties": {"price": {"type": ["number", "null"]}}});
        let expected = json!({
            "type": "object",
            "required": ["number", "day", "kind", "tags", "items"],
            "additionalProperties": false,
            "properties": {
                "number": {"type": ["string", "null"],
                    "description": "Invoice number Matches the regular expression ^R"},
                "day": {"type": ["string", "null"], "description": "A day as YYYY-MM-DD."},
                "kind": {"type": ["string", "null"], "enum": ["a", "b", null]},
                "tags": {"type": ["array", "null"], "items": {"type": "string"}},
                "items": {"type": ["array", "null"], "items": row},
            },
        });
        assert_eq!(schema, expected);
    }
}
