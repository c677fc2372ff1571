//! `recto watch`: reads what is put into a folder, for scanners and shared folders, until it is stopped.
//!
//! Nothing is noted anywhere: what a folder holds tells what is done. A file is done when its result, or the reason why it
//! has none, is there and not older than the file; so a restart begins where the last one ended.

mod drops;
mod set_aside;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use clap::Args;
use recto_domain::{LanguageChoice, ReadOptions, TemplateContent};
use recto_export::{Content, ExportOptions, Format};
use tokio_util::sync::CancellationToken;

use super::each::Each;
use super::output::Export;
use super::pdf_args::PdfArgs;
use super::progress::Progress;
use super::report::{Outcome, count, seconds};
use super::{Job, NotWritten, watch};
use crate::cli::set;
use crate::commands::template_file;
use crate::failure::advised;
use crate::settings::{Flags, Settings};
use crate::terminal::one_line;
use crate::{logging, stop};
use drops::{Drops, Found, MOST_FILES};
use set_aside::{ReasonFile, move_into};

/// How often the folder is looked at. Notices of the system do not cross network shares.
const POLL: Duration = Duration::from_secs(1);

const AFTER_HELP: &str = "\
A file is taken once its size and times have stayed the same for --settle seconds; those that come together are read \
together. Hidden files and those that end in .part, .partial, .tmp, .filepart or .crdownload are still on their way. \
The result of a/b.tif is OUT/a/b.tif.pdf, that of a/b.pdf is OUT/a/b.pdf.

With --done the file moves there when its result is written, otherwise it stays. A file that cannot be read moves to \
--failed with the reason beside it, NAME.reason.txt; otherwise it stays, and the reason stands among the results. \
What stays is read again when it changes, or when its result or reason is taken away.

Examples:
  recto watch /srv/scans --out /srv/text --format pdf
  recto watch inbox --out searchable --done originals --failed bad --lang deu+eng
  recto watch inbox --out rows --template invoice.yaml --format csv --once";

/// Flags of `recto watch`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct WatchArgs {
    /// Folder to watch, with the folders in it
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Folder for the results
    #[arg(long, short, value_name = "FOLDER")]
    out: PathBuf,
    #[arg(long, short, value_name = "FORMAT", default_value = "pdf", help = format!("Format of the results: {}", Format::ALL.map(Format::name).join(", ")))]
    format: Format,
    /// Folder to which files move that were read [default: they stay]
    #[arg(long, value_name = "FOLDER")]
    done: Option<PathBuf>,
    /// Folder to which files move that cannot be read [default: they stay]
    #[arg(long, value_name = "FOLDER")]
    failed: Option<PathBuf>,
    /// Seconds for which a file must stay the same before it is taken
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    settle: u64,
    /// Read what is there, and end
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    pdf: PdfArgs,
    /// JSON or YAML file that says which fields to find in every file
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Languages of the text, such as eng+deu, or auto to have them chosen by the page [default: eng]
    #[arg(long, value_name = "LANGUAGES")]
    lang: Option<LanguageChoice>,
    /// Engine that reads the pages: tesseract, neural, mixed or auto [default: auto]
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// Worker processes [default: one per processor core]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
}

impl WatchArgs {
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        set(&mut flags, "ocr.languages", self.lang.as_ref(), "--lang");
        set(&mut flags, "ocr.engine", self.engine.as_ref(), "--engine");
        set(&mut flags, "workers.count", self.workers.as_ref(), "--workers");
        flags
    }

    fn export(&self) -> anyhow::Result<Export> {
        let options = ExportOptions { pdf: self.pdf.options(), ..ExportOptions::default() };
        options
            .check(self.format)
            .map_err(|error| advised(error.to_string(), "Name another format, or leave the option out."))?;
        Ok(Export { format: self.format, content: Content::Combined, options })
    }
}

/// A folder that is watched, and where what is in it goes.
struct Watch {
    drops: Drops,
    export: Export,
    out: PathBuf,
    done: Option<PathBuf>,
    failed: Option<PathBuf>,
    template: Option<TemplateContent>,
    /// Files that could not be moved away: not to be read again and again.
    stuck: HashMap<PathBuf, SystemTime>,
    /// Why the folder could not be looked at the last time.
    trouble: Option<String>,
}

pub(crate) fn run(settings: &Settings, args: &WatchArgs) -> anyhow::Result<ExitCode> {
    logging::start_quietly(&settings.log);
    let mut watch = Watch::open(args)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        let stop = stop::on_signal()?;
        let mut job = Job::open(settings).await?;
        let watched = watch.go_on(&mut job, args.once, settings.workers.count, &stop).await;
        let closed = job.close().await;
        watched.and(closed)
    });
    runtime.shutdown_timeout(Duration::from_secs(2));
    ended.map(|()| ExitCode::SUCCESS)
}

