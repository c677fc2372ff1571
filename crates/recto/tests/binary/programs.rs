//! Other people's programs, which read back what Recto wrote. `bootstrap.sh --tests` installs them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Runs a program that must succeed; its stdout.
#[track_caller]
pub fn run(program: &str, arguments: &[&dyn AsRef<OsStr>]) -> String {
    let mut command = Command::new(program);
    command.args(arguments.iter().map(AsRef::as_ref));
    let output = command.output().unwrap_or_else(|e| panic!("{program}: {e}; `./bootstrap.sh --tests` installs it"));
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} ended with {}\n{stdout}{stderr}", output.status);
    stdout.into_owned()
}

/// The text of a PDF.
pub fn pdf_text(path: &Path) -> String {
    run("pdftotext", &[&path, &"-"])
}

/// The names of the fonts of some pages of a PDF, without the marks of subsets.
pub fn pdf_fonts(path: &Path, first: u32, last: u32) -> Vec<String> {
    let table = run("pdffonts", &[&"-f", &first.to_string(), &"-l", &last.to_string(), &path]);
    let name = |line: &str| Some(line.split_whitespace().next()?.rsplit('+').next()?.to_owned());
    let mut names: Vec<String> = table.lines().skip(2).filter_map(name).collect();
    names.sort();
    names
}

/// A document as LibreOffice reads it, as plain text.
pub fn office_text(path: &Path) -> String {
    let home = TempDir::new().unwrap();
    let profile = format!("-env:UserInstallation=file://{}", home.path().join("profile").display());
    run(
        "soffice",
        &[&profile, &"--headless", &"--convert-to", &"txt:Text (encoded):UTF8", &"--outdir", &home.path(), &path],
    );
    std::fs::read_to_string(home.path().join(path.with_extension("txt").file_name().unwrap())).unwrap()
}

/// Writes bytes to a file for a program to read.
pub fn saved(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
