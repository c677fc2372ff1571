//! What was read can be searched: the terms of each page, and the index over them; and what wants review is listed
//! without reading all records. Pages that are there already are
//! marked as not findable yet; the program makes them so in the background, for only it can read what they hold.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// Leads to the pages that are to be made findable.
const BACKLOG: &str = "CREATE INDEX ix_pages_not_indexed ON pages (record_id, number) WHERE NOT is_indexed";

/// Leads to the records that a person should look at.
const REVIEW: &str = "CREATE INDEX ix_records_review ON records (project_id, created_at, id) WHERE needs_review";

/// FTS5 over a table of its own, which it asks for the terms when they go. Terms come with their letters folded and
/// blanks between them, so the simplest of its ways to cut a text is right. What is deleted is overwritten.
const SQLITE: &[&str] = &[
    "CREATE TABLE page_texts (id INTEGER PRIMARY KEY, record_id TEXT NOT NULL, number INTEGER NOT NULL,
     project_id TEXT NOT NULL, terms TEXT NOT NULL, UNIQUE (record_id, number),
     FOREIGN KEY (record_id, number) REFERENCES pages (record_id, number) ON DELETE CASCADE)",
    "CREATE VIRTUAL TABLE page_search USING fts5(project_id, terms, content='page_texts', content_rowid='id',
     tokenize='ascii')",
    "INSERT INTO page_search (page_search, rank) VALUES ('secure-delete', 1)",
    "CREATE TRIGGER page_texts_come AFTER INSERT ON page_texts BEGIN
       INSERT INTO page_search (rowid, project_id, terms) VALUES (new.id, new.project_id, new.terms);
     END",
    "CREATE TRIGGER page_texts_go AFTER DELETE ON page_texts BEGIN
       INSERT INTO page_search (page_search, rowid, project_id, terms)
       VALUES ('delete', old.id, old.project_id, old.terms);
     END",
];

const POSTGRES: &[&str] = &[
    "CREATE TABLE page_texts (record_id TEXT NOT NULL, number INTEGER NOT NULL, project_id TEXT NOT NULL,
     terms TSVECTOR NOT NULL, PRIMARY KEY (record_id, number),
     FOREIGN KEY (record_id, number) REFERENCES pages (record_id, number) ON DELETE CASCADE)",
    "CREATE INDEX ix_page_texts_terms ON page_texts USING GIN (terms)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("is_indexed").boolean().not_null().default(false).to_owned();
        manager.alter_table(Table::alter().table("pages").add_column(column).to_owned()).await?;
        let tables = if manager.get_database_backend() == DbBackend::Sqlite { SQLITE } else { POSTGRES };
        for statement in [BACKLOG, REVIEW].iter().chain(tables) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Sqlite {
            connection.execute_unprepared("DROP TABLE page_search").await?;
        }
        connection.execute_unprepared("DROP TABLE page_texts").await?;
        connection.execute_unprepared("DROP INDEX ix_records_review").await?;
        connection.execute_unprepared("DROP INDEX ix_pages_not_indexed").await?;
        manager.alter_table(Table::alter().table("pages").drop_column("is_indexed").to_owned()).await
    }
}
