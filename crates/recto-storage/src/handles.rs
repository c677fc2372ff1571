//! The parts of the storage: each has the functions that belong together, and is had from [`Storage`] for nothing.

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
    /// The documents of batches: what was read of them, and uploads that came alone.
    Records by records,
    /// Work that waits, and what nodes bring home of it.
    Queue by queue,
    /// Templates with their versions and examples, and their application to stored documents.
    Templates by templates,
    /// Organizations and projects, what they may have and for how long it is kept.
    Tenants by tenants,
    /// API keys and access tokens.
    Tokens by tokens,
    /// Webhook endpoints, and what is delivered to them.
    Webhooks by webhooks,
    /// Who did what.
    Audit by audit,
}
