//! Receiving an upload: files are stored as they arrive; fields may come before or after them.

use axum::body::Bytes;
use futures::Stream;
use recto_domain::{Batch, ProjectId, ReadOptions, Template, TemplateId, error_chain};
use recto_storage::{Accepted, Idempotency, ReceivedFile, Receiving};

use super::fields::{Field, Fields, FormKind, MAX_TEXT_BYTES};
use super::idempotency::IdempotencyKey;
use super::multipart::Multipart;
use super::options;
use crate::auth::{Access, Caller, ProjectScope};
use crate::error::{ApiError, excerpt};
use crate::quota;
use crate::state::ApiState;

/// The most parts of a form, fields and files together; no person or script fills in more.
const MAX_PARTS: usize = 1000;
const MAX_FILE_NAME_CHARS: usize = 1000;
/// The name of a file whose sender gave none.
const UNNAMED: &str = "unnamed";

/// A completely received form, for a project that the caller may send it to.
pub(crate) struct Form {
    pub(crate) receiving: Receiving,
    /// The files, each with its read options.
    pub(crate) files: Vec<(ReceivedFile, ReadOptions)>,
    pub(crate) fields: Fields,
    pub(crate) project: ProjectId,
    pub(crate) template: Option<Template>,
    /// Identifies a repetition of the request, if it came with a key.
    pub(crate) idempotency: Option<Idempotency>,
}

/// The result for a form with an `Idempotency-Key`.
pub(crate) enum Received<T> {
    /// The first request with its key, or one without a key.
    New(Box<Form>),
    /// The key was used before; the data received now is removed.
    Earlier(Accepted<T>),
}

impl Form {
    /// Receives a form. If it is refused or the client disconnects, its stored data is removed.
    pub(crate) async fn receive<A, S, E>(
        state: &ApiState,
        caller: &Caller<A>,
        kind: FormKind,
        body: &mut Multipart<S>,
    ) -> Result<Self, ApiError>
    where
        A: Access,
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::error::Error + 'static,
    {
        let mut arriving = Arriving::of(state, caller, kind, Refusal::Early);
        match arriving.read(body).await {
            Ok(()) => arriving.settle(None).await,
            Err(error) => Err(arriving.refused(error).await),
        }
    }

    /// Receives a form that may have been sent before with the same key.
    ///
    /// The first answer remains valid even if the project, template, batch or engine that it names has changed since.
    /// They are checked only if the key is new.
    pub(crate) async fn receive_once<T, A, S, E>(
        state: &ApiState,
        caller: &Caller<A>,
        kind: FormKind,
        key: Option<IdempotencyKey>,
        body: &mut Multipart<S>,
    ) -> Result<Received<T>, ApiError>
    where
        A: Access,
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::error::Error + 'static,
    {
        let Some(key) = key else {
            let form = Self::receive(state, caller, kind, body).await?;
            return Ok(Received::New(Box::new(form)));
        };
        let mut arriving = Arriving::of(state, caller, kind, Refusal::AfterTheKey);
        if let Err(error) = arriving.read(body).await {
            return Err(arriving.refused(error).await);
        }
        let idempotency = key.of_form(&arriving.fields, &arriving.files, caller.token());
        match state.storage.batches().earlier_answer(&idempotency).await {
            Ok(None) => Ok(Received::New(Box::new(arriving.settle(Some(idempotency)).await?))),
            Ok(Some(earlier)) => {
                abandon(arriving.receiving).await;
                Ok(Received::Earlier(earlier))
            }
            Err(error) => Err(arriving.refused(error.into()).await),
        }
    }

    /// Abandons the form, and removes its stored data.
    pub(crate) async fn abandon(self) {
        abandon(Some(self.receiving)).await;
    }
}

/// When to refuse a form that names a project or template that it may not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// Before gigabytes of files follow.
    Early,
    /// Once it is known that the request is not a repetition.
    AfterTheKey,
}

/// A form that is being received.
struct Arriving<'a, A> {
    state: &'a ApiState,
    caller: &'a Caller<A>,
    refusal: Refusal,
    /// Set when the first file begins.
    receiving: Option<Receiving>,
    files: Vec<ReceivedFile>,
    fields: Fields,
}

