//! Webhook endpoints.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhooks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) organization_id: String,
    pub(crate) project_id: Option<String>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) url: String,
    pub(crate) events: String,
    pub(crate) headers: String,
    pub(crate) secret: String,
    /// Whether `headers` and `secret` are encrypted.
    pub(crate) is_sealed: bool,
    pub(crate) status: String,
    pub(crate) pause_reason: Option<String>,
    pub(crate) failing_since: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
