//! The credential of a request, and the token behind it.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use recto_domain::{ApiKey, KeyHash, Timestamp, Token, TokenId};

use super::jwt;
use crate::error::ApiError;
use crate::state::ApiState;

/// Why a credential is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// None was sent.
    Missing,
    /// It is not a key or access token, or an unknown one.
    Invalid,
    /// It has expired.
    Expired,
    /// It was revoked.
    Revoked,
    /// It may not be used from the client's address.
    Address,
    /// Too many attempts from the client's address failed.
    Slowed {
        /// Seconds until it may try again.
        retry_after_seconds: u64,
    },
}

impl Denied {
    /// Too many attempts failed; the client must wait.
    pub(super) fn slowed(wait: Duration) -> Self {
        Self::Slowed { retry_after_seconds: wait.as_secs().saturating_add(1) }
    }

    /// The reason, for the log.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Missing => "missing key",
            Self::Invalid => "unknown",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Address => "address not allowed",
            Self::Slowed { .. } => "too many failures",
        }
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        Self::Unauthorized(match denied {
            Denied::Address => return Self::Forbidden("this key may not be used from your address".to_owned()),
            Denied::Slowed { retry_after_seconds } => return Self::TooManyFailures { retry_after_seconds },
            Denied::Missing => "an API key is required: send it as X-API-Key or as Authorization: Bearer",
            Denied::Invalid => "the API key or access token is not valid",
            Denied::Expired => "the API key or access token has expired",
            Denied::Revoked => "the API key was revoked",
        })
    }
}

/// The content of an access token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// The token.
    pub(crate) token: TokenId,
    /// The hint of the exchanged key. Once the token has another key, the access token is no longer valid.
    pub(crate) hint: String,
}

/// A well-formed credential.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// An API key.
    Key(ApiKey),
    /// A verified access token.
    SignedIn(SignedIn),
}

impl Credential {
    /// The credential of a request: `X-API-Key`, or otherwise `Authorization: Bearer` with a key or an access token. A
    /// mistyped key is recognised by its checksum, without a look-up.
    pub(crate) fn of(headers: &HeaderMap, secret: &[u8], now: Timestamp) -> Result<Self, Denied> {
        if let Some(key) = headers.get("x-api-key") {
            return Self::key(key.to_str().map_err(|_| Denied::Invalid)?);
        }
        let sent = headers.get(header::AUTHORIZATION).ok_or(Denied::Missing)?;
        let (scheme, value) = sent.to_str().ok().and_then(|s| s.split_once(' ')).ok_or(Denied::Invalid)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Denied::Invalid);
        }
        let value = value.trim();
        if value.starts_with("ocr_") { Self::key(value) } else { jwt::verify(value, secret, now).map(Self::SignedIn) }
    }

    /// An API key as text.
    pub(crate) fn key(text: &str) -> Result<Self, Denied> {
        text.trim().parse().map(Self::Key).map_err(|_| Denied::Invalid)
    }

    /// The hash of a key; `None` for an access token.
    pub(super) fn hash(&self, secret: &[u8]) -> Option<KeyHash> {
        match self {
            Self::Key(key) => Some(key.hash(secret)),
            Self::SignedIn(_) => None,
        }
    }

    /// The token behind the credential, if it is valid and may be used from that address. Otherwise the reason, and the
    /// token if it is known.
    pub(super) async fn token(
        &self,
        state: &ApiState,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Result<Token, (Denied, Option<Token>)>, ApiError> {
        let found = match self {
            Self::Key(key) => state.storage.tokens().by_hash(&key.hash(&state.secret)).await?,
            Self::SignedIn(SignedIn { token, hint }) => {
                state.storage.tokens().get(*token).await?.filter(|token| token.hint == *hint)
            }
        };
        Ok(match found {
            None => Err((Denied::Invalid, None)),
            Some(token) if token.is_valid(now) && !token.allows_address(address) => Err((Denied::Address, Some(token))),
            Some(token) if token.is_valid(now) => Ok(token),
            Some(token) if token.revoked_at.is_some() => Err((Denied::Revoked, Some(token))),
            Some(token) => Err((Denied::Expired, Some(token))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(name: &'static str, value: &str) -> Result<Credential, Denied> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        Credential::of(&headers, b"secret", Timestamp::from_millis(0))
    }

    #[test]
    fn a_key_goes_in_either_header() {
        let key = ApiKey::generate();
        assert_eq!(of("x-api-key", key.expose()), Ok(Credential::Key(key.clone())));
        assert_eq!(of("authorization", &format!("Bearer {}", key.expose())), Ok(Credential::Key(key.clone())));
        assert_eq!(of("authorization", &format!("bearer  {}", key.expose())), Ok(Credential::Key(key)));
    }

    #[test]
    fn a_bearer_without_the_prefix_is_an_access_token() {
        let token = TokenId::generate();
        let (jwt, _) = jwt::issue(token, "ocr_1a2B…", b"secret", Timestamp::from_millis(0)).unwrap();
        let signed_in = SignedIn { token, hint: "ocr_1a2B…".to_owned() };
        assert_eq!(of("authorization", &format!("Bearer {jwt}")), Ok(Credential::SignedIn(signed_in)));
    }

    #[test]
    fn what_is_neither_is_denied() {
        assert_eq!(of("x-api-key", "ocr_wrong"), Err(Denied::Invalid));
        assert_eq!(of("authorization", "Basic b2NyXw=="), Err(Denied::Invalid));
        assert_eq!(of("authorization", "Bearer"), Err(Denied::Invalid));
        assert_eq!(of("cookie", "a=b"), Err(Denied::Missing));
    }
}
