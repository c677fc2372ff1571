//! The meaning of a template's field, derived from the words of its name and description.

use recto_domain::{FieldSchema, FieldType};
use recto_values::words::LINES;

use crate::concept::{Concept, Head, Kind, Side};
use crate::hints::Hints;
use crate::label_key::Gist;
use crate::lexicon::{Entry, LEXICON, words_of};
use crate::terms::{terms, terms_like};

/// A field to find.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldQuery {
    /// Its concept, if the lexicon has it.
    pub(crate) concept: Option<Concept>,
    /// Whether the concept covers the whole name: a total of deposits is more specific than a total.
    pub(crate) is_whole: bool,
    /// The kind of its value.
    pub(crate) kind: Kind,
    /// The party that its name mentions in other words, such as the bank that issued a statement.
    pub(crate) role: Option<Side>,
    /// Whether its value has figures: a weight with its unit.
    pub(crate) has_figures: bool,
    /// The words of its name, folded.
    pub(crate) name: Vec<String>,
    /// Labels made of its own words, without spaces.
    pub(crate) own_labels: Vec<String>,
    /// Labels without the name of the party, without spaces: the tax number in `employer_tax_number`.
    pub(crate) tail_labels: Vec<String>,
    /// The template's hints on where to search.
    pub(crate) hints: Hints,
}

/// The least score of a match between a field and a concept.
const ENOUGH: i32 = 8;
/// The score when the whole name of the field is a name of the concept.
const WHOLE: i32 = 100;

impl FieldQuery {
    /// Determines the meaning of a field. `is_column` says that it is a column of line items.
    pub(crate) fn of(field: &FieldSchema, is_column: bool) -> Self {
        let name = words_of(&field.name);
        let description = words_of(&field.description);
        let fitting = LEXICON.entries().iter().filter(|entry| fits(entry, field, is_column));
        let head = name.last().and_then(|last| LEXICON.head(last));
        let best = fitting
            .map(|entry| (score(entry, &name, &description), entry))
            .filter(|(score, entry)| {
                *score >= WHOLE || *score >= ENOUGH && head.is_none_or(|head| head.allows(entry.kind))
            })
            // The first one of equals: the lexicon lists the more common concept first.
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        let is_whole = best.is_some_and(|(score, _)| score >= WHOLE);
        let is_other = !is_whole && description.is_empty() && is_of_something_else(&name);
        let of_document = [Concept::Date, Concept::InvoiceNumber];
        let best = best.map(|(_, entry)| entry).filter(|entry| !(is_other && of_document.contains(&entry.concept)));
        let kind = match (best.map(|entry| entry.kind), field.format.as_deref()) {
            (_, Some("email")) => Kind::Email,
            (_, Some("uri" | "url")) => Kind::Url,
            (Some(kind), _) => kind,
            (None, _) => match field.kind {
                FieldType::Number => Kind::Amount,
                FieldType::Integer => Kind::Quantity,
                FieldType::Date => Kind::Date,
                FieldType::Array => Kind::Items,
                FieldType::String | FieldType::Boolean | FieldType::Object => guess(&name),
            },
        };
        let concept = best.map(|entry| entry.concept);
        Self {
            concept: concept.map(|concept| if is_whole { concept } else { for_owner(concept, &name) }),
            is_whole,
            role: LEXICON.side_of(&name.concat()).filter(|_| field.kind == FieldType::String && !is_column),
            kind,
            has_figures: head == Some(Head::Measure),
            tail_labels: tail_labels(&name),
            own_labels: own_labels(&name, &description),
            name,
            hints: Hints::default(),
        }
    }
}

/// The concept for the side that the first words of a name tell: the tax number of a holder is not the issuer's.
fn for_owner(concept: Concept, name: &[String]) -> Concept {
    let side = (1..name.len()).rev().find_map(|end| LEXICON.side_named(&name[..end]));
    side.map_or(concept, |side| concept.for_side(side))
}

