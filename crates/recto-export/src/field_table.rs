//! Fields in columns, for the formats with one row per document: CSV and XLSX.

use recto_domain::{Field, FinishedDocument};
use serde_json::{Map, Value};

/// The columns for the fields of a batch, besides those that every document has.
pub(crate) struct FieldTable {
    /// One column per field name, in the template's order; fields of further templates follow in order of appearance.
    pub(crate) columns: Vec<Column>,
    /// The members of line items, in order of appearance.
    pub(crate) item_columns: Vec<String>,
}

/// The column of the field with that name.
pub(crate) struct Column {
    pub(crate) name: String,
    /// Whether all its values are lists of objects, so that the column is empty if these have rows of their own.
    pub(crate) only_items: bool,
}

/// An object in a list, such as a line of an invoice.
pub(crate) struct Item<'a> {
    pub(crate) document: &'a FinishedDocument,
    pub(crate) field: &'a Field,
    pub(crate) members: &'a Map<String, Value>,
}

impl FieldTable {
    /// The columns of some documents; `None` when no document has a template.
    pub(crate) fn of(documents: &[FinishedDocument]) -> Option<Self> {
        documents.iter().find(|document| document.fields.is_some())?;
        let mut table = Self { columns: Vec::new(), item_columns: Vec::new() };
        for field in documents.iter().flat_map(fields) {
            if !table.columns.iter().any(|column| column.name == field.name) {
                table.columns.push(Column { name: field.name.clone(), only_items: false });
            }
            for name in if is_list_of_objects(field) { field.columns() } else { Vec::new() } {
                if !table.item_columns.iter().any(|known| known == name) {
                    table.item_columns.push(name.to_owned());
                }
            }
        }
        for column in &mut table.columns {
            let values = || documents.iter().filter_map(|document| field_named(document, &column.name));
            column.only_items = values().any(is_list_of_objects)
                && values().all(|field| field.value.is_null() || is_list_of_objects(field));
        }
        Some(table)
    }
}

/// The document's fields; none if it has no template.
pub(crate) fn fields(document: &FinishedDocument) -> impl Iterator<Item = &Field> {
    document.fields.iter().flatten()
}

/// The document's field with that name.
pub(crate) fn field_named<'a>(document: &'a FinishedDocument, name: &str) -> Option<&'a Field> {
    fields(document).find(|field| field.name == name)
}

/// Whether a field's value is a list that contains only objects.
pub(crate) fn is_list_of_objects(field: &Field) -> bool {
    field.value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_object))
}

/// The objects of all lists of objects, document by document.
pub(crate) fn items(documents: &[FinishedDocument]) -> impl Iterator<Item = Item<'_>> {
    documents.iter().flat_map(|document| {
        fields(document).filter(|field| is_list_of_objects(field)).flat_map(move |field| {
            let objects = field.value.as_array().into_iter().flatten().filter_map(Value::as_object);
            objects.map(move |members| Item { document, field, members })
        })
    })
}

/// A value in a cell: text as it is, composite values as compact JSON, nothing for null.
pub(crate) fn cell_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
