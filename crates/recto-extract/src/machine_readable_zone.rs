//! The machine-readable zone of passports, identity cards and visas (ICAO Doc 9303). With it, the other lines of the
//! document need not be understood.

use mrz::MrzData;
use serde_json::Value;

use crate::candidate::{Candidate, Origin};
use crate::concept::Concept;
use crate::sheet::{Row, Sheet};

/// The shortest line, in characters. Lines of a zone have at least thirty, of which recognition may lose some.
const SHORTEST: usize = 24;
/// The probability of an entry that a check digit confirms.
const CHECKED: f32 = 0.98;
/// The probability of a name, which has no check digit, in a zone whose other entries are all confirmed …
const IN_SOUND_ZONE: f32 = 0.93;
/// … and in any other zone.
const IN_DOUBTFUL_ZONE: f32 = 0.55;

/// The entries of a document's zone; empty if it has none.
pub(crate) fn find(sheet: &Sheet) -> Vec<(Concept, Candidate)> {
    let rows: Vec<&Row> = sheet.rows.iter().filter(|row| is_of_zone(&joined(sheet, row))).collect();
    if rows.len() < 2 {
        return Vec::new();
    }
    let lines: Vec<String> = rows.iter().map(|row| joined(sheet, row)).collect();
    let Ok(zone) = mrz::find_and_parse(&lines.join("\n")) else { return Vec::new() };
    let words: Vec<(usize, usize)> = rows.iter().map(|row| (row.first, row.end)).collect();
    told(&zone)
        .into_iter()
        .filter(|(_, text, score)| !text.is_empty() && *score > 0.0)
        .map(|(concept, text, score)| {
            let raw = Some(lines.join("\n"));
            let candidate = Candidate::new(Value::String(text), raw, words.clone(), score).from(Origin::Shape);
            (concept, candidate)
        })
        .collect()
}

/// The entries of a zone, each with its probability.
fn told(zone: &MrzData) -> Vec<(Concept, String, f32)> {
    let checked = |check: Option<bool>| if check == Some(true) { CHECKED } else { 0.0 };
    let name = if zone.valid() { IN_SOUND_ZONE } else { IN_DOUBTFUL_ZONE };
    let day = |date: mrz::MrzDate| date.calendar().map(|_| date.to_string()).unwrap_or_default();
    vec![
        (Concept::LastName, zone.surname.clone(), name),
        (Concept::FirstName, zone.given_names.clone(), name),
        (Concept::DateOfBirth, day(zone.date_of_birth), checked(zone.checks.date_of_birth)),
        (Concept::ExpiryDate, day(zone.date_of_expiry), checked(zone.checks.date_of_expiry)),
        (Concept::DocumentNumber, zone.full_document_number().to_owned(), checked(zone.checks.document_number)),
    ]
}

/// A row without spaces, which may seem to exist between the wide letters of a zone.
fn joined(sheet: &Sheet, row: &Row) -> String {
    let words = &sheet.words[row.first..row.end];
    words.iter().map(|word| word.text.replace(['«', '‹'], "<")).collect()
}

fn is_of_zone(line: &str) -> bool {
    let allowed = line.chars().filter(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '<').count();
    let length = line.chars().count();
    length >= SHORTEST && line.contains('<') && 10 * allowed >= 9 * length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::tests::page;

    /// The specimens of ICAO Doc 9303, parts 4 and 5.
    const PASSPORT: [&str; 2] =
        ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
    const CARD: [&str; 3] =
        ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];

    fn values(lines: &[&str]) -> Vec<(Concept, String)> {
        let found = find(&Sheet::of(&[page(lines)]));
        found.into_iter().filter_map(|(concept, found)| Some((concept, found.value.as_str()?.to_owned()))).collect()
    }

    fn expected(number: &str) -> Vec<(Concept, String)> {
        [
            (Concept::LastName, "ERIKSSON"),
            (Concept::FirstName, "ANNA MARIA"),
            (Concept::DateOfBirth, "1974-08-12"),
            (Concept::ExpiryDate, "2012-04-15"),
            (Concept::DocumentNumber, number),
        ]
        .map(|(concept, value)| (concept, value.to_owned()))
        .to_vec()
    }

    #[test]
    fn passports_and_cards_tell_whose_they_are() {
        assert_eq!(values(&[&["PASSPORT  UTOPIA"], &PASSPORT[..]].concat()), expected("L898902C3"));
        assert_eq!(values(&CARD), expected("D23145890"));
    }

    #[test]
    fn what_a_check_digit_refutes_is_not_told() {
        let misread = PASSPORT[1].replace("740812", "740813");
        let told = values(&[PASSPORT[0], &misread]);
        assert!(!told.iter().any(|(concept, _)| *concept == Concept::DateOfBirth), "{told:?}");
        assert!(told.contains(&(Concept::DocumentNumber, "L898902C3".to_owned())), "{told:?}");
    }

    #[test]
    fn other_lines_are_no_zone() {
        assert_eq!(values(&["if a < b && b < c then a < c holds here", "IBAN DE88 2008 0000 0970 3757 00 <"]), []);
    }
}
