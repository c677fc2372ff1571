//! Column headings suggested by known rows.

use recto_domain::{FieldSchema, Rect};
use serde_json::{Map, Value, json};

use super::place::{can_be_label, places};
use super::suggest::Known;
use crate::label_key::key_of;
use crate::sheet::Sheet;

/// The number of rows above a table's first item that may contain its headings.
const ROWS_ABOVE: usize = 6;

/// Hints with the column headings: of all columns, and of each by itself.
pub(super) fn suggestions(field: &FieldSchema, known: &[Known<'_>]) -> Vec<Value> {
    let Some(items) = field.items.as_deref().filter(|items| !items.properties.is_empty()) else { return Vec::new() };
    let mut columns: Map<String, Value> = Map::new();
    for known in known {
        for (property, head) in heads(&items.properties, known) {
            let heads = columns.entry(property).or_insert_with(|| json!([]));
            if let Value::Array(heads) = heads
                && !heads.iter().filter_map(Value::as_str).any(|other| key_of(other) == key_of(&head))
            {
                heads.push(Value::String(head));
            }
        }
    }
    let mut all = vec![json!({"columns": columns})];
    if columns.len() > 1 {
        all.extend(columns.iter().map(|(property, heads)| json!({"columns": {property: heads}})));
    }
    if columns.is_empty() { Vec::new() } else { all }
}

/// The heading above each property's column, from the row above the first item that has most of them.
fn heads(properties: &[FieldSchema], known: &Known<'_>) -> Vec<(String, String)> {
    let Known { sheet, matches, value, .. } = known;
    let rows: Vec<&Map<String, Value>> = value.as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    let Some(first) = rows.first() else { return Vec::new() };
    // Where the first row's values are close together: a number may occur elsewhere too.
    let values: Vec<(&FieldSchema, Vec<(usize, Rect)>)> = properties
        .iter()
        .filter_map(|property| Some((property, first.get(&property.name)?)))
        .map(|(property, value)| {
            let places = places(sheet, matches, property.kind, value);
            let at = |place: super::place::KnownPlace| (sheet.words[place.first].row, place.bbox);
            (property, places.into_iter().map(at).collect())
        })
        .collect();
    let mut candidates: Vec<usize> = values.iter().flat_map(|(_, places)| places.iter().map(|(row, _)| *row)).collect();
    candidates.sort_unstable();
    let together = |row: usize| values.iter().filter(|(_, places)| places.iter().any(|(at, _)| *at == row)).count();
    let Some(row) = candidates.into_iter().rev().max_by_key(|row| together(*row)) else { return Vec::new() };
    let cells: Vec<(&str, Rect)> = values
        .iter()
        .filter_map(|(property, places)| {
            let (_, bbox) = places.iter().find(|(at, _)| *at == row)?;
            Some((property.name.as_str(), *bbox))
        })
        .collect();
    let above = (row.saturating_sub(ROWS_ABOVE)..row).rev();
    let same_page = above.take_while(|index| sheet.rows[*index].page == sheet.rows[row].page);
    let heads = same_page.map(|index| {
        let named = cells.iter().filter_map(|(name, bbox)| Some(((*name).to_owned(), head_over(sheet, index, bbox)?)));
        named.collect::<Vec<(String, String)>>()
    });
    // The nearest one of equals.
    heads.reduce(|best, next| if next.len() > best.len() { next } else { best }).unwrap_or_default()
}

/// The words of a row that are above a value.
fn head_over(sheet: &Sheet, row: usize, value: &Rect) -> Option<String> {
    let row = &sheet.rows[row];
    let is_over = |bbox: &Rect| bbox.x < value.right() && bbox.right() > value.x;
    let over: Vec<usize> = (row.first..row.end).filter(|word| is_over(&sheet.words[*word].bbox)).collect();
    let (first, last) = (over.first()?, over.last()?);
    // A heading of several words may be wider than its values; the words of a single cell belong together.
    let cell = &sheet.cells[sheet.words[*first].cell];
    let is_one_cell = sheet.words[*last].cell == sheet.words[*first].cell;
    let is_wide = cell.bbox.width > 2.0 * value.width.max(sheet.bbox(*first, *last + 1).width);
    let text = if is_one_cell && !is_wide { sheet.cell_text(cell) } else { sheet.text(*first, *last + 1) };
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '#').to_owned();
    can_be_label(&text).then_some(text)
}
