//! `GET /batch/:id/events`: server-sent events, as an alternative to polling.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, stream};
use recto_domain::{Batch, BatchDetails, BatchId, BatchStatus, error_chain};
use recto_storage::{Change, Storage};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tracing::Span;
use utoipa::ToSchema;

use crate::auth::ReadBatches;
use crate::error::ApiError;
use crate::in_scope::InScope;
use crate::permits::{Permits, Work};
use crate::serve::Stopping;
use crate::state::ApiState;

/// The shortest time between two looks at a batch, however fast it changes.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest time between two looks: wake-ups may be lost, and other nodes work too.
const POLL: Duration = Duration::from_millis(900);

/// One event of the stream, as described in the OpenAPI document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description is never built")]
pub(crate) struct BatchEvent {
    /// `progress`; finally `completed` or `failed`.
    #[schema(pattern = "^(progress|completed|failed)$")]
    event: String,
    /// The batch's details: the JSON of `BatchDetails`.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// Listen to a batch
///
/// Server-sent events: `progress` with the batch's details, immediately and on every change; finally `completed` or
/// `failed`, also with the details.
#[utoipa::path(get, path = "/batch/{batchId}/events", tag = "Batches", operation_id = "listenToBatch",
    params(("batchId" = BatchId, Path, description = "The id of the batch.")),
    responses((status = 200, description = "Events until the batch has ended", body = BatchEvent,
        content_type = "text/event-stream")))]
pub(crate) async fn events(
    State(state): State<ApiState>,
    stopping: Option<Extension<Stopping>>,
    Extension(places): Extension<Permits>,
    InScope { found: Batch { id, .. }, caller }: InScope<Batch, ReadBatches>,
) -> Result<Response, ApiError> {
    let place = places.take(Work::EventStream, caller.token()).await?;
    let stop = stopping.map(|Extension(Stopping(token))| token).unwrap_or_default();
    let events = Sse::new(Listener::new(state.storage, id, stop).events()).keep_alive(KeepAlive::default());
    // Proxies that buffer a response would delay the events.
    let unbuffered = [(CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok(place.until_sent((unbuffered, events).into_response()))
}

/// A client that listens to a batch.
struct Listener {
    storage: Storage,
    id: BatchId,
    changes: broadcast::Receiver<Change>,
    stop: CancellationToken,
    /// The details sent last.
    told: Option<String>,
    /// The event to send after the last progress.
    last: Option<(&'static str, String)>,
    ended: bool,
    span: Span,
}

impl Listener {
    fn new(storage: Storage, id: BatchId, stop: CancellationToken) -> Self {
        let changes = storage.changes();
        Self { storage, id, changes, stop, told: None, last: None, ended: false, span: Span::current() }
    }

    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut listener| async {
            let (name, data) = listener.next().await?;
            Some((Ok(Event::default().event(name).data(data)), listener))
        })
    }

    /// The next event: its name and its data. `None` when there is nothing more to send.
    async fn next(&mut self) -> Option<(&'static str, String)> {
        if let Some(last) = self.last.take() {
            return Some(last);
        }
        while !self.ended {
            if self.told.is_some() {
                self.change().await?;
            }
            let details = self.look().await?;
            let data = serde_json::to_string(&details).expect("a batch's details make JSON");
            if details.batch.status.is_final() {
                let name = if details.batch.status == BatchStatus::Failed { "failed" } else { "completed" };
                self.last = Some((name, data.clone()));
                self.ended = true;
            }
            if self.told.as_ref() != Some(&data) {
                self.told = Some(data.clone());
                return Some(("progress", data));
            }
        }
        self.last.take()
    }

    /// Waits until the batch may have changed; `None` when the server stops.
    async fn change(&mut self) -> Option<()> {
        let waited = async {
            tokio::time::sleep(PAUSE).await;
            // A timeout counts like a change, and so does a missed wake-up.
            let _ = tokio::time::timeout(POLL, woken(&mut self.changes, self.id)).await;
        };
        self.stop.run_until_cancelled(waited).await
    }

    /// The batch's current details; `None` when it was deleted.
    async fn look(&self) -> Option<BatchDetails> {
        match self.storage.batches().details(self.id).await {
            Ok(details) => details,
            Err(error) => {
                let _inside = self.span.enter();
                tracing::error!(error = error_chain(&error), "event stream of a batch ended early");
                None
            }
        }
    }
}

/// Waits for a wake-up that is about the batch.
async fn woken(changes: &mut broadcast::Receiver<Change>, id: BatchId) {
    loop {
        match changes.recv().await {
            Ok(Change::Batch(other) | Change::Stopped(other)) if other == id => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
