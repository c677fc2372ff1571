//! Parses the hints that name other fields: `sum` and `copy`.

use recto_domain::{FieldSchema, FieldType};
use serde_json::Value;

use super::computed::Part;
use super::reader::Reader;

impl Reader<'_> {
    /// The parts of a sum: numbers of the template, or columns of its tables.
    pub(super) fn sum(&mut self) -> Option<Vec<Part>> {
        let said = self.hints.get("sum")?;
        if !is_number(self.field.kind) {
            self.wrong.push(format!("{}.sum is for numbers, and this field is of type {}", self.path, self.field.kind));
            return None;
        }
        let names = match said {
            Value::String(name) => Some(vec![name.as_str()]),
            Value::Array(names) => names.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            return self.refuse("sum", "a list of names of number fields, or a column such as items.amount");
        };
        let parts: Vec<Option<Part>> = names.into_iter().map(|name| self.part(name)).collect();
        parts.into_iter().collect()
    }

    fn part(&mut self, name: &str) -> Option<Part> {
        let field = |name: &str| self.fields.iter().position(|field| field.name == name);
        let (part, schema) = if let Some(index) = field(name) {
            (Part { field: index, column: None }, &self.fields[index])
        } else {
            let table = name.rsplit_once('.').and_then(|(table, column)| {
                let index = field(table)?;
                let columns = self.fields[index].items.as_ref().map_or(&[][..], |items| &items.properties);
                let schema = columns.iter().find(|property| property.name == column)?;
                Some((Part { field: index, column: Some(column.to_owned()) }, schema))
            });
            let Some(table) = table else {
                self.wrong.push(format!("{}.sum names {name}, which the template has not", self.path));
                return None;
            };
            table
        };
        if !is_number(schema.kind) {
            self.wrong.push(format!("{}.sum names {name}, which is of type {} and no number", self.path, schema.kind));
            return None;
        }
        if self.field.kind == FieldType::Integer && schema.kind == FieldType::Number {
            self.wrong.push(format!("{}.sum names {name}, which need not be whole as this field must", self.path));
            return None;
        }
        Some(part)
    }

    /// The field that is copied.
    pub(super) fn copy(&mut self) -> Option<usize> {
        let Some(name) = self.hints.get("copy")?.as_str() else {
            return self.refuse("copy", "the name of a field");
        };
        let Some(index) = self.fields.iter().position(|field| field.name == name) else {
            self.wrong.push(format!("{}.copy names {name}, which the template has not", self.path));
            return None;
        };
        let source = &self.fields[index];
        if !holds(self.field, source) {
            self.wrong.push(format!(
                "{}.copy names {name}, which is of type {}, and this field is of type {}",
                self.path, source.kind, self.field.kind
            ));
            return None;
        }
        Some(index)
    }
}

fn is_number(kind: FieldType) -> bool {
    matches!(kind, FieldType::Number | FieldType::Integer)
}

/// Whether one field can hold the values of another.
fn holds(field: &FieldSchema, source: &FieldSchema) -> bool {
    source.kind == field.kind || (source.kind == FieldType::Integer && field.kind == FieldType::Number)
}
