//! The extractor that makes a route a protected one.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use recto_domain::{Actor, OrganizationId, Token};
use recto_storage::Storage;

use super::access::Access;
use super::credential::Denied;
use super::identify::Identity;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::request_id::RequestId;
use crate::state::ApiState;

/// The sender of the request, whose token has the access that `A` requires. Without a valid token the route answers
/// 401, without the permission 403.
pub(crate) struct Caller<A> {
    token: Arc<Token>,
    actor: Actor,
    demanded: PhantomData<A>,
}

impl<A> Caller<A> {
    /// The token.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// The caller's organization, if the token is for the whole organization; otherwise 403.
    pub(crate) fn whole_organization(&self) -> Result<OrganizationId, ApiError> {
        match self.token.project_id {
            None => Ok(self.token.organization_id),
            Some(_) => Err(ApiError::Forbidden("this requires an organization key, not a project key".to_owned())),
        }
    }

    /// The storage used on behalf of the caller, whom the audit log names for actions through it.
    pub(crate) fn storage(&self, state: &ApiState) -> Storage {
        state.storage.acting_as(self.actor.clone())
    }
}

impl<A: Access, S: Sync> FromRequestParts<S> for Caller<A> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let identity = parts.extensions.get::<Identity>().cloned().unwrap_or(Identity(Err(Denied::Missing)));
        let token = identity.0?;
        if !token.may(A::PERMISSION, A::SCOPE) {
            return Err(ApiError::Forbidden(format!(
                "this requires a key with the permission {} in the scope {}",
                A::PERMISSION,
                A::SCOPE
            )));
        }
        let actor = actor(&token, &parts.extensions);
        Ok(Self { token, actor, demanded: PhantomData })
    }
}

/// The actor of a request, from its token and extensions.
pub(super) fn actor(token: &Token, request: &Extensions) -> Actor {
    Actor {
        token: Some(token.id),
        name: token.name.clone(),
        address: request.get::<ClientAddress>().map(|address| address.0),
        request_id: request.get::<RequestId>().map(|id| id.0.clone()),
    }
}
