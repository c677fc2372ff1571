//! `POST /auth/login`: exchanges a key for an access token that is valid for an hour.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::response::{IntoResponse, Response};
use recto_domain::{OrganizationId, Permission, ProjectId, Scope, Timestamp, Token, TokenId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::actor;
use super::credential::Credential;
use super::identify::{Admitted, address, admit};
use super::jwt;
use super::sign_ins::SignIns;
use crate::error::ApiError;
use crate::json::Json;
use crate::openapi::{Forbidden, Unauthorized};
use crate::permits::{Permits, Work};
use crate::state::ApiState;

/// Anybody may send a sign-in, so its body is limited to what a key needs.
const MAX_BODY_BYTES: usize = 4 * 1024;

/// The body of a sign-in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Login {
    /// An API key.
    #[schema(value_type = String, min_length = 1, example = "ocr_your_api_key")]
    token: Option<String>,
}

/// The response to a sign-in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    /// A JSON Web Token, for `Authorization: Bearer`.
    access_token: String,
    /// Lifetime in seconds.
    expires_in: u64,
    token_info: TokenInfo,
}

/// The token behind the key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TokenInfo {
    id: TokenId,
    name: String,
    /// `organization` or `project`.
    #[serde(rename = "type")]
    #[schema(pattern = "^(organization|project)$")]
    kind: &'static str,
    organization_id: OrganizationId,
    /// The name of the token's organization.
    organization_name: String,
    /// The one project that the token is limited to.
    project_id: Option<ProjectId>,
    permissions: Vec<Permission>,
    scopes: Vec<Scope>,
    expires_at: Option<Timestamp>,
}

impl TokenInfo {
    fn of(token: Token, organization_name: String) -> Self {
        Self {
            id: token.id,
            kind: token.kind(),
            name: token.name,
            organization_id: token.organization_id,
            organization_name,
            project_id: token.project_id,
            permissions: token.permissions,
            scopes: token.scopes,
            expires_at: token.expires_at,
        }
    }
}

/// Exchange a key for an access token
///
/// The access token is valid for an hour, as long as the key is. The sign-in counts as a request of the key.
#[utoipa::path(post, path = "/auth/login", tag = "Sign-in", operation_id = "signIn", security(()), request_body = Login,
    responses(
        (status = 200, description = "Signed in", body = SignedIn),
        (status = 401, response = Unauthorized),
        (status = 403, response = Forbidden)
    ))]
pub(crate) async fn login(
    State(state): State<ApiState>,
    Extension(sign_ins): Extension<SignIns>,
    Extension(places): Extension<Permits>,
    request: Extensions,
    body: Request,
) -> Result<Response, ApiError> {
    let Json(login) = Json::<Login>::within(MAX_BODY_BYTES, body).await?;
    let key =
        login.token.filter(|t| !t.is_empty()).ok_or_else(|| ApiError::invalid("token must be a non-empty string"))?;
    let now = Timestamp::now();
    let credential = Credential::key(&key).map_err(|denied| sign_ins.failed(address(&request), denied, None))?;
    let Admitted { token, window } = admit(&state, &sign_ins, &credential, &request, now).await??;
    let _place = places.take(Work::Request, &token).await?;
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
    state.storage.acting_as(actor(&token, request)).tokens().record_sign_in(&token).await?;
    let (access_token, expires_in) = jwt::issue(token.id, &token.hint, &state.secret, now)?;
    let organization = state.storage.tenants().organization(token.organization_id).await?;
    // An organization exists as long as its tokens do.
    let name = organization.map(|organization| organization.name).unwrap_or_default();
    Ok(Json(SignedIn { access_token, expires_in, token_info: TokenInfo::of(token, name) }))
}
