//! Finds the token behind every API request, counts the request against the token's limit, and takes a place for it.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use recto_domain::{Timestamp, Token, error_chain};
use recto_storage::Obstacle;

use super::credential::{Credential, Denied};
use super::sign_ins::SignIns;
use crate::client_address::ClientAddress;
use crate::connection::Connection;
use crate::error::ApiError;
use crate::permits::{Permits, Work};
use crate::rate_limit::Window;
use crate::state::ApiState;

/// The address of a connection without a peer, as in a test without a socket. No allow-list contains it.
const UNKNOWN: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// The sender of a request, as determined by [`identify`].
#[derive(Clone)]
pub(crate) struct Identity(pub(crate) Result<Arc<Token>, Denied>);

/// Middleware: stores the [`Identity`] for the extractors. A bad key is refused only by routes that need one; other
/// routes and unknown paths answer as usual.
pub(crate) async fn identify(
    State(state): State<ApiState>,
    Extension(sign_ins): Extension<SignIns>,
    Extension(places): Extension<Permits>,
    mut request: Request,
    next: Next,
) -> Response {
    let now = Timestamp::now();
    let admitted = match Credential::of(request.headers(), &state.secret, now) {
        Ok(credential) => admit(&state, &sign_ins, &credential, request.extensions(), now).await,
        Err(Denied::Invalid) => Ok(Err(sign_ins.failed(address(request.extensions()), Denied::Invalid, None))),
        // An access token that was valid an hour ago is not a guess.
        Err(denied) => Ok(Err(denied)),
    };
    match admitted {
        Ok(Ok(Admitted { token, window })) => {
            let token = Arc::new(token);
            request.extensions_mut().insert(Identity(Ok(Arc::clone(&token))));
            let answer = in_its_place(&places, &token, next.run(request));
            match window {
                Some(window) => window.answer(answer).await,
                None => answer.await,
            }
        }
        Ok(Err(denied)) => {
            request.extensions_mut().insert(Identity(Err(denied)));
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// Answers while holding one of the token's places, which is kept until the response is sent.
async fn in_its_place(places: &Permits, token: &Token, answer: impl Future<Output = Response>) -> Response {
    match places.take(Work::Request, token).await {
        Ok(place) => place.until_sent(answer.await),
        Err(refused) => refused.into_response(),
    }
}

/// A valid token, and the window in which its request was counted, if there is a limit.
pub(super) struct Admitted {
    pub(super) token: Token,
    pub(super) window: Option<Window>,
}

/// Finds the token of a credential, records its use, and counts the request.
pub(super) async fn admit(
    state: &ApiState,
    sign_ins: &SignIns,
    credential: &Credential,
    request: &Extensions,
    now: Timestamp,
) -> Result<Result<Admitted, Denied>, ApiError> {
    let address = address(request);
    let hash = credential.hash(&state.secret);
    if let Some(Err(denied)) = hash.as_ref().map(|hash| sign_ins.check(address, hash)) {
        return Ok(Err(denied));
    }
    let token = match credential.token(state, address, now).await? {
        Ok(token) => token,
        Err((denied, token)) => return Ok(Err(sign_ins.failed(address, denied, token.as_ref()))),
    };
    if let Some(hash) = &hash {
        sign_ins.succeeded(hash);
    }
    if let Some(Connection(standing)) = request.get() {
        standing.showed_key();
    }
    tracing::Span::current().record("token_id", tracing::field::display(token.id));
    let limit = state.settings.rate_limit_per_minute;
    let window = match limit {
        0 => None,
        _ => match Window::count(&state.storage, token.id, limit).await {
            // Nothing can be stored then, but reading and deleting must continue.
            Err(error) if error.obstacle() == Some(Obstacle::DiskFull) => None,
            counted => Some(counted?),
        },
    };
    if let Err(error) = state.storage.tokens().touch(&token, now).await {
        tracing::warn!(error = error_chain(&error), "the time of the token's last use was not recorded");
    }
    Ok(Ok(Admitted { token, window }))
}

/// The address that a request comes from.
pub(super) fn address(request: &Extensions) -> IpAddr {
    request.get::<ClientAddress>().map_or(UNKNOWN, |address| address.0)
}
