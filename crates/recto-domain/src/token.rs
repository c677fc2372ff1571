//! The tokens behind API keys.

use std::net::IpAddr;

use serde::Serialize;

use crate::address_range::AddressRange;
use crate::grant::{Grant, GrantError, Permission, Scope};
use crate::id::{OrganizationId, ProjectId, TokenId, UserId};
use crate::time::Timestamp;

/// The token behind an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Token {
    /// The token.
    pub id: TokenId,
    /// The organization it acts in.
    pub organization_id: OrganizationId,
    /// The one project it is limited to; null for a token of the whole organization.
    pub project_id: Option<ProjectId>,
    /// The user on whose behalf it acts.
    pub user_id: UserId,
    /// A name for people; at most 100 characters.
    pub name: String,
    /// A description for people; at most 500 characters, may be empty.
    pub description: String,
    /// Its permissions; never empty.
    pub permissions: Vec<Permission>,
    /// The scopes that the permissions apply to; never empty.
    pub scopes: Vec<Scope>,
    /// The addresses that it may be used from; empty for all.
    pub allowed_addresses: Vec<AddressRange>,
    /// The first characters of the key.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires; null for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; null if it was not.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Token {
    /// The longest name in characters.
    pub const MAX_NAME_CHARS: usize = 100;
    /// The longest description in characters.
    pub const MAX_DESCRIPTION_CHARS: usize = 500;
    /// The most entries in the list of addresses.
    pub const MAX_ADDRESSES: usize = 100;

    /// The kind in the API: `project` for a token that is limited to a project, otherwise `organization`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.project_id.is_some() { "project" } else { "organization" }
    }

    /// Whether the token has a permission in a scope.
    #[must_use]
    pub fn may(&self, permission: Permission, scope: Scope) -> bool {
        self.permissions.contains(&permission) && self.scopes.iter().any(|own| *own == Scope::All || *own == scope)
    }

    /// Whether it may be used from that address.
    #[must_use]
    pub fn allows_address(&self, address: IpAddr) -> bool {
        self.allowed_addresses.is_empty() || self.allowed_addresses.iter().any(|range| range.contains(address))
    }

    /// Whether it is valid at that time.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Checks that this token may manage the other one: make, change or revoke it, or give it a new key. It may not
    /// when the other token reaches further, has more rights, or may be used from more addresses. Expiry dates are not
    /// compared.
    ///
    /// # Errors
    /// [`GrantError`] names what this token lacks.
    pub fn covers(&self, other: &Grant<'_>) -> Result<(), GrantError> {
        if self.project_id.is_some() && other.project_id != self.project_id {
            return Err(GrantError::Reach);
        }
        if let Some(lacking) = other.permissions.iter().find(|permission| !self.permissions.contains(permission)) {
            return Err(GrantError::Permission(*lacking));
        }
        let has = |scope: &Scope| self.scopes.contains(&Scope::All) || self.scopes.contains(scope);
        if let Some(lacking) = other.scopes.iter().find(|scope| !has(scope)) {
            return Err(GrantError::Scope(*lacking));
        }
        let within = |range: &AddressRange| self.allowed_addresses.iter().any(|own| own.covers(range));
        let everywhere = self.allowed_addresses.is_empty();
        let is_wider = other.allowed_addresses.is_empty() || !other.allowed_addresses.iter().all(within);
        if !everywhere && is_wider { Err(GrantError::Addresses) } else { Ok(()) }
    }

    /// The token's rights, for comparison with another token.
    #[must_use]
    pub fn grant(&self) -> Grant<'_> {
        Grant {
            project_id: self.project_id,
            permissions: &self.permissions,
            scopes: &self.scopes,
            allowed_addresses: &self.allowed_addresses,
        }
    }

    /// The project that a request with this token addresses: the token's own project, or the one that the request
    /// names.
    ///
    /// # Errors
    /// [`ProjectScopeError`] when an organization's token names no project, or a project's token names another one.
    pub fn project_scope(&self, named: Option<ProjectId>) -> Result<ProjectId, ProjectScopeError> {
        match (self.project_id, named) {
            (Some(own), None) => Ok(own),
            (Some(own), Some(named)) if own == named => Ok(own),
            (Some(_), Some(_)) => Err(ProjectScopeError::OtherProject),
            (None, Some(named)) => Ok(named),
            (None, None) => Err(ProjectScopeError::Missing),
        }
    }

    /// Whether an object of that organization and project is within this token's reach.
    #[must_use]
    pub fn reaches(&self, organization: OrganizationId, project: ProjectId) -> bool {
        self.organization_id == organization && self.project_id.is_none_or(|own| own == project)
    }
}

/// Why the project of a request cannot be determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProjectScopeError {
    /// A token of an organization must name a project.
    #[error("projectId is required with an organization token")]
    Missing,
    /// A token of a project reaches its own project only.
    #[error("projectId does not match the project of this token")]
    OtherProject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gives_no_more_than_it_has() {
        let ranges = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<AddressRange>>();
        let own = Token {
            id: TokenId::generate(),
            organization_id: OrganizationId::generate(),
            project_id: None,
            user_id: UserId::generate(),
            name: "own".to_owned(),
            description: String::new(),
            permissions: vec![Permission::Read, Permission::Admin],
            scopes: vec![Scope::Batches, Scope::Tokens],
            allowed_addresses: ranges(&["192.0.2.0/24"]),
            hint: "ocr_1a2B…".to_owned(),
            created_at: Timestamp::from_millis(0),
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        let inside = ranges(&["192.0.2.7", "192.0.2.128/25"]);
        let asked = Grant { allowed_addresses: &inside, ..own.grant() };
        assert_eq!(own.covers(&asked), Ok(()));
        let write = Grant { permissions: &[Permission::Read, Permission::Write], ..asked };
        assert_eq!(own.covers(&write), Err(GrantError::Permission(Permission::Write)));
        assert_eq!(own.covers(&Grant { scopes: &[Scope::All], ..asked }), Err(GrantError::Scope(Scope::All)));
        assert_eq!(own.covers(&Grant { allowed_addresses: &[], ..asked }), Err(GrantError::Addresses));
        let outside = ranges(&["192.0.0.0/16"]);
        assert_eq!(own.covers(&Grant { allowed_addresses: &outside, ..asked }), Err(GrantError::Addresses));
        let of_project = Token { project_id: Some(ProjectId::generate()), ..own.clone() };
        assert_eq!(of_project.covers(&asked), Err(GrantError::Reach));
        let all = Token { scopes: vec![Scope::All], ..own.clone() };
        assert_eq!(all.covers(&asked), Ok(()));
    }
}
