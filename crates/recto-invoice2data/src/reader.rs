//! Reads the parts of a template, and collects a message for everything that is wrong.

use recto_domain::PatternBudget;
use serde_json::{Map, Value};

use super::pattern::{Pattern, Substitution};

/// The state of reading a template.
#[derive(Debug, Default)]
pub(super) struct Reader {
    wrong: Vec<String>,
    budget: PatternBudget,
}

impl Reader {
    /// Records what is wrong with the value at a path.
    pub(super) fn wrong(&mut self, path: &str, why: &str) {
        self.wrong.push(format!("{path} {why}"));
    }

    /// A reader with a budget for patterns.
    pub(super) fn within(budget: PatternBudget) -> Self {
        Self { wrong: Vec::new(), budget }
    }

    /// All messages. The unused part of the budget is returned.
    pub(super) fn end(self, budget: &mut PatternBudget) -> Vec<String> {
        *budget = self.budget;
        self.wrong
    }

    /// All messages.
    #[cfg(test)]
    pub(super) fn into_wrong(self) -> Vec<String> {
        self.wrong
    }

    pub(super) fn object<'v>(&mut self, path: &str, value: &'v Value) -> Option<&'v Map<String, Value>> {
        if value.as_object().is_none() {
            self.wrong(path, &format!("must be a map of keys, not {}", shown(value)));
        }
        value.as_object()
    }

    /// A text. Numbers and booleans count as the text that they are written as.
    pub(super) fn text(&mut self, path: &str, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            other => {
                self.wrong(path, &format!("must be a string, not {}", shown(other)));
                None
            }
        }
    }

    /// A list of texts, or a single one. Null is an empty list.
    pub(super) fn texts(&mut self, path: &str, value: &Value) -> Vec<String> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.filter_map(|(index, item)| self.text(&format!("{path}[{index}]"), item)).collect()
            }
            one => self.text(path, one).into_iter().collect(),
        }
    }

    /// Whether a key exists and is true.
    pub(super) fn flag(&mut self, path: &str, object: &Map<String, Value>, key: &str) -> bool {
        match object.get(key) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            // A list is true unless it is empty.
            Some(Value::Array(items)) => !items.is_empty(),
            // The words of YAML 1.1.
            Some(Value::String(text)) if ["yes", "on", "true"].contains(&text.to_lowercase().as_str()) => true,
            Some(Value::String(text)) if ["no", "off", "false", ""].contains(&text.to_lowercase().as_str()) => false,
            Some(other) => {
                self.wrong(&format!("{path}.{key}"), &format!("must be true or false, not {}", shown(other)));
                false
            }
        }
    }

    /// One of the words that `T` parses, under a key that may be missing.
    pub(super) fn word<T: std::str::FromStr>(
        &mut self,
        path: &str,
        object: &Map<String, Value>,
        key: &str,
        known: &str,
    ) -> Option<T> {
        let value = object.get(key).filter(|value| !value.is_null())?;
        let word = value.as_str().and_then(|word| word.parse().ok());
        if word.is_none() {
            self.wrong(&format!("{path}.{key}"), &format!("must be one of {known}, not {}", shown(value)));
        }
        word
    }

    pub(super) fn pattern(&mut self, path: &str, value: &Value) -> Option<Pattern> {
        let text = self.text(path, value)?;
        match Pattern::parse(&text, &mut self.budget) {
            Ok(pattern) => Some(pattern),
            Err(why) => {
                self.wrong(path, &why);
                None
            }
        }
    }

    /// A list of patterns, or a single one.
    pub(super) fn patterns(&mut self, path: &str, value: &Value) -> Vec<Pattern> {
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.filter_map(|(index, item)| self.pattern(&format!("{path}[{index}]"), item)).collect()
            }
            one => self.pattern(path, one).into_iter().collect(),
        }
    }

    /// Pairs of a pattern and a replacement, or a single pair.
    pub(super) fn substitutions(&mut self, path: &str, value: &Value) -> Vec<Substitution> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(items) if items.len() == 2 && items.iter().all(Value::is_string) => {
                self.substitution(path, value).into_iter().collect()
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.filter_map(|(index, item)| self.substitution(&format!("{path}[{index}]"), item)).collect()
            }
            other => {
                self.wrong(path, &format!("must be a list of pairs, not {}", shown(other)));
                Vec::new()
            }
        }
    }

    fn substitution(&mut self, path: &str, value: &Value) -> Option<Substitution> {
        let Some([pattern, replacement]) = value.as_array().map(Vec::as_slice) else {
            self.wrong(path, &format!("must be a pair of a pattern and its replacement, not {}", shown(value)));
            return None;
        };
        let pattern = self.pattern(&format!("{path}[0]"), pattern)?;
        let replacement = self.text(&format!("{path}[1]"), replacement)?;
        match Substitution::new(pattern, &replacement) {
            Ok(substitution) => Some(substitution),
            Err(why) => {
                self.wrong(&format!("{path}[1]"), &format!("is not a valid replacement: {why}"));
                None
            }
        }
    }
}

/// A value, shortened for a message.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    let mut shown: String = text.chars().take(60).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
