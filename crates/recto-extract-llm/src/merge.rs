//! What becomes of a field that rules and model have both looked for.

use recto_domain::{Field, FieldSchema};
use recto_extract::{Evidence, Found, is_same};
use serde_json::Value;

/// Fields that the rules found at least so surely are not asked for. Somewhat above what needs no person's eye: a second
/// opinion is cheaper than a person's.
const SURE: f32 = 0.75;
/// How sure a value of the model is that stands in the document to the letter, where the rules found none.
const MODEL: f32 = 0.85;
/// How sure a value is that no page can print. A person must look.
const JUDGED: f32 = 0.4;
/// How likely a value is right that the model names too, whatever the rules made of it.
const AGREED: f32 = 0.7;
const MOST: f32 = 0.99;

/// Whether the rules found a field so surely that nobody else is asked.
pub(crate) fn is_sure(field: &Field) -> bool {
    let is_found = !field.value.is_null() && field.source.as_deref() != Some("default");
    is_found && field.confidence.is_some_and(|confidence| confidence >= SURE)
}

/// The field as the rules found it, or with the value that the model gave when that stands in the document.
pub(crate) fn merged(rules: Field, schema: &FieldSchema, said: &Value, evidence: &Evidence, source: &str) -> Field {
    if said.is_null() {
        return rules;
    }
    let before = rules.confidence.filter(|_| !rules.value.is_null()).unwrap_or(0.0);
    let agreed = |found: Option<&Found>| {
        is_same(schema, &rules.value, said) || found.is_some_and(|found| is_same(schema, &rules.value, &found.value))
    };
    let found = evidence.find(schema, said);
    if before > 0.0 && agreed(found.as_ref()) {
        let confidence = 1.0 - (1.0 - before) * (1.0 - AGREED);
        return Field { confidence: Some(confidence.min(MOST)), ..rules };
    }
    let Some(found) = found else {
        tracing::debug!(field = schema.name, "a value of the language model does not stand in the document");
        return rules;
    };
    let is_judged = found.certainty == 0.0;
    if is_judged && before > 0.0 {
        return rules;
    }
    // Of two values that both stand there the model's is likelier, as the rules are not sure; the surer they are, the
    // more it wants a person's eye.
    let doubt = 1.0 - before / 2.0;
    let confidence = if is_judged { JUDGED } else { MODEL * found.certainty * doubt };
    Field {
        value: found.value,
        raw: found.raw,
        confidence: Some(confidence),
        page: found.page,
        bbox: found.bbox,
        source: Some(source.to_owned()),
        ..rules
    }
}
