//! Hints of templates through the crate's face: each says where a field stands, how it is read, or what it is.

mod printed;

use printed::{page, template};
use recto_domain::{Field, Page};
use recto_extract::{Document, Extraction, FieldPlan};
use serde_json::{Value, json};

fn extract(schema: Value, pages: &[Page]) -> Extraction {
    FieldPlan::parse(&template(schema))
        .expect("the test's schema is sound")
        .extract(Document { pages, e_invoice: None })
}

fn values(schema: Value, lines: &[&str]) -> Value {
    Value::Object(Field::values(&extract(schema, &[page(lines)]).fields))
}

fn numbered_page(number: u32, lines: &[&str]) -> Page {
    Page { number, ..page(lines) }
}

/// The field `f` of a type with hints.
fn find(kind: &str, hints: &Value, lines: &[&str]) -> Field {
    let found = extract(json!({"f": {"type": kind, "find": hints}}), &[page(lines)]);
    found.fields.into_iter().next().expect("a template with a field matches one")
}

#[test]
fn hints_say_where_to_look() {
    let lines = [
        "Ref A-1",
        "Betrag A 10.00",
        "Betrag B 30.00",
        "Betrag C 20.00",
        "Code: [77-X]",
        "Netto: 496.50 €",
        "Total 99.00",
    ];
    let find = |kind: &str, hints: &Value| find(kind, hints, &lines).value;
    assert_eq!(find("number", &json!({"labels": ["Betrag B"]})), json!(30));
    assert_eq!(find("number", &json!({"regex": "Betrag . ([0-9.]+)"})), json!(10));
    assert_eq!(find("number", &json!({"regex": "Betrag . ([0-9.]+)", "choose": "last"})), json!(20));
    assert_eq!(find("number", &json!({"regex": "Betrag . ([0-9.]+)", "choose": "largest"})), json!(30));
    assert_eq!(find("string", &json!({"regex": r"Code: \[(.+)\]"})), json!("77-X"));
    assert_eq!(find("number", &json!({"regex": r"Netto: (\S+)"})), json!(496.5), "the currency is not in the group");
    assert_eq!(find("number", &json!({"labels": ["Total"], "region": [0, 0, 1, 0.02]})), json!(null));
    assert_eq!(find("number", &json!({"labels": ["Skonto"], "default": 0})), json!(0));
    assert_eq!(find("number", &json!({"labels": ["Total"], "page": 2})), json!(null));
}

/// Lines 12 points apart on a page of 595 by 842 points: line n stands around (12 n + 4) / 842 of its height.
const FORM: [&str; 6] = [
    "Delivery to                  Box 7",
    "Jane Doe                     12.50   19 %",
    "7 Church Road                31/03/2026",
    "",
    "Signed                       yes",
    "Total                        99.00",
];

#[test]
fn what_stands_in_a_region_is_the_field_whatever_its_name() {
    let region = json!([0.2, 0.0, 0.7, 0.025]);
    let field = find("number", &json!({"region": region}), &FORM);
    assert_eq!((field.value, field.raw.as_deref(), field.page), (json!(7), Some("7"), Some(1)));
    let largest = find("number", &json!({"region": region, "choose": "largest"}), &FORM);
    assert_eq!(largest.value, json!(19));
    let day = find("date", &json!({"region": [0.2, 0.02, 0.7, 0.05]}), &FORM);
    assert_eq!((day.value, day.source.as_deref()), (json!("2026-03-31"), Some("rules")));
    assert_eq!(find("boolean", &json!({"region": [0.2, 0.055, 0.7, 0.07]}), &FORM).value, json!(true));
    let text = find("string", &json!({"region": [0.0, 0.01, 0.2, 0.04]}), &FORM);
    assert_eq!(text.value, json!("Jane Doe 7 Church Road"));
    assert!(text.confidence.is_some_and(|confidence| confidence > 0.9), "{text:?}");
    let bbox = text.bbox.expect("printed words have a place");
    assert_eq!((bbox.x, bbox.y, bbox.right(), bbox.bottom()), (0.0, 12.0, 65.0, 32.0));
    assert_eq!(find("string", &json!({"region": [0.0, 0.5, 1.0, 1.0]}), &FORM).value, json!(null));
    assert_eq!(find("string", &json!({"region": [0.0, 0.5, 1.0, 1.0], "default": "-"}), &FORM).value, json!("-"));
}

#[test]
fn a_total_that_is_sought_in_a_region_is_no_other() {
    let schema = json!({"total": {"type": "number", "find": {"region": [0.2, 0.01, 0.7, 0.025]}}});
    assert_eq!(values(schema, &FORM), json!({"total": 12.5}));
}

