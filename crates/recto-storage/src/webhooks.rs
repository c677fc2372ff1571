//! Webhook endpoints, as people look after them.

use recto_domain::{
    AuditAction, OrganizationId, ProjectId, Timestamp, Webhook, WebhookChange, WebhookContent, WebhookHeaders,
    WebhookHealth, WebhookId, WebhookSecret, WebhookStatus,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};

use crate::audit::{self, Audited};
use crate::changes::Change;
use crate::entities::{organization, project, webhook};
use crate::error::{Result, StorageError};
use crate::rows::{from_json, parse, to_json};
use crate::storage::Storage;
use crate::webhook_queue::{park, unpark};

/// An endpoint to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// The organisation it belongs to.
    pub organization: OrganizationId,
    /// The one project whose events it is told of; `None` for all.
    pub project: Option<ProjectId>,
    /// What it is told of and how.
    pub content: WebhookContent,
    /// Under what its deliveries are signed.
    pub secret: WebhookSecret,
}

/// Which endpoints a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookFilter {
    /// Those of this organisation.
    pub organization: OrganizationId,
    /// Only those of this project.
    pub project: Option<ProjectId>,
    /// Which page of the list, from 1.
    pub page: u64,
    /// How many endpoints a page has.
    pub limit: u64,
}

impl WebhookFilter {
    fn select(&self) -> Select<webhook::Entity> {
        let select = webhook::Entity::find().filter(webhook::Column::OrganizationId.eq(self.organization.to_string()));
        match self.project {
            Some(project) => select.filter(webhook::Column::ProjectId.eq(project.to_string())),
            None => select,
        }
    }
}

impl Storage {
    /// Makes an endpoint, active from now on. [`StorageError::NotFound`] when there is no such organisation, or no
    /// such project in it.
    pub async fn create_webhook(&self, new: NewWebhook) -> Result<Webhook> {
        let tx = self.inner.database.begin().await?;
        let organization = new.organization.to_string();
        if organization::Entity::find_by_id(&organization).one(&tx).await?.is_none() {
            return Err(StorageError::NotFound { what: "organization" });
        }
        if let Some(id) = new.project {
            let project = project::Entity::find_by_id(id.to_string()).one(&tx).await?;
            if project.is_none_or(|project| project.organization_id != organization) {
                return Err(StorageError::NotFound { what: "project" });
            }
        }
        let now = Timestamp::now().as_millis();
        let WebhookContent { name, url, events, headers, description } = new.content;
        let row = webhook::ActiveModel {
            id: Set(WebhookId::generate().to_string()),
            organization_id: Set(organization),
            project_id: Set(new.project.map(|id| id.to_string())),
            name: Set(name),
            description: Set(description),
            url: Set(url),
            events: Set(to_json(&events)),
            headers: Set(to_json(&headers.0)),
            secret: Set(new.secret.expose().to_owned()),
            status: Set(WebhookStatus::Active.as_str().to_owned()),
            pause_reason: Set(None),
            failing_since: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let made = row.insert(&tx).await?;
        self.note(&tx, AuditAction::WebhookCreated, &made).await?;
        tx.commit().await?;
        made.into_domain()
    }

    /// A page of endpoints, newest first, and how many the filter lets through in all.
    pub async fn webhooks(&self, filter: &WebhookFilter) -> Result<(Vec<Webhook>, u64)> {
        let tx = self.inner.database.snapshot().await?;
        let total = filter.select().count(&tx).await?;
        let rows = filter
            .select()
            .order_by_desc(webhook::Column::Id)
            .limit(filter.limit)
            .offset(filter.page.saturating_sub(1).saturating_mul(filter.limit).min(i64::MAX as u64))
            .all(&tx)
            .await?;
        tx.commit().await?;
        Ok((rows.into_iter().map(webhook::Model::into_domain).collect::<Result<_>>()?, total))
    }

    /// One endpoint.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>> {
        let row = webhook::Entity::find_by_id(id.to_string()).one(&self.inner.database.read).await?;
        row.map(webhook::Model::into_domain).transpose()
    }

