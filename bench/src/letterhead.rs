//! Learns which lines of a receipt's head name the shop and say where it stands: the weights of `recto-extract`'s model of
//! letterheads, from receipts whose shops are known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use linfa::prelude::*;
use linfa_logistic::{MultiFittedLogisticRegression, MultiLogisticRegression};
use ndarray::{Array1, Array2};
use rapidfuzz::distance::levenshtein;
use recto_domain::{Block, BlockKind, Line, Page, Rect, Rotation, Size, Word};
use recto_extract::{LETTERHEAD_FILE, LINE_PARTS, LetterheadLine, letterhead};
use serde_json::{Value, json};

use crate::corpus::Split;
use crate::fields::{Entry, RECEIPT, asked, entries, extracted, names_only, truth};
use crate::made;
use crate::papers::{Dice, misread};
use crate::training::{Options, fold};

/// Each group of documents, such as those of a shop, is judged by weights that were learned without it and others.
const FOLDS: usize = 5;
/// What keeps the weights small: the best of four on the split `learn`, by cross-validation.
const REGULARISATION: f64 = 3.0;
const MAX_ITERATIONS: u64 = 1_000;
/// A feature that fewer lines have teaches nothing.
const FEWEST_LINES: usize = 10;
/// A line is a part of what the truth says when it is so like a part of that.
const ALIKE: f64 = 0.8;
/// How many of a hundred words of a transcript are learned from with an error of recognition: as many as on scanned receipts.
const MISREAD: usize = 6;
/// Shorter texts stand everywhere.
const SHORTEST: usize = 4;

/// A line, and what it is a part of: an index of `LINE_PARTS`.
struct Example {
    line: LetterheadLine,
    part: usize,
    group: String,
    split: Split,
}

/// Reads the receipts, learns from those of the split `learn`, and prints how many lines are told right, on them by
/// cross-validation and on those of the split `check`.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let recto = &options.recto;
    ensure!(recto.is_file(), "{} is missing: build it with `cargo build --release`", recto.display());
    let folder = tempfile::tempdir()?;
    let mut examples = Vec::new();
    for root in &options.corpus {
        let entries = entries(root)?;
        let receipts = ["accuracy/", "fields/world-receipts/", "text/"];
        let is_receipt = |entry: &&Entry| receipts.iter().any(|start| entry.path.starts_with(start));
        let receipts: Vec<&Entry> = entries.iter().filter(|entry| entry.has_values()).filter(is_receipt).collect();
        for (entry, pages) in receipts.iter().zip(pages_of(root, recto, folder.path(), &receipts)?) {
            examples.extend(lines_of(root, entry, &pages)?);
        }
    }
    for shop in made::heads()?.into_iter().chain(made::receipts()?) {
        examples.extend(examples_of(&shop.name, &shop.address, &shop.id, Split::Learn, &[shop.page]));
    }
    let (learn, check): (Vec<Example>, Vec<Example>) =
        examples.into_iter().partition(|example| example.split == Split::Learn);
    ensure!(!learn.is_empty(), "the corpus has nothing to learn from");
    println!("{:>8} {:>8} {:>7} {:>7} {:>7}", "", "part", "lines", "found", "right");
    let on_learn = print("learn", &learn, &cross_validated(&learn)?);
    let names = names(&learn);
    let model = fitted(&names, &learn.iter().collect::<Vec<_>>())?;
    let on_check = print("check", &check, &told(&names, &model, &check.iter().collect::<Vec<_>>())?);
    if options.write {
        let roots = options.corpus.iter().filter_map(|root| root.file_name()?.to_str());
        let corpora: Vec<&str> = roots.chain(["bench/made"]).collect();
        let file = json!({
            "date": jiff::Timestamp::now().strftime("%F").to_string(),
            "corpus": corpora,
            "lines": learn.len(),
            "F1 of lines": {"learn, cross-validated": on_learn, "check": on_check},
            "parts": LINE_PARTS,
            "intercept": in_order(&model, model.intercept())?,
            "weights": weights(&names, &model)?,
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/recto-extract").join(LETTERHEAD_FILE);
        std::fs::write(&path, format!("{file:#}\n"))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        println!("written to {}", path.display());
    }
    Ok(())
}

/// The pages of some receipts: pictures are read, transcripts are set as they stand.
fn pages_of(root: &Path, recto: &Path, folder: &Path, entries: &[&Entry]) -> anyhow::Result<Vec<Vec<Page>>> {
    let is_transcript = |entry: &Entry| entry.path.starts_with("text/");
    let pictures: Vec<PathBuf> =
        entries.iter().filter(|entry| !is_transcript(entry)).map(|entry| root.join(&entry.path)).collect();
    let read = if pictures.is_empty() {
        Vec::new()
    } else {
        extracted(recto, &names_only(folder, &asked(RECEIPT))?, &pictures, folder)?
    };
    let mut read = read.into_iter();
    let pages = entries.iter().map(|entry| {
        if is_transcript(entry) {
            let misread = if entry.split == Split::Learn { MISREAD } else { 0 };
            return Ok(vec![transcript(&root.join(&entry.path), misread)?]);
        }
        let document = read.next().unwrap_or_default();
        let pages = document["pages"].as_array().into_iter().flatten().filter(|page| page["status"] == "read");
        pages.map(|page| Ok(serde_json::from_value(page.clone())?)).collect()
    });
    pages.collect()
}

/// The page of a transcript, a line of which is four corners in pixels and the text between them; `misread` of a hundred
/// words get an error, the same ones each time.
fn transcript(path: &Path, misread: usize) -> anyhow::Result<Page> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} is missing", path.display()))?;
    let mut dice = Dice::of(0, text.len() as u64);
    let mut lines = Vec::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.splitn(9, ',').collect();
        // The corners go round from the top left one.
        let [left, top, _, _, right, bottom, _, _, text] = parts.as_slice() else {
            bail!("{} has a line of no place", path.display())
        };
        let number = |text: &str| text.trim().parse::<f32>().with_context(|| format!("{text} is no place"));
        let (left, top) = (number(left)?, number(top)?);
        let bbox = Rect { x: left, y: top, width: number(right)? - left, height: number(bottom)? - top };
        lines.extend(Line::of(0.0, misread::misread(&mut dice, words(text, bbox), misread)));
    }
    let all = Rect::around(lines.iter().map(|line| line.bbox)).unwrap_or_default();
    // As much paper on the right as on the left.
    let size = Size { width: all.right() + all.x, height: all.bottom() + all.y };
    let blocks = lines.into_iter().filter_map(|line| Block::of(BlockKind::default(), vec![line])).collect();
    Ok(Page::read(1, size, Rotation::None, None, None, blocks))
}

