//! Fields that are found by patterns.

use std::ops::Range;

use serde_json::{Map, Value};

use super::cell::{Cell, Group, ValueType};
use super::options::Options;
use super::pattern::{Pattern, Substitution, TooManySteps};
use super::reader::Reader;
use super::traced::{TracedText, WordPosition};

/// The names of types, for messages.
pub(super) const TYPES: &str = "int, float, date, datetime";
/// The names of groupings, for messages.
pub(super) const GROUPS: &str = "sum, min, max, first, last, join";

/// How patterns make a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RegexRule {
    patterns: Vec<Pattern>,
    pub(super) kind: Option<ValueType>,
    group: Option<Group>,
    replace: Vec<Substitution>,
    /// Whether only the first number of a match is used.
    extract_number: bool,
}

/// A value with the text that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub(super) value: Value,
    /// The text as it is on the page.
    pub(super) raw: Option<String>,
    pub(super) place: Option<WordPosition>,
}

impl RegexRule {
    /// Reads a field with `parser: regex`.
    pub(super) fn read(reader: &mut Reader, path: &str, object: &Map<String, Value>) -> Self {
        let patterns = if let Some(value) = object.get("regex") {
            reader.patterns(&format!("{path}.regex"), value)
        } else {
            reader.wrong(&format!("{path}.regex"), "is missing");
            Vec::new()
        };
        let replace = object.get("replace").unwrap_or(&Value::Null);
        Self {
            patterns,
            kind: reader.word(path, object, "type", TYPES),
            group: reader.word(path, object, "group", GROUPS),
            replace: reader.substitutions(&format!("{path}.replace"), replace),
            extract_number: reader.flag(path, object, "extract_number"),
        }
    }

    /// Reads a field that is a pattern or a list of them.
    pub(super) fn of_patterns(
        reader: &mut Reader,
        path: &str,
        value: &Value,
        kind: Option<ValueType>,
        group: Option<Group>,
    ) -> Self {
        let patterns = reader.patterns(path, value);
        Self { patterns, kind, group, replace: Vec::new(), extract_number: false }
    }

    /// The value in a text: a single one, or a list when different ones are found. `None` without matches. Also `None`
    /// when a pattern with several groups matches, because it does not say which of them is the value.
    pub(super) fn find(&self, text: &TracedText, options: &Options) -> Result<Option<Finding>, TooManySteps> {
        let mut cells: Vec<(Cell, Range<usize>)> = Vec::new();
        for pattern in &self.patterns {
            for matched in pattern.find_all(text.as_str())? {
                let range = match matched.groups.as_slice() {
                    [] => matched.range,
                    [group] => group.clone().unwrap_or(matched.range.start..matched.range.start),
                    _ => return Ok(None),
                };
                cells.push((self.cell(&text.as_str()[range.clone()], options)?, range));
            }
        }
        let found = match self.group {
            Some(group) => group.apply(&cells).map(|(cell, ranges)| (cell.to_json(), ranges)),
            None => different(cells),
        };
        Ok(found.map(|(value, ranges)| {
            let place = WordPosition::around(ranges.iter().filter_map(|range| text.place(range)));
            Finding { value, raw: Some(raw(text, &ranges)), place }
        }))
    }

    fn cell(&self, text: &str, options: &Options) -> Result<Cell, TooManySteps> {
        let mut text = text.to_owned();
        for substitution in &self.replace {
            text = substitution.apply(&text)?;
        }
        let text = if self.extract_number { first_number(&text).unwrap_or(&text) } else { &text };
        Ok(Cell::read(text, self.kind, options))
    }
}

fn raw(text: &TracedText, ranges: &[Range<usize>]) -> String {
    let texts: Vec<&str> = ranges.iter().map(|range| text.as_str()[range.clone()].trim()).collect();
    texts.join(" ")
}

/// The value, or the list of different values, among those that could be read.
fn different(cells: Vec<(Cell, Range<usize>)>) -> Option<(Value, Vec<Range<usize>>)> {
    let mut different: Vec<(Cell, Range<usize>)> = Vec::new();
    for (cell, range) in cells {
        if cell != Cell::Unreadable && !different.iter().any(|(other, _)| *other == cell) {
            different.push((cell, range));
        }
    }
    let value = match different.as_slice() {
        [] => return None,
        [(cell, _)] if !cell.is_found() => return None,
        [(cell, _)] => cell.to_json(),
        several => several.iter().map(|(cell, _)| cell.to_json()).collect(),
    };
    Some((value, different.into_iter().map(|(_, range)| range).collect()))
}

/// The first number in a text, with its sign and its separators; `None` without digits.
fn first_number(text: &str) -> Option<&str> {
    let digit = text.find(|c: char| c.is_ascii_digit())?;
    let start = if text[..digit].ends_with(['-', '+']) { digit - 1 } else { digit };
    let (mut end, mut mark) = (digit, false);
    for (at, c) in text[digit..].char_indices() {
        match c {
            '0'..='9' => (end, mark) = (digit + at + 1, false),
            '.' | ',' | '\'' if !mark => mark = true,
            c if c.is_whitespace() && !mark => mark = true,
            _ => break,
        }
    }
    Some(&text[start..end])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find(rule: &Value, text: &str) -> Value {
        let mut reader = Reader::default();
        let rule = RegexRule::read(&mut reader, "fields.f", rule.as_object().unwrap());
        assert_eq!(reader.into_wrong(), [] as [&str; 0]);
        let mut traced = TracedText::default();
        traced.push_filler(text);
        rule.find(&traced, &Options::default()).unwrap().map_or(Value::Null, |finding| finding.value)
    }

    #[test]
    fn patterns_find_values() {
        for (rule, text, expected) in [
            (json!({"regex": r"No (\d+)"}), "No 12", json!("12")),
            (json!({"regex": r"CA"}), "CA CA", json!("CA")),
            (json!({"regex": r"\d"}), "1 2 1", json!(["1", "2"])),
            (json!({"regex": [r"a(\d)", r"b(\d)"], "type": "int"}), "a1 b2", json!([1, 2])),
            (json!({"regex": r"(\S+) EUR", "type": "float", "group": "sum"}), "1.50 EUR 1.50 EUR", json!(3.0)),
            (json!({"regex": r"\S+", "type": "date", "group": "max"}), "2020-01-02 2019-05-06", json!("2020-01-02")),
            (json!({"regex": r"\d", "group": "join"}), "1 2", json!("1 2")),
            (json!({"regex": r"VAT (\S+)", "replace": [r"\W+", ""]}), "VAT NL.99,B1", json!("NL99B1")),
            (json!({"regex": r"of (.*)", "replace": [["a", "b"], ["b+", "c"]]}), "of aab", json!("c")),
            (json!({"regex": r"(.+)", "extract_number": true, "type": "float"}), "€ -1,234.5 Stk.", json!(-1234.5)),
            (json!({"regex": r"Tax (\S+)", "type": "float"}), "Tax 0.00", json!(0.0)),
            (json!({"regex": r"(a)(b)"}), "ab", Value::Null),
            (json!({"regex": r"(x)"}), "ab", Value::Null),
            (json!({"regex": r"a(x?)"}), "ab", Value::Null),
        ] {
            assert_eq!(find(&rule, text), expected, "{rule}");
        }
    }
}
