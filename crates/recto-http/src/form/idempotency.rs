//! `Idempotency-Key`: the same upload sent twice is kept once.

use axum::http::HeaderMap;
use recto_domain::{BatchId, ProjectId, ReadOptions, TemplateId, TokenId};
use recto_storage::Idempotency;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::arriving::Form;
use super::fields::FormKind;
use crate::error::ApiError;

const MAX_CHARS: usize = 255;

/// The key that a client chose for an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of a request, if it has one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
        let text = value.to_str().map_err(|_| ApiError::invalid("Idempotency-Key must be visible ASCII"))?;
        if text.is_empty() || text.len() > MAX_CHARS {
            let got = text.len();
            return Err(ApiError::invalid(format!("Idempotency-Key must have 1 to {MAX_CHARS} characters, not {got}")));
        }
        Ok(Some(Self(text.to_owned())))
    }
}

impl IdempotencyKey {
    /// What makes a repetition of a form's request known.
    pub(crate) fn for_form(self, form: &Form, token: TokenId) -> Idempotency {
        Idempotency { token, key: self.0, fingerprint: fingerprint(form) }
    }
}

/// All that makes two uploads the same one, however their bodies are put together.
#[derive(Serialize)]
struct Meaning<'a> {
    kind: FormKind,
    project: ProjectId,
    template: Option<TemplateId>,
    batch: Option<BatchId>,
    name: Option<&'a str>,
    upload_type: &'a str,
    metadata: Option<Value>,
    files: Vec<(&'a str, &'a str, &'a ReadOptions)>,
}

/// A hash over the fields that mean something and over the files' names and contents.
fn fingerprint(form: &Form) -> String {
    let files = form.files.iter();
    let files = files.map(|(f, options)| (f.upload.file_name.as_str(), f.upload.sha256.as_str(), options));
    // The order of an object's members means nothing.
    let metadata = form.fields.metadata.clone().map(|mut value| {
        value.sort_all_objects();
        value
    });
    let meaning = Meaning {
        kind: form.fields.kind,
        project: form.project,
        template: form.template.as_ref().map(|template| template.id),
        batch: form.fields.batch,
        name: form.fields.name.as_deref(),
        upload_type: &form.fields.upload_type,
        metadata,
        files: files.collect(),
    };
    let json = serde_json::to_vec(&meaning).expect("texts and a JSON value make JSON");
    hex::encode(Sha256::digest(json))
}
