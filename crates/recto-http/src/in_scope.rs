//! The object that a path names, if the caller's token reaches it.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use recto_domain::{Batch, Delivery, Project, Record, RecordId, Template, Token, UploadId, Webhook};

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The object that the first parameter of a path names: 404 when there is none with that id, 401 when the caller's
/// token does not reach it.
pub(crate) struct InScope<R, A> {
    pub(crate) found: R,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

/// An object that a path may name.
pub(crate) trait Resource: Sized + Send {
    /// Its name in messages.
    const NAME: &'static str;
    /// The message when the token does not reach it.
    const OUT_OF_SCOPE: &'static str;

    /// The object with that id. Where its existence must stay hidden from other organizations, an object of another
    /// organization counts as missing.
    fn find(state: &ApiState, token: &Token, id: &str) -> impl Future<Output = Result<Option<Self>, ApiError>> + Send;

    /// Whether the token reaches it.
    fn is_in_scope(&self, token: &Token) -> bool;
}

impl<R: Resource, A: Access> FromRequestParts<ApiState> for InScope<R, A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        // A path that is not UTF-8 names nothing.
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        let id = params.as_ref().and_then(|params| params.iter().next()).map(|(_, id)| id);
        let id = id.ok_or_else(|| ApiError::no_such(R::NAME, "with that name"))?;
        let found = R::find(state, caller.token(), id).await?.ok_or_else(|| ApiError::no_such(R::NAME, id))?;
        if found.is_in_scope(caller.token()) {
            Ok(Self { found, caller })
        } else {
            Err(ApiError::Unauthorized(R::OUT_OF_SCOPE))
        }
    }
}

impl Resource for Batch {
    const NAME: &'static str = "batch";
    const OUT_OF_SCOPE: &'static str = "the batch does not belong to the organization or project of this token";

    async fn find(state: &ApiState, _: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(state.storage.batches().get(id).await?)
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        token.reaches(self.organization_id, self.project_id)
    }
}

impl Resource for Template {
    const NAME: &'static str = "template";
    const OUT_OF_SCOPE: &'static str = "the template does not belong to the organization or project of this token";

    async fn find(state: &ApiState, _: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(state.storage.templates().get(id).await?)
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        token.reaches(self.organization_id, self.project_id)
    }
}

impl Resource for Project {
    const NAME: &'static str = "project";
    const OUT_OF_SCOPE: &'static str = "the project does not belong to the organization or project of this token";

    async fn find(state: &ApiState, _: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(state.storage.tenants().project(id).await?)
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        token.reaches(self.organization_id, self.id)
    }
}

/// Found by its own id or its upload's id.
impl Resource for Record {
    const NAME: &'static str = "record";
    const OUT_OF_SCOPE: &'static str = "the record does not belong to the project of this token";

    async fn find(state: &ApiState, token: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        if let Ok(id) = id.parse::<RecordId>()
            && let Some(record) = state.storage.records().get(id).await?.filter(|record| is_own(record, token))
        {
            return Ok(Some(record));
        }
        of_upload(state, token, id).await
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        token.reaches(self.organization_id, self.project_id)
    }
}

/// An upload, represented by its record.
pub(crate) struct Uploaded(pub(crate) Record);

impl Resource for Uploaded {
    const NAME: &'static str = "upload";
    const OUT_OF_SCOPE: &'static str = "the upload does not belong to the project of this token";

    async fn find(state: &ApiState, token: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        Ok(of_upload(state, token, id).await?.map(Self))
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        self.0.is_in_scope(token)
    }
}

async fn of_upload(state: &ApiState, token: &Token, id: &str) -> Result<Option<Record>, ApiError> {
    let Ok(id) = id.parse::<UploadId>() else { return Ok(None) };
    Ok(state.storage.records().of_upload(id).await?.filter(|record| is_own(record, token)))
}

fn is_own(record: &Record, token: &Token) -> bool {
    record.organization_id == token.organization_id
}

/// A token can be managed by tokens of the whole organization, and by those of its own project.
impl Resource for Token {
    const NAME: &'static str = "token";
    const OUT_OF_SCOPE: &'static str = "the token does not belong to the project of the token in use";

    async fn find(state: &ApiState, token: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(state.storage.tokens().get(id).await?.filter(|found| found.organization_id == token.organization_id))
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        token.project_id.is_none() || token.project_id == self.project_id
    }
}

impl Resource for Webhook {
    const NAME: &'static str = "webhook";
    const OUT_OF_SCOPE: &'static str = "the webhook does not belong to the project of this token";

    async fn find(state: &ApiState, token: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(state.storage.webhooks().get(id).await?.filter(|webhook| webhook.organization_id == token.organization_id))
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        token.project_id.is_none() || token.project_id == self.project_id
    }
}

/// A delivery, with the endpoint that it goes to.
pub(crate) struct Delivered {
    pub(crate) delivery: Delivery,
    webhook: Webhook,
}

impl Resource for Delivered {
    const NAME: &'static str = "delivery";
    const OUT_OF_SCOPE: &'static str = Webhook::OUT_OF_SCOPE;

    async fn find(state: &ApiState, token: &Token, id: &str) -> Result<Option<Self>, ApiError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        let Some(delivery) = state.storage.webhooks().delivery(id).await? else { return Ok(None) };
        let webhook = Webhook::find(state, token, &delivery.webhook_id.to_string()).await?;
        Ok(webhook.map(|webhook| Self { delivery, webhook }))
    }

    fn is_in_scope(&self, token: &Token) -> bool {
        self.webhook.is_in_scope(token)
    }
}
