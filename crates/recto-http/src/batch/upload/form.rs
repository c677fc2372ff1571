//! An upload while it is received: files go to the blob store as they come, fields may come before or after them.

use axum::body::Bytes;
use futures::Stream;
use recto_domain::{Batch, BatchDetails, ProjectId, Timestamp};
use recto_storage::{Accepted, Idempotency, NewBatch, ReceivedFile, Receiving};

use super::fields::{Field, Fields, MAX_TEXT_BYTES};
use super::idempotency::{IdempotencyKey, fingerprint};
use super::multipart::Multipart;
use super::options;
use crate::auth::{Caller, ProjectScope, WriteBatches};
use crate::error::{ApiError, chain, start};
use crate::state::ApiState;

/// Fields and files together; more is no form that a person or a script fills in.
const MAX_PARTS: usize = 1000;
const MAX_FILE_NAME_CHARS: usize = 1000;
/// What a file is called whose sender did not say.
const UNNAMED: &str = "unnamed";

/// A form that was received whole, and a project that the caller may send it to.
pub(super) struct Form {
    receiving: Receiving,
    files: Vec<ReceivedFile>,
    fields: Fields,
    project: ProjectId,
}

impl Form {
    /// Receives a form. When it is refused, or the client goes away, what was stored of it is removed again.
    pub(super) async fn receive<S, E>(
        state: &ApiState,
        caller: &Caller<WriteBatches>,
        body: &mut Multipart<S>,
    ) -> Result<Self, ApiError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut arriving = Arriving { state, caller, receiving: None, files: Vec::new(), fields: Fields::default() };
        let read = arriving.read(body).await;
        let is_whole = read.is_ok();
        let project = match read {
            Ok(()) => arriving.project().await,
            Err(error) => Err(error),
        };
        match (project, arriving.receiving) {
            (Ok(project), Some(receiving)) => {
                Ok(Self { receiving, files: arriving.files, fields: arriving.fields, project })
            }
            (Ok(_), None) => Err(ApiError::invalid(no_files())),
            (Err(ApiError::Invalid(mut wrong)), None) if is_whole => {
                wrong.push(no_files());
                Err(ApiError::Invalid(wrong))
            }
            (Err(error), receiving) => {
                abandon(receiving).await;
                Err(error)
            }
        }
    }

    /// Makes the form a batch.
    pub(super) async fn accept(
        self,
        state: &ApiState,
        caller: &Caller<WriteBatches>,
        key: Option<IdempotencyKey>,
    ) -> Result<Accepted<BatchDetails>, ApiError> {
        let Self { receiving, files, fields, project } = self;
        let options = options::of_files(&fields, files.len(), &state.engines.borrow());
        let options = match options {
            Ok(options) => options,
            Err(error) => {
                abandon(Some(receiving)).await;
                return Err(error);
            }
        };
        let files: Vec<_> = files.into_iter().zip(options).collect();
        let token = caller.token();
        let idempotency = key.map(|IdempotencyKey(key)| Idempotency {
            token: token.id,
            key,
            fingerprint: fingerprint(project, fields.name.as_deref(), fields.metadata.as_ref(), &files),
        });
        let batch = NewBatch {
            organization: token.organization_id,
            project,
            user: token.user_id,
            name: fields.name.unwrap_or_else(|| Batch::default_name(Timestamp::now())),
            metadata: fields.metadata,
            template: None,
            files,
        };
        // A task of its own: a client that hangs up now must not leave it open whether the batch was taken.
        let storage = caller.storage(state);
        let accepting = tokio::spawn(async move { storage.accept_batch(receiving, batch, idempotency).await });
        Ok(accepting.await.map_err(|error| ApiError::Internal(error.into()))??)
    }
}

/// A form in the middle of its arrival.
struct Arriving<'a> {
    state: &'a ApiState,
    caller: &'a Caller<WriteBatches>,
    /// Begins with the first file.
    receiving: Option<Receiving>,
    files: Vec<ReceivedFile>,
    fields: Fields,
}

