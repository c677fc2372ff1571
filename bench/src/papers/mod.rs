//! Makes papers with known values: `recto-bench papers`. What is printed ([`bill`], [`receipt`], [`statement`], [`payslip`],
//! [`utility`]) is thrown by [`dice`] in one of the [`language`]s and in the [`style`] of one of its countries, drawn on a
//! [`canvas`], and written as a PDF with its text or as a picture that a careless scanner made of it ([`scan`]). The same
//! seed makes the same papers. What comes out is a corpus, as the other commands read it.

mod bill;
mod bill_layout;
mod canvas;
mod dice;
mod facts;
mod goods_table;
mod identifiers;
mod language;
pub(crate) mod misread;
mod paper;
mod party;
mod payslip;
mod receipt;
mod scan;
mod statement;
mod style;
mod typeface;
mod utility;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::Context;
use serde_json::{Value, json};

use crate::papers::bill::{Bill, Kind};
pub(crate) use crate::papers::dice::Dice;
use crate::papers::language::{Language, languages};
use crate::papers::paper::Paper;
use crate::papers::style::Style;
use crate::papers::typeface::Typeface;

/// Of so many papers that are thrown one is of a kind that is wanted, at least.
const MOST_TRIED: usize = 50;

/// What to make.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The folder that the papers and their manifest.json are written to.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// How many papers.
    #[arg(long, default_value_t = 100)]
    pub(crate) count: usize,
    /// The same seed makes the same papers.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// As pictures, as scanners, tills and cameras make them, and not as PDFs with their text.
    #[arg(long)]
    pub(crate) scan: bool,
    /// Only papers in these languages, by their three letters.
    #[arg(long, value_delimiter = ',')]
    pub(crate) lang: Vec<String>,
    /// Only papers of these kinds, such as `receipt` or `purchase order`.
    #[arg(long, value_delimiter = ',')]
    pub(crate) kind: Vec<String>,
    /// The side of the corpus that the manifest says they are on.
    #[arg(long, default_value = "learn")]
    pub(crate) split: String,
}

/// Writes the papers and their manifest.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut languages = languages()?;
    languages.retain(|language| options.lang.is_empty() || options.lang.contains(&language.code));
    anyhow::ensure!(!languages.is_empty(), "no language is called {}", options.lang.join(" or "));
    let mut manifest = Vec::new();
    for number in 0..options.count * MOST_TRIED {
        if manifest.len() == options.count {
            break;
        }
        manifest.extend(written(options, &languages, number)?);
    }
    anyhow::ensure!(!manifest.is_empty(), "no paper is of the kind {}", options.kind.join(" or "));
    let count = manifest.len();
    let file = options.out.join("manifest.json");
    std::fs::write(&file, format!("{:#}\n", Value::Array(manifest)))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    println!("{} papers in {}", count, options.out.display());
    Ok(())
}

/// Writes a paper and its values; its entry of the manifest. `None` where it is of a kind that is not wanted.
fn written(options: &Options, languages: &[Language], number: usize) -> anyhow::Result<Option<Value>> {
    let mut dice = Dice::of(options.seed, number as u64);
    let paper = paper(&mut dice, languages)?;
    if !options.kind.is_empty() && options.kind.iter().all(|kind| kind != paper.doctype) {
        return Ok(None);
    }
    let folder = if paper.doctype == "receipt" { "fields/world-receipts" } else { "fields/world" };
    let kind = paper.doctype.replace(' ', "-");
    let stem = format!("{folder}/{}-{}-{number:04}-{kind}", options.seed, paper.language);
    std::fs::create_dir_all(options.out.join(folder))?;
    let pdf = options.out.join(format!("{stem}.pdf"));
    std::fs::write(&pdf, paper.canvas.pdf()?).with_context(|| format!("{} cannot be written", pdf.display()))?;
    let mut path = format!("{stem}.pdf");
    if options.scan {
        path = format!("{stem}.{}", scan::scanned(&mut dice, &pdf, paper.doctype == "receipt")?);
        std::fs::remove_file(&pdf)?;
    }
    let fields = format!("{stem}.fields.json");
    std::fs::write(options.out.join(&fields), format!("{:#}\n", Value::Object(paper.truth.values)))?;
    Ok(Some(json!({
        "path": path,
        "kind": "fields",
        "source": "generated",
        "licence": "CC0-1.0",
        "expect": "ok",
        "gt": null,
        "fields": fields,
        "pages": paper.canvas.sheets(),
        "lang": paper.language,
        "group": paper.issuer,
        "country": paper.country,
        "doctype": paper.doctype,
        "condition": if options.scan { "scan" } else { "digital" },
        "split": options.split,
    })))
}

/// A paper of any kind, in any of the languages.
fn paper(dice: &mut Dice, languages: &[Language]) -> anyhow::Result<Paper> {
    let language = dice.pick(languages);
    let style = Style::of(dice, language);
    let kind = match dice.below(100) {
        0..35 => Kind::Invoice,
        35..43 => Kind::CreditNote,
        43..53 => Kind::Order,
        53..62 => Kind::DeliveryNote,
        62..78 => return receipt::receipt(dice, &style),
        78..88 => return statement::statement(dice, &style),
        88..94 => return payslip::payslip(dice, &style),
        _ => return utility::utility(dice, &style),
    };
    let bill = Bill::of(dice, &style, kind);
    let typeface = Typeface::open(*dice.pick(language.script.fonts()))?;
    Ok(bill_layout::draw(dice, bill, typeface))
}
