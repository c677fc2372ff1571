//! A model's server: takes questions, and answers each as it was told to.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use recto_extract_llm::{LlmExtractor, LlmSettings};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What the server does with a request.
pub(crate) enum Reaction {
    /// A completion with this content.
    Content(String),
    /// A body of one's own with a status.
    Body(u16, Value),
    /// 429 with `Retry-After` in seconds.
    TooMany(u32),
    Redirect(String),
    /// The connection is dropped without an answer.
    Drop,
    /// Nothing, for ever.
    Hang,
}

impl Reaction {
    /// A completion with these values.
    pub(crate) fn values(values: &Value) -> Self {
        Self::Content(values.to_string())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Body(status, json!({"error": {"message": "as you say"}}))
    }
}

/// A request as it came.
pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Received {
    /// The content of the message of that role.
    pub(crate) fn message(&self, role: &str) -> &str {
        let messages = self.body["messages"].as_array().unwrap();
        messages.iter().find(|message| message["role"] == role).unwrap()["content"].as_str().unwrap()
    }
}

#[derive(Clone, Default)]
struct Desk {
    reactions: Arc<Mutex<VecDeque<Reaction>>>,
    received: Arc<Mutex<Vec<Received>>>,
}

pub(crate) struct Model {
    pub(crate) url: String,
    desk: Desk,
}

/// The tokens that every completion is said to have taken.
pub(crate) const TOKENS: u64 = 120;

impl Model {
    /// Answers in turn as told, and then always with 500.
    pub(crate) async fn start(reactions: impl IntoIterator<Item = Reaction>) -> Self {
        let desk = Desk { reactions: Arc::new(Mutex::new(reactions.into_iter().collect())), ..Desk::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let routes = Router::new().fallback(take).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, desk }
    }

    /// Settings for this server that wait for nothing longer than they must.
    pub(crate) fn settings(&self) -> LlmSettings {
        let mut settings = LlmSettings::new(self.url.parse().unwrap(), "small-model");
        settings.pause = std::time::Duration::from_millis(1);
        settings
    }

    pub(crate) fn extractor(&self) -> LlmExtractor {
        LlmExtractor::new(self.settings()).unwrap()
    }

    /// The requests so far, which are then forgotten.
    pub(crate) fn received(&self) -> Vec<Received> {
        std::mem::take(&mut self.desk.received.lock().unwrap())
    }
}

async fn take(State(desk): State<Desk>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = serde_json::from_slice(&body).unwrap_or_default();
    desk.received.lock().unwrap().push(Received { path: uri.path().to_owned(), headers, body });
    let reaction = desk.reactions.lock().unwrap().pop_front().unwrap_or_else(|| Reaction::status(500));
    let with = |status: u16, body: &Value| {
        let json = [(header::CONTENT_TYPE, "application/json")];
        (StatusCode::from_u16(status).unwrap(), json, body.to_string()).into_response()
    };
    match reaction {
        Reaction::Content(content) => with(
            200,
            &json!({
                "id": "chatcmpl-1", "object": "chat.completion", "model": "small-model",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": TOKENS - 20, "completion_tokens": 20, "total_tokens": TOKENS},
            }),
        ),
        Reaction::Body(status, body) => with(status, &body),
        Reaction::TooMany(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Reaction::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Reaction::Drop => panic!("the connection is dropped, as asked"),
        Reaction::Hang => pending().await,
    }
}
