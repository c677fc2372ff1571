//! An endpoint: takes deliveries, and answers each as it was told to.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// What the receiver does with a request.
pub(crate) enum Reaction {
    Status(u16),
    Redirect(String),
    /// 200 with that many bytes.
    Body(usize),
    /// The connection is dropped without an answer.
    Drop,
    /// Nothing, for ever.
    Hang,
}

/// A request as it came.
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Clone)]
struct Desk {
    reactions: Arc<Mutex<VecDeque<Reaction>>>,
    received: mpsc::UnboundedSender<Received>,
}

pub(crate) struct Receiver {
    pub(crate) url: String,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Receiver {
    /// Answers in turn as told, and then always with 204.
    pub(crate) async fn start(reactions: Vec<Reaction>) -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        let desk = Desk { reactions: Arc::new(Mutex::new(reactions.into())), received: sender };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?tenant=7", listener.local_addr().unwrap());
        let routes = Router::new().fallback(take).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, received }
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(Duration::from_secs(30), self.received.recv());
        next.await.expect("a delivery comes").unwrap()
    }

    /// Whether no request came that was not looked at.
    pub(crate) fn is_empty(&self) -> bool {
        self.received.is_empty()
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let reaction = desk.reactions.lock().unwrap().pop_front().unwrap_or(Reaction::Status(204));
    desk.received.send(Received { headers, body }).unwrap();
    match reaction {
        Reaction::Status(status) => (StatusCode::from_u16(status).unwrap(), "as you say").into_response(),
        Reaction::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Reaction::Body(bytes) => vec![b'x'; bytes].into_response(),
        Reaction::Drop => panic!("the connection is dropped, as asked"),
        Reaction::Hang => pending().await,
    }
}
