//! What templates ask for, read once for all documents that come after one another with the same one: compiling its
//! regular expressions may take longer than a search with them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use recto_domain::TemplateContent;
use recto_domain::template_schema::InvalidTemplateSchema;
use recto_extract::FieldPlan;

/// The most templates that are kept, each with at most some 30 MB of compiled patterns.
const MOST: usize = 4;

/// A template as it was read, or why it cannot be.
type Read = Result<Arc<FieldPlan>, InvalidTemplateSchema>;

/// The templates that were last read.
#[derive(Default)]
pub(super) struct Plans {
    /// The last used one last.
    kept: Mutex<VecDeque<(TemplateContent, Read)>>,
}

impl Plans {
    /// What a template asks for. A version of a template never changes, so what it says is what it is known by.
    pub(super) fn of(&self, template: &TemplateContent) -> Read {
        if let Some(plan) = self.kept(template) {
            return plan;
        }
        // Not under the lock: another template need not wait for this one.
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
