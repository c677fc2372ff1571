//! From pages to fields, with extractors of every conduct.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use libtest_mimic::Trial;
use recto_domain::{BatchStatus, ExtractionMode, Field, FieldType, Record, TemplateContent};
use recto_extract::{Document, ExtractError, Extraction, Extractor, FieldPlan};
use recto_pipeline::{Answer, Job, PipelineSettings};
use serde_json::json;
use tempfile::TempDir;

use crate::WORKER;
use crate::pipeline::Node;
use crate::pool::{nobody_else, pool_of, trial};
use crate::sample::{bitmap, open, pdf_with_invoice};
use crate::test_engine::Conduct;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("an_invoice_within_a_pdf_is_fetched", an_invoice_within_a_pdf_is_fetched()),
        trial("the_extractor_gets_pages_and_the_invoice", the_extractor_gets_pages_and_the_invoice()),
        trial("an_extractor_that_is_away_is_tried_again", an_extractor_that_is_away_is_tried_again()),
        trial("what_was_found_without_an_extractor_stands", what_was_found_without_an_extractor_stands()),
        trial("a_document_without_its_fields_is_still_read", a_document_without_its_fields_is_still_read()),
        trial("an_extractor_that_waits_holds_up_no_page", an_extractor_that_waits_holds_up_no_page()),
        trial("shutting_down_in_an_extraction_loses_nothing", shutting_down_in_an_extraction_loses_nothing()),
    ]
}

/// What the extractor of these tests does.
enum Script {
    /// Gives the words that it sees and the invoice.
    Tell,
    /// Is away that many times before it tells.
    Away(AtomicU32),
    /// Is always away, but has found a value all the same.
    AwayWithSomething,
    Panic,
    Nonsense,
    /// Never answers, politely.
    Wait,
    /// Does so that many times before it tells.
    WaitTimes(Arc<AtomicU32>),
    /// Never answers, and uses the processor until it is told to stop.
    Spin(Arc<AtomicU32>),
}

