//! What is believed of an answer.

use recto_domain::{Field, Rect};
use recto_extract::{Document, Extraction, Extractor, Rules};
use serde_json::{Value, json};

use crate::document::{LETTER, extract, field, page, plan};
use crate::model::{Model, Reaction};

/// What is found in the letter when the model says these values.
async fn found(schema: Value, said: &Value) -> Extraction {
    let model = Model::start([Reaction::values(said)]).await;
    let found = extract(&model.extractor(), schema, LETTER).await;
    assert_eq!(model.received().len(), 1);
    found
}

#[tokio::test]
async fn a_value_that_stands_in_the_document_is_found_at_its_place() {
    let found = found(json!({"undersigned": {"type": "string"}}), &json!({"undersigned": "Anna Berg"})).await;
    let field = field(&found, "undersigned");
    assert_eq!((&field.value, field.raw.as_deref(), field.page), (&json!("Anna Berg"), Some("Anna Berg"), Some(1)));
    assert_eq!(field.bbox, Some(Rect { x: 35.0, y: 84.0, width: 45.0, height: 8.0 }));
    assert_eq!(field.source.as_deref(), Some("llm"));
    assert!((0.8..0.86).contains(&field.confidence.unwrap()), "{field:?}");
    assert!(!found.needs_review && found.warnings.is_empty());
}

#[tokio::test]
async fn an_invented_value_is_refused() {
    let schema = json!({
        "undersigned": {"type": "string", "required": true}, "arrival": {"type": "date"}, "price": {"type": "number"},
    });
    let said = json!({"undersigned": "Otto Berg", "arrival": "2026-05-04", "price": 1234.6, "unasked": "Anna Berg"});
    let found = found(schema, &said).await;
    let values = Field::values(&found.fields);
    assert_eq!((&values["undersigned"], values.len()), (&json!(null), 3));
    // What the rules make of the page stands; nothing is the model's.
    assert!(found.fields.iter().all(|field| field.source.as_deref() != Some("llm")), "{found:?}");
    assert!(found.needs_review, "a required field is missing");
}

#[tokio::test]
async fn days_and_numbers_are_known_in_the_print_of_the_page() {
    let schema = json!({"checkIn": {"type": "date"}, "rent": {"type": "number"}, "town": {"type": "string"}});
    let found = found(schema, &json!({"checkIn": "2026-05-03", "rent": "1234.50 EUR", "town": "KONSTANZ"})).await;
    let said: Vec<(&Value, Option<&str>)> =
        found.fields.iter().map(|field| (&field.value, field.raw.as_deref())).collect();
    assert_eq!(said[0], (&json!("2026-05-03"), Some("3. Mai 2026")));
    assert_eq!(said[1], (&json!(1234.5), Some("1.234,50")));
    assert_eq!(said[2], (&json!("KONSTANZ"), Some("Konstanz")));
}

#[tokio::test]
async fn rows_are_believed_cell_by_cell() {
    let columns = json!({"suite": {"type": "string"}, "guests": {"type": "integer"}, "rate": {"type": "number"}});
    let schema = json!({"suites": {"type": "array", "items": {"type": "object", "properties": columns}}});
    let said = json!({"suites": [
        {"suite": "Blue suite", "guests": 2, "rate": 50},
        {"suite": "Red suite", "guests": 1, "rate": 25.55},
        {"suite": "Golden suite", "guests": 9, "rate": 800},
    ]});
    let found = found(schema, &said).await;
    let expected = json!([
        {"suite": "Blue suite", "guests": 2, "rate": 50},
        {"suite": "Red suite", "guests": 1, "rate": null},
    ]);
    let suites = field(&found, "suites");
    assert_eq!((&suites.value, suites.page, suites.source.as_deref()), (&expected, Some(1), Some("llm")));
    assert_eq!(suites.bbox, Some(Rect { x: 0.0, y: 60.0, width: 135.0, height: 20.0 }));
    assert!(found.needs_review, "a row and a cell were invented");
}

#[tokio::test]
async fn what_no_page_can_print_is_kept_for_a_person_to_look_at() {
    let schema = json!({
        "breakfast included": {"type": "boolean"}, "mood": {"type": "string", "enum": ["glad", "sad", "angry"]},
        "class": {"type": "string", "enum": ["business", "leisure"]},
    });
    let found = found(schema, &json!({"breakfast included": true, "mood": "glad", "class": "leisure"})).await;
    let breakfast = field(&found, "breakfast included");
    assert_eq!((&breakfast.value, breakfast.page, breakfast.confidence), (&json!(true), None, Some(0.4)));
    assert_eq!(field(&found, "mood").raw.as_deref(), Some("glad"));
    assert_eq!((&field(&found, "class").value, field(&found, "class").confidence), (&json!("leisure"), Some(0.4)));
    assert!(found.needs_review);
}

