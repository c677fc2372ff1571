//! The number of pages that a project may read per day (UTC), counted in the database so that all nodes share one
//! count.
//!
//! Pages count when their file is opened, because their number is not known sooner. Files that were accepted by then
//! are read to the end, so a project can exceed its quota by files that were sent but not yet opened.

use std::time::Duration;

use recto_domain::{ProjectId, Timestamp};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ConnectionTrait, EntityTrait, ExprTrait, Set};

use crate::entities::page_count::{ActiveModel, Column, Entity};
use crate::entities::project;
use crate::error::{Result, StorageError};
use crate::handles::Tenants;

const DAY: Duration = Duration::from_hours(24);

/// A project has used up its quota for today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaUsedUp {
    /// The project's quota of pages per day.
    pub pages_per_day: u64,
    /// The time until the next day begins.
    pub next_day_in: Duration,
}

impl Tenants<'_> {
    /// Whether the project has used up today's quota: its own, or the installation's if it has none. Zero means no
    /// limit.
    pub async fn quota_used_up(self, project: ProjectId, of_all: u64) -> Result<Option<QuotaUsedUp>> {
        let row = project::Entity::find_by_id(project.to_string()).one(&self.storage.inner.database.read).await?;
        let row = row.ok_or(StorageError::NotFound { what: "project" })?;
        let pages_per_day = row.pages_per_day.map_or(of_all, i64::unsigned_abs);
        if pages_per_day == 0 {
            return Ok(None);
        }
        let now = Timestamp::now();
        let count = Entity::find_by_id((row.id, day_of(now))).one(&self.storage.inner.database.read).await?;
        let read = count.map_or(0, |count| count.pages.unsigned_abs());
        let next_day_in = Duration::from_millis(millis_of_day() - now.as_millis().unsigned_abs() % millis_of_day());
        Ok((read >= pages_per_day).then_some(QuotaUsedUp { pages_per_day, next_day_in }))
    }
}

/// Counts pages of a project that are about to be read.
pub(crate) async fn count(tx: &impl ConnectionTrait, project: &str, pages: usize) -> Result<()> {
    let row = ActiveModel {
        project_id: Set(project.to_owned()),
        day: Set(day_of(Timestamp::now())),
        pages: Set(i64::try_from(pages).unwrap_or(i64::MAX)),
    };
    let more = Expr::col((Entity, Column::Pages)).add(row.pages.clone().unwrap());
    let on_conflict = OnConflict::columns([Column::ProjectId, Column::Day]).value(Column::Pages, more).to_owned();
    Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(())
}

fn millis_of_day() -> u64 {
    DAY.as_secs() * 1000
}

fn day_of(time: Timestamp) -> i64 {
    time.as_millis().div_euclid(millis_of_day().cast_signed())
}
