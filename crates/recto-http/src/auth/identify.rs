//! Finds the token behind every request of the API, and counts the request against its limit.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use recto_domain::{Timestamp, Token};

use super::credential::{Credential, Denied};
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::rate_limit::Window;
use crate::state::ApiState;

/// Of a connection without a peer, as in a test without a socket: no allow-list holds it.
pub(crate) const UNKNOWN: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// Who sent a request, as [`identify`] found out.
#[derive(Clone)]
pub(crate) struct Identity(pub(crate) Result<Arc<Token>, Denied>);

/// Middleware: leaves the [`Identity`] for the extractors. A bad key is refused by the routes that need one, so that
/// the others, and unknown addresses, answer as ever.
pub(crate) async fn identify(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ClientAddress>().map_or(UNKNOWN, |address| address.0);
    let (identity, window) = match identity_and_window(&state, request.headers(), address).await {
        Ok(found) => found,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(identity);
    let refused = window.as_ref().and_then(Window::exceeded);
    let mut response = match refused {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    };
    if let Some(window) = window {
        window.write(response.headers_mut());
    }
    response
}

async fn identity_and_window(
    state: &ApiState,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<(Identity, Option<Window>), ApiError> {
    let now = Timestamp::now();
    let token = match Credential::of(headers, &state.secret, now) {
        Ok(credential) => credential.token(state, address, now).await?,
        Err(denied) => Err(denied),
    };
    let limit = state.settings.rate_limit_per_minute;
    let window = match &token {
        Ok(token) => {
            tracing::Span::current().record("token_id", tracing::field::display(token.id));
            if limit > 0 { Some(Window::count(&state.storage, token.id, limit).await?) } else { None }
        }
        Err(_) => None,
    };
    Ok((Identity(token.map(Arc::new)), window))
}
