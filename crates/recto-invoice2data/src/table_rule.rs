//! The key `tables` of a template: values in the lines between a start and an end, each of which becomes a field.

use serde_json::{Map, Value};

use super::cell::{Cell, Group, ValueType, number};
use super::line_block::split_lines;
use super::lines_rule::{required, separator, types};
use super::options::Options;
use super::pattern::{Pattern, TooManySteps};
use super::reader::Reader;
use super::regex_rule::{Finding, GROUPS, TYPES};
use super::traced::{TracedText, WordPosition};

/// One table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TableRule {
    start: Pattern,
    end: Pattern,
    body: Pattern,
    separator: Option<Pattern>,
    types: Vec<(String, ValueType)>,
    groups: Vec<(String, Group)>,
}

impl TableRule {
    /// Reads the key `tables`.
    pub(super) fn read_all(reader: &mut Reader, value: &Value) -> Vec<Self> {
        let Some(tables) = value.as_array() else {
            reader.wrong("tables", "must be a list of tables");
            return Vec::new();
        };
        let table = |(index, table): (usize, &Value)| {
            let path = format!("tables[{index}]");
            let object = reader.object(&path, table)?;
            Self::read(reader, &path, object)
        };
        tables.iter().enumerate().filter_map(table).collect()
    }

    fn read(reader: &mut Reader, path: &str, object: &Map<String, Value>) -> Option<Self> {
        let [start, end, body] = ["start", "end", "body"].map(|key| required(reader, path, object, key));
        let separator = object.get("line_separator").and_then(|value| separator(reader, path, value));
        let mut types = types(reader, path, object);
        let mut groups = Vec::new();
        if let Some(fields) = object.get("fields").and_then(|fields| reader.object(&format!("{path}.fields"), fields)) {
            for (name, settings) in fields {
                let path = format!("{path}.fields.{name}");
                let Some(settings) = reader.object(&path, settings) else { continue };
                types.extend(reader.word(&path, settings, "type", TYPES).map(|kind| (name.clone(), kind)));
                groups.extend(reader.word(&path, settings, "group", GROUPS).map(|group| (name.clone(), group)));
            }
        }
        Some(Self { start: start?, end: end?, body: body?, separator, types, groups })
    }

    /// The fields that the table can find, with their types.
    pub(super) fn columns(&self) -> Vec<(String, Option<ValueType>)> {
        let names = self.body.group_names().into_iter().flatten();
        names.map(|name| (name.to_owned(), self.kind(name))).collect()
    }

    /// The type of a field. Dates and amounts are recognised by their names.
    fn kind(&self, name: &str) -> Option<ValueType> {
        if name.starts_with("date") || name.ends_with("date") {
            Some(ValueType::Date)
        } else if name.starts_with("amount") {
            Some(ValueType::Float)
        } else {
            self.types.iter().find(|(other, _)| other == name).map(|(_, kind)| *kind)
        }
    }

    /// The fields in a text: a single value, or a list with the values of all lines. It is empty when one of the dates
    /// cannot be read.
    pub(super) fn find(&self, text: &TracedText, options: &Options) -> Result<Vec<(String, Finding)>, TooManySteps> {
        let (Some(start), Some(end)) = (self.start.search(text.as_str())?, self.end.search(text.as_str())?) else {
            return Ok(Vec::new());
        };
        let from = start.range.end;
        let body = text.as_str().get(from..end.range.start).unwrap_or_default();
        let lines = match &self.separator {
            Some(separator) => separator.split(body)?,
            None => split_lines(body),
        };
        let mut columns: Vec<(String, Vec<Read>)> = Vec::new();
        for line in lines {
            if body[line.clone()].trim().is_empty() {
                continue;
            }
            let Some(matched) = self.body.search(&body[line.clone()])? else { continue };
            for (name, group) in self.body.group_names().into_iter().zip(&matched.groups) {
                let Some(name) = name else { continue };
                let raw = group.clone().map_or("", |group| &body[line.clone()][group]);
                let place = group.clone().and_then(|group| {
                    let at = from + line.start;
                    text.place(&(at + group.start..at + group.end))
                });
                let cell = self.cell(name, group.is_some().then_some(raw), options);
                if self.kind(name) == Some(ValueType::Date) && cell == Cell::Unreadable {
                    return Ok(Vec::new());
                }
                let value = (cell, Source { raw: raw.to_owned(), place });
                match columns.iter_mut().find(|(other, _)| other == name) {
                    Some((_, values)) => values.push(value),
                    None => columns.push((name.to_owned(), vec![value])),
                }
            }
        }
        Ok(columns.into_iter().filter_map(|(name, values)| self.finding(&name, &values).map(|f| (name, f))).collect())
    }

