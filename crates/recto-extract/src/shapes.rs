//! Values recognised by their shape: codes, account and tax numbers, e-mail and web addresses, texts.

use std::sync::LazyLock;

use recto_domain::{FieldSchema, FieldType};
use recto_values::amount::{self, DecimalMark};
use recto_values::date;
use recto_values::figures::plain;
use regex::Regex;
use serde_json::Value;

use crate::candidate::{Candidate, Origin, number};
use crate::check_digits::is_iban;
use crate::concept::{Concept, Kind};
use crate::labels::{self, Label};
use crate::matches::row_text;
use crate::sheet::Sheet;
use crate::text_blocks::is_label;

/// The probability of a value that occurs somewhere on the page and fits the schema.
const ANYWHERE: f32 = 0.6;
/// The most digits in a group of a number …
const MAX_GROUP: usize = 8;
/// … and the fewest digits of a number printed in groups.
const LEAST_FIGURES: usize = 7;
/// The fewest digits of a number whose groups have capitals too.
const LEAST_FIGURES_BESIDE_CAPITALS: usize = 4;
/// The most capitals in a group of a code.
const MAX_CAPITALS: usize = 4;
/// The most groups of a code with capitals.
const MAX_GROUPS: usize = 8;
/// The probability that a word of capitals is a code.
const CAPITALS: f32 = 0.7;

/// The values of a kind among words, from left to right.
pub(crate) fn values(sheet: &Sheet, first: usize, end: usize, kind: Kind) -> Vec<Candidate> {
    match kind {
        Kind::Code => codes(sheet, first, end),
        Kind::Vat | Kind::Iban | Kind::Bic | Kind::Email | Kind::Url | Kind::Phone | Kind::Time => {
            shaped(sheet, first, end, kind)
        }
        Kind::Text | Kind::Party | Kind::Address => texts(sheet, first, end),
        _ => Vec::new(),
    }
}

/// The rest of a label's last word: `Nummer:82`.
pub(crate) fn inside_word(sheet: &Sheet, label: &Label, kind: Kind) -> Option<Candidate> {
    if !matches!(kind, Kind::Code | Kind::Text | Kind::Vat) {
        return None;
    }
    let rest = sheet.words[label.end - 1].text.get(label.end_byte..)?;
    let value = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '#').trim_end_matches(['.', ',', ';']);
    let has_figures = value.chars().any(|c| c.is_ascii_digit());
    (has_figures && value.chars().count() >= 2).then(|| {
        let code = Value::String(value.trim_start_matches('#').to_owned());
        Candidate::new(code, Some(value.to_owned()), vec![(label.end - 1, label.end)], 0.9)
    })
}

/// Words with digits that are neither dates nor money.
fn codes(sheet: &Sheet, first: usize, end: usize) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut next = first;
    for at in first..end {
        if at > first && is_other_key(sheet, first, at) {
            break;
        }
        if at < next {
            continue;
        }
        let word = &sheet.words[at];
        // A code in the digits of another script is the same number.
        let text: String = word.text.chars().map(plain).collect();
        let value = text
            .trim_start_matches(|c: char| !c.is_alphanumeric())
            .trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')' && c != '/');
        let value = if value.contains('(') { value } else { value.trim_end_matches(')') };
        let figures = value.chars().filter(char::is_ascii_digit).count();
        let is_time = value.contains(':') && figures >= 3;
        let is_day = date::first(value, date::DayOrder::DayMonthYear).is_some()
            && !value.chars().any(char::is_alphabetic)
            && value.contains(['.', '/', '-']);
        let is_money = amount::read(&word.text, DecimalMark::Point)
            .is_some_and(|amount| amount.decimals == 2 || amount.is_percent || amount.currency.is_some());
        if figures == 0 || is_time || is_day || is_money {
            continue;
        }
        let length = if value.chars().count() >= 3 { 0.95 } else { 0.6 };
        let end_of_code = end_of_groups(sheet, at, end);
        next = end_of_code;
        let value = if end_of_code > at + 1 { sheet.text(at, end_of_code) } else { value.to_owned() };
        let lead = lead_of_code(sheet, first, at, end_of_code);
        let (at, value) = lead.map_or((at, value.clone()), |(lead, text)| (lead, format!("{text} {value}")));
        // Words between a label and its value make it less likely.
        let between =
            (first..at).filter(|w| sheet.words[*w].text.chars().filter(|c| c.is_alphabetic()).count() > 2).count();
        let seen = sheet.legibility(at, end_of_code);
        let score = length * seen * (1.0 - 0.3 * between.min(3) as f32);
        found.push(Candidate::printed(sheet, at, end_of_code, Value::String(value), score));
    }
    found
}