/// An invoice whose total the rules can only guess: no label leads to it.
const DOUBTFUL: &[&str] = &["Invoice 4711", "Widgets   40.00", "Postage    5.00", "45.00"];

#[tokio::test]
async fn agreement_makes_sure_and_another_value_makes_doubtful() {
    let schema = json!({"total": {"type": "number"}});
    let template = plan(schema.clone());
    let alone = Rules.extract(&template, Document { pages: &[page(1, DOUBTFUL)], e_invoice: None }).await.unwrap();
    let alone = field(&alone, "total");
    let guessed = alone.confidence.unwrap();
    assert!(alone.value == json!(45) && guessed < 0.75, "{alone:?}");

    let model = Model::start(
        [json!(45.0), json!(40), json!(999), json!(null)].map(|total| Reaction::values(&json!({ "total": total }))),
    )
    .await;
    let extractor = model.extractor();
    let agreed = extract(&extractor, schema.clone(), DOUBTFUL).await;
    let agreed = field(&agreed, "total");
    assert_eq!((&agreed.value, agreed.source.as_deref()), (&json!(45), Some("rules")));
    assert!(agreed.confidence.unwrap() > guessed.max(0.7), "{agreed:?}");
    let other = extract(&extractor, schema.clone(), DOUBTFUL).await;
    let other = field(&other, "total");
    assert_eq!((&other.value, other.source.as_deref()), (&json!(40), Some("llm")));
    assert!(other.confidence.unwrap() < 0.8, "{other:?}");
    for _ in ["invented", "not there"] {
        assert_eq!(field(&extract(&extractor, schema.clone(), DOUBTFUL).await, "total"), alone);
    }
}

#[tokio::test]
async fn what_the_rules_are_sure_of_is_not_asked_for() {
    let lines = ["Invoice No: 4711", "Invoice date: 31.03.2026", "Total: 119.00 EUR"];
    let sure = json!({"invoiceNumber": {"type": "string"}, "total": {"type": "number"}});
    let model = Model::start([Reaction::values(&json!({"hue": "119.00", "total": 4711}))]).await;
    let extractor = model.extractor();
    let found = extract(&extractor, sure, &lines).await;
    assert_eq!(Field::values(&found.fields), *json!({"invoiceNumber": "4711", "total": 119}).as_object().unwrap());
    assert!(model.received().is_empty());

    let more = json!({"total": {"type": "number"}, "hue": {"type": "string"}});
    let found = extract(&extractor, more, &lines).await;
    let asked = &model.received()[0].body["response_format"]["json_schema"]["schema"]["required"];
    assert_eq!(asked, &json!(["hue"]));
    assert_eq!((&field(&found, "total").value, field(&found, "total").source.as_deref()), (&json!(119), Some("rules")));
}

#[tokio::test]
async fn what_an_invoice_says_as_data_is_not_asked_for() {
    let xml = "<rsm:CrossIndustryInvoice xmlns:rsm='urn:a'><rsm:ExchangedDocument><ID>RE-7</ID></rsm:ExchangedDocument>\
        </rsm:CrossIndustryInvoice>";
    let model = Model::start([]).await;
    let template = plan(json!({"invoiceNumber": {"type": "string"}}));
    let pages = [page(1, LETTER)];
    let document = Document { pages: &pages, e_invoice: Some(xml.as_bytes()) };
    let found = model.extractor().extract(&template, document).await.unwrap();
    let number = field(&found, "invoiceNumber");
    assert_eq!((&number.value, number.source.as_deref()), (&json!("RE-7"), Some("embedded")));
    assert!(model.received().is_empty());
}

#[tokio::test]
async fn what_the_template_says_itself_is_not_asked_for_and_sums_follow_the_model() {
    let schema = json!({
        "kind": {"type": "string", "find": {"constant": "letter"}},
        "rent": {"type": "number"},
        "double": {"type": "number", "find": {"sum": ["rent", "rent"]}},
    });
    let model = Model::start([Reaction::values(&json!({"kind": "Seeblick", "rent": 25.5, "double": 50}))]).await;
    let found = extract(&model.extractor(), schema, LETTER).await;
    let asked = &model.received()[0].body["response_format"]["json_schema"]["schema"]["required"];
    assert_eq!(asked, &json!(["rent"]));
    let expected = json!({"kind": "letter", "rent": 25.5, "double": 51});
    assert_eq!(Value::Object(Field::values(&found.fields)), expected);
}

#[tokio::test]
async fn a_document_without_text_is_not_asked_about() {
    let model = Model::start([]).await;
    extract(&model.extractor(), json!({"undersigned": {"type": "string"}}), &[]).await;
    assert!(model.received().is_empty());
}
