//! The processing of uploads.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "records")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) batch_id: String,
    pub(crate) upload_id: String,
    pub(crate) organization_id: String,
    pub(crate) project_id: String,
    pub(crate) user_id: String,
    pub(crate) template_id: Option<String>,
    pub(crate) template_version: Option<i32>,
    pub(crate) template_name: Option<String>,
    pub(crate) position: i32,
    pub(crate) status: String,
    pub(crate) error: Option<String>,
    pub(crate) warnings: String,
    pub(crate) options: String,
    /// Encrypted; deleted once they were tried or the record ends.
    pub(crate) passwords: Option<String>,
    pub(crate) engine: Option<String>,
    pub(crate) languages: Option<String>,
    pub(crate) reading: Option<String>,
    pub(crate) reused_from: Option<String>,
    pub(crate) metadata: Option<String>,
    pub(crate) upload_type: String,
    pub(crate) fields: Option<String>,
    pub(crate) corrections: Option<String>,
    pub(crate) needs_review: bool,
    pub(crate) attempts: i32,
    pub(crate) worker_ms: i64,
    pub(crate) overtime_ms: i64,
    pub(crate) slow_pages: i32,
    pub(crate) pages: Option<i32>,
    pub(crate) pages_done: i32,
    pub(crate) pages_failed: i32,
    pub(crate) confidence: Option<f64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) started_at: Option<i64>,
    pub(crate) completed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "super::upload::Entity", from = "Column::UploadId", to = "super::upload::Column::Id")]
    Upload,
}

impl Related<super::upload::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Upload.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
