//! The workspace as Cargo and the file system show it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// The text of a file, by its path from the root.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A package of the workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Names of the packages that its code and its build script use.
    pub(crate) uses: BTreeSet<String>,
    /// Names of the packages that only its tests, examples and benches use.
    pub(crate) tests_use: BTreeSet<String>,
}

/// What `cargo metadata` says without a network.
pub(crate) fn metadata(options: &[&str]) -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(options)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The packages of the workspace by their folder, such as `crates/recto-domain`.
pub(crate) fn packages() -> BTreeMap<String, Package> {
    let metadata = metadata(&["--no-deps"]);
    let package = |package: &serde_json::Value| {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let dependencies = |is_wanted: fn(&serde_json::Value) -> bool| {
            let all = package["dependencies"].as_array().unwrap().iter();
            all.filter(|one| is_wanted(&one["kind"])).map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        let name = package["name"].as_str().unwrap().to_owned();
        let uses = dependencies(|kind| kind != "dev");
        (folder, Package { name, uses, tests_use: dependencies(|kind| kind == "dev") })
    };
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

/// Files and folders of the project by their path from the root, without what builds and installations leave there.
pub(crate) fn paths() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            if ["target", "node_modules", ".git", ".deps"].iter().any(|left| name.split('/').any(|part| part == *left))
            {
                continue;
            }
            found.insert(name);
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

/// The paths of Rust files, from the root.
pub(crate) fn rust_files() -> Vec<String> {
    paths().into_iter().filter(|path| Path::new(path).extension().is_some_and(|extension| extension == "rs")).collect()
}
