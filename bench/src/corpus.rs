//! The corpus: pictures with their true texts, listed in a manifest.json.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

#[derive(Deserialize)]
struct Entry {
    path: String,
    kind: String,
    gt: Option<String>,
    lang: Option<String>,
    pages: Option<u32>,
    split: Option<Split>,
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
    let manifest = root.join("manifest.json");
    let text = std::fs::read_to_string(&manifest)
        .with_context(|| format!("{} is missing: name a corpus with --corpus", manifest.display()))?;
    let entries: Vec<Entry> = serde_json::from_str(&text).with_context(|| format!("{} is odd", manifest.display()))?;
    let mut cases = Vec::new();
    for entry in entries {
        let wanted = entry.kind == "accuracy" && entry.lang.as_deref() == Some(lang) && entry.pages == Some(1);
        let Some(gt) = entry.gt.filter(|_| wanted) else { continue };
        let truth = std::fs::read_to_string(root.join(&gt)).with_context(|| format!("{gt} is missing"))?;
        let source = entry.path.split('/').nth(1).unwrap_or("?").to_owned();
        cases.push(Case { source, file: root.join(entry.path), truth, split: entry.split.unwrap_or_default() });
    }
    Ok(cases)
}
