//! The schema of a template: either of the two forms that clients send is parsed into one.
//!
//! The flat form is a map of fields (`{"total": {"type": "number"}}`). The other form is a JSON Schema of an object
//! (`{"type": "object", "properties": {…}, "required": […]}`). Unknown keys are ignored.

use serde_json::{Map, Value};

use crate::field::FieldType;
use crate::pattern::{Pattern, PatternBudget};

/// The most fields, including nested ones.
const MAX_FIELDS: usize = 500;
/// How deep fields may be nested.
const MAX_DEPTH: usize = 8;
const MAX_NAME_CHARS: usize = 100;
/// The largest schema in bytes of JSON.
const MAX_BYTES: usize = 256 * 1024;
/// The name of the schema in messages.
const ROOT: &str = "templateSchema";

/// The fields that a template asks for, in the template's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateSchema {
    /// The fields.
    pub fields: Vec<FieldSchema>,
}

/// One field that a template asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSchema {
    /// Its name in the results.
    pub name: String,
    /// The type of its value.
    pub kind: FieldType,
    /// Its description, for the extractor; may be empty.
    pub description: String,
    /// Whether a document that lacks it needs review.
    pub required: bool,
    /// The only values allowed; any value when empty.
    pub allowed: Vec<Value>,
    /// A regular expression that the value's text must match.
    pub pattern: Option<Pattern>,
    /// A format such as `email`, as named by JSON Schema.
    pub format: Option<String>,
    /// The schema of the items of a [`FieldType::Array`].
    pub items: Option<Box<FieldSchema>>,
    /// The fields of a [`FieldType::Object`].
    pub properties: Vec<FieldSchema>,
}

/// Why a value is not a valid schema: one message for each problem, with the path to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct InvalidTemplateSchema(pub Vec<String>);

impl TemplateSchema {
    /// Reads a schema as a client sent it.
    ///
    /// # Errors
    /// [`InvalidTemplateSchema`] with all problems, each with its path, such as `templateSchema.properties.total.type
    /// must be one of string, …, not "colour"`.
    pub fn parse(schema: &Value) -> Result<Self, InvalidTemplateSchema> {
        Self::parse_within(schema, &mut PatternBudget::default())
    }

    /// Like [`TemplateSchema::parse`], but with a budget that is shared with other parts of the template.
    ///
    /// # Errors
    /// As [`TemplateSchema::parse`].
    pub fn parse_within(schema: &Value, budget: &mut PatternBudget) -> Result<Self, InvalidTemplateSchema> {
        Self::read(schema, Some(budget))
    }

    /// Reads a schema that was checked when it was stored; its patterns are compiled when first needed.
    ///
    /// # Errors
    /// As [`TemplateSchema::parse`], except for the patterns.
    pub fn of_stored(schema: &Value) -> Result<Self, InvalidTemplateSchema> {
        Self::read(schema, None)
    }

    fn read(schema: &Value, budget: Option<&mut PatternBudget>) -> Result<Self, InvalidTemplateSchema> {
        let mut reader = Reader { wrong: Vec::new(), fields: 0, budget };
        if schema.to_string().len() > MAX_BYTES {
            reader.wrong.push(format!("{ROOT} must have at most {MAX_BYTES} bytes of JSON"));
            return Err(InvalidTemplateSchema(reader.wrong));
        }
        let fields = reader.root(schema);
        if reader.wrong.is_empty() { Ok(Self { fields }) } else { Err(InvalidTemplateSchema(reader.wrong)) }
    }
}

/// The state of a parse.
struct Reader<'b> {
    wrong: Vec<String>,
    fields: usize,
    /// `None` for a schema whose patterns were already checked.
    budget: Option<&'b mut PatternBudget>,
}

