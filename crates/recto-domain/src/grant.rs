//! The rights of a token: its permissions, and the scopes they apply to.

use serde::{Deserialize, Serialize};

use crate::address_range::AddressRange;
use crate::id::ProjectId;
use crate::spelling::spelled;

/// The rights of a token, or of one that is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// The one project it is limited to; `None` for the whole organization.
    pub project_id: Option<ProjectId>,
    /// The permissions.
    pub permissions: &'a [Permission],
    /// The scopes that the permissions apply to.
    pub scopes: &'a [Scope],
    /// The addresses that it may be used from; empty for all.
    pub allowed_addresses: &'a [AddressRange],
}

/// Why a token may not manage another token: the other has a right that it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The other token reaches further than one project.
    #[error("a project token can manage only the tokens of its project")]
    Reach,
    /// The other token has this permission.
    #[error("this key does not have the permission {0} and cannot manage a token that has it")]
    Permission(Permission),
    /// The other token has this scope.
    #[error("this key does not have the scope {0} and cannot manage a token that has it")]
    Scope(Scope),
    /// The other token may be used from more addresses.
    #[error("this key is limited to certain addresses: allowedAddresses must lie within them")]
    Addresses,
}

/// An action that a token may perform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Permission {
    /// View objects.
    Read,
    /// Send, change and delete objects.
    Write,
    /// Manage projects, tokens and the audit log.
    Admin,
}

spelled!(Permission, "a permission", InvalidPermission, [Read = "read", Write = "write", Admin = "admin",]);

/// The objects that a token's permissions apply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Projects.
    Projects,
    /// Templates.
    Templates,
    /// Single uploads.
    Uploads,
    /// Batches and their exports.
    Batches,
    /// Records.
    History,
    /// Webhook endpoints.
    Webhooks,
    /// Tokens.
    Tokens,
    /// Everything, including the audit log.
    #[serde(rename = "*")]
    All,
}

spelled!(
    Scope,
    "a scope",
    InvalidScope,
    [
        Projects = "projects",
        Templates = "templates",
        Uploads = "uploads",
        Batches = "batches",
        History = "history",
        Webhooks = "webhooks",
        Tokens = "tokens",
        All = "*",
    ]
);
