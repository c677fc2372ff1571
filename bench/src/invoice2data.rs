//! invoice2data beside Recto: both read that program's own test invoices with its own templates in the same run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use crate::fields::{Entry, Tally, extracted, print, same, truth};

/// What the program makes itself: a text of the issuer's name, and the name of the file it read the values by.
const MADE: [&str; 2] = ["desc", "template_name"];

/// What the two found in an invoice, and what the peer's tests expect.
struct Invoice<'a> {
    name: &'a str,
    expected: Map<String, Value>,
    recto: Map<String, Value>,
    /// `None` where the program is not installed.
    peer: Option<Map<String, Value>>,
}

/// Prints for both how many of the values they get that the peer's tests expect, and how many of the peer's values
/// Recto gives equally.
pub(crate) fn compare(
    root: &Path,
    recto: &Path,
    program: &Path,
    folder: &Path,
    entries: &[&Entry],
) -> anyhow::Result<()> {
    let is_installed = program.is_file();
    let mut invoices = Vec::new();
    for entry in entries {
        let Some(template) = entry.template.as_ref().map(|template| root.join(template)) else { continue };
        let document = root.join(&entry.path);
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let found = extracted(recto, &template, std::slice::from_ref(&document), folder)?;
        let fields = found.first().and_then(|found| found["fields"].as_object());
        let peer = is_installed.then(|| peers_values(program, &template, &document, folder)).transpose()?;
        invoices.push(Invoice {
            name,
            expected: without_made(truth(root, entry)?),
            recto: fields.cloned().unwrap_or_default(),
            peer,
        });
    }
    table("invoice2data's invoices, its templates", &invoices, |invoice| Some((&invoice.expected, &invoice.recto)));
    if is_installed {
        table("invoice2data itself", &invoices, |invoice| Some((&invoice.expected, invoice.peer.as_ref()?)));
        table("Recto, of what invoice2data gives", &invoices, |invoice| Some((invoice.peer.as_ref()?, &invoice.recto)));
    } else {
        println!("invoice2data is not beside it: {} is missing; ./bootstrap.sh --bench installs it", program.display());
    }
    Ok(())
}

/// Prints how many of the wanted values each invoice has, which `pick` gives with the values that were found.
fn table<'a>(
    title: &str,
    invoices: &'a [Invoice],
    pick: impl Fn(&'a Invoice) -> Option<(&'a Map<String, Value>, &'a Map<String, Value>)>,
) {
    let mut by_file: BTreeMap<&str, Tally> = BTreeMap::new();
    for invoice in invoices {
        let Some((wanted, found)) = pick(invoice) else { continue };
        let tally = by_file.entry(invoice.name).or_default();
        for (name, want) in wanted.iter().filter(|(_, want)| !want.is_null()) {
            let got = found.get(name).unwrap_or(&Value::Null);
            tally.add(&Tally::of(same(want, got), got));
        }
    }
    print(title, &by_file);
}

/// What the program finds in a document with one template and none of those it brings along.
fn peers_values(program: &Path, template: &Path, document: &Path, folder: &Path) -> anyhow::Result<Map<String, Value>> {
    let templates = folder.join("invoice2data-template");
    std::fs::create_dir_all(&templates)?;
    let copy = templates.join(template.file_name().context("a template is a file")?);
    std::fs::copy(template, &copy)?;
    let out: PathBuf = folder.join("invoice2data.json");
    let output = Command::new(program)
        .args(["--input-reader", "pdftotext", "--exclude-built-in-templates", "--output-format", "json"])
        .arg("--template-folder")
        .arg(&templates)
        .arg("--output-name")
        .arg(&out)
        .arg(document)
        .output()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    std::fs::remove_file(&copy)?;
    ensure!(output.status.success(), "invoice2data: {}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read(&out).context("invoice2data wrote nothing")?;
    std::fs::remove_file(&out)?;
    // A list with an object for each document; none when no template fits.
    let documents: Vec<Map<String, Value>> = serde_json::from_slice(&text).context("invoice2data's output is odd")?;
    Ok(without_made(documents.into_iter().next().unwrap_or_default()))
}

fn without_made(values: Map<String, Value>) -> Map<String, Value> {
    values.into_iter().filter(|(name, _)| !MADE.contains(&name.as_str())).collect()
}
