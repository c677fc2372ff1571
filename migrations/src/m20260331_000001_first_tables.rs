//! Tenants and tokens, batches with their uploads, records and pages, templates, the work queue, the outbox, webhooks with
//! their deliveries, and the audit log.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_query::ColumnType;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            organizations(),
            projects(),
            tokens(),
            batches(),
            uploads(),
            records(),
            pages(),
            work_items(),
            events(),
            idempotency_keys(),
            doomed_blobs(),
            request_counts(),
            templates(),
            template_versions(),
            template_files(),
            webhooks(),
            webhook_deliveries(),
            webhook_attempts(),
            audit_entries(),
        ] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "audit_entries",
            "webhook_attempts",
            "webhook_deliveries",
            "webhooks",
            "template_files",
            "template_versions",
            "templates",
            "request_counts",
            "doomed_blobs",
            "idempotency_keys",
            "events",
            "work_items",
            "pages",
            "records",
            "uploads",
            "batches",
            "tokens",
            "projects",
            "organizations",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn organizations() -> TableCreateStatement {
    table("organizations").col(id()).col(text("name")).col(text("owner_id")).col(time("created_at")).to_owned()
}

fn projects() -> TableCreateStatement {
    table("projects")
        .col(id())
        .col(text("organization_id"))
        .col(text("name"))
        .col(text("description"))
        .col(flag("is_active"))
        .col(time("created_at"))
        .col(time("updated_at"))
        .foreign_key(&mut reference("projects", "organization_id", "organizations"))
        .to_owned()
}

fn tokens() -> TableCreateStatement {
    table("tokens")
        .col(id())
        .col(text("organization_id"))
        .col(text_null("project_id"))
        .col(text("user_id"))
        .col(text("name"))
        .col(text("description"))
        // JSON lists of texts.
        .col(text("permissions"))
        .col(text("scopes"))
        .col(text("allowed_addresses"))
        .col(text("hint"))
        .col(text("key_hash"))
        .col(time("created_at"))
        .col(time_null("expires_at"))
        .col(time_null("revoked_at"))
        .col(time_null("last_used_at"))
        .foreign_key(&mut reference("tokens", "organization_id", "organizations"))
        .foreign_key(&mut reference("tokens", "project_id", "projects"))
        .to_owned()
}

fn batches() -> TableCreateStatement {
    table("batches")
        .col(id())
        .col(text("organization_id"))
        .col(text("project_id"))
        .col(text("user_id"))
        .col(text("name"))
        // Made for a file that was sent by itself: no list shows it.
        .col(flag("is_implicit"))
        .col(text_null("template_id"))
        .col(text_null("template_name"))
        .col(text_null("metadata"))
        .col(count("total_files"))
        .col(count("completed_files"))
        .col(count("failed_files"))
        .col(text("status"))
        .col(time("created_at"))
        .col(time("updated_at"))
        .col(time_null("started_at"))
        .col(time_null("completed_at"))
        // The rate of work is measured from here: when the first page was taken up since the batch was sent or
        // retried, and how many pages had ended by then.
        .col(time_null("rate_since"))
        .col(count("rate_pages"))
        .foreign_key(&mut reference("batches", "project_id", "projects"))
        .to_owned()
}

fn uploads() -> TableCreateStatement {
    table("uploads")
        .col(id())
        .col(text("batch_id"))
        .col(text("file_name"))
        .col(big("size_bytes"))
        .col(text("sha256"))
        .col(text("mime_type"))
        .col(text("blob_key"))
        .foreign_key(reference("uploads", "batch_id", "batches").on_delete(ForeignKeyAction::Cascade))
        .to_owned()
}

fn records() -> TableCreateStatement {
    table("records")
        .col(id())
        .col(text("batch_id"))
        .col(text("upload_id"))
        .col(text("organization_id"))
        .col(text("project_id"))
        .col(text("user_id"))
        .col(text_null("template_id"))
        .col(ColumnDef::new("template_version").integer())
        .col(text_null("template_name"))
        .col(count("position"))
        .col(text("status"))
        .col(text_null("error"))
        .col(text("warnings"))
        .col(text("options"))
        // What read it, and in which languages; known when it has ended.
        .col(text_null("engine"))
        .col(text_null("languages"))
        .col(text_null("metadata"))
        .col(text("upload_type"))
        // What a template found, and what people put right: JSON.
        .col(text_null("fields"))
        .col(text_null("corrections"))
        .col(flag("needs_review"))
        // Attempts at its pages that ended with a dead worker.
        .col(count("attempts"))
        .col(ColumnDef::new("pages").integer())
        .col(count("pages_done"))
        .col(count("pages_failed"))
        .col(ColumnDef::new("confidence").double())
        .col(time("created_at"))
        .col(time("updated_at"))
        .col(time_null("started_at"))
        .col(time_null("completed_at"))
        .foreign_key(reference("records", "batch_id", "batches").on_delete(ForeignKeyAction::Cascade))
        .foreign_key(reference("records", "upload_id", "uploads").on_delete(ForeignKeyAction::Cascade))
        .to_owned()
}