impl Watch {
    fn open(args: &WatchArgs) -> anyhow::Result<Self> {
        let folder = args
            .folder
            .canonicalize()
            .map_err(|error| advised(format!("{}: {error}", args.folder.display()), "Name a folder that is there."))?;
        let made = |path: &Path| {
            std::fs::create_dir_all(path)
                .and_then(|()| path.canonicalize())
                .map_err(|error| advised(format!("{} cannot be made: {error}", path.display()), "Name another folder."))
        };
        let out = made(&args.out)?;
        let done = args.done.as_deref().map(made).transpose()?;
        let failed = args.failed.as_deref().map(made).transpose()?;
        let elsewhere: Vec<PathBuf> =
            [Some(&out), done.as_ref(), failed.as_ref()].into_iter().flatten().cloned().collect();
        if elsewhere.iter().any(|other| folder.starts_with(other)) {
            let what = format!("what is put into {} would be read again", folder.display());
            return Err(advised(what, "Name other folders with --out, --done and --failed; they may lie in it."));
        }
        if [&done, &failed].into_iter().flatten().any(|other| *other == out) || (done.is_some() && done == failed) {
            let what = "two of the folders for results, for what is done and for what failed are the same";
            return Err(advised(what, "Name another one: what has the same name would be taken for each other."));
        }
        Ok(Self {
            drops: Drops::new(folder, elsewhere, Duration::from_secs(args.settle)),
            export: args.export()?,
            out,
            done,
            failed,
            template: args.template.as_deref().map(template_file::read).transpose()?,
            stuck: HashMap::new(),
            trouble: None,
        })
    }

    /// Reads drop after drop until `stop`, or with `once` until nothing is left to read.
    async fn go_on(
        &mut self,
        job: &mut Job,
        once: bool,
        workers: usize,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        loop {
            let drop = match self.next_drop() {
                Ok(drop) => drop,
                Err(error) if once => return Err(error).context("the folder cannot be read"),
                // On a share that is away for a while.
                Err(error) => {
                    self.tell_of_folder(&error);
                    Vec::new()
                }
            };
            if drop.is_empty() {
                if once && !self.drops.is_any_settling() {
                    return Ok(());
                }
                if stop.run_until_cancelled(tokio::time::sleep(POLL)).await.is_none() {
                    return Ok(());
                }
                continue;
            }
            match stop.run_until_cancelled(Box::pin(self.read(job, drop, workers))).await {
                Some(read) => read?,
                // What was not finished is where it was, and is read at the next start.
                None => return Ok(()),
            }
        }
    }

