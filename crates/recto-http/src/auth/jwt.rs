//! Access tokens of a sign-in: JSON Web Tokens signed with HMAC-SHA256.
//!
//! `jsonwebtoken` handles the format and is told to accept only this algorithm. Its own cryptography features bring RSA
//! and elliptic curves; [`hs256`] gives it the HMAC that Recto uses anyway.

mod hs256;

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use recto_domain::{Timestamp, TokenId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::credential::{Denied, SignedIn};
use crate::error::ApiError;

/// How long an access token is valid.
pub(crate) const LIFETIME: Duration = Duration::from_hours(1);

/// The claims of an access token; times are in Unix seconds.
#[derive(Serialize, Deserialize)]
struct Claims {
    sub: TokenId,
    /// The hint of the exchanged key.
    key: String,
    iat: i64,
    exp: i64,
}

/// An access token for a token as long as its key has that hint, and its lifetime in seconds.
pub(crate) fn issue(token: TokenId, hint: &str, secret: &[u8], now: Timestamp) -> Result<(String, u64), ApiError> {
    hs256::install();
    let claims = Claims { sub: token, key: hint.to_owned(), iat: seconds(now), exp: seconds(now.plus(LIFETIME)) };
    let key = EncodingKey::from_secret(&key(secret));
    let jwt = encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|e| ApiError::Internal(e.into()))?;
    Ok((jwt, LIFETIME.as_secs()))
}

/// The content of a valid access token.
pub(crate) fn verify(jwt: &str, secret: &[u8], now: Timestamp) -> Result<SignedIn, Denied> {
    let claims = verified(jwt, secret, now)?;
    Ok(SignedIn { token: claims.sub, hint: claims.key })
}

fn verified(jwt: &str, secret: &[u8], now: Timestamp) -> Result<Claims, Denied> {
    hs256::install();
    let mut validation = Validation::new(Algorithm::HS256);
    // Compared below with the time of the request, like every other time.
    validation.validate_exp = false;
    let decoded = decode::<Claims>(jwt, &DecodingKey::from_secret(&key(secret)), &validation);
    let claims = decoded.map_err(|_| Denied::Invalid)?.claims;
    if seconds(now) < claims.exp { Ok(claims) } else { Err(Denied::Expired) }
}

/// A fresh access token in exchange for a valid one, and its lifetime in seconds.
pub(crate) fn renewed(jwt: &str, secret: &[u8], now: Timestamp) -> Option<(String, u64)> {
    let SignedIn { token, hint } = verify(jwt, secret, now).ok()?;
    issue(token, &hint, secret, now).ok()
}

/// Whether an access token has at most half of its lifetime left.
pub(crate) fn is_half_spent(jwt: &str, secret: &[u8], now: Timestamp) -> bool {
    verified(jwt, secret, now).map_or(true, |Claims { iat, exp, .. }| seconds(now) >= iat.midpoint(exp))
}

/// The installation's secret also keys the hashes of API keys; the label separates the two uses.
fn key(secret: &[u8]) -> [u8; 32] {
    let mut key = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    key.update(b"recto sign-in");
    key.finalize().into_bytes().into()
}

fn seconds(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_774_951_200_000);

    fn issued(token: TokenId) -> String {
        issue(token, "ocr_1a2B…", b"secret", NOW).unwrap().0
    }

    #[test]
    fn an_access_token_speaks_for_its_token_for_an_hour() {
        let token = TokenId::generate();
        let jwt = issued(token);
        let verified = |now| verify(&jwt, b"secret", now);
        let signed_in = || Ok(SignedIn { token, hint: "ocr_1a2B…".to_owned() });
        assert_eq!(verified(NOW), signed_in());
        assert_eq!(verified(NOW.plus(Duration::from_secs(3599))), signed_in());
        assert_eq!(verified(NOW.plus(LIFETIME)), Err(Denied::Expired));
    }

    #[test]
    fn a_good_access_token_is_renewed_and_one_that_has_ended_is_not() {
        let token = TokenId::generate();
        let jwt = issued(token);
        let later = NOW.plus(Duration::from_mins(50));
        let (fresh, _) = renewed(&jwt, b"secret", later).unwrap();
        assert_eq!(verify(&fresh, b"secret", NOW.plus(LIFETIME)).map(|signed_in| signed_in.token), Ok(token));
        assert_eq!(renewed(&jwt, b"secret", NOW.plus(LIFETIME)), None);
        assert_eq!(renewed(&jwt, b"other", later), None);
    }

    #[test]
    fn half_of_an_access_token_is_spent_after_half_an_hour() {
        let jwt = issued(TokenId::generate());
        let is_half_spent = |minutes| is_half_spent(&jwt, b"secret", NOW.plus(Duration::from_mins(minutes)));
        assert_eq!([0, 29, 30, 59, 60].map(is_half_spent), [false, false, true, true, true]);
    }

    #[test]
    fn the_signature_is_hmac_sha256() {
        let jwt = issued(TokenId::generate());
        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let mac = Hmac::<Sha256>::new_from_slice(&key(b"secret")).unwrap().chain_update(signed);
        assert_eq!(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()), signature);
        let header = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().0).unwrap();
        assert_eq!(header, br#"{"typ":"JWT","alg":"HS256"}"#);
    }

    #[test]
    fn another_secret_or_an_altered_text_is_refused() {
        let jwt = issued(TokenId::generate());
        assert_eq!(verify(&jwt, b"other", NOW), Err(Denied::Invalid));
        let header = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let (_, rest) = jwt.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        for altered in [
            format!("{}AAAA", &jwt[..jwt.len() - 4]),
            format!("{}.{rest}", header(r#"{"alg":"none"}"#)),
            format!("{}.{claims}.", header(r#"{"alg":"none"}"#)),
            format!("{}.{rest}", header(r#"{"typ":"JWT","alg":"HS512"}"#)),
            format!("{}.{rest}", header(r#"{"typ":"JWT","alg":"RS256"}"#)),
            format!("{}.{}.{signature}", header(r#"{"typ":"JWT","alg":"HS256"}"#), header("{}")),
            jwt[..jwt.len() - 1].to_owned(),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(verify(&altered, b"secret", NOW), Err(Denied::Invalid), "{altered}");
        }
    }
}
