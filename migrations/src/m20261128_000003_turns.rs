//! Turns of organizations and projects at the queue, and what a file and an organization cost.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(work_turns()).await?;
        for column in work_item_columns() {
            add(manager, "work_items", column).await?;
        }
        for column in [zero("worker_ms"), zero("overtime_ms"), none("slow_pages")] {
            add(manager, "records", column).await?;
        }
        for statement in MOVES {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        for name in OLD_INDEXES {
            manager.drop_index(Index::drop().name(name).table("work_items").to_owned()).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["ix_work_items_free", "ix_work_items_lease_until"] {
            manager.drop_index(Index::drop().name(name).table("work_items").to_owned()).await?;
        }
        for statement in OLD_INDEX_STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        for (table, column) in [
            ("work_items", "line"),
            ("work_items", "project_id"),
            ("records", "worker_ms"),
            ("records", "overtime_ms"),
            ("records", "slow_pages"),
        ] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("work_turns").to_owned()).await
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

/// A row for each organization and each of its projects that ever had work, in each of the two lines.
fn work_turns() -> TableCreateStatement {
    Table::create()
        .table("work_turns")
        // 0 is the line for workers, 1 that for extraction.
        .col(ColumnDef::new("line").integer().not_null())
        // The organization or project.
        .col(ColumnDef::new("scope").text().not_null())
        // The project's organization; empty for an organization.
        .col(ColumnDef::new("parent").text().not_null())
        // The virtual time of its next turn.
        .col(ColumnDef::new("turn").big_integer().not_null())
        // Whether it has work that nobody leased; what has lost all its work may still be said to wait.
        .col(ColumnDef::new("is_waiting").boolean().not_null())
        // Of a project: the greatest rank that was claimed.
        .col(ColumnDef::new("rank").big_integer().not_null())
        // Of an organization: since when its worker time is added up, the sum, and until when it has used up its share.
        .col(ColumnDef::new("spent_since").big_integer().not_null())
        .col(ColumnDef::new("spent_ms").big_integer().not_null())
        .col(ColumnDef::new("paused_until").big_integer())
        .primary_key(Index::create().col("line").col("scope"))
        .to_owned()
}

fn work_item_columns() -> [ColumnDef; 2] {
    [none("line"), ColumnDef::new("project_id").text().not_null().default("").to_owned()]
}

fn none(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().default(0).to_owned()
}

fn zero(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().default(0).to_owned()
}

/// What waits keeps its rank, and everyone begins at the same virtual time.
const MOVES: [&str; 4] = [
    "UPDATE work_items SET line = 1 WHERE page = -1",
    "UPDATE work_items SET project_id = (SELECT project_id FROM batches WHERE batches.id = work_items.batch_id)",
    "INSERT INTO work_turns (line, scope, parent, turn, is_waiting, rank, spent_since, spent_ms)
     SELECT work_items.line, batches.organization_id, '', 0, TRUE, 0, 0, 0 FROM work_items
     JOIN batches ON batches.id = work_items.batch_id GROUP BY work_items.line, batches.organization_id",
    "INSERT INTO work_turns (line, scope, parent, turn, is_waiting, rank, spent_since, spent_ms)
     SELECT work_items.line, work_items.project_id, batches.organization_id, 0, TRUE, MIN(work_items.rank), 0, 0
     FROM work_items JOIN batches ON batches.id = work_items.batch_id
     GROUP BY work_items.line, work_items.project_id, batches.organization_id",
];

const OLD_INDEXES: [&str; 3] = [
    "ix_work_items_rank_id_lease_until_page",
    "ix_work_items_page_rank_id_lease_until",
    "ix_work_items_lease_until_rank_page",
];

const OLD_INDEX_STATEMENTS: [&str; 3] = [
    "CREATE INDEX ix_work_items_rank_id_lease_until_page ON work_items (rank, id, lease_until, page)",
    "CREATE INDEX ix_work_items_page_rank_id_lease_until ON work_items (page, rank, id, lease_until)",
    "CREATE INDEX ix_work_items_lease_until_rank_page ON work_items (lease_until, rank, page)",
];

fn indexes() -> [IndexCreateStatement; 4] {
    let is_free = Expr::col("lease_until").is_null();
    [
        Index::create()
            .name("ix_work_items_free")
            .table("work_items")
            .col("line")
            .col("project_id")
            .col("rank")
            .col("id")
            .cond_where(is_free)
            .to_owned(),
        Index::create()
            .name("ix_work_items_lease_until")
            .table("work_items")
            .col("lease_until")
            .cond_where(Expr::col("lease_until").is_not_null())
            .to_owned(),
        Index::create()
            .name("ix_work_turns_line_parent_is_waiting_turn_scope")
            .table("work_turns")
            .col("line")
            .col("parent")
            .col("is_waiting")
            .col("turn")
            .col("scope")
            .to_owned(),
        Index::create()
            .name("ix_work_turns_paused_until")
            .table("work_turns")
            .col("paused_until")
            .cond_where(Expr::col("paused_until").is_not_null())
            .to_owned(),
    ]
}
