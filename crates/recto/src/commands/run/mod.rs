//! `recto run`: the whole job without a server.

mod batches;
mod each;
mod end;
mod inputs;
mod job;
mod output;
mod pages;
mod passwords;
mod pdf_args;
mod progress;
mod refused;
mod report;
mod ribbon;
#[cfg(test)]
mod samples;
pub(crate) mod watching;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use recto_domain::{
    BatchDetails, BatchId, FinishedBatch as _, FinishedDocument, LanguageChoice, PageRange, ReadOptions,
    TemplateContent, TextLayerUse,
};
use recto_export::{CsvDelimiter, CsvLayout, DateFormat, ExportOptions, Format, Locale, PdfOptions};

use super::template_file;
use crate::cli::set;
use crate::failure::{advised, is_closed_pipe};
use crate::settings::{Flags, Settings};
use crate::{logging, stop, terminal};
pub(crate) use batches::{Batches, Input};
use each::{Each, ResultsLocation};
pub(crate) use end::NotWritten;
use inputs::{Inputs, Results};
pub(crate) use job::Job;
use output::{Export, Target, Wanted};
pub(crate) use pages::read_pages;
use pdf_args::PdfArgs;
use progress::Progress;
use refused::WithRefused;
use report::Outcome;

/// The shortest time between two updates of the view.
const SHORT_PAUSE: Duration = Duration::from_millis(60);
/// The longest time between two updates of the view.
const LONG_PAUSE: Duration = Duration::from_millis(500);
/// With at most this many pages left, the view is updated at every change.
const LAST_PAGES: u32 = 8;
/// The shortest time between two queries for the confidences of completed files.
const DOCUMENTS_PAUSE: Duration = Duration::from_secs(1);

const AFTER_HELP: &str = "\
Folders are read with their subfolders; hidden files and files of other types are skipped. PDF, PNG, JPEG, TIFF, WebP, \
HEIC, AVIF, JPEG 2000, BMP, GIF and PNM are recognised by their contents; - is stdin. Without -o, the export goes to \
stdout. The format follows from the file name after -o and is text otherwise. With --json and without -o, only the report is printed.

If -o names an existing folder or ends with /, each file gets its own result there, at the file's path relative to the \
input folder; --in-place-sidecar puts each result beside its file instead. Each result is written as soon as its file \
is done. If the name after -o ends with .zip, all results go into one archive.

A template names the fields to find in every file: a map of fields, a JSON Schema of an object, or a complete template \
as the API accepts it, in JSON or YAML. If neither --format nor a file name after -o sets the format, it is then the \
template's, or json.

--skip-text, --redo-ocr and --force-ocr work as in OCRmyPDF. --skip-text leaves pages that have text as they are. \
--redo-ocr reads again only what another program recognised. --force-ocr reads every page, and draws it in a PDF as a \
picture with its text on it.

Exit codes:
  0    all files were read
  1    the command could not run: wrong arguments or settings, nothing to read, no worker
  2    some files failed; stderr, --json and the result say which and why
  5    files were read, but a result could not be written
  8    no file was read: each is protected, and none of the given passwords opens it
  130  the command was interrupted; results already written for single files remain
  141  the program reading the output closed the pipe

Examples:
  recto run letter.tif
  recto run scans/ -o march.pdf
  recto run scans/ invoice.pdf --format csv --lang eng+deu -o march.csv
  recto run invoices/ --template invoice.yaml -o march.xlsx
  recto run book.pdf --pages 1-10 | less
  recto run scans/ -o out/ --format pdf
  cat scan.pdf | recto run - -o - --format pdf > searchable.pdf
  recto run scans/ --json | jq -r 'select(.status == \"failed\").file'";

