//! Every name that ARCHITECTURE.md and CONTRIBUTING.md put in backticks is one of the project's.

use std::collections::BTreeSet;
use std::path::Path;

use crate::definitions::Definitions;
use crate::workspace::{packages, paths, read, root, rust_files};

/// What stands in backticks in ARCHITECTURE.md and is no name of the project's: other programs, words of SQL, of Unix
/// and of JSON.
const OTHERS_IN_ARCHITECTURE: [&str; 7] =
    ["VACUUM", "auto", "docx-rs", "enum", "nobody", "pdftotext -layout", "rust_xlsxwriter"];

/// The same in CONTRIBUTING.md: options of Cargo, a tool, a setting of the tests, words of Rust.
const OTHERS_IN_CONTRIBUTING: [&str; 8] = [
    "--release",
    "--test",
    "--workspace",
    "-p",
    "RECTO_TEST_DATABASE=postgresql",
    "cargo insta review",
    "unsafe",
    "unwrap",
];

/// What stands between backticks in a text, outside of fenced blocks.
fn quoted(text: &str) -> BTreeSet<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What a name can stand for.
struct Names {
    definitions: Definitions,
    paths: BTreeSet<String>,
    packages: BTreeSet<String>,
    sources: String,
    recipes: String,
}

impl Names {
    fn of_project() -> Self {
        let packages = packages();
        let sources = rust_files().into_iter().filter(|path| path.contains("/src/"));
        Self {
            definitions: Definitions::of_workspace(),
            sources: sources.map(|path| read(&path)).collect(),
            packages: packages.values().flat_map(|one| one.uses.iter().chain([&one.name])).cloned().collect(),
            paths: paths(),
            recipes: read("justfile"),
        }
    }

    fn has(&self, name: &str) -> bool {
        if let Some(recipe) = name.strip_prefix("just ") {
            return self.recipes.lines().any(|line| line.split([' ', ':']).next() == Some(recipe));
        }
        if let Some(command) = name.strip_prefix("recto ") {
            return self.definitions.has(&format!("recto::commands::{command}"));
        }
        if let Some((_, route)) = name.split_once('/').filter(|(method, _)| method.is_empty() || method.ends_with(' '))
        {
            // The page writes a parameter as `:id`, a handler as `{id}`.
            let part = |part: &str| part.strip_prefix(':').map_or(part.to_owned(), |name| format!("{{{name}}}"));
            let route: Vec<_> = route.split('/').map(part).collect();
            return self.sources.contains(&format!("\"/{}\"", route.join("/")));
        }
        self.is_path(name) || self.packages.contains(name) || self.definitions.has(name) || self.is_table(name)
    }

    /// Whether a migration makes a table of this name.
    fn is_table(&self, name: &str) -> bool {
        self.sources.contains(&format!("CREATE TABLE {name} "))
    }

    /// Whether a file or folder has this path, or the end of it: `lexicon.toml`.
    fn is_path(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        let is_file = name.contains('.') || name.contains('/');
        self.paths.contains(name) || is_file && self.paths.iter().any(|path| path.ends_with(&format!("/{name}")))
    }
}

/// Names in a document that the project does not have.
fn missing_in(document: &str) -> Vec<String> {
    let names = Names::of_project();
    // Arrows between crates have tests of their own.
    quoted(&read(document)).into_iter().filter(|name| !name.contains(" -> ") && !names.has(name)).collect()
}

#[test]
fn every_name_in_the_map_of_the_project_exists() {
    assert_eq!(
        missing_in("ARCHITECTURE.md"),
        OTHERS_IN_ARCHITECTURE,
        "left: what does not exist, right: what need not"
    );
}

#[test]
fn every_name_that_contributors_are_told_exists() {
    assert_eq!(
        missing_in("CONTRIBUTING.md"),
        OTHERS_IN_CONTRIBUTING,
        "left: what does not exist, right: what need not"
    );
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let paths = paths();
    let documents: Vec<_> =
        paths.iter().filter(|path| Path::new(path).extension().is_some_and(|ext| ext == "md")).collect();
    assert!(documents.len() > 10, "{documents:?}");
    for document in documents {
        let folder = Path::new(document).parent().unwrap();
        let text = read(document);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let target = link.split('#').next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(root().join(folder).join(target).exists(), "{document} links to {link}");
            }
        }
    }
}