#[test]
fn a_region_without_a_page_is_read_on_the_first_that_has_something_there() {
    let pages = [page(&["Cover"]), numbered_page(2, &["Letter", "A-1"]), numbered_page(3, &["Letter", "B-2"])];
    let field = |hints: Value| extract(json!({"f": {"type": "string", "find": hints}}), &pages).fields.remove(0);
    let region = [0.0, 0.015, 1.0, 0.1];
    let first = field(json!({"region": region}));
    assert_eq!((first.value, first.page), (json!("A-1"), Some(2)));
    let last = field(json!({"region": region, "page": "last"}));
    assert_eq!((last.value, last.page), (json!("B-2"), Some(3)));
}

#[test]
fn a_region_is_counted_from_its_anchor() {
    let below = json!({"anchor": "Delivery to", "region": [-0.01, 0.01, 0.2, 0.04]});
    assert_eq!(find("string", &below, &FORM).value, json!("Jane Doe 7 Church Road"));
    // The same further down and to the right, with a letter misread.
    let moved: Vec<String> =
        FORM.iter().map(|line| format!("          {}", line.replace("Delivery", "Delivcry"))).collect();
    let mut lines = vec!["Letter", "", ""];
    lines.extend(moved.iter().map(String::as_str));
    assert_eq!(find("string", &below, &lines).value, json!("Jane Doe 7 Church Road"));
    // To the left and above; and with a label, of which the region is a filter.
    let above = json!({"anchor": "Total", "region": [0.2, -0.06, 0.8, -0.05]});
    assert_eq!(find("number", &above, &FORM).value, json!(12.5));
    let lines = ["Box 7", "Part B", "Box 8", "Box 9"];
    let box_of_b = json!({"labels": ["Box"], "anchor": "Part B", "region": [0, 0, 1, 0.02]});
    assert_eq!(find("number", &box_of_b, &lines).value, json!(8));
    let nowhere = json!({"anchor": "Annex", "region": [0, 0, 1, 1]});
    assert_eq!(find("string", &nowhere, &lines).value, json!(null));
}

#[test]
fn a_constant_is_the_value_and_surer_when_it_is_printed() {
    let field = |kind: &str, constant: Value| find(kind, &json!({"constant": constant}), &FORM);
    let printed = field("string", json!("jane doe"));
    assert_eq!((&printed.value, printed.raw.as_deref()), (&json!("jane doe"), Some("Jane Doe")));
    assert_eq!((printed.confidence, printed.page, printed.source.as_deref()), (Some(0.9), Some(1), Some("rules")));
    assert_eq!(field("date", json!("2026-03-31")).raw.as_deref(), Some("31/03/2026"));
    assert_eq!(field("number", json!(99)).raw.as_deref(), Some("99.00"));
    let unprinted = field("string", json!("Acme Ltd"));
    assert_eq!((&unprinted.value, unprinted.confidence, unprinted.bbox), (&json!("Acme Ltd"), Some(0.7), None));
    assert_eq!(
        extract(json!({"f": {"type": "boolean", "find": {"constant": true}}}), &[]).fields[0].value,
        json!(true)
    );
}

#[test]
fn a_locale_says_how_numbers_and_days_are_read() {
    let lines = ["Weight: 1.234", "Day: 05/06/2026", "Price 7.50", "Until 31/12/2026"];
    let read = |locale: &str| {
        let schema = json!({
            "Weight": {"type": "number", "find": {"locale": locale}},
            "Day": {"type": "date", "find": {"labels": ["Day"], "locale": locale}},
            "box": {"type": "number", "find": {"region": [0, 0, 1, 0.01], "locale": locale}},
            "Price": {"type": "number"},
        });
        values(schema, &lines)
    };
    let expected = |weight: f64, day: &str| json!({"Weight": weight, "Day": day, "box": weight, "Price": 7.5});
    let as_numbers = |value: Value| value.to_string().replace("1234.0", "1234");
    assert_eq!(as_numbers(read("de-DE")), as_numbers(expected(1234.0, "2026-06-05")));
    assert_eq!(as_numbers(read("en_US")), as_numbers(expected(1.234, "2026-05-06")));
    assert_eq!(as_numbers(read("fr")), as_numbers(expected(1234.0, "2026-06-05")));
    // In Japan the year leads, so that the page goes on to say which of the others comes first.
    assert_eq!(as_numbers(read("ja")), as_numbers(expected(1.234, "2026-06-05")));
}

/// Line items with the columns that a template may ask for.
fn items(columns: &Value, properties: &Value) -> Value {
    json!({"items": {"type": "array", "items": {"type": "object", "properties": properties},
        "find": {"columns": columns}}})
}

