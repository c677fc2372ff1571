//! `POST /auth/login`: a key for an access token that lives an hour.

use axum::extract::State;
use axum::http::Extensions;
use axum::response::{IntoResponse, Response};
use recto_domain::{OrganizationId, Permission, ProjectId, Scope, Timestamp, Token, TokenId};
use serde::{Deserialize, Serialize};

use super::caller::actor;
use super::credential::Credential;
use super::identify::{Admitted, admit};
use super::jwt;
use crate::error::ApiError;
use crate::json::Json;
use crate::state::ApiState;

/// What a sign-in sends.
#[derive(Deserialize)]
pub(crate) struct Login {
    token: Option<String>,
}

/// What a sign-in gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    access_token: String,
    /// Seconds.
    expires_in: u64,
    token_info: TokenInfo,
}

/// The token behind the key.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenInfo {
    id: TokenId,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    organization_id: OrganizationId,
    project_id: Option<ProjectId>,
    permissions: Vec<Permission>,
    scopes: Vec<Scope>,
    expires_at: Option<Timestamp>,
}

impl From<Token> for TokenInfo {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            kind: token.kind(),
            name: token.name,
            organization_id: token.organization_id,
            project_id: token.project_id,
            permissions: token.permissions,
            scopes: token.scopes,
            expires_at: token.expires_at,
        }
    }
}

/// `POST /auth/login`: counts as a request of the key.
pub(crate) async fn login(
    State(state): State<ApiState>,
    request: Extensions,
    Json(login): Json<Login>,
) -> Result<Response, ApiError> {
    let key =
        login.token.filter(|t| !t.is_empty()).ok_or_else(|| ApiError::invalid("token must be a non-empty string"))?;
    let now = Timestamp::now();
    let Admitted { token, window } = admit(&state, &Credential::key(&key)?, &request, now).await??;
    let signed_in = async { sign_in(&state, &request, token, now).await.into_response() };
    Ok(match window {
        Some(window) => window.answer(signed_in).await,
        None => signed_in.await,
    })
}

async fn sign_in(
    state: &ApiState,
    request: &Extensions,
    token: Token,
    now: Timestamp,
) -> Result<Json<SignedIn>, ApiError> {
    state.storage.acting_as(actor(&token, request)).record_sign_in(&token).await?;
    let (access_token, expires_in) = jwt::issue(token.id, &token.hint, &state.secret, now)?;
    Ok(Json(SignedIn { access_token, expires_in, token_info: token.into() }))
}
