//! `GET /metrics`: what a monitoring system asks for, in the text form that Prometheus reads.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use recto_storage::DiskSpace;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::error::ApiError;
use crate::state::ApiState;

const PATH: &str = "/metrics";
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The secret of whoever may read the metrics on the API's own address.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(String);

impl MetricsToken {
    /// Of the settings.
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

/// The route on the API's own address: none unless there is a token to ask for it with.
pub(crate) fn with_token(state: &ApiState) -> Router<ApiState> {
    if state.settings.metrics_token.is_some() { Router::new().route(PATH, get(guarded)) } else { Router::new() }
}

/// Serves the metrics, and nothing else, to whoever reaches a listener of their own.
pub async fn serve_metrics(listener: TcpListener, state: ApiState, shutdown: CancellationToken) {
    let routes = Router::new().route(PATH, get(open)).with_state(state);
    let served = axum::serve(listener, routes).with_graceful_shutdown(async move { shutdown.cancelled().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "the metrics are no longer served");
    }
}

async fn guarded(State(state): State<ApiState>, headers: HeaderMap) -> Result<Response, ApiError> {
    match &state.settings.metrics_token {
        Some(token) if token.is_in(&headers) => answer(&state),
        _ => Err(ApiError::Unauthorized("send metrics.token of the settings as a Bearer token")),
    }
}

async fn open(State(state): State<ApiState>) -> Result<Response, ApiError> {
    answer(&state)
}

fn answer(state: &ApiState) -> Result<Response, ApiError> {
    let spaces = state.storage.disk_space()?;
    let text = text(&spaces, *state.workers_ready.borrow());
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

/// Made anew for each answer: every value is one that is asked for, none is counted on the way.
fn text(spaces: &[DiskSpace], workers_ready: usize) -> String {
    let mut registry = Registry::default();
    let mut gauge = |name: &str, help: &str, value: fn(&DiskSpace) -> u64| {
        let family = Family::<[(&str, &str); 1], Gauge>::default();
        for space in spaces {
            family.get_or_create(&[("holds", space.holds)]).set(value(space).cast_signed());
        }
        registry.register(name, help, family);
    };
    gauge("recto_disk_size_bytes", "Size of a disk that the database or the files lie on", |space| space.total_bytes);
    gauge("recto_disk_free_bytes", "What any program may still take of it", |space| space.free_bytes);
    gauge("recto_disk_reserve_bytes", "What new files leave of it for the rest", |space| space.reserve_bytes);
    gauge("recto_disk_ballast_bytes", "What is put aside on it, towards the reserve", |space| space.set_aside_bytes);
    let workers = Gauge::<i64>::default();
    workers.set(workers_ready as i64);
    registry.register("recto_workers_ready", "Worker processes that stand ready or are at work", workers);
    let mut text = String::new();
    encode(&mut text, &registry).expect("writing to a string does not fail");
    text
}
