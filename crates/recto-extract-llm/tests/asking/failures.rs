//! What becomes of a document when the model does not answer, or answers what cannot be used.

use std::time::Duration;

use recto_extract::{ExtractError, Extraction};
use recto_extract_llm::{AskError, LlmExtractor};
use serde_json::{Value, json};

use crate::document::{extract, field, try_extract};
use crate::model::{Model, Reaction};

/// Of which the rules find the total.
const INVOICE: &[&str] = &["Total: 119.00 EUR", "Yours, Anna Berg"];

fn schema() -> Value {
    json!({"total": {"type": "number"}, "undersigned": {"type": "string"}})
}

fn anna() -> Reaction {
    Reaction::values(&json!({"undersigned": "Anna Berg"}))
}

/// Why the model is away, and what was found without it.
async fn away(extractor: &LlmExtractor) -> (String, Extraction) {
    let error = try_extract(extractor, schema(), INVOICE).await.unwrap_err();
    let reason = error.to_string();
    let ExtractError::Unavailable { so_far: Some(found), .. } = error else { panic!("{error:?}") };
    (reason, *found)
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let busy = [Reaction::TooMany(0), Reaction::status(503), anna()];
    let broken = [Reaction::Drop, Reaction::TooMany(0), anna()];
    for reactions in [busy, broken] {
        let model = Model::start(reactions).await;
        let found = extract(&model.extractor(), schema(), INVOICE).await;
        assert_eq!(field(&found, "undersigned").value, "Anna Berg");
        assert_eq!(model.received().len(), 3);
    }
}

#[tokio::test]
async fn a_server_that_stays_broken_is_away_and_the_rules_stand() {
    let model = Model::start([]).await;
    let (reason, found) = away(&model.extractor()).await;
    assert_eq!(reason, "the language model is not available: it answered 500 Internal Server Error");
    assert_eq!(field(&found, "total").value, json!(119));
    assert_eq!(model.received().len(), 3);
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_for_long_is_away_at_once() {
    let model = Model::start([Reaction::TooMany(3600)]).await;
    let (reason, _) = away(&model.extractor()).await;
    assert_eq!(reason, "the language model is not available: it answered 429 Too Many Requests");
    assert_eq!(model.received().len(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_is_away() {
    let model = Model::start([Reaction::Hang, Reaction::Hang, Reaction::Hang]).await;
    let mut settings = model.settings();
    settings.timeout = Duration::from_millis(200);
    let (reason, found) = away(&LlmExtractor::new(settings).unwrap()).await;
    assert_eq!(reason, "the language model is not available: it did not answer within 0.2 s");
    assert_eq!(field(&found, "total").value, json!(119));
}

#[tokio::test]
async fn where_nobody_listens_the_model_is_away() {
    let gone = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let model = Model::start([]).await;
    let mut settings = model.settings();
    settings.url = format!("http://{gone}/v1").parse().unwrap();
    let (reason, _) = away(&LlmExtractor::new(settings).unwrap()).await;
    assert!(reason.contains("cannot connect: nothing is listening there"), "{reason}");
}

#[tokio::test]
async fn what_cannot_be_used_leaves_what_the_rules_found_and_says_why() {
    let choice = |choice: Value| Reaction::Body(200, json!({"choices": [choice]}));
    let cut = choice(json!({"message": {"content": "{\"undersigned\": \"An"}, "finish_reason": "length"}));
    let declined =
        choice(json!({"message": {"content": null, "refusal": "I would rather not."}, "finish_reason": "stop"}));
    for (reaction, reason) in [
        (cut, "its answer was cut off after 4096 tokens: raise extract.llm.max_output_tokens, or ask for fewer fields"),
        (declined, "it declined: I would rather not."),
        (Reaction::Content("The weather is fine.".to_owned()), "its answer cannot be read: it contains no JSON object"),
        (Reaction::Body(200, json!("hello")), "its answer cannot be read: it is not a chat completion"),
        (Reaction::Body(200, json!({"choices": []})), "its answer cannot be read: it is empty"),
        (Reaction::status(401), "it answered 401 Unauthorized: check extract.llm.api_key"),
        (Reaction::status(404), "it answered 404 Not Found: as you say"),
    ] {
        let model = Model::start([reaction]).await;
        let found = extract(&model.extractor(), schema(), INVOICE).await;
        assert_eq!(found.warnings, [format!("the language model found no fields: {reason}")]);
        assert_eq!((&field(&found, "total").value, found.needs_review), (&json!(119), true));
        assert_eq!(model.received().len(), 1, "{reason}: another attempt is not worth while");
    }
}

#[tokio::test]
async fn values_of_the_wrong_type_are_dropped_and_the_others_stand() {
    let model = Model::start([Reaction::values(&json!({"undersigned": ["Anna Berg"], "seal": "Anna Berg"}))]).await;
    let wanted = json!({"undersigned": {"type": "string"}, "seal": {"type": "string"}});
    let found = extract(&model.extractor(), wanted, INVOICE).await;
    assert_eq!(field(&found, "undersigned").source, None);
    assert_eq!(field(&found, "seal").value, "Anna Berg");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Model::start([anna()]).await;
    let model = Model::start([Reaction::Redirect(format!("{}/chat/completions", other.url))]).await;
    let found = extract(&model.extractor(), schema(), INVOICE).await;
    assert!(found.warnings[0].contains("redirects are not followed"), "{:?}", found.warnings);
    assert!(other.received().is_empty(), "neither key nor document came there");
}

#[tokio::test]
async fn a_list_of_models_that_cannot_be_had_says_why() {
    let model = Model::start([Reaction::status(403)]).await;
    assert!(matches!(model.extractor().models().await, Err(AskError::KeyRefused(_))));
}
