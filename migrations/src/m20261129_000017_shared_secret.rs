//! The secret of an installation whose nodes share a database and no folder.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = ColumnDef::new("id").integer().not_null().primary_key().to_owned();
        let secret = ColumnDef::new("secret").text().not_null().to_owned();
        manager.create_table(Table::create().table("shared_secrets").col(id).col(secret).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("shared_secrets").to_owned()).await
    }
}
