//! Learning from examples through the crate's face: what two documents of an issuer teach must hold for a third.

mod printed;

use recto_domain::{Field, Page};
use recto_extract::{Document, Example, FieldPlan, LearnError, Learned, learn};
use serde_json::{Map, Value, json};

use printed::{page, template};

/// What is learned from documents with their right values.
fn learned(schema: &Value, examples: &[(&[&str], Value)]) -> Learned {
    let pages: Vec<[Page; 1]> = examples.iter().map(|(lines, _)| [page(lines)]).collect();
    let examples: Vec<Example<'_>> = examples
        .iter()
        .zip(&pages)
        .map(|((_, values), pages)| Example { name: "example", pages, values: object(values) })
        .collect();
    learn(&template(schema.clone()), &examples).expect("the examples fit the schema")
}

fn object(values: &Value) -> &Map<String, Value> {
    values.as_object().expect("values are an object")
}

/// The fields that a schema finds in a document.
fn found(schema: &Value, lines: &[&str]) -> Vec<Field> {
    let plan = FieldPlan::parse(&template(schema.clone())).expect("what was learned is a schema");
    plan.extract(Document { pages: &[page(lines)], e_invoice: None }).fields
}

fn values(schema: &Value, lines: &[&str]) -> Value {
    Value::Object(Field::values(&found(schema, lines)))
}

/// A note of a carrier, in words that no lexicon has.
fn note(number: &str, day: &str, weight: &str, driver: &str) -> [String; 6] {
    [
        "HAULIER PLC                                        manifest".to_owned(),
        format!("Consignment key {number} printed {day} at depot 7"),
        "Gross mass        Net mass          Tare".to_owned(),
        format!("99.50 kg          {weight} kg          3.00 kg"),
        String::new(),
        format!("At the wheel: {driver}"),
    ]
}

fn lines(owned: &[String]) -> Vec<&str> {
    owned.iter().map(String::as_str).collect()
}

#[test]
fn labels_and_patterns_of_two_documents_hold_for_a_third() {
    let schema = json!({"shipment": {"type": "string"}, "carried": {"type": "number"}, "who": {"type": "string"}});
    let third = note("ZX-0099", "9 June 2026", "12.25", "Ode Ray");
    let third = lines(&third);
    let right = json!({"shipment": "ZX-0099", "carried": 12.25, "who": "Ode Ray"});
    assert_ne!(values(&schema, &third), right, "there would be nothing to learn");
    let first = note("AB-1234", "3 May 2026", "96.50", "Ms Dee");
    let second = note("AB-77", "14 May 2026", "7.75", "Jo Public");
    let learned = learned(
        &schema,
        &[
            (&lines(&first), json!({"shipment": "AB-1234", "carried": 96.5, "who": "Ms Dee"})),
            (&lines(&second), json!({"shipment": "AB-77", "carried": 7.75, "who": "Jo Public"})),
        ],
    );
    let third_found = found(&learned.template_schema, &third);
    assert_eq!(Value::Object(Field::values(&third_found)), right, "{}", learned.template_schema);
    assert!(third_found.iter().all(|field| field.confidence.unwrap() >= 0.6), "{third_found:?}");
    for lesson in &learned.lessons {
        assert_eq!((lesson.known, lesson.right_after), (2, 2), "{lesson:?}");
        assert!(lesson.right_before < 2 || lesson.find.is_none(), "{lesson:?}");
    }
}

#[test]
fn one_document_teaches_what_its_labels_say() {
    let schema = json!({"who": {"type": "string"}, "carried": {"type": "number"}});
    let first = note("AB-1234", "3 May 2026", "96.50", "Ms Dee");
    let learned = learned(&schema, &[(&lines(&first), json!({"who": "Ms Dee", "carried": 96.5}))]);
    let other = note("ZX-0099", "9 June 2026", "12.25", "Ode Ray");
    assert_eq!(values(&learned.template_schema, &lines(&other)), json!({"who": "Ode Ray", "carried": 12.25}));
}