    /// Changes an endpoint; `None` when there is none. What waits for one that is resumed is due at once.
    pub async fn update_webhook(&self, id: WebhookId, change: &WebhookChange) -> Result<Option<Webhook>> {
        let tx = self.inner.database.begin().await?;
        let Some(row) = lock_webhook(&tx, &id.to_string()).await? else {
            return Ok(None);
        };
        let (content, health) = (row.content()?, row.health()?);
        let was = health.status;
        let content = change.apply(content);
        let health = change.apply_to_health(health);
        let status = health.status;
        let now = Timestamp::now();
        let mut row = row.into_active_model();
        set_health(&mut row, health);
        row.name = Set(content.name);
        row.url = Set(content.url);
        row.events = Set(to_json(&content.events));
        row.headers = Set(to_json(&content.headers.0));
        row.description = Set(content.description);
        row.updated_at = Set(now.as_millis());
        if let Some(secret) = &change.secret {
            row.secret = Set(secret.expose().to_owned());
        }
        let row = row.update(&tx).await?;
        match (was, status) {
            (WebhookStatus::Active, WebhookStatus::Paused) => park(&tx, &row.id).await?,
            (WebhookStatus::Paused, WebhookStatus::Active) => unpark(&tx, &row.id, now).await?,
            _ => {}
        }
        self.note(&tx, AuditAction::WebhookUpdated, &row).await?;
        tx.commit().await?;
        self.tell(Change::Deliveries);
        row.into_domain().map(Some)
    }

    /// Deletes an endpoint with its deliveries; `false` when there is none.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<bool> {
        let tx = self.inner.database.begin().await?;
        let Some(row) = lock_webhook(&tx, &id.to_string()).await? else {
            return Ok(false);
        };
        webhook::Entity::delete_by_id(&row.id).exec(&tx).await?;
        self.note(&tx, AuditAction::WebhookDeleted, &row).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Writes to the audit log what is done to an endpoint.
    pub(crate) async fn note(
        &self,
        tx: &impl ConnectionTrait,
        action: AuditAction,
        webhook: &webhook::Model,
    ) -> Result<()> {
        let about = Audited {
            organization: &webhook.organization_id,
            project: webhook.project_id.as_deref(),
            action,
            object: &webhook.id,
        };
        audit::write(tx, &self.actor, about).await
    }
}

/// Locks an endpoint against other changes. On PostgreSQL not against new deliveries, whose foreign key only wants to
/// know that it is there.
pub(crate) async fn lock_webhook(tx: &impl ConnectionTrait, id: &str) -> Result<Option<webhook::Model>> {
    let select = webhook::Entity::find_by_id(id).lock(sea_orm::sea_query::LockType::NoKeyUpdate);
    Ok(select.one(tx).await?)
}

impl webhook::Model {
    pub(crate) fn headers(&self) -> Result<WebhookHeaders> {
        Ok(WebhookHeaders(from_json(&self.headers, "webhook")?))
    }

    pub(crate) fn health(&self) -> Result<WebhookHealth> {
        Ok(WebhookHealth {
            status: parse(&self.status, "webhook")?,
            pause_reason: self.pause_reason.clone(),
            failing_since: self.failing_since.map(Timestamp::from_millis),
        })
    }

    fn content(&self) -> Result<WebhookContent> {
        Ok(WebhookContent {
            name: self.name.clone(),
            url: self.url.clone(),
            events: from_json(&self.events, "webhook")?,
            headers: self.headers()?,
            description: self.description.clone(),
        })
    }

    fn into_domain(self) -> Result<Webhook> {
        let what = "webhook";
        Ok(Webhook {
            id: parse(&self.id, what)?,
            content: self.content()?,
            health: self.health()?,
            organization_id: parse(&self.organization_id, what)?,
            project_id: self.project_id.as_deref().map(|id| parse(id, what)).transpose()?,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}

/// Sets how it goes with an endpoint.
pub(crate) fn set_health(row: &mut webhook::ActiveModel, health: WebhookHealth) {
    row.status = Set(health.status.as_str().to_owned());
    row.pause_reason = Set(health.pause_reason);
    row.failing_since = Set(health.failing_since.map(Timestamp::as_millis));
}
