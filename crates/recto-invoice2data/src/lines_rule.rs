//! Fields that hold the line items of an invoice.

use std::ops::Range;

use serde_json::{Map, Value};

use super::cell::{Cell, ValueType};
use super::line_block::{LineBlock, Texts, split_lines};
use super::options::Options;
use super::pattern::{Pattern, Substitution, TooManySteps};
use super::reader::Reader;
use super::regex_rule::TYPES;
use super::traced::{TracedText, WordPosition};

/// How the lines between a start and an end become rows.
///
/// A row begins with a line that matches one of `first_line`, and takes the named groups of lines that match `line`. It
/// ends with a line that matches `last_line`, or where the next row begins. Without `first_line` and `last_line`, each
/// line is a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LinesRule {
    start: Pattern,
    end: Pattern,
    /// Whether a block ends with the last match of `end` rather than the first.
    ends_last: bool,
    pub(super) first_line: Option<Vec<Pattern>>,
    pub(super) line: Vec<Pattern>,
    pub(super) last_line: Option<Vec<Pattern>>,
    pub(super) skip_line: Vec<Pattern>,
    separator: Option<Pattern>,
    replace: Vec<(String, Substitution)>,
    types: Vec<(String, ValueType)>,
}

/// A row: names and values in the order in which they were found.
pub(super) type Row = Map<String, Value>;

impl LinesRule {
    /// Reads a field with `parser: lines`, or the key `lines` of a template: one rule, the rules under `rules`, or a
    /// list of rules.
    pub(super) fn read_all(reader: &mut Reader, path: &str, value: &Value) -> Vec<Self> {
        let (path, value) = match value.get("rules") {
            Some(rules) => (format!("{path}.rules"), rules),
            None => (path.to_owned(), value),
        };
        if let Some(rules) = value.as_array() {
            let rule = |(index, rule): (usize, &Value)| {
                let path = format!("{path}[{index}]");
                let object = reader.object(&path, rule)?;
                Self::read(reader, &path, object)
            };
            return rules.iter().enumerate().filter_map(rule).collect();
        }
        let Some(object) = reader.object(&path, value) else { return Vec::new() };
        Self::read(reader, &path, object).into_iter().collect()
    }

    fn read(reader: &mut Reader, path: &str, object: &Map<String, Value>) -> Option<Self> {
        let start = required(reader, path, object, "start");
        let end = required(reader, path, object, "end");
        let some = |reader: &mut Reader, key: &str| {
            let value = object.get(key).filter(|value| !value.is_null())?;
            Some(reader.patterns(&format!("{path}.{key}"), value))
        };
        if object.get("line").is_none_or(Value::is_null) {
            reader.wrong(&format!("{path}.line"), "is missing");
        }
        let line = some(reader, "line").unwrap_or_default();
        let last_line = some(reader, "last_line");
        let first_line = some(reader, "first_line").or_else(|| last_line.is_none().then(|| line.clone()));
        let skip_line = some(reader, "skip_line").unwrap_or_default();
        let end_match = object.get("end_match").and_then(Value::as_str);
        let separator = object.get("line_separator").and_then(|value| separator(reader, path, value));
        let replace = replacements(reader, path, object.get("replace").unwrap_or(&Value::Null));
        let types = types(reader, path, object);
        let ends_last = end_match == Some("last");
        let (start, end) = (start?, end?);
        Some(Self { start, end, ends_last, first_line, line, last_line, skip_line, separator, replace, types })
    }

    /// The possible names of a row with their types, in the order of the patterns.
    pub(super) fn columns(&self) -> Vec<(String, Option<ValueType>)> {
        let mut columns: Vec<(String, Option<ValueType>)> = Vec::new();
        let patterns = self.first_line.iter().flatten().chain(&self.line).chain(self.last_line.iter().flatten());
        for name in patterns.flat_map(Pattern::group_names).flatten() {
            if !columns.iter().any(|(other, _)| other == name) {
                columns.push((name.to_owned(), self.kind(name)));
            }
        }
        columns
    }

    fn kind(&self, name: &str) -> Option<ValueType> {
        self.types.iter().find(|(other, _)| other == name).map(|(_, kind)| *kind)
    }

    /// All rows of all blocks in a text, and their position on the first page that has some.
    pub(super) fn find(
        &self,
        text: &TracedText,
        options: &Options,
    ) -> Result<(Vec<Row>, Option<WordPosition>), TooManySteps> {
        let (mut rows, mut place) = (Vec::new(), None);
        let mut at = 0;
        while let Some(start) = self.start.search(&text.as_str()[at..])? {
            let from = at + start.range.end;
            let rest = &text.as_str()[from..];
            let end = if self.ends_last { self.end.find_all(rest)?.pop() } else { self.end.search(rest)? };
            let Some(end) = end else { break };
            let mut block = LineBlock::of(self);
            for line in self.lines(&rest[..end.range.start])? {
                block.line(&rest[line.clone()], from + line.start)?;
            }
            let (found, taken) = block.finish();
            rows.extend(found);
            place = place.or_else(|| text.place(&taken?));
            let next = from + end.range.end;
            // A start and an end that both match the empty text would be found here forever.
            if next == at {
                break;
            }
            at = next;
        }
        let rows = rows.into_iter().map(|row| self.typed(row, options)).collect::<Result<_, _>>()?;
        Ok((rows, place))
    }

