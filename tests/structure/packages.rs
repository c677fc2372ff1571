//! Each library crate can be given to others alone.

use std::path::Path;

use crate::workspace::{metadata, read, root, rust_files};

/// What stays in this repository: the binary, and what serves tests and measurements.
const NOT_FOR_OTHERS: [&str; 5] = ["recto", "recto-bench", "recto-structure", "recto-test-postgres", "recto-test-s3"];

#[test]
fn every_library_crate_says_what_it_is_and_has_an_example() {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap();
    let libraries = packages.iter().filter(|one| !NOT_FOR_OTHERS.contains(&one["name"].as_str().unwrap()));
    for package in libraries {
        let name = package["name"].as_str().unwrap();
        for key in ["description", "license", "readme"] {
            assert!(package[key].is_string(), "{name} has no {key}");
        }
        for key in ["keywords", "categories"] {
            assert!(!package[key].as_array().unwrap().is_empty(), "{name} has no {key}");
        }
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.starts_with(&format!("# {name}\n")), "the README of {name} has another title");
        if name != "migrations" {
            let targets = package["targets"].as_array().unwrap();
            assert!(targets.iter().any(|target| target["kind"][0] == "example"), "{name} has no example");
            // So that the README's own example is compiled with the tests.
            let lib = std::fs::read_to_string(folder.join("src/lib.rs")).unwrap();
            assert!(lib.contains(r#"doc = include_str!("../README.md")"#), "{name} does not test its README");
        }
    }
}

#[test]
fn no_library_crate_includes_a_file_that_its_package_does_not_have() {
    for path in rust_files().iter().filter(|path| path.contains("/src/")) {
        let mut parts = path.split('/');
        let folder: Vec<_> = parts.by_ref().take_while(|part| *part != "src").collect();
        let folder = folder.join("/");
        if NOT_FOR_OTHERS.iter().any(|name| folder.ends_with(&format!("/{name}")) || folder == "bench") {
            continue;
        }
        let text = read(path);
        for include in ["include_str!(\"", "include_bytes!(\""] {
            for file in text.split(include).skip(1).filter_map(|rest| rest.split('"').next()) {
                let from = root().join(path).parent().unwrap().join(file);
                let from = from.canonicalize().unwrap_or_else(|error| panic!("{path} includes {file}: {error}"));
                assert!(from.starts_with(root().join(&folder)), "{path} includes {file} from outside of its crate");
            }
        }
    }
}
