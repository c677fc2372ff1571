//! Learns how sure found values are: the weights of `recto-extract`'s model of confidence, from a corpus with the right
//! values.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use linfa::prelude::*;
use linfa_logistic::{FittedLogisticRegression, LogisticRegression};
use ndarray::{Array1, Array2};
use recto_domain::{ExtractionMode, Page, TemplateContent};
use recto_extract::{Document, FEATURES, FieldPlan, WEIGHTS_FILE};
use serde_json::{Map, Value, json};

use crate::corpus::Split;
use crate::fields::{
    Asked, Compare, Entry, INVOICE, RECEIPT, asked, asked_of_paper, entries, extracted, is_right, names_only, rendered,
    truth,
};

/// Each group of documents, such as those of an issuer, is judged by weights that were learned without it and others.
const FOLDS: usize = 10;
/// What keeps the weights small.
const REGULARISATION: f64 = 1.0;
const MAX_ITERATIONS: u64 = 1_000;
/// Values that are given with at least this confidence are sure.
const SURE: f64 = 0.9;
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

/// A value that was found.
struct Example {
    features: Vec<f32>,
    is_right: bool,
    group: String,
    split: Split,
}

/// Reads the documents, learns from those of the split `learn`, and prints how far what is said is true, on them by
/// cross-validation and on those of the split `check`.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let recto = &options.recto;
    ensure!(recto.is_file(), "{} is missing: build it with `cargo build --release`", recto.display());
    let folder = tempfile::tempdir()?;
    let mut examples = Vec::new();
    for root in &options.corpus {
        let entries = entries(root)?;
        let of = |is_meant: &dyn Fn(&str) -> bool| -> Vec<&Entry> {
            entries.iter().filter(|entry| entry.has_values() && is_meant(&entry.path)).collect()
        };
        let receipts = of(&|path| path.starts_with("accuracy/"));
        let invoices = of(&|path| path.starts_with("fields/") && !is_other(path));
        let world_receipts = of(&|path| path.starts_with("fields/world-receipts/"));
        for (entries, schema, dpi) in [
            (&receipts, RECEIPT, None),
            (&world_receipts, RECEIPT, None),
            (&invoices, INVOICE, None),
            (&invoices, INVOICE, Some(SCAN_DPI)),
        ] {
            examples.extend(found(root, recto, folder.path(), entries, &asked(schema), dpi)?);
        }
        // Each paper is asked for what is printed on it.
        for paper in of(&|path| path.starts_with("fields/world/")) {
            let fields = asked_of_paper(&truth(root, paper)?);
            examples.extend(found(root, recto, folder.path(), &[paper], &fields, None)?);
        }
    }
    let (learn, check): (Vec<Example>, Vec<Example>) =
        examples.into_iter().partition(|example| example.split == Split::Learn);
    ensure!(!learn.is_empty(), "the corpus has nothing to learn from");
    let crossed = cross_validated(&learn)?;
    println!("{:>12} {:>7} {:>7} {:>7}", "", "values", "said", "right");
    let on_learn = print("learn", &learn, &crossed);
    let model = fitted(&learn.iter().collect::<Vec<_>>())?;
    let checked: Vec<f64> = check.iter().map(|example| probability(&model, example)).collect();
    let on_check = print("check", &check, &checked);
    for (name, weight) in FEATURES.iter().zip(model.params()) {
        println!("{name:>16} {weight:>7.3}");
    }
    if options.write {
        let names: Vec<&str> = options.corpus.iter().filter_map(|root| root.file_name()?.to_str()).collect();
        let file = json!({
            "date": jiff::Timestamp::now().strftime("%F").to_string(),
            "corpus": names,
            "values": learn.len(),
            "right at 0.9 or more": {"learn, cross-validated": on_learn, "check": on_check},
            "intercept": rounded(model.intercept()),
            "weights": weights(&model),
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/recto-extract").join(WEIGHTS_FILE);
        std::fs::write(&path, format!("{file:#}\n"))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        println!("written to {}", path.display());
    }
    Ok(())
}

/// Whether documents have templates or names of their own.
fn is_other(path: &str) -> bool {
    ["fields/world/", "fields/world-receipts/", "fields/invoice2data/"].iter().any(|folder| path.starts_with(folder))
}

/// The values that templates of names and types find in some documents, drawn to pictures first when `dpi` is given.
fn found(
    root: &Path,
    recto: &Path,
    folder: &Path,
    entries: &[&Entry],
    fields: &[Asked],
    dpi: Option<u32>,
) -> anyhow::Result<Vec<Example>> {
    if entries.is_empty() || fields.is_empty() {
        return Ok(Vec::new());
    }
    let template = names_only(folder, fields)?;
    let input = |(number, entry): (usize, &&Entry)| match dpi {
        Some(dpi) => rendered(&root.join(&entry.path), &folder.join(format!("scan-{number}")), dpi),
        None => Ok(root.join(&entry.path)),
    };
    let inputs: Vec<PathBuf> = entries.iter().enumerate().map(input).collect::<anyhow::Result<_>>()?;
    let documents = extracted(recto, &template, &inputs, folder)?;
    let plan = FieldPlan::parse(&TemplateContent {
        name: "training".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema: serde_json::from_slice(&std::fs::read(&template)?)?,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    })?;
    let mut examples = Vec::new();
    for (entry, document) in entries.iter().zip(documents) {
        let readable = document["pages"].as_array().into_iter().flatten().filter(|page| page["status"] == "read");
        let pages: Vec<Page> =
            readable.map(|page| Ok(serde_json::from_value(page.clone())?)).collect::<anyhow::Result<_>>()?;
        let truth = truth(root, entry)?;
        for assessed in plan.assess(Document { pages: &pages, e_invoice: None }) {
            let Some(want) = truth.get(&assessed.name).filter(|want| !want.is_null()) else { continue };
            examples.push(Example {
                features: assessed.features,
                is_right: is_right(compare(fields, &assessed.name), want, &assessed.value),
                group: entry.group.clone().unwrap_or_else(|| entry.path.clone()),
                split: entry.split,
            });
        }
    }
    Ok(examples)
}

fn compare(fields: &[Asked], name: &str) -> Compare {
    fields.iter().find(|field| field.name == name).map_or(Compare::Text, |field| field.compare)
}

fn fitted(examples: &[&Example]) -> anyhow::Result<FittedLogisticRegression<f64, bool>> {
    let mut records = Array2::zeros((examples.len(), FEATURES.len()));
    for (mut row, example) in records.rows_mut().into_iter().zip(examples) {
        row.assign(&features(example));
    }
    let targets: Array1<bool> = examples.iter().map(|example| example.is_right).collect();
    let model = LogisticRegression::default().alpha(REGULARISATION).max_iterations(MAX_ITERATIONS);
    Ok(model.fit(&Dataset::new(records, targets))?)
}

fn features(example: &Example) -> Array1<f64> {
    example.features.iter().map(|value| f64::from(*value)).collect()
}

/// How likely the model finds a value right.
fn probability(model: &FittedLogisticRegression<f64, bool>, example: &Example) -> f64 {
    let odds = model.intercept() + model.params().dot(&features(example));
    let likely = 1.0 / (1.0 + (-odds).exp());
    // The library may have taken what is wrong for the positive class.
    if model.labels().pos.class { likely } else { 1.0 - likely }
}

/// The fold, of so many, of a group of documents.
pub(crate) fn fold(group: &str, folds: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    group.hash(&mut hasher);
    hasher.finish() as usize % folds
}

/// For each example the probability by weights that were learned without its group.
fn cross_validated(examples: &[Example]) -> anyhow::Result<Vec<f64>> {
    let models: Vec<_> = (0..FOLDS)
        .map(|left_out| {
            fitted(&examples.iter().filter(|example| fold(&example.group, FOLDS) != left_out).collect::<Vec<_>>())
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(examples.iter().map(|example| probability(&models[fold(&example.group, FOLDS)], example)).collect())
}

/// Prints how often values are right that are given with about the same confidence; the share of the sure ones.
fn print(name: &str, examples: &[Example], said: &[f64]) -> f64 {
    let within = |from: f64, to: f64| -> Vec<(f64, bool)> {
        let pairs = said.iter().zip(examples).filter(|(said, _)| (from..to).contains(*said));
        pairs.map(|(said, example)| (*said, example.is_right)).collect()
    };
    let right = |values: &[(f64, bool)]| values.iter().filter(|(_, is_right)| *is_right).count() as f64;
    for (from, to) in [(0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 1.01)] {
        let values = within(from, to);
        let count = values.len().max(1) as f64;
        let mean = values.iter().map(|(said, _)| said).sum::<f64>() / count;
        println!("{name:>6} {from:.2}+ {:>7} {mean:>7.3} {:>7.3}", values.len(), right(&values) / count);
    }
    let sure = within(SURE, 1.01);
    (1_000.0 * right(&sure) / sure.len().max(1) as f64).round() / 1_000.0
}

fn weights(model: &FittedLogisticRegression<f64, bool>) -> Map<String, Value> {
    let pairs = FEATURES.iter().zip(model.params());
    pairs.map(|(name, weight)| ((*name).to_owned(), json!(rounded(*weight)))).collect()
}

fn rounded(weight: f64) -> f64 {
    (weight * 10_000.0).round() / 10_000.0
}
