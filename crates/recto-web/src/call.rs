//! Calls the API with the key of the signed-in person.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Web;
use crate::layout::failure_page;
use crate::session::Session;

/// The most bytes of an answer that a page reads completely. A record of 500 pages without its words has a few hundred
/// kilobytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Why the API refused or failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// The message, worded for a person.
    pub(crate) message: String,
}

impl Web {
    /// Sends `GET` to a path of the API and parses the answer.
    pub(crate) async fn get<T: DeserializeOwned>(&self, session: &Session, path: &str) -> Result<T, Failure> {
        let read = read(self.send(session, Method::GET, path, Body::empty()).await).await;
        self.told_apart(session, read).await
    }

    /// Sends a request without a body and waits until it is done.
    pub(crate) async fn act(&self, session: &Session, method: Method, path: &str) -> Result<(), Failure> {
        let done = refuse(self.send(session, method, path, Body::empty()).await).await.map(drop);
        self.told_apart(session, done).await
    }

    /// The API answers 401 both for objects of others and for a key that has ended. Only in the second case the person
    /// must sign in again.
    async fn told_apart<T>(&self, session: &Session, done: Result<T, Failure>) -> Result<T, Failure> {
        match done {
            Err(failure) if failure.status == StatusCode::UNAUTHORIZED && self.works(session).await => {
                Err(Failure { status: StatusCode::FORBIDDEN, ..failure })
            }
            done => done,
        }
    }

    /// Whether the key of a session is accepted at all.
    pub(crate) async fn works(&self, session: &Session) -> bool {
        self.send(session, Method::GET, "/projects", Body::empty()).await.status() != StatusCode::UNAUTHORIZED
    }

    /// Sends JSON with `PATCH` to a path of the API.
    pub(crate) async fn change(&self, session: &Session, path: &str, body: &Value) -> Result<Value, Failure> {
        self.put(session, Method::PATCH, path, body).await
    }

    /// Sends JSON and parses the answer.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        session: &Session,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, Failure> {
        let mut request = Request::new(Body::from(body.to_string()));
        *request.method_mut() = method;
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let read = read(self.forward(session, path, request).await).await;
        self.told_apart(session, read).await
    }

    /// Sends a request without a body and streams its answer back.
    pub(crate) async fn send(&self, session: &Session, method: Method, path: &str, body: Body) -> Response {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        self.forward(session, path, request).await
    }

    /// Sends a request to a path of the API with the session's access token.
    pub(crate) async fn forward(&self, session: &Session, path: &str, mut request: Request) -> Response {
        let token = HeaderValue::from_str(&format!("Bearer {}", session.key.access_token));
        let uri = format!("{}{path}", self.api.root()).parse();
        let (Ok(token), Ok(uri)) = (token, uri) else { return StatusCode::NOT_FOUND.into_response() };
        *request.uri_mut() = uri;
        request.headers_mut().remove(header::COOKIE);
        request.headers_mut().insert(header::AUTHORIZATION, token);
        if let Some(forwarded) = &session.forwarded_for {
            request.headers_mut().insert("x-forwarded-for", forwarded.clone());
        }
        self.api.call(&session.extensions, request).await
    }
}

/// The answer's JSON, or why there is none.
pub(crate) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let response = refuse(response).await?;
    let bytes = axum::body::to_bytes(response.into_body(), MAX_ANSWER_BYTES).await.map_err(Failure::inner)?;
    serde_json::from_slice(&bytes).map_err(Failure::inner)
}

/// The answer itself if it is a success, otherwise the failure that it describes.
pub(crate) async fn refuse(response: Response) -> Result<Response, Failure> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let bytes = axum::body::to_bytes(response.into_body(), MAX_ANSWER_BYTES).await.map_err(Failure::inner)?;
    let message = match serde_json::from_slice::<Refusal>(&bytes) {
        Ok(Refusal { message: Message::One(message) }) => message,
        Ok(Refusal { message: Message::Several(messages) }) => messages.join("; "),
        Err(_) => status.canonical_reason().unwrap_or("the server refused the request").to_owned(),
    };
    Err(Failure { status, message })
}

#[derive(Deserialize)]
struct Refusal {
    message: Message,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    One(String),
    Several(Vec<String>),
}

impl Failure {
    fn inner(error: impl std::fmt::Display) -> Self {
        let message = format!("the response could not be read: {error}");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if self.status == StatusCode::UNAUTHORIZED {
            return Redirect::to("/sign-in").into_response();
        }
        failure_page(&self)
    }
}
