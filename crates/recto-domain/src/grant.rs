//! What a token may do, and to what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::address_range::AddressRange;
use crate::id::ProjectId;

/// What a token may do, also of one that is still to be made.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// The one project it is limited to; `None` for the whole organisation.
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

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a permission must be one of read, write, admin")]
pub struct InvalidPermission;

impl FromStr for Permission {
    type Err = InvalidPermission;

    fn from_str(text: &str) -> Result<Self, InvalidPermission> {
        Self::ALL.into_iter().find(|p| p.as_str() == text).ok_or(InvalidPermission)
    }
}

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

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 8] = [
        Self::Projects,
        Self::Templates,
        Self::Uploads,
        Self::Batches,
        Self::History,
        Self::Webhooks,
        Self::Tokens,
        Self::All,
    ];

    /// As the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Projects => "projects",
            Self::Templates => "templates",
            Self::Uploads => "uploads",
            Self::Batches => "batches",
            Self::History => "history",
            Self::Webhooks => "webhooks",
            Self::Tokens => "tokens",
            Self::All => "*",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a scope must be one of projects, templates, uploads, batches, history, webhooks, tokens, *")]
pub struct InvalidScope;

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or(InvalidScope)
    }
}
