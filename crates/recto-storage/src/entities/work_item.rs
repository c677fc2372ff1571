//! The queue of outstanding work.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "work_items")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) batch_id: String,
    pub(crate) project_id: String,
    pub(crate) record_id: String,
    /// From 1 for a page; the queue defines the other values.
    pub(crate) page: i32,
    pub(crate) line: i32,
    pub(crate) rank: i64,
    pub(crate) attempts: i32,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
