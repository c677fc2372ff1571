//! Every name that ARCHITECTURE.md and CONTRIBUTING.md put in backticks is one of the project's.

use std::collections::BTreeSet;

use crate::definitions::Definitions;
use crate::workspace::{packages, paths, read, rust_files};

/// What stands in backticks there and is no name of the project's: other programs, words of SQL, of Unix and of JSON.
const OTHERS: [&str; 7] = ["VACUUM", "auto", "docx-rs", "enum", "nobody", "pdftotext -layout", "rust_xlsxwriter"];

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
        }
    }

    fn has(&self, name: &str) -> bool {
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

#[test]
fn every_name_in_the_map_of_the_project_exists() {
    let names = Names::of_project();
    let quoted = quoted(&read("ARCHITECTURE.md"));
    // Arrows between crates have tests of their own.
    let missing = quoted.into_iter().filter(|name| !name.contains(" -> ") && !names.has(name));
    let missing: Vec<_> = missing.collect();
    assert_eq!(
        missing, OTHERS,
        "names in ARCHITECTURE.md that the project does not have (right: those that are not its own)"
    );
}
