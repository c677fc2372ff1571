//! Every promise of SECURITY.md names a test that there is.

use std::path::Path;

const SECURITY: &str = include_str!("../../../../SECURITY.md");

#[test]
fn every_promise_names_a_test_that_there_is() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let named: Vec<(&str, &str)> = SECURITY.split('`').filter_map(|quoted| quoted.split_once(".rs::")).collect();
    assert!(named.len() > 40, "the promises were found: {}", named.len());
    for (file, test) in named {
        let source = std::fs::read_to_string(root.join(format!("{file}.rs")));
        let source = source.unwrap_or_else(|error| panic!("{file}.rs: {error}"));
        assert!(source.contains(&format!("fn {test}(")), "{file}.rs has no test {test}");
    }
}

#[test]
fn every_promise_in_a_list_names_its_test() {
    for promise in SECURITY.lines().filter(|line| line.starts_with("- ")) {
        assert!(promise.contains(".rs::"), "{promise}");
    }
}