/// Whether a field of that type can hold the concept.
fn fits(entry: &Entry, field: &FieldSchema, is_column: bool) -> bool {
    if is_column != entry.concept.is_of_items()
        && !matches!(entry.concept, Concept::Date | Concept::TaxRate | Concept::TotalTax | Concept::Discount)
    {
        return false;
    }
    match field.kind {
        FieldType::Number => matches!(entry.kind, Kind::Amount | Kind::Quantity | Kind::Percent | Kind::Code),
        FieldType::Integer => matches!(entry.kind, Kind::Quantity | Kind::Code | Kind::Amount | Kind::Percent),
        FieldType::Date => entry.kind == Kind::Date,
        FieldType::String => !matches!(entry.kind, Kind::Items | Kind::Modifier),
        FieldType::Array => entry.kind == Kind::Items,
        FieldType::Boolean | FieldType::Object => false,
    }
}

/// How well a field matches one of a concept's names. The whole name scores highest, then the end of the name (its head
/// noun in English), then any other part of it, then the description.
fn score(entry: &Entry, name: &[String], description: &[String]) -> i32 {
    let (whole_name, whole_description) = (name.concat(), description.concat());
    let scores = entry.names.iter().map(|phrase| {
        let length = phrase.len() as i32;
        let joined = phrase.concat();
        let in_name = if whole_name == joined {
            WHOLE
        } else if phrase.is_empty() {
            0
        } else if name.ends_with(phrase) {
            20 * length - 4 * (name.len() as i32 - length)
        } else if contains(name, phrase) {
            14 * length - 4 * (name.len() as i32 - length)
        } else {
            0
        };
        let in_description = if whole_description == joined {
            30
        } else if contains(description, phrase) {
            // A single word in a sentence is weak evidence.
            if length > 1 { 6 * length } else { 4 }
        } else {
            0
        };
        in_name + in_description
    });
    scores.max().unwrap_or(0)
}

fn contains(words: &[String], phrase: &[String]) -> bool {
    !phrase.is_empty() && words.windows(phrase.len()).any(|window| window == phrase)
}

/// Whether a name is about the date or the number of something other than the document: the date of hire, the number of
/// an organisation.
fn is_of_something_else(name: &[String]) -> bool {
    const OF_DOCUMENTS: [&str; 16] = [
        "document",
        "doc",
        "inv",
        "letter",
        "sale",
        "transaction",
        "voucher",
        "agreement",
        "contract",
        "certificate",
        "report",
        "ticket",
        "the",
        "of",
        "date",
        "bill",
    ];
    let is_english = name.iter().any(|word| word == "date" || NUMBERS.contains(&word.as_str()));
    let says_more = |word: &&String| !NUMBERS.contains(&word.as_str()) && !OF_DOCUMENTS.contains(&word.as_str());
    let rest: Vec<&str> = name.iter().filter(says_more).map(String::as_str).collect();
    is_english && !rest.is_empty() && !LINES.titles.contains(&rest.join(" "))
}

/// The likely kind of an unknown field by its name: numbers of things are codes.
fn guess(name: &[String]) -> Kind {
    let says_code =
        |word: &String| matches!(word.as_str(), "number" | "no" | "nr" | "id" | "code" | "num" | "ref" | "nummer");
    let is_code = name.last().and_then(|last| LEXICON.head(last)) == Some(Head::Code);
    if is_code || name.iter().any(says_code) { Kind::Code } else { Kind::Text }
}

/// The words for `number` on pages: `Lot #`, `Job No.`
const NUMBERS: [&str; 6] = ["number", "no", "nr", "num", "#", "id"];

