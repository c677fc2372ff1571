//! Learns how sure found values are: the weights of `recto-extract`'s model of confidence, from a corpus with the right
//! values.

use std::path::Path;

use anyhow::{Context, ensure};
use linfa::prelude::*;
use linfa_logistic::{FittedLogisticRegression, LogisticRegression};
use ndarray::{Array1, Array2};
use recto_extract::{Assessed, FEATURES, WEIGHTS_FILE};
use serde_json::{Map, Value, json};

use crate::corpus::Split;
use crate::training::{Document, Options, fold, papers, receipts};

/// Each group of documents, such as those of an issuer, is judged by weights that were learned without it and others.
const FOLDS: usize = 10;
/// What keeps the weights small.
const REGULARISATION: f64 = 1.0;
const MAX_ITERATIONS: u64 = 1_000;
/// Values that are given with at least this confidence are sure.
const SURE: f64 = 0.9;

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
    let documents = receipts(options)?.into_iter().chain(papers(options)?);
    let examples: Vec<Example> = documents.flat_map(|document| found(&document)).collect();
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

/// The values that are found in a document and known, as far as they are not ranked.
fn found(document: &Document) -> Vec<Example> {
    let pages = recto_extract::Document { pages: &document.pages, e_invoice: None };
    let assessed = document.plan.assess(pages).into_iter();
    let example = |assessed: Assessed| {
        let is_right = document.is_right(&assessed.name, &assessed.value)?;
        let features = assessed.features;
        Some(Example { features, is_right, group: document.group.clone(), split: document.split })
    };
    assessed.filter_map(example).collect()
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
