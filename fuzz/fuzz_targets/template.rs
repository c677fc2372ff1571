//! A template that somebody sent is checked, as the API does when it is written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recto_domain::{ExtractionMode, TemplateContent};
use recto_extract::{Document, FieldPlan};

fuzz_target!(|text: &str| {
    let Ok(template_schema) = serde_json::from_str(text) else { return };
    let content = TemplateContent {
        name: "fuzz".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    };
    if let Ok(plan) = FieldPlan::parse(&content) {
        let found = plan.extract(Document { pages: &[], e_invoice: None });
        assert!(found.fields.len() <= text.len());
    }
});
