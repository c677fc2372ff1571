//! The first step of a protected file: a worker removes its protection with one of the passwords that were given. The
//! passwords are then forgotten.

use recto_domain::{TimeLimit, WorkItem};
use recto_storage::{StorageError, Stored};

use super::PipelineContext;
use super::backoff::Backoff;
use super::item::{Outcome, reason_for};
use crate::message::{Answer, Job, TemporaryFile};
use crate::pool::WorkerFailure;

impl PipelineContext {
    /// Unlocks the file of an item, which then refers to the unprotected file. The error is the item's outcome if it
    /// ends here.
    pub(super) async fn unlock(&self, item: &mut WorkItem, limit: TimeLimit) -> Result<(), Outcome> {
        let mut backoff = Backoff::new();
        let passwords = loop {
            match self.storage.queue().passwords_for(item).await {
                Ok(passwords) => break passwords,
                Err(StorageError::Sealed | StorageError::NoSealingKeys) => {
                    let reason = "the password was encrypted with a different installation secret; send the file again";
                    return Err(Outcome::FileFailure(reason.to_owned()));
                }
                Err(error) => backoff.wait_after("fetching passwords", &error).await,
            }
        };
        if passwords.is_empty() {
            return Ok(());
        }
        let file = self.open_file(item).await?;
        let attempt =
            self.pool.attempt(item.organization_id, &item.blob_key, Job::Unlock { passwords }, file, limit).await;
        item.took = attempt.took;
        let unlocked = match attempt.answer {
            Ok(Answer::Unlocked(unlocked)) => unlocked.map(|TemporaryFile(file)| file),
            Ok(Answer::FileFailure(reason)) => return Err(Outcome::FileFailure(reason)),
            Err(failure @ WorkerFailure::TimedOut { .. }) => return Err(Outcome::Overrun(reason_for(item, &failure))),
            Err(failure) if failure.counts_as_attempt() => {
                return Err(Outcome::WorkerFailure(reason_for(item, &failure)));
            }
            // Nothing else is asked for here.
            Ok(_) | Err(_) => return Err(Outcome::Undone),
        };
        // The result is not reused: somebody who sends the file without the password must not get its content.
        if unlocked.is_some() {
            item.way = None;
        }
        self.keep_unlocked(item, unlocked).await
    }

    async fn keep_unlocked(&self, item: &mut WorkItem, unlocked: Option<std::fs::File>) -> Result<(), Outcome> {
        let mut backoff = Backoff::new();
        loop {
            let again = match unlocked.as_ref().map(std::fs::File::try_clone).transpose() {
                Ok(again) => again,
                Err(error) => return Err(Outcome::WorkerFailure(error.to_string())),
            };
            match self.storage.queue().record_unlocked(&self.node, item, again).await {
                Ok((Stored::Yes, key)) => {
                    item.has_passwords = false;
                    item.blob_key = key.unwrap_or_else(|| item.blob_key.clone());
                    return Ok(());
                }
                Ok((Stored::NotOurs, _)) => return Err(Outcome::Done),
                Err(error) => backoff.wait_after("storing an unlocked file", &error).await,
            }
        }
    }
}
