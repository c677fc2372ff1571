//! What a model may cost.

use std::time::Duration;

use recto_extract_llm::LlmExtractor;
use serde_json::{Value, json};

use crate::document::{LETTER, extract, field, try_extract};
use crate::model::{Model, Reaction, TOKENS};

fn undersigned() -> Value {
    json!({"undersigned": {"type": "string"}})
}

fn annas(count: usize) -> Vec<Reaction> {
    (0..count).map(|_| Reaction::values(&json!({"undersigned": "Anna Berg"}))).collect()
}

/// What a request for the letter sets aside: more than it takes, as an answer is rarely as long as it may be.
const SET_ASIDE: u64 = 1000;

fn extractor(model: &Model, per_day: u64) -> LlmExtractor {
    let mut settings = model.settings();
    settings.max_output_tokens = 200;
    settings.max_tokens_per_document = 2 * SET_ASIDE;
    settings.max_tokens_per_day = Some(per_day);
    LlmExtractor::new(settings).unwrap()
}

#[tokio::test]
async fn when_the_tokens_of_the_day_are_spent_the_rules_stand_alone() {
    let model = Model::start(annas(9)).await;
    // After two answers, less is left than is set aside for a third.
    let extractor = extractor(&model, SET_ASIDE);
    let mut asked = 0;
    for _ in 0..9 {
        let found = extract(&extractor, undersigned(), LETTER).await;
        let is_asked = field(&found, "undersigned").source.as_deref() == Some("llm");
        asked += usize::from(is_asked);
        if !is_asked {
            let reason = "the 1000 tokens of extract.llm.max_tokens_per_day are used up until midnight (UTC)";
            assert_eq!(found.warnings, [format!("the language model found no fields: {reason}")]);
            assert!(found.needs_review);
        }
    }
    assert_eq!(model.received().len(), asked);
    assert!((1..9).contains(&asked) && asked as u64 * TOKENS <= SET_ASIDE, "{asked}");
}

#[tokio::test]
async fn documents_side_by_side_do_not_spend_the_same_tokens() {
    let model = Model::start(annas(8)).await;
    let extractor = extractor(&model, SET_ASIDE);
    let search = || extract(&extractor, undersigned(), LETTER);
    let (a, b, c, d) = tokio::join!(search(), search(), search(), search());
    let asked = [a, b, c, d].iter().filter(|found| found.warnings.is_empty()).count();
    assert_eq!((model.received().len(), asked), (1, 1));
}

#[tokio::test]
async fn attempts_that_were_given_up_count() {
    let model = Model::start([Reaction::Hang, Reaction::Hang, Reaction::Hang]).await;
    let mut settings = model.settings();
    settings.timeout = Duration::from_millis(100);
    settings.max_output_tokens = 200;
    settings.max_tokens_per_document = 1000;
    let found = try_extract(&LlmExtractor::new(settings).unwrap(), undersigned(), LETTER).await.unwrap();
    let reason = "the 1000 tokens of extract.llm.max_tokens_per_document are not enough for a request";
    assert_eq!(found.warnings, [format!("the language model found no fields: {reason}")]);
    assert!(model.received().len() <= 1, "the second one would have gone beyond");
}

#[tokio::test]
async fn a_document_that_is_too_long_from_its_first_page_on_is_not_sent() {
    let model = Model::start(annas(1)).await;
    let extractor = extractor(&model, 1_000_000);
    let found = extract(&extractor, undersigned(), &["word ".repeat(2000).as_str()]).await;
    assert!(found.warnings[0].contains("max_tokens_per_document"), "{:?}", found.warnings);
    assert!(model.received().is_empty());
}
