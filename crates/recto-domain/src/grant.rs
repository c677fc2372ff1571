//! What a token may do, and to what.

use serde::{Deserialize, Serialize};

use crate::address_range::AddressRange;
use crate::id::ProjectId;
use crate::spelling::spelled;

/// What a token may do, also of one that is still to be made.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// The one project it is limited to; `None` for the whole organization.
    pub project_id: Option<ProjectId>,
    /// What it may do.
    pub permissions: &'a [Permission],
    /// To what it may do it.
    pub scopes: &'a [Scope],
    /// The addresses that it works from; empty for all.
    pub allowed_addresses: &'a [AddressRange],
}

/// Why a token cannot look after another one, which has what it has not got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The other token reaches further than one project.
    #[error("a project token looks after the tokens of its project only")]
    Reach,
    /// A permission.
    #[error("this key has not got the permission {0}, and cannot look after a token that has it")]
    Permission(Permission),
    /// A scope.
    #[error("this key has not got the scope {0}, and cannot look after a token that has it")]
    Scope(Scope),
    /// Addresses to work from.
    #[error("this key works from some addresses only: allowedAddresses must lie within them")]
    Addresses,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Permission {
    /// See things.
    Read,
    /// Send, change and delete things.
    Write,
    /// Look after projects, tokens and the audit log.
    Admin,
}

spelled!(Permission, "a permission", InvalidPermission, [Read = "read", Write = "write", Admin = "admin",]);

/// To what a token's permissions apply.
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
    /// Everything, the audit log too.
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