/// Flags of `recto run`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct RunArgs {
    /// Files and folders to read; - for stdin
    #[arg(required = true, value_name = "FILE|FOLDER")]
    inputs: Vec<PathBuf>,
    #[arg(long, short, value_name = "FORMAT", help = format!("Format of the result: {}", Format::ALL.map(Format::name).join(", ")))]
    format: Option<Format>,
    #[command(flatten)]
    pdf: PdfArgs,
    /// Layout of CSV: documents, or items for a second table with one row per line item
    #[arg(long, value_name = "LAYOUT")]
    csv_layout: Option<CsvLayout>,
    /// Delimiter of CSV: , ; | or tab [default: ,]
    #[arg(long, value_name = "SIGN")]
    csv_delimiter: Option<CsvDelimiter>,
    /// Begin CSV with a byte order mark, which Excel needs to recognise UTF-8
    #[arg(long)]
    csv_bom: bool,
    /// Write the tables found on the pages as CSV, instead of the documents
    #[arg(long)]
    csv_tables: bool,
    /// Date format of CSV and XLSX, such as dd.MM.yyyy [default: that of the locale, or yyyy-MM-dd]
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<DateFormat>,
    /// Locale for numbers and dates in CSV, and for dates in XLSX, such as de-DE
    #[arg(long, value_name = "LOCALE")]
    locale: Option<Locale>,
    /// File to write the result to, or folder for one result per file; - for stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write each file's result beside it, with the format's extension added to its name (a.pdf.txt)
    #[arg(long, conflicts_with = "output")]
    in_place_sidecar: bool,
    /// JSON or YAML file that says which fields to find in every file
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Languages of the text, such as eng+deu, or auto to choose them for each page [default: eng]
    #[arg(long, value_name = "LANGUAGES")]
    lang: Option<LanguageChoice>,
    /// OCR engine: tesseract, neural, mixed (neural lines, Tesseract letters), or auto to choose it for each page
    /// [default: auto]
    #[arg(long, value_name = "ENGINE")]
    engine: Option<String>,
    /// Use of the text in a PDF: auto uses it if the page shows it, trust always, ignore never, redo unless another
    /// program recognised it [default: auto]
    #[arg(long, value_name = "USE", group = "text")]
    text_layer: Option<TextLayerUse>,
    /// Leave pages that have text as they are and read the others; same as --text-layer trust
    #[arg(long, group = "text")]
    skip_text: bool,
    /// Read again what another program recognised; visible text stays; same as --text-layer redo
    #[arg(long, group = "text")]
    redo_ocr: bool,
    /// Read every page, whatever text it has (as --text-layer ignore), and draw it as a picture in a PDF
    #[arg(long, group = "text")]
    force_ocr: bool,
    /// Password for protected PDFs; may be repeated, and each is tried in turn. Other users of this machine can see it:
    /// prefer --password-file
    #[arg(long, value_name = "PASSWORD")]
    password: Vec<String>,
    /// File with passwords to try on protected PDFs, one per line; - for stdin
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Pages to read in every file, such as 1-5,7,21-
    #[arg(long, value_name = "PAGES")]
    pages: Option<PageRange>,
    /// Worker processes [default: one per processor core]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Print one JSON object per file to stdout when all files are done
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
        let text_layer = [
            (self.text_layer, "--text-layer"),
            (self.skip_text.then_some(TextLayerUse::Trust), "--skip-text"),
            (self.redo_ocr.then_some(TextLayerUse::Redo), "--redo-ocr"),
            (self.force_ocr.then_some(TextLayerUse::Ignore), "--force-ocr"),
        ];
        for (text_layer, flag) in text_layer {
            set(&mut flags, "ocr.text_layer", text_layer.as_ref(), flag);
        }
        set(&mut flags, "workers.count", self.workers.as_ref(), "--workers");
        flags
    }

    fn export_options(&self) -> ExportOptions {
        ExportOptions {
            pdf: PdfOptions { rasterize: self.force_ocr, ..self.pdf.options() },
            csv_layout: self.csv_layout.unwrap_or_default(),
            csv_delimiter: self.csv_delimiter.unwrap_or_default(),
            csv_byte_order_mark: self.csv_bom,
            date_format: self.date_format.clone(),
            locale: self.locale,
            record_address: None,
        }
    }
}

