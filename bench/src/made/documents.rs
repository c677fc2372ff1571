//! Whole receipts and papers, row by row as a typewriter would set them, with their values.

use std::collections::BTreeMap;
use std::rc::Rc;

use recto_domain::{Page, Size};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{HEIGHT, LEADING, MARGIN, MadeShop, WIDTH, entries, page, words};
use crate::corpus::Split;
use crate::fields::{Compare, is_right};
use crate::papers::Dice;
use crate::training::{self, Document};

/// Values with at least this confidence are sure.
const SURE: f32 = 0.9;

/// A document, as it is written in the files.
#[derive(Deserialize)]
struct Written {
    id: String,
    rows: Vec<String>,
    fields: Map<String, Value>,
}

/// The kind of a value, as the papers' files have it beside the value.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Text,
    Id,
    Date,
    Number,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "texts",
            Self::Id => "codes",
            Self::Date => "days",
            Self::Number => "numbers",
        }
    }

    /// The type in a template.
    fn schema(self) -> Value {
        let name = match self {
            Self::Text | Self::Id => "string",
            Self::Date => "date",
            Self::Number => "number",
        };
        json!({"type": name})
    }

    fn compare(self) -> Compare {
        match self {
            Self::Text => Compare::Text,
            Self::Id => Compare::Code,
            Self::Date => Compare::Date,
            Self::Number => Compare::Number,
        }
    }
}

impl Written {
    fn page(&self, dice: Option<Dice>) -> Page {
        let longest = self.rows.iter().map(|row| row.chars().count()).max().unwrap_or_default();
        let top = |at: usize| MARGIN + at as f32 * HEIGHT * LEADING;
        let size = Size { width: MARGIN.mul_add(2.0, longest as f32 * WIDTH * HEIGHT), height: top(self.rows.len()) };
        let rows = self.rows.iter().enumerate();
        page(rows.map(|(at, row)| words(row, MARGIN, top(at), WIDTH * HEIGHT, HEIGHT)), size, dice)
    }

    /// The values with their kinds; those of receipts tell theirs by their names.
    fn values(&self) -> Vec<(&str, Kind, &Value)> {
        fn value<'v>((name, value): (&'v String, &'v Value)) -> (&'v str, Kind, &'v Value) {
            match value.as_array().map(Vec::as_slice) {
                Some([kind, value]) => (name.as_str(), Kind::deserialize(kind).unwrap_or(Kind::Text), value),
                _ => (name.as_str(), of_receipt(name), value),
            }
        }
        self.fields.iter().map(value).collect()
    }
}

fn of_receipt(name: &str) -> Kind {
    match name {
        "date" => Kind::Date,
        "total" | "tax" => Kind::Number,
        "receipt_number" => Kind::Id,
        _ => Kind::Text,
    }
}

/// All receipts of `bench/made/receipts`, with errors of recognition.
pub(crate) fn receipts() -> anyhow::Result<Vec<MadeShop>> {
    let receipts: Vec<Written> = entries("receipts")?;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let shop = |(number, written): (usize, Written)| MadeShop {
        page: written.page(Some(Dice::of(1, number as u64))),
        name: text(written.fields.get("company")),
        address: text(written.fields.get("address")),
        id: written.id,
    };
    Ok(receipts.into_iter().enumerate().map(shop).collect())
}

/// All papers of `bench/made/papers`, with errors of recognition.
pub(crate) fn papers() -> anyhow::Result<Vec<Document>> {
    let papers: Vec<Written> = entries("papers")?;
    let paper = |(number, written): (usize, Written)| {
        let pages = vec![written.page(Some(Dice::of(2, number as u64)))];
        let values = written.values();
        let plan = Rc::new(training::plan(schema(&values))?);
        let values = values.into_iter().map(|(name, kind, want)| (name.to_owned(), kind.compare(), want.clone()));
        Ok(Document::of(plan, pages, written.id.clone(), Split::Learn, values.collect()))
    };
    papers.into_iter().enumerate().map(paper).collect()
}

/// The template that asks for some values.
fn schema(values: &[(&str, Kind, &Value)]) -> Value {
    values.iter().map(|(name, kind, _)| ((*name).to_owned(), kind.schema())).collect()
}

/// What was found of some values.
#[derive(Default)]
struct Tally {
    asked: usize,
    found: usize,
    right: usize,
    sure: usize,
    sure_and_right: usize,
}

/// Prints how many values of the made receipts and papers are found by their plain names, by kind.
pub(crate) fn measure() -> anyhow::Result<()> {
    println!("{:>18} {:>6} {:>6} {:>6} {:>6} {:>12}", "", "asked", "found", "right", "F1", "right if sure");
    for folder in ["receipts", "papers"] {
        let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
        for written in entries::<Written>(folder)? {
            let values = written.values();
            let plan = training::plan(schema(&values))?;
            let pages = [written.page(None)];
            let found = plan.extract(recto_extract::Document { pages: &pages, e_invoice: None });
            for (name, kind, want) in values {
                let tally = tallies.entry(kind).or_default();
                tally.asked += 1;
                let Some(field) = found.fields.iter().find(|field| field.name == name) else { continue };
                let is_sure = field.confidence.is_some_and(|confidence| confidence >= SURE);
                let is_right = is_right(kind.compare(), want, &field.value);
                tally.found += usize::from(!field.value.is_null());
                tally.right += usize::from(is_right);
                tally.sure += usize::from(is_sure && !field.value.is_null());
                tally.sure_and_right += usize::from(is_sure && is_right);
            }
        }
        for (kind, Tally { asked, found, right, sure, sure_and_right }) in &tallies {
            let f1 = 2.0 * *right as f64 / (asked + found).max(1) as f64;
            let sure = format!("{sure_and_right} of {sure}");
            println!("{folder:>9} {:>8} {asked:>6} {found:>6} {right:>6} {f1:>6.3} {sure:>12}", kind.name());
        }
    }
    Ok(())
}
