//! A template, parsed and validated.

use recto_domain::PatternBudget;
use serde_json::{Map, Value};

use super::area::Area;
use super::cell::{Group, ValueType};
use super::lines_rule::LinesRule;
use super::options::Options;
use super::reader::{Reader, shown};
use super::regex_rule::{RegexRule, TYPES};
use super::source;
use super::table_rule::TableRule;

/// The fields that a template must find, unless it names others.
const REQUIRED: [&str; 4] = ["date", "amount", "invoice_number", "issuer"];

/// A template of invoice2data.
#[derive(Debug, Clone, PartialEq)]
pub struct Invoice2DataTemplate {
    /// The template as it was read, for storing it.
    pub(super) source: Value,
    pub(super) issuer: String,
    pub(super) keywords: Vec<String>,
    pub(super) exclude_keywords: Vec<String>,
    pub(super) required: Vec<String>,
    pub(super) options: Options,
    pub(super) fields: Vec<FieldRule>,
    /// The top-level key `lines` of the template.
    pub(super) lines: Option<Vec<LinesRule>>,
    pub(super) tables: Vec<TableRule>,
    /// The fields that the Camelot plugin would find. It reads PDF files itself and is not supported here.
    pub(super) camelot: Vec<String>,
}

/// A field and how it is found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldRule {
    pub(super) name: String,
    /// The area to search; `None` for the whole document.
    pub(super) area: Option<Area>,
    pub(super) parser: Parser,
}

/// How a field is found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Parser {
    /// A constant value, with its type if one is given.
    Static(Value, Option<ValueType>),
    Regex(RegexRule),
    Lines(Vec<LinesRule>),
}

/// Why a text is not a template: a message for everything that is wrong, with the key that it is under, such as
/// `fields.amount.regex is no regular expression: a group is not closed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct InvalidTemplate(pub Vec<String>);

impl Invoice2DataTemplate {
    /// Parses a template in YAML or JSON.
    ///
    /// # Errors
    /// Fails with [`InvalidTemplate`], which lists everything that is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let value = source::parse(text).map_err(|why| InvalidTemplate(vec![why]))?;
        Self::of_value(value, &mut PatternBudget::default())
    }

    /// Parses a template from its keys.
    pub(super) fn of_value(source: Value, budget: &mut PatternBudget) -> Result<Self, InvalidTemplate> {
        let Some(object) = source.as_object() else {
            return Err(InvalidTemplate(vec![format!("a template must be a map of keys, not {}", shown(&source))]));
        };
        let mut reader = Reader::within(std::mem::take(budget));
        let mut template = Self::read(&mut reader, object);
        let wrong = reader.end(budget);
        if wrong.is_empty() {
            template.source = source;
            Ok(template)
        } else {
            Err(InvalidTemplate(wrong))
        }
    }

    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        let list =
            |reader: &mut Reader, key: &str| object.get(key).map(|value| reader.texts(key, value)).unwrap_or_default();
        let keywords = list(reader, "keywords");
        if keywords.is_empty() {
            reader.wrong("keywords", "must have at least one word that identifies the issuer's documents");
        }
        let exclude_keywords = list(reader, "exclude_keywords");
        let options = Options::read(reader, object);
        let issuer = object.get("issuer").and_then(|issuer| reader.text("issuer", issuer));
        let issuer = issuer.or_else(|| keywords.first().cloned()).unwrap_or_default();
        let fields = object.get("fields");
        if fields.is_none() {
            reader.wrong("fields", "is missing");
        }
        let fields = fields.and_then(|fields| reader.object("fields", fields));
        let fields = fields.map(|fields| read_fields(reader, fields));
        let lines = object.get("lines").filter(|lines| !lines.is_null());
        let lines = lines.map(|lines| LinesRule::read_all(reader, "lines", lines));
        let tables = object.get("tables").filter(|tables| !tables.is_null());
        let tables = tables.map(|tables| TableRule::read_all(reader, tables)).unwrap_or_default();
        let required = match object.get("required_fields") {
            Some(names) => reader.texts("required_fields", names),
            None => REQUIRED.map(str::to_owned).into(),
        };
        Self {
            source: Value::Null,
            issuer,
            keywords,
            exclude_keywords,
            required,
            options,
            fields: fields.unwrap_or_default(),
            lines,
            tables,
            camelot: object.get("camelot").map(camelot_fields).unwrap_or_default(),
        }
    }

    /// The sender of the documents that the template is for.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The priority among templates that match the same document: the highest number goes first. The default is 5.
    #[must_use]
    pub fn priority(&self) -> i64 {
        self.source.get("priority").and_then(Value::as_i64).unwrap_or(5)
    }
}

