//! The tokens behind API keys.

use recto_domain::{
    AddressRange, AuditAction, KeyHash, OrganizationId, Permission, ProjectId, Scope, Timestamp, Token, TokenId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set,
};

use crate::database::rows::to_json;
use crate::entities::{organization, project, token};
use crate::error::{Result, StorageError};
use crate::handles::Tokens;
use crate::tenant::audit::{self, Audited};

/// A token to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The organization it acts in.
    pub organization: OrganizationId,
    /// The one project it is limited to; `None` for a token of the whole organization.
    pub project: Option<ProjectId>,
    /// A name for people.
    pub name: String,
    /// A description for people; may be empty.
    pub description: String,
    /// Its permissions; not empty.
    pub permissions: Vec<Permission>,
    /// The scopes that the permissions apply to; not empty.
    pub scopes: Vec<Scope>,
    /// The addresses that it may be used from; empty for all.
    pub allowed_addresses: Vec<AddressRange>,
    /// The first characters of the key.
    pub hint: String,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

/// Selects the tokens of an organization for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFilter {
    /// The organization.
    pub organization: OrganizationId,
    /// Only tokens that are limited to this project.
    pub project: Option<ProjectId>,
    /// Whether to include revoked tokens.
    pub with_revoked: bool,
    /// The page of the list, from 1.
    pub page: u64,
    /// Tokens per page.
    pub limit: u64,
}

impl NewToken {
    /// A token, for the key with that hint, that may do everything within the organization or project. A token of a
    /// project cannot manage the project itself.
    #[must_use]
    pub fn full(organization: OrganizationId, project: Option<ProjectId>, name: &str, hint: String) -> Self {
        let permissions = match project {
            None => Permission::ALL.to_vec(),
            Some(_) => vec![Permission::Read, Permission::Write],
        };
        Self {
            organization,
            project,
            name: name.to_owned(),
            description: String::new(),
            permissions,
            scopes: vec![Scope::All],
            allowed_addresses: Vec::new(),
            hint,
            expires_at: None,
        }
    }
}

impl Tokens<'_> {
    /// Makes a token that acts for the organization's owner. [`StorageError::NotFound`] when there is no such
    /// organization, or no such project in it.
    pub async fn create(self, token: NewToken, key_hash: &KeyHash) -> Result<Token> {
        let tx = self.storage.inner.database.begin().await?;
        let organization = organization::Entity::find_by_id(token.organization.to_string())
            .one(&tx)
            .await?
            .ok_or(StorageError::NotFound { what: "organization" })?;
        if let Some(id) = token.project {
            let project = project::Entity::find_by_id(id.to_string()).one(&tx).await?;
            if project.is_none_or(|project| project.organization_id != organization.id) {
                return Err(StorageError::NotFound { what: "project" });
            }
        }
        let row = token::ActiveModel {
            id: Set(TokenId::generate().to_string()),
            organization_id: Set(organization.id),
            project_id: Set(token.project.map(|id| id.to_string())),
            user_id: Set(organization.owner_id),
            name: Set(token.name),
            description: Set(token.description),
            permissions: Set(to_json(&token.permissions)),
            scopes: Set(to_json(&token.scopes)),
            allowed_addresses: Set(to_json(&token.allowed_addresses)),
            hint: Set(token.hint),
            key_hash: Set(key_hash.as_str().to_owned()),
            created_at: Set(Timestamp::now().as_millis()),
            expires_at: Set(token.expires_at.map(Timestamp::as_millis)),
            revoked_at: Set(None),
            last_used_at: Set(None),
        };
        let made = row.insert(&tx).await?;
        audit::write(&tx, &self.storage.actor, Audited::token(&made, AuditAction::TokenCreated)).await?;
        tx.commit().await?;
        made.into_domain()
    }

    /// The token behind a key, even when it was revoked or has expired: check [`Token::is_valid`].
    ///
    /// The index compares hashes byte by byte, but the timing reveals nothing useful. The compared value is an HMAC
    /// under the installation's secret, so an outsider cannot choose a key by the beginning of its hash, or derive a
    /// key from part of a hash.
    pub async fn by_hash(self, hash: &KeyHash) -> Result<Option<Token>> {
        let row = token::Entity::find()
            .filter(token::Column::KeyHash.eq(hash.as_str()))
            .one(&self.storage.inner.database.read)
            .await?;
        row.map(token::Model::into_domain).transpose()
    }

    /// A token by its id, even when it was revoked or has expired: check [`Token::is_valid`].
    pub async fn get(self, id: TokenId) -> Result<Option<Token>> {
        let row = token::Entity::find_by_id(id.to_string()).one(&self.storage.inner.database.read).await?;
        row.map(token::Model::into_domain).transpose()
    }

    /// A page of an organization's tokens, newest first, including expired ones, and the total number that match the
    /// filter.
    pub async fn list(self, filter: &TokenFilter) -> Result<(Vec<Token>, u64)> {
        let tx = self.storage.inner.database.snapshot().await?;
        let total = filter.select().count(&tx).await?;
        let rows = filter
            .select()
            .order_by_desc(token::Column::Id)
            .limit(filter.limit)
            .offset(filter.page.saturating_sub(1).saturating_mul(filter.limit).min(i64::MAX as u64))
            .all(&tx)
            .await?;
        tx.commit().await?;
        Ok((rows.into_iter().map(token::Model::into_domain).collect::<Result<_>>()?, total))
    }

    /// Every token of an organization, oldest first, including revoked and expired ones.
    pub async fn of_organization(self, organization: OrganizationId) -> Result<Vec<Token>> {
        let rows = token::Entity::find()
            .filter(token::Column::OrganizationId.eq(organization.to_string()))
            .order_by_asc(token::Column::Id)
            .all(&self.storage.inner.database.read)
            .await?;
        rows.into_iter().map(token::Model::into_domain).collect()
    }
}

impl TokenFilter {
    fn select(&self) -> Select<token::Entity> {
        let mut select = token::Entity::find().filter(token::Column::OrganizationId.eq(self.organization.to_string()));
        if let Some(project) = self.project {
            select = select.filter(token::Column::ProjectId.eq(project.to_string()));
        }
        if !self.with_revoked {
            select = select.filter(token::Column::RevokedAt.is_null());
        }
        select
    }
}
