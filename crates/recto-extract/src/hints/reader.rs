//! Parses hints in a schema, and reports problems.

use recto_domain::{FieldSchema, FieldType, Pattern, PatternBudget};
use serde_json::{Map, Value};

use super::{Choice, ColumnHeads, Computed, Hints, PageArea, WhichPage, computed};
use crate::conventions::Conventions;
use crate::label_key::key_of;
use crate::lexicon::MAX_LABEL_TOKENS;
use crate::sheet::tokens_of;

/// The key of a field's hints.
const KEY: &str = "find";
const MAX_LABELS: usize = 50;

/// Hints of single values.
const HINTS: [&str; 11] =
    ["labels", "regex", "page", "region", "anchor", "choose", "locale", "default", "constant", "sum", "copy"];
/// Hints of lists.
const LIST_HINTS: [&str; 2] = ["columns", "locale"];
/// Hints that determine the value alone, so that others would be ignored.
const SOLE_HINTS: [&str; 3] = ["constant", "sum", "copy"];

/// Parses the hints of a schema's fields, in either form of schema, and determines the order in which fields are
/// computed. Problems are added to `wrong`, each with its path.
pub(crate) fn read(
    schema: &Value,
    fields: &[FieldSchema],
    budget: &mut PatternBudget,
    wrong: &mut Vec<String>,
) -> (Vec<Hints>, Vec<usize>) {
    let is_object = schema.get("type").is_some_and(|kind| kind == "object");
    let (said, root) = if is_object {
        (schema.get("properties"), "templateSchema.properties")
    } else {
        (Some(schema), "templateSchema")
    };
    let path_of = |field: &FieldSchema| format!("{root}.{}", field.name);
    let of_field = |field: &FieldSchema| {
        let Some(said) = said.and_then(|fields| fields.get(&field.name)) else { return Hints::default() };
        let path = path_of(field);
        refuse_within(said, &path, wrong);
        let Some(hints) = said.get(KEY) else { return Hints::default() };
        let path = format!("{path}.{KEY}");
        let Some(hints) = hints.as_object() else {
            wrong.push(format!("{path} must be an object"));
            return Hints::default();
        };
        Reader { path: &path, field, fields, hints, budget, wrong }.read()
    };
    let hints: Vec<Hints> = fields.iter().map(of_field).collect();
    let (order, circular) = computed::order(&hints);
    for field in circular {
        let key = hints[field].computed.as_ref().map_or(KEY, Computed::key);
        wrong.push(format!("{}.{KEY}.{key}: the field would be computed from itself", path_of(&fields[field])));
    }
    (hints, order)
}

/// Refuses hints of nested fields, which would be ignored.
fn refuse_within(said: &Value, path: &str, wrong: &mut Vec<String>) {
    let properties = said.get("properties").and_then(Value::as_object);
    let within = properties.into_iter().flatten().map(|(name, inner)| (format!("{path}.properties.{name}"), inner));
    let items = said.get("items").map(|items| (format!("{path}.items"), items));
    for (path, inner) in within.chain(items) {
        if inner.get(KEY).is_some() {
            wrong.push(format!("{path}.{KEY}: fields within a field have no hints"));
        }
        refuse_within(inner, &path, wrong);
    }
}

