//! The audit log: entries are written in the same transaction as the action they record.

use std::net::IpAddr;

use recto_domain::{
    Actor, AuditAction, AuditEntry, AuditEntryId, OrganizationId, ProjectId, Timestamp, Token, TokenId,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Set,
};

use crate::database::rows::{offset, parse};
use crate::entities::audit_entry::{ActiveModel, Column, Entity, Model};
use crate::entities::batch;
use crate::error::Result;
use crate::handles::Audit;

/// Selects entries of the audit log for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// The organization; `None` for entries that belong to none.
    pub organization: Option<OrganizationId>,
    /// Only entries about objects of this project.
    pub project: Option<ProjectId>,
    /// Only entries of this action.
    pub action: Option<AuditAction>,
    /// Only entries about the object with this id.
    pub object: Option<String>,
    /// Only entries of this time or later.
    pub since: Option<Timestamp>,
    /// The page of the list, from 1.
    pub page: u64,
    /// Entries per page.
    pub limit: u64,
}

/// The object of an entry.
pub(crate) struct Audited<'a> {
    pub(crate) organization: &'a str,
    pub(crate) project: Option<&'a str>,
    pub(crate) action: AuditAction,
    pub(crate) object: &'a str,
}

/// The stored value for an entry that belongs to no organization.
const NO_ORGANIZATION: &str = "";

/// A token whose key was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TriedToken {
    id: TokenId,
    name: String,
    organization: OrganizationId,
    project: Option<ProjectId>,
}

impl From<&Token> for TriedToken {
    fn from(token: &Token) -> Self {
        Self { id: token.id, name: token.name.clone(), organization: token.organization_id, project: token.project_id }
    }
}

/// Failed sign-ins of the same kind, counted over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedSignIns {
    /// The token of the key; `None` for unknown keys.
    pub token: Option<TriedToken>,
    /// The address they came from; `None` when there were more addresses than are counted separately.
    pub address: Option<IpAddr>,
    /// Number of sign-ins.
    pub count: u64,
}

impl<'a> Audited<'a> {
    /// An action on a batch.
    pub(crate) fn batch(row: &'a batch::Model, action: AuditAction) -> Self {
        Self { organization: &row.organization_id, project: Some(&row.project_id), action, object: &row.id }
    }
}

/// Writes an entry for an action by `actor`.
pub(crate) async fn write(tx: &impl ConnectionTrait, actor: &Actor, about: Audited<'_>) -> Result<()> {
    write_many(tx, actor, about, 1).await
}

/// Writes an entry for an action that `actor` did `count` times.
async fn write_many(tx: &impl ConnectionTrait, actor: &Actor, about: Audited<'_>, count: u64) -> Result<()> {
    ActiveModel {
        id: Set(AuditEntryId::generate().to_string()),
        organization_id: Set(about.organization.to_owned()),
        project_id: Set(about.project.map(str::to_owned)),
        token_id: Set(actor.token.map(|id| id.to_string())),
        actor: Set(actor.name.clone()),
        action: Set(about.action.as_str().to_owned()),
        object_id: Set(about.object.to_owned()),
        address: Set(actor.address.map(|address| address.to_string())),
        request_id: Set(actor.request_id.clone()),
        created_at: Set(Timestamp::now().as_millis()),
        count: Set(count as i64),
    }
    .insert(tx)
    .await?;
    Ok(())
}

impl Audit<'_> {
    /// Records failed sign-ins: one entry for each element.
    pub async fn record_failed_sign_ins(self, failed: &[FailedSignIns]) -> Result<()> {
        let tx = self.storage.inner.database.begin().await?;
        for FailedSignIns { token, address, count } in failed {
            let id = token.as_ref().map(|token| token.id);
            let name = token.as_ref().map_or("unknown", |token| &token.name).to_owned();
            let organization = token.as_ref().map(|token| token.organization.to_string());
            let project = token.as_ref().and_then(|token| Some(token.project?.to_string()));
            let about = Audited {
                organization: organization.as_deref().unwrap_or(NO_ORGANIZATION),
                project: project.as_deref(),
                action: AuditAction::SignInFailed,
                object: &id.map_or_else(|| "unknown".to_owned(), |id| id.to_string()),
            };
            let actor = Actor { token: id, name, address: *address, request_id: None };
            write_many(&tx, &actor, about, *count).await?;
        }
        Ok(tx.commit().await?)
    }

    /// A page of an organization's audit log, newest first, and the total number of entries that match the filter.
    pub async fn entries(self, filter: &AuditFilter) -> Result<(Vec<AuditEntry>, u64)> {
        let tx = self.storage.inner.database.snapshot().await?;
        let total = filter.select().count(&tx).await?;
        let rows = filter
            .select()
            .order_by_desc(Column::CreatedAt)
            .order_by_desc(Column::Id)
            .limit(filter.limit)
            .offset(offset(filter.page, filter.limit))
            .all(&tx)
            .await?;
        tx.commit().await?;
        Ok((rows.into_iter().map(Model::into_domain).collect::<Result<_>>()?, total))
    }
}

impl AuditFilter {
    fn select(&self) -> Select<Entity> {
        let organization = self.organization.map_or_else(|| NO_ORGANIZATION.to_owned(), |id| id.to_string());
        let mut select = Entity::find().filter(Column::OrganizationId.eq(organization));
        if let Some(project) = self.project {
            select = select.filter(Column::ProjectId.eq(project.to_string()));
        }
        if let Some(action) = self.action {
            select = select.filter(Column::Action.eq(action.as_str()));
        }
        if let Some(object) = &self.object {
            select = select.filter(Column::ObjectId.eq(object));
        }
        if let Some(since) = self.since {
            select = select.filter(Column::CreatedAt.gte(since.as_millis()));
        }
        select
    }
}

impl Model {
    fn into_domain(self) -> Result<AuditEntry> {
        let what = "audit entry";
        Ok(AuditEntry {
            id: parse(&self.id, what)?,
            organization_id: match &*self.organization_id {
                NO_ORGANIZATION => None,
                id => Some(parse(id, what)?),
            },
            project_id: self.project_id.as_deref().map(|id| parse(id, what)).transpose()?,
            token_id: self.token_id.as_deref().map(|id| parse(id, what)).transpose()?,
            actor: self.actor,
            action: parse(&self.action, what)?,
            object_id: self.object_id,
            address: self.address.as_deref().map(|address| parse(address, what)).transpose()?,
            request_id: self.request_id,
            count: self.count.try_into().unwrap_or(1),
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}
