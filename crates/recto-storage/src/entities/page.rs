//! Packed pages; the other columns hold what is needed at the end of a record.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) record_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i32,
    pub(crate) error: Option<String>,
    /// One warning per line.
    pub(crate) warning: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) confidence: Option<f64>,
    pub(crate) characters: i64,
    pub(crate) content: Vec<u8>,
    /// Whether its text can be searched.
    pub(crate) is_indexed: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