#[async_trait]
impl Extractor for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    async fn extract(&self, plan: &FieldPlan, document: Document<'_>) -> Result<Extraction, ExtractError> {
        let away = |so_far| ExtractError::Unavailable {
            extractor: "script".to_owned(),
            reason: "it sleeps".to_owned(),
            so_far,
        };
        match self {
            Self::Away(left) if left.load(Ordering::SeqCst) > 0 => {
                left.fetch_sub(1, Ordering::SeqCst);
                return Err(away(None));
            }
            Self::WaitTimes(left) if left.load(Ordering::SeqCst) > 0 => {
                left.fetch_sub(1, Ordering::SeqCst);
                std::future::pending::<()>().await;
            }
            Self::Tell | Self::Away(_) | Self::WaitTimes(_) => {}
            Self::AwayWithSomething => {
                let mut found = plan.extract(document);
                found.fields[0].value = json!("by rules");
                return Err(away(Some(Box::new(found))));
            }
            Self::Panic => panic!("this extractor panics"),
            Self::Nonsense => {
                let reason = "it spoke of the weather".to_owned();
                return Err(ExtractError::Unusable { extractor: "script".to_owned(), reason });
            }
            Self::Wait => std::future::pending().await,
            Self::Spin(goes_on) => {
                while goes_on.load(Ordering::SeqCst) > 0 {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        }
        let words: Vec<String> = document.pages.iter().map(recto_domain::Page::text).collect();
        let invoice = document.e_invoice.map(String::from_utf8_lossy);
        let values = [json!(words.join(" ")), json!(invoice)];
        let field = |(schema, value): (&recto_domain::FieldSchema, serde_json::Value)| Field {
            value,
            ..Field::missing(schema.name.clone(), schema.kind)
        };
        Ok(Extraction {
            fields: plan.fields().iter().zip(values).map(field).collect(),
            needs_review: false,
            warnings: Vec::new(),
        })
    }
}

fn template() -> TemplateContent {
    TemplateContent {
        name: "T".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema: json!({"text": {"type": FieldType::String}, "invoice": {"type": FieldType::String}}),
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    }
}

async fn node(script: Script) -> Node {
    let settings = PipelineSettings {
        extraction_pause: Duration::from_millis(50),
        extraction_limit: Duration::from_secs(1),
        poll: Duration::from_millis(50),
        ..PipelineSettings::default()
    };
    Node::with_extractor(TempDir::new().unwrap(), pool_of(WORKER, 1), Arc::new(script), settings).await
}

fn picture() -> (String, Vec<u8>) {
    ("a.bmp".to_owned(), bitmap(Conduct::Answer))
}

/// What became of one file that was sent with the template.
async fn record_of(node: &Node, file: (String, Vec<u8>)) -> Record {
    let batch = node.send_with(Some(template()), &[file]).await;
    let details = node.ended(batch).await;
    assert_eq!((details.batch.status, details.completed_pages), (BatchStatus::Completed, 1));
    node.storage.records().get(details.processing_history_ids[0]).await.unwrap().unwrap()
}

async fn an_invoice_within_a_pdf_is_fetched() {
    let pool = pool_of(WORKER, 1);
    let ask = |name: &'static str, file| pool.run(nobody_else(), name, Job::EInvoice, file);
    let with = ask("with", open(&pdf_with_invoice(Some("<Invoice/>")))).await.unwrap();
    assert_eq!(with, Answer::EInvoice(Some(b"<Invoice/>".to_vec())));
    assert_eq!(ask("without", open(&pdf_with_invoice(None))).await.unwrap(), Answer::EInvoice(None));
    let largest = "x".repeat(10 * 1024 * 1024);
    let Answer::EInvoice(Some(found)) = ask("large", open(&pdf_with_invoice(Some(&largest)))).await.unwrap() else {
        panic!("no invoice")
    };
    assert_eq!(found.len(), largest.len());
}

async fn the_extractor_gets_pages_and_the_invoice() {
    let node = node(Script::Tell).await;
    let record = record_of(&node, picture()).await;
    assert_eq!(record.fields, json!({"text": "hello\neng", "invoice": null}).as_object().cloned());
    let record = record_of(&node, ("b.pdf".to_owned(), pdf_with_invoice(Some("<Invoice/>")))).await;
    assert_eq!(record.fields, json!({"text": "", "invoice": "<Invoice/>"}).as_object().cloned());
    assert!(!record.needs_review && of_extraction(&record.warnings).is_empty(), "{record:?}");
    node.stop().await;
}

async fn an_extractor_that_is_away_is_tried_again() {
    let node = node(Script::Away(AtomicU32::new(2))).await;
    let record = record_of(&node, picture()).await;
    assert_eq!(record.fields.unwrap()["text"], "hello\neng");
    assert_eq!((record.needs_review, of_extraction(&record.warnings).len()), (false, 0));
    node.stop().await;
}

async fn what_was_found_without_an_extractor_stands() {
    let node = node(Script::AwayWithSomething).await;
    let record = record_of(&node, picture()).await;
    assert_eq!(record.fields.unwrap()["text"], "by rules");
    assert_eq!(of_extraction(&record.warnings), ["script is not available: it sleeps; gave up after 3 attempts"]);
    assert!(record.needs_review);
    node.stop().await;
}

async fn a_document_without_its_fields_is_still_read() {
    let spinning = Arc::new(AtomicU32::new(1));
    let (gave_up, at_once) = ("; gave up after 3 attempts", "");
    for (script, reason, ending) in [
        (Script::Away(AtomicU32::new(9)), "script is not available: it sleeps", gave_up),
        (Script::Wait, "script is not available: it took longer than 1 s", gave_up),
        (Script::Spin(Arc::clone(&spinning)), "script gave no usable answer: it took longer than 1 s", at_once),
        (Script::Panic, "script gave no usable answer: it failed with an internal error", at_once),
        (Script::Nonsense, "script gave no usable answer: it spoke of the weather", at_once),
    ] {
        spinning.store(1, Ordering::SeqCst);
        let node = node(script).await;
        let record = record_of(&node, picture()).await;
        assert_eq!(of_extraction(&record.warnings), [format!("the fields could not be extracted: {reason}{ending}")]);
        assert_eq!(record.fields, json!({"text": null, "invoice": null}).as_object().cloned());
        assert!(record.needs_review);
        // The next one is read too: nothing went down.
        record_of(&node, picture()).await;
        spinning.store(0, Ordering::SeqCst);
        node.stop().await;
    }
}

async fn an_extractor_that_waits_holds_up_no_page() {
    let settings = PipelineSettings::default();
    let (pool, left) = (pool_of(WORKER, 1), Arc::new(AtomicU32::new(4)));
    let script = Arc::new(Script::WaitTimes(Arc::clone(&left)));
    let node = Node::with_extractor(TempDir::new().unwrap(), pool, script, settings).await;
    let files = vec![picture(); 12];
    let waiting = node.send_with(Some(template()), &files).await;
    node.until(waiting, |details| details.completed_pages == 12).await;
    let behind = node.send_with(None, &[picture()]).await;
    assert_eq!(node.ended(behind).await.batch.status, BatchStatus::Completed);
    assert_eq!(node.details(waiting).await.batch.status, BatchStatus::Processing);
    while left.load(Ordering::SeqCst) > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // All places are taken by documents that would wait for ever.
    node.storage.batches().cancel(waiting).await.unwrap();
    assert!(record_of(&node, picture()).await.fields.is_some());
    node.stop().await;
}

async fn shutting_down_in_an_extraction_loses_nothing() {
    let settings = PipelineSettings::default();
    let pool = pool_of(WORKER, 1);
    let node = Node::with_extractor(TempDir::new().unwrap(), pool, Arc::new(Script::Wait), settings).await;
    let batch = node.send_with(Some(template()), &[picture()]).await;
    node.until(batch, |details| details.completed_pages == 1).await;
    let folder = node.stop().await;

    let node = Node::with_extractor(folder, pool_of(WORKER, 1), Arc::new(Script::Tell), settings).await;
    let details = node.ended(batch).await;
    let record = node.storage.records().get(details.processing_history_ids[0]).await.unwrap().unwrap();
    assert_eq!(record.fields.unwrap()["text"], "hello\neng");
    node.stop().await;
}

/// What warnings say beside that the test engine reads little of its pages.
fn of_extraction(warnings: &[String]) -> Vec<&str> {
    warnings.iter().map(String::as_str).filter(|warning| !warning.ends_with("of the ink was not read")).collect()
}
