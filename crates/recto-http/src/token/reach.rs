//! The token that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::{Token, TokenId};

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The token of the address, which the caller looks after: 404 when the organisation has none, 401 when it is not one
/// of the project that the caller's token is limited to.
pub(crate) struct TokenInReach<A> {
    /// The token.
    pub(crate) token: Token,
    /// Who asks.
    pub(crate) caller: Caller<A>,
}

impl<A: Access> FromRequestParts<ApiState> for TokenInReach<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::<A>::from_request_parts(parts, state).await?;
        let named = Path::<String>::from_request_parts(parts, state).await;
        let Path(named) = named.map_err(|_| ApiError::no_such("token", "of that name"))?;
        let id: TokenId = named.parse().map_err(|_| ApiError::no_such("token", &named))?;
        let own = caller.token();
        let is_own = |token: &Token| token.organization_id == own.organization_id;
        let token = state.storage.token(id).await?.filter(is_own);
        let token = token.ok_or_else(|| ApiError::no_such("token", &named))?;
        if own.project_id.is_some() && own.project_id != token.project_id {
            return Err(ApiError::Unauthorized("the token does not belong to the project of this one"));
        }
        Ok(Self { token, caller })
    }
}