impl Arriving<'_> {
    async fn read<S, E>(&mut self, body: &mut Multipart<S>) -> Result<(), ApiError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut parts = 0;
        while let Some(part) = body.next_part().await? {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(ApiError::invalid(format!("the form has more than {MAX_PARTS} parts")));
            }
            if part.name == "files" {
                let file_name = part.file_name.ok_or_else(|| {
                    ApiError::invalid("files must be sent as files: a part of that name has no file name")
                })?;
                self.file(file_name, body).await?;
            } else if let Some(field) = Field::of(&part.name) {
                let value = text(&part.name, body).await?;
                self.fields.set(field, &part.name, &value)?;
                if field == Field::ProjectId {
                    // A wrong project is refused before gigabytes of files come behind it.
                    self.project().await?;
                }
            }
        }
        Ok(())
    }

    /// Streams a file into the blob store.
    async fn file<S, E>(&mut self, file_name: String, body: &mut Multipart<S>) -> Result<(), ApiError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut next = body.chunk().await?;
        if file_name.is_empty() && next.is_none() {
            // What a browser sends for a file input that nobody filled in.
            return Ok(());
        }
        let index = self.files.len();
        let file_name = self.sound_name(file_name)?;
        let limit_bytes = self.state.settings.max_file_bytes;
        let receiving = match &mut self.receiving {
            Some(receiving) => receiving,
            none => none.insert(self.state.storage.begin_receiving().await?),
        };
        let mut receiver = receiving.file(file_name.clone()).await?;
        while let Some(chunk) = next {
            if receiver.bytes_written() + chunk.len() as u64 > limit_bytes {
                let what = format!("files[{index}] ({})", start(&file_name));
                return Err(ApiError::TooLarge { what, limit_bytes });
            }
            receiver.write(chunk).await?;
            next = body.chunk().await?;
        }
        self.files.push(receiver.finish().await?);
        Ok(())
    }

    /// The name of the next file, if there may be one.
    fn sound_name(&self, file_name: String) -> Result<String, ApiError> {
        if self.files.len() == Batch::MAX_FILES {
            let most = Batch::MAX_FILES;
            return Err(ApiError::invalid(format!("files must be 1 to {most} files, and more than {most} were sent")));
        }
        let chars = file_name.chars().count();
        if chars > MAX_FILE_NAME_CHARS {
            let index = self.files.len();
            return Err(ApiError::invalid(format!(
                "files[{index}]: a file name must have at most {MAX_FILE_NAME_CHARS} characters, not {chars}"
            )));
        }
        Ok(if file_name.is_empty() { UNNAMED.to_owned() } else { file_name })
    }

    /// The project that the form is for, as far as it has come.
    async fn project(&self) -> Result<ProjectId, ApiError> {
        let scope = ProjectScope::settle(self.state, self.caller, self.fields.project_id.as_deref()).await;
        Ok(scope?.project)
    }
}

fn no_files() -> String {
    format!("files is missing: send 1 to {} files", Batch::MAX_FILES)
}

/// A text field, whole.
async fn text<S, E>(name: &str, body: &mut Multipart<S>) -> Result<String, ApiError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let mut bytes = Vec::new();
    while let Some(chunk) = body.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_TEXT_BYTES {
            return Err(ApiError::invalid(format!("{name} must have at most {MAX_TEXT_BYTES} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::invalid(format!("{name} must be UTF-8 text")))
}

/// Removes what a refused form has stored. Failing is no second refusal: the sweeper comes by later.
async fn abandon(receiving: Option<Receiving>) {
    if let Some(receiving) = receiving
        && let Err(error) = receiving.abandon().await
    {
        tracing::warn!(error = chain(&error), "the files of a refused upload are left to the sweeper");
    }
}
