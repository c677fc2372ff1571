//! `POST /auth/login`: a key for an access token that lives an hour.

use axum::Extension;
use axum::extract::State;
use recto_domain::{OrganizationId, Permission, ProjectId, Scope, Timestamp, Token, TokenId};
use serde::{Deserialize, Serialize};

use super::credential::Credential;
use super::identify::UNKNOWN;
use super::jwt;
use crate::client_address::ClientAddress;
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
        let of_project = token.project_id.is_some();
        Self {
            id: token.id,
            name: token.name,
            kind: if of_project { "project" } else { "organization" },
            organization_id: token.organization_id,
            project_id: token.project_id,
            permissions: token.permissions,
            scopes: token.scopes,
            expires_at: token.expires_at,
        }
    }
}

/// `POST /auth/login`
pub(crate) async fn login(
    State(state): State<ApiState>,
    address: Option<Extension<ClientAddress>>,
    Json(login): Json<Login>,
) -> Result<Json<SignedIn>, ApiError> {
    let key =
        login.token.filter(|t| !t.is_empty()).ok_or_else(|| ApiError::invalid("token must be a non-empty string"))?;
    let now = Timestamp::now();
    let address = address.map_or(UNKNOWN, |Extension(ClientAddress(address))| address);
    let token = Credential::key(&key)?.token(&state, address, now).await??;
    let (access_token, expires_in) = jwt::issue(token.id, &state.secret, now);
    Ok(Json(SignedIn { access_token, expires_in, token_info: token.into() }))
}
