//! The database schema of Recto, as steps from an empty database to today's: the same steps for SQLite and PostgreSQL.
//!
//! Ids are 24 hexadecimal digits in text columns, times are milliseconds since the Unix epoch in 64 bits, and JSON is
//! text, so that both databases hold the same values. A step that was published is never changed: a change of the
//! schema is a new file.

mod m20260331_000001_first_tables;
mod m20261128_000003_turns;
mod m20261128_000004_deleted_is_gone;
mod m20261128_000007_failed_sign_ins;
mod m20261128_000012_page_warnings;
mod m20261128_000014_reused_results;
mod m20261129_000017_shared_secret;
mod m20261129_000018_search_and_review;
mod m20261129_000021_passwords;
mod m20261129_000022_project_limits;

use sea_orm_migration::prelude::*;

/// Applies what a database still lacks.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260331_000001_first_tables::Migration),
            Box::new(m20261128_000003_turns::Migration),
            Box::new(m20261128_000004_deleted_is_gone::Migration),
            Box::new(m20261128_000007_failed_sign_ins::Migration),
            Box::new(m20261128_000012_page_warnings::Migration),
            Box::new(m20261128_000014_reused_results::Migration),
            Box::new(m20261129_000017_shared_secret::Migration),
            Box::new(m20261129_000018_search_and_review::Migration),
            Box::new(m20261129_000021_passwords::Migration),
            Box::new(m20261129_000022_project_limits::Migration),
        ]
    }
}
