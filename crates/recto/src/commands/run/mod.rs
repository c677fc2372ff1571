//! `recto run`: the whole job without a server.

mod inputs;
mod job;
mod output;
mod pages;
mod progress;
mod report;
mod ribbon;
#[cfg(test)]
mod samples;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use recto_domain::{
    BatchDetails, BatchId, FinishedDocument, LanguageChoice, PageRange, ReadOptions, TemplateContent, TextLayerUse,
};
use recto_export::{CsvLayout, ExportOptions, Format, PdfStandard};

use super::template_file;
use crate::cli::set;
use crate::settings::{Flags, Settings};
use crate::{logging, stop, terminal};
use inputs::Inputs;
pub(crate) use job::Job;
use output::{Export, Target};
pub(crate) use pages::read_pages;
use progress::Progress;
use report::Outcome;

/// How many files failed, as an exit code.
const SOME_FAILED: u8 = 2;
/// The view is brought up to date at most this often…
const SHORT_PAUSE: Duration = Duration::from_millis(60);
/// …and at least this often.
const LONG_PAUSE: Duration = Duration::from_millis(500);
/// With this many pages left it is brought up to date whenever something changes.
const LAST_PAGES: u32 = 8;
/// Confidences of completed files are asked for at most this often.
const DOCUMENTS_PAUSE: Duration = Duration::from_secs(1);

const AFTER_HELP: &str = "\
Folders are read with the folders in them; files of other kinds in them are left out, and hidden ones. PDF, PNG, \
JPEG, TIFF, WebP, BMP and GIF are told by their bytes. Without -o the export goes to stdout. The format follows from \
the name after -o, and is text otherwise. With --json and no -o only the report is printed.

A template names the fields to find in every file: a map of fields, a JSON Schema of an object, or a whole template as \
the API takes it, in JSON or YAML. Without --format and a name after -o, the format is then the template's, or json.

Exit code: 0 when all files were read, 2 when some failed, 1 when it could not run.

Examples:
  recto run letter.tif
  recto run scans/ -o march.pdf
  recto run scans/ invoice.pdf --format csv --lang eng+deu -o march.csv
  recto run invoices/ --template invoice.yaml -o march.xlsx
  recto run book.pdf --pages 1-10 | less
  recto run scans/ --json | jq -r 'select(.status == \"failed\").file'";

/// Flags of `recto run`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct RunArgs {
    /// Files and folders to read
    #[arg(required = true, value_name = "FILE|FOLDER")]
    inputs: Vec<PathBuf>,
    #[arg(long, short, value_name = "FORMAT", help = format!("Format of the result: {}", Format::ALL.map(Format::name).join(", ")))]
    format: Option<Format>,
    /// Standard for archives that a PDF is to follow: pdfa-2b, pdfa-2u or pdfa-3b
    #[arg(long, value_name = "STANDARD")]
    pdf_standard: Option<PdfStandard>,
    /// Layout of a CSV: documents, or items for a second table with a row a line item
    #[arg(long, value_name = "LAYOUT")]
    csv_layout: Option<CsvLayout>,
    /// File to write the result to; - for stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// JSON or YAML file that says which fields to find in every file
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Languages of the text, such as eng+deu, or auto to have them chosen by the page [default: eng]
    #[arg(long, value_name = "LANGUAGES")]
    lang: Option<LanguageChoice>,
    /// Engine that reads the pages: tesseract, neural, mixed (neural lines, Tesseract letters), or auto to have it chosen by the page [default: auto]
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// Text that a PDF carries: auto takes it when the page shows it, trust always, ignore never [default: auto]
    #[arg(long, value_name = "USE")]
    text_layer: Option<TextLayerUse>,
    /// Pages to read of every file, such as 1-5,7,21-
    #[arg(long, value_name = "PAGES")]
    pages: Option<PageRange>,
    /// Worker processes [default: one per processor core]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Print one JSON object a file on stdout when all are done
    #[arg(long)]
    json: bool,
    /// Show nothing but failed files
    #[arg(long, short)]
    quiet: bool,
}

impl RunArgs {
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        set(&mut flags, "ocr.languages", self.lang.as_ref(), "--lang");
        set(&mut flags, "ocr.engine", self.engine.as_ref(), "--engine");
        set(&mut flags, "ocr.text_layer", self.text_layer.as_ref(), "--text-layer");
        set(&mut flags, "workers.count", self.workers.as_ref(), "--workers");
        flags
    }
}