pub(crate) fn run(settings: &Settings, args: &RunArgs) -> anyhow::Result<ExitCode> {
    logging::start_quietly(&settings.log);
    let options = args.export_options();
    let template = args.template.as_deref().map(template_file::read).transpose()?;
    // The template's format was validated when it was read.
    let fallback = template.as_ref().and_then(|template| template.result_format.parse().ok()).unwrap_or(Format::Text);
    let wanted = Wanted {
        output: args.output.as_deref(),
        beside: args.in_place_sidecar,
        json: args.json,
        tables: args.csv_tables,
    };
    let (export, target) = output::decide(args.format, fallback, options, wanted)?;
    let results = match &target {
        Target::Each(ResultsLocation::Folder(folder)) => Results { folder: Some(folder), beside: None },
        Target::Each(ResultsLocation::Beside) => Results { folder: None, beside: Some(export.format.extension()) },
        _ => Results::default(),
    };
    let inputs = inputs::collect(&args.inputs, &results)?;
    let has_stdin = inputs.files.iter().any(|file| inputs::is_stdin(file));
    if has_stdin && (args.in_place_sidecar || args.password_file.as_deref().is_some_and(inputs::is_stdin)) {
        let what = "stdin is already used as an input file";
        return Err(advised(what, "Nothing was read. Give --password-file a file, and use -o for the result."));
    }
    let each = match &target {
        Target::Each(place) => Some(Each::plan(export.clone(), place.clone(), &inputs)?),
        _ => None,
    };
    let reading = ReadOptions {
        languages: args.lang.clone(),
        pages: args.pages.clone(),
        passwords: passwords::gather(&args.password, args.password_file.as_deref())?,
        ..ReadOptions::default()
    };
    if let Some(line) = report::left_out(&inputs.skipped).filter(|_| !args.quiet) {
        eprintln!("{line}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        let stop = stop::on_signal()?;
        let begun = Instant::now();
        let mut job = Job::open(settings).await?;
        let work = Box::pin(read(&mut job, settings, args, &reading, template, &inputs, each));
        let read = stop.run_until_cancelled(work).await;
        let told = match read {
            Some(Ok(read)) => finish(&job, args, export, target, read, begun).await,
            Some(Err(error)) => Err(error),
            None => Ok(ExitCode::from(stop::INTERRUPTED)),
        };
        let closed = job.close().await;
        // The first error is the one that is reported.
        let code = told?;
        closed?;
        Ok(code)
    });
    // A search for fields that is still running in the background must not delay the end.
    runtime.shutdown_timeout(Duration::from_secs(2));
    code
}

/// What was read.
struct ReadBatch {
    batch: Option<(BatchId, BatchDetails)>,
    /// The indices of inputs that could not even be taken in.
    refused: Vec<usize>,
    /// The outcomes, in the order of the inputs.
    outcomes: Vec<Outcome>,
    /// The results of single files, if they were asked for.
    each: Option<Each>,
}

/// Takes the files in and waits until all have ended, showing the progress.
async fn read(
    job: &mut Job,
    settings: &Settings,
    args: &RunArgs,
    options: &ReadOptions,
    template: Option<TemplateContent>,
    inputs: &Inputs,
    mut each: Option<Each>,
) -> anyhow::Result<ReadBatch> {
    let mut progress = Progress::new(args.quiet, settings.workers.count);
    let (batch, refused) = job.accept(&called(&inputs.files), options, template).await?;
    let is_refused = |place: &usize| refused.iter().any(|(refused, _)| refused == place);
    let taken: Vec<usize> = (0..inputs.files.len()).filter(|place| !is_refused(place)).collect();
    let (mut outcomes, details) = match batch {
        Some(batch) => {
            let results = each.as_mut().map(|each| (each, taken.as_slice()));
            watch(&mut job.batches, batch, &mut progress, results)
                .await
                .map(|(outcomes, details)| (outcomes, Some(details)))?
        }
        None => (Vec::new(), None),
    };
    progress.end(&outcomes);
    let places = refused.iter().map(|(place, _)| *place).collect();
    for (place, error) in refused {
        let outcome = Outcome::unreadable(inputs.files[place].display().to_string(), error);
        Progress::tell_apart(&outcome);
        // The refused files come in ascending order, so every outcome before this one is already present.
        outcomes.insert(place, outcome);
    }
    for (place, outcome) in outcomes.iter_mut().enumerate().filter(|(_, outcome)| !outcome.failed()) {
        outcome.output = each.as_ref().map(|each| each.path(place).display().to_string());
    }
    Ok(ReadBatch { batch: batch.zip(details), refused: places, outcomes, each })
}

