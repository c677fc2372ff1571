//! Learns which of all values on a paper is that of a field: the trees of `recto-extract`'s ranking, from papers with
//! known values.

use std::path::Path;

use anyhow::{Context, ensure};
use forust_ml::{GradientBooster, Matrix};
use recto_extract::{RANKING_FILE, Ranked, ranking_features};
use serde_json::{Value, json};

use crate::corpus::Split;
use crate::made;
use crate::training::{Document, Options, fold, papers};

/// Each group of documents, such as those of an issuer, is judged by trees that were learned without it and others.
const FOLDS: usize = 5;
const TREES: usize = 200;
const LEARNING_RATE: f32 = 0.08;
const LEAVES: usize = 15;
const DEPTH: usize = 8;
/// The least sum of the second derivatives in a leaf: of values that are hardly ever right, many are needed.
const LEAF_WEIGHT: f32 = 4.0;
const REGULARISATION: f32 = 5.0;
/// The share of the features that a tree may ask for.
const FEATURES_OF_TREE: f64 = 0.3;
/// Values are given from this probability on. Those with at least the other are sure.
const GIVEN: f64 = 0.25;
const SURE: f64 = 0.9;

/// A field with all values that it may have, of which none, one or several are right.
struct Example {
    values: Vec<(Vec<f32>, bool)>,
    group: String,
    split: Split,
}

/// Reads the papers, learns from those of the split `learn` and from the made ones, and prints how many fields get their
/// value, on them by cross-validation and on those of the split `check`.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut examples = Vec::new();
    for document in papers(options)?.into_iter().chain(made::papers()?) {
        examples.extend(examples_of(&document));
    }
    let (learn, check): (Vec<Example>, Vec<Example>) =
        examples.into_iter().partition(|example| example.split == Split::Learn);
    ensure!(!learn.is_empty(), "the corpus has nothing to learn from");
    println!("{:>8} {:>7} {:>7} {:>7} {:>7} {:>12}", "", "fields", "given", "right", "F1", "right if sure");
    let on_learn = print("learn", &learn, &cross_validated(&learn)?);
    let model = fitted(&learn.iter().collect::<Vec<_>>())?;
    let on_check = print("check", &check, &likely(&model, &check.iter().collect::<Vec<_>>()));
    if options.write {
        let roots = options.corpus.iter().filter_map(|root| root.file_name()?.to_str());
        let file = json!({
            "date": jiff::Timestamp::now().strftime("%F").to_string(),
            "corpus": roots.chain(["bench/made"]).collect::<Vec<&str>>(),
            "fields": learn.len(),
            "values": learn.iter().map(|example| example.values.len()).sum::<usize>(),
            "F1": {"learn, cross-validated": on_learn, "check": on_check},
            "base": rounded(model.base_score),
            "features": ranking_features(),
            "trees": trees(&model)?,
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/recto-extract").join(RANKING_FILE);
        std::fs::write(&path, format!("{file}\n")).with_context(|| format!("{} cannot be written", path.display()))?;
        println!("written to {}", path.display());
    }
    Ok(())
}

fn examples_of(document: &Document) -> Vec<Example> {
    let pages = recto_extract::Document { pages: &document.pages, e_invoice: None };
    let fields = document.plan.rank(pages).into_iter();
    let example = |(name, ranked): (String, Vec<Ranked>)| {
        let value = |ranked: Ranked| Some((ranked.features, document.is_right(&name, &ranked.value)?));
        let values = ranked.into_iter().map(value).collect::<Option<Vec<(Vec<f32>, bool)>>>()?;
        Some(Example { values, group: document.group.clone(), split: document.split })
    };
    fields.filter_map(example).collect()
}

/// The features of all values, column by column.
fn columns(examples: &[&Example]) -> Vec<f64> {
    let rows: Vec<&Vec<f32>> = examples.iter().flat_map(|example| &example.values).map(|(row, _)| row).collect();
    (0..ranking_features().len()).flat_map(|at| rows.iter().map(move |row| f64::from(row[at]))).collect()
}

fn fitted(examples: &[&Example]) -> anyhow::Result<GradientBooster> {
    let values = examples.iter().flat_map(|example| &example.values);
    let right: Vec<f64> = values.map(|(_, is_right)| f64::from(u8::from(*is_right))).collect();
    let columns = columns(examples);
    let mut model = GradientBooster::default()
        .set_iterations(TREES)
        .set_learning_rate(LEARNING_RATE)
        .set_max_leaves(LEAVES)
        .set_max_depth(DEPTH)
        .set_min_leaf_weight(LEAF_WEIGHT)
        .set_l2(REGULARISATION)
        .set_colsample_bytree(FEATURES_OF_TREE)
        .set_initialize_base_score(true);
    model.fit_unweighted(&Matrix::new(&columns, right.len(), ranking_features().len()), &right, None)?;
    Ok(model)
}

/// How likely each value of each field is right.
fn likely(model: &GradientBooster, examples: &[&Example]) -> Vec<Vec<f64>> {
    let count = examples.iter().map(|example| example.values.len()).sum();
    let columns = columns(examples);
    let mut odds = model.predict(&Matrix::new(&columns, count, ranking_features().len()), true).into_iter();
    let probability = |odds: f64| 1.0 / (1.0 + (-odds).exp());
    examples.iter().map(|example| odds.by_ref().take(example.values.len()).map(probability).collect()).collect()
}

/// How likely each value is right by trees that were learned without its group.
fn cross_validated(examples: &[Example]) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut all = vec![Vec::new(); examples.len()];
    for left_out in 0..FOLDS {
        let (own, others): (Vec<usize>, Vec<usize>) =
            (0..examples.len()).partition(|at| fold(&examples[*at].group, FOLDS) == left_out);
        let of = |places: &[usize]| places.iter().map(|at| &examples[*at]).collect::<Vec<_>>();
        let model = fitted(&of(&others))?;
        for (at, likely) in own.iter().zip(likely(&model, &of(&own))) {
            all[*at] = likely;
        }
    }
    Ok(all)
}

