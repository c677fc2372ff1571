//! Tests of looking up values of every type in pages.

use recto_domain::{ExtractionMode, TemplateContent};
use serde_json::json;

use super::*;
use crate::sheet::tests::page;

fn plan(schema: Value) -> FieldPlan {
    let content = TemplateContent {
        name: "T".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema: schema,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    };
    FieldPlan::parse(&content).unwrap()
}

/// The result for the only field of a schema.
fn found(lines: &[&str], field: &Value, value: &Value) -> Option<Found> {
    let plan = plan(json!({ "total": field }));
    Evidence::of(&plan, &[page(lines)]).find(&plan.fields()[0], value)
}

fn raw(lines: &[&str], kind: &str, value: &Value) -> Option<String> {
    found(lines, &json!({ "type": kind }), value)?.raw
}

#[test]
fn days_stand_in_any_print() {
    for line in ["on 31 March 2026", "31.03.2026", "2026-03-31", "31. März 2026", "03/31/26"] {
        let found = found(&[line], &json!({"type": "date"}), &json!("2026-03-31")).unwrap();
        assert_eq!(found.value, json!("2026-03-31"), "{line}");
    }
    let normal = found(&["31.03.2026"], &json!({"type": "date"}), &json!("31 March 2026")).unwrap();
    assert_eq!((normal.value, normal.raw.as_deref()), (json!("2026-03-31"), Some("31.03.2026")));
    assert_eq!(raw(&["31.03.2026"], "date", &json!("2026-04-01")), None);
    // The page does not show whether day or month comes first: both readings are found, one of them with less
    // certainty.
    let swapped = |value: Value| found(&["05/06/2026"], &json!({"type": "date"}), &value).unwrap().certainty;
    assert!(swapped(json!("2026-05-06")) < swapped(json!("2026-06-05")));
}

#[test]
fn numbers_stand_with_any_marks() {
    for line in ["1.234,50 €", "$1,234.50", "1 234,50", "EUR 1'234.50", "1234.5"] {
        assert_eq!(raw(&[line], "number", &json!(1234.5)).as_deref(), Some(line), "{line}");
    }
    assert_eq!(found(&["1.234,50"], &json!({"type": "number"}), &json!("1.234,50 €")).unwrap().value, json!(1234.5));
    assert_eq!(raw(&["Menge:3 x"], "integer", &json!(3)).as_deref(), Some("Menge:3"));
    assert_eq!(raw(&["1,234.50"], "number", &json!(1234.6)), None);
    assert_eq!(raw(&["No 0042"], "integer", &json!(3)), None);
    assert_eq!(raw(&["2.5 kg"], "integer", &json!(2.5)), None);
}

#[test]
fn numbers_stand_as_the_template_has_them_read() {
    let german = json!({"type": "number", "find": {"locale": "de-DE"}});
    assert_eq!(found(&["4.00 1.234"], &german, &json!(1234)).unwrap().raw.as_deref(), Some("1.234"));
    assert_eq!(raw(&["4.00 1.234"], "number", &json!(1234)), None);
}

#[test]
fn currencies_stand_by_their_signs() {
    assert_eq!(raw(&["Total 9,00 €"], "string", &json!("EUR")).as_deref(), Some("9,00 €"));
    assert_eq!(raw(&["Total $9.00"], "string", &json!("USD")).as_deref(), Some("$9.00"));
    assert_eq!(raw(&["Total 9.00"], "string", &json!("USD")), None);
}

#[test]
fn of_several_places_the_one_behind_the_label_is_meant() {
    let lines = ["Widget 9.00", "Cash 9.00", "Total   9.00", "Change 0.00"];
    let found = found(&lines, &json!({"type": "number"}), &json!(9)).unwrap();
    assert_eq!(found.bbox.unwrap().y, 24.0);
}

#[test]
fn what_the_schema_does_not_allow_is_not_found() {
    let code = json!({"type": "string", "pattern": "^[A-Z]{2}-[0-9]+$"});
    assert!(found(&["AB-12 12"], &code, &json!("AB-12")).is_some());
    assert!(found(&["AB-12 12"], &code, &json!("12")).is_none());
    let kind = json!({"type": "string", "enum": ["Invoice", "Receipt"]});
    assert_eq!(found(&["INVOICE 7"], &kind, &json!("invoice")).unwrap().value, json!("Invoice"));
    assert!(found(&["Letter"], &kind, &json!("Letter")).is_none());
}

#[test]
fn judgements_are_told_from_what_stands_there() {
    let paid = found(&["paid in full"], &json!({"type": "boolean"}), &json!(true)).unwrap();
    assert_eq!((paid.value, paid.page, paid.certainty), (json!(true), None, 0.0));
    let kind = json!({"type": "string", "enum": ["invoice", "receipt"]});
    assert_eq!(found(&["Total 9.00"], &kind, &json!("receipt")).unwrap().certainty, 0.0);
    assert!(found(&["yes"], &json!({"type": "boolean"}), &json!("perhaps")).is_none());
}

#[test]
fn rows_without_evidence_go_and_cells_without_are_empty() {
    let columns =
        json!({"description": {"type": "string"}, "quantity": {"type": "integer"}, "price": {"type": "number"}});
    let rows = json!({"type": "array", "items": {"type": "object", "properties": columns}});
    let lines = ["Blue widget     2     50.00", "Red widget      1     25.50"];
    let said = json!([
        {"description": "Blue widget", "quantity": 2, "price": 50},
        {"description": "Red widget", "quantity": 1, "price": 26},
        {"description": "Green widget", "quantity": 7, "price": 99},
    ]);
    let found = found(&lines, &rows, &said).unwrap();
    let expected = json!([
        {"description": "Blue widget", "quantity": 2, "price": 50},
        {"description": "Red widget", "quantity": 1, "price": null},
    ]);
    assert_eq!((found.value, found.raw, found.page), (expected, None, Some(1)));
    let bbox = found.bbox.unwrap();
    assert_eq!((bbox.x, bbox.y, bbox.bottom()), (0.0, 0.0, 20.0));
    assert!((0.4..0.6).contains(&found.certainty), "{}", found.certainty);
}

#[test]
fn objects_and_lists_of_texts_are_looked_through() {
    let seller = json!({"type": "object", "properties": {"name": {"type": "string"}, "city": {"type": "string"}}});
    let lines = ["Acme Ltd", "Leeds", "tags: red blue"];
    let found_seller = found(&lines, &seller, &json!({"name": "ACME LTD", "city": "Paris"})).unwrap();
    assert_eq!(found_seller.value, json!({"name": "ACME LTD", "city": null}));
    let tags = json!({"type": "array", "items": {"type": "string"}});
    assert_eq!(found(&lines, &tags, &json!(["red", "green", "blue"])).unwrap().value, json!(["red", "blue"]));
    assert!(found(&lines, &tags, &json!(["green"])).is_none());
    assert!(found(&lines, &tags, &json!([])).is_none());
    assert!(found(&lines, &tags, &json!("red")).is_none());
}
