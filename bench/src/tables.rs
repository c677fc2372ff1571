//! Tables: F1 of neighbouring cells, the measure of the table competition of ICDAR 2013 (M. Göbel, T. Hassan, E. Oro and
//! G. Orsi, "A methodology for evaluating algorithms for table understanding in PDF documents", 2012).

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::corpus::{Split, TableFile, table_files};

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A folder with a manifest.json that names PDFs and their true tables.
    #[arg(long)]
    corpus: PathBuf,
    /// Only files of this side.
    #[arg(long)]
    split: Option<Split>,
    /// Also with each page as a picture of so many dots an inch; 0 leaves that out.
    #[arg(long, default_value_t = 200)]
    dpi: u32,
    /// Prints the figures of each file that can be learnt from.
    #[arg(long)]
    files: bool,
    /// The program to measure.
    #[arg(long, default_value = "target/release/recto")]
    recto: PathBuf,
}

/// A cell and the places that it covers: first and last row, first and last column.
struct Placed {
    rows: (usize, usize),
    columns: (usize, usize),
    text: String,
}

/// Pairs of cells that stand next to each other, by their texts and the direction, with how often there are such.
type Relations = HashMap<(String, String, bool), usize>;

/// The part of Recto's JSON that matters here.
#[derive(Deserialize)]
struct Export {
    documents: Vec<Document>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    file_name: String,
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    rows: Vec<Vec<Cell>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cell {
    text: String,
    row_span: usize,
    col_span: usize,
}

/// How many relations were found, are true, and are both.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    found: usize,
    wanted: usize,
    right: usize,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut files = table_files(&options.corpus)?;
    files.retain(|file| options.split.is_none_or(|split| file.split == split));
    ensure!(!files.is_empty(), "no file of the corpus has tables");
    let folder = tempfile::tempdir()?;
    println!("{:6} {:12} {:>9} {:>9} {:>9} {:>9}", "split", "pages", "relations", "precision", "recall", "F1");
    for (name, dpi) in [("text", None), ("rasterised", Some(options.dpi).filter(|dpi| *dpi > 0))] {
        if name == "rasterised" && dpi.is_none() {
            continue;
        }
        let inputs = files.iter().enumerate().map(|(at, file)| as_read(file, at, dpi, folder.path()));
        let inputs = inputs.collect::<anyhow::Result<Vec<_>>>()?.concat();
        let found = read(&options.recto, &inputs, files.len())?;
        let mut tallies: BTreeMap<Split, Tally> = BTreeMap::new();
        for (file, found) in files.iter().zip(&found) {
            let tally = Tally::of(found, &truth(file));
            if options.files && file.split == Split::Learn {
                println!("{:6} {:12} {tally} {}", "", name, file.path.display());
            }
            tallies.entry(file.split).or_default().add(tally);
        }
        for (split, tally) in tallies {
            println!("{:6} {name:12} {tally}", if split == Split::Learn { "learn" } else { "check" });
        }
    }
    Ok(())
}

/// The file as it is, or a picture of each of its pages, under names that begin with its place.
fn as_read(file: &TableFile, at: usize, dpi: Option<u32>, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let Some(dpi) = dpi else {
        let input = folder.join(format!("{at:04}.pdf"));
        std::fs::copy(&file.path, &input).with_context(|| format!("{} cannot be read", file.path.display()))?;
        return Ok(vec![input]);
    };
    let stem = folder.join(format!("{at:04}-page"));
    let mut drawing = Command::new("pdftocairo");
    drawing.args(["-png", "-gray", "-r", &dpi.to_string()]).args([&file.path, &stem]);
    let status = drawing.status().context("pdftocairo does not start")?;
    ensure!(status.success(), "pdftocairo cannot draw {}", file.path.display());
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    pages.retain(|page| page.to_string_lossy().starts_with(&*stem.to_string_lossy()));
    pages.sort();
    Ok(pages)
}

/// The relations that Recto finds in each of so many files.
fn read(recto: &Path, inputs: &[PathBuf], files: usize) -> anyhow::Result<Vec<Relations>> {
    let output = Command::new(recto).args(["run", "--quiet", "-f", "json", "-o", "-"]).args(inputs).output();
    let output = output.with_context(|| format!("{} does not start", recto.display()))?;
    let export: Export = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("recto wrote no JSON: {}", String::from_utf8_lossy(&output.stderr)))?;
    let mut found = vec![Relations::new(); files];
    for document in export.documents {
        let name = Path::new(&document.file_name).file_name().unwrap_or_default().to_string_lossy();
        let at: usize = name.chars().take(4).collect::<String>().parse().context("an odd name")?;
        for table in document.pages.iter().flat_map(|page| &page.tables) {
            add(&mut found[at], &placed(table));
        }
    }
    Ok(found)
}

