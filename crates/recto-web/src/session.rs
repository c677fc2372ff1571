//! Who is signed in. A cookie that scripts cannot read and other sites cannot send holds access tokens of the API: one
//! for each organization or project that the person has a key of.
//!
//! Every page renews the tokens, so a session ends an hour after the last page. Forms carry a code that only pages of
//! this session know.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::held_key::HeldKey;
use crate::one_time_link::random;

const SESSION: &str = "recto_session";
const PROJECT: &str = "recto_project";
/// The most bytes of the cookie's value. Browsers keep 4096 bytes of a cookie, including its name and attributes.
const MAX_BYTES: usize = 3800;
/// A year, in seconds.
const LONG: u64 = 31_536_000;

/// The session that a request belongs to.
#[derive(Clone)]
pub(crate) struct Session {
    /// The value that the form code is derived from. It stays the same when the access tokens are renewed.
    nonce: String,
    /// The key that this request uses.
    pub(crate) key: HeldKey,
    /// The other keys of this session, which can be switched to.
    pub(crate) others: Vec<HeldKey>,
    /// The project that was chosen last.
    pub(crate) project: Option<String>,
    /// What the request carried about its connection.
    pub(crate) extensions: Extensions,
    pub(crate) forwarded_for: Option<HeaderValue>,
    /// Whether a script of a page sent the request, rather than the browser itself.
    is_by_script: bool,
}

impl Session {
    fn of(parts: &Parts) -> Option<Self> {
        let cookie = cookie(&parts.headers, SESSION)?;
        let (nonce, held) = cookie.split_once('.')?;
        let mut held = HeldKey::all_of(held).into_iter();
        Some(Self {
            nonce: nonce.to_owned(),
            key: held.next()?,
            others: held.collect(),
            project: self::cookie(&parts.headers, PROJECT),
            extensions: parts.extensions.clone(),
            forwarded_for: parts.headers.get("x-forwarded-for").cloned(),
            is_by_script: parts.headers.get("sec-fetch-dest").is_some_and(|for_what| for_what == "empty"),
        })
    }

    /// Every key of the session; the first one is in use.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &HeldKey> {
        std::iter::once(&self.key).chain(&self.others)
    }

    /// The same session with another of its keys in use; `None` when it has no such key.
    pub(crate) fn with_key(&self, id: &str) -> Option<Self> {
        let mut changed = self.clone();
        if self.key.id != id {
            let at = self.others.iter().position(|key| key.id == id)?;
            std::mem::swap(&mut changed.key, &mut changed.others[at]);
        }
        Some(changed)
    }

    /// The code that a form of this session must carry.
    pub(crate) fn form_code(&self) -> String {
        hex::encode(Sha256::digest(format!("recto form {}", self.nonce)))
    }

    /// Refuses a form that was not sent by a page of this session.
    pub(crate) fn check(&self, code: &str) -> Result<(), Failure> {
        if self.form_code().as_bytes().ct_eq(code.as_bytes()).into() {
            return Ok(());
        }
        let message = "this form does not belong to your session: open the page again".to_owned();
        Err(Failure { status: StatusCode::FORBIDDEN, message })
    }

    /// The cookie that is sent with a page; `None` when the key in use is no longer valid.
    ///
    /// A page that a script asks for brings a cookie only when the access token is half spent. Scripts ask at any time,
    /// and a late answer could undo a sign-out or a switch to another organization.
    pub(crate) fn with_page(&self, web: &Web) -> Option<HeaderValue> {
        if self.is_by_script && !web.api.is_half_spent(&self.key.access_token) {
            return None;
        }
        self.renewed(web)
    }

    /// The cookie with fresh access tokens; `None` when the key in use is no longer valid.
    pub(crate) fn renewed(&self, web: &Web) -> Option<HeaderValue> {
        let (_, seconds) = web.api.renew(&self.key.access_token)?;
        let renewed = |key: &HeldKey| {
            let (access_token, _) = web.api.renew(&key.access_token)?;
            Some(HeldKey { access_token, ..key.clone() })
        };
        let held: Vec<HeldKey> = self.keys().filter_map(renewed).collect();
        set(web, SESSION, &written(&self.nonce, &held), seconds)
    }
}

/// The cookie that begins a session with these keys, of which the first is in use. `None` when the keys do not fit into
/// a cookie.
pub(crate) fn begin(web: &Web, held: &[HeldKey], seconds: u64) -> Option<HeaderValue> {
    let value = written(&random(), held);
    if value.len() <= MAX_BYTES { set(web, SESSION, &value, seconds) } else { None }
}

fn written(nonce: &str, held: &[HeldKey]) -> String {
    format!("{nonce}.{}", HeldKey::write(held))
}

/// The cookie that ends the session.
pub(crate) fn end(web: &Web) -> Option<HeaderValue> {
    set(web, SESSION, "", 0)
}

/// The cookie that remembers a project. With an empty id, it clears the choice.
pub(crate) fn remember_project(web: &Web, id: &str) -> Option<HeaderValue> {
    set(web, PROJECT, id, if id.is_empty() { 0 } else { LONG })
}

fn set(web: &Web, name: &str, value: &str, seconds: u64) -> Option<HeaderValue> {
    let is_encrypted = web.api.settings().public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    let secure = if is_encrypted { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).ok()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

/// Whether the browser reports that another site caused the request.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

impl FromRequestParts<Web> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Response> {
        if parts.method != Method::GET && is_from_elsewhere(&parts.headers) {
            return Err((StatusCode::FORBIDDEN, "another site sent this form").into_response());
        }
        Self::of(parts).ok_or_else(|| to_sign_in(parts))
    }
}

impl OptionalFromRequestParts<Web> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Option<Self>, Response> {
        Ok(Self::of(parts))
    }
}

/// Redirects to the sign-in page, which leads back here.
fn to_sign_in(parts: &Parts) -> Response {
    let next = if parts.method == Method::GET { parts.uri.path() } else { "" };
    Redirect::to(&format!("/sign-in?{}", query(&[("next", next)]))).into_response()
}
