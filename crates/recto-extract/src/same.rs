//! Whether two values of a field are the same.

use recto_domain::{FieldSchema, FieldType};
use recto_values::fold;
use serde_json::Value;

/// Texts with at least this similarity are the same text, with recognition errors.
const ALIKE: f64 = 0.85;
/// Shorter texts must be equal: one error may turn one value into another.
const FEW_CHARS: usize = 6;

/// Whether a found value of a field equals the known one. Numbers are compared to the hundredth of a cent. Texts are
/// compared without case, spaces and punctuation, and with a few recognition errors. Lists are compared row by row in
/// the known columns.
#[must_use]
pub fn is_same(schema: &FieldSchema, known: &Value, found: &Value) -> bool {
    if known.is_null() || found.is_null() {
        return known.is_null() && found.is_null();
    }
    match schema.kind {
        FieldType::Number | FieldType::Integer => match (known.as_f64(), found.as_f64()) {
            (Some(known), Some(found)) => (known - found).abs() < 1e-4,
            _ => false,
        },
        FieldType::String => is_alike(&plain(known), &plain(found)),
        FieldType::Date | FieldType::Boolean => known == found,
        FieldType::Array => match (known.as_array(), found.as_array(), &schema.items) {
            (Some(known), Some(found), Some(items)) => {
                known.len() == found.len() && known.iter().zip(found).all(|(known, found)| is_same(items, known, found))
            }
            _ => known == found,
        },
        FieldType::Object => schema.properties.iter().all(|property| {
            let found = found.get(&property.name).unwrap_or(&Value::Null);
            known.get(&property.name).is_none_or(|known| is_same(property, known, found))
        }),
    }
}

/// The number of cells of a known table that were found in their rows; 0 for other values.
pub(crate) fn agreeing(schema: &FieldSchema, known: &Value, found: &Value) -> usize {
    let (Some(known), Some(found), Some(items)) = (known.as_array(), found.as_array(), &schema.items) else { return 0 };
    let agree = |known: &Value, found: &Value| {
        let of = |name: &str| known_cell(known, name).zip(found.get(name));
        let same =
            |property: &&FieldSchema| of(&property.name).is_some_and(|(known, found)| is_same(property, known, found));
        items.properties.iter().filter(same).count()
    };
    known.iter().zip(found).map(|(known, found)| agree(known, found)).sum()
}

fn known_cell<'a>(row: &'a Value, name: &str) -> Option<&'a Value> {
    row.get(name).filter(|value| !value.is_null())
}

/// Whether two plain texts are the same.
pub(crate) fn is_alike(known: &str, found: &str) -> bool {
    known == found
        || (known.chars().count() >= FEW_CHARS
            && has_as_many_figures(known, found)
            && strsim::normalized_levenshtein(known, found) >= ALIKE)
}

/// A code with other digits is another code.
fn has_as_many_figures(known: &str, found: &str) -> bool {
    let figures = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (known_figures, found_figures) = (figures(known), figures(found));
    // In a text of words, recognition may read a letter as a digit.
    known_figures == found_figures || known_figures.len() * 4 < known.len()
}

/// The folded letters and digits of a value.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => letters(text),
        other => letters(&other.to_string()),
    }
}

/// The folded letters and digits of a text.
pub(crate) fn letters(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}
