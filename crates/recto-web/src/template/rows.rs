//! The fields of a template as rows of a form, and back.

use maud::{Markup, html};
use recto_domain::FieldType;
use serde_json::{Map, Value, json};

use crate::form::Form;

/// Empty rows at the end of the form. A script or a save adds more.
const SPARE: usize = 2;

/// A field as a row of the form.
#[derive(Clone, Default)]
pub(super) struct Row {
    pub(super) name: String,
    kind: String,
    is_required: bool,
    description: String,
    labels: Vec<String>,
    /// The parts of the field that the form cannot show, kept unchanged.
    rest: Map<String, Value>,
}

/// The rows of a schema that is a plain map of fields; `None` for a schema that can only be shown as JSON.
pub(super) fn of_schema(schema: &Value) -> Option<Vec<Row>> {
    let fields = match schema {
        Value::Null => return Some(Vec::new()),
        Value::Object(fields) => fields,
        _ => return None,
    };
    if fields.get("properties").is_some_and(Value::is_object) && fields.get("type") == Some(&json!("object")) {
        return None;
    }
    fields.iter().map(|(name, field)| Row::of(name, field)).collect()
}

/// The rows of a submitted form, in their order. Rows without a name are dropped.
pub(super) fn of_form(form: &Form) -> Vec<Row> {
    let rows = (0..).map_while(|index| form.find(&format!("name:{index}")).map(|name| (index, name)));
    rows.filter(|(_, name)| !name.is_empty())
        .map(|(index, name)| {
            let get = |what: &str| form.get(&format!("{what}:{index}"));
            Row {
                name: name.to_owned(),
                kind: get("type").to_owned(),
                is_required: !get("required").is_empty(),
                description: get("description").to_owned(),
                labels: get("labels").lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect(),
                rest: serde_json::from_str(get("rest")).unwrap_or_default(),
            }
        })
        .collect()
}

/// A name that two rows share, if any.
pub(super) fn named_twice(rows: &[Row]) -> Option<&str> {
    let mut names = std::collections::HashSet::new();
    rows.iter().map(|row| row.name.as_str()).find(|name| !names.insert(*name))
}

/// The schema for these rows.
pub(super) fn to_schema(rows: &[Row]) -> Value {
    rows.iter().map(|row| (row.name.clone(), row.to_field())).collect::<Map<_, _>>().into()
}

impl Row {
    fn of(name: &str, field: &Value) -> Option<Self> {
        let mut rest = field.as_object()?.clone();
        let mut text = |what: &str| match rest.get(what) {
            Some(Value::String(_)) => rest.shift_remove(what).and_then(|value| value.as_str().map(str::to_owned)),
            _ => None,
        };
        let (kind, description) = (text("type")?, text("description").unwrap_or_default());
        let is_required = rest.shift_remove("required").is_some_and(|value| value == true);
        let mut labels = Vec::new();
        if let Some(find) = rest.get_mut("find").and_then(Value::as_object_mut) {
            let told: Option<Vec<String>> =
                find.get("labels").and_then(|labels| serde_json::from_value(labels.clone()).ok());
            if let Some(told) = told {
                find.shift_remove("labels");
                labels = told;
            }
        }
        if rest.get("find").and_then(Value::as_object).is_some_and(Map::is_empty) {
            rest.shift_remove("find");
        }
        Some(Self { name: name.to_owned(), kind, is_required, description, labels, rest })
    }

    fn to_field(&self) -> Value {
        let mut field = Map::new();
        field.insert("type".to_owned(), json!(self.kind));
        if !self.description.is_empty() {
            field.insert("description".to_owned(), json!(self.description));
        }
        if self.is_required {
            field.insert("required".to_owned(), json!(true));
        }
        field.extend(self.rest.clone());
        let find = field.entry("find").or_insert_with(|| json!({}));
        if let Some(find) = find.as_object_mut().filter(|_| !self.labels.is_empty()) {
            find.insert("labels".to_owned(), json!(self.labels));
        }
        if find.as_object().is_some_and(Map::is_empty) {
            field.shift_remove("find");
        }
        Value::Object(field)
    }
}

/// The rows as a form, each with what was found for its field.
pub(super) fn table(rows: &[Row], found: impl Fn(&str) -> Markup) -> Markup {
    let spare = std::iter::repeat_n(Row { kind: "string".to_owned(), ..Row::default() }, SPARE);
    html! {
        ol.rows id="rows" { @for (index, row) in rows.iter().cloned().chain(spare).enumerate() { li { (drawn(index, &row, &found)) } } }
        button.live-only id="add" type="button" { "Add a field" }
    }
}

fn drawn(index: usize, row: &Row, found: &impl Fn(&str) -> Markup) -> Markup {
    let id = |what: &str| format!("{what}-{index}");
    let name = |what: &str| format!("{what}:{index}");
    html! {
        div.row {
            div.grow { label for=(id("name")) { "Field" } input id=(id("name")) name=(name("name")) value=(row.name) maxlength="100" autocomplete="off"; }
            div { label for=(id("type")) { "Type" }
                select id=(id("type")) name=(name("type")) {
                    @for kind in FieldType::ALL {
                        option value=(kind) selected[row.kind == kind.as_str()] { (in_words(kind)) }
                    }
                } }
            label.check { input type="checkbox" name=(name("required")) value="1" checked[row.is_required]; " required" }
        }
        div.row {
            div.grow { label for=(id("labels")) { "Labels on the page" }
                textarea.takes-words id=(id("labels")) name=(name("labels")) rows=(row.labels.len().max(1)) placeholder="one per line" dir="auto" { (row.labels.join("\n")) } }
            div.grow { label for=(id("description")) { "Description" }
                input id=(id("description")) name=(name("description")) value=(row.description) placeholder="for people and models"; }
        }
        @if !row.rest.is_empty() {
            input type="hidden" name=(name("rest")) value=(serde_json::Value::Object(row.rest.clone()));
            p.quiet { "and, as JSON: " code { (serde_json::Value::Object(row.rest.clone())) } }
        }
        div.tried id=(id("tried")) { @if !row.name.is_empty() { (found(&row.name)) } }
    }
}

fn in_words(kind: FieldType) -> &'static str {
    match kind {
        FieldType::String => "text",
        FieldType::Number => "a number",
        FieldType::Integer => "a whole number",
        FieldType::Boolean => "yes or no",
        FieldType::Date => "a date",
        FieldType::Array => "a list",
        FieldType::Object => "several fields",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_has_no_place_for_stays() {
        let schema = json!({
            "total": {"type": "number", "required": true, "find": {"labels": ["Total", "Sum"], "page": 1}},
            "items": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
            "plain": {"type": "string", "description": "x"},
        });
        assert_eq!(to_schema(&of_schema(&schema).unwrap()), schema);
        assert!(of_schema(&json!({"type": "object", "properties": {"a": {"type": "string"}}})).is_none());
    }
}
