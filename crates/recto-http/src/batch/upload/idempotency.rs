//! `Idempotency-Key`: the same upload sent twice is kept once.

use axum::http::HeaderMap;
use recto_domain::{ProjectId, ReadOptions};
use recto_storage::ReceivedFile;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::ApiError;

const MAX_CHARS: usize = 255;

/// The key that a client chose for an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdempotencyKey(pub(super) String);

impl IdempotencyKey {
    /// The key of a request, if it has one.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
        let text = value.to_str().map_err(|_| ApiError::invalid("Idempotency-Key must be visible ASCII"))?;
        if text.is_empty() || text.len() > MAX_CHARS {
            let got = text.len();
            return Err(ApiError::invalid(format!("Idempotency-Key must have 1 to {MAX_CHARS} characters, not {got}")));
        }
        Ok(Some(Self(text.to_owned())))
    }
}

/// All that makes two uploads the same one, however their bodies are put together.
#[derive(Serialize)]
struct Meaning<'a> {
    project: ProjectId,
    name: Option<&'a str>,
    metadata: Option<Value>,
    files: Vec<(&'a str, &'a str, &'a ReadOptions)>,
}

/// A hash over the fields that mean something and over the files' names and contents.
pub(super) fn fingerprint(
    project: ProjectId,
    name: Option<&str>,
    metadata: Option<&Value>,
    files: &[(ReceivedFile, ReadOptions)],
) -> String {
    let files = files.iter().map(|(f, options)| (f.upload.file_name.as_str(), f.upload.sha256.as_str(), options));
    // The order of an object's members means nothing.
    let metadata = metadata.cloned().map(|mut value| {
        value.sort_all_objects();
        value
    });
    let meaning = Meaning { project, name, metadata, files: files.collect() };
    let json = serde_json::to_vec(&meaning).expect("texts and a JSON value make JSON");
    hex::encode(Sha256::digest(json))
}
