//! Who is signed in: access tokens of the API in a cookie that scripts cannot read and other sites cannot send, one for
//! each organization or project that the person has a key of.
//!
//! Every page renews them, so that a session ends an hour after the last one. Forms carry a code that only pages of this
//! session know.

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
/// Browsers keep 4096 bytes of a cookie, its name and attributes among them.
const MAX_BYTES: usize = 3800;
/// A year, in seconds.
const LONG: u64 = 31_536_000;

/// A signed-in person's request.
#[derive(Clone)]
pub(crate) struct Session {
    /// What the form code follows from; stays when the access tokens are renewed.
    nonce: String,
    /// The key that this request acts with.
    pub(crate) key: HeldKey,
    /// The others of this session, which it can be changed for.
    pub(crate) others: Vec<HeldKey>,
    /// The project that was chosen last.
    pub(crate) project: Option<String>,
    /// What the request brought of its connection.
    pub(crate) extensions: Extensions,
    pub(crate) forwarded_for: Option<HeaderValue>,
    /// Whether a script of a page asks, rather than the browser for a page to show.
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

    /// What a form of this session must carry.
    pub(crate) fn form_code(&self) -> String {
        hex::encode(Sha256::digest(format!("recto form {}", self.nonce)))
    }

    /// Refuses a form that no page of this session sent.
    pub(crate) fn check(&self, code: &str) -> Result<(), Failure> {
        if self.form_code().as_bytes().ct_eq(code.as_bytes()).into() {
            return Ok(());
        }
        let message = "this form is not from a page of your session: open the page again".to_owned();
        Err(Failure { status: StatusCode::FORBIDDEN, message })
    }

    /// The cookie that goes with a page; none when the key in use is no good any more.
    ///
    /// A page that a script asks for seldom brings one. The script asks at any time, and an answer that arrives after the
    /// person signed out or went over to another organization would undo that.
    pub(crate) fn with_page(&self, web: &Web) -> Option<HeaderValue> {
        if self.is_by_script && !web.api.is_half_spent(&self.key.access_token) {
            return None;
        }
        self.renewed(web)
    }

    /// The cookie with fresh access tokens; none when the one in use is no good any more.
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

/// A cookie that begins a session with these keys, of which the first is in use. `None` when they are more than a browser
/// keeps.
pub(crate) fn begin(web: &Web, held: &[HeldKey], seconds: u64) -> Option<HeaderValue> {
    let value = written(&random(), held);
    if value.len() <= MAX_BYTES { set(web, SESSION, &value, seconds) } else { None }
}

fn written(nonce: &str, held: &[HeldKey]) -> String {
    format!("{nonce}.{}", HeldKey::write(held))
}

/// A cookie that ends it.
pub(crate) fn end(web: &Web) -> Option<HeaderValue> {
    set(web, SESSION, "", 0)
}

/// A cookie that remembers a project; that none is chosen, when the id is empty.
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

/// Whether a browser says that another site made it send the request.
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

/// To the page that signs in, and from there back.
fn to_sign_in(parts: &Parts) -> Response {
    let next = if parts.method == Method::GET { parts.uri.path() } else { "" };
    Redirect::to(&format!("/sign-in?{}", query(&[("next", next)]))).into_response()
}
