//! `Idempotency-Key`: an upload that is sent twice is stored once.

use std::borrow::Cow;

use axum::http::HeaderMap;
use recto_domain::{BatchId, ReadOptions, Token};
use recto_storage::{Idempotency, ReceivedFile};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::fields::{Fields, FormKind};
use crate::error::ApiError;

const MAX_CHARS: usize = 255;

/// The key that a client chose for an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key of a request, if it has one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
        let text = value.to_str().map_err(|_| ApiError::invalid("Idempotency-Key must be visible ASCII characters"))?;
        if text.is_empty() || text.len() > MAX_CHARS {
            let got = text.len();
            return Err(ApiError::invalid(format!("Idempotency-Key must have 1 to {MAX_CHARS} characters, not {got}")));
        }
        Ok(Some(Self(text.to_owned())))
    }
}

impl IdempotencyKey {
    /// What identifies a repetition of a form's request.
    pub(super) fn of_form(self, fields: &Fields, files: &[ReceivedFile], token: &Token) -> Idempotency {
        Idempotency { token: token.id, key: self.0, fingerprint: fingerprint(fields, files, token) }
    }
}

/// Everything that makes two uploads the same, however their bodies are assembled. Passwords are not included, because
/// nothing stored about a request may help to guess them. Names are compared as given: the named object may be gone
/// when the second request comes.
#[derive(Serialize)]
struct Meaning<'a> {
    kind: FormKind,
    project: Option<Cow<'a, str>>,
    template: Option<&'a str>,
    batch: Option<BatchId>,
    name: Option<&'a str>,
    upload_type: &'a str,
    metadata: Option<Value>,
    files: Vec<(&'a str, &'a str, ReadOptions)>,
}

/// A hash over the relevant fields and over the files' names and contents.
fn fingerprint(fields: &Fields, files: &[ReceivedFile], token: &Token) -> String {
    let files = files.iter().map(|file| &file.upload).enumerate();
    let files = files.map(|(index, upload)| (&*upload.file_name, &*upload.sha256, fields.reading_of(index)));
    // The order of an object's members does not matter.
    let metadata = fields.metadata.clone().map(|mut value| {
        value.sort_all_objects();
        value
    });
    // A project's token always means its project, whether the form names it or not.
    let own = || token.project_id.map(|id| Cow::from(id.to_string()));
    let meaning = Meaning {
        kind: fields.kind,
        project: fields.project_id.as_deref().map(Cow::from).or_else(own),
        template: fields.template_id.as_deref(),
        batch: fields.batch,
        name: fields.name.as_deref(),
        upload_type: &fields.upload_type,
        metadata,
        files: files.collect(),
    };
    let json = serde_json::to_vec(&meaning).expect("texts and a JSON value make JSON");
    hex::encode(Sha256::digest(json))
}