#[test]
fn what_is_found_surely_is_left_alone() {
    let schema = json!({"invoiceNumber": {"type": "string"}, "total": {"type": "number"}});
    let invoice = ["Invoice No: INV-7", "Net 10.00", "VAT 2.00", "Total 12.00"];
    let learned = learned(&schema, &[(&invoice, json!({"invoiceNumber": "INV-7", "total": 12}))]);
    assert_eq!(learned.template_schema, schema);
    assert!(learned.lessons.iter().all(|lesson| lesson.find.is_none() && lesson.right_before == 1));
}

#[test]
fn both_forms_of_schema_learn() {
    let schema = json!({"type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]});
    let note = note("A-1", "3 May 2026", "1.00", "Ms Dee");
    let learned = learned(&schema, &[(&lines(&note), json!({"who": "Ms Dee"}))]);
    assert_eq!(learned.template_schema["properties"]["who"]["find"], json!({"labels": ["At the wheel"]}));
    assert_eq!(learned.template_schema["required"], json!(["who"]));
}

#[test]
fn a_value_that_is_not_on_the_page_is_told() {
    let schema = json!({"who": {"type": "string"}});
    let note = note("A-1", "3 May 2026", "1.00", "Ms Dee");
    let learned = learned(&schema, &[(&lines(&note), json!({"who": "Somebody else"}))]);
    let lesson = &learned.lessons[0];
    assert_eq!((lesson.right_after, &lesson.find), (0, &None));
    assert_eq!(lesson.unseen_in, ["example"]);
    assert_eq!(learned.template_schema, schema);
}

#[test]
fn slips_of_recognition_in_an_example_do_not_matter() {
    let schema = json!({"who": {"type": "string"}});
    let note = note("A-1", "3 May 2026", "1.00", "Jonathan Pub1ic");
    let learned = learned(&schema, &[(&lines(&note), json!({"who": "Jonathan Public"}))]);
    assert_eq!((learned.lessons[0].right_after, learned.lessons[0].unseen_in.len()), (1, 0));
}

#[test]
fn heads_of_columns_are_learned_from_rows() {
    let schema = json!({"loads": {"type": "array", "items": {"type": "object", "properties": {
        "stuff": {"type": "string"}, "batch": {"type": "string"}, "mass": {"type": "number"}}}}});
    let table = |rows: [&'static str; 2]| {
        ["HAULIER PLC", "", "Cargo                 Charge No        Payload", rows[0], rows[1], "", "Signed in Leeds"]
    };
    let third = table(["Coal                  Q-81             3.50", "Peat moss             Q-82             4.75"]);
    let right = json!({"loads": [{"stuff": "Coal", "batch": "Q-81", "mass": 3.5},
        {"stuff": "Peat moss", "batch": "Q-82", "mass": 4.75}]});
    assert_ne!(values(&schema, &third), right, "there would be nothing to learn");
    let first = table(["Sand                  L-17             12.50", "Gravel                L-18             7.25"]);
    let rows = json!({"loads": [{"stuff": "Sand", "batch": "L-17", "mass": 12.5},
        {"stuff": "Gravel", "batch": "L-18", "mass": 7.25}]});
    let learned = learned(&schema, &[(&first, rows)]);
    assert_eq!(
        learned.template_schema["loads"]["find"],
        json!({"columns": {"stuff": ["Cargo"], "batch": ["Charge No"], "mass": ["Payload"]}})
    );
    assert_eq!(values(&learned.template_schema, &third), right);
}

#[test]
fn what_cannot_be_taught_is_refused() {
    let pages = [page(&["Total 12.00"])];
    let refused = |schema: Value, values: Value| {
        let example = Example { name: "a.pdf", pages: &pages, values: object(&values) };
        learn(&template(schema), &[example]).unwrap_err()
    };
    let total = json!({"total": {"type": "number"}});
    assert_eq!(refused(total.clone(), json!({"tota": 12})).to_string(), "a.pdf: the template has no field tota");
    assert!(matches!(refused(json!({"total": 7}), json!({})), LearnError::InvalidTemplate(_)));
    assert_eq!(learn(&template(total), &[]), Err(LearnError::NoExamples));
}
