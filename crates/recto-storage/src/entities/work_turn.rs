//! The turns of organizations and their projects in each line of the queue.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "work_turns")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) line: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) scope: String,
    /// The organization of a project; empty for an organization.
    pub(crate) parent: String,
    pub(crate) turn: i64,
    pub(crate) is_waiting: bool,
    /// For a project: the greatest rank that was claimed.
    pub(crate) rank: i64,
    /// For an organization: the worker time it used in the current hour.
    pub(crate) spent_since: i64,
    pub(crate) spent_ms: i64,
    pub(crate) paused_until: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
