//! `GET /metrics`: metrics in the text format of Prometheus.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use recto_domain::Timestamp;
use recto_storage::{Backlog, DiskSpace, Storage};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::ApiError;
use crate::health;
use crate::state::ApiState;

const PATH: &str = "/metrics";
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of the histogram of response times, in seconds: from a look-up by id to an export of a large batch.
const ANSWER_SECONDS: [f64; 10] = [0.005, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0, 60.0, 300.0];

/// How long the database may take to count the backlog.
const PATIENCE: Duration = Duration::from_secs(2);

/// The secret that gives access to the metrics on the API's own address.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(String);

impl MetricsToken {
    /// From the settings.
    #[must_use]
    pub fn new(token: String) -> Self {
        Self(token)
    }

    fn is_in(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        sent.is_some_and(|sent| sent.trim().as_bytes().ct_eq(self.0.as_bytes()).into())
    }
}

impl std::fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsToken(***)")
    }
}

/// The counters of a node. Cheap to clone; clones share the counts.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    answer_seconds: Family<RouteLabels, Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    path: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    path: String,
}

impl Metrics {
    /// Adds the request metrics to a registry that may hold metrics of other parts of the node.
    #[must_use]
    pub fn new(mut registry: Registry) -> Self {
        let requests = Family::default();
        registry.register("recto_http_requests", "Requests answered", Family::clone(&requests));
        let answer_seconds = Family::new_with_constructor((|| Histogram::new(ANSWER_SECONDS)) as fn() -> Histogram);
        registry.register(
            "recto_http_answer_seconds",
            "Time from the head of a request to the head of its response",
            Family::clone(&answer_seconds),
        );
        Self { registry: Arc::new(registry), requests, answer_seconds }
    }

    /// Records a response. `path` is the route's pattern rather than the request's path, so that the number of labels
    /// is limited.
    pub(crate) fn answered(&self, method: &Method, path: &str, status: StatusCode, took: Duration) {
        let labels = RouteLabels { method: known(method).to_owned(), path: path.to_owned() };
        self.answer_seconds.get_or_create(&labels).observe(took.as_secs_f64());
        let RouteLabels { method, path } = labels;
        self.requests.get_or_create(&RequestLabels { method, path, status: status.as_u16() }).inc();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(Registry::default())
    }
}

/// The name of a standard method; clients may invent any number of others.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            method.as_str()
        }
        _ => "other",
    }
}

/// The state reported about a node, whether it serves requests or only works.
#[derive(Clone)]
pub struct NodeState {
    /// The database and the blobs.
    pub storage: Storage,
    /// The counters.
    pub metrics: Metrics,
    /// How many workers are ready.
    pub workers_ready: watch::Receiver<usize>,
}

impl From<&ApiState> for NodeState {
    fn from(state: &ApiState) -> Self {
        Self {
            storage: state.storage.clone(),
            metrics: state.metrics.clone(),
            workers_ready: state.workers_ready.clone(),
        }
    }
}

/// The route on the API's own address; none if no token is configured.
pub(crate) fn with_token(state: &ApiState) -> Router<ApiState> {
    if state.settings.metrics_token.is_some() { Router::new().route(PATH, get(guarded)) } else { Router::new() }
}

/// Serves only the metrics and the node's readiness, to anyone who can reach a listener of their own.
pub async fn serve_metrics(listener: TcpListener, state: NodeState, shutdown: CancellationToken) {
    let routes =
        Router::new().route(PATH, get(open)).route(health::READY_PATH, get(health::node_ready)).with_state(state);
    let served = axum::serve(listener, routes).with_graceful_shutdown(async move { shutdown.cancelled().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "the metrics server stopped");
    }
}

async fn guarded(State(state): State<ApiState>, headers: HeaderMap) -> Result<Response, ApiError> {
    match &state.settings.metrics_token {
        Some(token) if token.is_in(&headers) => answer(&NodeState::from(&state)).await,
        _ => Err(ApiError::Unauthorized("send the value of the setting metrics.token as a Bearer token")),
    }
}

async fn open(State(state): State<NodeState>) -> Result<Response, ApiError> {
    answer(&state).await
}

async fn answer(state: &NodeState) -> Result<Response, ApiError> {
    // Values that cannot be determined now are left out; the counters are reported all the same.
    let spaces = state.storage.disk_space().unwrap_or_default();
    let backlog = tokio::time::timeout(PATIENCE, state.storage.queue().backlog()).await.ok().and_then(Result::ok);
    let mut text = String::new();
    let now = asked_for(&spaces, backlog, *state.workers_ready.borrow());
    encode_registry(&mut text, &now).expect("writing to a string does not fail");
    encode_registry(&mut text, &state.metrics.registry).expect("writing to a string does not fail");
    encode_eof(&mut text).expect("writing to a string does not fail");
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

/// Metrics that are determined on request rather than counted.
fn asked_for(spaces: &[DiskSpace], backlog: Option<Backlog>, workers_ready: usize) -> Registry {
    let mut registry = Registry::default();
    let mut gauge = |name: &str, help: &str, value: fn(&DiskSpace) -> u64| {
        let family = Family::<[(&str, &str); 1], Gauge>::default();
        for space in spaces {
            family.get_or_create(&[("holds", space.holds)]).set(value(space).cast_signed());
        }
        registry.register(name, help, family);
    };
    gauge("recto_disk_size_bytes", "Size of the disk that holds the database or the files", |space| space.total_bytes);
    gauge("recto_disk_free_bytes", "Space on it that any program can still use", |space| space.free_bytes);
    gauge("recto_disk_reserve_bytes", "Space on it that new files leave free", |space| space.reserve_bytes);
    gauge("recto_disk_ballast_bytes", "Space on it set aside as part of the reserve", |space| space.set_aside_bytes);
    let mut gauge = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    gauge("recto_workers_ready", "Worker processes that are idle or busy", workers_ready as i64);
    gauge("recto_database_up", "Whether the database answers", backlog.is_some().into());
    let Some(backlog) = backlog else { return registry };
    gauge(
        "recto_queue_items",
        "Files to be opened and pages to be read, all nodes together",
        backlog.to_read.cast_signed(),
    );
    gauge("recto_queue_extractions", "Documents whose fields are to be extracted", backlog.to_extract.cast_signed());
    let age = backlog.oldest.map_or(0, |oldest| (Timestamp::now().as_millis() - oldest.as_millis()).max(0) / 1000);
    gauge("recto_queue_oldest_seconds", "Age of the oldest waiting item; 0 if nothing is waiting", age);
    registry
}