/// Whether a cell with the label of something else, at least two words without digits, ends before a word. The cell in
/// which the search begins is the label's own.
fn is_other_key(sheet: &Sheet, first: usize, at: usize) -> bool {
    let before = &sheet.cells[sheet.words[at - 1].cell];
    let words = &sheet.words[before.first.max(first)..before.end];
    let has_letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let has_figures = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    before.end == at
        && before.first > first
        && words.iter().filter(|word| has_letters(&word.text)).count() >= 2
        && !words.iter().any(|word| has_figures(&word.text))
}

/// A code of capitals, as the only word of the first cell: `Contract code: XZ`.
pub(crate) fn capitals(sheet: &Sheet, first: usize, end: usize) -> Option<Candidate> {
    let cell = &sheet.cells[sheet.words.get(first).filter(|_| first < end)?.cell];
    let text = sheet.words[first].text.as_str();
    let is_short = (2..=8).contains(&text.chars().count()) && text.chars().all(|c| c.is_ascii_uppercase());
    let is_alone = cell.end == first + 1 && !is_label(text);
    let score = CAPITALS * sheet.legibility(first, first + 1);
    (is_short && is_alone).then(|| Candidate::printed(sheet, first, first + 1, Value::String(text.to_owned()), score))
}

/// The end of a number printed in groups up to the end of its cell: `418 739 207 00029`, or `27 40 91 D`.
fn end_of_groups(sheet: &Sheet, at: usize, end: usize) -> usize {
    let end = end.min(sheet.cells[sheet.words[at].cell].end).max(at + 1);
    let groups: Vec<&str> = sheet.words[at..end].iter().map(|word| word.text.as_str()).collect();
    let is_figures = |text: &&str| (1..=MAX_GROUP).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let is_capitals = |text: &&str| {
        (1..=MAX_CAPITALS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase()) && !is_label(text)
    };
    let figures: usize = groups.iter().filter(|text| is_figures(text)).map(|text| text.len()).sum();
    let capitals = groups.iter().filter(|text| is_capitals(text)).count();
    let single = groups.iter().filter(|text| text.len() == 1).count();
    // `300 KG` is a number with its unit.
    let ends_in_unit = groups.last().is_some_and(|text| is_capitals(text) && text.len() > 1);
    let is_number = groups.iter().all(|text| is_figures(text) || is_capitals(text))
        && if capitals == 0 {
            groups.len() >= 2 + single && figures >= LEAST_FIGURES
        } else {
            groups.len() <= MAX_GROUPS && figures >= LEAST_FIGURES_BESIDE_CAPITALS && !ends_in_unit
        };
    if is_number { end } else { at + 1 }
}

/// The leading capitals of a code as a separate word, with nothing else in the cell: `XZ 9147589652`.
fn lead_of_code(sheet: &Sheet, first: usize, at: usize, end: usize) -> Option<(usize, &str)> {
    let lead = at.checked_sub(1).filter(|lead| *lead >= first)?;
    let (word, cell) = (&sheet.words[lead], &sheet.cells[sheet.words[at].cell]);
    let is_in_groups = lead == first && end > at + 1;
    let is_whole = word.cell == sheet.words[at].cell && (cell.first == lead || is_in_groups) && cell.end == end;
    let is_short = (1..=MAX_CAPITALS).contains(&word.text.chars().count()) && word.text.chars().all(char::is_uppercase);
    (is_whole && is_short && !is_label(&word.text)).then_some((lead, word.text.as_str()))
}

/// The rest of a cell, then the following cells.
fn texts(sheet: &Sheet, first: usize, end: usize) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut at = first;
    while at < end {
        let cell = sheet.words[at].cell;
        let stop = (at..end).find(|word| sheet.words[*word].cell != cell).unwrap_or(end);
        let text = sheet.text(at, stop);
        let value = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | '|' | '*' | '=' | '#'));
        if value.chars().any(char::is_alphanumeric) {
            let seen = 0.5 + 0.4 * sheet.confidence(at, stop);
            found.push(Candidate::printed(sheet, at, stop, Value::String(value.to_owned()), seen));
        }
        at = stop;
    }
    found
}

