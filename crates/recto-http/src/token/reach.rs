//! The token that an address names, in the caller's reach.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use recto_domain::{Token, TokenId};

use crate::auth::{Access, Caller};
use crate::error::ApiError;
use crate::state::ApiState;

/// The token of the address, which the caller looks after: 404 when there is none, 401 when it belongs to another
/// organisation, or is not one of the project that the caller's token is limited to.
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
        let token = state.storage.token(id).await?.ok_or_else(|| ApiError::no_such("token", &named))?;
        let own = caller.token();
        let is_sibling = own.project_id.is_some() && own.project_id != token.project_id;
        if own.organization_id == token.organization_id && !is_sibling {
            Ok(Self { token, caller })
        } else {
            Err(ApiError::Unauthorized("the token is not in the reach of this one"))
        }
    }
}
