//! Organizations and their projects.

use recto_domain::{AuditAction, BatchStatus, Organization, OrganizationId, Project, ProjectId, Timestamp, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Set,
};

use crate::entities::{batch, organization, project};
use crate::error::{Result, StorageError};
use crate::handles::Tenants;
use crate::tenant::audit::{self, Audited};

/// A change of a project; `None` leaves a value unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// A name for people.
    pub name: Option<String>,
    /// A description for people; may be empty.
    pub description: Option<String>,
    /// Whether it accepts new work.
    pub is_active: Option<bool>,
    /// Days after which batches that have ended are deleted; zero for never.
    pub retention_days: Option<Limit<u32>>,
    /// Pages that may be read per day; zero for no limit.
    pub pages_per_day: Option<Limit<u64>>,
}

/// A limit of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit<T> {
    /// The value that the settings give for all projects.
    OfSettings,
    /// A value of the project's own.
    Own(T),
}

impl<T> From<Option<T>> for Limit<T> {
    fn from(own: Option<T>) -> Self {
        own.map_or(Self::OfSettings, Self::Own)
    }
}

impl<T> Limit<T> {
    fn own(self) -> Option<T> {
        match self {
            Self::OfSettings => None,
            Self::Own(value) => Some(value),
        }
    }
}

impl Tenants<'_> {
    /// Makes an organization, with an owner on whose behalf its tokens act.
    pub async fn create_organization(self, name: &str) -> Result<Organization> {
        let tx = self.storage.inner.database.begin().await?;
        let row = organization::ActiveModel {
            id: Set(OrganizationId::generate().to_string()),
            name: Set(name.to_owned()),
            owner_id: Set(UserId::generate().to_string()),
            created_at: Set(Timestamp::now().as_millis()),
        };
        let made = row.insert(&tx).await?;
        let about = Audited {
            organization: &made.id,
            project: None,
            action: AuditAction::OrganizationCreated,
            object: &made.id,
        };
        audit::write(&tx, &self.storage.actor, about).await?;
        tx.commit().await?;
        made.into_domain()
    }

    /// Every organization, oldest first.
    pub async fn organizations(self) -> Result<Vec<Organization>> {
        let rows = organization::Entity::find()
            .order_by_asc(organization::Column::Id)
            .all(&self.storage.inner.database.read)
            .await?;
        rows.into_iter().map(organization::Model::into_domain).collect()
    }

    /// An organization; `None` when there is none.
    pub async fn organization(self, id: OrganizationId) -> Result<Option<Organization>> {
        let row = organization::Entity::find_by_id(id.to_string()).one(&self.storage.inner.database.read).await?;
        row.map(organization::Model::into_domain).transpose()
    }

    /// Makes a project in an organization; [`StorageError::NotFound`] when there is no such organization.
    pub async fn create_project(self, organization: OrganizationId, name: &str, description: &str) -> Result<Project> {
        let tx = self.storage.inner.database.begin().await?;
        if organization::Entity::find_by_id(organization.to_string()).one(&tx).await?.is_none() {
            return Err(StorageError::NotFound { what: "organization" });
        }
        let now = Timestamp::now().as_millis();
        let row = project::ActiveModel {
            id: Set(ProjectId::generate().to_string()),
            organization_id: Set(organization.to_string()),
            name: Set(name.to_owned()),
            description: Set(description.to_owned()),
            is_active: Set(true),
            retention_days: Set(None),
            pages_per_day: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        };
        let made = row.insert(&tx).await?;
        audit::write(&tx, &self.storage.actor, about(&made, AuditAction::ProjectCreated)).await?;
        tx.commit().await?;
        made.into_domain()
    }

    /// Changes a project; `None` when there is none. [`StorageError::ProjectBusy`] when it would be deactivated while
    /// batches of it are still being read.
    pub async fn update_project(self, id: ProjectId, change: ProjectChange) -> Result<Option<Project>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(row) = project::Entity::find_by_id(id.to_string()).lock_exclusive().one(&tx).await? else {
            return Ok(None);
        };
        let now = Timestamp::now().as_millis().max(row.updated_at);
        let mut after = row.clone();
        after.name = change.name.unwrap_or(after.name);
        after.description = change.description.unwrap_or(after.description);
        after.is_active = change.is_active.unwrap_or(after.is_active);
        if let Some(days) = change.retention_days {
            after.retention_days = days.own().map(|days| i32::try_from(days).unwrap_or(i32::MAX));
        }
        if let Some(pages) = change.pages_per_day {
            after.pages_per_day = pages.own().map(|pages| i64::try_from(pages).unwrap_or(i64::MAX));
        }
        if after == row {
            return row.into_domain().map(Some);
        }
        if row.is_active && !after.is_active && has_work(&tx, &row.id).await? {
            return Err(StorageError::ProjectBusy);
        }
        after.updated_at = now;
        let after = after.into_active_model().reset_all().update(&tx).await?;
        audit::write(&tx, &self.storage.actor, about(&after, AuditAction::ProjectUpdated)).await?;
        tx.commit().await?;
        after.into_domain().map(Some)
    }

    /// The projects of an organization, oldest first, including inactive ones.
    pub async fn projects(self, organization: OrganizationId) -> Result<Vec<Project>> {
        let rows = project::Entity::find()
            .filter(project::Column::OrganizationId.eq(organization.to_string()))
            .order_by_asc(project::Column::Id)
            .all(&self.storage.inner.database.read)
            .await?;
        rows.into_iter().map(project::Model::into_domain).collect()
    }

    /// One project.
    pub async fn project(self, id: ProjectId) -> Result<Option<Project>> {
        let row = project::Entity::find_by_id(id.to_string()).one(&self.storage.inner.database.read).await?;
        row.map(project::Model::into_domain).transpose()
    }
}

fn about(project: &project::Model, action: AuditAction) -> Audited<'_> {
    Audited { organization: &project.organization_id, project: Some(&project.id), action, object: &project.id }
}

/// Whether a project has a batch that has not ended.
async fn has_work(tx: &impl ConnectionTrait, project: &str) -> Result<bool> {
    let running = [BatchStatus::Uploading, BatchStatus::Processing].map(BatchStatus::as_str);
    let found = batch::Entity::find()
        .filter(batch::Column::ProjectId.eq(project))
        .filter(batch::Column::Status.is_in(running))
        .limit(1)
        .one(tx)
        .await?;
    Ok(found.is_some())
}

/// Ensures that a project accepts new work until the transaction ends; call it before the work is written.
pub(crate) async fn take_work(tx: &impl ConnectionTrait, project: &str) -> Result<()> {
    let found = project::Entity::find_by_id(project).lock_shared().one(tx).await?;
    match found {
        Some(project) if project.is_active => Ok(()),
        Some(_) => Err(StorageError::ProjectInactive),
        None => Err(StorageError::NotFound { what: "project" }),
    }
}
