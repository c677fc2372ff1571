//! Flags of `recto watch`.

use std::path::PathBuf;

use clap::Args;
use recto_domain::LanguageChoice;
use recto_export::{Content, ExportOptions, Format};

use super::super::output::Export;
use super::super::pdf_args::PdfArgs;
use crate::cli::set;
use crate::failure::advised;
use crate::settings::Flags;

const AFTER_HELP: &str = "\
A file is read once its size and times have stayed the same for --settle seconds; files that arrive together are read \
together. Hidden files and files that end in .part, .partial, .tmp, .filepart or .crdownload count as still being \
written. The result of a/b.tif is OUT/a/b.tif.pdf, and that of a/b.pdf is OUT/a/b.pdf.

With --done, a file is moved there once its result is written; otherwise it stays. With --failed, a file that cannot \
be read is moved there with the reason beside it in NAME.reason.txt; otherwise it stays, and the reason is written \
among the results. A file that stays is read again when it changes, or when its result or reason is deleted.

Each folder can be a bucket, given as s3://BUCKET/PREFIX; keys and region come from AWS_ACCESS_KEY_ID, \
AWS_SECRET_ACCESS_KEY and AWS_REGION.

Examples:
  recto watch /srv/scans --out /srv/text --format pdf
  recto watch inbox --out searchable --done originals --failed bad --lang deu+eng
  recto watch inbox --out rows --template invoice.yaml --format csv --once
  recto watch s3://scans/in --out s3://scans/out --done s3://scans/done --endpoint https://s3.internal";

/// Flags of `recto watch`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct WatchArgs {
    /// Folder to watch, including its subfolders, or a bucket
    #[arg(value_name = "FOLDER")]
    pub(super) folder: PathBuf,
    /// Folder for the results, or a bucket
    #[arg(long, short, value_name = "FOLDER")]
    pub(super) out: PathBuf,
    #[arg(long, short, value_name = "FORMAT", default_value = "pdf", help = format!("Format of the results: {}", Format::ALL.map(Format::name).join(", ")))]
    format: Format,
    /// Folder to move files to once they are read [default: they stay]
    #[arg(long, value_name = "FOLDER")]
    pub(super) done: Option<PathBuf>,
    /// Folder to move files to if they cannot be read [default: they stay]
    #[arg(long, value_name = "FOLDER")]
    pub(super) failed: Option<PathBuf>,
    /// Seconds for which a file must stay unchanged before it is read
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    pub(super) settle: u64,
    /// S3 endpoint of the buckets [default: blobs.endpoint, or Amazon's]
    #[arg(long, value_name = "URL")]
    pub(super) endpoint: Option<String>,
    /// Read the files that are there, then exit
    #[arg(long)]
    pub(super) once: bool,
    #[command(flatten)]
    pdf: PdfArgs,
    /// JSON or YAML file that says which fields to find in every file
    #[arg(long, value_name = "FILE")]
    pub(super) template: Option<PathBuf>,
    /// Languages of the text, such as eng+deu, or auto to choose them for each page [default: eng]
    #[arg(long, value_name = "LANGUAGES")]
    lang: Option<LanguageChoice>,
    /// OCR engine: tesseract, neural, mixed or auto [default: auto]
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

    pub(super) fn export(&self) -> anyhow::Result<Export> {
        let options = ExportOptions { pdf: self.pdf.options(), ..ExportOptions::default() };
        options
            .check(self.format)
            .map_err(|error| advised(error.to_string(), "Choose another format, or leave the option out."))?;
        Ok(Export { format: self.format, content: Content::Combined, options })
    }
}