fn pages() -> TableCreateStatement {
    table("pages")
        .col(text("record_id"))
        .col(count("number"))
        .col(text_null("error"))
        .col(text_null("source"))
        .col(text_null("language"))
        // Mean confidence and the characters it was taken over, so that a record's mean needs no page unpacked.
        .col(ColumnDef::new("confidence").double())
        .col(big("characters"))
        // Last, so that SQLite reads the columns before it without following the blob's overflow pages.
        .col(ColumnDef::new_with_type("content", ColumnType::Blob).not_null())
        .primary_key(Index::create().col("record_id").col("number"))
        .foreign_key(reference("pages", "record_id", "records").on_delete(ForeignKeyAction::Cascade))
        .to_owned()
}

fn work_items() -> TableCreateStatement {
    table("work_items")
        .col(id())
        .col(text("batch_id"))
        .col(text("record_id"))
        // 0 stands for opening the file, -1 for finding the fields in its pages.
        .col(count("page"))
        .col(big("rank"))
        .col(count("attempts"))
        .col(text_null("lease_owner"))
        .col(time_null("lease_until"))
        .foreign_key(reference("work_items", "batch_id", "batches").on_delete(ForeignKeyAction::Cascade))
        .foreign_key(reference("work_items", "record_id", "records").on_delete(ForeignKeyAction::Cascade))
        .to_owned()
}

fn events() -> TableCreateStatement {
    table("events")
        .col(id())
        .col(text("kind"))
        .col(text("organization_id"))
        .col(text("project_id"))
        // No reference: an event outlives the batch it tells of, for its deliveries may still be under way.
        .col(text_null("batch_id"))
        .col(text_null("record_id"))
        .col(time("created_at"))
        .to_owned()
}

fn idempotency_keys() -> TableCreateStatement {
    table("idempotency_keys")
        .col(text("token_id"))
        .col(text("key"))
        .col(text("fingerprint"))
        // The first answer outlives its batch, which may have been deleted since.
        .col(text("answer"))
        .col(time("created_at"))
        .primary_key(Index::create().col("token_id").col("key"))
        .to_owned()
}

fn doomed_blobs() -> TableCreateStatement {
    table("doomed_blobs")
        .col(ColumnDef::new("prefix").text().not_null().primary_key())
        // The process that receives the upload; its restart is the end of the upload.
        .col(text("owner"))
        .col(time("due_at"))
        .col(flag("is_swept"))
        .to_owned()
}

fn request_counts() -> TableCreateStatement {
    table("request_counts")
        .col(text("token_id"))
        .col(big("minute"))
        .col(big("count"))
        .primary_key(Index::create().col("token_id").col("minute"))
        .to_owned()
}

fn templates() -> TableCreateStatement {
    table("templates")
        .col(id())
        .col(text("organization_id"))
        .col(text("project_id"))
        .col(flag("is_active"))
        // The newest of its versions.
        .col(count("version"))
        .col(time("created_at"))
        .col(time("updated_at"))
        // Its versions stay, for the records that were read with them.
        .col(time_null("deleted_at"))
        .foreign_key(&mut reference("templates", "project_id", "projects"))
        .to_owned()
}

fn template_versions() -> TableCreateStatement {
    table("template_versions")
        .col(text("template_id"))
        .col(count("version"))
        .col(text("name"))
        .col(text("description"))
        .col(text("instructions"))
        // As it was sent.
        .col(text("template_schema"))
        .col(text("result_format"))
        .col(text("extraction_mode"))
        .col(time("created_at"))
        .primary_key(Index::create().col("template_id").col("version"))
        .foreign_key(reference("template_versions", "template_id", "templates").on_delete(ForeignKeyAction::Cascade))
        .to_owned()
}

fn template_files() -> TableCreateStatement {
    table("template_files")
        .col(id())
        .col(text("template_id"))
        .col(text("file_name"))
        .col(big("size_bytes"))
        .col(text("sha256"))
        .col(text("mime_type"))
        .col(text("blob_key"))
        // The right values of the document: a JSON object.
        .col(text_null("fields"))
        .col(time("created_at"))
        .foreign_key(reference("template_files", "template_id", "templates").on_delete(ForeignKeyAction::Cascade))
        .to_owned()
}

