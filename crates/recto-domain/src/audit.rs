//! The audit log: who did what to which object, when, from where.

use std::net::IpAddr;

use serde::Serialize;

use crate::id::{AuditEntryId, OrganizationId, ProjectId, TokenId};
use crate::spelling::spelled;
use crate::time::Timestamp;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The token of a request; null for the command line and for Recto itself.
    pub token: Option<TokenId>,
    /// The name shown to people: the token's name, `command line`, or `recto`.
    pub name: String,
    /// The client's address, if a request caused the action.
    pub address: Option<IpAddr>,
    /// The `X-Request-Id`, if a request caused the action.
    pub request_id: Option<String>,
}

impl Actor {
    /// Recto itself, for example when it deletes what is older than the retention settings allow.
    #[must_use]
    pub fn recto() -> Self {
        Self { token: None, name: "recto".to_owned(), address: None, request_id: None }
    }

    /// A person who runs commands on the server's machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self { name: "command line".to_owned(), ..Self::recto() }
    }
}

/// An action that is written to the audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    /// An organization was made.
    OrganizationCreated,
    /// A project was made.
    ProjectCreated,
    /// A project was changed or deactivated.
    ProjectUpdated,
    /// A token was made.
    TokenCreated,
    /// A token was changed.
    TokenUpdated,
    /// A token got a new key.
    TokenRegenerated,
    /// A token was revoked.
    TokenRevoked,
    /// A key was exchanged for an access token.
    SignedIn,
    /// Keys or access tokens were refused; one entry stands for many attempts.
    SignInFailed,
    /// A template was made.
    TemplateCreated,
    /// A template was changed.
    TemplateUpdated,
    /// A template was deleted.
    TemplateDeleted,
    /// An example document was added to a template.
    TemplateFileAdded,
    /// An example document was removed from a template.
    TemplateFileDeleted,
    /// A batch was sent.
    BatchUploaded,
    /// A batch was cancelled.
    BatchCancelled,
    /// The failed files of a batch were queued again.
    BatchRetried,
    /// A batch was deleted.
    BatchDeleted,
    /// A single file was sent.
    DocumentUploaded,
    /// A single file was deleted.
    DocumentDeleted,
    /// A record was queued again.
    RecordRetried,
    /// Fields or metadata of a record were changed by a person.
    RecordUpdated,
    /// A webhook endpoint was made.
    WebhookCreated,
    /// A webhook endpoint was changed, paused or resumed.
    WebhookUpdated,
    /// A webhook endpoint was deleted.
    WebhookDeleted,
    /// A test delivery was asked for.
    WebhookTested,
    /// A delivery was sent again by hand.
    DeliveryRepeated,
}

spelled!(
    AuditAction,
    "action",
    InvalidAuditAction,
    [
        OrganizationCreated = "organization.created",
        ProjectCreated = "project.created",
        ProjectUpdated = "project.updated",
        TokenCreated = "token.created",
        TokenUpdated = "token.updated",
        TokenRegenerated = "token.regenerated",
        TokenRevoked = "token.revoked",
        SignedIn = "token.signed_in",
        SignInFailed = "token.sign_in_failed",
        TemplateCreated = "template.created",
        TemplateUpdated = "template.updated",
        TemplateDeleted = "template.deleted",
        TemplateFileAdded = "template_file.added",
        TemplateFileDeleted = "template_file.deleted",
        BatchUploaded = "batch.uploaded",
        BatchCancelled = "batch.cancelled",
        BatchRetried = "batch.retried",
        BatchDeleted = "batch.deleted",
        DocumentUploaded = "document.uploaded",
        DocumentDeleted = "document.deleted",
        RecordRetried = "record.retried",
        RecordUpdated = "record.updated",
        WebhookCreated = "webhook.created",
        WebhookUpdated = "webhook.updated",
        WebhookDeleted = "webhook.deleted",
        WebhookTested = "webhook.tested",
        DeliveryRepeated = "webhook.redelivered",
    ]
);

#[cfg(feature = "openapi")]
crate::schema::schema_is!(
    AuditAction = crate::schema::one_of("Something that was done.", AuditAction::ALL.map(AuditAction::as_str))
);

impl Serialize for AuditAction {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An entry of the audit log. It is written in the same transaction as the action it records, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// The entry.
    pub id: AuditEntryId,
    /// The organization of the object; null when the object belongs to none, as with keys that do not exist. Only the
    /// command line shows those entries.
    pub organization_id: Option<OrganizationId>,
    /// The project of the object, if it belongs to one.
    pub project_id: Option<ProjectId>,
    /// The token that acted; null for the command line and for Recto itself.
    pub token_id: Option<TokenId>,
    /// The token's name, `command line`, or `recto`.
    pub actor: String,
    /// What was done.
    pub action: AuditAction,
    /// The id of the object that the action was done to.
    pub object_id: String,
    /// The client's address.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<IpAddr>,
    /// The request's `X-Request-Id`.
    pub request_id: Option<String>,
    /// How many times the action was done, where one entry stands for many; otherwise 1.
    pub count: u64,
    /// When the action was done; for an entry that stands for many, when the entry was written.
    pub created_at: Timestamp,
}
