//! The files that `recto run` is to read.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use recto_domain::FileKind;

use crate::failure::{advised, in_words};

/// What was found under the names on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inputs {
    /// The files to read, in the order of the command line. Those of a folder are sorted by name.
    pub(super) files: Vec<PathBuf>,
    /// The path of each file relative to the folder that was named; only the file name when the file itself was named.
    pub(super) below: Vec<PathBuf>,
    /// Files in folders that are of a kind that Recto does not read.
    pub(super) skipped: Vec<PathBuf>,
}

/// Which files in folders are results, or will be, and therefore not inputs.
#[derive(Debug, Default)]
pub(super) struct Results<'a> {
    /// The folder that results are written to.
    pub(super) folder: Option<&'a Path>,
    /// The extension that results beside their files add to the whole name.
    pub(super) beside: Option<&'static str>,
}

/// Collects the files to read. A file that is named is always read. A folder gives the files in it and in its
/// subfolders that Recto can read, recognised by their bytes; hidden files and results are left out. `-` means stdin.
pub(super) fn collect(names: &[PathBuf], results: &Results<'_>) -> anyhow::Result<Inputs> {
    let mut inputs = Inputs::default();
    let output = results.folder.and_then(|folder| fs::canonicalize(folder).ok());
    for name in names {
        if is_stdin(name) {
            if inputs.files.iter().any(|file| is_stdin(file)) {
                return Err(advised("stdin can be read only once", "Nothing was read. Give - only once."));
            }
            if std::io::stdin().is_terminal() {
                return Err(advised(
                    "stdin is a terminal, not a file",
                    "Nothing was read. Give a file name, or pipe a file to stdin.",
                ));
            }
            inputs.files.push(name.clone());
            inputs.below.push(STDIN.into());
            continue;
        }
        let about = std::fs::metadata(name).map_err(|e| unusable(name, &e))?;
        if about.is_dir() {
            let from = inputs.files.len();
            let results = Results { folder: output.as_deref(), ..*results };
            folder(name, &results, &mut inputs).map_err(|(path, e)| unusable(&path, &e))?;
            let below = |file: &PathBuf| file.strip_prefix(name).unwrap_or(file).to_owned();
            let below: Vec<PathBuf> = inputs.files[from..].iter().map(below).collect();
            inputs.below.extend(below);
        } else {
            inputs.files.push(name.clone());
            inputs.below.push(name.file_name().unwrap_or(name.as_os_str()).into());
        }
    }
    if inputs.files.is_empty() {
        let advice = format!("Give {} files, or folders that contain such files.", FileKind::NAMES);
        return Err(advised("there is nothing to read", &advice));
    }
    Ok(inputs)
}

fn unusable(path: &Path, error: &io::Error) -> anyhow::Error {
    let why = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => in_words(error),
    };
    advised(format!("{}: {why}", path.display()), "Nothing was read. Correct the name or leave it out.")
}

fn folder(path: &Path, results: &Results<'_>, inputs: &mut Inputs) -> Result<(), (PathBuf, io::Error)> {
    let here = |e| (path.to_owned(), e);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(here)? {
        entries.push(entry.map_err(here)?);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // A link to a file is read. A link to a folder is not followed, because it may lead in a circle.
        let is_link = entry.file_type().map_err(here)?.is_symlink();
        let path = entry.path();
        let Ok(about) = std::fs::metadata(&path) else {
            inputs.skipped.push(path);
            continue;
        };
        if about.is_dir() && !is_link {
            if results.folder.is_none_or(|folder| fs::canonicalize(&path).is_ok_and(|path| path != folder)) {
                folder(&path, results, inputs)?;
            }
        } else if about.is_file() && !is_result(&path, results) {
            match sniff(&path) {
                Ok(None) => inputs.skipped.push(path),
                // A file that cannot be read is kept, so that it is reported as failed.
                Ok(Some(_)) | Err(_) => inputs.files.push(path),
            }
        }
    }
    Ok(())
}

/// Whether the path is the result of the file beside it.
fn is_result(path: &Path, results: &Results<'_>) -> bool {
    let has_extension = results.beside.is_some_and(|of| path.extension().is_some_and(|extension| extension == of));
    has_extension && path.with_extension("").is_file()
}

/// The name shown for stdin.
pub(super) const STDIN: &str = "stdin";

/// Whether the name means stdin.
pub(super) fn is_stdin(name: &Path) -> bool {
    name == Path::new("-")
}

fn sniff(path: &Path) -> io::Result<Option<FileKind>> {
    let mut head = Vec::with_capacity(FileKind::SNIFF_LEN);
    File::open(path)?.take(FileKind::SNIFF_LEN as u64).read_to_end(&mut head)?;
    Ok(FileKind::sniff(&head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_readable_files_in_order_and_names_the_others() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let b = write("b.scan", b"%PDF-1.4");
        let deep = write("a/z.pdf", b"%PDF-1.4");
        let notes = write("notes.txt", b"hello");
        write(".hidden.pdf", b"%PDF-1.4");
        std::os::unix::fs::symlink(root.path(), root.path().join("circle")).unwrap();
        let inputs = collect(&[root.path().to_owned(), notes.clone()], &Results::default()).unwrap();
        let below = ["a/z.pdf", "b.scan", "notes.txt"].map(PathBuf::from).to_vec();
        assert_eq!(inputs, Inputs { files: vec![deep, b, notes.clone()], below, skipped: vec![notes] });
    }

    #[test]
    fn what_was_written_before_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a.tif", "a.tif.pdf", "b.pdf", "out/c.pdf"] {
            std::fs::create_dir_all(root.path().join(name).parent().unwrap()).unwrap();
            std::fs::write(root.path().join(name), b"%PDF-1.4").unwrap();
        }
        let out = root.path().join("out");
        let results = Results { folder: Some(&out), beside: Some("pdf") };
        let inputs = collect(&[root.path().to_owned()], &results).unwrap();
        assert_eq!(inputs.below, ["a.tif", "b.pdf"].map(PathBuf::from));
    }

    #[test]
    fn a_name_that_leads_nowhere_stops_before_anything_is_read() {
        assert!(
            collect(&["/no/such/file.pdf".into()], &Results::default())
                .unwrap_err()
                .to_string()
                .contains("no such file")
        );
        let empty = tempfile::tempdir().unwrap();
        assert!(
            collect(&[empty.path().to_owned()], &Results::default())
                .unwrap_err()
                .to_string()
                .contains("nothing to read")
        );
    }
}