fn truth(file: &TableFile) -> Relations {
    let mut relations = Relations::new();
    for table in &file.tables {
        let cell = |cell: &crate::corpus::TrueCell| Placed {
            rows: (cell.row, cell.end_row),
            columns: (cell.col, cell.end_col),
            text: cell.text.clone(),
        };
        add(&mut relations, &table.cells.iter().map(cell).collect::<Vec<_>>());
    }
    relations
}

/// The cells of a table where HTML would place them.
fn placed(table: &Table) -> Vec<Placed> {
    let mut cells = Vec::new();
    let mut taken = std::collections::HashSet::new();
    for (row, own) in table.rows.iter().enumerate() {
        let mut column = 0;
        for cell in own {
            while taken.contains(&(row, column)) {
                column += 1;
            }
            let (rows, columns) = ((row, row + cell.row_span - 1), (column, column + cell.col_span - 1));
            taken.extend((rows.0..=rows.1).flat_map(|y| (columns.0..=columns.1).map(move |x| (y, x))));
            cells.push(Placed { rows, columns, text: cell.text.clone() });
            column += cell.col_span;
        }
    }
    cells
}

/// Adds the pairs of cells of a table that stand next to each other in a row or a column, empty ones passed over.
fn add(relations: &mut Relations, cells: &[Placed]) {
    let texts: Vec<String> = cells.iter().map(|cell| plain(&cell.text)).collect();
    let mut grid: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate().filter(|(at, _)| !texts[*at].is_empty()) {
        for row in cell.rows.0..=cell.rows.1 {
            grid.extend((cell.columns.0..=cell.columns.1).map(|column| ((row, column), at)));
        }
    }
    let down: BTreeMap<(usize, usize), usize> = grid.iter().map(|((row, column), at)| ((*column, *row), *at)).collect();
    for (places, is_across) in [(grid, true), (down, false)] {
        let places: Vec<_> = places.into_iter().collect();
        let neighbours = places.windows(2).filter(|pair| pair[0].0.0 == pair[1].0.0 && pair[0].1 != pair[1].1);
        let pairs: std::collections::BTreeSet<(usize, usize)> = neighbours.map(|pair| (pair[0].1, pair[1].1)).collect();
        for (a, b) in pairs {
            *relations.entry((texts[a].clone(), texts[b].clone(), is_across)).or_default() += 1;
        }
    }
}

/// A text as it is compared: without blanks, in small letters, in its compatible form.
fn plain(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect()
}

impl Tally {
    fn of(found: &Relations, wanted: &Relations) -> Self {
        let right = wanted.iter().map(|(pair, count)| *count.min(found.get(pair).unwrap_or(&0))).sum();
        Self { found: found.values().sum(), wanted: wanted.values().sum(), right }
    }

    fn add(&mut self, other: Self) {
        self.found += other.found;
        self.wanted += other.wanted;
        self.right += other.right;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = |of: usize| self.right as f64 / of.max(1) as f64;
        let f1 = 2.0 * self.right as f64 / (self.found + self.wanted).max(1) as f64;
        write!(f, "{:>9} {:>9.3} {:>9.3} {f1:>9.3}", self.wanted, share(self.found), share(self.wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, row_span: usize, col_span: usize) -> Cell {
        Cell { text: text.to_owned(), row_span, col_span }
    }

    #[test]
    fn neighbours_are_counted_once_over_spans_and_empty_cells() {
        let rows = vec![
            vec![cell("Age", 2, 1), cell("U.S. Population", 1, 2)],
            vec![cell("Total", 1, 1), cell("", 1, 1)],
            vec![cell("1 year", 1, 1), cell("12", 1, 1), cell("7", 1, 1)],
        ];
        let mut found = Relations::new();
        add(&mut found, &placed(&Table { rows }));
        let mut pairs: Vec<String> =
            found.keys().map(|(a, b, across)| format!("{a} {} {b}", if *across { ">" } else { "v" })).collect();
        pairs.sort();
        assert_eq!(
            pairs,
            [
                "12 > 7",
                "1year > 12",
                "age > total",
                "age > u.s.population",
                "age v 1year",
                "total v 12",
                "u.s.population v 7",
                "u.s.population v total",
            ]
        );
        let tally = Tally::of(&found, &found);
        assert_eq!((tally.right, tally.found, tally.wanted), (8, 8, 8));
    }
}
