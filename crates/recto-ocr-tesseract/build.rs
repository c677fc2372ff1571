//! Links Leptonica, to which pages are handed over as its pictures, and checks that the Tesseract which `tesseract-rs`
//! finds is the one that the feature `built-in` promises.

/// Where `bootstrap.sh` installs the Tesseract that it builds, from the root of the workspace.
const BUILT_IN: &str = ".deps/tesseract";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_PATH");
    if cfg!(feature = "built-in") {
        let folder = pkg_config::get_variable("tesseract", "libdir").unwrap_or_default();
        if !folder.ends_with(&format!("{BUILT_IN}/lib")) {
            println!(
                "cargo::error=Tesseract is not built yet. Run ./bootstrap.sh, or build with the system's library: \
                 cargo build --no-default-features"
            );
            return;
        }
        println!("cargo::rerun-if-changed={folder}/libtesseract.a");
    }
    pkg_config::probe_library("lept").expect("the development files of Leptonica are needed: run ./bootstrap.sh");
}