    fn cell(&self, name: &str, raw: Option<&str>, options: &Options) -> Cell {
        match (raw, self.kind(name)) {
            (None, None) => Cell::Unreadable,
            (Some(raw), Some(ValueType::Float)) if name.starts_with("amount") => {
                number(raw, options).map_or(Cell::Unreadable, Cell::Number)
            }
            (raw, kind) => Cell::read(raw.unwrap_or_default(), kind, options),
        }
    }

    fn finding(&self, name: &str, values: &[Read]) -> Option<Finding> {
        let group = self.groups.iter().find(|(other, _)| other == name).map(|(_, group)| *group);
        let grouped = group.and_then(|group| group.apply(values));
        let (value, sources) = match (grouped, values) {
            (Some((cell, sources)), _) => (cell.to_json(), sources),
            (None, [(cell, source)]) => (cell.to_json(), vec![source.clone()]),
            (None, several) => {
                let value = several.iter().map(|(cell, _)| cell.to_json()).collect();
                (value, several.iter().map(|(_, source)| source.clone()).collect())
            }
        };
        let raws: Vec<&str> = sources.iter().map(|source| source.raw.trim()).filter(|raw| !raw.is_empty()).collect();
        let raw = (!raws.is_empty()).then(|| raws.join("\n"));
        let place = WordPosition::around(sources.iter().filter_map(|source| source.place));
        (!value.is_null()).then_some(Finding { value, raw, place })
    }
}

/// A value of a line with its source.
type Read = (Cell, Source);

/// The text that a value was read from.
#[derive(Debug, Clone, PartialEq)]
struct Source {
    raw: String,
    place: Option<WordPosition>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(table: &Value, text: &str) -> Value {
        let mut reader = Reader::default();
        let rules = TableRule::read_all(&mut reader, &json!([table]));
        assert_eq!(reader.into_wrong(), [] as [&str; 0]);
        let mut traced = TracedText::default();
        traced.push_filler(text);
        let found = rules[0].find(&traced, &Options::default()).unwrap();
        found.into_iter().map(|(name, finding)| (name, finding.value)).collect::<Map<_, _>>().into()
    }

    #[test]
    fn tables_give_fields_by_the_names_of_groups() {
        let table = json!({"start": "Stay", "end": "Bye", "body": r"(?P<date_in>\S+) (?P<amount>\S+) (?P<room>\d+) (?P<tax>\S+)",
            "types": {"room": "int"}, "fields": {"tax": {"type": "float", "group": "sum"}}});
        let one = fields(&table, "Stay\n2017-12-31 1,939.00 7 1.50\n \nBye");
        assert_eq!(one, json!({"date_in": "2017-12-31", "amount": 1939.0, "room": 7, "tax": 1.5}));
        let two = fields(&table, "Stay\n2017-12-31 1.00 7 1.50\n2018-01-01 2.00 8 1.50\nBye");
        let expected =
            json!({"date_in": ["2017-12-31", "2018-01-01"], "amount": [1.0, 2.0], "room": [7, 8], "tax": 3.0});
        assert_eq!(two, expected);
        assert_eq!(fields(&table, "Stay\nsoon 1.00 7 1.50\nBye"), json!({}));
    }
}
