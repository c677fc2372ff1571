//! Templates and their versions.
//!
//! A change of a template's content makes a new version. Old versions stay, because records name the version that they
//! are read with. When a template is deleted, the versions that records name stay.

use std::collections::HashMap;

use recto_domain::{
    AuditAction, EventKind, ExtractionMode, OrganizationId, ProjectId, Template, TemplateContent, TemplateId,
    TemplateVersion, Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
    Unchanged,
};

use crate::database::rows::{from_json, parse, to_json};
use crate::database::sqlite_residue;
use crate::database::transaction::Transaction;
use crate::entities::{project, template, template_version};
use crate::erasure::forget::forget_template;
use crate::error::{Result, StorageError};
use crate::handles::Templates;
use crate::storage::Storage;
use crate::tenant::audit::{self, Audited};
use crate::webhook::outbox::{self, EventScope};

/// The template of a new batch or file, in the version current at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateUse {
    /// The template.
    pub id: TemplateId,
    /// Its version.
    pub version: u32,
    /// Its name.
    pub name: String,
}

impl From<&Template> for TemplateUse {
    fn from(template: &Template) -> Self {
        Self { id: template.id, version: template.version, name: template.content.name.clone() }
    }
}

/// A change of a template; `None` leaves a value unchanged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateChange {
    /// The new content; it makes a new version if it differs.
    pub content: Option<TemplateContent>,
    /// Whether the template may be applied to new documents.
    pub is_active: Option<bool>,
    /// The version that the change is based on, if it must still be the newest.
    pub of_version: Option<u32>,
}

impl Templates<'_> {
    /// Makes a template in a project, at version 1; [`StorageError::NotFound`] when there is no such project.
    pub async fn create(self, project: ProjectId, content: TemplateContent, is_active: bool) -> Result<Template> {
        let tx = self.storage.inner.database.begin().await?;
        let project = project::Entity::find_by_id(project.to_string())
            .one(&tx)
            .await?
            .ok_or(StorageError::NotFound { what: "project" })?;
        let now = Timestamp::now().as_millis();
        let row = template::ActiveModel {
            id: Set(TemplateId::generate().to_string()),
            organization_id: Set(project.organization_id),
            project_id: Set(project.id),
            is_active: Set(is_active),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            deleted_at: Set(None),
        };
        let row = row.insert(&tx).await?;
        let version = insert_version(&tx, &row, content).await?;
        let made = assemble(&row, &version)?;
        self.storage.tell_of_template(&tx, EventKind::TemplateCreated, AuditAction::TemplateCreated, &made).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// A template in its newest version; `None` when it does not exist or was deleted.
    pub async fn get(self, id: TemplateId) -> Result<Option<Template>> {
        let db = &self.storage.inner.database.read;
        let Some(row) = template::Entity::find_by_id(id.to_string()).one(db).await? else {
            return Ok(None);
        };
        if row.deleted_at.is_some() {
            return Ok(None);
        }
        newest(db, row).await.map(Some)
    }

    /// The templates of a project, or of all projects of an organization, oldest first.
    pub async fn list(self, organization: OrganizationId, project: Option<ProjectId>) -> Result<Vec<Template>> {
        let tx = self.storage.inner.database.snapshot().await?;
        let select = match project {
            Some(project) => template::Entity::find().filter(template::Column::ProjectId.eq(project.to_string())),
            None => template::Entity::find().filter(template::Column::OrganizationId.eq(organization.to_string())),
        };
        let rows =
            select.filter(template::Column::DeletedAt.is_null()).order_by_asc(template::Column::Id).all(&tx).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = any_version(rows.iter().map(|row| (&row.id, row.version)));
        let versions = template_version::Entity::find().filter(wanted).all(&tx).await?;
        tx.commit().await?;
        let versions: HashMap<&str, &template_version::Model> =
            versions.iter().map(|version| (version.template_id.as_str(), version)).collect();
        rows.iter()
            .map(|row| {
                let version = versions.get(row.id.as_str()).ok_or(StorageError::Unreadable { what: "template" })?;
                assemble(row, version)
            })
            .collect()
    }

    /// All versions of a template, newest first; also those of a deleted template that are still stored.
    pub async fn versions(self, id: TemplateId) -> Result<Vec<TemplateVersion>> {
        let rows = template_version::Entity::find()
            .filter(template_version::Column::TemplateId.eq(id.to_string()))
            .order_by_desc(template_version::Column::Version)
            .all(&self.storage.inner.database.read)
            .await?;
        rows.into_iter().map(template_version::Model::into_domain).collect()
    }

    /// Changes a template; `None` when there is none. Work in progress continues with the version it began with.
    /// [`StorageError::TemplateChanged`] when the template is no longer at the version that the change is based on.
    pub async fn update(self, id: TemplateId, change: TemplateChange) -> Result<Option<Template>> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut row) = live(&tx, id).await? else {
            return Ok(None);
        };
        let before = newest(&tx, row.clone()).await?;
        if change.of_version.is_some_and(|version| version != before.version) {
            return Err(StorageError::TemplateChanged);
        }
        let now = Timestamp::now().max(before.updated_at).as_millis();
        row.is_active = change.is_active.unwrap_or(row.is_active);
        row.updated_at = now;
        let content = change.content.filter(|content| *content != before.content);
        row.version += i32::from(content.is_some());
        template::ActiveModel {
            id: Unchanged(row.id.clone()),
            is_active: Set(row.is_active),
            version: Set(row.version),
            updated_at: Set(now),
            ..Default::default()
        }
        .update_without_returning(&tx)
        .await?;
        let changed = match content {
            Some(content) => assemble(&row, &insert_version(&tx, &row, content).await?)?,
            None => newest(&tx, row).await?,
        };
        self.storage.tell_of_template(&tx, EventKind::TemplateUpdated, AuditAction::TemplateUpdated, &changed).await?;
        tx.commit().await?;
        Ok(Some(changed))
    }

    /// Deletes a template with its examples; `false` when there is none. Versions that records were read with are
    /// deleted with the last of those records.
    pub async fn delete(self, id: TemplateId) -> Result<bool> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(row) = live(&tx, id).await? else {
            return Ok(false);
        };
        let deleted = newest(&tx, row.clone()).await?;
        template::ActiveModel {
            id: Unchanged(id.to_string()),
            is_active: Set(false),
            deleted_at: Set(Some(Timestamp::now().as_millis())),
            ..Default::default()
        }
        .update_without_returning(&tx)
        .await?;
        let deleted = Template { is_active: false, ..deleted };
        self.storage.delete_files_of(&tx, &id.to_string()).await?;
        self.storage.tell_of_template(&tx, EventKind::TemplateDeleted, AuditAction::TemplateDeleted, &deleted).await?;
        forget_template(&tx, &row).await?;
        sqlite_residue::owe(&tx).await?;
        tx.commit().await?;
        self.storage.erase_in_background();
        Ok(true)
    }
}

