//! Parsed templates, cached because consecutive documents often use the same one. Compiling its regular expressions may
//! take longer than a search with them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use recto_domain::TemplateContent;
use recto_domain::template_schema::InvalidTemplateSchema;
use recto_extract::FieldPlan;

/// The most templates that are cached. Each has at most some 30 MB of compiled patterns.
const MOST: usize = 4;

/// A parsed template, or why it cannot be parsed.
type Read = Result<Arc<FieldPlan>, InvalidTemplateSchema>;

/// The templates that were parsed last.
#[derive(Default)]
pub(super) struct Plans {
    /// The templates, with the last used one at the end.
    kept: Mutex<VecDeque<(TemplateContent, Read)>>,
}

impl Plans {
    /// The plan of a template. The content is the key, because a version of a template never changes.
    pub(super) fn of(&self, template: &TemplateContent) -> Read {
        if let Some(plan) = self.kept(template) {
            return plan;
        }
        // Parsed without the lock, so that other templates need not wait.
        let plan = FieldPlan::parse(template).map(Arc::new);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((template.clone(), plan.clone()));
        if kept.len() > MOST {
            kept.pop_front();
        }
        plan
    }

    fn kept(&self, template: &TemplateContent) -> Option<Read> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == template)?;
        let used = kept.remove(at)?;
        let plan = used.1.clone();
        kept.push_back(used);
        Some(plan)
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::ExtractionMode;
    use serde_json::json;

    use super::*;

    fn template(pattern: &str) -> TemplateContent {
        TemplateContent {
            name: "t".to_owned(),
            description: String::new(),
            instructions: String::new(),
            template_schema: json!({"a": {"type": "string", "pattern": pattern}}),
            result_format: "json".to_owned(),
            extraction_mode: ExtractionMode::Structured,
        }
    }

    #[test]
    fn a_template_is_read_once_as_long_as_it_is_used() {
        let plans = Plans::default();
        let first = plans.of(&template("a")).unwrap();
        for other in ["b", "c", "d", "e", "f"] {
            plans.of(&template(other)).unwrap();
            assert!(Arc::ptr_eq(&first, &plans.of(&template("a")).unwrap()), "{other}");
        }
        assert!(plans.of(&template("(")).is_err() && plans.of(&template("(")).is_err());
        assert_eq!(plans.kept.lock().unwrap().len(), MOST);
    }
}