#[test]
fn columns_that_nobody_knows_are_filled_under_the_heads_that_the_template_tells() {
    let schema = items(
        &json!({"lot": ["Charge"], "color": ["Farbton"], "best_before": ["MHD"]}),
        &json!({"description": {"type": "string"}, "quantity": {"type": "number"}, "amount": {"type": "number"},
            "lot": {"type": "string"}, "color": {"type": "string"}, "best_before": {"type": "date"}}),
    );
    let lines = [
        "Artikelbezeichnung    Charge    Farbton        MHD          Menge     Betrag",
        "Lack glanzend         4711      tief blau      31.12.2026      2      19,80",
        "fur innen",
        "Grundierung           X-12                     01.02.2027      1       5,50",
        "Summe                                                                25,30",
    ];
    let expected = json!({"items": [
        {"description": "Lack glanzend fur innen", "quantity": 2, "amount": 19.8, "lot": "4711", "color": "tief blau",
            "best_before": "2026-12-31"},
        {"description": "Grundierung", "quantity": 1, "amount": 5.5, "lot": "X-12", "color": null,
            "best_before": "2027-02-01"},
    ]});
    assert_eq!(values(schema, &lines), expected);
}

#[test]
fn a_head_that_means_another_thing_in_the_lexicon_is_taken_as_told() {
    let schema = items(
        &json!({"quantity": ["Preis"], "price": ["Menge"], "amount": ["Netto"]}),
        &json!({"description": {"type": "string"}, "quantity": {"type": "number"}, "price": {"type": "number"},
            "amount": {"type": "number"}}),
    );
    let lines = [
        "Bezeichnung       Preis     Menge      Netto     Betrag",
        "Papier                4      2,50      10,00      11,90",
        "Stifte                3      1,00       3,00       3,57",
        "Bezeichnung       Preis     Menge      Netto     Betrag",
        "Locher                1         9          9      10,71",
        "Summe                                              26,18",
    ];
    let expected = json!({"items": [
        {"description": "Papier", "quantity": 4, "price": 2.5, "amount": 10},
        {"description": "Stifte", "quantity": 3, "price": 1, "amount": 3},
        {"description": "Locher", "quantity": 1, "price": 9, "amount": 9},
    ]});
    assert_eq!(values(schema, &lines), expected);
}

#[test]
fn a_table_without_amounts_is_read_where_its_heads_are_told() {
    let schema = items(
        &json!({"serial": ["Serial no"], "place": ["Shelf"]}),
        &json!({"serial": {"type": "string"}, "place": {"type": "string"}, "count": {"type": "integer"}}),
    );
    let head = "Serial no      Shelf        Pieces";
    let first = page(&[
        "Stock list 2026",
        "",
        head,
        "A-100          north 1      12",
        "A-101          south 2      4",
        "",
        "",
        "",
        "Checked by Jane Doe   today",
    ]);
    let second = numbered_page(2, &["Stock list 2026   page 2", head, "A-102          west 3       1"]);
    let found = extract(schema, &[first, second]);
    let rows = [("A-100", "north 1"), ("A-101", "south 2"), ("A-102", "west 3")];
    let rows: Vec<Value> =
        rows.iter().map(|(serial, place)| json!({"serial": serial, "place": place, "count": null})).collect();
    assert_eq!(found.fields[0].value, Value::Array(rows));
}

#[test]
fn sums_are_exact_and_as_sure_as_their_least_sure_part() {
    let schema = json!({
        "sum": {"type": "number", "find": {"sum": ["a", "b", "twice"]}},
        "twice": {"type": "number", "find": {"sum": ["a", "a"]}},
        "a": {"type": "number", "find": {"labels": ["Alpha"]}},
        "b": {"type": "number", "find": {"constant": 0.2}},
        "gap": {"type": "number", "find": {"sum": ["a", "c"]}},
        "c": {"type": "number", "find": {"labels": ["Gamma"]}},
    });
    let found = extract(schema, &[page(&["Alpha 0.10"])]);
    assert_eq!(
        Value::Object(Field::values(&found.fields)),
        json!({"sum": 0.5, "twice": 0.2, "a": 0.1, "b": 0.2, "gap": null, "c": null})
    );
    let sum = &found.fields[0];
    assert_eq!((sum.confidence, sum.bbox, sum.source.as_deref()), (Some(0.7), None, Some("computed")));
}

