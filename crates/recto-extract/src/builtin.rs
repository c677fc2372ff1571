//! The built-in templates, which users may copy and change freely.

use std::sync::LazyLock;

use recto_domain::{ExtractionMode, TemplateContent};
use serde::Deserialize;
use serde_json::Value;

/// A built-in template.
#[derive(Debug, Clone, PartialEq)]
pub struct BuiltinTemplate {
    /// Its id, such as `purchase-order`.
    pub id: &'static str,
    /// Its content.
    pub content: TemplateContent,
}

/// Every built-in template, in display order.
pub static BUILTIN_TEMPLATES: LazyLock<Vec<BuiltinTemplate>> =
    LazyLock::new(|| FILES.into_iter().map(|(id, json)| BuiltinTemplate { id, content: content(json) }).collect());

const FILES: [(&str, &str); 9] = [
    ("invoice", include_str!("../templates/invoice.json")),
    ("receipt", include_str!("../templates/receipt.json")),
    ("purchase-order", include_str!("../templates/purchase-order.json")),
    ("delivery-note", include_str!("../templates/delivery-note.json")),
    ("bank-statement", include_str!("../templates/bank-statement.json")),
    ("payslip", include_str!("../templates/payslip.json")),
    ("contract", include_str!("../templates/contract.json")),
    ("id-card", include_str!("../templates/id-card.json")),
    ("utility-bill", include_str!("../templates/utility-bill.json")),
];

impl BuiltinTemplate {
    /// The built-in template with that id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        BUILTIN_TEMPLATES.iter().find(|template| template.id == id)
    }
}

/// The content of a template file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    name: String,
    description: String,
    template_schema: Value,
}

fn content(json: &str) -> TemplateContent {
    let file: File = serde_json::from_str(json).expect("the templates of this crate are whole, as a test shows");
    TemplateContent {
        name: file.name,
        description: file.description,
        instructions: String::new(),
        template_schema: file.template_schema,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldPlan;

    #[test]
    fn every_template_is_whole_and_can_be_looked_for() {
        for BuiltinTemplate { id, content } in BUILTIN_TEMPLATES.iter() {
            let plan = FieldPlan::parse(content).unwrap_or_else(|wrong| panic!("{id}: {wrong:?}"));
            assert!(plan.fields().iter().any(|field| field.required), "{id} says when a person should look");
            assert!(!content.name.is_empty() && !content.description.is_empty(), "{id}");
        }
        assert_eq!(BuiltinTemplate::find("payslip").map(|template| template.content.name.as_str()), Some("Payslip"));
        assert_eq!(BuiltinTemplate::find("no-such"), None);
    }
}
