//! The parts of the storage: each groups related functions, and getting one from [`Storage`] costs nothing.

use crate::storage::Storage;

macro_rules! handles {
    ($($(#[doc = $doc:literal])* $handle:ident by $function:ident),+ $(,)?) => {
        $(
            $(#[doc = $doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $handle<'a> {
                pub(crate) storage: &'a Storage,
            }
        )+

        impl Storage {
            $(
                $(#[doc = $doc])*
                #[must_use]
                pub fn $function(&self) -> $handle<'_> {
                    $handle { storage: self }
                }
            )+
        }
    };
}

handles! {
    /// Batches, from the first byte of their files to their end.
    Batches by batches,
    /// The documents of batches: their results, and files uploaded by themselves.
    Records by records,
    /// Waiting work, and the results that nodes report.
    Queue by queue,
    /// Templates with their versions and examples, and their application to stored documents.
    Templates by templates,
    /// Organizations and projects, with their limits and retention.
    Tenants by tenants,
    /// API keys and access tokens.
    Tokens by tokens,
    /// Webhook endpoints and their deliveries.
    Webhooks by webhooks,
    /// The audit log.
    Audit by audit,
}
