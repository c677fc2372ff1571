//! The secret of an installation whose nodes share a database but no folder.

use sea_orm::{EntityTrait, Set};

use crate::database::handle::Database;
use crate::database::insert::insert_if_new;
use crate::disk::reserve::Reserve;
use crate::entities::shared_secret::{ActiveModel, Entity};
use crate::error::{Result, StorageError};
use crate::storage::{Storage, StorageSettings};

/// The id of the only row.
const ID: i32 = 1;

impl Storage {
    /// The secret in the database. If there is none, `proposed` is stored; nodes that start at the same time agree on
    /// one.
    ///
    /// Call it before opening the storage, because the secret encrypts the secrets of users.
    pub async fn shared_secret(settings: &StorageSettings, proposed: &[u8]) -> Result<Vec<u8>> {
        let database = Database::connect(settings, Reserve::default()).await?;
        database.migrate().await?;
        let tx = database.begin().await?;
        insert_if_new(&tx, ActiveModel { id: Set(ID), secret: Set(hex::encode(proposed)) }).await?;
        tx.commit().await?;
        let row = Entity::find_by_id(ID).one(&database.read).await?;
        database.close().await?;
        let secret = row.and_then(|row| hex::decode(row.secret).ok()).filter(|secret| !secret.is_empty());
        secret.ok_or(StorageError::Unreadable { what: "shared secret" })
    }
}
