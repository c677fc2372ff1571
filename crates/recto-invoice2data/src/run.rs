//! Runs a template on a document.

use recto_domain::{Field, FieldSchema, FieldType, Page};
use serde_json::Value;

use super::cell::Cell;
use super::layout::lay_out;
use super::lines_rule::{LinesRule, Row};
use super::pattern::{TooManySteps, with_time_budget};
use super::regex_rule::Finding;
use super::rows;
use super::template::{FieldRule, Invoice2DataTemplate, Parser};
use super::traced::{TracedText, WordPosition};

/// The value of `Field::source`.
const SOURCE: &str = "invoice2data";
/// The confidence of a value that a template found in a document with its keywords. Somebody wrote the patterns for
/// such documents, but the template cannot tell whether they fit this one.
const CONFIDENCE: f32 = 0.9;
/// The confidence when the keywords are missing, because the template is hardly made for the document. It also applies
/// to lines when none are found, because the template was written for documents with lines.
const DOUBTFUL: f32 = 0.4;

/// The result of running a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// A field for each one that the template asks for, in its order.
    pub fields: Vec<Field>,
    /// The keys that could not be searched, such as `fields.amount needs too many steps on this document`.
    pub problems: Vec<String>,
}

impl Invoice2DataTemplate {
    /// Whether a document has all keywords, and none of those that exclude it. A run of spaces between words counts as
    /// one.
    #[must_use]
    pub fn matches(&self, pages: &[Page]) -> bool {
        self.matches_text(lay_out(pages).as_str())
    }

    fn matches_text(&self, text: &str) -> bool {
        let close = single_spaced(text);
        let has = |keyword: &String| text.contains(keyword.as_str()) || close.contains(&single_spaced(keyword));
        self.keywords.iter().all(has) && !self.exclude_keywords.iter().any(has)
    }

    /// Finds the fields in a document, whether or not it matches. [`Self::outcome`] also reports problems.
    #[must_use]
    pub fn run(&self, pages: &[Page]) -> Vec<Field> {
        self.outcome(pages).fields
    }

    /// Finds the fields in a document, whether or not it matches. If it does not, the confidence is low.
    #[must_use]
    pub fn outcome(&self, pages: &[Page]) -> Outcome {
        self.fill(&self.schema(), pages)
    }

    /// Finds the fields that a schema asks for.
    #[must_use]
    pub fn fill(&self, asked: &[FieldSchema], pages: &[Page]) -> Outcome {
        let text = lay_out(pages);
        let confidence = if self.matches_text(text.as_str()) { CONFIDENCE } else { DOUBTFUL };
        let mut run = Run { template: self, pages, found: Vec::new(), problems: Vec::new() };
        with_time_budget(|| run.all(&text));
        let field = |schema: &FieldSchema| match run.found.iter().find(|(name, _)| *name == schema.name) {
            Some((_, finding)) => found(schema, finding.clone(), confidence),
            None => Field::missing(schema.name.clone(), schema.kind),
        };
        Outcome { fields: asked.iter().map(field).collect(), problems: run.problems }
    }
}

fn found(schema: &FieldSchema, finding: Finding, confidence: f32) -> Field {
    let confidence = if is_nothing(&finding.value) { DOUBTFUL } else { confidence };
    Field {
        // If the matches of a field differ, all of them are returned.
        kind: if finding.value.is_array() { FieldType::Array } else { schema.kind },
        value: finding.value,
        raw: finding.raw,
        confidence: Some(confidence),
        page: finding.place.map(|place| place.page),
        bbox: finding.place.map(|place| place.bbox),
        source: Some(SOURCE.to_owned()),
        ..Field::missing(schema.name.clone(), schema.kind)
    }
}

/// A run of a template.
struct Run<'a> {
    template: &'a Invoice2DataTemplate,
    pages: &'a [Page],
    found: Vec<(String, Finding)>,
    problems: Vec<String>,
}

