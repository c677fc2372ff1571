//! The audit log counts sign-ins that fail: one entry stands for many.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let count = ColumnDef::new("count").big_integer().not_null().default(1).to_owned();
        manager.alter_table(Table::alter().table("audit_entries").add_column(count).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("audit_entries").drop_column("count").to_owned()).await
    }
}
