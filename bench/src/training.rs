//! The documents from which the models of `recto-extract` learn what is found.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::ensure;
use recto_domain::{ExtractionMode, Page, TemplateContent};
use recto_extract::FieldPlan;
use serde_json::{Map, Value};

use crate::corpus::Split;
use crate::fields::{
    Asked, Compare, Entry, INVOICE, RECEIPT, asked, asked_of_paper, entries, extracted, is_right, names_only, rendered,
    truth,
};

/// The resolution at which PDFs are drawn to be read as scans, in dots an inch.
const SCAN_DPI: u32 = 200;

/// What a trainer learns from, and whether it writes what it learned.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folders with a manifest.json that names documents and their right values.
    #[arg(long, required = true, num_args = 1..)]
    pub(crate) corpus: Vec<PathBuf>,
    /// Writes the weights into the source of recto-extract.
    #[arg(long)]
    pub(crate) write: bool,
    /// The program that reads the documents.
    #[arg(long, default_value = "target/release/recto")]
    pub(crate) recto: PathBuf,
}

/// A document with known values, and the template that asks for them.
pub(crate) struct Document {
    pub(crate) plan: Rc<FieldPlan>,
    pub(crate) pages: Vec<Page>,
    /// Documents of one group, such as those of an issuer, are alike.
    pub(crate) group: String,
    pub(crate) split: Split,
    values: Vec<(String, Compare, Value)>,
}

impl Document {
    /// A document whose fields have these values.
    pub(crate) fn of(
        plan: Rc<FieldPlan>,
        pages: Vec<Page>,
        group: String,
        split: Split,
        values: Vec<(String, Compare, Value)>,
    ) -> Self {
        Self { plan, pages, group, split, values }
    }

    /// Whether a value is that of a field; `None` if nobody knows.
    pub(crate) fn is_right(&self, field: &str, value: &Value) -> Option<bool> {
        let (_, compare, want) = self.values.iter().find(|(name, _, _)| name == field)?;
        Some(is_right(*compare, want, value))
    }
}

/// Reads the receipts of the corpora.
pub(crate) fn receipts(options: &Options) -> anyhow::Result<Vec<Document>> {
    let of = |folder: &'static str| move |path: &str| path.starts_with(folder);
    read_all(options, |root, entries, folder| {
        let mut documents = Vec::new();
        for entries in [meant(entries, of("accuracy/")), meant(entries, of("fields/world-receipts/"))] {
            documents.extend(read(root, &options.recto, folder, &entries, &asked(RECEIPT), None)?);
        }
        Ok(documents)
    })
}

/// Reads the invoices of the corpora, as they are and as scans, and the papers, each of which is asked for what is printed
/// on it.
pub(crate) fn papers(options: &Options) -> anyhow::Result<Vec<Document>> {
    read_all(options, |root, entries, folder| {
        let mut documents = Vec::new();
        let invoices = meant(entries, |path| path.starts_with("fields/") && !is_other(path));
        for dpi in [None, Some(SCAN_DPI)] {
            documents.extend(read(root, &options.recto, folder, &invoices, &asked(INVOICE), dpi)?);
        }
        for paper in meant(entries, |path| path.starts_with("fields/world/")) {
            let fields = asked_of_paper(&truth(root, paper)?);
            documents.extend(read(root, &options.recto, folder, &[paper], &fields, None)?);
        }
        Ok(documents)
    })
}

/// Reads documents of each corpus by a function of its folder, what it lists, and a folder for temporary files.
fn read_all(
    options: &Options,
    read: impl Fn(&Path, &[Entry], &Path) -> anyhow::Result<Vec<Document>>,
) -> anyhow::Result<Vec<Document>> {
    let recto = &options.recto;
    ensure!(recto.is_file(), "{} is missing: build it with `cargo build --release`", recto.display());
    let folder = tempfile::tempdir()?;
    let of = |root: &PathBuf| read(root, &entries(root)?, folder.path());
    Ok(options.corpus.iter().map(of).collect::<anyhow::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The documents with known values among those whose path is meant.
fn meant(entries: &[Entry], is_meant: impl Fn(&str) -> bool) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.has_values() && is_meant(&entry.path)).collect()
}

/// Whether documents have templates or names of their own.
fn is_other(path: &str) -> bool {
    ["fields/world/", "fields/world-receipts/", "fields/invoice2data/"].iter().any(|folder| path.starts_with(folder))
}

/// Reads some documents with a template of names and types, drawn to pictures first when `dpi` is given.
fn read(
    root: &Path,
    recto: &Path,
    folder: &Path,
    entries: &[&Entry],
    fields: &[Asked],
    dpi: Option<u32>,
) -> anyhow::Result<Vec<Document>> {
    if entries.is_empty() || fields.is_empty() {
        return Ok(Vec::new());
    }
    let template = names_only(folder, fields)?;
    let input = |(number, entry): (usize, &&Entry)| match dpi {
        Some(dpi) => rendered(&root.join(&entry.path), &folder.join(format!("scan-{number}")), dpi),
        None => Ok(root.join(&entry.path)),
    };
    let inputs: Vec<PathBuf> = entries.iter().enumerate().map(input).collect::<anyhow::Result<_>>()?;
    let exported = extracted(recto, &template, &inputs, folder)?;
    let plan = Rc::new(plan(serde_json::from_slice(&std::fs::read(&template)?)?)?);
    let documents = entries.iter().zip(exported).map(|(entry, document)| {
        let readable = document["pages"].as_array().into_iter().flatten().filter(|page| page["status"] == "read");
        let pages: Vec<Page> =
            readable.map(|page| Ok(serde_json::from_value(page.clone())?)).collect::<anyhow::Result<_>>()?;
        let truth: Map<String, Value> = truth(root, entry)?;
        let value = |field: &Asked| {
            let want = truth.get(&field.name).filter(|want| !want.is_null())?;
            Some((field.name.clone(), field.compare, want.clone()))
        };
        let group = entry.group.clone().unwrap_or_else(|| entry.path.clone());
        Ok(Document::of(Rc::clone(&plan), pages, group, entry.split, fields.iter().filter_map(value).collect()))
    });
    documents.collect()
}

/// The plan of a template of names and types.
pub(crate) fn plan(schema: Value) -> anyhow::Result<FieldPlan> {
    Ok(FieldPlan::parse(&TemplateContent {
        name: "training".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema: schema,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    })?)
}

/// The fold, of so many, of a group of documents.
pub(crate) fn fold(group: &str, folds: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    group.hash(&mut hasher);
    hasher.finish() as usize % folds
}
