//! An event on its way to a webhook endpoint: its state, its attempts, and when it is retried.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, WebhookId};
use crate::spelling::spelled;
use crate::time::Timestamp;

/// The type of the event that tests an endpoint.
pub const TEST_EVENT: &str = "webhook.test";

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DeliveryStatus {
    /// Not acknowledged yet.
    Pending,
    /// The endpoint acknowledged it.
    Delivered,
    /// Given up.
    Failed,
}

spelled!(
    DeliveryStatus,
    "status",
    InvalidDeliveryStatus,
    [Pending = "pending", Delivered = "delivered", Failed = "failed",]
);

/// An event on its way to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// The delivery's id; an event that is sent again by hand gets a new one.
    pub id: DeliveryId,
    /// The endpoint.
    pub webhook_id: WebhookId,
    /// The event's id as the receiver sees it; the same for every attempt and every delivery of the event.
    pub event_id: String,
    /// What happened, such as `batch.completed`, or `webhook.test`.
    pub event_type: String,
    /// Its current state.
    pub status: DeliveryStatus,
    /// Attempts so far, oldest first.
    pub attempts: Vec<DeliveryAttempt>,
    /// When the next attempt is due; null when the delivery has ended, or waits for its endpoint to be resumed.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// One attempt to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryAttempt {
    /// When the request was sent.
    pub sent_at: Timestamp,
    /// Milliseconds until the response arrived or the attempt was given up.
    pub duration_ms: u32,
    /// The headers of the request; values that are probably secret are hidden.
    pub request_headers: BTreeMap<String, String>,
    /// The status of the response, if there was one.
    pub response_status: Option<u16>,
    /// The first 4096 bytes of the response.
    pub response_body: Option<String>,
    /// Why the attempt failed; null when the endpoint acknowledged.
    pub error: Option<String>,
}

impl DeliveryAttempt {
    /// How many bytes of a response are kept.
    pub const KEPT_BODY_BYTES: usize = 4096;

    /// Whether the endpoint acknowledged.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.error.is_none()
    }
}

/// The pauses before a failed delivery is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule(Vec<Duration>);

impl RetrySchedule {
    /// A schedule of those pauses. A delivery is given up when the attempt after the last pause fails.
    #[must_use]
    pub fn new(pauses: Vec<Duration>) -> Self {
        Self(pauses)
    }

    /// The pause after the n-th attempt (from 1) failed; `None` when the delivery is given up.
    ///
    /// `jitter` from -1 to 1 changes the pause by up to a tenth, so that deliveries that failed together are not
    /// retried together.
    #[must_use]
    pub fn pause_after(&self, attempts: u32, jitter: f64) -> Option<Duration> {
        let pause = self.0.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
        Some(pause.mul_f64(1.0 + jitter.clamp(-1.0, 1.0) / 10.0))
    }
}

impl Default for RetrySchedule {
    /// Pauses of 10 s, 1 min, 5 min, 30 min, 2 h, 12 h and 24 h.
    fn default() -> Self {
        let minutes = Duration::from_mins;
        let hours = Duration::from_hours;
        Self(vec![Duration::from_secs(10), minutes(1), minutes(5), minutes(30), hours(2), hours(12), hours(24)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_tried_eight_times_over_a_day_and_a_half() {
        let schedule = RetrySchedule::default();
        let pauses: Vec<u64> = (1..).map_while(|n| schedule.pause_after(n, 0.0)).map(|p| p.as_secs()).collect();
        assert_eq!(pauses, [10, 60, 300, 1800, 7200, 43_200, 86_400]);
        assert_eq!(schedule.pause_after(8, 0.0), None);
        assert_eq!(schedule.pause_after(0, 0.0), None);
    }

    #[test]
    fn jitter_moves_a_pause_by_a_tenth_at_most() {
        let schedule = RetrySchedule::default();
        let pause = |jitter| schedule.pause_after(1, jitter).unwrap().as_millis();
        assert_eq!([pause(-1.0), pause(0.5), pause(1.0), pause(7.0)], [9000, 10_500, 11_000, 11_000]);
    }
}
