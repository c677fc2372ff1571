//! Pending deletes: prefixes in the blob store whose blobs are deleted when due, unless a batch claims them first.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "doomed_blobs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) prefix: String,
    pub(crate) owner: String,
    pub(crate) due_at: i64,
    pub(crate) is_swept: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