/// The state of parsing hints.
pub(super) struct Reader<'a> {
    pub(super) path: &'a str,
    pub(super) field: &'a FieldSchema,
    /// All fields of the template.
    pub(super) fields: &'a [FieldSchema],
    pub(super) hints: &'a Map<String, Value>,
    /// The remaining budget for the template's patterns.
    pub(super) budget: &'a mut PatternBudget,
    pub(super) wrong: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn read(mut self) -> Hints {
        let kind = self.field.kind;
        let known: &[&str] = match kind {
            FieldType::Object => {
                self.wrong.push(format!("{}: fields of type object have no hints", self.path));
                return Hints::default();
            }
            FieldType::Array => &LIST_HINTS,
            _ => &HINTS,
        };
        for key in self.hints.keys().filter(|key| !known.contains(&key.as_str())) {
            self.wrong.push(format!(
                "{}.{key} is no hint of a field of type {kind}; its hints are {}",
                self.path,
                known.join(", ")
            ));
        }
        if kind == FieldType::Array {
            return Hints { columns: self.columns(), conventions: self.conventions(), ..Hints::default() };
        }
        if let Some(sole) = SOLE_HINTS.into_iter().find(|sole| self.hints.contains_key(*sole)) {
            for other in HINTS.into_iter().filter(|other| *other != sole && self.hints.contains_key(*other)) {
                self.wrong.push(format!("{}.{other} cannot stand beside {sole}, which says it all", self.path));
            }
        }
        let sum = self.sum().map(Computed::Sum);
        Hints {
            labels: self.labels(),
            regex: self.regex(),
            place: self.place(),
            choose: self.choice(),
            conventions: self.conventions(),
            default: self.value("default"),
            constant: self.value("constant"),
            columns: Vec::new(),
            computed: sum.or_else(|| self.copy().map(Computed::Copy)),
        }
    }

    pub(super) fn refuse<T>(&mut self, key: &str, what: &str) -> Option<T> {
        self.wrong.push(format!("{}.{key} must be {what}", self.path));
        None
    }

    /// A value that the field may have.
    fn value(&mut self, key: &str) -> Option<Value> {
        let value = self.hints.get(key)?;
        // A default of null equals no default.
        if key == "default" && value.is_null() {
            None
        } else if !value.is_null() && !self.field.kind.is_composite() && self.field.kind.accepts(value) {
            Some(value.clone())
        } else {
            self.refuse(key, &format!("of the field's type, {}", self.field.kind))
        }
    }

    fn labels(&mut self) -> Vec<String> {
        let Some(said) = self.hints.get("labels") else { return Vec::new() };
        self.texts("labels", said)
    }

    /// The column headings, by property name.
    fn columns(&mut self) -> Vec<ColumnHeads> {
        let Some(said) = self.hints.get("columns") else { return Vec::new() };
        let properties = match &self.field.items {
            Some(items) if items.kind == FieldType::Object => &items.properties,
            _ => {
                self.wrong.push(format!(
                    "{}.columns is for lists of objects: the field has no items of that type",
                    self.path
                ));
                return Vec::new();
            }
        };
        let Some(said) = said.as_object() else {
            return self
                .refuse("columns", "an object with lists of heads by the names of properties")
                .unwrap_or_default();
        };
        let mut columns = Vec::new();
        for (name, heads) in said {
            match properties.iter().position(|property| property.name == *name) {
                Some(property) => {
                    let heads = self.texts(&format!("columns.{name}"), heads);
                    columns.push(ColumnHeads { property, heads });
                }
                None => self.wrong.push(format!("{}.columns.{name} is no property of the items", self.path)),
            }
        }
        columns
    }

    /// Texts in the form in which they are searched on pages.
    fn texts(&mut self, key: &str, said: &Value) -> Vec<String> {
        let texts = match said {
            Value::Array(texts) if texts.len() <= MAX_LABELS => {
                texts.iter().map(Value::as_str).collect::<Option<Vec<&str>>>()
            }
            _ => None,
        };
        if let Some(texts) = texts.filter(|texts| !texts.is_empty() && texts.iter().all(|text| is_label(text))) {
            return texts.into_iter().map(key_of).collect();
        }
        let what = format!("a list of 1 to {MAX_LABELS} texts of 1 to {MAX_LABEL_TOKENS} words");
        self.refuse(key, &what).unwrap_or_default()
    }

    fn regex(&mut self) -> Option<Pattern> {
        match self.hints.get("regex") {
            None => None,
            Some(Value::String(pattern)) => match Pattern::parse(pattern, self.budget) {
                Ok(pattern) => Some(pattern),
                Err(why) => {
                    self.wrong.push(format!("{}.regex {why}", self.path));
                    None
                }
            },
            Some(_) => self.refuse("regex", "a text"),
        }
    }

    fn place(&mut self) -> PageArea {
        let anchor = self.anchor();
        let has_anchor = self.hints.contains_key("anchor");
        if has_anchor && !self.hints.contains_key("region") {
            self.wrong.push(format!("{}.anchor needs a region, which is counted from it", self.path));
        }
        PageArea { page: self.page(), region: self.region(has_anchor), anchor }
    }

    fn anchor(&mut self) -> Option<String> {
        match self.hints.get("anchor") {
            None => None,
            Some(Value::String(text)) if is_label(text) => Some(key_of(text)),
            Some(_) => self.refuse("anchor", &format!("a text of 1 to {MAX_LABEL_TOKENS} words")),
        }
    }

    fn page(&mut self) -> Option<WhichPage> {
        match self.hints.get("page") {
            None => None,
            Some(Value::String(text)) if text == "first" => Some(WhichPage::First),
            Some(Value::String(text)) if text == "last" => Some(WhichPage::Last),
            Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|n| *n > 0) {
                Some(number) => Some(WhichPage::Number(number)),
                None => self.refuse("page", "first, last or a number from 1"),
            },
        }
    }

    /// A region relative to an anchor may extend to the left and above.
    fn region(&mut self, has_anchor: bool) -> Option<[f32; 4]> {
        let value = self.hints.get("region")?;
        let shares = value.as_array().and_then(|shares| {
            let shares: Option<Vec<f32>> =
                shares.iter().map(|share| share.as_f64().map(|share| share as f32)).collect();
            <[f32; 4]>::try_from(shares?).ok()
        });
        let least = if has_anchor { -1.0 } else { 0.0 };
        let is_sound = |[left, top, right, bottom]: &[f32; 4]| {
            let is_share = |share: &f32| (least..=1.0).contains(share);
            [left, top, right, bottom].into_iter().all(is_share) && left < right && top < bottom
        };
        match shares.filter(is_sound) {
            Some(shares) => Some(shares),
            None => {
                self.refuse("region", &format!("[left, top, right, bottom] as shares of the page from {least} to 1"))
            }
        }
    }

    fn choice(&mut self) -> Option<Choice> {
        match self.hints.get("choose").map(|choice| choice.as_str().unwrap_or_default()) {
            None => None,
            Some("first") => Some(Choice::First),
            Some("last") => Some(Choice::Last),
            Some("largest") => Some(Choice::Largest),
            Some("smallest") => Some(Choice::Smallest),
            Some(_) => self.refuse("choose", "first, last, largest or smallest"),
        }
    }

    fn conventions(&mut self) -> Conventions {
        let Some(said) = self.hints.get("locale") else { return Conventions::default() };
        let known = said.as_str().and_then(Conventions::of_locale);
        known.or_else(|| self.refuse("locale", "a known locale such as de-DE, en_US or fr")).unwrap_or_default()
    }
}

/// Whether a text can be searched on a page.
fn is_label(text: &str) -> bool {
    let tokens = text.split_whitespace().flat_map(|word| tokens_of(word, 0)).count();
    (1..=MAX_LABEL_TOKENS).contains(&tokens)
}
