//! `recto doctor`: tries every part that a server needs, and says how to repair those that do not work.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use indicatif::HumanBytes;
use recto_domain::{ANY_ENGINE, FinishedBatch as _, FinishedDocument, Languages, ReadOptions, RecordStatus};
use recto_extract_llm::LlmExtractor;
use recto_pipeline::PoolStatus;
use recto_storage::{DiskSpace, Storage, StorageError, StorageSettings};
use serde::Serialize;

use super::run::{Input, Job};
use super::{print, tenants};
use crate::cli::AdminArgs;
use crate::installation::{SAMPLES, make_data_folder, open_to_others};
use crate::settings::{Flags, Settings};

/// Many times what a start and two small pages take on a slow machine.
const LIMIT: Duration = Duration::from_secs(90);
/// A page that must be recognised. `PDF` is one whose text PDFium extracts.
const PICTURE: &str = "letter.tif";
const PDF: &str = "invoice.pdf";

const AFTER_HELP: &str = "\
Reads a small picture and a PDF in a real worker, opens the database, writes to the blob store and, if a language \
model is configured, asks its server which models it has. Changes nothing: without a data folder, the checks use a \
temporary one. Exits with 1 if something does not work.

Example:
  recto doctor --data-dir /var/lib/recto";

/// Flags of `recto doctor`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    admin: AdminArgs,
}

impl DoctorArgs {
    pub(crate) fn flags(&self) -> Flags {
        self.admin.flags()
    }
}

/// A part of the installation and whether it works.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    /// What was found.
    found: String,
    /// What to do; `null` when the part works.
    advice: Option<String>,
}

impl Finding {
    fn good(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, ok: true, found: found.into(), advice: None }
    }

    fn bad(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, ok: false, found: found.into(), advice: Some(advice.into()) }
    }
}

