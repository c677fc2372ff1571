//! The address under which clients reach the server.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::request::Parts;

use crate::state::{ApiSettings, ApiState};

/// The address that links in answers begin with, without a slash at its end: the one of the settings, or else the
/// host that the client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl(pub(crate) String);

impl PublicUrl {
    fn of(settings: &ApiSettings, headers: &HeaderMap) -> Self {
        if let Some(url) = &settings.public_url {
            return Self(url.trim_end_matches('/').to_owned());
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_authority(host));
        Self(format!("http://{}", host.unwrap_or("127.0.0.1:8080")))
    }
}

impl FromRequestParts<ApiState> for PublicUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Infallible> {
        Ok(Self::of(&state.settings, &parts.headers))
    }
}

/// Whether a text can only be a host with a port: pages show it in commands that people paste.
fn is_authority(host: &str) -> bool {
    (1..=255).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn url_for(host: &'static str, public_url: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        PublicUrl::of(&ApiSettings { public_url: public_url.map(str::to_owned), ..ApiSettings::default() }, &headers).0
    }

    #[test]
    fn links_use_the_address_that_was_asked_for() {
        assert_eq!(url_for("ocr.example.com:8080", None), "http://ocr.example.com:8080");
        assert_eq!(url_for("[::1]:8080", None), "http://[::1]:8080");
        assert_eq!(url_for("ignored", Some("https://ocr.example.com/")), "https://ocr.example.com");
        assert_eq!(url_for("x\";rm -rf", None), "http://127.0.0.1:8080");
    }
}
