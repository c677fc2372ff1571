//! `recto watch`, and the watch of `recto serve` with the settings under `watch`: reads what is put into a folder or a
//! bucket until it is stopped. It is meant for scanners, shared folders and scripts.
//!
//! No state is stored: the contents of the locations tell what is done. A file is done when its result, or the reason
//! why it has none, exists and is not older than the file. A restart therefore continues where the last run ended.

mod args;
mod bucket;
mod drops;
mod folder;
mod location;
mod reader;
mod results;
mod server;
mod teller;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::batches::{BatchIsGone, Input};
use super::each::Each;
use super::output::Export;
use super::report::Outcome;
use super::{Job, NotWritten, watch};
use crate::commands::template_file;
use crate::settings::Settings;
use crate::{logging, stop};
pub(crate) use args::WatchArgs;
use drops::{Drops, MOST_FILES};
use location::{Found, Location};
use reader::Reader;
use results::{Places, reason_of};
pub(crate) use server::ServerWatch;
use teller::Teller;

/// How often the folder is polled. File system notifications do not cross network shares.
const POLL: Duration = Duration::from_secs(1);
/// How often a bucket is polled. The interval is longer because each listing has a cost.
const POLL_BUCKET: Duration = Duration::from_secs(10);

pub(crate) fn run(settings: &Settings, args: &WatchArgs) -> anyhow::Result<ExitCode> {
    logging::start_quietly(&settings.log);
    let endpoint = args.endpoint.as_deref().or(settings.blobs_endpoint.as_deref());
    let places = Places::open(&args.folder, &args.out, args.done.as_deref(), args.failed.as_deref(), endpoint)?;
    let (export, settle) = (args.export()?, Duration::from_secs(args.settle));
    let template = args.template.as_deref().map(template_file::read).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let stop = stop::on_signal()?;
        let job = Job::open(settings).await?;
        let spool = job.folder().join("spool");
        let teller = Teller::Terminal { workers: settings.workers.count };
        let mut watch = Watch::new(places, settle, export, spool, Reader::OfRun { job, template }, teller);
        let watched = watch.go_on(args.once, &stop).await;
        let closed = match watch.reader {
            Reader::OfRun { job, .. } => job.close().await,
            Reader::OfServer(_) => Ok(()),
        };
        watched.and(closed)
    });
    runtime.shutdown_timeout(Duration::from_secs(2));
    ended.map(|()| ExitCode::SUCCESS)
}

/// A watched location and where its files go.
struct Watch {
    drops: Drops,
    places: Places,
    export: Export,
    /// A folder for files on their way from or to a bucket.
    spool: PathBuf,
    reader: Reader,
    teller: Teller,
    /// Files that are not taken again while their result or reason exists, with their times of change. These are files
    /// that could not be moved away, and files whose result was dated by another clock.
    dealt_with: HashMap<PathBuf, SystemTime>,
    /// The last reported problem. It is cleared when a drop has been read, or when a look finds nothing new to read.
    trouble: Option<String>,
}

impl Watch {
    fn new(places: Places, settle: Duration, export: Export, spool: PathBuf, reader: Reader, teller: Teller) -> Self {
        let drops = Drops::new(settle);
        Self { drops, places, export, spool, reader, teller, dealt_with: HashMap::new(), trouble: None }
    }