/// The labels made of a field's own words: its name, also with other words for `number`, and a short description.
fn own_labels(name: &[String], description: &[String]) -> Vec<String> {
    let mut labels = vec![name.concat()];
    if let [leading @ .., last] = name
        && NUMBERS.contains(&last.as_str())
        && !leading.is_empty()
    {
        labels.extend(NUMBERS.iter().filter(|word| *word != last).map(|word| leading.concat() + word));
    }
    // `Carrier Name: ACME` names the carrier; a field `carrier_name` is therefore also found by all labels of a
    // carrier.
    match name {
        [thing @ .., last] if last == "name" => labels.extend_from_slice(terms(&thing.concat())),
        _ => labels.push(name.concat() + "name"),
    }
    labels.extend_from_slice(terms(&name.concat()));
    if (1..=5).contains(&description.len()) && description != name {
        labels.push(description.concat());
    }
    labels.extend(Gist::of(name).key().map(str::to_owned));
    labels.retain(|label| label.chars().count() >= 2);
    labels
}

/// The labels for the last words of a name, if they form a term of their own.
fn tail_labels(name: &[String]) -> Vec<String> {
    let tails = (1..name.len()).map(|from| &name[from..]);
    let of_tail = tails.map(|tail| terms(&tail.concat())).find(|labels| !labels.is_empty()).unwrap_or_default();
    of_tail.iter().chain(terms_like(name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;
    use serde_json::json;

    use super::*;

    fn concept(name: &str, kind: &str, description: &str) -> Option<Concept> {
        let schema = json!({name: {"type": kind, "description": description}});
        FieldQuery::of(&TemplateSchema::parse(&schema).unwrap().fields[0], false).concept
    }

    #[test]
    fn names_in_any_spelling_say_what_a_field_means() {
        for (name, kind, expected) in [
            ("invoiceNumber", "string", Concept::InvoiceNumber),
            ("Invoice No.", "string", Concept::InvoiceNumber),
            ("invoice_date", "date", Concept::Date),
            ("dueDate", "date", Concept::DueDate),
            ("totalAmount", "number", Concept::TotalGross),
            ("total_net", "number", Concept::TotalNet),
            ("taxAmount", "number", Concept::TotalTax),
            ("vendorName", "string", Concept::SellerName),
            ("customer_name", "string", Concept::BuyerName),
            ("VATNumber", "string", Concept::SellerVatId),
            ("Rechnungsnummer", "string", Concept::InvoiceNumber),
            ("supplierIBAN", "string", Concept::Iban),
            ("vendor_phone", "string", Concept::Phone),
            ("companyAddress", "string", Concept::SellerAddress),
        ] {
            assert_eq!(concept(name, kind, ""), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_description_helps_where_the_name_does_not() {
        assert_eq!(concept("f1", "number", "Total invoice amount"), Some(Concept::TotalGross));
        assert_eq!(concept("who", "string", "Name of the shop or company"), Some(Concept::SellerName));
        assert_eq!(concept("x7", "string", "Serial plate"), None);
    }

    #[test]
    fn the_day_and_the_number_of_something_else_are_not_the_documents() {
        for name in ["contract date", "credit note date", "date", "Datum", "delivery note date", "statement_date"] {
            assert_eq!(concept(name, "date", ""), Some(Concept::Date), "{name}");
        }
        for name in ["hire_date", "next_reading_date", "first_instalment_date"] {
            assert_eq!(concept(name, "date", ""), None, "{name}");
        }
        assert_eq!(concept("credit note no", "string", ""), Some(Concept::InvoiceNumber));
        assert_eq!(concept("organisation_number", "string", ""), None);
    }

    #[test]
    fn the_words_before_a_tax_number_or_an_address_say_whose_it_is() {
        for (name, expected) in [
            ("holder_tax_id", Concept::BuyerVatId),
            ("payer_tax_id", Concept::BuyerVatId),
            ("employer_tax_id", Concept::SellerVatId),
            ("employee address", Concept::BuyerAddress),
            ("account_holder_address", Concept::BuyerAddress),
            ("bank_address", Concept::SellerAddress),
            ("address", Concept::SellerAddress),
        ] {
            assert_eq!(concept(name, "string", ""), Some(expected), "{name}");
        }
    }

    #[test]
    fn the_type_rules_out_what_cannot_be() {
        assert_eq!(concept("invoice", "date", "Date of the invoice"), Some(Concept::Date));
    }
}