impl Reader<'_> {
    fn root(&mut self, schema: &Value) -> Vec<FieldSchema> {
        let Some(object) = schema.as_object() else {
            self.wrong.push(format!("{ROOT} must be an object of fields, not {}", shown(schema)));
            return Vec::new();
        };
        if object.get("type").is_some_and(|kind| kind == "object") {
            let path = ROOT.to_owned();
            return self.properties(&path, object, 0);
        }
        object.iter().map(|(name, spec)| self.field(&format!("{ROOT}.{name}"), name, spec, false, 1)).collect()
    }

    /// The fields under `properties`, with the names under `required`.
    fn properties(&mut self, path: &str, object: &Map<String, Value>, depth: usize) -> Vec<FieldSchema> {
        let Some(Value::Object(properties)) = object.get("properties") else {
            self.wrong.push(format!("{path}.properties must be an object of fields"));
            return Vec::new();
        };
        let required = match object.get("required") {
            Some(Value::Array(names)) => names.as_slice(),
            // In the flat form, each field says itself whether it is required.
            None | Some(Value::Bool(_)) => &[],
            Some(other) => {
                self.wrong.push(format!("{path}.required must be a list of names, not {}", shown(other)));
                &[]
            }
        };
        for name in required {
            if !name.as_str().is_some_and(|name| properties.contains_key(name)) {
                self.wrong.push(format!("{path}.required names {}, which is not in properties", shown(name)));
            }
        }
        let is_required = |name: &str| required.iter().any(|required| required == name);
        properties
            .iter()
            .map(|(name, spec)| {
                self.field(&format!("{path}.properties.{name}"), name, spec, is_required(name), depth + 1)
            })
            .collect()
    }

    fn field(&mut self, path: &str, name: &str, spec: &Value, required: bool, depth: usize) -> FieldSchema {
        self.fields += 1;
        let mut field = FieldSchema::empty(name);
        field.required = required;
        if name.trim().is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            self.wrong.push(format!("{path}: a field's name must have 1 to {MAX_NAME_CHARS} visible characters"));
        }
        if self.fields > MAX_FIELDS || depth > MAX_DEPTH {
            let limit = format!("{ROOT} may have at most {MAX_FIELDS} fields, at most {MAX_DEPTH} deep");
            if !self.wrong.contains(&limit) {
                self.wrong.push(limit);
            }
            return field;
        }
        let Some(spec) = spec.as_object() else {
            self.wrong.push(format!("{path} must be an object with a type, not {}", shown(spec)));
            return field;
        };
        field.format = self.text(path, "format", spec);
        field.kind = self.kind(path, spec, field.format.as_deref());
        field.description = self.text(path, "description", spec).unwrap_or_default();
        field.pattern = self.pattern(path, spec);
        field.allowed = self.allowed(path, spec);
        if let Some(own) = spec.get("required").and_then(Value::as_bool) {
            field.required = own;
        }
        match field.kind {
            FieldType::Array => {
                field.items = spec
                    .get("items")
                    .map(|items| Box::new(self.field(&format!("{path}.items"), name, items, false, depth + 1)));
            }
            FieldType::Object => field.properties = self.properties(path, spec, depth),
            _ => {}
        }
        field
    }

    fn kind(&mut self, path: &str, spec: &Map<String, Value>, format: Option<&str>) -> FieldType {
        let named = match spec.get("type") {
            // In JSON Schema, `null` among the types says that a value may be missing. Here any value may be.
            Some(Value::Array(kinds)) => kinds.iter().find(|kind| *kind != "null"),
            other => other,
        };
        let kind = named.and_then(Value::as_str).and_then(|kind| kind.parse().ok());
        match kind {
            Some(FieldType::String) if format == Some("date") => FieldType::Date,
            Some(kind) => kind,
            None => {
                let known: Vec<&str> = FieldType::ALL.iter().map(|kind| kind.as_str()).collect();
                let got = named.map_or_else(|| "missing".to_owned(), shown);
                self.wrong.push(format!("{path}.type must be one of {}, not {got}", known.join(", ")));
                FieldType::String
            }
        }
    }

    fn text(&mut self, path: &str, key: &str, spec: &Map<String, Value>) -> Option<String> {
        match spec.get(key) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => {
                self.wrong.push(format!("{path}.{key} must be a string, not {}", shown(other)));
                None
            }
        }
    }

    fn pattern(&mut self, path: &str, spec: &Map<String, Value>) -> Option<Pattern> {
        let source = self.text(path, "pattern", spec)?;
        let Some(budget) = self.budget.as_mut() else { return Some(Pattern::checked_before(&source)) };
        match Pattern::parse(&source, budget) {
            Ok(pattern) => Some(pattern),
            Err(why) => {
                self.wrong.push(format!("{path}.pattern {why}"));
                None
            }
        }
    }

    fn allowed(&mut self, path: &str, spec: &Map<String, Value>) -> Vec<Value> {
        match spec.get("enum") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) if !values.is_empty() && !values.iter().any(is_compound) => values.clone(),
            Some(other) => {
                self.wrong
                    .push(format!("{path}.enum must be a list of at least one plain value, not {}", shown(other)));
                Vec::new()
            }
        }
    }
}

