//! Sign-in with an API key or with the link that the first start prints, and sign-out.

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use crate::Web;
use crate::call::{Failure, read};
use crate::form::Form;
use crate::held_key::{HeldKey, SignedIn};
use crate::layout::outside;
use crate::session::{Session, begin, end, is_from_elsewhere, remember_project};
use crate::settings::session::switch_to;

/// The query of the page's address.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
pub(crate) async fn page(session: Option<Session>, Query(asked): Query<Asked>) -> Response {
    let body = match asked.code.as_str() {
        "" => html! { (with_key(&asked.next, None)) (other_keys(session.as_ref())) },
        code => with_code(code),
    };
    outside(StatusCode::OK, "Sign in", &body)
}

/// The other keys of a session whose current key no longer works.
fn other_keys(session: Option<&Session>) -> Markup {
    let Some(session) = session.filter(|session| !session.others.is_empty()) else { return html! {} };
    html! {
        h2 { "Continue with another key of this session" }
        div.buttons { @for key in &session.others { (switch_to(session, key)) } }
    }
}

fn with_key(next: &str, wrong: Option<&str>) -> Markup {
    html! {
        h1 { "Sign in" }
        @if let Some(wrong) = wrong { p.problem role="alert" id="wrong" { (wrong) } }
        form.stack method="post" action="/sign-in" {
            input type="hidden" name="next" value=(next);
            label for="key" { "API key" }
            input.mono id="key" name="key" type="password" autocomplete="current-password" required autofocus
                aria-describedby=[wrong.map(|_| "wrong")] placeholder="ocr_…" spellcheck="false";
            p.quiet { "The first start of the server wrote one to " code { "initial-credentials.json" } " in its data folder." }
            button.primary type="submit" { "Sign in" }
        }
        p { a href="/start" { "Use Recto from a terminal" } }
    }
}

/// The code is used only when a button is pressed, so that programs that prefetch links do not use it up.
fn with_code(code: &str) -> Markup {
    html! {
        h1 { "Welcome to Recto" }
        p { "The server is running. This link signs you in once; no key needs to be typed." }
        form.stack method="post" action="/sign-in" {
            input type="hidden" name="code" value=(code);
            button.primary type="submit" autofocus { "Open Recto" }
        }
    }
}

/// `POST /sign-in`
pub(crate) async fn sign_in(
    State(web): State<Web>,
    extensions: Extensions,
    headers: HeaderMap,
    form: Form,
) -> Response {
    if is_from_elsewhere(&headers) {
        return (StatusCode::FORBIDDEN, "another site sent this form").into_response();
    }
    let key = match form.get("code") {
        "" => form.get("key").to_owned(),
        code => match web.link.redeem(code) {
            Some(key) => key,
            None => {
                return wrong(
                    "",
                    StatusCode::FORBIDDEN,
                    "This link was used or has expired. Sign in with the API key.",
                );
            }
        },
    };
    match exchange(&web, &extensions, &headers, &key).await {
        Ok(signed_in) => begun(&web, signed_in, form.get("next")),
        Err(failure) => wrong(form.get("next"), failure.status, &in_words(&failure)),
    }
}

fn wrong(next: &str, status: StatusCode, message: &str) -> Response {
    outside(status, "Sign in", &with_key(next, Some(message)))
}

pub(crate) fn in_words(failure: &Failure) -> String {
    match failure.status {
        StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST => {
            "This key does not work: it is mistyped, has expired or was revoked.".to_owned()
        }
        _ => format!("Signing in failed: {}.", failure.message),
    }
}

/// Has the API exchange a key for an access token.
pub(crate) async fn exchange(
    web: &Web,
    from: &Extensions,
    headers: &HeaderMap,
    key: &str,
) -> Result<SignedIn, Failure> {
    let mut request = Request::new(Body::from(json!({ "token": key }).to_string()));
    *request.method_mut() = axum::http::Method::POST;
    let path = format!("{}/auth/login", web.api.root());
    *request.uri_mut() = path.parse().map_err(|_| Failure::missing())?;
    let json = axum::http::HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    if let Some(forwarded) = headers.get("x-forwarded-for") {
        request.headers_mut().insert("x-forwarded-for", forwarded.clone());
    }
    read(web.api.call(from, request).await).await
}

fn begun(web: &Web, signed_in: SignedIn, next: &str) -> Response {
    let mut response = Redirect::to(inner(next)).into_response();
    let seconds = signed_in.expires_in;
    let key = HeldKey::from(signed_in);
    let project = (!key.project.is_empty()).then(|| remember_project(web, &key.project)).flatten();
    for cookie in begin(web, std::slice::from_ref(&key), seconds).into_iter().chain(project) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where to go after sign-in. It is always a page of this server, even if the address names another one.
fn inner(next: &str) -> &str {
    let is_page = |start: &str| next.starts_with(start) && next.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/');
    if is_page("/batches")
        || is_page("/records/")
        || is_page("/search")
        || is_page("/review")
        || is_page("/templates")
        || is_page("/settings")
    {
        next
    } else {
        "/batches"
    }
}

/// `POST /sign-out`
pub(crate) async fn sign_out(State(web): State<Web>, session: Session, form: Form) -> Result<Response, Failure> {
    session.check(form.get("code"))?;
    let mut response = Redirect::to("/sign-in").into_response();
    if let Some(cookie) = end(&web) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

impl Failure {
    pub(crate) fn missing() -> Self {
        Self { status: StatusCode::NOT_FOUND, message: "there is no such page".to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_pages_of_this_server_only() {
        assert_eq!(inner("/batches/6b0bc9"), "/batches/6b0bc9");
        for elsewhere in ["//evil.example", "https://evil.example", "/batches\\evil", "", "/sign-out"] {
            assert_eq!(inner(elsewhere), "/batches", "{elsewhere}");
        }
    }
}