impl<'a, A: Access> Arriving<'a, A> {
    fn of(state: &'a ApiState, caller: &'a Caller<A>, kind: FormKind, refusal: Refusal) -> Self {
        Self { state, caller, refusal, receiving: None, files: Vec::new(), fields: Fields::of(kind) }
    }

    /// Reads the form to its end as it arrives.
    async fn read<S, E>(&mut self, body: &mut Multipart<S>) -> Result<(), ApiError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::error::Error + 'static,
    {
        let mut parts = 0;
        while let Some(part) = body.next_part().await? {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(ApiError::invalid(format!("the form has more than {MAX_PARTS} parts")));
            }
            let files = self.fields.kind.file_part();
            if part.name == files {
                let file_name = part.file_name.ok_or_else(|| {
                    ApiError::invalid(format!(
                        "{files}: a part with this name must be a file, but this one has no file name"
                    ))
                })?;
                self.file(file_name, body).await?;
            } else if let Some(field) = Field::of(self.fields.kind, &part.name) {
                let value = text(&part.name, body).await?;
                self.fields.set(field, &part.name, &value)?;
                match field {
                    Field::ProjectId if self.refusal == Refusal::Early => drop(self.project().await?),
                    Field::TemplateId if self.refusal == Refusal::Early => drop(self.template().await?),
                    _ => {}
                }
            }
        }
        self.name_file();
        Ok(())
    }

    /// The form, if its request can be carried out. The stored data of a refused form is removed.
    async fn settle(mut self, idempotency: Option<Idempotency>) -> Result<Form, ApiError> {
        let (project, template, options) = match self.meaning().await {
            Ok(meaning) => meaning,
            Err(error) => return Err(self.refused(error).await),
        };
        let receiving = self.receiving.take().ok_or_else(|| ApiError::invalid(no_files(self.fields.kind)))?;
        let files = self.files.into_iter().zip(options).collect();
        Ok(Form { receiving, files, fields: self.fields, project, template, idempotency })
    }

    /// What the whole form asks for: its project, its template, and the read options of each file. All problems are
    /// reported together.
    async fn meaning(&self) -> Result<(ProjectId, Option<Template>, Vec<ReadOptions>), ApiError> {
        let mut wrong = Vec::new();
        let project = collect_error(self.project().await, &mut wrong)?;
        let template = collect_error(self.template().await, &mut wrong)?.flatten();
        if self.receiving.is_none() {
            wrong.push(no_files(self.fields.kind));
        }
        if let (Some(project), Some(template)) = (project, &template)
            && template.project_id != project
        {
            wrong.push(format!("templateId {} belongs to another project", template.id));
        }
        let options = options::of_files(&self.fields, self.files.len(), &self.state.engines.borrow());
        match (project, collect_error(options, &mut wrong)?) {
            (Some(project), Some(options)) if wrong.is_empty() => Ok((project, template, options)),
            _ => Err(ApiError::Invalid(wrong)),
        }
    }

    /// Removes the stored data of the form, and returns the refusal.
    async fn refused(self, error: ApiError) -> ApiError {
        abandon(self.receiving).await;
        error
    }

    /// Gives a single file the name in the field `fileName`.
    fn name_file(&mut self) {
        if let (Some(name), [file]) = (self.fields.file_name.take(), self.files.as_mut_slice()) {
            file.upload.file_name = name;
        }
    }

    /// The template that the form names.
    async fn template(&self) -> Result<Option<Template>, ApiError> {
        let Some(named) = &self.fields.template_id else { return Ok(None) };
        let unknown = || ApiError::invalid(format!("templateId: there is no template {}", excerpt(named)));
        let id: TemplateId = named.parse().map_err(|_| unknown())?;
        let template = self.state.storage.templates().get(id).await?.ok_or_else(unknown)?;
        if !self.caller.token().reaches(template.organization_id, template.project_id) {
            return Err(ApiError::Unauthorized(
                "templateId does not belong to the organization or project of this token",
            ));
        }
        if !template.is_active {
            return Err(ApiError::invalid(format!("templateId: the template {id} is not active")));
        }
        Ok(Some(template))
    }

    /// Streams a file into the blob store.
    async fn file<S, E>(&mut self, file_name: String, body: &mut Multipart<S>) -> Result<(), ApiError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::error::Error + 'static,
    {
        let mut next = body.chunk().await?;
        if file_name.is_empty() && next.is_none() {
            // Sent by a browser for an empty file input.
            return Ok(());
        }
        let index = self.files.len();
        self.check_count()?;
        let file_name = sound_name(&self.what(index), file_name)?;
        let limit_bytes = self.state.settings.max_file_bytes;
        let receiving = match &mut self.receiving {
            Some(receiving) => receiving,
            none => none.insert(self.state.storage.batches().begin_receiving().await?),
        };
        let mut receiver = receiving.file(file_name.clone());
        while let Some(chunk) = next {
            if receiver.bytes_written() + chunk.len() as u64 > limit_bytes {
                let what = format!("{} ({})", self.what(index), excerpt(&file_name));
                return Err(ApiError::TooLarge { what, limit_bytes });
            }
            receiver.write(chunk).await?;
            next = body.chunk().await?;
        }
        self.files.push(receiver.finish().await?);
        Ok(())
    }

    fn check_count(&self) -> Result<(), ApiError> {
        let most = self.fields.kind.max_files();
        if self.files.len() < most {
            return Ok(());
        }
        Err(ApiError::invalid(match self.fields.kind {
            FormKind::Batch => format!("files must be 1 to {most} files, but more than {most} were sent"),
            FormKind::Single | FormKind::Example(_) => "file must be one file, but more were sent".to_owned(),
        }))
    }

    /// The name of a file in messages.
    fn what(&self, index: usize) -> String {
        match self.fields.kind {
            FormKind::Batch => format!("files[{index}]"),
            FormKind::Single | FormKind::Example(_) => "file".to_owned(),
        }
    }

    /// The project that the form names so far, if it may have more pages read today.
    async fn project(&self) -> Result<ProjectId, ApiError> {
        let scope = ProjectScope::for_work(self.state, self.caller, self.fields.project_id.as_deref()).await?;
        if let FormKind::Example(_) = self.fields.kind {
            return Ok(scope.project);
        }
        quota::check(self.state, scope.project).await?;
        Ok(scope.project)
    }
}

