//! Stores templates of invoice2data as templates of Recto: a schema of the fields, with the template under its own key.

use recto_domain::template_schema::InvalidTemplateSchema;
use recto_domain::{ExtractionMode, FieldSchema, FieldType, PatternBudget, Template, TemplateContent};
use serde_json::{Map, Value, json};

use super::cell::{ValueType, field_type};
use super::lines_rule::LinesRule;
use super::rows::common_name;
use super::template::{Invoice2DataTemplate, Parser};

/// The key of the schema that holds the template.
const KEY: &str = "invoice2data";
/// Columns that are computed when lines have the columns that they are computed from.
const MADE: [(&str, &str, FieldType); 2] =
    [("uom", "unece_code", FieldType::String), ("price_subtotal", "line_tax_amount", FieldType::Number)];

impl Invoice2DataTemplate {
    /// The template as a template of Recto. `FieldPlan` of `recto-extract` runs it.
    #[must_use]
    pub fn to_template_content(&self) -> TemplateContent {
        let schema = json!({
            "type": "object",
            "properties": self.properties(),
            "required": self.required,
            KEY: self.source,
        });
        TemplateContent {
            name: self.issuer.chars().take(Template::MAX_NAME_CHARS).collect(),
            description: format!("Documents with: {}", self.keywords.join(", "))
                .chars()
                .take(Template::MAX_DESCRIPTION_CHARS)
                .collect(),
            instructions: String::new(),
            template_schema: schema,
            result_format: "json".to_owned(),
            extraction_mode: ExtractionMode::Structured,
        }
    }

    /// The template stored in a schema, if there is one.
    ///
    /// # Errors
    /// Fails with [`InvalidTemplateSchema`], which lists everything that is wrong with the template, each with its
    /// path.
    pub fn of_schema(schema: &Value, budget: &mut PatternBudget) -> Result<Option<Self>, InvalidTemplateSchema> {
        let is_object = schema.get("type").is_some_and(|kind| kind == "object");
        let Some(template) = schema.get(KEY).filter(|_| is_object) else { return Ok(None) };
        let template = Self::of_value(template.clone(), budget).map_err(|error| {
            let path = |why: &String| format!("templateSchema.{KEY}.{why}");
            InvalidTemplateSchema(error.0.iter().map(path).collect())
        })?;
        Ok(Some(template))
    }

    /// The properties for the fields that the template gives, in the order of its results.
    fn properties(&self) -> Map<String, Value> {
        let mut all = Map::new();
        let plain = |kind: FieldType| json!({"type": kind.as_str()});
        all.insert("issuer".to_owned(), plain(FieldType::String));
        for field in &self.fields {
            let schema = match &field.parser {
                Parser::Static(value, kind) => static_schema(value, *kind),
                Parser::Regex(rule) => plain(field_type(rule.kind)),
                Parser::Lines(rules) => rows(rules),
            };
            all.insert(field.name.clone(), schema);
        }
        all.entry("currency").or_insert_with(|| plain(FieldType::String));
        if let Some(rules) = &self.lines {
            all.insert("lines".to_owned(), rows(rules));
        }
        for (name, kind) in self.tables.iter().flat_map(super::table_rule::TableRule::columns) {
            all.insert(name, plain(field_type(kind)));
        }
        for name in &self.camelot {
            all.entry(name.as_str()).or_insert_with(|| plain(FieldType::Array));
        }
        // A field that the template requires but never finds is missing in every document, and shows as missing.
        for name in &self.required {
            let kind = match name.as_str() {
                name if name.starts_with("date") => FieldType::Date,
                name if name.starts_with("amount") => FieldType::Number,
                _ => FieldType::String,
            };
            all.entry(name.as_str()).or_insert_with(|| plain(kind));
        }
        all.entry("desc").or_insert_with(|| plain(FieldType::String));
        all
    }

    /// The fields that the template gives, for running it without a schema of Recto.
    pub(super) fn schema(&self) -> Vec<FieldSchema> {
        let schema = self.to_template_content().template_schema;
        // Only limits can be exceeded, such as the number of fields. Then there are no fields to give.
        recto_domain::TemplateSchema::parse(&schema).map(|schema| schema.fields).unwrap_or_default()
    }
}

fn static_schema(value: &Value, kind: Option<ValueType>) -> Value {
    let kind = match (kind, value) {
        (Some(kind), _) => field_type(Some(kind)),
        (None, Value::Number(number)) if number.is_f64() => FieldType::Number,
        (None, Value::Number(_)) => FieldType::Integer,
        (None, Value::Bool(_)) => FieldType::Boolean,
        (None, Value::Array(_)) => FieldType::Array,
        (None, Value::Object(_)) => return json!({"type": "object", "properties": {}}),
        (None, _) => FieldType::String,
    };
    json!({"type": kind.as_str()})
}

/// The schema of lines: an array of objects with a property for each column.
fn rows(rules: &[LinesRule]) -> Value {
    let mut columns = Map::new();
    for (name, kind) in rules.iter().flat_map(LinesRule::columns) {
        let schema = json!({"type": field_type(kind).as_str()});
        columns.entry(common_name(&name)).or_insert(schema);
    }
    for (from, made, kind) in MADE {
        if columns.contains_key(from) && (made == "unece_code" || columns.contains_key("line_tax_percent")) {
            columns.entry(made).or_insert_with(|| json!({"type": kind.as_str()}));
        }
    }
    json!({"type": "array", "items": {"type": "object", "properties": columns}})
}
