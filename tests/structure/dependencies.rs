//! What the project depends on: where it comes from, under which licence, and that it is used.

use std::collections::BTreeSet;

use crate::workspace::{metadata, packages, read};

/// A manifest or deny.toml.
fn parsed(path: &str) -> toml::Table {
    read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether a licence expression of SPDX can be met by allowed licences alone. The slash is what older packages write
/// for OR; an exception (WITH) only permits more.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    either(&mut words, allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words, allowed: &BTreeSet<&str>) -> bool {
    let mut is_met = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        is_met |= all(words, allowed);
    }
    is_met
}

fn all(words: &mut Words, allowed: &BTreeSet<&str>) -> bool {
    let mut is_met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        is_met &= one(words, allowed);
    }
    is_met
}

fn one(words: &mut Words, allowed: &BTreeSet<&str>) -> bool {
    let word = words.next().unwrap();
    if word == "(" {
        let is_met = either(words, allowed);
        assert_eq!(words.next(), Some(")"));
        return is_met;
    }
    if words.next_if_eq(&"WITH").is_some() {
        words.next();
    }
    allowed.contains(word)
}

#[test]
fn a_licence_expression_is_met_by_allowed_licences_alone() {
    let allowed = BTreeSet::from(["MIT", "Apache-2.0", "ISC"]);
    for met in ["MIT", "GPL-3.0/MIT", "GPL-3.0 OR MIT", "(GPL-3.0 OR MIT) AND ISC", "Apache-2.0 WITH LLVM-exception"] {
        assert!(is_allowed(met, &allowed), "{met}");
    }
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "ISC AND (GPL-3.0 OR MPL-2.0)", "GPL-3.0 OR MIT AND MPL-2.0"] {
        assert!(!is_allowed(unmet, &allowed), "{unmet}");
    }
}

/// Packages that come with the text of their licence but do not name it, with its name.
const IN_FILES: [(&str, &str); 1] = [("forust-ml", "Apache-2.0")];

#[test]
fn every_dependency_comes_from_crates_io_under_an_allowed_licence_and_none_is_banned() {
    let rules = parsed("deny.toml");
    let allowed: BTreeSet<_> =
        rules["licenses"]["allow"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let banned: BTreeSet<_> =
        rules["bans"]["deny"].as_array().unwrap().iter().map(|one| one["crate"].as_str().unwrap()).collect();
    let registry = format!("registry+{}", rules["sources"]["allow-registry"][0].as_str().unwrap());
    let metadata = metadata(&["--filter-platform", env!("HOST")]);
    let mut unused = allowed.clone();
    for package in metadata["packages"].as_array().unwrap() {
        let (name, source) = (package["name"].as_str().unwrap(), &package["source"]);
        assert!(source.is_null() || *source == registry, "{name} comes from {source}");
        let in_file = || IN_FILES.iter().find(|(other, _)| *other == name).map(|(_, licence)| *licence);
        let licence = package["license"].as_str().or_else(in_file);
        let licence = licence.unwrap_or_else(|| panic!("{name} names no licence"));
        assert!(is_allowed(licence, &allowed), "{name} is under {licence}, which deny.toml does not allow");
        assert!(!banned.contains(name), "{name} is banned by deny.toml");
        unused.retain(|allowed| !licence.contains(*allowed));
    }
    assert!(unused.is_empty(), "no dependency needs these licences of deny.toml: {unused:?}");
}

#[test]
fn every_dependency_of_the_workspace_is_used_and_no_crate_names_a_version_of_its_own() {
    let workspace = parsed("Cargo.toml");
    let mut unused: BTreeSet<_> =
        workspace["workspace"]["dependencies"].as_table().unwrap().keys().map(String::as_str).collect();
    for folder in packages().keys() {
        let manifest = parsed(&format!("{folder}/Cargo.toml"));
        let of_target =
            manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
        let tables = of_target.filter_map(toml::Value::as_table).chain([&manifest]);
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        let dependencies = tables.flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()));
        for (name, dependency) in dependencies.flatten() {
            let is_shared = dependency.get("workspace").and_then(toml::Value::as_bool) == Some(true);
            assert!(is_shared, "{folder} names a version of {name}; put it into the workspace's Cargo.toml");
            unused.remove(name.as_str());
        }
    }
    assert!(unused.is_empty(), "no crate uses these of the workspace's Cargo.toml: {unused:?}");
}
