//! Values to which no known label leads: in prose, below headings, in tables, and on papers that do not have them.
#![allow(missing_docs, reason = "a test program")]

mod printed;

use recto_domain::Field;
use recto_extract::{Document, FieldPlan, ranking_features};
use serde_json::{Value, json};

use printed::{page, template};

fn plan(fields: &[(&str, &str)]) -> FieldPlan {
    let schema = fields.iter().map(|(name, kind)| ((*name).to_owned(), json!({"type": kind})));
    FieldPlan::parse(&template(Value::Object(schema.collect()))).expect("the test's schema is sound")
}

fn found(lines: &[&str], fields: &[(&str, &str)]) -> Vec<Field> {
    plan(fields).extract(Document { pages: &[page(lines)], e_invoice: None }).fields
}

fn values(lines: &[&str], fields: &[(&str, &str)]) -> Vec<Value> {
    found(lines, fields).into_iter().map(|field| field.value).collect()
}

const LETTER: [&str; 9] = [
    "Harbour Row Lettings",
    "14 Quay Street, Falmouth TR11 3AB",
    "",
    "TENANCY SUMMARY",
    "",
    "We are pleased to let the flat to you. A deposit of GBP 975.00 is held by the",
    "scheme from 4 March 2025. The keys will be handed over on 10 March 2025.",
    "",
    "Lena Trevanion, Lettings Manager",
];

#[test]
fn values_in_prose_are_told_by_the_words_before_them() {
    let fields = [("deposit", "number"), ("key_handover_date", "date"), ("landlord", "string")];
    assert_eq!(values(&LETTER, &fields), [json!(975), json!("2025-03-10"), json!("Harbour Row Lettings")]);
}

#[test]
fn a_value_that_is_not_printed_is_not_given_or_is_in_doubt() {
    for name in ["wine_vintage", "passport_number", "blood_group"] {
        let field = found(&LETTER, &[(name, "string")]).remove(0);
        assert!(field.value.is_null() || field.confidence.is_some_and(|sure| sure < 0.5), "{field:?}");
    }
}

#[test]
fn what_another_label_names_or_a_discount_leaves_is_not_due() {
    let lines = [
        "Rechnung",
        "Rechnungsnummer: RE-250331",
        "Rechnungsdatum: 31.03.2025",
        "",
        "Kaffee Bohne 1 kg          20      11,90     238,00",
        "",
        "                     Rechnungsbetrag EUR     238,00",
        "         2% Skonto bei Zahlung bis 10.04.2025     233,24",
    ];
    let fields = [("invoice date", "date"), ("due date", "date"), ("amount due", "number")];
    let [invoice_date, due_date, amount_due] = values(&lines, &fields).try_into().expect("three fields");
    assert_eq!((invoice_date, due_date), (json!("2025-03-31"), Value::Null));
    assert_ne!(amount_due, json!(233.24));
}

#[test]
fn the_words_that_tell_of_a_value_are_its_reason() {
    let lines = ["Certificate of calibration", "", "Calibrated on   12 May 2025", "Operator        Brandt Tooling"];
    let field = found(&lines, &[("calibration_date", "date")]).remove(0);
    assert_eq!(field.value, "2025-05-12");
    assert_eq!(field.why.first().map(String::as_str), Some("stands beside \"Calibrated on\""));
    assert!(field.confidence.is_some_and(|sure| sure > 0.5), "{field:?}");
}

#[test]
fn what_a_template_says_of_a_field_goes_before_what_was_learned() {
    let lines = ["Deposit 975.00", "Kaution 120.00"];
    let schema = json!({"deposit": {"type": "number", "find": {"labels": ["Kaution"]}}});
    let plan = FieldPlan::parse(&template(schema)).expect("the test's schema is sound");
    let fields = plan.extract(Document { pages: &[page(&lines)], e_invoice: None }).fields;
    assert_eq!(fields[0].value, json!(120));
}

#[test]
fn every_possible_value_has_all_features_and_receipts_are_not_ranked() {
    let fields = [("deposit", "number"), ("key_handover_date", "date")];
    let pages = [page(&LETTER)];
    let ranked = plan(&fields).rank(Document { pages: &pages, e_invoice: None });
    let names: Vec<&str> = ranked.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["deposit", "key_handover_date"]);
    let days: Vec<&Value> = ranked[1].1.iter().map(|ranked| &ranked.value).collect();
    assert!(days.contains(&&json!("2025-03-04")) && days.contains(&&json!("2025-03-10")), "{days:?}");
    for ranked in ranked.iter().flat_map(|(_, all)| all) {
        assert_eq!(ranked.features.len(), ranking_features().len());
        assert!(ranked.features.iter().all(|value| value.is_finite()), "{ranked:?}");
    }
    let till = [
        "CORNER SHOP",
        "12 Mill Lane",
        "",
        "Bread      1.20",
        "Milk       0.90",
        "TOTAL      2.10",
        "CASH       5.00",
        "CHANGE     2.90",
    ];
    let pages = [page(&till)];
    assert!(plan(&[("total", "number")]).rank(Document { pages: &pages, e_invoice: None }).is_empty());
}
