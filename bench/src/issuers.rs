//! What templates find in the documents of one issuer: with names and types only, with rules that a person wrote for
//! the issuer, and with what two of its documents taught, tried on the others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use crate::fields::{
    Entry, INVOICE, RECEIPT, Schema, Tally, asked, extracted, is_right, names_only, print, rendered, truth,
};

/// How many documents teach.
const TEACHERS: usize = 2;
/// The rules that were written by hand, a file for each issuer, called as its group.
const BY_HAND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/issuers");

/// In what form the documents are read.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    AsTheyAre,
    /// Printed to a PDF anew: text, and no invoice as data.
    Printed,
    /// A picture of the first page, of so many dots an inch.
    Scanned(u32),
}

impl Form {
    /// A document in this form; what is made for it is called `out` and its kind.
    pub(crate) fn of(self, file: &Path, out: &Path) -> anyhow::Result<PathBuf> {
        match self {
            Self::AsTheyAre => Ok(file.to_owned()),
            Self::Printed => printed(file, &out.with_extension("pdf")),
            Self::Scanned(dpi) => rendered(file, out, dpi),
        }
    }
}

/// Documents of one issuer: each with its right values.
struct Issuer {
    name: String,
    documents: Vec<(PathBuf, Map<String, Value>)>,
}

/// Prints the three for each kind of document.
pub(crate) fn run(root: &Path, recto: &Path, folder: &Path, entries: &[Entry]) -> anyhow::Result<()> {
    println!("\nissuers of whom there are three documents or more: the same documents with each kind of template");
    for (title, path, schema, form) in [
        ("receipts", "accuracy/sroie", RECEIPT, Form::AsTheyAre),
        ("invoices with a text layer", "fields/zugferd", INVOICE, Form::Printed),
        ("scanned invoices", "fields/zugferd", INVOICE, Form::Scanned(200)),
    ] {
        let issuers = issuers(root, folder, entries, path, form)?;
        if !issuers.is_empty() {
            compare(recto, folder, title, &issuers, schema)?;
        }
    }
    Ok(())
}

fn compare(recto: &Path, folder: &Path, title: &str, issuers: &[Issuer], schema: Schema) -> anyhow::Result<()> {
    let names = names_only(folder, &asked(schema))?;
    let (mut plain, mut by_hand, mut taught) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for issuer in issuers {
        let all: Vec<usize> = (0..issuer.documents.len()).collect();
        count(recto, folder, issuer, &all, &names, schema, &mut plain)?;
        let written = Path::new(BY_HAND).join(format!("{}.yaml", issuer.name.to_lowercase().replace(' ', "-")));
        if written.is_file() {
            count(recto, folder, issuer, &all, &written, schema, &mut by_hand)?;
        }
        for first in &all {
            let teachers: Vec<usize> = (0..TEACHERS).map(|n| (first + n) % all.len()).collect();
            let others: Vec<usize> = all.iter().copied().filter(|index| !teachers.contains(index)).collect();
            let template = learned(recto, folder, issuer, &teachers, &names, schema)?;
            count(recto, folder, issuer, &others, &template, schema, &mut taught)?;
        }
    }
    print(&format!("{title}, names and types only"), &plain);
    print(&format!("{title}, rules by hand"), &by_hand);
    print(&format!("{title}, learned from two"), &taught);
    Ok(())
}

/// Adds what a template finds in some of an issuer's documents.
fn count(
    recto: &Path,
    folder: &Path,
    issuer: &Issuer,
    documents: &[usize],
    template: &Path,
    schema: Schema,
    tallies: &mut BTreeMap<&str, Tally>,
) -> anyhow::Result<()> {
    let inputs: Vec<PathBuf> = documents.iter().map(|index| issuer.documents[*index].0.clone()).collect();
    let found = extracted(recto, template, &inputs, folder)?;
    for (index, document) in documents.iter().zip(&found) {
        let truth = &issuer.documents[*index].1;
        for (name, _, _, compare) in schema {
            let Some(want) = truth.get(*name).filter(|want| !want.is_null()) else { continue };
            let got = &document["fields"][name];
            tallies.entry(name).or_default().add(&Tally::of(is_right(*compare, want, got), got));
        }
    }
    Ok(())
}

/// The template that some documents of an issuer teach.
fn learned(
    recto: &Path,
    folder: &Path,
    issuer: &Issuer,
    teachers: &[usize],
    template: &Path,
    schema: Schema,
) -> anyhow::Result<PathBuf> {
    let out = folder.join("learned.json");
    let mut command = Command::new(recto);
    command.args(["template", "learn", "--template"]).arg(template).arg("-o").arg(&out);
    for index in teachers {
        let (document, truth) = &issuer.documents[*index];
        let is_asked = |name: &String| schema.iter().any(|(asked, ..)| asked == name);
        let known: Map<String, Value> = truth
            .iter()
            .filter(|(name, _)| is_asked(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let values = folder.join(format!("values-{index}.json"));
        std::fs::write(&values, Value::Object(known).to_string())?;
        command.arg("--example").arg(format!("{}={}", document.display(), values.display()));
    }
    let output = command.output().context("recto cannot be started")?;
    ensure!(output.status.success(), "recto template learn: {}", String::from_utf8_lossy(&output.stderr));
    Ok(out)
}

fn issuers(root: &Path, folder: &Path, entries: &[Entry], path: &str, form: Form) -> anyhow::Result<Vec<Issuer>> {
    let mut groups: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.has_values() && entry.path.starts_with(path)) {
        if let Some(group) = &entry.group {
            groups.entry(group).or_default().push(entry);
        }
    }
    groups.retain(|_, entries| entries.len() > TEACHERS);
    let mut issuers = Vec::new();
    for (name, entries) in groups {
        let documents = entries.iter().enumerate().map(|(n, entry)| {
            let (file, name) = (root.join(&entry.path), name.replace(' ', "-"));
            Ok((form.of(&file, &folder.join(format!("{name}-{n}")))?, truth(root, entry)?))
        });
        issuers.push(Issuer { name: name.to_owned(), documents: documents.collect::<anyhow::Result<_>>()? });
    }
    Ok(issuers)
}

/// A PDF without anything but its pages.
fn printed(pdf: &Path, out: &Path) -> anyhow::Result<PathBuf> {
    let status = Command::new("pdftocairo")
        .arg("-pdf")
        .args([pdf, out])
        .status()
        .context("pdftocairo is missing: ./bootstrap.sh --bench installs it")?;
    ensure!(status.success(), "pdftocairo cannot print {}", pdf.display());
    Ok(out.to_owned())
}
