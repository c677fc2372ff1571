//! How many rows of line items templates find in the print of e-invoices, whose data says which are right.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::fields::{Compare, Entry, Tally, extracted, is_right, print};
use crate::issuers::Form;
use crate::score::likeness;

/// The columns that are asked for, and how they are compared.
const COLUMNS: [(&str, Compare); 4] = [
    ("description", Compare::Text),
    ("quantity", Compare::Number),
    ("unitPrice", Compare::Number),
    ("amount", Compare::Number),
];
/// A name counts as right from this likeness on.
const ALIKE: f64 = 0.8;

/// Reads the data of e-invoices, and then their print as a text layer and as scans, and prints how much of the former
/// is in the latter.
pub(crate) fn run(root: &Path, recto: &Path, folder: &Path, entries: &[&Entry]) -> anyhow::Result<()> {
    let columns: serde_json::Map<String, Value> = COLUMNS
        .iter()
        .map(|(name, compare)| {
            let kind = if matches!(compare, Compare::Number) { "number" } else { "string" };
            ((*name).to_owned(), json!({"type": kind}))
        })
        .collect();
    let template = folder.join("items.json");
    let schema = json!({"items": {"type": "array", "items": {"type": "object", "properties": columns}}});
    std::fs::write(&template, schema.to_string())?;
    let files: Vec<PathBuf> = entries.iter().map(|entry| root.join(&entry.path)).collect();
    let data = extracted(recto, &template, &files, folder)?;
    // Invoices without lines of data, as those of the profile MINIMUM, have no truth.
    let known: Vec<(&PathBuf, &Vec<Value>)> =
        files.iter().zip(&data).filter_map(|(file, document)| Some((file, embedded(document)?))).collect();
    for (title, form) in [("line items, text layer", Form::Printed), ("line items, scanned anew", Form::Scanned(200))] {
        let inputs = known.iter().enumerate().map(|(n, (file, _))| form.of(file, &folder.join(format!("items-{n}"))));
        let inputs: Vec<PathBuf> = inputs.collect::<anyhow::Result<_>>()?;
        let found = extracted(recto, &template, &inputs, folder)?;
        let mut tallies = BTreeMap::new();
        let (mut sure, mut sure_and_whole) = (0, 0);
        for ((_, wanted), document) in known.iter().zip(&found) {
            let none = Vec::new();
            let rows = document["fields"]["items"].as_array().unwrap_or(&none);
            let is_whole = count(wanted, rows, &mut tallies);
            if document["fieldDetails"]["items"]["confidence"].as_f64().is_some_and(|confidence| confidence >= 0.9) {
                sure += 1;
                sure_and_whole += usize::from(is_whole);
            }
        }
        print(title, &tallies);
        println!("  tables given at 0.9 or more: {sure} of {}, of which {sure_and_whole} are right", known.len());
    }
    Ok(())
}

/// The line items that a document carries as data.
fn embedded(document: &Value) -> Option<&Vec<Value>> {
    let is_embedded = document["fieldDetails"]["items"]["source"] == "embedded";
    document["fields"]["items"].as_array().filter(|_| is_embedded)
}

/// Counts the rows and cells of a table that are right; whether all are.
fn count(wanted: &[Value], found: &[Value], tallies: &mut BTreeMap<&str, Tally>) -> bool {
    let mut left: Vec<&Value> = found.iter().collect();
    let mut right = 0;
    for want in wanted {
        // Each row is compared with the one that is most like it.
        let best = (0..left.len()).max_by_key(|at| (cells_right(want, left[*at]), std::cmp::Reverse(*at)));
        let got = best.filter(|at| cells_right(want, left[*at]) > 0).map(|at| left.remove(at));
        for (name, compare) in COLUMNS.iter().filter(|(name, _)| !want[name].is_null()) {
            let got = got.map_or(&Value::Null, |got| &got[name]);
            tallies.entry(name).or_default().add(&Tally::of(is_cell_right(*compare, &want[name], got), got));
        }
        let is_right = got.is_some_and(|got| {
            let mut numbers = COLUMNS.iter().filter(|(name, _)| *name != "description" && !want[name].is_null());
            numbers.all(|(name, compare)| is_cell_right(*compare, &want[name], &got[name]))
        });
        right += usize::from(is_right);
        tallies.entry("row").or_default().add(&Tally::of(is_right, got.unwrap_or(&Value::Null)));
    }
    // Rows that are no line items.
    for row in &left {
        tallies.entry("row").or_default().add(&Tally::unwanted());
        for (name, _) in COLUMNS.iter().filter(|(name, _)| !row[name].is_null()) {
            tallies.entry(name).or_default().add(&Tally::unwanted());
        }
    }
    right == wanted.len() && left.is_empty()
}

fn cells_right(want: &Value, got: &Value) -> usize {
    COLUMNS.iter().filter(|(name, compare)| is_cell_right(*compare, &want[name], &got[name])).count()
}

/// Whether a cell is right; print says more of an article than its name, which comes first.
fn is_cell_right(compare: Compare, want: &Value, got: &Value) -> bool {
    let (Compare::Text, Some(name), Some(text)) = (compare, want.as_str(), got.as_str()) else {
        return !want.is_null() && is_right(compare, want, got);
    };
    let length = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).count();
    let mut start = String::new();
    for c in text.chars() {
        if length(&start) >= length(name) {
            break;
        }
        start.push(c);
    }
    likeness(name, &start) >= ALIKE
}
