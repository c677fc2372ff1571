//! Reading documents that are in no batch: the examples of templates.

use std::fs::File;

use async_trait::async_trait;
use recto_domain::{OrganizationId, Page};

/// Reads documents. The HTTP face sees no engine and no worker; whoever composes the server lends it one.
#[async_trait]
pub trait DocumentReader: Send + Sync {
    /// The first pages of a file, `most` of them. `owner` is whose file it is; `blob_key` names it: one name always
    /// means the same bytes.
    async fn pages(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: File,
        most: u32,
    ) -> Result<Vec<Page>, Unreadable>;
}

/// Why a document cannot be read, for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);