fn webhooks() -> TableCreateStatement {
    table("webhooks")
        .col(id())
        .col(text("organization_id"))
        .col(text_null("project_id"))
        .col(text("name"))
        .col(text("description"))
        .col(text("url"))
        // JSON: a list of event names, an object of header names and values.
        .col(text("events"))
        .col(text("headers"))
        .col(text("secret"))
        .col(text("status"))
        .col(text_null("pause_reason"))
        // Since when every delivery has failed.
        .col(time_null("failing_since"))
        .col(time("created_at"))
        .col(time("updated_at"))
        .foreign_key(&mut reference("webhooks", "organization_id", "organizations"))
        .to_owned()
}

fn webhook_deliveries() -> TableCreateStatement {
    table("webhook_deliveries")
        .col(id())
        .col(text("webhook_id"))
        .col(text("event_id"))
        .col(text("event_type"))
        // The bytes that are signed and sent, on every attempt the same.
        .col(text("body"))
        .col(text("status"))
        .col(count("attempts"))
        .col(time("created_at"))
        // When it is sent next; none when it has ended, or waits for its endpoint to be resumed.
        .col(time_null("due_at"))
        .col(text_null("lease_owner"))
        .col(time_null("lease_until"))
        .col(time_null("completed_at"))
        .foreign_key(reference("webhook_deliveries", "webhook_id", "webhooks").on_delete(ForeignKeyAction::Cascade))
        .to_owned()
}

fn webhook_attempts() -> TableCreateStatement {
    table("webhook_attempts")
        .col(text("delivery_id"))
        .col(count("number"))
        .col(time("sent_at"))
        .col(count("duration_ms"))
        .col(text("request_headers"))
        .col(ColumnDef::new("response_status").integer())
        .col(text_null("response_body"))
        .col(text_null("error"))
        .primary_key(Index::create().col("delivery_id").col("number"))
        .foreign_key(
            reference("webhook_attempts", "delivery_id", "webhook_deliveries").on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn audit_entries() -> TableCreateStatement {
    table("audit_entries")
        .col(id())
        .col(text("organization_id"))
        .col(text_null("project_id"))
        // None for what was done on the command line.
        .col(text_null("token_id"))
        .col(text("actor"))
        .col(text("action"))
        .col(text("object_id"))
        .col(text_null("address"))
        .col(text_null("request_id"))
        .col(time("created_at"))
        .to_owned()
}

/// Every index beside the primary keys. A test of `recto-storage` reads the plan of every query that it makes, so a
/// query without its index does not get far.
fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("projects", &["organization_id", "id"]),
        index("tokens", &["organization_id", "id"]),
        index("tokens", &["project_id", "id"]),
        unique_index("tokens", &["key_hash"]),
        index("batches", &["project_id", "created_at", "id"]),
        index("batches", &["project_id", "status", "created_at", "id"]),
        index("batches", &["project_id", "updated_at"]),
        index("uploads", &["batch_id"]),
        index("records", &["batch_id", "position"]),
        unique_index("records", &["upload_id"]),
        index("work_items", &["rank", "id", "lease_until", "page"]),
        index("work_items", &["page", "rank", "id", "lease_until"]),
        index("work_items", &["lease_until", "rank", "page"]),
        index("work_items", &["batch_id"]),
        unique_index("work_items", &["record_id", "page"]),
        index("events", &["batch_id", "id"]),
        index("idempotency_keys", &["created_at"]),
        index("doomed_blobs", &["due_at"]),
        index("request_counts", &["minute"]),
        index("records", &["project_id", "created_at", "id"]),
        index("records", &["project_id", "status", "created_at", "id"]),
        index("records", &["project_id", "template_id", "created_at", "id"]),
        index("templates", &["project_id", "id"]),
        index("templates", &["organization_id", "id"]),
        index("template_files", &["template_id", "id"]),
        index("webhooks", &["organization_id", "id"]),
        index("webhook_deliveries", &["webhook_id", "created_at", "id"]),
        index("webhook_deliveries", &["webhook_id", "due_at"]),
        index("webhook_deliveries", &["lease_until", "webhook_id"]),
        index("webhook_deliveries", &["completed_at"]),
        index("audit_entries", &["organization_id", "created_at", "id"]),
        index("audit_entries", &["organization_id", "project_id", "created_at", "id"]),
    ]
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

fn id() -> ColumnDef {
    ColumnDef::new("id").text().not_null().primary_key().to_owned()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

fn text_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().to_owned()
}

fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().to_owned()
}

fn big(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

fn time(name: &'static str) -> ColumnDef {
    big(name)
}

fn time_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

fn reference(from: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{from}_{column}")).from(from, column).to(to, "id").to_owned()
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("ix_{table}_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

fn unique_index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(table, columns).unique().to_owned()
}
