//! Opaque ids in the `ObjectId` layout: 4 bytes of seconds, 5 random bytes per process, and a 3-byte counter.
//!
//! They print as 24 lower-case hexadecimal digits and sort by creation time, so "newest first" is a stable order even
//! for two ids of the same millisecond. Layout: <https://www.mongodb.com/docs/manual/reference/bson-types/#objectid>.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

/// The error for a text that is not 24 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id must be 24 lower-case hexadecimal digits")]
pub struct InvalidId;

/// The 12 bytes behind every id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ObjectId([u8; 12]);

/// The state of a process for making ids: five random bytes, and a counter that starts low so that it does not wrap
/// within a second.
struct Generator {
    process: [u8; 5],
    counter: AtomicU32,
}

static GENERATOR: LazyLock<Generator> = LazyLock::new(|| {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).expect("the operating system gives random bytes");
    let counter = u32::from_be_bytes([0, seed[5], seed[6], seed[7]]) >> 1;
    Generator { process: [seed[0], seed[1], seed[2], seed[3], seed[4]], counter: AtomicU32::new(counter) }
});

impl ObjectId {
    fn generate() -> Self {
        let seconds = (Timestamp::now().as_millis() / 1000) as u32;
        let count = GENERATOR.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        bytes[4..9].copy_from_slice(&GENERATOR.process);
        bytes[9..].copy_from_slice(&count[1..]);
        Self(bytes)
    }

    fn least_at(time: Timestamp) -> Self {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&((time.as_millis() / 1000) as u32).to_be_bytes());
        Self(bytes)
    }

    fn created_at(self) -> Timestamp {
        let [a, b, c, d, ..] = self.0;
        Timestamp::from_millis(i64::from(u32::from_be_bytes([a, b, c, d])) * 1000)
    }
}

impl FromStr for ObjectId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(InvalidId);
        }
        let mut bytes = [0; 12];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidId)?;
        Ok(Self(bytes))
    }
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident),+ $(,)?) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ObjectId);

        impl $name {
            /// A new id, greater than all earlier ids of this process.
            #[must_use]
            pub fn generate() -> Self {
                Self(ObjectId::generate())
            }

            /// A lower bound for ids made at that time, to the second: ids made in earlier seconds are smaller.
            #[must_use]
            pub fn least_at(time: Timestamp) -> Self {
                Self(ObjectId::least_at(time))
            }

            /// Its creation time, to the second.
            #[must_use]
            pub fn created_at(&self) -> Timestamp {
                self.0.created_at()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.parse().map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        crate::schema::schema_is!(
            $name = crate::schema::text(concat!($($doc),*))
                .pattern(Some("^[0-9a-f]{24}$"))
                .examples(["68db4aa2967d9c03fa9b5e74"])
        );
    )+};
}

ids! {
    /// An organization: the tenant that owns everything else.
    OrganizationId,
    /// A project of an organization.
    ProjectId,
    /// The person or account on whose behalf a token acts.
    UserId,
    /// An API token.
    TokenId,
    /// A batch of uploads.
    BatchId,
    /// One uploaded file.
    UploadId,
    /// The processing record of one upload; the API calls it `processingHistoryId`.
    RecordId,
    /// A template of fields to extract.
    TemplateId,
    /// A row of the work queue.
    WorkItemId,
    /// An event in the outbox.
    EventId,
    /// An example document of a template.
    TemplateFileId,
    /// A webhook endpoint.
    WebhookId,
    /// An event on its way to a webhook endpoint.
    DeliveryId,
    /// A line of the audit log.
    AuditEntryId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_they_were_made() {
        let ids: Vec<BatchId> = (0..1000).map(|_| BatchId::generate()).collect();
        assert!(ids.is_sorted() && ids[0] != ids[999]);
    }

    #[test]
    fn ids_are_cut_off_at_a_time() {
        let id = EventId::generate();
        let now = Timestamp::now();
        assert!(EventId::least_at(now.minus(std::time::Duration::from_secs(5))) < id);
        assert!(id < EventId::least_at(now.plus(std::time::Duration::from_secs(5))));
    }

    #[test]
    fn an_id_reads_back_what_it_prints() {
        let id = UploadId::generate();
        assert_eq!(id.to_string().len(), 24);
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "..%2fetc", "0123456789ABCDEF01234567", "0123456789abcdef0123456", "0123456789abcdef0123456g"]
        {
            assert_eq!(text.parse::<BatchId>(), Err(InvalidId), "{text}");
        }
    }
}