impl Storage {
    async fn tell_of_template(
        &self,
        tx: &impl ConnectionTrait,
        kind: EventKind,
        action: AuditAction,
        template: &Template,
    ) -> Result<()> {
        let (id, organization, project) =
            (template.id.to_string(), template.organization_id.to_string(), template.project_id.to_string());
        let place = EventScope {
            organization: &organization,
            project: &project,
            batch: None,
            record: None,
            template: Some(&id),
        };
        let event = outbox::write(tx, kind, place, Timestamp::now()).await?;
        if event.is_awaited() {
            event.tell(tx, &serde_json::to_value(template).expect("a template makes JSON")).await?;
        }
        let about = Audited { organization: &organization, project: Some(&project), action, object: &id };
        audit::write(tx, &self.actor, about).await
    }
}

/// A template that is not deleted, locked.
async fn live(tx: &Transaction, id: TemplateId) -> Result<Option<template::Model>> {
    let row = template::Entity::find_by_id(id.to_string()).lock_exclusive().one(tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none()))
}

/// Locks the version of a template that a record is about to name. [`StorageError::NotFound`] when it does not exist.
pub(crate) async fn take_template(tx: &impl ConnectionTrait, template: Option<&TemplateUse>) -> Result<()> {
    let Some(template) = template else { return Ok(()) };
    let version = (template.id.to_string(), template.version.cast_signed());
    let found = template_version::Entity::find_by_id(version).lock_shared().one(tx).await?;
    found.map(drop).ok_or(StorageError::NotFound { what: "template" })
}

async fn newest(db: &impl ConnectionTrait, row: template::Model) -> Result<Template> {
    let version = template_version::Entity::find_by_id((row.id.clone(), row.version))
        .one(db)
        .await?
        .ok_or(StorageError::Unreadable { what: "template" })?;
    assemble(&row, &version)
}

async fn insert_version(
    tx: &impl ConnectionTrait,
    row: &template::Model,
    content: TemplateContent,
) -> Result<template_version::Model> {
    let version = template_version::ActiveModel {
        template_id: Set(row.id.clone()),
        version: Set(row.version),
        name: Set(content.name),
        description: Set(content.description),
        instructions: Set(content.instructions),
        template_schema: Set(to_json(&content.template_schema)),
        result_format: Set(content.result_format),
        extraction_mode: Set(content.extraction_mode.as_str().to_owned()),
        created_at: Set(row.updated_at),
    };
    Ok(version.insert(tx).await?)
}

fn assemble(row: &template::Model, version: &template_version::Model) -> Result<Template> {
    let id = parse(&row.id, "template")?;
    Ok(Template {
        template_id: id,
        id,
        content: version.content()?,
        project_id: parse(&row.project_id, "template")?,
        organization_id: parse(&row.organization_id, "template")?,
        is_active: row.is_active,
        version: row.version.unsigned_abs(),
        created_at: Timestamp::from_millis(row.created_at),
        updated_at: Timestamp::from_millis(row.updated_at),
    })
}

impl template_version::Model {
    pub(crate) fn content(&self) -> Result<TemplateContent> {
        let mode: ExtractionMode = parse(&self.extraction_mode, "template")?;
        Ok(TemplateContent {
            name: self.name.clone(),
            description: self.description.clone(),
            instructions: self.instructions.clone(),
            template_schema: from_json(&self.template_schema, "template")?,
            result_format: self.result_format.clone(),
            extraction_mode: mode,
        })
    }

    fn into_domain(self) -> Result<TemplateVersion> {
        Ok(TemplateVersion {
            template_id: parse(&self.template_id, "template")?,
            version: self.version.unsigned_abs(),
            content: self.content()?,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

/// The rows of template versions, each named by its template and number.
pub(crate) fn any_version<'a>(wanted: impl Iterator<Item = (&'a String, i32)>) -> Condition {
    wanted.fold(Condition::any(), |any, (id, version)| {
        let this = Condition::all()
            .add(template_version::Column::TemplateId.eq(id))
            .add(template_version::Column::Version.eq(version));
        any.add(this)
    })
}
