//! Reading documents outside any batch: the examples of templates.

use std::fs::File;

use async_trait::async_trait;
use recto_domain::{OrganizationId, Page};

/// Reads documents. This crate uses no engine and no worker itself; the program that assembles the server supplies a
/// reader.
#[async_trait]
pub trait DocumentReader: Send + Sync {
    /// The first `most` pages of a file. `owner` is the organization that the file belongs to. `blob_key` names the
    /// file: the same key always means the same bytes.
    async fn pages(
        &self,
        owner: OrganizationId,
        blob_key: &str,
        file: File,
        most: u32,
    ) -> Result<Vec<Page>, Unreadable>;
}

/// Why a document cannot be read, worded for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);
