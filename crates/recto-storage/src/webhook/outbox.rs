//! The outbox: events, written in the transaction that causes them, with a delivery for every webhook endpoint that
//! receives them. A crash therefore loses no event, and no event is sent for a change that was not made.

use recto_domain::{
    BatchId, DeliveryId, DeliveryStatus, Event, EventId, EventKind, OrganizationId, ProjectId, Timestamp, WebhookStatus,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use serde::Serialize;
use serde_json::Value;

use crate::database::insert::insert_many;
use crate::database::rows::{from_json, parse, to_json};
use crate::entities::{event, webhook, webhook_delivery};
use crate::error::Result;
use crate::handles::Batches;

/// Where something happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventScope<'a> {
    pub(crate) organization: &'a str,
    pub(crate) project: &'a str,
    pub(crate) batch: Option<&'a str>,
    pub(crate) record: Option<&'a str>,
    pub(crate) template: Option<&'a str>,
}

/// An event that was written, and the endpoints that receive it.
pub(crate) struct Written {
    event: Event,
    subject: Subject,
    listeners: Vec<String>,
}

/// The object of a delivery; when the object is deleted, the delivery is reduced to ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Subject {
    /// The batch or template.
    pub(crate) id: Option<String>,
    /// The record of the batch.
    pub(crate) record: Option<String>,
}

/// The body that is sent to an endpoint.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<'a> {
    pub(crate) event_type: &'a str,
    pub(crate) event_id: &'a str,
    pub(crate) timestamp: Timestamp,
    pub(crate) organization_id: OrganizationId,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) payload: &'a Value,
}

impl Envelope<'_> {
    /// The bytes that are signed and sent.
    pub(crate) fn to_json(&self) -> String {
        to_json(self)
    }
}

/// Writes an event. If [`Written::is_awaited`], the caller builds the payload and calls [`Written::tell`].
pub(crate) async fn write(
    tx: &impl ConnectionTrait,
    kind: EventKind,
    place: EventScope<'_>,
    now: Timestamp,
) -> Result<Written> {
    let row = event::ActiveModel {
        id: Set(EventId::generate().to_string()),
        kind: Set(kind.as_str().to_owned()),
        organization_id: Set(place.organization.to_owned()),
        project_id: Set(place.project.to_owned()),
        batch_id: Set(place.batch.map(str::to_owned)),
        record_id: Set(place.record.map(str::to_owned)),
        created_at: Set(now.as_millis()),
    };
    let event = row.insert(tx).await?.into_domain()?;
    let listeners = listeners(tx, &event).await?;
    let subject =
        Subject { id: place.batch.or(place.template).map(str::to_owned), record: place.record.map(str::to_owned) };
    Ok(Written { event, subject, listeners })
}

/// The active endpoints of the organization that receive the event.
async fn listeners(tx: &impl ConnectionTrait, event: &Event) -> Result<Vec<String>> {
    let rows = webhook::Entity::find()
        .filter(webhook::Column::OrganizationId.eq(event.organization_id.to_string()))
        .filter(webhook::Column::Status.eq(WebhookStatus::Active.as_str()))
        .all(tx)
        .await?;
    let project = event.project_id.to_string();
    let mut listeners = Vec::new();
    for row in rows {
        let kinds: Vec<EventKind> = from_json(&row.events, "webhook")?;
        if kinds.contains(&event.kind) && row.project_id.is_none_or(|own| own == project) {
            listeners.push(row.id);
        }
    }
    Ok(listeners)
}

impl Written {
    /// Whether any endpoint receives it.
    pub(crate) fn is_awaited(&self) -> bool {
        !self.listeners.is_empty()
    }

    /// Queues a delivery for each endpoint that receives it.
    pub(crate) async fn tell(self, tx: &impl ConnectionTrait, payload: &Value) -> Result<()> {
        let Event { kind, organization_id, project_id, created_at, .. } = self.event;
        let event_id = self.event.public_id();
        let envelope = Envelope {
            event_type: kind.as_str(),
            event_id: &event_id,
            timestamp: created_at,
            organization_id,
            project_id: Some(project_id),
            payload,
        };
        let body = envelope.to_json();
        let delivery =
            |webhook| new_delivery(webhook, &event_id, kind.as_str(), self.subject.clone(), body.clone(), created_at);
        insert_many(tx, self.listeners.into_iter().map(delivery).collect()).await
    }
}

/// A delivery that is due at once.
pub(crate) fn new_delivery(
    webhook: String,
    event_id: &str,
    event_type: &str,
    subject: Subject,
    body: String,
    now: Timestamp,
) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        id: Set(DeliveryId::generate().to_string()),
        webhook_id: Set(webhook),
        event_id: Set(event_id.to_owned()),
        event_type: Set(event_type.to_owned()),
        subject_id: Set(subject.id),
        record_id: Set(subject.record),
        body: Set(body),
        status: Set(DeliveryStatus::Pending.as_str().to_owned()),
        attempts: Set(0),
        created_at: Set(now.as_millis()),
        due_at: Set(Some(now.as_millis())),
        lease_owner: Set(None),
        lease_until: Set(None),
        completed_at: Set(None),
    }
}

impl Batches<'_> {
    /// The events of a batch so far, oldest first.
    pub async fn events(self, batch: BatchId) -> Result<Vec<Event>> {
        let rows = event::Entity::find()
            .filter(event::Column::BatchId.eq(batch.to_string()))
            .order_by_asc(event::Column::Id)
            .all(&self.storage.inner.database.read)
            .await?;
        rows.into_iter().map(event::Model::into_domain).collect()
    }
}

impl event::Model {
    fn into_domain(self) -> Result<Event> {
        let what = "event";
        Ok(Event {
            id: parse(&self.id, what)?,
            kind: parse(&self.kind, what)?,
            organization_id: parse(&self.organization_id, what)?,
            project_id: parse(&self.project_id, what)?,
            batch_id: self.batch_id.as_deref().map(|id| parse(id, what)).transpose()?,
            record_id: self.record_id.as_deref().map(|id| parse(id, what)).transpose()?,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}
