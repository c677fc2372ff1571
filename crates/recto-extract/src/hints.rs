//! Hints of a template on where a field stands: the key `find` of a field in its schema.
//!
//! ```yaml
//! total:
//!   type: number
//!   find:
//!     labels: [Grand total, Endbetrag]   # looked beside and under, instead of those that the name suggests
//!     regex: 'Total:\s+(\S+)'            # in each row of words; the first group, or the whole match
//!     page: last                         # first, last or a number from 1
//!     region: [0, 0.5, 1, 1]             # left, top, right, bottom as shares of the page
//!     choose: largest                    # first, last, largest or smallest, instead of the likeliest
//!     default: 0                         # when nothing is found
//! ```

use recto_domain::{FieldSchema, FieldType};
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use crate::candidate::Candidate;
use crate::finds::row_text;
use crate::lexicon::{MAX_LABEL_TOKENS, key_of};
use crate::sheet::{Sheet, tokens_of};

/// The key of a field's hints.
const KEY: &str = "find";
const MAX_LABELS: usize = 50;
/// The largest program that a regular expression may compile to, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// Where and how to look for a field.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints {
    /// Labels without blanks.
    pub(crate) labels: Vec<String>,
    regex: Option<Regex>,
    page: Option<WhichPage>,
    /// Left, top, right, bottom as shares of the page.
    region: Option<[f32; 4]>,
    choose: Option<Choice>,
    pub(crate) default: Option<Value>,
}