/// The words of a line, each as wide as its share of the letters.
fn words(text: &str, line: Rect) -> Vec<Word> {
    let step = line.width / text.chars().count().max(1) as f32;
    let mut words = Vec::new();
    let mut at = 0;
    for part in text.split(' ') {
        let length = part.chars().count();
        if length > 0 {
            let bbox = Rect { x: line.x + at as f32 * step, width: length as f32 * step, ..line };
            words.push(Word { text: part.to_owned(), bbox, confidence: 1.0 });
        }
        at += length + 1;
    }
    words
}

/// The lines of a receipt's head, with what the truth says that they are.
fn lines_of(root: &Path, entry: &Entry, pages: &[Page]) -> anyhow::Result<Vec<Example>> {
    let truth = truth(root, entry)?;
    let said = |name: &str| truth.get(name).and_then(Value::as_str).unwrap_or_default();
    let group = entry.group.as_ref().unwrap_or(&entry.path);
    Ok(examples_of(said("company"), said("address"), group, entry.split, pages))
}

/// The lines of a head, with what they are if the name and the address are these.
fn examples_of(name: &str, address: &str, group: &str, split: Split, pages: &[Page]) -> Vec<Example> {
    let (name, address) = (letters(name), letters(address));
    if name.is_empty() && address.is_empty() {
        return Vec::new();
    }
    let example = |line: LetterheadLine| {
        let text = letters(&line.text);
        let part = match (likeness(&text, &name), likeness(&text, &address)) {
            (of_name, of_address) if of_name >= ALIKE && of_name >= of_address => "name",
            (_, of_address) if of_address >= ALIKE => "address",
            _ => "other",
        };
        let part = LINE_PARTS.iter().position(|name| *name == part).unwrap_or_default();
        Example { line, part, group: group.to_owned(), split }
    };
    letterhead(pages).into_iter().map(example).collect()
}

fn letters(text: &str) -> Vec<char> {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// How like the shorter of two texts is to the part of the longer one that is most like it, from 0 to 1.
fn likeness(a: &[char], b: &[char]) -> f64 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let is_short = short.len() < SHORTEST && short != long;
    // A line with much more on it than the truth is no part of that.
    let is_beside = short == b && 5 * b.len() < 2 * a.len();
    if short.is_empty() || is_short || is_beside {
        return 0.0;
    }
    let text = |part: &[char]| part.iter().collect::<String>();
    let short = text(short);
    let parts = long.windows(short.chars().count()).map(text);
    parts.map(|part| levenshtein::normalized_similarity(short.chars(), part.chars())).fold(0.0, f64::max)
}

