//! The files that `recto run` is to read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use recto_domain::FileKind;
use recto_export::{PdfStandard, UnfitOptions};

use crate::failure::{advised, in_words};

/// What was found under the names on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inputs {
    /// Files to read, in the order of the command line, those of a folder sorted by name.
    pub(super) files: Vec<PathBuf>,
    /// Files in folders that are of no kind that Recto reads.
    pub(super) skipped: Vec<PathBuf>,
}

impl Inputs {
    /// Refuses a PDF whose pages cannot stand in an export that follows the standard; a file that cannot be read fails
    /// by itself.
    pub(super) fn check_pdfs(&self, standard: PdfStandard) -> Result<(), UnfitOptions> {
        let is_pdf = |path: &&PathBuf| sniff(path).is_ok_and(|kind| kind == Some(FileKind::Pdf));
        for path in self.files.iter().filter(is_pdf) {
            if let Ok(file) = File::open(path) {
                let name = path.display().to_string();
                recto_export::check_file(standard, file, &name, self.files.len() == 1)?;
            }
        }
        Ok(())
    }
}

/// Looks up the names. A file that is named is read whatever it is; a folder gives the files in it and in its folders
/// that Recto reads, told by their bytes, without hidden ones.
pub(super) fn collect(names: &[PathBuf]) -> anyhow::Result<Inputs> {
    let mut inputs = Inputs::default();
    for name in names {
        let about = std::fs::metadata(name).map_err(|e| unusable(name, &e))?;
        if about.is_dir() {
            folder(name, &mut inputs).map_err(|(path, e)| unusable(&path, &e))?;
        } else {
            inputs.files.push(name.clone());
        }
    }
    if inputs.files.is_empty() {
        let advice = "Name files or folders with PDF, PNG, JPEG, TIFF, WebP, BMP or GIF files.";
        return Err(advised("there is nothing to read", advice));
    }
    Ok(inputs)
}

fn unusable(path: &Path, error: &io::Error) -> anyhow::Error {
    let why = match error.kind() {
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        _ => in_words(error),
    };
    advised(format!("{}: {why}", path.display()), "Nothing was read. Correct the name, or leave it out.")
}

fn folder(path: &Path, inputs: &mut Inputs) -> Result<(), (PathBuf, io::Error)> {
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
        // The kind of a link's target is asked for; a link to a folder is not gone into, as it may lead in a circle.
        let is_link = entry.file_type().map_err(here)?.is_symlink();
        let path = entry.path();
        let Ok(about) = std::fs::metadata(&path) else {
            inputs.skipped.push(path);
            continue;
        };
        if about.is_dir() && !is_link {
            folder(&path, inputs)?;
        } else if about.is_file() {
            match sniff(&path) {
                Ok(None) => inputs.skipped.push(path),
                // One that cannot be read is kept, to be told of as failed.
                Ok(Some(_)) | Err(_) => inputs.files.push(path),
            }
        }
    }
    Ok(())
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
        let inputs = collect(&[root.path().to_owned(), notes.clone()]).unwrap();
        assert_eq!(inputs, Inputs { files: vec![deep, b, notes.clone()], skipped: vec![notes] });
    }

    #[test]
    fn a_name_that_leads_nowhere_stops_before_anything_is_read() {
        assert!(collect(&["/no/such/file.pdf".into()]).unwrap_err().to_string().contains("no such file"));
        let empty = tempfile::tempdir().unwrap();
        assert!(collect(&[empty.path().to_owned()]).unwrap_err().to_string().contains("nothing to read"));
    }
}
