//! Fields as people read them: in DOCX, HTML and Markdown.

use recto_domain::Field;
use serde_json::{Map, Value};

use crate::field_table::is_list_of_objects;

/// Stands for a missing value of a field or of a line item.
pub(crate) const NOTHING: &str = "—";

/// The presentation of a document's fields: a table of names and values, and a table for each list of objects.
pub(crate) struct FieldView<'a> {
    pub(crate) rows: Vec<FieldRow<'a>>,
    pub(crate) lists: Vec<ItemList<'a>>,
}

/// A field as a row.
pub(crate) struct FieldRow<'a> {
    pub(crate) field: &'a Field,
    /// The value; [`NOTHING`] if there is none.
    pub(crate) value: String,
    /// Its confidence and page: `97 %, page 2`, `corrected`.
    pub(crate) remark: String,
}

/// A list of objects as a table.
pub(crate) struct ItemList<'a> {
    /// The field.
    pub(crate) name: &'a str,
    pub(crate) columns: Vec<&'a str>,
    /// One cell per column.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A cell of a list.
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Numbers are aligned at their ends.
    pub(crate) is_number: bool,
}

impl<'a> FieldView<'a> {
    pub(crate) fn of(fields: &'a [Field]) -> Self {
        let rows = fields.iter().map(|field| FieldRow { field, value: value_text(field), remark: remark(field) });
        let lists = fields.iter().filter(|field| is_list_of_objects(field)).map(ItemList::of);
        Self { rows: rows.collect(), lists: lists.collect() }
    }
}

impl<'a> ItemList<'a> {
    fn of(field: &'a Field) -> Self {
        let columns = field.columns();
        let cell = |object: &Map<String, Value>, column: &&str| {
            let value = object.get(*column).unwrap_or(&Value::Null);
            Cell { text: shown(value), is_number: value.is_number() }
        };
        let objects = field.value.as_array().into_iter().flatten().filter_map(Value::as_object);
        let rows = objects.map(|object| columns.iter().map(|column| cell(object, column)).collect()).collect();
        Self { name: &field.name, columns, rows }
    }

    /// Whether the values of a column are numbers.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        let mut cells =
            self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| cell.text != NOTHING).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.is_number)
    }
}

fn value_text(field: &Field) -> String {
    match &field.value {
        Value::Array(list) if is_list_of_objects(field) => {
            let rows = list.len();
            format!("{rows} row{}, below", if rows == 1 { "" } else { "s" })
        }
        value => shown(value),
    }
}

/// A value in words: lists with commas, objects as `name: value`.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => NOTHING.to_owned(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            members.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect::<Vec<_>>().join(", ")
        }
    }
}

fn remark(field: &Field) -> String {
    let sure = match field.confidence {
        _ if field.corrected => Some("corrected".to_owned()),
        Some(confidence) => Some(percent(confidence)),
        None => None,
    };
    let page = field.page.map(|page| format!("page {page}"));
    sure.into_iter().chain(page).collect::<Vec<_>>().join(", ")
}

/// A confidence in whole percent.
pub(crate) fn percent(confidence: f32) -> String {
    format!("{:.0} %", f64::from(confidence).clamp(0.0, 1.0) * 100.0)
}
