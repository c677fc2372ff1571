//! Files as they were sent.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) batch_id: String,
    pub(crate) file_name: String,
    pub(crate) size_bytes: i64,
    pub(crate) sha256: String,
    pub(crate) mime_type: String,
    pub(crate) blob_key: String,
    /// The blob key of the file without protection, if a password removed it.
    pub(crate) unlocked_key: Option<String>,
    pub(crate) unlocked_bytes: Option<i64>,
    pub(crate) unlocked_sha256: Option<String>,
}

impl Model {
    /// The blob key of the bytes that can be opened.
    pub(crate) fn open_key(&self) -> &str {
        self.unlocked_key.as_deref().unwrap_or(&self.blob_key)
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