static SHAPES: LazyLock<Vec<(Kind, Regex)>> = LazyLock::new(|| {
    [
        (Kind::Iban, r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        (Kind::Bic, r"\b[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\b"),
        (Kind::Email, r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.?[A-Za-z]{2,}"),
        (Kind::Url, r"(?:https?://[^\s,;]+|www\.[^\s,;]+|\b[a-z0-9-]+\.(?:com|de|net|org|fr|es|co\.uk|eu|my|th|at|ch)\b(?:/[^\s,;]*)?)"),
        (Kind::Phone, r"\+?\(?\d[\d ()/.\-]{5,18}\d"),
        (Kind::Time, r"\b\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?\b"),
        (Kind::Vat, r"\b(?:(?:AT ?U|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK) ?[A-Z0-9]{0,2}(?: ?\d{2,4}){2,4}[A-Z0-9]{0,3}|CHE-?\d{3}\.?\d{3}\.?\d{3}|\d{2}[A-Z]{5}\d{4}[A-Z]\d?Z?[A-Z0-9]?|\d{2}-\d{7}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}|\d{2,3}/\d{3}/\d{4,5}|\d-\d{4}-\d{5}-\d{2}-\d|\d{3}\.\d{3}\.\d{3}-\d{2}|\d{3}-\d{3}-\d{2}-\d{2}|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]|[A-Z]-?\d{8}|\d{8}-?[A-Z]|\d{9,15})\b"),
    ]
    .into_iter()
    .map(|(kind, pattern)| (kind, Regex::new(pattern).expect("a static pattern compiles")))
    .collect()
});

/// The words that match the shape of a kind.
fn shaped(sheet: &Sheet, first: usize, end: usize, kind: Kind) -> Vec<Candidate> {
    let Some((_, pattern)) = SHAPES.iter().find(|(k, _)| *k == kind) else { return Vec::new() };
    let (text, starts) = row_text(sheet, first, end);
    pattern
        .find_iter(&text)
        .map(|found| {
            let from = first + starts.partition_point(|start| *start <= found.start()) - 1;
            let to = first + starts.partition_point(|start| *start < found.end());
            let value = match kind {
                Kind::Iban | Kind::Bic | Kind::Vat => found.as_str().replace(' ', ""),
                _ => found.as_str().trim().to_owned(),
            };
            // A company may have a local tax number besides the one for other countries.
            let is_local = kind == Kind::Vat && value.contains(['/', '-']) && !value.starts_with(char::is_alphabetic);
            let sound = match kind {
                Kind::Iban if !is_iban(&value) => 0.7,
                _ if is_local => 0.8,
                _ => 0.97,
            };
            let seen = sheet.legibility(from, to);
            let printed = Candidate::printed(sheet, from, to, Value::String(value), sound * seen);
            Candidate { raw: Some(found.as_str().to_owned()), ..printed }
        })
        .collect()
}

/// Values whose shape is rare enough to identify them without a label. A label of the concept in the row makes them
/// certain; one of another party makes them unlikely.
pub(crate) fn by_shape(sheet: &Sheet, kind: Kind, labels: &[Label], concept: Option<Concept>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (index, row) in sheet.rows.iter().enumerate() {
        for candidate in shaped(sheet, row.first, row.end, kind) {
            let Some(&(first, _)) = candidate.words.first() else { continue };
            let before = labels::in_row(labels, index).filter(|label| label.first <= first).max_by_key(|l| l.first);
            let strength = before.and_then(|label| concept.and_then(|concept| label.strength(concept)));
            let other = before.is_some_and(|label| strength.is_none() && label.meanings.iter().all(|m| !m.is_weak));
            // Bare digits are a tax number only after its label, and capitals a bank code only after its label.
            let text = candidate.value.as_str().unwrap_or_default();
            let has_country = text.chars().take_while(char::is_ascii_alphabetic).count() >= 2;
            let needs_label = kind == Kind::Bic || (kind == Kind::Vat && !has_country);
            let by = match (strength, other, needs_label) {
                (Some(strength), _, _) => 0.6 + 0.4 * strength,
                (None, _, true) => continue,
                (None, true, _) => 0.35,
                (None, false, _) => 0.7,
            };
            let origin = match (before, strength) {
                (Some(label), Some(_)) => label.beside(),
                _ => Origin::Shape,
            };
            found.push(Candidate { score: candidate.score * by, ..candidate }.from(origin));
        }
    }
    found
}

/// Whether the schema, whose pattern this is, allows a value.
pub(crate) fn is_allowed(schema: &FieldSchema, pattern: Option<&Regex>, candidate: &Candidate) -> bool {
    let matches_pattern = pattern.is_none_or(|pattern| match &candidate.value {
        Value::String(text) => pattern.is_match(text),
        other => pattern.is_match(&other.to_string()),
    });
    let is_listed = schema.allowed.is_empty() || schema.allowed.contains(&candidate.value);
    matches_pattern && is_listed
}

/// The words anywhere that match the schema's pattern or are one of its listed values; used when no label leads to a
/// value.
pub(crate) fn anywhere(sheet: &Sheet, schema: &FieldSchema, pattern: Option<&Regex>) -> Vec<Candidate> {
    if schema.kind != FieldType::String {
        return Vec::new();
    }
    let folded = |text: &str| text.split_whitespace().map(bare).collect::<Vec<String>>();
    let listed: Vec<(&Value, Vec<String>)> =
        schema.allowed.iter().filter_map(|value| Some((value, folded(value.as_str()?)))).collect();
    let mut found = Vec::new();
    for row in &sheet.rows {
        let words: Vec<String> = sheet.words[row.first..row.end].iter().map(|word| bare(&word.text)).collect();
        for (at, word) in (row.first..row.end).zip(&sheet.words[row.first..row.end]) {
            if listed.is_empty() && pattern.is_some_and(|pattern| pattern.is_match(&word.text)) {
                let value = Value::String(word.text.clone());
                found.push(Candidate::printed(sheet, at, at + 1, value, ANYWHERE));
            }
            for (value, phrase) in &listed {
                if !phrase.is_empty() && words[at - row.first..].starts_with(phrase) {
                    let end = at + phrase.len();
                    found.push(Candidate::printed(sheet, at, end, (*value).clone(), ANYWHERE));
                }
            }
        }
    }
    found
}

/// A folded word without the punctuation around it.
fn bare(word: &str) -> String {
    recto_values::fold(word).trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// A value in the type of its field; `None` if it cannot have that type. Numbers in texts are read with the given
/// decimal separator.
pub(crate) fn typed(kind: FieldType, candidate: Candidate, mark: DecimalMark) -> Option<Candidate> {
    let value = match (kind, candidate.value) {
        (FieldType::Integer, Value::Number(number)) => {
            let whole = number.as_i64().or_else(|| number.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64))?;
            Value::Number(whole.into())
        }
        (FieldType::Integer, Value::String(text)) => Value::Number(text.parse::<i64>().ok()?.into()),
        (FieldType::Number, Value::String(text)) => number(amount::read(&text, mark)?.value),
        (FieldType::String, Value::Number(number)) => {
            Value::String(candidate.raw.clone().unwrap_or_else(|| number.to_string()))
        }
        (FieldType::Boolean, Value::String(text)) => Value::Bool(truth(&text)?),
        (_, value) => value,
    };
    Some(Candidate { value, ..candidate })
}

/// The boolean value of a word.
fn truth(text: &str) -> Option<bool> {
    match recto_values::fold(text).as_str() {
        "yes" | "y" | "true" | "x" | "☒" | "☑" | "✓" | "✔" | "ja" | "oui" | "si" | "ใช่" => Some(true),
        "no" | "n" | "false" | "☐" | "nein" | "non" | "ไม่" | "ไม่ใช่" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::tests::page;

    fn found(line: &str, kind: Kind) -> Vec<String> {
        let sheet = Sheet::of(&[page(&[line])]);
        values(&sheet, 0, sheet.words.len(), kind).iter().filter_map(|c| Some(c.value.as_str()?.to_owned())).collect()
    }

    #[test]
    fn values_are_known_by_their_shape() {
        assert_eq!(found("IBAN DE88 2008 0000 0970 3757 00", Kind::Iban), ["DE88200800000970375700"]);
        assert_eq!(found("USt-ID: DE136695976", Kind::Vat), ["DE136695976"]);
        assert_eq!(found("VAT DE 232 446 240", Kind::Vat), ["DE232446240"]);
        assert_eq!(found("Mail: info@example.org today", Kind::Email), ["info@example.org"]);
        assert_eq!(found("at 16:40 or 4:40 PM", Kind::Time), ["16:40", "4:40 PM"]);
        assert_eq!(found("# ; OR18031402160311 14-03-2018 16:40 5.00", Kind::Code), ["OR18031402160311"]);
    }
}
