//! Links Tesseract into the binary where the system has it as an archive, as Debian does. Within the shared
//! library, its small functions call each other through tables, which costs reading a page 4 %. What the archive
//! calls of other libraries for nothing, another 14 %, is renamed to what `src/stand_ins.rs` has in its place.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The library's name when it is linked in: another one than that of the shared library.
const NAME: &str = "recto_tesseract";

/// What is called, and what is called instead.
const STAND_INS: [(&str, &str); 8] = [
    ("GOMP_parallel", "recto_parallel"),
    ("GOMP_parallel_sections", "recto_parallel_sections"),
    ("GOMP_sections_next", "recto_sections_next"),
    ("GOMP_sections_end_nowait", "recto_sections_end"),
    ("omp_get_num_threads", "recto_thread_count"),
    ("omp_get_thread_num", "recto_thread_number"),
    ("pixWriteMem", "recto_write_picture"),
    ("pixOpenBrick", "recto_open_brick"),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(tesseract_linked_in)");
    let archive =
        pkg_config::get_variable("tesseract", "libdir").map(|folder| Path::new(&folder).join("libtesseract.a"));
    if let Ok(archive) = archive
        && env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux")
        && archive.is_file()
    {
        link_in(&archive);
    }
    // Pages are handed over as its pictures; an archive needs it besides.
    pkg_config::probe_library("lept").expect("the development files of Leptonica are needed: run ./bootstrap.sh");
}

/// Links a copy of the archive in, if one can be made.
fn link_in(archive: &Path) {
    println!("cargo:rerun-if-changed={}", archive.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    if !renamed(archive, &out.join(format!("lib{NAME}.a"))) {
        return;
    }
    println!("cargo:rustc-cfg=tesseract_linked_in");
    println!("cargo:rustc-link-search=native={}", out.display());
    // The archive comes before the shared library that `tesseract-rs` asks for, which nothing needs any more then.
    println!("cargo:rustc-link-lib=static:-bundle={NAME}");
    // For calls of OpenMP that have no stand-in; the linker drops it when there are none.
    println!("cargo:rustc-link-lib=dylib=gomp");
}

/// A copy of the archive that calls the stand-ins; `false` without binutils.
fn renamed(archive: &Path, copy: &Path) -> bool {
    let mut command = Command::new("objcopy");
    command.args(STAND_INS.map(|(from, to)| format!("--redefine-sym={from}={to}"))).arg(archive).arg(copy);
    command.status().is_ok_and(|status| status.success())
}
