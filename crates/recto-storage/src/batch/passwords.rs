//! Passwords of protected files: encrypted while they wait for a worker, deleted once they were tried or the record
//! ends. If a password opens a file, a copy without protection is kept beside the original.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use recto_domain::{Passwords, WorkItem, WorkKind};
use sea_orm::{ActiveModelTrait, EntityTrait, Set, Unchanged};
use sha2::{Digest, Sha256};

use crate::batch::row::save_record;
use crate::database::rows::{from_json, to_json};
use crate::entities::{record, upload};
use crate::erasure::pending_deletes::{keep_blob, mark_for_deletion};
use crate::error::{Result, StorageError};
use crate::handles::Queue;
use crate::queue::node::Node;
use crate::record::results::{Held, Stored};
use crate::sealing::SealingKeys;
use crate::storage::{Storage, random_name};

/// The column that holds them; the encrypted text is bound to it.
const COLUMN: &str = "records.passwords";

/// Passwords encrypted for storage in a record; `None` if there are none.
pub(crate) fn sealed(passwords: &Passwords, record: &str, sealing: Option<&SealingKeys>) -> Result<Option<String>> {
    if passwords.is_empty() {
        return Ok(None);
    }
    let keys = sealing.ok_or(StorageError::NoSealingKeys)?;
    Ok(Some(keys.seal(&to_json(passwords), COLUMN, record)))
}

impl Queue<'_> {
    /// The passwords to try on the file of an item; none if they were tried before.
    pub async fn passwords_for(self, item: &WorkItem) -> Result<Passwords> {
        let id = item.record_id.to_string();
        let row = record::Entity::find_by_id(&id).one(&self.storage.inner.database.read).await?;
        let Some(sealed) = row.and_then(|row| row.passwords) else { return Ok(Passwords::default()) };
        let keys = self.storage.inner.sealing.as_ref().ok_or(StorageError::NoSealingKeys)?;
        from_json(&keys.open(&sealed, COLUMN, &id)?, "password")
    }

    /// Records that the passwords of an item's file were tried, and deletes them. `unlocked` is the file without its
    /// protection, if a password opened it; the result then holds its blob key.
    pub async fn record_unlocked(
        self,
        node: &Node,
        item: &WorkItem,
        unlocked: Option<File>,
    ) -> Result<(Stored, Option<String>)> {
        if item.kind != WorkKind::Open {
            return Err(StorageError::OtherWork);
        }
        let kept = match unlocked {
            Some(file) => Some(self.storage.keep_unlocked(item, file).await?),
            None => None,
        };
        let tx = self.storage.inner.database.begin().await?;
        let Some(mut held) = Held::lock(&tx, node, item).await? else {
            if let Some(kept) = &kept {
                // It is already in the journal, for later deletion.
                keep_blob(&tx, &kept.key).await?;
                mark_for_deletion(&tx, &kept.key, &self.storage.inner.process).await?;
                tx.commit().await?;
                self.storage.erase_in_background();
            }
            return Ok((Stored::NotOurs, None));
        };
        held.record.passwords = None;
        if let Some(kept) = &kept {
            if !keep_blob(&tx, &kept.key).await? {
                return Err(StorageError::ReceivingExpired);
            }
            upload::ActiveModel {
                id: Unchanged(held.record.upload_id.clone()),
                unlocked_key: Set(Some(kept.key.clone())),
                unlocked_bytes: Set(Some(kept.bytes)),
                unlocked_sha256: Set(Some(kept.sha256.clone())),
                ..Default::default()
            }
            .update_without_returning(&tx)
            .await?;
        }
        save_record(&tx, &held.record).await?;
        held.batch.save(&tx).await?;
        tx.commit().await?;
        Ok((Stored::Yes, kept.map(|kept| kept.key)))
    }
}

impl Storage {
    async fn keep_unlocked(&self, item: &WorkItem, mut file: File) -> Result<Kept> {
        let key = format!("{}-unlocked-{}", item.blob_key, random_name());
        self.check_room(0)?;
        self.journal_blob(&key).await?;
        let blobs = &self.inner.blobs;
        let mut writing = blobs.write(&key);
        let (mut hash, mut bytes, part_bytes) = (Sha256::new(), 0, blobs.part_bytes());
        file.seek(SeekFrom::Start(0)).map_err(StorageError::file)?;
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let mut part = Vec::with_capacity(part_bytes);
                (&file).take(part_bytes as u64).read_to_end(&mut part).map(|_| (part, file))
            });
            let part;
            (part, file) = read.await?.map_err(StorageError::file)?;
            hash.update(&part);
            bytes += part.len() as i64;
            self.check_room(part.len() as u64)?;
            if part.len() < part_bytes {
                writing.finish(part).await?;
                break;
            }
            writing.part(part).await?;
        }
        Ok(Kept { key, bytes, sha256: hex::encode(hash.finalize()) })
    }
}

/// An unprotected copy of a file in the store.
struct Kept {
    key: String,
    bytes: i64,
    sha256: String,
}
