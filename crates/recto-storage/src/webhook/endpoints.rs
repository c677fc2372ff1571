//! Managing webhook endpoints.

use recto_domain::{
    AuditAction, OrganizationId, ProjectId, Timestamp, Webhook, WebhookChange, WebhookContent, WebhookHeaders,
    WebhookHealth, WebhookId, WebhookSecret, WebhookStatus,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Set,
};

use crate::changes::Change;
use crate::database::rows::{from_json, parse, to_json};
use crate::database::sqlite_residue;
use crate::entities::{organization, project, webhook};
use crate::error::{Result, StorageError};
use crate::handles::Webhooks;
use crate::sealing::SealingKeys;
use crate::storage::Storage;
use crate::tenant::audit::{self, Audited};
use crate::webhook::queue::{park, unpark};

/// The encrypted columns.
const HEADERS: &str = "webhooks.headers";
const SECRET: &str = "webhooks.secret";

/// An endpoint to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// The one project whose events it receives; `None` for all.
    pub project: Option<ProjectId>,
    /// Its configuration.
    pub content: WebhookContent,
    /// The secret that signs its deliveries.
    pub secret: WebhookSecret,
}

/// Selects endpoints for a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookFilter {
    /// Only endpoints of this organization.
    pub organization: OrganizationId,
    /// Only endpoints of this project.
    pub project: Option<ProjectId>,
    /// The page of the list, from 1.
    pub page: u64,
    /// Endpoints per page.
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

impl Webhooks<'_> {
    /// Makes an active endpoint. [`StorageError::NotFound`] when there is no such organization, or no such project in
    /// it.
    pub async fn create(self, new: NewWebhook) -> Result<Webhook> {
        let tx = self.storage.inner.database.begin().await?;
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
        let keys = self.storage.inner.sealing.as_ref().ok_or(StorageError::NoSealingKeys)?;
        let id = WebhookId::generate().to_string();
        let now = Timestamp::now().as_millis();
        let WebhookContent { name, url, events, headers, description } = new.content;
        let row = webhook::ActiveModel {
            id: Set(id.clone()),
            organization_id: Set(organization),
            project_id: Set(new.project.map(|id| id.to_string())),
            name: Set(name),
            description: Set(description),
            url: Set(url),
            events: Set(to_json(&events)),
            headers: Set(keys.seal(&to_json(&headers.0), HEADERS, &id)),
            secret: Set(keys.seal(new.secret.expose(), SECRET, &id)),
            is_sealed: Set(true),
            status: Set(WebhookStatus::Active.as_str().to_owned()),
            pause_reason: Set(None),
            failing_since: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let made = row.insert(&tx).await?;
        self.storage.note(&tx, AuditAction::WebhookCreated, &made).await?;
        tx.commit().await?;
        self.storage.webhook_of(made)
    }

    /// A page of endpoints, newest first, and the total number that match the filter.
    pub async fn list(self, filter: &WebhookFilter) -> Result<(Vec<Webhook>, u64)> {
        let tx = self.storage.inner.database.snapshot().await?;
        let total = filter.select().count(&tx).await?;
        let rows = filter
            .select()
            .order_by_desc(webhook::Column::Id)
            .limit(filter.limit)
            .offset(filter.page.saturating_sub(1).saturating_mul(filter.limit).min(i64::MAX as u64))
            .all(&tx)
            .await?;
        tx.commit().await?;
        Ok((rows.into_iter().map(|row| self.storage.webhook_of(row)).collect::<Result<_>>()?, total))
    }

    /// One endpoint.
    pub async fn get(self, id: WebhookId) -> Result<Option<Webhook>> {
        let row = webhook::Entity::find_by_id(id.to_string()).one(&self.storage.inner.database.read).await?;
        row.map(|row| self.storage.webhook_of(row)).transpose()
    }

    /// Changes an endpoint; `None` when there is none. When an endpoint is resumed, its waiting deliveries are due at
    /// once.
    pub async fn update(self, id: WebhookId, change: &WebhookChange) -> Result<Option<Webhook>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(row) = lock_webhook(&tx, &id.to_string()).await? else {
            return Ok(None);
        };
        let keys = self.storage.inner.sealing.as_ref().ok_or(StorageError::NoSealingKeys)?;
        let (content, health) = (row.content(Some(keys))?, row.health()?);
        // A secret that cannot be decrypted stays unchanged until it is replaced.
        let secret = match &change.secret {
            None if row.is_sealed => None,
            None => Some(row.secret.clone()),
            Some(secret) => Some(secret.expose().to_owned()),
        };
        let id_text = row.id.clone();
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
        row.headers = Set(keys.seal(&to_json(&content.headers.0), HEADERS, &id_text));
        row.is_sealed = Set(true);
        row.description = Set(content.description);
        row.updated_at = Set(now.as_millis());
        if let Some(secret) = secret {
            row.secret = Set(keys.seal(&secret, SECRET, &id_text));
        }
        let row = row.update(&tx).await?;
        match (was, status) {
            (WebhookStatus::Active, WebhookStatus::Paused) => park(&tx, &row.id).await?,
            (WebhookStatus::Paused, WebhookStatus::Active) => unpark(&tx, &row.id, now).await?,
            _ => {}
        }
        self.storage.note(&tx, AuditAction::WebhookUpdated, &row).await?;
        tx.commit().await?;
        self.storage.tell(Change::Deliveries);
        self.storage.webhook_of(row).map(Some)
    }

    /// Deletes an endpoint with its deliveries; `false` when there is none.
    pub async fn delete(self, id: WebhookId) -> Result<bool> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(row) = lock_webhook(&tx, &id.to_string()).await? else {
            return Ok(false);
        };
        webhook::Entity::delete_by_id(&row.id).exec(&tx).await?;
        sqlite_residue::owe(&tx).await?;
        self.storage.note(&tx, AuditAction::WebhookDeleted, &row).await?;
        tx.commit().await?;
        self.storage.erase_in_background();
        Ok(true)
    }
}

