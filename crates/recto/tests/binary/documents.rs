//! The documents that the tests send.

use std::path::{Path, PathBuf};

/// Where a document lies: in `tests/documents`, or else among the samples that the binary carries.
pub fn path(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = here.join("tests/documents").join(name);
    if own.exists() { own } else { here.join("../../assets/samples").join(name) }
}

/// A document's bytes.
pub fn bytes(name: &str) -> Vec<u8> {
    let path = path(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Documents with their names.
pub fn files<'a>(names: &[&'a str]) -> Vec<(&'a str, Vec<u8>)> {
    names.iter().map(|&name| (name, bytes(name))).collect()
}
