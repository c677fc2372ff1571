//! A page can carry a warning though it was read.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let warning = ColumnDef::new("warning").text().to_owned();
        manager.alter_table(Table::alter().table("pages").add_column(warning).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("pages").drop_column("warning").to_owned()).await
    }
}
