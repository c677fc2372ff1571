//! Links Tesseract into the binary where the system has it as an archive, as Debian does. Within the shared
//! library, its small functions call each other through tables, which costs reading a page 4 %.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let Ok(folder) = pkg_config::get_variable("tesseract", "libdir") else { return };
    let archive = Path::new(&folder).join("libtesseract.a");
    println!("cargo:rerun-if-changed={}", archive.display());
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") || !archive.is_file() {
        return;
    }
    // What the archive needs besides what the shared library does.
    let Ok(leptonica) = pkg_config::Config::new().cargo_metadata(false).probe("lept") else { return };
    println!("cargo:rustc-link-search=native={folder}");
    // The archive comes before the shared library that `tesseract-rs` asks for, which nothing needs any more then.
    println!("cargo:rustc-link-lib=static:-bundle=tesseract");
    for library in leptonica.libs.iter().map(String::as_str).chain(["gomp"]) {
        println!("cargo:rustc-link-lib=dylib={library}");
    }
}
