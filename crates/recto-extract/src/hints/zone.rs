//! The content of a zone of a page, and the place of a known value.

use recto_domain::FieldType;
use rust_decimal::Decimal;
use serde_json::Value;

use super::place::Zone;
use super::told;
use crate::candidate::{Candidate, number};
use crate::label_key::key_of;
use crate::labels;
use crate::matches::Matches;
use crate::shapes;
use crate::sheet::Sheet;

/// The scores of a constant that is also printed, and of one that is not.
const PRINTED: f32 = 0.9;
const UNPRINTED: f32 = 0.7;

/// The values of a type whose centre lies in a zone, in reading order. For a text, everything in the zone.
pub(crate) fn values(sheet: &Sheet, matches: &Matches, zone: &Zone, kind: FieldType) -> Vec<Candidate> {
    let score = |first: usize, end: usize| told(sheet.confidence(first, end));
    let found: Vec<Candidate> = match kind {
        FieldType::Number | FieldType::Integer => {
            let inside = matches.amounts.iter().filter(|find| zone.holds(sheet, (find.first, find.end)));
            let read = |first, end, value| Candidate::printed(sheet, first, end, number(value), score(first, end));
            inside.map(|find| read(find.first, find.end, find.amount.value)).collect()
        }
        FieldType::Date => {
            let inside = matches.dates.iter().filter(|find| zone.holds(sheet, (find.first, find.end)));
            let read = |first, end, value| Candidate::printed(sheet, first, end, value, score(first, end));
            inside.map(|find| read(find.first, find.end, Value::String(find.date.to_string()))).collect()
        }
        _ => text(sheet, zone).into_iter().collect(),
    };
    found.into_iter().filter_map(|candidate| shapes::typed(kind, candidate, matches.mark)).collect()
}

/// All words whose centre lies in a zone, row by row.
fn text(sheet: &Sheet, zone: &Zone) -> Option<Candidate> {
    let inside: Vec<usize> = (0..sheet.words.len()).filter(|at| zone.holds(sheet, (*at, at + 1))).collect();
    if inside.is_empty() {
        return None;
    }
    let runs = inside.chunk_by(|a, b| a + 1 == *b);
    let words = runs.filter_map(|run| Some((*run.first()?, run.last()? + 1))).collect();
    let text = inside.iter().map(|at| sheet.words[*at].text.as_str()).collect::<Vec<_>>().join(" ");
    let confidence = inside.iter().map(|at| sheet.words[*at].confidence).sum::<f32>() / inside.len() as f32;
    Some(Candidate::new(Value::String(text.clone()), Some(text), words, told(confidence)))
}

/// A known value, at the first place where it is printed.
pub(crate) fn constant(sheet: &Sheet, matches: &Matches, kind: FieldType, value: &Value) -> Candidate {
    let place = match (kind, value) {
        (FieldType::Number | FieldType::Integer, Value::Number(number)) => {
            let wanted = number.to_string().parse::<Decimal>().ok();
            let find = matches.amounts.iter().find(|find| Some(find.amount.value) == wanted);
            find.map(|find| (find.first, find.end))
        }
        (FieldType::Date, Value::String(day)) => {
            let find = matches.dates.iter().find(|find| find.date.to_string() == *day);
            find.map(|find| (find.first, find.end))
        }
        (FieldType::String, Value::String(text)) => labels::exact_place_of(sheet, &sheet.rows, &key_of(text)),
        _ => None,
    };
    match place {
        Some((first, end)) => Candidate::printed(sheet, first, end, value.clone(), PRINTED),
        None => Candidate::new(value.clone(), None, Vec::new(), UNPRINTED),
    }
}
