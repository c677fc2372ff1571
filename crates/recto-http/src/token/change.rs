//! `PATCH /tokens/:id`, `POST /tokens/:id/regenerate`, `DELETE /tokens/:id`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{ApiKey, Grant, Permission, Scope, Timestamp, Token, TokenId};
use recto_storage::TokenChange;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::TokenAnswer;
use super::expiry;
use crate::auth::AdminTokens;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::json::Json;
use crate::member::Member;
use crate::openapi::Conflict;
use crate::state::ApiState;

/// A change of a token; members that are left out stay unchanged. Its type and its project cannot be changed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TokenChange)]
pub(crate) struct UpdateToken {
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    #[serde(default)]
    name: Member<String>,
    /// A description for people.
    #[schema(value_type = Option<String>, max_length = 500)]
    #[serde(default)]
    description: Member<String>,
    #[schema(value_type = Vec<Permission>, min_items = 1, max_items = 3)]
    #[serde(default)]
    permissions: Member<Vec<Value>>,
    #[schema(value_type = Vec<Scope>, min_items = 1, max_items = 8)]
    #[serde(default)]
    scopes: Member<Vec<Value>>,
    /// Addresses and networks that it may be used from; empty for all.
    #[schema(value_type = Option<Vec<recto_domain::AddressRange>>, max_items = 100)]
    #[serde(default)]
    allowed_addresses: Member<Vec<Value>>,
    /// When it expires, or null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default)]
    expires_at: Member<String>,
    /// Instead of `expiresAt`.
    #[schema(value_type = Option<u64>, minimum = 1, maximum = 36500)]
    #[serde(default)]
    expires_in_days: Member<u64>,
}

impl UpdateToken {
    fn checked(self, now: Timestamp) -> Result<TokenChange, ApiError> {
        let mut wrong = Vec::new();
        let most = Token::MAX_DESCRIPTION_CHARS;
        let change = TokenChange {
            name: self.name.optional_text("name", 1..=Token::MAX_NAME_CHARS, &mut wrong),
            description: self.description.optional_text("description", 0..=most, &mut wrong),
            permissions: self.permissions.list("permissions", 1..=Permission::ALL.len(), &mut wrong),
            scopes: self.scopes.list("scopes", 1..=Scope::ALL.len(), &mut wrong),
            allowed_addresses: self.allowed_addresses.list("allowedAddresses", 0..=Token::MAX_ADDRESSES, &mut wrong),
            expires_at: expiry::parse(self.expires_at, self.expires_in_days, now, &mut wrong),
        };
        ApiError::unless_empty(wrong)?;
        Ok(change)
    }
}

/// Change a token
///
/// Fields that are not sent stay unchanged. A token cannot change one that has more rights than itself, or give rights
/// that it lacks.
#[utoipa::path(patch, path = "/tokens/{tokenId}", tag = "Tokens", operation_id = "updateToken",
    params(("tokenId" = TokenId, Path, description = "The id of the token.")),
    request_body = UpdateToken,
    responses((status = 200, description = "The token as it is now", body = TokenAnswer), (status = 409, response = Conflict)))]
pub(crate) async fn update(
    State(state): State<ApiState>,
    InScope { found: token, caller }: InScope<Token, AdminTokens>,
    Json(body): Json<UpdateToken>,
) -> Result<Json<TokenAnswer>, ApiError> {
    let change = body.checked(Timestamp::now())?;
    caller.token().covers(&token.grant())?;
    caller.token().covers(&Grant {
        project_id: token.project_id,
        permissions: change.permissions.as_ref().unwrap_or(&token.permissions),
        scopes: change.scopes.as_ref().unwrap_or(&token.scopes),
        allowed_addresses: change.allowed_addresses.as_ref().unwrap_or(&token.allowed_addresses),
    })?;
    let changed = caller.storage(&state).tokens().update(token.id, change).await?;
    let changed = changed.ok_or_else(|| ApiError::no_such("token", &token.id.to_string()))?;
    Ok(Json(changed.into()))
}

/// Give a token a new key
///
/// Only this response shows the key; the old key stops working at once. A token cannot do this to one that has more
/// rights than itself.
#[utoipa::path(post, path = "/tokens/{tokenId}/regenerate", tag = "Tokens", operation_id = "regenerateToken",
    params(("tokenId" = TokenId, Path, description = "The id of the token.")),
    responses((status = 200, description = "The token, with its new key", body = TokenAnswer), (status = 409, response = Conflict)))]
pub(crate) async fn regenerate(
    State(state): State<ApiState>,
    InScope { found: token, caller }: InScope<Token, AdminTokens>,
) -> Result<Json<TokenAnswer>, ApiError> {
    caller.token().covers(&token.grant())?;
    let key = ApiKey::generate();
    let hash = key.hash(&state.secret);
    let changed = caller.storage(&state).tokens().regenerate(token.id, &hash, &key.hint()).await?;
    let changed = changed.ok_or_else(|| ApiError::no_such("token", &token.id.to_string()))?;
    Ok(Json(TokenAnswer::with_key(changed, &key)))
}

/// Revoke a token
///
/// Its key stops working at once. A token revoked before stays revoked. A token cannot revoke one that has more rights
/// than itself.
#[utoipa::path(delete, path = "/tokens/{tokenId}", tag = "Tokens", operation_id = "revokeToken",
    params(("tokenId" = TokenId, Path, description = "The id of the token.")),
    responses((status = 204, description = "The token was revoked"), (status = 409, response = Conflict)))]
pub(crate) async fn revoke(
    State(state): State<ApiState>,
    InScope { found: token, caller }: InScope<Token, AdminTokens>,
) -> Result<StatusCode, ApiError> {
    caller.token().covers(&token.grant())?;
    caller.storage(&state).tokens().revoke(token.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
