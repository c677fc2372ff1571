//! `GET /tokens/:id`

use recto_domain::{Token, TokenId};

use super::answer::TokenAnswer;
use crate::auth::AdminTokens;
use crate::in_scope::InScope;
use crate::json::Json;

/// Get a token
#[utoipa::path(get, path = "/tokens/{tokenId}", tag = "Tokens", operation_id = "getToken",
    params(("tokenId" = TokenId, Path, description = "The id of the token.")),
    responses((status = 200, description = "The token, which may be revoked", body = TokenAnswer)))]
pub(crate) async fn details(InScope { found: token, .. }: InScope<Token, AdminTokens>) -> Json<TokenAnswer> {
    Json(token.into())
}
