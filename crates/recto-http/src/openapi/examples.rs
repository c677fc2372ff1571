//! The examples of the published page, added to the responses they belong to. The page's ids contain letters beyond
//! `f`, which no id has; they are made hexadecimal here, so that each example is valid by its own schema.

use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;

/// Examples of responses: operation, status, JSON.
const ANSWERS: [(&str, &str, &str); 4] = [
    ("uploadBatch", "201", include_str!("examples/upload_batch.json")),
    ("listBatches", "200", include_str!("examples/list_batches.json")),
    ("getBatch", "200", include_str!("examples/get_batch.json")),
    ("signIn", "200", include_str!("examples/sign_in.json")),
];

/// Adds the page's examples to an operation.
pub(super) fn add(operation: &mut Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    for (_, status, json) in ANSWERS.into_iter().filter(|(operation, ..)| *operation == id) {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status)
            && let Some(RefOr::T(content)) = response.content.get_mut("application/json")
        {
            content.example = Some(serde_json::from_str(json).expect("a test reads every example"));
        }
    }
}