pub(crate) fn run(settings: &Settings, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    crate::logging::start_quietly(&settings.log);
    let findings = tenants::runtime()?.block_on(async {
        let mut findings = kept(settings).await;
        findings.extend(read(settings).await);
        findings.push(language_model(settings).await);
        findings
    });
    let well = findings.iter().all(|finding| finding.ok);
    if args.admin.json {
        print::json(&findings)?;
    } else {
        print_findings(&findings)?;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_findings(findings: &[Finding]) -> anyhow::Result<()> {
    use std::io::Write;
    let row = |f: &Finding| {
        let sign = if f.ok { "ok" } else { "WRONG" };
        let found = match &f.advice {
            None => f.found.clone(),
            Some(advice) => format!("{}. {advice}", f.found.trim_end_matches('.')),
        };
        vec![sign.to_owned(), f.check.to_owned(), found]
    };
    let rows: Vec<_> = findings.iter().map(row).collect();
    Ok(std::io::stdout().write_all(print::aligned(&rows).as_bytes())?)
}

/// Checks the data folder, the database and the blob store.
async fn kept(settings: &Settings) -> Vec<Finding> {
    let folder = &settings.data_dir;
    let temporary;
    let (first, kept) = if folder.is_dir() {
        // This error describes missing rights more clearly than the database would.
        if let Err(error) = make_data_folder(folder) {
            return vec![Finding::bad("data folder", told(&error), advice_of(&error))];
        }
        (folder_found(settings), settings.storage())
    } else {
        temporary = match tempfile::tempdir() {
            Ok(temporary) => temporary,
            Err(error) => return vec![Finding::bad("data folder", error.to_string(), "Free space in TMPDIR.")],
        };
        let found = format!("{} will be created on the first start", folder.display());
        // A database on a server is tried as it is. What would be in the data folder is tried in a temporary one.
        let kept = StorageSettings { data_dir: temporary.path().to_owned(), ..settings.storage() };
        (Finding::good("data folder", found), kept)
    };
    let database = if settings.database_url.is_some() { "database.url" } else { "SQLite in the data folder" };
    let blobs = settings.blobs_url.as_deref().unwrap_or("a folder in the data folder");
    let rest = match Storage::open(&kept).await {
        Ok(storage) => {
            let found = match storage.ping().await {
                Ok(()) => {
                    let mut well = vec![Finding::good("database", database), Finding::good("blob store", blobs)];
                    well.extend(disks(&kept));
                    well
                }
                Err(error) => wrong(error, folder, &kept),
            };
            storage.close().await;
            found
        }
        Err(error) => wrong(error, folder, &kept),
    };
    std::iter::once(first).chain(rest).collect()
}

/// What is wrong with the database or the files, or with the disk under them.
fn wrong(error: StorageError, folder: &Path, kept: &StorageSettings) -> Vec<Finding> {
    let trouble = Finding::bad("database and blob store", told(&error.into()), storage_advice(folder));
    std::iter::once(trouble).chain(disks(kept)).collect()
}

/// The free space on the disks that hold the database and the files.
fn disks(kept: &StorageSettings) -> Vec<Finding> {
    const CHECK: &str = "disk";
    let finding = |space: &DiskSpace| {
        let bytes = |bytes| HumanBytes(bytes).to_string();
        let (left, size) = (bytes(space.left_bytes()), bytes(space.total_bytes));
        let found = format!("{left} of {size} free for {}, {} in reserve", space.holds, bytes(space.reserve_bytes));
        if space.is_full() {
            let advice = "Free some space: delete batches that are no longer needed, or see what else fills the disk. \
                          A smaller limits.disk_reserve_bytes holds less in reserve.";
            Finding::bad(CHECK, format!("{found}: new files are refused"), advice)
        } else {
            Finding::good(CHECK, found)
        }
    };
    match Storage::disk_space_under(kept) {
        Ok(spaces) => spaces.iter().map(finding).collect(),
        Err(error) => vec![Finding::bad(CHECK, told(&error.into()), "Check that the data folder exists.")],
    }
}

/// The state of the data folder, and whether others on the machine may read what Recto keeps.
fn folder_found(settings: &Settings) -> Finding {
    let folder = settings.data_dir.display().to_string();
    let open = open_to_others(settings);
    if open.is_empty() {
        return Finding::good("data folder", folder);
    }
    let paths: Vec<String> = open.iter().map(|path| path.display().to_string()).collect();
    let found = format!("other users of this machine can read {}", paths.join(", "));
    let advice = "The server restricts the permissions where it can when it next starts. For the rest, change the \
                  owner or the permissions (`chmod -R go= PATH`), or move it to a disk that supports permissions.";
    Finding::bad("data folder", found, advice)
}

fn storage_advice(folder: &Path) -> String {
    format!(
        "Check database.url and blobs.url (`recto config`), and that this account can write to {}.",
        folder.display()
    )
}

/// Checks the language model, if the settings name one.
async fn language_model(settings: &Settings) -> Finding {
    const CHECK: &str = "language model";
    let Some(llm) = &settings.llm else { return Finding::good(CHECK, "off: extract.llm.url is not set") };
    let extractor = match LlmExtractor::new(llm.clone()) {
        Ok(extractor) => extractor,
        Err(error) => return Finding::bad(CHECK, told(&error.into()), "Reinstall Recto."),
    };
    let (model, url) = (&llm.model, &llm.url);
    match extractor.models().await {
        // Ollama adds the tag `:latest` to names without one.
        Ok(models) if models.iter().any(|name| name == model || name.strip_suffix(":latest") == Some(model)) => {
            Finding::good(CHECK, format!("{model} at {url}"))
        }
        Ok(models) if models.is_empty() => Finding::good(CHECK, format!("{model} at {url}, which lists no models")),
        Ok(models) => Finding::bad(
            CHECK,
            format!("{url} has no model {model}; it has {}", models.join(", ")),
            "Set extract.llm.model to one of them, or load the model on the server (`ollama pull`).",
        ),
        Err(error) => Finding::bad(
            CHECK,
            format!("{url} cannot be queried: {error}"),
            "Check extract.llm.url and extract.llm.api_key, and that the server is running. Until then, fields are \
             found by the rules alone.",
        ),
    }
}

/// Checks a worker, its engine, the engine's languages, and PDFium.
async fn read(settings: &Settings) -> Vec<Finding> {
    let begun = Instant::now();
    let result = tokio::time::timeout(LIMIT, try_reading(settings))
        .await
        .unwrap_or_else(|_| Err(anyhow::anyhow!("nothing was read within {} s", LIMIT.as_secs())));
    let (status, documents) = match result {
        Ok(both) => both,
        Err(error) => {
            let advice = if cfg!(feature = "built-in-tesseract") {
                "Make sure that workers.memory_bytes is at least 1 GiB."
            } else {
                "Install the distribution's Tesseract library (libtesseract5 on Debian and Ubuntu), and make sure that \
                 workers.memory_bytes is at least 1 GiB."
            };
            return vec![Finding::bad("worker", told(&error), advice)];
        }
    };
    let took = begun.elapsed().as_secs_f64();
    let mut findings = vec![Finding::good("worker", format!("started and read two files in {took:.1} s"))];
    findings.push(Finding::good("sandbox", sandbox(&status)));
    for engine in &status.engines {
        findings.push(Finding::good("engine", format!("{} {}", engine.name, engine.version)));
    }
    findings.push(languages(settings, &status));
    findings.push(file_read("recognition", PICTURE, &documents));
    findings.push(file_read("PDFium", PDF, &documents));
    findings
}

/// What confines the workers. A kind of confinement that this system lacks does not count as a failure.
fn sandbox(status: &PoolStatus) -> String {
    let walls = if status.walls.is_empty() { "nothing".to_owned() } else { status.walls.join(", ") };
    if status.unconfined.is_empty() {
        format!("workers are confined by {walls}")
    } else {
        format!("workers are confined by {walls}; not available on this system: {}", status.unconfined.join("; "))
    }
}

fn languages(settings: &Settings, status: &PoolStatus) -> Finding {
    let wanted = |name: &str| settings.ocr.engine == ANY_ENGINE || settings.ocr.engine == name;
    let engines = status.engines.iter().filter(|engine| wanted(&engine.name));
    let installed: BTreeSet<&str> = engines.flat_map(|engine| &engine.languages).map(String::as_str).collect();
    let installed: Vec<&str> = installed.into_iter().collect();
    let wanted = settings.ocr.languages.named().map_or(&[][..], Languages::codes);
    let missing: Vec<&str> = wanted.iter().map(String::as_str).filter(|code| !installed.contains(code)).collect();
    if missing.is_empty() {
        return Finding::good("languages", installed.join(", "));
    }
    let packages: Vec<String> =
        missing.iter().map(|code| format!("tesseract-ocr-{}", code.replace('_', "-"))).collect();
    Finding::bad(
        "languages",
        format!("{} in ocr.languages is not installed; installed are {}", missing.join(", "), installed.join(", ")),
        format!(
            "Install {}, or put {}.traineddata into a folder and set ocr.tessdata_dir to it.",
            packages.join(" "),
            missing[0]
        ),
    )
}

fn file_read(check: &'static str, name: &str, documents: &[FinishedDocument]) -> Finding {
    let document = documents.iter().find(|document| document.file_name.ends_with(name));
    match document.map(|document| document.confidence) {
        Some(Some(confidence)) => {
            Finding::good(check, format!("read the sample {name} with confidence {confidence:.2}"))
        }
        Some(None) => Finding::bad(check, format!("found no text in the sample {name}"), "Reinstall Recto."),
        None => Finding::bad(check, format!("could not read the sample {name}"), "Reinstall Recto."),
    }
}

/// Reads two samples as `recto run` would, in the default language.
async fn try_reading(settings: &Settings) -> anyhow::Result<(PoolStatus, Vec<FinishedDocument>)> {
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let mut files = Vec::new();
    for (name, bytes) in SAMPLES.iter().filter(|(name, _)| [PICTURE, PDF].contains(name)) {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes)?;
        files.push(path);
    }
    let mut one = settings.clone();
    one.workers.count = 1;
    let mut job = Job::open(&one).await?;
    let result = read_all(&mut job, &files).await;
    job.close().await?;
    result
}

async fn read_all(job: &mut Job, files: &[std::path::PathBuf]) -> anyhow::Result<(PoolStatus, Vec<FinishedDocument>)> {
    let english = ReadOptions { languages: Some("eng".parse()?), ..ReadOptions::default() };
    let inputs: Vec<Input> = files.iter().map(|path| Input::at(path)).collect();
    let (batch, _) = job.accept(&inputs, &english, None).await?;
    let batch = batch.context("the samples were not accepted")?;
    loop {
        let details = job.batches.details(batch).await?;
        if details.batch.status.is_final() {
            let failed = details.files.iter().find(|file| file.status == RecordStatus::Failed);
            if details.files.iter().all(|file| file.status == RecordStatus::Failed) {
                let reason = failed.and_then(|file| file.error.clone()).unwrap_or_default();
                anyhow::bail!("the samples could not be read: {reason}");
            }
            break;
        }
        job.batches.change(Duration::from_millis(500)).await?;
    }
    let status = job.batches.status().borrow().clone();
    Ok((status, job.batches.finished(batch).await?.documents().to_vec()))
}

/// What to do about an error, on one line.
fn advice_of(error: &anyhow::Error) -> String {
    crate::failure::describe(error).lines().skip(1).map(str::trim).collect::<Vec<_>>().join(" ")
}

/// An error with its causes, on one line.
fn told(error: &anyhow::Error) -> String {
    let text = crate::failure::describe(error);
    text.lines().next().unwrap_or_default().trim_start_matches("recto: ").to_owned()
}
