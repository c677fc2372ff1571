//! The tokens behind API keys.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) organization_id: String,
    pub(crate) project_id: Option<String>,
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) permissions: String,
    pub(crate) scopes: String,
    pub(crate) allowed_addresses: String,
    pub(crate) hint: String,
    pub(crate) key_hash: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) last_used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
