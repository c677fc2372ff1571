//! Precision, recall and F1 of the fields that templates find, on a corpus with the right values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::corpus::Split;
use crate::invoice2data;
use crate::issuers;
use crate::line_items;
use crate::score::likeness;

/// Names and addresses count as right from this likeness on: the annotators made slips too.
const ALIKE: f64 = 0.8;
/// Numbers of documents must be nearly exact.
const NEARLY_EXACT: f64 = 0.9;

/// How a value is compared.
#[derive(Clone, Copy)]
pub(crate) enum Compare {
    Text,
    Code,
    Date,
    Number,
}

/// Fields by the name that the corpus gives them, their type, their description, and how they are compared.
pub(crate) type Schema = &'static [(&'static str, &'static str, &'static str, Compare)];

/// A field that a template asks for.
pub(crate) struct Asked {
    pub(crate) name: String,
    kind: &'static str,
    description: String,
    pub(crate) compare: Compare,
}

/// The fields of a schema.
pub(crate) fn asked(schema: Schema) -> Vec<Asked> {
    let field = |(name, kind, description, compare): &(&'static str, &'static str, &'static str, Compare)| Asked {
        name: (*name).to_owned(),
        kind,
        description: (*description).to_owned(),
        compare: *compare,
    };
    schema.iter().map(field).collect()
}

/// The fields by which a person would ask for the right values of a paper, by their names and what they look like. What is
/// no single value that is printed, such as a list or the currency, is not asked for.
pub(crate) fn asked_of_paper(truth: &Map<String, Value>) -> Vec<Asked> {
    const NOT_PRINTED: [&str; 4] = ["currency", "payment", "sex", "gender"];
    const CODES: [&str; 9] = ["number", "iban", "_id", "code", "key", "bin", "pcn", "siret", "lot"];
    let field = |(name, value): (&String, &Value)| {
        let text = plain(value);
        let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        let is_day = matches!(text.split('-').collect::<Vec<_>>()[..], [y, m, d] if digits(y, 4) && digits(m, 2) && digits(d, 2));
        let is_amount = text
            .trim_start_matches('-')
            .split_once('.')
            .is_some_and(|(whole, cents)| digits(whole, whole.len()) && !whole.is_empty() && digits(cents, 2));
        let (kind, compare) = if is_day {
            ("date", Compare::Date)
        } else if is_amount {
            ("number", Compare::Number)
        } else if CODES.iter().any(|part| name.contains(part)) {
            ("string", Compare::Code)
        } else {
            ("string", Compare::Text)
        };
        Asked { name: name.clone(), kind, description: String::new(), compare }
    };
    let is_printed = |(name, value): &(&String, &Value)| {
        !value.is_array() && !value.is_object() && !value.is_null() && !NOT_PRINTED.contains(&name.as_str())
    };
    truth.iter().filter(is_printed).map(field).collect()
}

pub(crate) const RECEIPT: Schema = &[
    ("company", "string", "Name of the shop or company", Compare::Text),
    ("date", "date", "Date of the receipt", Compare::Date),
    ("address", "string", "Address of the shop", Compare::Text),
    ("total", "number", "Total amount paid", Compare::Number),
];

pub(crate) const INVOICE: Schema = &[
    ("invoice_number", "string", "invoice number", Compare::Code),
    ("date", "date", "date", Compare::Date),
    ("seller_name", "string", "seller name", Compare::Text),
    ("buyer_name", "string", "buyer name", Compare::Text),
    ("seller_vat_id", "string", "seller vat id", Compare::Code),
    ("total_gross", "number", "total gross", Compare::Number),
    ("total_net", "number", "total net", Compare::Number),
    ("total_tax", "number", "total tax", Compare::Number),
];

/// What invoice2data's own tests call the fields.
const PEERS_INVOICE: Schema = &[
    ("invoice_number", "string", "invoice number", Compare::Code),
    ("date", "date", "invoice date", Compare::Date),
    ("amount", "number", "total amount", Compare::Number),
    ("amount_untaxed", "number", "amount without tax", Compare::Number),
    ("issuer", "string", "company that issues the invoice", Compare::Text),
];

/// A document of the corpus.
#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) path: String,
    /// The file with its right values.
    fields: Option<String>,
    /// Documents of one issuer, or of one layout.
    pub(crate) group: Option<String>,
    /// The template of invoice2data for it.
    pub(crate) template: Option<String>,
    /// Which side of the corpus it is on.
    #[serde(default)]
    pub(crate) split: Split,
}