impl FieldSchema {
    fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: FieldType::String,
            description: String::new(),
            required: false,
            allowed: Vec::new(),
            pattern: None,
            format: None,
            items: None,
            properties: Vec::new(),
        }
    }
}

fn is_compound(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

/// A value, shortened for a message.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(schema: &Value) -> Vec<String> {
        TemplateSchema::parse(schema).unwrap().fields.into_iter().map(|field| field.name).collect()
    }

    fn wrong(schema: &Value) -> String {
        TemplateSchema::parse(schema).unwrap_err().to_string()
    }

    #[test]
    fn both_forms_mean_the_same() {
        let flat = json!({"total": {"type": "number", "description": "Total", "required": true}});
        let nested = json!({
            "type": "object",
            "properties": {"total": {"type": "number", "description": "Total"}},
            "required": ["total"]
        });
        assert_eq!(TemplateSchema::parse(&flat), TemplateSchema::parse(&nested));
    }

    #[test]
    fn fields_keep_their_order() {
        assert_eq!(names(&json!({"z": {"type": "string"}, "a": {"type": "date"}})), ["z", "a"]);
    }

    #[test]
    fn a_field_may_be_called_type() {
        assert_eq!(names(&json!({"type": {"type": "string"}})), ["type"]);
    }

    #[test]
    fn line_items_are_lists_of_objects() {
        let items = json!({"items": {"type": "array", "items": {"type": "object", "properties": {
            "price": {"type": "number"}, "day": {"type": "string", "format": "date"}}}}});
        let schema = TemplateSchema::parse(&items).unwrap();
        let item = schema.fields[0].items.as_ref().unwrap();
        assert_eq!(item.properties[1].kind, FieldType::Date);
    }

    #[test]
    fn a_type_may_be_nullable_and_unknown_keys_stay_out_of_the_way() {
        assert_eq!(names(&json!({"a": {"type": ["string", "null"], "x-hint": 7}})), ["a"]);
    }

    #[test]
    fn a_message_names_the_path_and_the_value() {
        let schema = json!({"type": "object", "required": ["b"], "properties": {
            "a": {"type": "colour"}, "c": {}, "d": 7,
            "e": {"type": "string", "pattern": "("}, "f": {"type": "number", "enum": []},
            "g": {"type": "array", "items": {"type": "object"}}, "": {"type": "string"}}});
        assert_eq!(
            TemplateSchema::parse(&schema).unwrap_err().0,
            [
                "templateSchema.required names \"b\", which is not in properties",
                "templateSchema.properties.a.type must be one of string, number, integer, boolean, date, array, \
                 object, not \"colour\"",
                "templateSchema.properties.c.type must be one of string, number, integer, boolean, date, array, \
                 object, not missing",
                "templateSchema.properties.d must be an object with a type, not 7",
                "templateSchema.properties.e.pattern is no regular expression: unclosed group",
                "templateSchema.properties.f.enum must be a list of at least one plain value, not []",
                "templateSchema.properties.g.items.properties must be an object of fields",
                "templateSchema.properties.: a field's name must have 1 to 100 visible characters",
            ]
        );
        assert_eq!(wrong(&json!([1])), "templateSchema must be an object of fields, not [1]");
    }

    #[test]
    fn the_patterns_of_a_schema_share_a_budget() {
        let costly = |n: usize| {
            let field = |n: usize| (format!("f{n}"), json!({"type": "string", "pattern": r"\w{15}"}));
            Value::Object((0..n).map(field).collect())
        };
        assert!(TemplateSchema::parse(&costly(10)).is_ok());
        let refused = TemplateSchema::parse(&costly(500)).unwrap_err().0;
        assert!(
            refused[0].starts_with("templateSchema.f") && refused[0].contains(".pattern is too costly"),
            "{refused:?}"
        );
        assert!(TemplateSchema::of_stored(&costly(500)).is_ok(), "what was stored before can be shown");
    }

    #[test]
    fn a_schema_has_bounds() {
        let many: Map<String, Value> = (0..501).map(|n| (n.to_string(), json!({"type": "string"}))).collect();
        assert_eq!(wrong(&Value::Object(many)), "templateSchema may have at most 500 fields, at most 8 deep");
        let deep = (0..20).fold(json!({"type": "string"}), |inner, _| json!({"type": "array", "items": inner}));
        assert!(wrong(&json!({"a": deep})).contains("at most 8 deep"));
    }
}
