//! Passwords of protected files wait for the worker, encrypted; and what a file is without its protection is kept beside
//! it, so that nobody has to give the password again.

use sea_orm_migration::prelude::*;

/// The step.
#[derive(Debug, DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let passwords = ColumnDef::new("passwords").text().to_owned();
        manager.alter_table(Table::alter().table("records").add_column(passwords).to_owned()).await?;
        for column in [
            ColumnDef::new("unlocked_key").text().to_owned(),
            ColumnDef::new("unlocked_bytes").big_integer().to_owned(),
            ColumnDef::new("unlocked_sha256").text().to_owned(),
        ] {
            manager.alter_table(Table::alter().table("uploads").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("records").drop_column("passwords").to_owned()).await?;
        for column in ["unlocked_key", "unlocked_bytes", "unlocked_sha256"] {
            manager.alter_table(Table::alter().table("uploads").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