#[test]
fn a_column_of_a_table_is_added_up() {
    let schema = json!({
        "net": {"type": "number", "find": {"sum": "items.amount"}},
        "pieces": {"type": "number", "find": {"sum": "items.quantity"}},
        "items": {"type": "array", "items": {"type": "object", "properties": {
            "description": {"type": "string"}, "quantity": {"type": "number"}, "amount": {"type": "number"}}}},
    });
    let lines = [
        "Description      Qty    Price    Amount",
        "Paper A4           3     0.10      0.30",
        "Stamps                             0.60",
    ];
    let found = values(schema, &lines);
    assert_eq!((&found["net"], &found["pieces"]), (&json!(0.9), &json!(null)));
}

#[test]
fn a_copy_is_the_other_field_with_its_place() {
    let schema = json!({
        "booked": {"type": "date", "find": {"copy": "Day"}},
        "Day": {"type": "date"},
    });
    let fields = extract(schema, &[page(&["Day: 31/03/2026"])]).fields;
    assert_eq!(fields[0], Field { name: "booked".to_owned(), ..fields[1].clone() });
    assert_eq!(fields[0].value, json!("2026-03-31"));
}

#[test]
fn wrong_hints_are_named_with_their_path() {
    let items = json!({"type": "object", "properties": {"price": {"type": "number", "find": {"page": 1}},
        "lot": {"type": "string"}}});
    let schema = json!({"type": "object", "properties": {
        "total": {"type": "number", "find": {"labels": [], "regex": "(", "page": 0, "region": [0, 1],
            "choose": "best", "locale": "de-XX", "default": "x", "where": 1}},
        "left": {"type": "string", "find": {"region": [-0.5, 0, 1, 1], "anchor": 7}},
        "box": {"type": "string", "find": {"region": [-0.5, 0, 1, 1]}},
        "lost": {"type": "string", "find": {"anchor": "Total"}},
        "far": {"type": "string", "find": {"anchor": "Total", "region": [-2, 0, 1, 1]}},
        "currency": {"type": "string", "find": {"constant": 1, "default": "EUR"}},
        "rows": {"type": "array", "items": items, "find": {"labels": ["Pos"], "columns": {"lot": [], "size": ["L"]}}},
        "names": {"type": "array", "items": {"type": "string"}, "find": {"columns": {"a": ["A"]}}},
        "vendor": {"type": "object", "properties": {"name": {"type": "string"}}, "find": {"page": 1}},
        "word": {"type": "string", "find": {"sum": ["total"]}},
        "nothing": {"type": "number", "find": {"sum": []}},
        "parts": {"type": "number", "find": {"sum": ["total", "nett", "box", "rows", "rows.lot", "rows.size"]}},
        "whole": {"type": "integer", "find": {"sum": ["total"], "page": 1}},
        "twin": {"type": "date", "find": {"copy": "box"}},
        "ghost": {"type": "date", "find": {"copy": "nobody"}},
        "a": {"type": "number", "find": {"copy": "b"}},
        "b": {"type": "number", "find": {"sum": ["a", "price"]}},
        "price": {"type": "number", "find": {"copy": "price"}},
        "waits": {"type": "number", "find": {"copy": "a"}},
    }});
    let refused = FieldPlan::parse(&template(schema)).expect_err("every hint is wrong").0;
    insta::assert_snapshot!(refused.join("\n"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn any_page_is_searched_by_hints_without_harm(lines in proptest::collection::vec("[a-zA-Z0-9 .,:/]{0,60}|Lot +Qty|a +1", 0..12)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let schema = json!({
            "zone": {"type": "string", "find": {"region": [0, 0, 0.5, 0.1]}},
            "box": {"type": "number", "find": {"anchor": "a", "region": [-1, -1, 1, 1], "locale": "de"}},
            "day": {"type": "date", "find": {"region": [0, 0, 1, 1], "locale": "en-US", "choose": "last"}},
            "fixed": {"type": "string", "find": {"constant": "a 1"}},
            "items": {"type": "array", "items": {"type": "object", "properties": {
                "lot": {"type": "string"}, "count": {"type": "number"}}},
                "find": {"columns": {"lot": ["Lot"], "count": ["Qty"]}}},
            "sum": {"type": "number", "find": {"sum": ["box", "items.count"]}},
        });
        extract(schema, &[page(&lines)]);
    }
}

#[test]
fn a_template_may_read_two_fields_from_one_place() {
    let schema = json!({
        "year": {"type": "string", "find": {"regex": "Ref: (\\d{4})/\\d+"}},
        "serial": {"type": "string", "find": {"regex": "Ref: \\d{4}/(\\d+)"}},
    });
    let plan = FieldPlan::parse(&template(schema)).unwrap();
    let found = plan.extract(Document { pages: &[page(&["Ref: 2024/0017"])], e_invoice: None });
    let values: Vec<_> = found.fields.iter().map(|field| field.value.clone()).collect();
    assert_eq!(values, ["2024", "0017"]);
}
