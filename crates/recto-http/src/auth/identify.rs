//! Finds the token behind every request of the API, and counts the request against its limit.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use recto_domain::{Timestamp, Token};
use recto_storage::Obstacle;

use super::credential::{Credential, Denied};
use crate::client_address::ClientAddress;
use crate::error::{ApiError, chain};
use crate::rate_limit::Window;
use crate::state::ApiState;

/// Of a connection without a peer, as in a test without a socket: no allow-list holds it.
const UNKNOWN: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Who sent a request, as [`identify`] found out.
#[derive(Clone)]
pub(crate) struct Identity(pub(crate) Result<Arc<Token>, Denied>);

/// Middleware: leaves the [`Identity`] for the extractors. A bad key is refused by the routes that need one, so that
/// the others, and unknown addresses, answer as ever.
pub(crate) async fn identify(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let now = Timestamp::now();
    let admitted = match Credential::of(request.headers(), &state.secret, now) {
        Ok(credential) => admit(&state, &credential, request.extensions(), now).await,
        Err(denied) => Ok(Err(denied)),
    };
    let (identity, window) = match admitted {
        Ok(Ok(Admitted { token, window })) => (Identity(Ok(Arc::new(token))), window),
        Ok(Err(denied)) => (Identity(Err(denied)), None),
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(identity);
    match window {
        Some(window) => window.answer(next.run(request)).await,
        None => next.run(request).await,
    }
}

/// A good token, and the window that its request was counted in, if there is a limit.
pub(super) struct Admitted {
    pub(super) token: Token,
    pub(super) window: Option<Window>,
}

/// Finds the token of a credential, notes that it is used, and counts the request.
pub(super) async fn admit(
    state: &ApiState,
    credential: &Credential,
    request: &Extensions,
    now: Timestamp,
) -> Result<Result<Admitted, Denied>, ApiError> {
    let address = request.get::<ClientAddress>().map_or(UNKNOWN, |address| address.0);
    let token = match credential.token(state, address, now).await? {
        Ok(token) => token,
        Err(denied) => return Ok(Err(denied)),
    };
    tracing::Span::current().record("token_id", tracing::field::display(token.id));
    let limit = state.settings.rate_limit_per_minute;
    let window = match limit {
        0 => None,
        _ => match Window::count(&state.storage, token.id, limit).await {
            // Nothing can be written down then, and reading and deleting must go on.
            Err(error) if error.obstacle() == Some(Obstacle::DiskFull) => None,
            counted => Some(counted?),
        },
    };
    if let Err(error) = state.storage.touch_token(&token, now).await {
        tracing::warn!(error = chain(&error), "the time of the token's last use was not noted");
    }
    Ok(Ok(Admitted { token, window }))
}
