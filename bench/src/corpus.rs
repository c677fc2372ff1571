//! A folder of documents with their true texts, listed in a manifest.json: see bench/README.md.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

#[derive(Deserialize)]
struct Entry {
    path: String,
    kind: Option<String>,
    gt: Option<String>,
    lang: Option<String>,
    pages: Option<u32>,
    set: Option<String>,
    split: Option<Split>,
    tables: Option<String>,
}

/// Which side of a corpus a case is on. A corpus without sides is all there to learn from.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Split {
    /// To tune and train on.
    #[default]
    Learn,
    /// For figures only.
    Check,
}

/// A picture of one page and what stands on it.
pub(crate) struct Case {
    /// The folder in the corpus, which is the source it comes from.
    pub(crate) source: String,
    pub(crate) file: PathBuf,
    pub(crate) truth: String,
    pub(crate) split: Split,
}

/// The one-page cases of a language that have a truth, in the manifest's order.
pub(crate) fn cases(root: &Path, lang: &str) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in entries(root)? {
        let is_case = entry.kind.as_deref() == Some("accuracy") && entry.pages == Some(1);
        let wanted = is_case && entry.lang.as_deref() == Some(lang);
        let Some(gt) = entry.gt.filter(|_| wanted) else { continue };
        let truth = std::fs::read_to_string(root.join(&gt)).with_context(|| format!("{gt} is missing"))?;
        let source = entry.path.split('/').nth(1).unwrap_or("?").to_owned();
        cases.push(Case { source, file: root.join(entry.path), truth, split: entry.split.unwrap_or_default() });
    }
    Ok(cases)
}

/// A page whose truth is in reading order, a line or cell a line; what follows an empty line may stand elsewhere.
pub(crate) struct OrderedPage {
    /// The sort of layout.
    pub(crate) kind: String,
    pub(crate) file: PathBuf,
    pub(crate) truth: String,
    pub(crate) lang: String,
    pub(crate) split: Split,
}

impl OrderedPage {
    /// Whether it comes as a PDF that carries its text, and not as a picture.
    pub(crate) fn is_pdf(&self) -> bool {
        self.file.extension().is_some_and(|extension| extension == "pdf")
    }
}

/// The pages of known order, in the manifest's order.
pub(crate) fn ordered_pages(root: &Path) -> anyhow::Result<Vec<OrderedPage>> {
    let mut pages = Vec::new();
    for entry in entries(root)? {
        let (Some("order"), Some(kind), Some(gt), Some(lang)) =
            (entry.kind.as_deref(), entry.set, entry.gt, entry.lang)
        else {
            continue;
        };
        let truth = std::fs::read_to_string(root.join(&gt)).with_context(|| format!("{gt} is missing"))?;
        let file = root.join(entry.path);
        pages.push(OrderedPage { kind, file, truth, lang, split: entry.split.unwrap_or_default() });
    }
    Ok(pages)
}

/// A PDF whose true tables are known.
pub(crate) struct TableFile {
    pub(crate) path: PathBuf,
    pub(crate) tables: Vec<TrueTable>,
    pub(crate) split: Split,
}

/// A table as the truth has it.
#[derive(Deserialize)]
pub(crate) struct TrueTable {
    pub(crate) cells: Vec<TrueCell>,
}

/// A cell of the truth: where it begins and where it ends, counted from 0.
#[derive(Deserialize)]
pub(crate) struct TrueCell {
    pub(crate) row: usize,
    pub(crate) col: usize,
    pub(crate) end_row: usize,
    pub(crate) end_col: usize,
    pub(crate) text: String,
}

/// The files of known tables, in the manifest's order.
pub(crate) fn table_files(root: &Path) -> anyhow::Result<Vec<TableFile>> {
    let mut files = Vec::new();
    for entry in entries(root)? {
        let Some(tables) = entry.tables.filter(|_| entry.kind.as_deref() == Some("tables")) else { continue };
        let text = std::fs::read_to_string(root.join(&tables)).with_context(|| format!("{tables} is missing"))?;
        let tables = serde_json::from_str(&text).with_context(|| format!("{tables} is odd"))?;
        files.push(TableFile { path: root.join(entry.path), tables, split: entry.split.unwrap_or_default() });
    }
    Ok(files)
}

/// Documents of one sort, which are read together.
#[derive(Default)]
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) files: Vec<PathBuf>,
    /// The true text of each file; `None` of a PDF whose own text layer is the truth.
    pub(crate) truths: Vec<Option<String>>,
    pub(crate) pages: u32,
    /// PDFs that carry their text, or pictures.
    pub(crate) are_pdfs: bool,
}