impl Run<'_> {
    fn all(&mut self, laid_out: &TracedText) {
        let template = self.template;
        self.set("issuer", stated(template.issuer.clone().into()));
        let text = match template.options.prepare(laid_out) {
            Ok(text) => text,
            Err(error) => return self.problem("options.replace", &error),
        };
        for rule in &template.fields {
            match self.field(rule, &text) {
                Ok(Some(finding)) => self.set(&rule.name, finding),
                Ok(None) => {}
                Err(error) => self.problem(&format!("fields.{}", rule.name), &error),
            }
        }
        if !self.found.iter().any(|(name, _)| name == "currency") {
            self.set("currency", stated(template.options.currency.clone().into()));
        }
        match template.lines.as_deref().map(|rules| self.lines(rules, &text)) {
            Some(Ok((rows, place))) => self.set("lines", Finding { value: objects(rows), raw: None, place }),
            Some(Err(error)) => self.problem("lines", &error),
            None => {}
        }
        for (index, table) in template.tables.iter().enumerate() {
            match table.find(&text, &template.options) {
                Ok(findings) => findings.into_iter().for_each(|(name, finding)| self.set(&name, finding)),
                Err(error) => self.problem(&format!("tables[{index}]"), &error),
            }
        }
        for name in &template.camelot {
            self.problems.push(format!("camelot: tables such as {name} are not extracted from the file itself"));
        }
        self.finish_rows();
        self.set("desc", stated(format!("Invoice from {}", template.issuer).into()));
    }

    /// Sets a field. The last value wins, but keeps the place of the first.
    fn set(&mut self, name: &str, finding: Finding) {
        match self.found.iter_mut().find(|(other, _)| other == name) {
            Some((_, before)) => *before = finding,
            None => self.found.push((name.to_owned(), finding)),
        }
    }

    fn problem(&mut self, path: &str, error: &TooManySteps) {
        self.problems.push(format!("{path} {error}"));
    }

    fn field(&self, rule: &FieldRule, text: &TracedText) -> Result<Option<Finding>, TooManySteps> {
        let options = &self.template.options;
        let cut = rule.area.as_ref().map(|area| area.cut(self.pages));
        let text = cut.as_ref().unwrap_or(text);
        match &rule.parser {
            Parser::Static(value, kind) => {
                let value = match value {
                    Value::String(text) => Cell::read(text, *kind, options).to_json(),
                    other => other.clone(),
                };
                Ok((!is_nothing(&value)).then(|| stated(value)))
            }
            Parser::Regex(regex) => regex.find(text, options),
            Parser::Lines(rules) => {
                let (rows, place) = self.lines(rules, text)?;
                Ok((!rows.is_empty()).then(|| Finding { value: objects(rows), raw: None, place }))
            }
        }
    }

    fn lines(&self, rules: &[LinesRule], text: &TracedText) -> Result<(Vec<Row>, Option<WordPosition>), TooManySteps> {
        let (mut all, mut place) = (Vec::new(), None);
        for rule in rules {
            let (rows, at) = rule.find(text, &self.template.options)?;
            all.extend(rows);
            place = place.or(at);
        }
        Ok((all, place))
    }

    fn finish_rows(&mut self) {
        let mut take = |name: &str| match self.found.iter_mut().find(|(other, _)| other == name) {
            Some((_, finding)) => finding.value.as_array_mut().map(std::mem::take),
            None => None,
        };
        let (mut lines, mut taxes) = (take("lines"), take("tax_lines"));
        lines.iter_mut().chain(taxes.iter_mut()).for_each(|list| rows::tidy(list));
        if let Some(taxes) = &mut taxes {
            rows::share_taxes(lines.as_mut(), taxes);
        }
        for (name, list) in [("lines", lines), ("tax_lines", taxes)] {
            let finding = self.found.iter_mut().find(|(other, _)| other == name);
            if let (Some((_, finding)), Some(list)) = (finding, list) {
                finding.value = Value::Array(list);
            }
        }
    }
}

/// A value that the template states, which is on no page.
fn stated(value: Value) -> Finding {
    Finding { value, raw: None, place: None }
}

/// Whether a value is empty; 0 is not.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn objects(rows: Vec<Row>) -> Value {
    rows.into_iter().map(Value::Object).collect()
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
