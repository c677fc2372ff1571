//! Organizations and their projects.

use serde::Serialize;

use crate::id::{OrganizationId, ProjectId, UserId};
use crate::time::Timestamp;

/// A tenant: one organization sees nothing of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// The organization.
    pub id: OrganizationId,
    /// A name for people; need not be unique.
    pub name: String,
    /// The account on whose behalf its tokens act.
    pub owner_id: UserId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A part of an organization, with its own batches and tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// The project.
    pub id: ProjectId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// A name for people; need not be unique.
    pub name: String,
    /// A description for people; may be empty.
    pub description: String,
    /// Whether it accepts new work.
    pub is_active: bool,
    /// Days after which batches that have ended are deleted: `null` for the server's setting, 0 for never.
    pub retention_days: Option<u32>,
    /// Pages that may be read per day (UTC): `null` for the server's setting, 0 for no limit.
    pub pages_per_day: Option<u64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Project {
    /// The longest name, in characters.
    pub const MAX_NAME_CHARS: usize = 100;
    /// The longest description, in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 500;
    /// The longest retention, in days.
    pub const MAX_RETENTION_DAYS: u32 = 36_500;
}