/// What of a corpus is read.
pub(crate) struct Choice<'a> {
    /// Names and folders of the sets of a manifest that names none itself.
    pub(crate) folders: &'a [(String, String)],
    pub(crate) lang: &'a str,
    /// Entries of another split are left out.
    pub(crate) split: Split,
    /// Files of each set, the first ones of the manifest.
    pub(crate) files: usize,
}

/// The sets of some corpora, in the order in which they are first named; the same name is the same set. A set holds
/// pictures or PDFs, as its first file is.
pub(crate) fn sets(roots: &[PathBuf], choice: &Choice<'_>) -> anyhow::Result<Vec<Set>> {
    let mut sets: Vec<Set> =
        choice.folders.iter().map(|(name, _)| Set { name: name.clone(), ..Set::default() }).collect();
    for root in roots {
        for entry in entries(root)? {
            let is_split = entry.split.is_none_or(|split| split == choice.split);
            let is_language = entry.lang.as_deref().is_none_or(|lang| lang == choice.lang);
            let Some(name) = entry.set_name(choice.folders).filter(|_| is_split && is_language) else { continue };
            let at = sets.iter().position(|set| set.name == name).unwrap_or_else(|| {
                sets.push(Set { name: name.clone(), ..Set::default() });
                sets.len() - 1
            });
            sets[at].add(root, &entry, choice.files)?;
        }
    }
    sets.retain(|set| !set.files.is_empty());
    Ok(sets)
}

impl Entry {
    fn set_name(&self, folders: &[(String, String)]) -> Option<String> {
        let of_folder = || folders.iter().find(|(_, folder)| Path::new(&self.path).starts_with(folder));
        self.set.clone().or_else(|| of_folder().map(|(name, _)| name.clone()))
    }
}

impl Set {
    fn add(&mut self, root: &Path, entry: &Entry, most: usize) -> anyhow::Result<()> {
        let is_pdf = Path::new(&entry.path).extension().is_some_and(|e| e.eq_ignore_ascii_case("pdf"));
        if self.files.is_empty() {
            self.are_pdfs = is_pdf;
        }
        if self.files.len() == most || is_pdf != self.are_pdfs || (entry.gt.is_none() && !is_pdf) {
            return Ok(());
        }
        let read = |gt: &String| std::fs::read_to_string(root.join(gt)).with_context(|| format!("{gt} is missing"));
        self.truths.push(entry.gt.as_ref().map(read).transpose()?);
        // Programs run elsewhere than here.
        self.files.push(std::path::absolute(root.join(&entry.path))?);
        self.pages += entry.pages.unwrap_or(1);
        Ok(())
    }
}

fn entries(root: &Path) -> anyhow::Result<Vec<Entry>> {
    let manifest = root.join("manifest.json");
    let text = std::fs::read_to_string(&manifest)
        .with_context(|| format!("{} is missing: name a corpus with --corpus", manifest.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is odd", manifest.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corpus(manifest: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("there is room");
        std::fs::write(folder.path().join("manifest.json"), manifest).expect("there is room");
        std::fs::write(folder.path().join("a.txt"), "truth").expect("there is room");
        folder
    }

    fn named(root: &Path, files: usize) -> Vec<(String, usize, bool, u32)> {
        let folders = [("receipts".to_owned(), "x/sroie".to_owned())];
        let choice = Choice { folders: &folders, lang: "eng", split: Split::Check, files };
        let sets = sets(&[root.to_owned()], &choice).expect("the manifest is one");
        sets.into_iter().map(|set| (set.name, set.files.len(), set.are_pdfs, set.pages)).collect()
    }

    #[test]
    fn sets_are_named_by_the_manifest_or_by_folder() {
        let folder = corpus(
            r#"[{"path": "x/sroie/1.jpg", "gt": "a.txt"}, {"path": "x/sroie/2.jpg", "gt": "a.txt", "split": "learn"},
                {"path": "x/sroie/3.jpg", "gt": "a.txt", "lang": "deu"}, {"path": "x/sroie/4.jpg"},
                {"path": "y/1.pdf", "set": "text", "pages": 3}, {"path": "y/2.png", "gt": "a.txt", "set": "text"},
                {"path": "y/3.png", "gt": "a.txt"}, {"path": "x/sroie/5.jpg", "gt": "a.txt", "split": "check"}]"#,
        );
        let named_both = named(folder.path(), 30);
        assert_eq!(named_both, [("receipts".to_owned(), 2, false, 2), ("text".to_owned(), 1, true, 3)]);
        assert_eq!(named(folder.path(), 1)[0].1, 1);
    }
}
