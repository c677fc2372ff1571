//! Which crate may use which. The table is the block under "The crates" in ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{Package, packages, read, root, rust_files};

/// Crates that only tests use.
const FOR_TESTS: [&str; 2] = ["recto-test-postgres", "recto-test-s3"];

/// What a crate that the table calls pure has no use for: files, sockets, databases, threads of a runtime.
const IMPURE: [&str; 10] =
    ["axum", "hyper", "libc", "object_store", "reqwest", "rustix", "sea-orm", "tempfile", "tokio", "tokio-util"];

/// What its sources do not call either.
const IMPURE_CALLS: [&str; 6] = ["File::open", "File::create", "env::var", "fs::", "process::", "thread::"];

/// An entry of the table: its text, and the crates that its arrows lead to.
struct Entry {
    text: String,
    arrows: BTreeSet<String>,
}

/// The entries by folder. An entry begins where a line does; its arrows stand after `->` in short (`domain`).
fn table() -> BTreeMap<String, Entry> {
    let architecture = read("ARCHITECTURE.md");
    let (_, section) = architecture.split_once("## The crates\n\n```\n").unwrap();
    let (block, _) = section.split_once("```").unwrap();
    let mut entries: Vec<String> = Vec::new();
    for line in block.lines() {
        match entries.last_mut() {
            Some(entry) if line.starts_with(' ') => entry.extend([" ", line.trim()]),
            _ => entries.push(line.to_owned()),
        }
    }
    entries.iter().map(|entry| parsed(entry)).collect()
}

fn parsed(entry: &str) -> (String, Entry) {
    let (folder, rest) = entry.split_once(' ').unwrap();
    let (text, arrows) = rest.split_once("->").unwrap_or((rest, ""));
    let name = |short: &str| if short == "migrations" { short.to_owned() } else { format!("recto-{short}") };
    let arrows = arrows.split(',').map(str::trim).filter(|short| !short.is_empty()).map(name).collect();
    (folder.to_owned(), Entry { text: text.trim().to_owned(), arrows })
}

/// Names of the packages that the product is made of.
fn product() -> BTreeSet<String> {
    let folders = packages().into_iter().filter(|(folder, _)| folder.starts_with("crates/") || folder == "migrations");
    let names = folders.map(|(_, package)| package.name);
    names.filter(|name| !FOR_TESTS.contains(&name.as_str())).collect()
}

#[test]
fn every_crate_uses_those_that_the_table_draws_arrows_to_and_no_other() {
    let (table, packages) = (table(), packages());
    for folder in table.keys() {
        assert!(
            root().join(folder).is_dir(),
            "{folder} is in the table of ARCHITECTURE.md, and there is no such folder"
        );
    }
    let names: BTreeSet<_> = packages.values().map(|package| package.name.clone()).collect();
    for (folder, package) in &packages {
        let Some(entry) = table.get(folder) else { panic!("{folder} is not in the table of ARCHITECTURE.md") };
        let uses: BTreeSet<_> = package.uses.intersection(&names).cloned().collect();
        let (undrawn, unused) = (&uses - &entry.arrows, &entry.arrows - &uses);
        assert!(undrawn.is_empty(), "{folder} uses {undrawn:?}: an arrow that ARCHITECTURE.md does not draw");
        assert!(unused.is_empty(), "ARCHITECTURE.md draws arrows from {folder} to {unused:?}, which it does not use");
    }
}

/// What a package uses, and what that uses in turn, with itself.
fn reached(from: &str, packages: &BTreeMap<String, Package>) -> BTreeSet<String> {
    let mut reached = BTreeSet::from([from.to_owned()]);
    loop {
        let of_reached = packages.values().filter(|package| reached.contains(&package.name));
        let more: BTreeSet<_> = of_reached.flat_map(|package| package.uses.iter().cloned()).collect();
        if more.is_subset(&reached) {
            return reached;
        }
        reached.extend(more);
    }
}

#[test]
fn tests_and_examples_use_what_their_crate_reaches_and_what_is_made_for_them() {
    let packages = packages();
    let product = product();
    for (folder, package) in &packages {
        let more: BTreeSet<_> = package.tests_use.intersection(&product).cloned().collect();
        let more = &more - &reached(&package.name, &packages);
        assert!(more.is_empty(), "the tests of {folder} use {more:?}");
        let mut for_tests = package.uses.iter().filter(|name| FOR_TESTS.contains(&name.as_str()));
        assert!(folder == "bench" || for_tests.next().is_none(), "{folder} uses a crate that is made for tests");
    }
}

#[test]
fn what_the_table_calls_pure_reaches_no_file_no_socket_and_no_runtime() {
    let (table, packages) = (table(), packages());
    let pure = |entry: &Entry| entry.text.ends_with("Pure.") || entry.text.contains("No I/O");
    let pure: BTreeSet<_> = packages
        .iter()
        .filter(|(folder, _)| table.get(*folder).is_some_and(pure))
        .map(|(_, package)| package.name.as_str())
        .collect();
    assert!(pure.contains("recto-domain") && pure.contains("recto-layout"), "{pure:?}");
    for package in packages.values().filter(|package| pure.contains(package.name.as_str())) {
        for used in &package.uses {
            assert!(!IMPURE.contains(&used.as_str()), "{} is pure, and uses {used}", package.name);
            assert!(!used.starts_with("recto-") || pure.contains(used.as_str()), "{} uses {used}", package.name);
        }
        let folder = format!("crates/{}/src/", package.name);
        for path in rust_files().iter().filter(|path| path.starts_with(&folder)) {
            let text = read(path);
            // Naming the type of an open file is no I/O.
            let text = text.replace("use std::fs::File;", "");
            let called = IMPURE_CALLS.iter().find(|call| text.contains(**call));
            assert!(called.is_none(), "{path} calls {called:?}, and {} is pure", package.name);
        }
    }
}

#[test]
fn the_api_reaches_no_engine_and_an_engine_no_database() {
    let packages = packages();
    for server in ["recto-http", "recto-web"] {
        let reached = reached(server, &packages);
        assert!(!reached.contains("recto-ocr") && !reached.contains("recto-pages"), "{server}: {reached:?}");
    }
    for engine in ["recto-ocr-tesseract", "recto-ocr-neural", "recto-pages", "recto-export"] {
        let reached = reached(engine, &packages);
        assert!(!reached.contains("recto-storage") && !reached.contains("tokio"), "{engine}: {reached:?}");
    }
}

#[test]
fn an_arrow_that_is_explained_is_drawn() {
    let table = table();
    let architecture = read("ARCHITECTURE.md");
    let (_, section) = architecture.split_once("### Arrows that need a reason").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let explained: Vec<_> = section.lines().filter_map(|line| line.strip_prefix("- `")).collect();
    assert!(!explained.is_empty(), "{section}");
    for line in explained {
        let (arrow, _) = line.split_once('`').unwrap();
        let (from, to) = arrow.split_once(" -> ").unwrap();
        assert!(table[&format!("crates/recto-{from}")].arrows.contains(&format!("recto-{to}")), "{arrow} is not drawn");
    }
}
