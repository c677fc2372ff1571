//! What a project may read in a day, how long it keeps what was read, and what it has read each day.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("retention_days").integer().to_owned(),
            ColumnDef::new("pages_per_day").big_integer().to_owned(),
        ] {
            manager.alter_table(Table::alter().table("projects").add_column(column).to_owned()).await?;
        }
        let table = Table::create()
            .table("page_counts")
            .col(ColumnDef::new("project_id").text().not_null())
            .col(ColumnDef::new("day").big_integer().not_null())
            .col(ColumnDef::new("pages").big_integer().not_null())
            .primary_key(Index::create().col("project_id").col("day"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("page_counts").to_owned()).await?;
        for column in ["retention_days", "pages_per_day"] {
            manager.alter_table(Table::alter().table("projects").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
