//! The pages of a few files, for commands that need the content of pages but no export.

use std::path::PathBuf;

use anyhow::Context;
use recto_domain::{FinishedBatch, Page, ReadOptions};

use super::job::Job;
use super::progress::Progress;
use super::watch;
use crate::failure::advised;
use crate::settings::Settings;
use crate::stop;

/// Reads files completely, with the progress bar of `recto run`. `None` when the user stopped it.
///
/// # Errors
/// Fails with the reason of the first file that cannot be read.
pub(crate) fn read_pages(
    settings: &Settings,
    files: &[PathBuf],
    options: &ReadOptions,
) -> anyhow::Result<Option<Vec<Vec<Page>>>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let stop = stop::on_signal()?;
        let mut job = Job::open(settings).await?;
        let reading = Box::pin(read(&mut job, settings, files, options));
        let read = stop.run_until_cancelled(reading).await;
        let closed = job.close().await;
        // The first error is the one that is reported.
        let pages = read.transpose()?;
        closed?;
        Ok(pages)
    })
}

async fn read(
    job: &mut Job,
    settings: &Settings,
    files: &[PathBuf],
    options: &ReadOptions,
) -> anyhow::Result<Vec<Vec<Page>>> {
    let unreadable = |file: String, why: &str| advised(format!("{file}: {why}"), "It is needed; nothing was done.");
    let (batch, refused) = job.accept(&super::called(files), options, None).await?;
    if let Some((place, why)) = refused.first() {
        return Err(unreadable(files[*place].display().to_string(), why));
    }
    let batch = batch.context("there are no files to read")?;
    let mut progress = Progress::bar_alone(settings.workers.count);
    let (outcomes, _) = watch(&mut job.batches, batch, &mut progress, None).await?;
    progress.end(&[]);
    if let Some(failed) = outcomes.into_iter().find(super::report::Outcome::failed) {
        return Err(unreadable(failed.file, &failed.error.unwrap_or_default()));
    }
    let mut finished = job.batches.finished(batch).await?;
    let taken = tokio::task::spawn_blocking(move || {
        let documents: Vec<_> = finished.documents().iter().map(|d| (d.record_id, d.page_count)).collect();
        let pages = |(record, count)| (0..count).map(|index| finished.page(record, index)).collect();
        documents.into_iter().map(pages).collect::<Result<Vec<Vec<Page>>, _>>()
    });
    let pages = taken.await.context("the pages could not be loaded")?;
    pages.map_err(|error| anyhow::anyhow!(error))
}
