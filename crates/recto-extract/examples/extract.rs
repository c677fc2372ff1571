//! Finds the fields of a template in documents that `recto run --format json` has read, and prints them, a line of JSON
//! for each document:
//!
//! ```text
//! recto run invoice.pdf --format json -o invoice.json
//! echo '{"total": {"type": "number"}, "date": {"type": "date"}}' > schema.json
//! cargo run -p recto-extract --example extract -- schema.json invoice.json
//! ```

use std::error::Error;

use recto_domain::{ExtractionMode, Field, Page, TemplateContent};
use recto_extract::{Document, FieldPlan};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [schema, documents] = arguments.as_slice() else {
        return Err("usage: extract SCHEMA.json DOCUMENTS.json".into());
    };
    let plan = FieldPlan::parse(&TemplateContent {
        name: "example".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema: serde_json::from_slice(&std::fs::read(schema)?)?,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    })?;
    let read: Value = serde_json::from_slice(&std::fs::read(documents)?)?;
    for document in read["documents"].as_array().ok_or("the file has no documents")? {
        let pages: Vec<Page> = serde_json::from_value(document["pages"].clone())?;
        let found = plan.extract(Document { pages: &pages, e_invoice: None });
        let line = json!({
            "fileName": document["fileName"],
            "fields": Field::values(&found.fields),
            "fieldDetails": Field::details(&found.fields),
            "needsReview": found.needs_review,
        });
        println!("{line}");
    }
    Ok(())
}
