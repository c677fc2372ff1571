//! Merges a field that both the rules and the model have looked for.

use recto_domain::{Field, FieldSchema};
use recto_extract::{Evidence, Found, is_same};
use serde_json::Value;

/// Fields with at least this confidence from the rules are not asked for. It is a little above the level at which a
/// person need not look, because a second opinion is cheaper than a person's.
const SURE: f32 = 0.75;
/// The confidence of a value of the model that is literally in the document, where the rules found none.
const MODEL: f32 = 0.85;
/// The confidence of a value that no page can print. A person must check it.
const JUDGED: f32 = 0.4;
/// The least confidence of a value on which the model agrees with the rules.
const AGREED: f32 = 0.7;
const MOST: f32 = 0.99;

/// Whether the rules are so confident of a field that the model is not asked.
pub(crate) fn is_sure(field: &Field) -> bool {
    let is_found = !field.value.is_null() && field.source.as_deref() != Some("default");
    is_found && field.confidence.is_some_and(|confidence| confidence >= SURE)
}

/// The field as the rules found it, or with the model's value if that is in the document.
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
        tracing::debug!(field = schema.name, "a value from the language model does not appear in the document");
        return rules;
    };
    let is_judged = found.certainty == 0.0;
    if is_judged && before > 0.0 {
        return rules;
    }
    // If both values are in the document, the model's is more probable, because the rules are in doubt. The more
    // confident the rules are, the more a person should check it.
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
