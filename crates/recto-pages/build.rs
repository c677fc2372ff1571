//! Links libjpeg-turbo: its archive where the system has one, so that the binary needs one library less on the machine
//! it is copied to.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let found = pkg_config::Config::new().cargo_metadata(false).probe("libturbojpeg");
    let library = found.expect("the development files of libjpeg-turbo (TurboJPEG) are needed: run ./bootstrap.sh");
    let libdir = pkg_config::get_variable("libturbojpeg", "libdir").unwrap_or_default();
    let is_archive = Path::new(&libdir).join("libturbojpeg.a").is_file();
    for folder in library.link_paths.iter().map(PathBuf::as_path).chain([Path::new(&libdir)]) {
        println!("cargo::rustc-link-search=native={}", folder.display());
    }
    println!("cargo::rustc-link-lib={}=turbojpeg", if is_archive { "static:-bundle" } else { "dylib" });
}
