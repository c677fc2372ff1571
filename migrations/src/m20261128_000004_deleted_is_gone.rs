//! What a deleted batch, record or template leaves nothing in: first answers and deliveries name the thing that they
//! tell of, so that they go with it; and webhook endpoints say whether their secrets are encrypted.
//!
//! What was deleted before this step is cut out of answers and deliveries here.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The batch or template that a delivery tells of, and the record of that batch. No references: a delivery
        // outlives what it tells of, as ids.
        add(manager, "webhook_deliveries", ColumnDef::new("subject_id").text()).await?;
        add(manager, "webhook_deliveries", ColumnDef::new("record_id").text()).await?;
        add(manager, "idempotency_keys", ColumnDef::new("batch_id").text()).await?;
        add(manager, "idempotency_keys", ColumnDef::new("record_id").text()).await?;
        add(manager, "webhooks", ColumnDef::new("is_sealed").boolean().not_null().default(false)).await?;
        index(manager, "webhook_deliveries", "subject_id").await?;
        index(manager, "idempotency_keys", "batch_id").await?;
        for statement in adopt(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in [
            ("webhook_deliveries", &["subject_id", "record_id"][..]),
            ("idempotency_keys", &["batch_id", "record_id"]),
            ("webhooks", &["is_sealed"]),
        ] {
            if let Some(indexed) = columns.first().filter(|_| table != "webhooks") {
                let index = Index::drop().name(format!("ix_{table}_{indexed}")).table(table).to_owned();
                manager.drop_index(index).await?;
            }
            for column in columns {
                manager.alter_table(Table::alter().table(table).drop_column(*column).to_owned()).await?;
            }
        }
        Ok(())
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: &mut ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

async fn index(manager: &SchemaManager<'_>, table: &'static str, column: &'static str) -> Result<(), DbErr> {
    let index = Index::create().name(format!("ix_{table}_{column}")).table(table).col(column).to_owned();
    manager.create_index(index).await
}

/// Finds out what the rows that are there tell of, and cuts out what is deleted.
fn adopt(database: DbBackend) -> Vec<String> {
    let is_sqlite = database == DbBackend::Sqlite;
    let json = |column: &str, path: &[&str]| {
        if is_sqlite {
            format!("json_extract({column}, '$.{}')", path.join("."))
        } else {
            format!("({column}::json #>> '{{{}}}')", path.join(","))
        }
    };
    let payload = |name: &str| json("body", &["payload", name]);
    let cut = if is_sqlite {
        format!("json_set(body, '$.payload', json_object('id', {}, 'deleted', json('true')))", payload("id"))
    } else {
        let ids = format!("jsonb_build_object('id', {}, 'deleted', true)", payload("id"));
        format!("jsonb_set(body::jsonb, '{{payload}}', {ids})::text")
    };
    let stands = |table: &str, id: &str| format!("EXISTS (SELECT 1 FROM {table} t WHERE t.id = {id})");
    let told = "webhook_deliveries";
    let gone = format!(
        "((event_type LIKE 'document.%' AND subject_id IS NULL)
          OR (event_type LIKE 'batch.%' AND NOT {})
          OR (event_type LIKE 'template.%' AND NOT EXISTS
              (SELECT 1 FROM templates t WHERE t.id = {told}.subject_id AND t.deleted_at IS NULL)))",
        stands("batches", &format!("{told}.subject_id"))
    );
    let unused = "template_id IN (SELECT id FROM templates WHERE deleted_at IS NOT NULL)";
    vec![
        format!("UPDATE {told} SET record_id = {} WHERE event_type LIKE 'document.%'", payload("processingHistoryId")),
        format!(
            "UPDATE {told} SET subject_id = (SELECT r.batch_id FROM records r WHERE r.id = {told}.record_id)
             WHERE event_type LIKE 'document.%'"
        ),
        format!("UPDATE {told} SET subject_id = {} WHERE event_type LIKE 'batch.%'", payload("id")),
        format!("UPDATE {told} SET subject_id = {} WHERE event_type LIKE 'template.%'", payload("templateId")),
        format!(
            "UPDATE webhook_attempts SET response_body = NULL
             WHERE delivery_id IN (SELECT id FROM {told} WHERE {gone})"
        ),
        format!("UPDATE {told} SET body = {cut} WHERE {gone}"),
        // An answer is that of a batch or of a single file's record.
        format!(
            "UPDATE idempotency_keys SET batch_id = (SELECT t.id FROM batches t WHERE t.id = {})",
            json("answer", &["id"])
        ),
        format!(
            "UPDATE idempotency_keys SET record_id = {id},
                 batch_id = (SELECT t.batch_id FROM records t WHERE t.id = {id})
             WHERE batch_id IS NULL",
            id = json("answer", &["id"])
        ),
        "DELETE FROM idempotency_keys WHERE batch_id IS NULL".to_owned(),
        // Templates that were deleted: their examples, and the versions that no record names.
        format!(
            "INSERT INTO doomed_blobs (prefix, owner, due_at, is_swept)
             SELECT blob_key, '', 0, {} FROM template_files WHERE {unused}",
            if is_sqlite { "0" } else { "false" }
        ),
        format!("DELETE FROM template_files WHERE {unused}"),
        format!(
            "DELETE FROM template_versions WHERE {unused} AND NOT EXISTS
             (SELECT 1 FROM records r
              WHERE r.template_id = template_versions.template_id AND r.template_version = template_versions.version)"
        ),
    ]
}