/// What a corpus lists.
pub(crate) fn entries(root: &Path) -> anyhow::Result<Vec<Entry>> {
    let manifest = std::fs::read_to_string(root.join("manifest.json")).context("name a corpus with --corpus")?;
    Ok(serde_json::from_str(&manifest)?)
}

impl Entry {
    /// Whether its right values are known.
    pub(crate) fn has_values(&self) -> bool {
        self.fields.is_some()
    }
}

/// How many values were wanted, found and right.
#[derive(Default)]
pub(crate) struct Tally {
    right: usize,
    found: usize,
    wanted: usize,
}

impl Tally {
    /// One value that was wanted.
    pub(crate) fn of(is_right: bool, got: &Value) -> Self {
        Self { right: usize::from(is_right), found: usize::from(!got.is_null()), wanted: 1 }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.right += other.right;
        self.found += other.found;
        self.wanted += other.wanted;
    }

    /// One value that was found and not wanted.
    pub(crate) fn unwanted() -> Self {
        Self { right: 0, found: 1, wanted: 0 }
    }

    fn line(&self) -> String {
        let precision = self.right as f64 / self.found.max(1) as f64;
        let recall = self.right as f64 / self.wanted.max(1) as f64;
        let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
        format!("{:>6} {precision:>9.3} {recall:>9.3} {f1:>9.3}", self.wanted)
    }
}

/// Reads the documents with templates and prints how many values are right; `peer` is the program invoice2data.
pub(crate) fn run(root: &Path, recto: &Path, peer: &Path) -> anyhow::Result<()> {
    ensure!(recto.is_file(), "{} is missing: build it with `cargo build --release`", recto.display());
    let entries = entries(root)?;
    let of = |folder: &str| -> Vec<&Entry> {
        entries.iter().filter(|e| e.has_values() && e.path.starts_with(folder)).collect()
    };
    let folder = tempfile::tempdir()?;
    println!("{:36} {:>6} {:>9} {:>9} {:>9}", "", "values", "precision", "recall", "F1");
    with_names(root, recto, folder.path(), "receipts, names and types only", &of("accuracy/sroie"), RECEIPT, None)?;
    let invoices = of("fields/zugferd");
    with_names(root, recto, folder.path(), "e-invoices as PDF", &invoices, INVOICE, None)?;
    with_names(root, recto, folder.path(), "e-invoices, scanned anew", &invoices, INVOICE, Some(200))?;
    line_items::run(root, recto, folder.path(), &invoices)?;
    let peers = of("fields/invoice2data");
    with_names(root, recto, folder.path(), "invoice2data's invoices, names only", &peers, PEERS_INVOICE, None)?;
    invoice2data::compare(root, recto, peer, folder.path(), &peers)?;
    issuers::run(root, recto, folder.path(), &entries)
}

/// A schema of names, types and descriptions for all documents; rendered to pictures first when `dpi` is given.
fn with_names(
    root: &Path,
    recto: &Path,
    folder: &Path,
    title: &str,
    entries: &[&Entry],
    schema: Schema,
    dpi: Option<u32>,
) -> anyhow::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let file = names_only(folder, &asked(schema))?;
    let inputs: Vec<PathBuf> = entries
        .iter()
        .enumerate()
        .map(|(n, entry)| match dpi {
            Some(dpi) => rendered(&root.join(&entry.path), &folder.join(format!("scan-{n}")), dpi),
            None => Ok(root.join(&entry.path)),
        })
        .collect::<anyhow::Result<_>>()?;
    let found = extracted(recto, &file, &inputs, folder)?;
    let mut by_field: BTreeMap<&str, Tally> = BTreeMap::new();
    let (mut sure, mut sure_and_right) = (0usize, 0usize);
    for (entry, document) in entries.iter().zip(&found) {
        let truth = truth(root, entry)?;
        for (name, _, _, compare) in schema {
            let Some(want) = truth.get(*name).filter(|want| !want.is_null()) else { continue };
            let got = &document["fields"][name];
            let tally = by_field.entry(name).or_default();
            let is_right = is_right(*compare, want, got);
            tally.add(&Tally::of(is_right, got));
            if document["fieldDetails"][name]["confidence"].as_f64().is_some_and(|confidence| confidence >= 0.9) {
                sure += 1;
                sure_and_right += usize::from(is_right);
            }
        }
    }
    print(title, &by_field);
    println!("  given at 0.9 or more: {sure}, of which {:.1} % are right", percent(sure_and_right, sure));
    Ok(())
}