    /// The files that are complete and have neither result nor reason, as many as are read together.
    fn next_drop(&mut self) -> std::io::Result<Vec<Found>> {
        let folder = self.drops.folder().to_owned();
        let known =
            Known { export: &self.export, out: &self.out, done: self.done.as_deref(), failed: self.failed.as_deref() };
        let stuck = &self.stuck;
        let is_done = |file: &Found| {
            stuck.get(&file.path) == Some(&file.changed)
                // With folders to move files to, they are moved there: a run may have ended before it could.
                || (known.failed.is_none() && is_newer(&known.reason_of(file).path(), file))
                || (known.done.is_none() && is_newer(&known.result_of(&folder, file), file))
        };
        let found = self.drops.next(is_done)?;
        let (bad, found): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|file| is_newer(&known.reason_of(file).path(), file));
        let (read, mut new): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|file| is_newer(&known.result_of(&folder, file), file));
        new.truncate(MOST_FILES);
        for file in &bad {
            self.move_away(file, self.failed.clone());
        }
        for file in &read {
            self.move_away(file, self.done.clone());
        }
        Ok(new)
    }

    async fn read(&mut self, job: &mut Job, drop: Vec<Found>, workers: usize) -> anyhow::Result<()> {
        let begun = Instant::now();
        let files: Vec<PathBuf> = drop.iter().map(|file| file.path.clone()).collect();
        let folder = self.drops.folder();
        let results: Vec<PathBuf> = drop.iter().map(|file| self.known().free_result_of(folder, file)).collect();
        let mut each = Each::at(self.export.clone(), self.out.clone(), results);
        let (batch, refused) =
            job.accept(&files, Some(self.drops.folder()), &ReadOptions::default(), self.template.clone()).await?;
        let taken: Vec<usize> =
            (0..files.len()).filter(|place| refused.iter().all(|(refused, _)| refused != place)).collect();
        let mut outcomes: Vec<(usize, Outcome)> = refused
            .into_iter()
            .map(|(place, error)| (place, Outcome::unreadable(drop[place].below.display().to_string(), error)))
            .collect();
        let mut pages = 0;
        if let Some(batch) = batch {
            let mut progress = Progress::new(false, workers);
            let (read, details) = watch(job, batch, &mut progress, Some((&mut each, &taken))).await?;
            progress.end(&read);
            pages = details.completed_pages;
            outcomes.extend(taken.iter().copied().zip(read));
            job.forget(batch).await?;
        }
        let failed = outcomes.iter().filter(|(_, outcome)| outcome.failed()).count();
        for (place, outcome) in outcomes {
            let file = &drop[place];
            if Drops::is_replaced(file) {
                // Another came in its place while it was read: that one is read next, and this result is of neither.
                match std::fs::remove_file(each.path(place)) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(error).context(NotWritten);
                    }
                    _ => {}
                }
            } else if outcome.failed() {
                let reason = outcome.error.as_deref().unwrap_or("the reason is not known");
                self.set_aside(file, reason)?;
            } else {
                self.move_away(file, self.done.clone());
            }
        }
        let failed = if failed == 0 { String::new() } else { format!(", {failed} failed") };
        let (files, pages) = (count(files.len() as u64, "file"), count(pages.into(), "page"));
        eprintln!("{files}, {pages} in {}{failed}", seconds(begun.elapsed()));
        Ok(())
    }

    /// Says once for each reason why the folder cannot be looked at.
    fn tell_of_folder(&mut self, error: &std::io::Error) {
        let said = format!("{} cannot be read: {error}", self.drops.folder().display());
        if self.trouble.as_ref() != Some(&said) {
            eprintln!("{}", one_line(&said));
            self.trouble = Some(said);
        }
    }

    fn known(&self) -> Known<'_> {
        Known { export: &self.export, out: &self.out, done: self.done.as_deref(), failed: self.failed.as_deref() }
    }

    /// Says why a file cannot be read, and moves it out of the way.
    fn set_aside(&mut self, file: &Found, reason: &str) -> anyhow::Result<()> {
        self.known().reason_of(file).write(reason).context(NotWritten)?;
        self.move_away(file, self.failed.clone());
        Ok(())
    }

    /// Moves a file to where it is kept, if it is to be moved. One that cannot be is told of once.
    fn move_away(&mut self, file: &Found, to: Option<PathBuf>) {
        let Some(to) = to else { return };
        if let Err(error) = move_into(&file.path, &to.join(&file.below))
            // Somebody took it away: there is nothing to move.
            && error.kind() != std::io::ErrorKind::NotFound
        {
            eprintln!("{} cannot be moved: {error}", one_line(&file.path.display().to_string()));
            self.stuck.insert(file.path.clone(), file.changed);
        }
    }
}

/// Where what came of a file is, or would be.
#[derive(Clone, Copy)]
struct Known<'a> {
    export: &'a Export,
    out: &'a Path,
    done: Option<&'a Path>,
    failed: Option<&'a Path>,
}

impl Known<'_> {
    /// Where the result of a file of a folder goes. A file whose name ends as the results do keeps it, unless there is one
    /// beside it, or was, whose result has that name.
    fn result_of(&self, folder: &Path, file: &Found) -> PathBuf {
        let extension = self.export.format.extension();
        let path = self.out.join(&file.below);
        let ends_so = file.below.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension));
        let shorter = file.below.with_extension("");
        let is_taken = |folder: &Path| folder.join(&shorter).is_file();
        let has_twin = is_taken(folder) || self.done.is_some_and(is_taken);
        if ends_so && !has_twin { path } else { super::each::beside(&path, extension) }
    }

    /// The same, with a number where the result of an earlier file of that name is, which was moved away.
    fn free_result_of(&self, folder: &Path, file: &Found) -> PathBuf {
        let result = self.result_of(folder, file);
        if self.done.is_none() || !result.exists() {
            return result;
        }
        let extension = self.export.format.extension();
        let numbered = |number: u32| super::each::beside(&result.with_extension(number.to_string()), extension);
        (2..=u32::MAX).map(numbered).find(|path| !path.exists()).unwrap_or(result)
    }

    /// Where it is said why a file cannot be read.
    fn reason_of(&self, file: &Found) -> ReasonFile {
        ReasonFile::of(&self.failed.unwrap_or(self.out).join(&file.below))
    }
}

/// Whether something was written after the file was.
fn is_newer(path: &Path, file: &Found) -> bool {
    path.metadata().and_then(|about| about.modified()).is_ok_and(|written| written >= file.changed)
}
