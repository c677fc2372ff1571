//! Corrections of the derived schemas, for the whole document at once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Makes the schemas state what always holds.
pub(super) fn tidy(document: &mut Value) {
    refer_to_components(document);
    let sent = sent(document);
    let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") else { return };
    for (name, schema) in schemas {
        match sent.get(name.as_str()) {
            // A response has all its members; those without a value are null.
            None => require_all(schema),
            // A part of a form is left out rather than null.
            Some(true) => forbid_null(schema),
            Some(false) => {}
        }
    }
    for operation in operations(document) {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(schema) = parameter.get_mut("schema") {
                not_null(schema);
            }
        }
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut).filter_map(Value::as_object_mut)
}

/// The schemas used in requests, and whether they are forms.
fn sent(document: &mut Value) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    let mut waiting = Vec::new();
    for operation in operations(document) {
        let content = operation.get("requestBody").and_then(|body| body["content"].as_object());
        for (kind, media) in content.into_iter().flatten() {
            names(&media["schema"], &mut |name| waiting.push((name.to_owned(), kind == "multipart/form-data")));
        }
    }
    while let Some((name, is_form)) = waiting.pop() {
        let schema = &document["components"]["schemas"][&name];
        if let Entry::Vacant(entry) = found.entry(name) {
            names(schema, &mut |inner| waiting.push((inner.to_owned(), false)));
            entry.insert(is_form);
        }
    }
    found
}

/// Calls `tell` with the names of the schemas that a value refers to.
fn names(value: &Value, tell: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix(SCHEMAS)) {
                tell(name);
            }
            members.values().for_each(|member| names(member, tell));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, tell)),
        _ => {}
    }
}

/// The entries of a list page are copies of a schema; replaces each with a reference, which gives it its name.
fn refer_to_components(document: &mut Value) {
    let known = document["components"]["schemas"].clone();
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for items in schemas.values_mut().filter_map(|schema| schema.pointer_mut("/properties/data/items")) {
        let name = known.as_object().and_then(|known| known.iter().find(|(_, schema)| *schema == items));
        if let Some((name, _)) = name {
            *items = json!({"$ref": format!("{SCHEMAS}{name}")});
        }
    }
}

/// Makes nullable properties required, because a response always has them.
fn require_all(schema: &mut Value) {
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        require_all(part);
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let nullable = properties.iter().filter(|(_, property)| allows_null(property)).map(|(name, _)| json!(name));
    let nullable: Vec<Value> = nullable.collect();
    match schema.get_mut("required") {
        Some(Value::Array(required)) => required.extend(nullable),
        _ => schema["required"] = json!(nullable),
    }
}

fn allows_null(schema: &Value) -> bool {
    let null = json!({"type": "null"});
    let types = schema.get("type").and_then(Value::as_array);
    let choices = schema.get("oneOf").and_then(Value::as_array);
    types.is_some_and(|types| types.contains(&json!("null"))) || choices.is_some_and(|all| all.contains(&null))
}

fn forbid_null(schema: &mut Value) {
    schema
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
        .for_each(not_null);
}

/// Removes null from the types of a schema.
fn not_null(schema: &mut Value) {
    if let Some([kind, Value::String(null)]) = schema["type"].as_array().map(Vec::as_slice)
        && null == "null"
    {
        schema["type"] = kind.clone();
    }
    if let Some([only, null]) = schema["oneOf"].as_array().map(Vec::as_slice)
        && *null == json!({"type": "null"})
    {
        *schema = only.clone();
    }
}