    /// Reads drop after drop until `stop`. With `once`, it ends when nothing is left to read.
    async fn go_on(&mut self, once: bool, stop: &CancellationToken) -> anyhow::Result<()> {
        loop {
            let drop = match self.next_drop().await {
                Ok(drop) => drop,
                Err(error) if once => return Err(error).context(format!("{} cannot be read", self.places.watched)),
                // The watched folder may be on a share that is unavailable for a while.
                Err(error) => {
                    self.tell_of_trouble(&format!("{} cannot be read: {error}", self.places.watched));
                    Vec::new()
                }
            };
            if drop.is_empty() {
                if once && !self.drops.is_any_settling() {
                    return Ok(());
                }
                let is_asked_seldom = self.places.watched.is_bucket() && !self.drops.is_any_settling();
                let pause = if is_asked_seldom { POLL_BUCKET } else { POLL };
                if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                    return Ok(());
                }
                continue;
            }
            match stop.run_until_cancelled(Box::pin(self.read(drop))).await {
                Some(read) => read?,
                // Unfinished files are still in their place, and are read at the next start.
                None => return Ok(()),
            }
        }
    }

    /// The complete files that have neither a result nor a reason, up to the limit of one drop.
    async fn next_drop(&mut self) -> io::Result<Vec<Found>> {
        let others: Vec<Location> = self.places.others().cloned().collect();
        let mut found = self.places.watched.files(&others).await?;
        let results = self.places.look(self.export.format.extension()).await?;
        let dealt_with = &self.dealt_with;
        let is_known = |file: &Found| dealt_with.get(&file.below) == Some(&file.changed) && results.holds_outcome(file);
        found.retain(|file| !results.is_done_with(file) && !is_known(file));
        let mut new = Vec::new();
        for file in self.drops.complete(found, Instant::now()) {
            // An earlier run may have stopped between the result and the move.
            if results.has_reason(&file) {
                self.move_away(&file, None, self.places.failed.clone()).await?;
            } else if results.has_result(&file) {
                self.move_away(&file, None, self.places.done.clone()).await?;
            } else if new.len() < MOST_FILES {
                new.push(file);
            }
        }
        if new.is_empty() {
            self.trouble = None;
        }
        Ok(new)
    }

    async fn read(&mut self, drop: Vec<Found>) -> anyhow::Result<()> {
        let begun = Instant::now();
        self.empty_spool().await?;
        let (drop, files) = self.fetch(drop).await?;
        let results = self.places.look(self.export.format.extension()).await?;
        let below: Vec<PathBuf> = drop.iter().map(|file| results.free_of(file)).collect();
        let written = below.iter().enumerate().map(|(place, below)| {
            let spool = self.spool.join(format!("result-{place}"));
            self.places.out.place_of(below, spool)
        });
        let mut each = Each::at(self.export.clone(), self.spool.clone(), written.collect());
        let location = self.places.watched.to_string();
        let (batch, refused) = self.reader.accept(&location, &drop, &files).await?;
        let taken: Vec<usize> =
            (0..files.len()).filter(|place| refused.iter().all(|(refused, _)| refused != place)).collect();
        let mut outcomes: Vec<(usize, Outcome)> = refused
            .into_iter()
            .map(|(place, error)| (place, Outcome::unreadable(files[place].name.clone(), error)))
            .collect();
        let mut pages = 0;
        if let Some(batch) = batch {
            let mut progress = self.teller.progress();
            match watch(self.reader.batches(), batch, &mut progress, Some((&mut each, &taken))).await {
                Ok((read, details)) => {
                    progress.end(&read);
                    pages = details.completed_pages;
                    outcomes.extend(taken.iter().copied().zip(read));
                }
                // Whoever deletes the batch of a drop does not want it to be read.
                Err(error) if error.is::<BatchIsGone>() => {
                    let gone =
                        |place: &usize| (*place, Outcome::unreadable(files[*place].name.clone(), error.to_string()));
                    outcomes.extend(taken.iter().map(gone));
                }
                Err(error) => return Err(error),
            }
        }
        for (place, outcome) in &outcomes {
            let (file, local) = (&drop[*place], &files[*place].path);
            self.finish(file, local, outcome, &below[*place], each.path(*place)).await?;
        }
        if let Some(batch) = batch {
            self.reader.done_with(batch).await?;
        }
        self.empty_spool().await?;
        self.trouble = None;
        self.teller.tell_drop(&outcomes, pages, begun.elapsed());
        Ok(())
    }

    /// The files of a drop that have not changed since they were found, and where they can be read.
    async fn fetch(&self, drop: Vec<Found>) -> anyhow::Result<(Vec<Found>, Vec<Input>)> {
        let (mut there, mut files) = (Vec::new(), Vec::new());
        for (place, file) in drop.into_iter().enumerate() {
            match self.places.watched.fetch(&file, self.spool.join(format!("file-{place}"))).await {
                Ok(path) => {
                    files.push(Input { path, name: file.below.to_string_lossy().into_owned() });
                    there.push(file);
                }
                // The file was replaced or removed meanwhile. The next look sees what is there then.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error).context(format!("{} cannot be read", self.places.watched)),
            }
        }
        Ok((there, files))
    }

    /// Puts the result of a file, or the reason why it has none, into its place, and then moves the file.
    async fn finish(
        &mut self,
        file: &Found,
        local: &Path,
        outcome: &Outcome,
        below: &Path,
        written: &Path,
    ) -> anyhow::Result<()> {
        let watched = &self.places.watched;
        if watched.is_replaced(file).await.context(format!("{watched} cannot be read"))? {
            // Another file took its place while it was read. The new file is read next, and this result is dropped.
            return match std::fs::remove_file(written) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context(NotWritten),
                _ => Ok(()),
            };
        }
        let to = if outcome.failed() {
            let reason = outcome.error.as_deref().unwrap_or("unknown reason");
            let place = self.places.failed.as_ref().unwrap_or(&self.places.out);
            place.write(&reason_of(&file.below), format!("{reason}\n")).await.context(NotWritten)?;
            self.places.failed.clone()
        } else {
            self.places.out.deliver(below, written).await.context(NotWritten)?;
            self.places.done.clone()
        };
        if to.is_none() {
            self.dealt_with.insert(file.below.clone(), file.changed);
        }
        self.move_away(file, Some(local), to).await.context(NotWritten)
    }

    /// Moves a file to `to`, if it is to be moved. A failure is reported once. `local` is where its bytes can be read,
    /// if they were downloaded.
    async fn move_away(&mut self, file: &Found, local: Option<&Path>, to: Option<Location>) -> io::Result<()> {
        let Some(to) = to else { return Ok(()) };
        let watched = &self.places.watched;
        let local = if let Some(local) = local {
            local.to_owned()
        } else {
            tokio::fs::create_dir_all(&self.spool).await?;
            watched.fetch(file, self.spool.join("moved")).await?
        };
        if let Err(error) = watched.move_to(file, &local, &to).await
            // If somebody removed the file, there is nothing to move.
            && error.kind() != io::ErrorKind::NotFound
        {
            self.teller.tell(&format!("{} cannot be moved: {error}", file.below.display()));
            self.dealt_with.insert(file.below.clone(), file.changed);
        }
        Ok(())
    }

    async fn empty_spool(&self) -> anyhow::Result<()> {
        match tokio::fs::remove_dir_all(&self.spool).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).context("cannot empty the spool folder");
            }
            _ => {}
        }
        tokio::fs::create_dir_all(&self.spool).await.context("cannot create the spool folder")
    }

    /// Reports a problem, but each only once.
    fn tell_of_trouble(&mut self, trouble: &str) {
        if self.trouble.as_deref() != Some(trouble) {
            self.teller.tell(trouble);
            self.trouble = Some(trouble.to_owned());
        }
    }
}
