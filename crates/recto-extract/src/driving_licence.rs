//! Driving licences, whose fields have numbers instead of names.

use recto_values::words::{LINES, plain};

use crate::concept::Concept;
use crate::labels::Label;
use crate::lexicon::Meaning;
use crate::sheet::Sheet;

/// The numbers of fields in Europe (Directive 2006/126/EC, annex I) and in North America (AAMVA DL/ID Card Design
/// Standard).
const NUMBERED: [(&str, Concept); 6] = [
    ("1", Concept::LastName),
    ("2", Concept::FirstName),
    ("3", Concept::DateOfBirth),
    ("4a", Concept::Date),
    ("4b", Concept::ExpiryDate),
    ("4d", Concept::DocumentNumber),
];
/// The number of the licence in Europe. In North America field 5 is something else, and 4d is the licence number.
const EUROPEAN_NUMBER: (&str, Concept) = ("5", Concept::DocumentNumber);
/// The fewest numbered fields that show that numbers are labels.
const FEWEST: usize = 3;

/// The field numbers, as labels; none on a document that is not a driving licence.
pub(crate) fn labels(sheet: &Sheet) -> Vec<Label> {
    let mut labels = numbered(sheet, &NUMBERED);
    let has_number = labels.iter().any(|label| label.strength(Concept::DocumentNumber).is_some());
    if !has_number {
        labels.extend(numbered(sheet, &[EUROPEAN_NUMBER]));
    }
    // Numbers at the start of lines are rarer than rows, and cheaper to check.
    if labels.len() < FEWEST || !is_licence(sheet) { Vec::new() } else { labels }
}

fn is_licence(sheet: &Sheet) -> bool {
    let names_one = |text: String| {
        let text = plain(&text);
        LINES.driving_licences.iter().any(|name| text.contains(name.as_str()))
    };
    sheet.rows.iter().any(|row| names_one(sheet.text(row.first, row.end)))
}

/// The numbers that begin a cell with more words in it.
fn numbered(sheet: &Sheet, numbers: &[(&str, Concept)]) -> Vec<Label> {
    let cells = sheet.cells.iter().filter(|cell| cell.end > cell.first + 1);
    let label = |cell: &crate::sheet::Cell| {
        let text = sheet.words[cell.first].text.to_lowercase();
        let number = text.trim_end_matches(['.', ':', ')']);
        let (_, concept) = numbers.iter().find(|(known, _)| *known == number)?;
        Some(Label {
            row: cell.row,
            first: cell.first,
            end: cell.first + 1,
            end_byte: sheet.words[cell.first].text.len(),
            length: number.len(),
            meanings: vec![Meaning { concept: *concept, is_weak: false }],
            is_exact: true,
            starts_word: true,
            goes_on: false,
        })
    };
    cells.filter_map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::tests::page;

    fn told(lines: &[&str]) -> Vec<(String, Concept)> {
        let sheet = Sheet::of(&[page(lines)]);
        labels(&sheet).iter().map(|label| (sheet.text(label.first, label.end), label.meanings[0].concept)).collect()
    }

    #[test]
    fn the_numbers_of_a_european_licence_are_labels() {
        let lines =
            ["FÜHRERSCHEIN", "1. MUSTERMANN", "2. ERIKA", "3. 12.08.64 BERLIN", "4b. 19.01.2028", "5. B072RRE2I55"];
        let concepts: Vec<Concept> = told(&lines).into_iter().map(|(_, concept)| concept).collect();
        let expected =
            [Concept::LastName, Concept::FirstName, Concept::DateOfBirth, Concept::ExpiryDate, Concept::DocumentNumber];
        assert_eq!(concepts, expected);
    }

    #[test]
    fn the_fifth_field_of_an_american_one_is_not_its_number() {
        let lines = ["DRIVER LICENSE", "1 SAMPLE", "2 JELANI", "4d DLN D12345678", "5 DD 1234567890123456"];
        assert!(told(&lines).iter().all(|(number, _)| number != "5"));
    }

    #[test]
    fn numbers_of_other_papers_label_nothing() {
        assert!(told(&["1. Deliver the goods", "2. Pay in time", "3. Sign here"]).is_empty());
        assert!(told(&["Renewal of a driving licence", "1 form filled in"]).is_empty());
    }
}
