//! Organizations and their projects.

use serde::Serialize;

use crate::id::{OrganizationId, ProjectId, UserId};
use crate::time::Timestamp;

/// A tenant: nothing of one organization is visible to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// The organization.
    pub id: OrganizationId,
    /// For people; need not be unique.
    pub name: String,
    /// The account on whose behalf its tokens act.
    pub owner_id: UserId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A part of an organization, with batches and tokens of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Project {
    /// The project.
    pub id: ProjectId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// For people; need not be unique.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// Whether it takes new work.
    pub is_active: bool,
    /// Days after which what has ended is deleted: as the server's settings say when `null`, never when 0.
    pub retention_days: Option<u32>,
    /// Pages that it may have read in a day (UTC): as the server's settings say when `null`, any number when 0.
    pub pages_per_day: Option<u64>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Project {
    /// The longest name in characters.
    pub const MAX_NAME_CHARS: usize = 100;
    /// The longest description in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 500;
    /// The longest that what has ended may be kept before it is deleted, in days.
    pub const MAX_RETENTION_DAYS: u32 = 36_500;
}