fn read_fields(reader: &mut Reader, fields: &Map<String, Value>) -> Vec<FieldRule> {
    fields.iter().filter_map(|(key, value)| field(reader, key, value)).collect()
}

fn field(reader: &mut Reader, key: &str, value: &Value) -> Option<FieldRule> {
    let path = format!("fields.{key}");
    if let Some(object) = value.as_object() {
        let area = object.get("area").filter(|area| !area.is_null());
        let area = area.and_then(|area| Area::read(reader, &format!("{path}.area"), area));
        let parser = parser(reader, &path, object, value)?;
        return Some(FieldRule { name: key.to_owned(), area, parser });
    }
    let (name, parser) = if key.starts_with("static_") {
        (key.replace("static_", ""), Parser::Static(value.clone(), None))
    } else {
        let sum = key.strip_prefix("sum_").filter(|rest| rest.starts_with("amount") && value.is_array());
        let name = sum.unwrap_or(key);
        let kind = if name.starts_with("date") || name.ends_with("date") {
            Some(ValueType::Date)
        } else if name.starts_with("amount") {
            Some(ValueType::Float)
        } else {
            None
        };
        let rule = RegexRule::of_patterns(reader, &path, value, kind, sum.map(|_| Group::Sum));
        (name.to_owned(), Parser::Regex(rule))
    };
    Some(FieldRule { name, area: None, parser })
}

fn parser(reader: &mut Reader, path: &str, object: &Map<String, Value>, value: &Value) -> Option<Parser> {
    match object.get("parser").and_then(Value::as_str) {
        Some("regex") => Some(Parser::Regex(RegexRule::read(reader, path, object))),
        Some("lines") => Some(Parser::Lines(LinesRule::read_all(reader, path, value))),
        Some("static") => {
            let kind = reader.word(path, object, "type", TYPES);
            let value = object.get("value");
            if value.is_none() {
                reader.wrong(&format!("{path}.value"), "is missing");
            }
            value.map(|value| Parser::Static(value.clone(), kind))
        }
        _ => {
            let got = object.get("parser").map_or_else(|| "missing".to_owned(), shown);
            reader.wrong(&format!("{path}.parser"), &format!("must be one of regex, static, lines, not {got}"));
            None
        }
    }
}

/// The names of the fields that a Camelot block, or a list of them, fills.
fn camelot_fields(value: &Value) -> Vec<String> {
    let blocks = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let name = |block: &Value| block.get("field").and_then(Value::as_str).unwrap_or("lines").to_owned();
    blocks.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_key() {
        let text = r#"
issuer: [a]
keywords: []
fields:
  amount: "Total (\\d+"
  date: {parser: regex, regex: ["\\d", "[a"], type: day, group: mean}
  vat: {parser: magic}
  name: {parser: static}
  lines: {parser: lines, start: a, first_line: "("}
  place: {parser: regex, regex: x, area: {f: 1}}
tables: [{start: a, end: b}]
options: {replace: [[a]], languages: [english], date_formats: ["%Q"], decimal_separator: ""}
"#;
        insta::assert_snapshot!(Invoice2DataTemplate::parse(text).unwrap_err().0.join("\n"));
    }
}