/// The value; or, if it is invalid, `None`, with the problems added to `wrong`. Other refusals are returned at once.
fn collect_error<T>(settled: Result<T, ApiError>, wrong: &mut Vec<String>) -> Result<Option<T>, ApiError> {
    match settled {
        Ok(value) => Ok(Some(value)),
        Err(ApiError::Invalid(why)) => {
            wrong.extend(why);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

fn no_files(kind: FormKind) -> String {
    match kind {
        FormKind::Batch => format!("files is missing: send 1 to {} files", Batch::MAX_FILES),
        FormKind::Single | FormKind::Example(_) => "file is missing".to_owned(),
    }
}

/// The file's name, if it is allowed.
pub(super) fn sound_name(what: &str, file_name: String) -> Result<String, ApiError> {
    let chars = file_name.chars().count();
    if chars > MAX_FILE_NAME_CHARS {
        return Err(ApiError::invalid(format!(
            "{what}: a file name must have at most {MAX_FILE_NAME_CHARS} characters, not {chars}"
        )));
    }
    Ok(if file_name.is_empty() { UNNAMED.to_owned() } else { file_name })
}

/// Reads a whole text field.
async fn text<S, E>(name: &str, body: &mut Multipart<S>) -> Result<String, ApiError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + 'static,
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

/// Removes the stored data of a refused form. If that fails, the request is still refused for its own reason, and a
/// sweep removes the data later.
async fn abandon(receiving: Option<Receiving>) {
    if let Some(receiving) = receiving
        && let Err(error) = receiving.abandon().await
    {
        tracing::warn!(error = error_chain(&error), "files of a refused upload could not be deleted; retrying later");
    }
}