impl PartialEq for Hints {
    fn eq(&self, other: &Self) -> bool {
        let pattern = |hints: &Self| hints.regex.as_ref().map(|regex| regex.as_str().to_owned());
        (&self.labels, pattern(self), self.page, self.region, self.choose, &self.default)
            == (&other.labels, pattern(other), other.page, other.region, other.choose, &other.default)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WhichPage {
    First,
    Last,
    Number(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    First,
    Last,
    Largest,
    Smallest,
}

impl Hints {
    /// Reads the hints of a field out of a schema in either form; adds what is wrong to `wrong`, each with its path.
    pub(crate) fn of_field(schema: &Value, field: &FieldSchema, wrong: &mut Vec<String>) -> Self {
        let is_object = schema.get("type").is_some_and(|kind| kind == "object");
        let (fields, path) = if is_object {
            (schema.get("properties"), format!("templateSchema.properties.{}", field.name))
        } else {
            (Some(schema), format!("templateSchema.{}", field.name))
        };
        let Some(said) = fields.and_then(|fields| fields.get(&field.name)) else { return Self::default() };
        refuse_within(said, &path, wrong);
        let Some(hints) = said.get(KEY) else { return Self::default() };
        let path = format!("{path}.{KEY}");
        if matches!(field.kind, FieldType::Array | FieldType::Object) {
            wrong.push(format!("{path}: only single values have hints, and this field is of type {}", field.kind));
            return Self::default();
        }
        let Some(hints) = hints.as_object() else {
            wrong.push(format!("{path} must be an object"));
            return Self::default();
        };
        Reader { path: &path, kind: field.kind, hints, wrong }.read()
    }

    /// Whether the hints say where to look, so that what the name suggests does not count.
    pub(crate) fn are_exclusive(&self) -> bool {
        !self.labels.is_empty() || self.regex.is_some()
    }

    /// What the regular expression finds, row by row.
    pub(crate) fn matches(&self, sheet: &Sheet) -> Vec<Candidate> {
        let Some(regex) = &self.regex else { return Vec::new() };
        let mut found = Vec::new();
        for row in &sheet.rows {
            let (text, starts) = row_text(sheet, row.first, row.end);
            for captures in regex.captures_iter(&text) {
                let Some(part) = captures.get(1).or_else(|| captures.get(0)).filter(|part| !part.is_empty()) else {
                    continue;
                };
                let first = row.first + starts.partition_point(|start| *start <= part.start()) - 1;
                let end = row.first + starts.partition_point(|start| *start < part.end());
                let score = 0.6 + 0.35 * sheet.confidence(first, end);
                let value = Value::String(part.as_str().trim().to_owned());
                let printed = Candidate::printed(sheet, first, end, value, score);
                found.push(Candidate { raw: Some(part.as_str().to_owned()), ..printed });
            }
        }
        found
    }

    /// The candidates that stand where the hints say, and of them only the one to choose where they say which.
    pub(crate) fn choose(&self, sheet: &Sheet, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        candidates.retain(|candidate| self.is_in_place(sheet, candidate));
        let place = |candidate: &Candidate| candidate.words.first().map_or(usize::MAX, |words| words.0);
        // Numbers by their size; days and texts by their order, which for ISO days is the calendar's.
        let by_size = |a: &Candidate, b: &Candidate| match (a.value.as_f64(), b.value.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            _ => a.value.as_str().cmp(&b.value.as_str()),
        };
        let chosen = match self.choose {
            None => return candidates,
            Some(Choice::First) => candidates.into_iter().min_by_key(place),
            Some(Choice::Last) => candidates.into_iter().max_by_key(place),
            Some(Choice::Largest) => candidates.into_iter().max_by(by_size),
            Some(Choice::Smallest) => candidates.into_iter().min_by(by_size),
        };
        chosen.into_iter().collect()
    }

    fn is_in_place(&self, sheet: &Sheet, candidate: &Candidate) -> bool {
        if self.page.is_none() && self.region.is_none() {
            return true;
        }
        // What was computed stands nowhere.
        let Some(&(first, end)) = candidate.words.first() else { return false };
        let page = sheet.page_of(first);
        let is_on_page = match self.page {
            None => true,
            Some(WhichPage::First) => sheet.rows.first().is_some_and(|row| row.page == page),
            Some(WhichPage::Last) => sheet.rows.last().is_some_and(|row| row.page == page),
            Some(WhichPage::Number(number)) => number == page,
        };
        let is_in_region = self.region.is_none_or(|[left, top, right, bottom]| {
            let (width, height) = sheet.sizes.get(page as usize - 1).copied().unwrap_or((1.0, 1.0));
            let center = sheet.bbox(first, end).center();
            let (x, y) = (center.x / width.max(1.0), center.y / height.max(1.0));
            (left..=right).contains(&x) && (top..=bottom).contains(&y)
        });
        is_on_page && is_in_region
    }
}

/// Hints of fields within a field would go unheard.
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

/// Whether a value is of a field's type.
fn is_of(kind: FieldType, value: &Value) -> bool {
    match kind {
        FieldType::String => value.is_string(),
        FieldType::Number => value.is_number(),
        FieldType::Integer => value.is_i64() || value.is_u64(),
        FieldType::Boolean => value.is_boolean(),
        FieldType::Date => value.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok()),
        FieldType::Array | FieldType::Object => false,
    }
}

/// Hints being read.
struct Reader<'a> {
    path: &'a str,
    kind: FieldType,
    hints: &'a Map<String, Value>,
    wrong: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn read(mut self) -> Hints {
        let known = ["labels", "regex", "page", "region", "choose", "default"];
        for key in self.hints.keys().filter(|key| !known.contains(&key.as_str())) {
            self.wrong.push(format!("{}.{key} is no hint; hints are {}", self.path, known.join(", ")));
        }
        Hints {
            labels: self.labels(),
            regex: self.regex(),
            page: self.page(),
            region: self.region(),
            choose: self.choice(),
            default: self.default(),
        }
    }

    fn refuse<T>(&mut self, key: &str, what: &str) -> Option<T> {
        self.wrong.push(format!("{}.{key} must be {what}", self.path));
        None
    }

    fn default(&mut self) -> Option<Value> {
        let value = self.hints.get("default").filter(|value| !value.is_null())?;
        if is_of(self.kind, value) {
            Some(value.clone())
        } else {
            self.refuse("default", &format!("of the field's type, {}", self.kind))
        }
    }

    fn labels(&mut self) -> Vec<String> {
        let texts = match self.hints.get("labels") {
            None => return Vec::new(),
            Some(Value::Array(labels)) if labels.len() <= MAX_LABELS => {
                labels.iter().map(Value::as_str).collect::<Option<Vec<&str>>>()
            }
            Some(_) => None,
        };
        let fits = |text: &&str| {
            let tokens = text.split_whitespace().flat_map(|word| tokens_of(word, 0)).count();
            (1..=MAX_LABEL_TOKENS).contains(&tokens)
        };
        if let Some(texts) = texts.filter(|texts| !texts.is_empty() && texts.iter().all(fits)) {
            return texts.into_iter().map(key_of).collect();
        }
        let what = format!("a list of 1 to {MAX_LABELS} texts of 1 to {MAX_LABEL_TOKENS} words");
        self.refuse("labels", &what).unwrap_or_default()
    }

    fn regex(&mut self) -> Option<Regex> {
        match self.hints.get("regex") {
            None => None,
            Some(Value::String(pattern)) => match RegexBuilder::new(pattern).size_limit(MAX_REGEX_BYTES).build() {
                Ok(regex) => Some(regex),
                Err(error) => {
                    let error = error.to_string();
                    let why = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    self.wrong.push(format!("{}.regex is no regular expression: {why}", self.path));
                    None
                }
            },
            Some(_) => self.refuse("regex", "a text"),
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

    fn region(&mut self) -> Option<[f32; 4]> {
        let value = self.hints.get("region")?;
        let shares = value.as_array().and_then(|shares| {
            let shares: Option<Vec<f32>> =
                shares.iter().map(|share| share.as_f64().map(|share| share as f32)).collect();
            <[f32; 4]>::try_from(shares?).ok()
        });
        let is_sound = |[left, top, right, bottom]: &[f32; 4]| {
            [left, top, right, bottom].iter().all(|share| (0.0..=1.0).contains(*share)) && left < right && top < bottom
        };
        match shares.filter(is_sound) {
            Some(shares) => Some(shares),
            None => self.refuse("region", "[left, top, right, bottom] as shares of the page from 0 to 1"),
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
}
