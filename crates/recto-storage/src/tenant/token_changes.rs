//! Changes of an existing token: update, new key, revocation, sign-in, and last use.

use std::time::Duration;

use recto_domain::{AddressRange, AuditAction, KeyHash, Permission, Scope, Timestamp, Token, TokenId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::database::rows::to_json;
use crate::database::transaction::Transaction;
use crate::entities::{organization, token};
use crate::error::{Result, StorageError};
use crate::handles::Tokens;
use crate::storage::Storage;
use crate::tenant::audit::{self, Audited};

/// The precision of a token's last use.
const USE_PRECISION: Duration = Duration::from_mins(1);

/// A change of a token; `None` leaves a value unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenChange {
    /// A name for people.
    pub name: Option<String>,
    /// A description for people; may be empty.
    pub description: Option<String>,
    /// Its permissions; not empty.
    pub permissions: Option<Vec<Permission>>,
    /// The scopes that the permissions apply to; not empty.
    pub scopes: Option<Vec<Scope>>,
    /// The addresses that it may be used from; empty for all.
    pub allowed_addresses: Option<Vec<AddressRange>>,
    /// When it expires; `Some(None)` for never.
    pub expires_at: Option<Option<Timestamp>>,
}

impl Tokens<'_> {
    /// Changes a token; `None` when there is none. [`StorageError::TokenRevoked`] when it was revoked;
    /// [`StorageError::LastAdmin`] as in [`Tokens::revoke`].
    pub async fn update(self, id: TokenId, change: TokenChange) -> Result<Option<Token>> {
        self.storage
            .change_token(id, AuditAction::TokenUpdated, |row| {
                if let Some(name) = change.name {
                    row.name = name;
                }
                if let Some(description) = change.description {
                    row.description = description;
                }
                if let Some(permissions) = &change.permissions {
                    row.permissions = to_json(permissions);
                }
                if let Some(scopes) = &change.scopes {
                    row.scopes = to_json(scopes);
                }
                if let Some(addresses) = &change.allowed_addresses {
                    row.allowed_addresses = to_json(addresses);
                }
                if let Some(expires_at) = change.expires_at {
                    row.expires_at = expires_at.map(Timestamp::as_millis);
                }
            })
            .await
    }

    /// Gives a token a new key. The old key and all access tokens exchanged for it stop working. `None` when there is
    /// no such token, [`StorageError::TokenRevoked`] when it was revoked.
    pub async fn regenerate(self, id: TokenId, hash: &KeyHash, hint: &str) -> Result<Option<Token>> {
        self.storage
            .change_token(id, AuditAction::TokenRegenerated, |row| {
                hash.as_str().clone_into(&mut row.key_hash);
                hint.clone_into(&mut row.hint);
            })
            .await
    }

    /// Revokes a token; a token revoked before keeps its time of revocation. `None` when there is no such token.
    ///
    /// [`StorageError::LastAdmin`] when a token revokes the last token that can manage those of the whole organization,
    /// so that nobody locks themselves out over the API. The command line can always make another token.
    pub async fn revoke(self, id: TokenId) -> Result<Option<Token>> {
        let revoked = self
            .storage
            .change_token(id, AuditAction::TokenRevoked, |row| row.revoked_at = Some(Timestamp::now().as_millis()))
            .await;
        match revoked {
            Err(StorageError::TokenRevoked) => self.storage.tokens().get(id).await,
            other => other,
        }
    }

    /// Records that a key was exchanged for an access token. The token itself is the actor.
    pub async fn record_sign_in(self, token: &Token) -> Result<()> {
        let (organization, project) = (token.organization_id.to_string(), token.project_id.map(|id| id.to_string()));
        let object = token.id.to_string();
        let about = Audited {
            organization: &organization,
            project: project.as_deref(),
            action: AuditAction::SignedIn,
            object: &object,
        };
        let tx = self.storage.inner.database.begin().await?;
        audit::write(&tx, &self.storage.actor, about).await?;
        Ok(tx.commit().await?)
    }

    /// Records the last use of a token, to the minute: at most one write per minute and token, on any number of nodes.
    pub async fn touch(self, token: &Token, now: Timestamp) -> Result<()> {
        let precision = USE_PRECISION.as_millis() as i64;
        let minute = now.as_millis().div_euclid(precision) * precision;
        if token.last_used_at.is_some_and(|used| used.as_millis() >= minute) {
            return Ok(());
        }
        let tx = self.storage.inner.database.begin().await?;
        let is_older =
            Condition::any().add(token::Column::LastUsedAt.is_null()).add(token::Column::LastUsedAt.lt(minute));
        token::Entity::update_many()
            .col_expr(token::Column::LastUsedAt, Expr::value(minute))
            .filter(token::Column::Id.eq(token.id.to_string()))
            .filter(is_older)
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

impl Storage {
    /// The transaction shared by all changes of a token.
    async fn change_token(
        &self,
        id: TokenId,
        action: AuditAction,
        change: impl FnOnce(&mut token::Model),
    ) -> Result<Option<Token>> {
        let tx = self.inner.database.begin().await?;
        let Some(row) = self.lock_token(&tx, id).await? else { return Ok(None) };
        if row.revoked_at.is_some() {
            return Err(StorageError::TokenRevoked);
        }
        let mut after = row.clone();
        change(&mut after);
        if after == row {
            return row.into_domain().map(Some);
        }
        let after = after.into_active_model().reset_all().update(&tx).await?;
        audit::write(&tx, &self.actor, Audited::token(&after, action)).await?;
        let (before, after) = (row.into_domain()?, after.into_domain()?);
        let now = Timestamp::now();
        if self.actor.token.is_some()
            && looks_after_tokens(&before, now)
            && !looks_after_tokens(&after, now)
            && !any_looks_after_tokens(&tx, &after, now).await?
        {
            return Err(StorageError::LastAdmin);
        }
        tx.commit().await?;
        Ok(Some(after))
    }

    /// Locks a token for a change. Its organization is locked first. Otherwise the last two managing tokens could both
    /// be revoked, each because the other one still exists.
    async fn lock_token(&self, tx: &Transaction, id: TokenId) -> Result<Option<token::Model>> {
        let find = || token::Entity::find_by_id(id.to_string());
        let Some(row) = find().one(tx).await? else { return Ok(None) };
        organization::Entity::find_by_id(row.organization_id).lock_exclusive().one(tx).await?;
        Ok(find().lock_exclusive().one(tx).await?)
    }
}

impl<'a> Audited<'a> {
    /// An action on a token.
    pub(crate) fn token(row: &'a token::Model, action: AuditAction) -> Self {
        Self { organization: &row.organization_id, project: row.project_id.as_deref(), action, object: &row.id }
    }
}

/// Whether a token can make and change the tokens of its whole organization.
fn looks_after_tokens(token: &Token, now: Timestamp) -> bool {
    token.project_id.is_none() && token.is_valid(now) && token.may(Permission::Admin, Scope::Tokens)
}

/// Whether the organization of a token has one that can manage its tokens.
async fn any_looks_after_tokens(tx: &impl ConnectionTrait, of: &Token, now: Timestamp) -> Result<bool> {
    let rows = token::Entity::find()
        .filter(token::Column::OrganizationId.eq(of.organization_id.to_string()))
        .filter(token::Column::ProjectId.is_null())
        .filter(token::Column::RevokedAt.is_null())
        .all(tx)
        .await?;
    for row in rows {
        if looks_after_tokens(&row.into_domain()?, now) {
            return Ok(true);
        }
    }
    Ok(false)
}
