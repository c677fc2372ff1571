//! `POST /tokens`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{AddressRange, ApiKey, Grant, Permission, ProjectId, Scope, Timestamp, Token};
use recto_storage::NewToken;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::TokenAnswer;
use super::expiry;
use crate::auth::{AdminTokens, Caller, ProjectScope};
use crate::error::{ApiError, excerpt};
use crate::json::Json;
use crate::member::Member;
use crate::state::ApiState;

/// A token to make.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewToken)]
pub(crate) struct TokenToMake {
    #[schema(required, value_type = String, min_length = 1, max_length = 100)]
    #[serde(default)]
    name: Member<String>,
    /// A description for people.
    #[schema(value_type = Option<String>, max_length = 500)]
    #[serde(default)]
    description: Member<String>,
    /// `organization` or `project`.
    #[schema(required, value_type = String, pattern = "^(organization|project)$")]
    #[serde(default, rename = "type")]
    kind: Member<String>,
    /// Required if `type` is `project`, unless the caller's token implies it.
    #[schema(value_type = Option<ProjectId>)]
    #[serde(default)]
    project_id: Member<String>,
    #[schema(required, value_type = Vec<Permission>, min_items = 1, max_items = 3)]
    #[serde(default)]
    permissions: Member<Vec<Value>>,
    #[schema(required, value_type = Vec<Scope>, min_items = 1, max_items = 8)]
    #[serde(default)]
    scopes: Member<Vec<Value>>,
    /// Addresses and networks in CIDR notation; empty or left out for all.
    #[schema(value_type = Option<Vec<AddressRange>>, max_items = 100)]
    #[serde(default)]
    allowed_addresses: Member<Vec<Value>>,
    /// When it expires, or null for never; one year from now by default.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default)]
    expires_at: Member<String>,
    /// Instead of `expiresAt`.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 36500)]
    #[serde(default)]
    expires_in_days: Member<u64>,
}

/// The members checked without a look-up.
struct Checked {
    name: String,
    description: String,
    of_project: bool,
    /// As sent.
    project_id: Option<String>,
    permissions: Vec<Permission>,
    scopes: Vec<Scope>,
    allowed_addresses: Vec<AddressRange>,
    expires_at: Option<Timestamp>,
}

impl TokenToMake {
    fn checked(self, now: Timestamp) -> Result<Checked, ApiError> {
        let mut wrong = Vec::new();
        let name = self.name.text("name", 1..=Token::MAX_NAME_CHARS, &mut wrong);
        let most = Token::MAX_DESCRIPTION_CHARS;
        let description = self.description.optional_text("description", 0..=most, &mut wrong);
        let kind = self.kind.required("type", "organization or project", &mut wrong);
        let project_id = self.project_id.optional_text("projectId", 0..=100, &mut wrong);
        match kind.as_deref() {
            None | Some("project") => {}
            Some("organization") if project_id.as_deref().is_none_or(str::is_empty) => {}
            Some("organization") => wrong.push("projectId is only allowed with the type project".to_owned()),
            Some(other) => wrong.push(format!("type must be organization or project, not {}", excerpt(other))),
        }
        let permissions = self.permissions.required_list("permissions", 1..=Permission::ALL.len(), &mut wrong);
        let scopes = self.scopes.required_list("scopes", 1..=Scope::ALL.len(), &mut wrong);
        let addresses = self.allowed_addresses.list("allowedAddresses", 0..=Token::MAX_ADDRESSES, &mut wrong);
        let until = expiry::parse(self.expires_at, self.expires_in_days, now, &mut wrong);
        ApiError::unless_empty(wrong)?;
        Ok(Checked {
            name: name.unwrap_or_default(),
            description: description.unwrap_or_default(),
            of_project: kind.is_some_and(|kind| kind == "project"),
            project_id,
            permissions: permissions.unwrap_or_default(),
            scopes: scopes.unwrap_or_default(),
            allowed_addresses: addresses.unwrap_or_default(),
            expires_at: until.unwrap_or_else(|| Some(expiry::default(now))),
        })
    }
}

impl Checked {
    fn grant(&self, project_id: Option<ProjectId>) -> Grant<'_> {
        Grant {
            project_id,
            permissions: &self.permissions,
            scopes: &self.scopes,
            allowed_addresses: &self.allowed_addresses,
        }
    }
}

/// Make a token
///
/// Only this response shows the key. A token cannot give rights that it lacks.
#[utoipa::path(post, path = "/tokens", tag = "Tokens", operation_id = "createToken",
    request_body = TokenToMake,
    responses((status = 201, description = "The token, with its key", body = TokenAnswer)))]
pub(crate) async fn create(
    State(state): State<ApiState>,
    caller: Caller<AdminTokens>,
    Json(body): Json<TokenToMake>,
) -> Result<(StatusCode, Json<TokenAnswer>), ApiError> {
    let new = body.checked(Timestamp::now())?;
    let project = if new.of_project {
        Some(ProjectScope::settle(&state, &caller, new.project_id.as_deref()).await?.project)
    } else {
        None
    };
    caller.token().covers(&new.grant(project))?;
    let key = ApiKey::generate();
    let token = NewToken {
        organization: caller.token().organization_id,
        project,
        name: new.name,
        description: new.description,
        permissions: new.permissions,
        scopes: new.scopes,
        allowed_addresses: new.allowed_addresses,
        hint: key.hint(),
        expires_at: new.expires_at,
    };
    let made = caller.storage(&state).tokens().create(token, &key.hash(&state.secret)).await?;
    Ok((StatusCode::CREATED, Json(TokenAnswer::with_key(made, &key))))
}