/// The features that enough lines have, in their order.
fn names(examples: &[Example]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in examples.iter().flat_map(|example| &example.line.features) {
        *counts.entry(name).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count >= FEWEST_LINES).map(|(name, _)| name.to_owned()).collect()
}

fn records(names: &[String], examples: &[&Example]) -> Array2<f64> {
    let mut records = Array2::zeros((examples.len(), names.len()));
    for (row, example) in examples.iter().enumerate() {
        let own: BTreeSet<&str> = example.line.features.iter().map(String::as_str).collect();
        for column in own.iter().filter_map(|own| names.binary_search_by(|name| name.as_str().cmp(own)).ok()) {
            records[[row, column]] = 1.0;
        }
    }
    records
}

type Model = MultiFittedLogisticRegression<f64, usize>;

fn fitted(names: &[String], examples: &[&Example]) -> anyhow::Result<Model> {
    let targets: Array1<usize> = examples.iter().map(|example| example.part).collect();
    let model = MultiLogisticRegression::default().alpha(REGULARISATION).max_iterations(MAX_ITERATIONS);
    Ok(model.fit(&Dataset::new(records(names, examples), targets))?)
}

/// What the model takes each line for, as an index of `LINE_PARTS`.
fn told(names: &[String], model: &Model, examples: &[&Example]) -> anyhow::Result<Vec<usize>> {
    let likely = model.predict_probabilities(&records(names, examples));
    let best = |row: ndarray::ArrayView1<f64>| {
        let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        model.classes().get(best.0).copied()
    };
    likely.rows().into_iter().map(|row| best(row).context("the model knows no part")).collect()
}

/// What each line is taken for by weights that were learned without its group.
fn cross_validated(examples: &[Example]) -> anyhow::Result<Vec<usize>> {
    let names = names(examples);
    let mut all = vec![0; examples.len()];
    for left_out in 0..FOLDS {
        let (own, others): (Vec<usize>, Vec<usize>) =
            (0..examples.len()).partition(|at| fold(&examples[*at].group, FOLDS) == left_out);
        let of = |places: &[usize]| places.iter().map(|at| &examples[*at]).collect::<Vec<_>>();
        let model = fitted(&names, &of(&others))?;
        for (at, part) in own.iter().zip(told(&names, &model, &of(&own))?) {
            all[*at] = part;
        }
    }
    Ok(all)
}

/// Prints how many lines of each part are found, and how many of the found ones are right; the F1 of names and addresses.
fn print(split: &str, examples: &[Example], told: &[usize]) -> f64 {
    let (mut lines, mut found, mut right) = (0, 0, 0);
    for (part, name) in LINE_PARTS.iter().enumerate().filter(|(_, name)| **name != "other") {
        let count = |is: &dyn Fn(usize, usize) -> bool| {
            examples.iter().zip(told).filter(|(example, told)| is(example.part, **told)).count()
        };
        let own =
            [count(&|is, _| is == part), count(&|_, told| told == part), count(&|is, told| is == part && told == part)];
        println!("{split:>8} {name:>8} {:>7} {:>7} {:>7}", own[0], own[1], own[2]);
        (lines, found, right) = (lines + own[0], found + own[1], right + own[2]);
    }
    (2_000.0 * f64::from(right as u32) / f64::from((lines + found).max(1) as u32)).round() / 1_000.0
}

/// Values by class in the order of `LINE_PARTS`.
fn in_order(model: &Model, values: &Array1<f64>) -> anyhow::Result<Vec<f64>> {
    let of = |part: usize| model.classes().iter().position(|class| *class == part).map(|at| values[at]);
    let of = |part: usize| of(part).with_context(|| format!("no line is a part of the {}", LINE_PARTS[part]));
    (0..LINE_PARTS.len()).map(|part| Ok((of(part)? * 1_000.0).round() / 1_000.0)).collect()
}

fn weights(names: &[String], model: &Model) -> anyhow::Result<BTreeMap<String, Vec<f64>>> {
    let of = |(row, name): (usize, &String)| Ok((name.clone(), in_order(model, &model.params().row(row).to_owned())?));
    names.iter().enumerate().map(of).collect()
}
