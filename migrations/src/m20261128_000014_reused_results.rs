//! Records say in which way their file was read, so that the same file, sent again, can take the result over; and those
//! that did, from which record.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

/// Leads from a file and the way of reading it to the first record, within a project.
const INDEX: &str = "ix_records_reading";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["reading", "reused_from"] {
            let column = ColumnDef::new(column).text().to_owned();
            manager.alter_table(Table::alter().table("records").add_column(column).to_owned()).await?;
        }
        let index = Index::create().name(INDEX).table("records").col("project_id").col("reading").col("id").to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table("records").to_owned()).await?;
        for column in ["reading", "reused_from"] {
            manager.alter_table(Table::alter().table("records").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
