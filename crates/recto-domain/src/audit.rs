//! The audit log: who did what to which object, when, from where.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;

use crate::id::{AuditEntryId, OrganizationId, ProjectId, TokenId};
use crate::time::Timestamp;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The token of a request; null for the command line and for Recto itself.
    pub token: Option<TokenId>,
    /// For people: the token's name, `command line`, or `recto`.
    pub name: String,
    /// The client's address, of a request.
    pub address: Option<IpAddr>,
    /// The `X-Request-Id`, of a request.
    pub request_id: Option<String>,
}

impl Actor {
    /// Recto itself, as when it deletes what is older than the settings keep.
    #[must_use]
    pub fn recto() -> Self {
        Self { token: None, name: "recto".to_owned(), address: None, request_id: None }
    }

    /// Whoever types commands on the server's machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self { name: "command line".to_owned(), ..Self::recto() }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// Something that is written to the audit log.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditAction {
            $($(#[$doc])* $name,)+
        }

        impl AuditAction {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As the API and the database spell it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

actions! {
    /// An organisation was made.
    OrganizationCreated = "organization.created",
    /// A project was made.
    ProjectCreated = "project.created",
    /// A project was changed or deactivated.
    ProjectUpdated = "project.updated",
    /// A token was made.
    TokenCreated = "token.created",
    /// A token was changed.
    TokenUpdated = "token.updated",
    /// A token got a new key.
    TokenRegenerated = "token.regenerated",
    /// A token was revoked.
    TokenRevoked = "token.revoked",
    /// A key was exchanged for an access token.
    SignedIn = "token.signed_in",
    /// Keys or access tokens opened nothing; one entry for many.
    SignInFailed = "token.sign_in_failed",
    /// A template was made.
    TemplateCreated = "template.created",
    /// A template was changed.
    TemplateUpdated = "template.updated",
    /// A template was deleted.
    TemplateDeleted = "template.deleted",
    /// An example document was added to a template.
    TemplateFileAdded = "template_file.added",
    /// An example document was removed from a template.
    TemplateFileDeleted = "template_file.deleted",
    /// A batch was sent.
    BatchUploaded = "batch.uploaded",
    /// A batch was cancelled.
    BatchCancelled = "batch.cancelled",
    /// The failed files of a batch were queued again.
    BatchRetried = "batch.retried",
    /// A batch was deleted.
    BatchDeleted = "batch.deleted",
    /// A single file was sent.
    DocumentUploaded = "document.uploaded",
    /// A single file was deleted.
    DocumentDeleted = "document.deleted",
    /// A record was queued again.
    RecordRetried = "record.retried",
    /// Fields or metadata of a record were changed by a person.
    RecordUpdated = "record.updated",
    /// A webhook endpoint was made.
    WebhookCreated = "webhook.created",
    /// A webhook endpoint was changed, paused or resumed.
    WebhookUpdated = "webhook.updated",
    /// A webhook endpoint was deleted.
    WebhookDeleted = "webhook.deleted",
    /// A test delivery was asked for.
    WebhookTested = "webhook.tested",
    /// A delivery was sent again by hand.
    DeliveryRepeated = "webhook.redelivered",
}

impl fmt::Display for AuditAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "openapi")]
crate::schema::schema_is!(
    AuditAction =
        crate::schema::one_of("Something that was done.", AuditAction::ALL.iter().map(|action| action.as_str()))
);

impl Serialize for AuditAction {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A text that is no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("action must be one such as batch.uploaded or token.revoked")]
pub struct InvalidAuditAction;

impl FromStr for AuditAction {
    type Err = InvalidAuditAction;

    fn from_str(text: &str) -> Result<Self, InvalidAuditAction> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text).ok_or(InvalidAuditAction)
    }
}

/// A line of the audit log. It is written in the transaction that did what it tells, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// The entry.
    pub id: AuditEntryId,
    /// The organisation of the object; null for what is no organisation's, such as keys that nobody has. Those entries
    /// only the command line shows.
    pub organization_id: Option<OrganizationId>,
    /// The project of the object, if it belongs to one.
    pub project_id: Option<ProjectId>,
    /// The token that acted; null for the command line and for Recto itself.
    pub token_id: Option<TokenId>,
    /// The token's name, `command line`, or `recto`.
    pub actor: String,
    /// What was done.
    pub action: AuditAction,
    /// The id of the object it was done to.
    pub object_id: String,
    /// The client's address.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<IpAddr>,
    /// The request's `X-Request-Id`.
    pub request_id: Option<String>,
    /// How often it was done, where one entry stands for many; else 1.
    pub count: u64,
    /// When; of an entry for many when it was written.
    pub created_at: Timestamp,
}
