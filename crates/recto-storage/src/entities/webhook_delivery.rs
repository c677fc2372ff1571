//! Deliveries of events to endpoints.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) webhook_id: String,
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    /// The batch or template that the event is about; `None` for a test.
    pub(crate) subject_id: Option<String>,
    /// The record of the batch, for an event about one document.
    pub(crate) record_id: Option<String>,
    pub(crate) body: String,
    pub(crate) status: String,
    pub(crate) attempts: i32,
    pub(crate) created_at: i64,
    pub(crate) due_at: Option<i64>,
    pub(crate) lease_owner: Option<String>,
    pub(crate) lease_until: Option<i64>,
    pub(crate) completed_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