/// The inputs for these files, each named by its path.
fn called(files: &[PathBuf]) -> Vec<Input> {
    files.iter().map(|path| Input::at(path)).collect()
}

/// Shows the progress of a batch until all of its files have ended. Meanwhile, it writes the results of single files,
/// if they were asked for; they come with the input index of each file of the batch.
async fn watch(
    batches: &mut Batches,
    batch: BatchId,
    progress: &mut Progress,
    mut results: Option<(&mut Each, &[usize])>,
) -> anyhow::Result<(Vec<Outcome>, BatchDetails)> {
    let mut documents: Vec<FinishedDocument> = Vec::new();
    let mut asked = Instant::now();
    loop {
        let details = batches.details(batch).await?;
        let ended = details.batch.status.is_final();
        let more = details.batch.completed_files as usize > documents.len();
        if ended || (more && asked.elapsed() >= DOCUMENTS_PAUSE) {
            let finished = batches.finished(batch).await?;
            documents = finished.documents().to_vec();
            asked = Instant::now();
            if let Some((each, places)) = &mut results {
                each.write(finished, &details, places).await.context(NotWritten)?;
            }
        }
        let known: Vec<Outcome> = details.files.iter().map(|file| Outcome::of(file, &documents)).collect();
        progress.update(&details, &known);
        if ended {
            return Ok((known, details));
        }
        if !is_near_end(&details) {
            tokio::time::sleep(SHORT_PAUSE).await;
        }
        batches.change(LONG_PAUSE).await?;
    }
}

/// Whether the last pages are being read. The end must not be missed by a long pause.
fn is_near_end(details: &BatchDetails) -> bool {
    let done = details.completed_pages + details.failed_pages;
    all_opened(details) && details.total_pages.saturating_sub(done) <= LAST_PAGES
}

/// Whether the total number of pages is known.
fn all_opened(details: &BatchDetails) -> bool {
    details.files.iter().all(|file| file.pages.is_some() || file.status.is_final())
}

/// Writes the export and reports how it went.
async fn finish(
    job: &Job,
    args: &RunArgs,
    export: Export,
    target: Target,
    read: ReadBatch,
    begun: Instant,
) -> anyhow::Result<ExitCode> {
    let ReadBatch { batch, refused, outcomes, each } = read;
    let completed = outcomes.iter().any(|outcome| !outcome.failed());
    let mut written = None;
    if let Some((batch, _)) = batch.as_ref().filter(|_| completed) {
        let refused = refused.iter().map(|&place| (place, outcomes[place].clone())).collect();
        let mut finished = WithRefused::new(job.batches.finished(*batch).await?, refused);
        let target = target.clone();
        written = tokio::task::spawn_blocking(move || output::write(&export, &target, &mut finished))
            .await
            .context("the export stopped unexpectedly")?
            .map_err(|error| if is_closed_pipe(&error) { error } else { error.context(NotWritten) })?;
    }
    if args.json {
        print_json(&outcomes)?;
    }
    if !args.quiet {
        let details = batch.as_ref().map(|(_, details)| details);
        eprintln!("{}", report::summary(&outcomes, details, begun.elapsed(), &target, written, each.as_ref()));
    }
    Ok(end::exit_code(&outcomes))
}

fn print_json(outcomes: &[Outcome]) -> anyhow::Result<()> {
    let mut text = String::new();
    for outcome in outcomes {
        text.push_str(&serde_json::to_string(outcome)?);
        text.push('\n');
    }
    Ok(terminal::stdout().write_all(text.as_bytes())?)
}