/// A template of names, types and descriptions in a file.
pub(crate) fn names_only(folder: &Path, fields: &[Asked]) -> anyhow::Result<PathBuf> {
    let described = |field: &Asked| match field.description.as_str() {
        "" => json!({"type": field.kind}),
        description => json!({"type": field.kind, "description": description}),
    };
    let template: Map<String, Value> = fields.iter().map(|field| (field.name.clone(), described(field))).collect();
    let file = folder.join("schema.json");
    std::fs::write(&file, Value::Object(template).to_string())?;
    Ok(file)
}

/// Prints the tallies of a table, with all of them together first.
pub(crate) fn print(title: &str, rows: &BTreeMap<&str, Tally>) {
    let mut all = Tally::default();
    for tally in rows.values() {
        all.add(tally);
    }
    println!("{title:36} {}", all.line());
    for (name, tally) in rows {
        println!("  {name:34} {}", tally.line());
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// The right values of a document.
pub(crate) fn truth(root: &Path, entry: &Entry) -> anyhow::Result<Map<String, Value>> {
    let path = root.join(entry.fields.as_deref().unwrap_or_default());
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is odd", path.display()))
}

/// The first page of a PDF as a picture without any text.
pub(crate) fn rendered(pdf: &Path, out: &Path, dpi: u32) -> anyhow::Result<PathBuf> {
    let status = Command::new("pdftoppm")
        .args(["-r", &dpi.to_string(), "-gray", "-png", "-l", "1", "-singlefile"])
        .args([pdf, out])
        .status()
        .context("pdftoppm is missing: ./bootstrap.sh --bench installs it")?;
    ensure!(status.success(), "pdftoppm cannot render {}", pdf.display());
    Ok(out.with_extension("png"))
}

/// The exported documents of some files, read with a template, in the order of the files; null for one that failed.
pub(crate) fn extracted(
    recto: &Path,
    template: &Path,
    inputs: &[PathBuf],
    folder: &Path,
) -> anyhow::Result<Vec<Value>> {
    let out = folder.join("out.json");
    let output = Command::new(recto)
        .arg("run")
        .args(inputs)
        .arg("--template")
        .arg(template)
        .args(["--format", "json", "-o"])
        .arg(&out)
        .output()
        .context("recto cannot be started")?;
    if !output.status.success() {
        bail!("recto run: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut export: Value = serde_json::from_slice(&std::fs::read(&out)?)?;
    std::fs::remove_file(&out)?;
    let Value::Array(documents) = export["documents"].take() else { bail!("the export has no documents") };
    let name = |path: &PathBuf| path.to_string_lossy().into_owned();
    let of = |path: &PathBuf| documents.iter().find(|document| document["fileName"] == name(path).as_str());
    Ok(inputs.iter().map(|path| of(path).cloned().unwrap_or_default()).collect())
}

pub(crate) fn is_right(compare: Compare, want: &Value, got: &Value) -> bool {
    if got.is_null() {
        return false;
    }
    let (want, got) = (plain(want), plain(got));
    match compare {
        Compare::Text => likeness(&want, &got) >= ALIKE,
        Compare::Code => likeness(&want, &got) >= NEARLY_EXACT,
        Compare::Number => number(&want).is_some_and(|want| number(&got).is_some_and(|got| (want - got).abs() < 0.005)),
        Compare::Date => days(&want).contains(&got),
    }
}

/// Whether a value is what the peer gives or its tests expect: numbers by their value, texts to the letter, also within lists.
pub(crate) fn same(want: &Value, got: &Value) -> bool {
    match (want, got) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        // A column that the row has not got may be there as null.
        (Value::Object(a), Value::Object(b)) => a.iter().all(|(key, value)| b.get(key).is_some_and(|b| same(value, b))),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::Number(_)) => number(a) == number(&plain(got)),
        _ => want == got,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn number(text: &str) -> Option<f64> {
    let figures: String = text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-')).collect();
    figures.parse().ok()
}

/// The days, as ISO dates, that a date of the corpus may mean: it prints them in many ways, with the day before the
/// month.
fn days(text: &str) -> Vec<String> {
    let formats = [
        "%Y-%m-%d",
        "%d/%m/%Y",
        "%d-%m-%Y",
        "%d.%m.%Y",
        "%d/%m/%y",
        "%d-%m-%y",
        "%Y/%m/%d",
        "%d %b %Y",
        "%d %b %y",
        "%d-%b-%Y",
        "%d-%b-%y",
        "%b %d, %Y",
        "%d %B %Y",
        "%Y%m%d",
    ];
    let read = |format: &&str| jiff::civil::Date::strptime(format, text.trim()).ok().map(|day| day.to_string());
    formats.iter().filter_map(read).collect()
}
