//! Example documents of templates.

use std::fs::File;

use recto_domain::{AuditAction, TemplateFile, TemplateFileId, TemplateId, Timestamp};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use serde_json::Value;

use crate::batch::receive::{ReceivedFile, Receiving};
use crate::database::rows::{from_json, parse, to_json};
use crate::database::sqlite_residue;
use crate::entities::template_file::{ActiveModel, Column, Entity, Model};
use crate::entities::{template, template_file};
use crate::erasure::pending_deletes::{keep_blobs, mark_for_deletion};
use crate::error::{Result, StorageError};
use crate::handles::Templates;
use crate::storage::Storage;
use crate::tenant::audit::{self, Audited};

impl Templates<'_> {
    /// Adds an example to a template; [`StorageError::NotFound`] when there is no such template.
    pub async fn add_file(
        self,
        template: TemplateId,
        receiving: Receiving,
        file: &ReceivedFile,
        fields: Option<&Value>,
    ) -> Result<TemplateFile> {
        let tx = self.storage.inner.database.begin().await?;
        let owner = live_template(&tx, template).await?.ok_or(StorageError::NotFound { what: "template" })?;
        if !keep_blobs(&tx, receiving.batch_id()).await? {
            return Err(StorageError::ReceivingExpired);
        }
        let row = ActiveModel {
            id: Set(TemplateFileId::generate().to_string()),
            template_id: Set(template.to_string()),
            file_name: Set(file.upload.file_name.clone()),
            size_bytes: Set(file.upload.size_bytes.cast_signed()),
            sha256: Set(file.upload.sha256.clone()),
            mime_type: Set(file.upload.mime_type.clone()),
            blob_key: Set(file.upload.blob_key.clone()),
            fields: Set(fields.map(to_json)),
            created_at: Set(Timestamp::now().as_millis()),
        };
        let row = row.insert(&tx).await?;
        self.storage.audit_template_file(&tx, &owner, AuditAction::TemplateFileAdded, &row.id).await?;
        tx.commit().await?;
        receiving.accepted();
        row.into_domain()
    }

    /// The examples of a template, oldest first.
    pub async fn files(self, template: TemplateId) -> Result<Vec<TemplateFile>> {
        let rows = Entity::find()
            .filter(Column::TemplateId.eq(template.to_string()))
            .order_by_asc(Column::Id)
            .all(&self.storage.inner.database.read)
            .await?;
        rows.into_iter().map(Model::into_domain).collect()
    }

    /// One example of a template with its bytes; `None` when the template has no such example.
    pub async fn file(self, template: TemplateId, id: TemplateFileId) -> Result<Option<(TemplateFile, File)>> {
        let row = Entity::find_by_id(id.to_string())
            .filter(Column::TemplateId.eq(template.to_string()))
            .one(&self.storage.inner.database.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let file = self.storage.open_blob(&row.blob_key).await?;
        Ok(Some((row.into_domain()?, file)))
    }

    /// Removes an example of a template; `false` when the template has no such example.
    pub async fn delete_file(self, template: TemplateId, id: TemplateFileId) -> Result<bool> {
        let tx = self.storage.inner.database.begin().await?;
        let Some(owner) = live_template(&tx, template).await? else { return Ok(false) };
        let row = Entity::find_by_id(id.to_string())
            .filter(Column::TemplateId.eq(template.to_string()))
            .lock_exclusive()
            .one(&tx)
            .await?;
        let Some(row) = row else { return Ok(false) };
        mark_for_deletion(&tx, &row.blob_key, &self.storage.inner.process).await?;
        Entity::delete_by_id(&row.id).exec(&tx).await?;
        sqlite_residue::owe(&tx).await?;
        self.storage.audit_template_file(&tx, &owner, AuditAction::TemplateFileDeleted, &row.id).await?;
        tx.commit().await?;
        self.storage.erase_in_background();
        Ok(true)
    }
}

impl Storage {
    /// Removes all examples of a template that is deleted.
    pub(crate) async fn delete_files_of(&self, tx: &impl ConnectionTrait, template: &str) -> Result<()> {
        let of_template = Column::TemplateId.eq(template);
        for row in Entity::find().filter(of_template.clone()).all(tx).await? {
            mark_for_deletion(tx, &row.blob_key, &self.inner.process).await?;
        }
        Entity::delete_many().filter(of_template).exec(tx).await?;
        Ok(())
    }

    async fn audit_template_file(
        &self,
        tx: &impl ConnectionTrait,
        owner: &template::Model,
        action: AuditAction,
        object: &str,
    ) -> Result<()> {
        let (organization, project) = (&owner.organization_id, Some(owner.project_id.as_str()));
        audit::write(tx, &self.actor, Audited { organization, project, action, object }).await
    }
}

async fn live_template(tx: &impl ConnectionTrait, id: TemplateId) -> Result<Option<template::Model>> {
    let row = template::Entity::find_by_id(id.to_string()).one(tx).await?;
    Ok(row.filter(|row| row.deleted_at.is_none()))
}

impl template_file::Model {
    fn into_domain(self) -> Result<TemplateFile> {
        let what = "template file";
        Ok(TemplateFile {
            id: parse(&self.id, what)?,
            template_id: parse(&self.template_id, what)?,
            file_name: self.file_name,
            file_size: self.size_bytes.unsigned_abs(),
            mime_type: self.mime_type,
            sha256: self.sha256,
            fields: self.fields.as_deref().map(|json| from_json(json, what)).transpose()?,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}
