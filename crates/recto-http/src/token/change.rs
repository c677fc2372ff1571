//! `PATCH /tokens/:id`, `POST /tokens/:id/regenerate`, `DELETE /tokens/:id`

use axum::extract::State;
use axum::http::StatusCode;
use recto_domain::{ApiKey, Grant, Permission, Scope, Timestamp, Token};
use recto_storage::TokenChange;
use serde::Deserialize;
use serde_json::Value;

use super::answer::TokenAnswer;
use super::expiry;
use super::reach::TokenInReach;
use crate::auth::AdminTokens;
use crate::error::ApiError;
use crate::json::Json;
use crate::member::Member;
use crate::state::ApiState;

/// What is to be changed of a token: what is left out stays. Its type and its project cannot be changed.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct UpdateToken {
    name: Member<String>,
    description: Member<String>,
    permissions: Member<Vec<Value>>,
    scopes: Member<Vec<Value>>,
    allowed_addresses: Member<Vec<Value>>,
    /// A time, or null for never.
    expires_at: Member<String>,
    /// Instead of `expiresAt`.
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
            expires_at: expiry::of(self.expires_at, self.expires_in_days, now, &mut wrong),
        };
        ApiError::unless_empty(wrong)?;
        Ok(change)
    }
}

/// `PATCH /tokens/:id`
pub(crate) async fn update(
    State(state): State<ApiState>,
    TokenInReach { token, caller }: TokenInReach<AdminTokens>,
    Json(body): Json<UpdateToken>,
) -> Result<Json<TokenAnswer>, ApiError> {
    let change = body.checked(Timestamp::now())?;
    caller.token().covers(&Grant {
        project_id: token.project_id,
        permissions: change.permissions.as_ref().unwrap_or(&token.permissions),
        scopes: change.scopes.as_ref().unwrap_or(&token.scopes),
        allowed_addresses: change.allowed_addresses.as_ref().unwrap_or(&token.allowed_addresses),
    })?;
    let changed = caller.storage(&state).update_token(token.id, change).await?;
    let changed = changed.ok_or_else(|| ApiError::none("token", &token.id.to_string()))?;
    Ok(Json(changed.into()))
}

/// `POST /tokens/:id/regenerate`: the answer is the only one that shows the new key; the old one stops at once.
pub(crate) async fn regenerate(
    State(state): State<ApiState>,
    TokenInReach { token, caller }: TokenInReach<AdminTokens>,
) -> Result<Json<TokenAnswer>, ApiError> {
    caller.token().covers(&token.grant())?;
    let key = ApiKey::generate();
    let hash = key.hash(&state.secret);
    let changed = caller.storage(&state).regenerate_token(token.id, &hash, &key.hint()).await?;
    let changed = changed.ok_or_else(|| ApiError::none("token", &token.id.to_string()))?;
    Ok(Json(TokenAnswer::with_key(changed, &key)))
}

/// `DELETE /tokens/:id`: its key stops at once. One that was revoked before stays so.
pub(crate) async fn revoke(
    State(state): State<ApiState>,
    TokenInReach { token, caller }: TokenInReach<AdminTokens>,
) -> Result<StatusCode, ApiError> {
    caller.storage(&state).revoke_token(token.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