    fn lines(&self, block: &str) -> Result<Vec<Range<usize>>, TooManySteps> {
        match &self.separator {
            Some(separator) => separator.split(block),
            None => Ok(split_lines(block)),
        }
    }

    fn typed(&self, row: Texts, options: &Options) -> Result<Row, TooManySteps> {
        let mut typed = Row::new();
        for (name, mut text) in row {
            for (_, substitution) in self.replace.iter().filter(|(other, _)| *other == name) {
                text = substitution.apply(&text)?;
            }
            let value = Cell::read(&text, self.kind(&name), options).to_json();
            typed.insert(name, value);
        }
        Ok(typed)
    }
}

/// Reads a required pattern.
pub(super) fn required(reader: &mut Reader, path: &str, object: &Map<String, Value>, key: &str) -> Option<Pattern> {
    let path = format!("{path}.{key}");
    let value = object.get(key).filter(|value| !value.is_null());
    if value.is_none() {
        reader.wrong(&path, "is missing");
    }
    value.and_then(|value| reader.pattern(&path, value))
}

/// Reads the key `line_separator`: a separator of lines other than the line feed.
pub(super) fn separator(reader: &mut Reader, path: &str, value: &Value) -> Option<Pattern> {
    reader.pattern(&format!("{path}.line_separator"), value)
}

/// Reads the key `types`.
pub(super) fn types(reader: &mut Reader, path: &str, object: &Map<String, Value>) -> Vec<(String, ValueType)> {
    let path = format!("{path}.types");
    let Some(value) = object.get("types").filter(|value| !value.is_null()) else { return Vec::new() };
    let Some(types) = reader.object(&path, value) else { return Vec::new() };
    types.keys().filter_map(|name| Some((name.clone(), reader.word(&path, types, name, TYPES)?))).collect()
}

/// Reads the key `replace` of lines: a map, or a list of maps, from the names of columns to their pairs.
fn replacements(reader: &mut Reader, path: &str, value: &Value) -> Vec<(String, Substitution)> {
    let path = format!("{path}.replace");
    let maps: Vec<&Value> = match value {
        Value::Null => return Vec::new(),
        Value::Array(maps) => maps.iter().collect(),
        map => vec![map],
    };
    let mut all = Vec::new();
    for map in maps {
        let Some(object) = reader.object(&path, map) else { continue };
        for (name, pairs) in object {
            let pairs = reader.substitutions(&format!("{path}.{name}"), pairs);
            all.extend(pairs.into_iter().map(|pair| (name.clone(), pair)));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(rule: &Value, text: &str) -> Value {
        let mut reader = Reader::default();
        let rules = LinesRule::read_all(&mut reader, "lines", rule);
        assert_eq!(reader.into_wrong(), [] as [&str; 0]);
        let mut traced = TracedText::default();
        traced.push_filler(text);
        let find = |rule: &LinesRule| rule.find(&traced, &Options::default()).unwrap().0;
        rules.iter().flat_map(find).map(Value::Object).collect()
    }

    #[test]
    fn each_line_is_a_row() {
        let rule = json!({"start": "Item", "end": "Total", "line": r"(?P<name>\w+)\s+(?P<qty>\d+)?\s+(?P<price>[\d.]+)",
            "types": {"qty": "int", "price": "float"}});
        let text = "Item  Qty  Price\nPen    2   1.50\n\nInk        9.00\nTotal 12\nItem\nNib 1  0.10\nTotal";
        let expected = json!([{"name": "Pen", "qty": 2, "price": 1.5}, {"name": "Ink", "qty": 0, "price": 9.0},
            {"name": "Nib", "qty": 1, "price": 0.1}]);
        assert_eq!(rows(&rule, text), expected);
    }

    #[test]
    fn rows_go_from_a_first_line_to_a_last_one() {
        let rule = json!({"start": "BEGIN", "end": "END", "first_line": [r"^\d (?P<name>.*)", r"^# (?P<head>.*)"],
            "line": r"^  (?P<name>.+)", "last_line": r"^  (?P<name>)= (?P<sum>\d+)", "skip_line": "page"});
        let text = "BEGIN\n  early\n1 Pen\n  blue\n  page 2\n  = 5\n  late\n# Inks\n2 Ink\nEND";
        let expected = json!([{"name": "Pen\nblue\n", "sum": "5"}, {"head": "Inks"}, {"name": "Ink"}]);
        assert_eq!(rows(&rule, text), expected);
    }

    #[test]
    fn rules_have_ends_separators_and_replacements_of_their_own() {
        let rules = json!({"rules": [
            {"start": "A", "end": "-", "end_match": "last", "line": r"(?P<n>\d)"},
            {"start": "B", "end": "$", "line": r"(?P<u>\w+)", "line_separator": ";", "replace": {"u": ["PS", "unit"]}},
        ]});
        let expected = json!([{"n": "1"}, {"n": "2"}, {"u": "unit"}, {"u": "kg"}]);
        assert_eq!(rows(&rules, "A\n1\n-\n2\n-\nB PS; kg"), expected);
    }

    #[test]
    fn a_start_and_an_end_that_match_nothing_do_not_go_round_forever() {
        assert_eq!(rows(&json!({"start": "x*", "end": "y*", "line": "(?P<a>z)"}), "z"), json!([]));
    }
}
