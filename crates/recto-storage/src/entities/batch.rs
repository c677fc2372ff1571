//! Batches with their counters.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "batches")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) organization_id: String,
    pub(crate) project_id: String,
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) is_implicit: bool,
    pub(crate) template_id: Option<String>,
    pub(crate) template_name: Option<String>,
    pub(crate) metadata: Option<String>,
    pub(crate) total_files: i32,
    pub(crate) completed_files: i32,
    pub(crate) failed_files: i32,
    pub(crate) status: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) started_at: Option<i64>,
    pub(crate) completed_at: Option<i64>,
    pub(crate) rate_since: Option<i64>,
    pub(crate) rate_pages: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