pub(crate) fn run(settings: &Settings, args: &RunArgs) -> anyhow::Result<ExitCode> {
    logging::start_quietly(&settings.log);
    let options = ExportOptions { pdf_standard: args.pdf_standard, csv_layout: args.csv_layout.unwrap_or_default() };
    let template = args.template.as_deref().map(template_file::read).transpose()?;
    // What it says was checked.
    let fallback = template.as_ref().and_then(|template| template.result_format.parse().ok()).unwrap_or(Format::Text);
    let (export, target) = output::decide(args.format, fallback, options, args.output.as_deref(), args.json)?;
    let inputs = inputs::collect(&args.inputs)?;
    if let Some(standard) = args.pdf_standard {
        // The export would say so too, but only when everything was read.
        inputs.check_pdfs(standard)?;
    }
    if let Some(line) = report::left_out(&inputs.skipped).filter(|_| !args.quiet) {
        eprintln!("{line}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        let stop = stop::on_signal()?;
        let begun = Instant::now();
        let mut job = Job::open(settings).await?;
        let reading = Box::pin(read(&mut job, settings, args, template, &inputs));
        let read = stop.run_until_cancelled(reading).await;
        let told = match read {
            Some(Ok(read)) => finish(&job, args, export, target, read, begun).await,
            Some(Err(error)) => Err(error),
            None => Ok(ExitCode::from(stop::INTERRUPTED)),
        };
        let closed = job.close().await;
        // What went wrong first is told first.
        let code = told?;
        closed?;
        Ok(code)
    });
    // What still searches for fields in the background must not hold the end up.
    runtime.shutdown_timeout(Duration::from_secs(2));
    code
}

/// What was read.
struct ReadBatch {
    batch: Option<(BatchId, BatchDetails)>,
    /// In the order of the inputs.
    outcomes: Vec<Outcome>,
}

/// Takes the files in and waits until all have ended, showing how far they are.
async fn read(
    job: &mut Job,
    settings: &Settings,
    args: &RunArgs,
    template: Option<TemplateContent>,
    inputs: &Inputs,
) -> anyhow::Result<ReadBatch> {
    let options =
        ReadOptions { languages: args.lang.clone(), engine: None, pages: args.pages.clone(), ..ReadOptions::default() };
    let mut progress = Progress::new(args.quiet, settings.workers.count);
    let (batch, refused) = job.accept(&inputs.files, &options, template).await?;
    let (mut outcomes, details) = match batch {
        Some(batch) => watch(job, batch, &mut progress).await.map(|(outcomes, details)| (outcomes, Some(details)))?,
        None => (Vec::new(), None),
    };
    progress.end(&outcomes);
    for (place, error) in refused {
        let outcome = Outcome::unreadable(inputs.files[place].display().to_string(), error);
        Progress::tell_apart(&outcome);
        // They come in the order of their places: every one before it stands already.
        outcomes.insert(place, outcome);
    }
    Ok(ReadBatch { batch: batch.zip(details), outcomes })
}

/// Shows how far the files of a batch are until all have ended.
async fn watch(job: &mut Job, batch: BatchId, progress: &mut Progress) -> anyhow::Result<(Vec<Outcome>, BatchDetails)> {
    let mut documents: Vec<FinishedDocument> = Vec::new();
    let mut asked = Instant::now();
    loop {
        let details = job.details(batch).await?;
        let ended = details.batch.status.is_final();
        let more = details.batch.completed_files as usize > documents.len();
        if ended || (more && asked.elapsed() >= DOCUMENTS_PAUSE) {
            documents = job.documents(batch).await?;
            asked = Instant::now();
        }
        let known: Vec<Outcome> = details.files.iter().map(|file| Outcome::of(file, &documents)).collect();
        progress.update(&details, &known);
        if ended {
            return Ok((known, details));
        }
        if !is_near_end(&details) {
            tokio::time::sleep(SHORT_PAUSE).await;
        }
        job.change(LONG_PAUSE).await?;
    }
}

/// Whether the last pages are being read: their end is not to be slept through.
fn is_near_end(details: &BatchDetails) -> bool {
    let done = details.completed_pages + details.failed_pages;
    all_opened(details) && details.total_pages.saturating_sub(done) <= LAST_PAGES
}

/// Whether it is known how many pages there are.
fn all_opened(details: &BatchDetails) -> bool {
    details.files.iter().all(|file| file.pages.is_some() || file.status.is_final())
}

/// Writes the export and says how it went.
async fn finish(
    job: &Job,
    args: &RunArgs,
    export: Export,
    target: Target,
    read: ReadBatch,
    begun: Instant,
) -> anyhow::Result<ExitCode> {
    let ReadBatch { batch, outcomes } = read;
    let completed = outcomes.iter().any(|outcome| !outcome.failed());
    let mut written = None;
    if let Some((batch, _)) = batch.as_ref().filter(|_| completed) {
        let mut finished = job.finished(*batch).await?;
        let target = target.clone();
        written = tokio::task::spawn_blocking(move || output::write(export, &target, &mut finished))
            .await
            .context("the export broke off")??;
    }
    if args.json {
        print_json(&outcomes)?;
    }
    if !args.quiet {
        let details = batch.as_ref().map(|(_, details)| details);
        eprintln!("{}", report::summary(&outcomes, details, begun.elapsed(), &target, written));
    }
    let failed = outcomes.iter().any(Outcome::failed);
    Ok(if failed { ExitCode::from(SOME_FAILED) } else { ExitCode::SUCCESS })
}

fn print_json(outcomes: &[Outcome]) -> anyhow::Result<()> {
    let mut text = String::new();
    for outcome in outcomes {
        text.push_str(&serde_json::to_string(outcome)?);
        text.push('\n');
    }
    Ok(terminal::stdout().write_all(text.as_bytes())?)
}
