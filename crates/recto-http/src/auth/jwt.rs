//! Access tokens of a sign-in: JSON Web Tokens signed with HMAC-SHA256 (RFC 7519, RFC 7515).
//!
//! Written out here because Recto reads only what it wrote itself, in one algorithm: the common crate brings RSA and
//! elliptic curves in either of its cryptography features. The header is compared and not interpreted, so that no
//! other algorithm can be asked for.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use recto_domain::{Timestamp, TokenId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::credential::Denied;

/// How long an access token is good.
pub(crate) const LIFETIME: Duration = Duration::from_hours(1);

/// `{"alg":"HS256","typ":"JWT"}`, encoded.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// What an access token says: times are in Unix seconds.
#[derive(Serialize, Deserialize)]
struct Claims {
    sub: TokenId,
    iat: i64,
    exp: i64,
}

/// An access token that speaks for a token, and its lifetime in seconds.
pub(crate) fn issue(token: TokenId, secret: &[u8], now: Timestamp) -> (String, u64) {
    let (iat, exp) = (seconds(now), seconds(now.plus(LIFETIME)));
    let claims = serde_json::to_vec(&Claims { sub: token, iat, exp }).expect("an id and two numbers make JSON");
    let signed = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret, &signed).finalize().into_bytes());
    (format!("{signed}.{signature}"), LIFETIME.as_secs())
}

/// The token that an access token speaks for.
pub(crate) fn verify(jwt: &str, secret: &[u8], now: Timestamp) -> Result<TokenId, Denied> {
    let (signed, signature) = jwt.rsplit_once('.').ok_or(Denied::Invalid)?;
    let (header, claims) = signed.split_once('.').ok_or(Denied::Invalid)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Denied::Invalid)?;
    mac(secret, signed).verify_slice(&signature).map_err(|_| Denied::Invalid)?;
    if header != HEADER {
        return Err(Denied::Invalid);
    }
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Denied::Invalid)?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| Denied::Invalid)?;
    if seconds(now) < claims.exp { Ok(claims.sub) } else { Err(Denied::Expired) }
}

/// The installation's secret also keys the hashes of API keys; the label keeps the two uses apart.
fn mac(secret: &[u8], signed: &str) -> Hmac<Sha256> {
    let mut key = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    key.update(b"recto sign-in");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.finalize().into_bytes()).expect("HMAC takes a key of any length");
    mac.update(signed.as_bytes());
    mac
}

fn seconds(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_774_951_200_000);

    #[test]
    fn an_access_token_speaks_for_its_token_for_an_hour() {
        let token = TokenId::generate();
        let (jwt, lifetime) = issue(token, b"secret", NOW);
        assert_eq!(lifetime, 3600);
        assert_eq!(verify(&jwt, b"secret", NOW), Ok(token));
        assert_eq!(verify(&jwt, b"secret", NOW.plus(Duration::from_secs(3599))), Ok(token));
        assert_eq!(verify(&jwt, b"secret", NOW.plus(LIFETIME)), Err(Denied::Expired));
    }

    #[test]
    fn the_header_is_what_it_says() {
        assert_eq!(URL_SAFE_NO_PAD.decode(HEADER).unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
    }

    #[test]
    fn another_secret_or_an_altered_text_is_refused() {
        let (jwt, _) = issue(TokenId::generate(), b"secret", NOW);
        assert_eq!(verify(&jwt, b"other", NOW), Err(Denied::Invalid));
        let none = URL_SAFE_NO_PAD.encode(br#"{"alg":"none"}"#);
        let (_, rest) = jwt.split_once('.').unwrap();
        for altered in [
            format!("{}AAAA", &jwt[..jwt.len() - 4]),
            format!("{none}.{rest}"),
            format!("{none}.{}.", rest.split_once('.').unwrap().0),
            jwt[..jwt.len() - 1].to_owned(),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(verify(&altered, b"secret", NOW), Err(Denied::Invalid), "{altered}");
        }
    }
}