/// Prints how many fields get a value, and how many of the values are right; the F1.
fn print(split: &str, examples: &[Example], likely: &[Vec<f64>]) -> f64 {
    let (mut given, mut right, mut sure, mut sure_and_right) = (0, 0, 0, 0);
    for (example, likely) in examples.iter().zip(likely) {
        let best = example.values.iter().zip(likely).max_by(|a, b| a.1.total_cmp(b.1));
        let Some(((_, is_right), probability)) = best.filter(|(_, probability)| **probability >= GIVEN) else {
            continue;
        };
        given += 1;
        right += usize::from(*is_right);
        sure += usize::from(*probability >= SURE);
        sure_and_right += usize::from(*probability >= SURE && *is_right);
    }
    let f1 = 2.0 * right as f64 / (examples.len() + given).max(1) as f64;
    let sure = format!("{sure_and_right} of {sure}");
    println!("{split:>8} {:>7} {given:>7} {right:>7} {f1:>7.3} {sure:>12}", examples.len());
    (1_000.0 * f1).round() / 1_000.0
}

/// The nodes of each tree: a leaf is its log odds; any other node is a feature, the value below which the first child
/// follows, and both children.
fn trees(model: &GradientBooster) -> anyhow::Result<Vec<Vec<Value>>> {
    let dump: Value = serde_json::from_str(&model.json_dump()?)?;
    let node = |node: &Value| {
        let number = |name: &str| node[name].as_f64().with_context(|| format!("a node has no {name}"));
        if node["is_leaf"] == true {
            return Ok(json!(rounded(number("weight_value")?)));
        }
        let split = rounded(number("split_value")?);
        Ok(json!([node["split_feature"], split, node["left_child"], node["right_child"]]))
    };
    let trees = dump["trees"].as_array().context("the model has no trees")?;
    let nodes = |tree: &Value| tree["nodes"].as_array().into_iter().flatten().map(node).collect();
    trees.iter().map(nodes).collect()
}

fn rounded(value: f64) -> f64 {
    (value * 100_000.0).round() / 100_000.0
}
