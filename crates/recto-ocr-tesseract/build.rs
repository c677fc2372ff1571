//! Links Tesseract into the binary where the system has it as an archive, as Debian does. Within the shared
//! library, its small functions call each other through tables, which costs reading a page 4 %. What the archive
//! calls of other libraries for nothing, another 14 %, and those that open networks and archives, are renamed to what
//! `src/stand_ins.rs` has in their place.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The library's name when it is linked in: another one than that of the shared library.
const NAME: &str = "recto_tesseract";

/// Functions of other libraries in place of which the archive calls one of ours, which is named as they are after
/// `recto_`.
const STAND_INS: [&str; 22] = [
    "GOMP_parallel",
    "GOMP_parallel_sections",
    "GOMP_sections_next",
    "GOMP_sections_end_nowait",
    "omp_get_num_threads",
    "omp_get_thread_num",
    "pixWriteMem",
    "pixOpenBrick",
    "archive_entry_pathname",
    "archive_entry_size",
    "archive_read_data",
    "archive_read_free",
    "archive_read_new",
    "archive_read_next_header",
    "archive_read_open_filename",
    "archive_read_support_filter_all",
    "archive_read_support_format_all",
    "curl_easy_cleanup",
    "curl_easy_init",
    "curl_easy_perform",
    "curl_easy_setopt",
    "curl_easy_strerror",
];

/// Functions of the archive itself that give way to ours of the same name: `UnicharAmbigs::LoadUniversal`, as C++ names
/// it.
const REPLACED: [&str; 1] = ["_ZN9tesseract13UnicharAmbigs13LoadUniversalERKNS_10UNICHARSETEPS1_"];

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

/// A copy of the archive that calls the stand-ins; `false` when none can be made.
fn renamed(archive: &Path, copy: &Path) -> bool {
    let renamed = STAND_INS.iter().map(|name| format!("--redefine-sym={name}=recto_{name}"));
    let replaced = REPLACED.iter().map(|name| format!("--weaken-symbol={name}"));
    let done = Command::new("objcopy")
        .args(renamed.chain(replaced))
        .arg(archive)
        .arg(copy)
        .status()
        .is_ok_and(|status| status.success());
    if !done {
        println!(
            "cargo:warning=objcopy of binutils is needed to link Tesseract in; its shared library, which is slower, is used"
        );
    }
    done
}