impl Storage {
    fn webhook_of(&self, row: webhook::Model) -> Result<Webhook> {
        row.into_domain(self.inner.sealing.as_ref())
    }

    /// Encrypts with the current key all secrets that are not: those stored before encryption was introduced, and those
    /// under a former key. Endpoints whose secret can no longer be decrypted are paused, with the reason.
    pub(crate) async fn seal_webhooks(&self) -> Result<()> {
        let Some(keys) = &self.inner.sealing else { return Ok(()) };
        let is_due =
            |row: &webhook::Model| !row.is_sealed || !keys.is_current(&row.secret) || !keys.is_current(&row.headers);
        let rows = webhook::Entity::find().all(&self.inner.database.read).await?;
        for row in rows.into_iter().filter(is_due) {
            let tx = self.inner.database.begin().await?;
            // Read again under the lock, so that processes that start together encrypt it only once.
            let Some(row) = lock_webhook(&tx, &row.id).await?.filter(is_due) else { continue };
            let opened = row.secret(Some(keys)).and_then(|secret| Ok((secret, row.headers(Some(keys))?)));
            let id = row.id.clone();
            match opened {
                Ok((secret, headers)) => {
                    let mut row = row.into_active_model();
                    row.secret = Set(keys.seal(secret.expose(), SECRET, &id));
                    row.headers = Set(keys.seal(&to_json(&headers.0), HEADERS, &id));
                    row.is_sealed = Set(true);
                    row.update_without_returning(&tx).await?;
                    sqlite_residue::owe(&tx).await?;
                }
                Err(StorageError::Sealed) if row.health()?.status == WebhookStatus::Active => {
                    tracing::warn!(webhook = %id, "a webhook endpoint is paused: {}", StorageError::Sealed);
                    let health = WebhookHealth {
                        status: WebhookStatus::Paused,
                        pause_reason: Some(StorageError::Sealed.to_string()),
                        ..row.health()?
                    };
                    let mut row = row.into_active_model();
                    set_health(&mut row, health);
                    row.update_without_returning(&tx).await?;
                    park(&tx, &id).await?;
                }
                Err(StorageError::Sealed) => {}
                Err(error) => return Err(error),
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Records an action on an endpoint in the audit log.
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

/// Locks an endpoint against other changes. On PostgreSQL, new deliveries are not blocked, because their foreign key
/// only needs the row to exist.
pub(crate) async fn lock_webhook(tx: &impl ConnectionTrait, id: &str) -> Result<Option<webhook::Model>> {
    let select = webhook::Entity::find_by_id(id).lock(sea_orm::sea_query::LockType::NoKeyUpdate);
    Ok(select.one(tx).await?)
}

impl webhook::Model {
    /// [`StorageError::Sealed`] when no key decrypts them.
    pub(crate) fn headers(&self, keys: Option<&SealingKeys>) -> Result<WebhookHeaders> {
        Ok(WebhookHeaders(from_json(&self.open(&self.headers, HEADERS, keys)?, "webhook")?))
    }

    /// [`StorageError::Sealed`] when no key decrypts it.
    pub(crate) fn secret(&self, keys: Option<&SealingKeys>) -> Result<WebhookSecret> {
        let text = self.open(&self.secret, SECRET, keys)?;
        WebhookSecret::new(text).map_err(|_| StorageError::Unreadable { what: "webhook" })
    }

    fn open(&self, text: &str, column: &str, keys: Option<&SealingKeys>) -> Result<String> {
        if self.is_sealed {
            keys.ok_or(StorageError::NoSealingKeys)?.open(text, column, &self.id)
        } else {
            Ok(text.to_owned())
        }
    }

    pub(crate) fn health(&self) -> Result<WebhookHealth> {
        Ok(WebhookHealth {
            status: parse(&self.status, "webhook")?,
            pause_reason: self.pause_reason.clone(),
            failing_since: self.failing_since.map(Timestamp::from_millis),
        })
    }

    /// The configuration. It has no headers when no key decrypts them, so that the endpoint can still be viewed and
    /// given new ones.
    fn content(&self, keys: Option<&SealingKeys>) -> Result<WebhookContent> {
        let headers = match self.headers(keys) {
            Err(StorageError::Sealed) => WebhookHeaders::default(),
            other => other?,
        };
        Ok(WebhookContent {
            name: self.name.clone(),
            url: self.url.clone(),
            events: from_json(&self.events, "webhook")?,
            headers,
            description: self.description.clone(),
        })
    }

    fn into_domain(self, keys: Option<&SealingKeys>) -> Result<Webhook> {
        let what = "webhook";
        Ok(Webhook {
            id: parse(&self.id, what)?,
            content: self.content(keys)?,
            health: self.health()?,
            organization_id: parse(&self.organization_id, what)?,
            project_id: self.project_id.as_deref().map(|id| parse(id, what)).transpose()?,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
        })
    }
}

/// Sets the health of an endpoint.
pub(crate) fn set_health(row: &mut webhook::ActiveModel, health: WebhookHealth) {
    row.status = Set(health.status.as_str().to_owned());
    row.pause_reason = Set(health.pause_reason);
    row.failing_since = Set(health.failing_since.map(Timestamp::as_millis));
}
