//! Entries of the audit log.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    /// Empty when the entry belongs to no organization.
    pub(crate) organization_id: String,
    pub(crate) project_id: Option<String>,
    pub(crate) token_id: Option<String>,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) object_id: String,
    pub(crate) address: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
