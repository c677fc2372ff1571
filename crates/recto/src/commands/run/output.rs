//! Where the export of `recto run` goes.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use recto_domain::FinishedBatch;
use recto_export::{ExportError, ExportOptions, Format};

use crate::failure::advised;
use crate::terminal;
use crate::umask::mode_for_user;

const BUFFER_BYTES: usize = 256 * 1024;

/// Where an export is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Standard output.
    Stdout,
    /// A file, which comes into being whole or not at all.
    File(PathBuf),
    /// Nowhere: only the report is wanted.
    Nowhere,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) format: Format,
    pub(super) options: ExportOptions,
}

impl Export {
    fn write(self, batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
        for warning in recto_export::prepare(self.format, &self.options, batch)? {
            eprintln!("{}", terminal::one_line(&warning));
        }
        recto_export::export(self.format, &self.options, batch, out)
    }
}

/// The export and the target that the flags mean, in the format `fallback` when they name none; refuses what could not
/// end well before any page is read.
pub(super) fn decide(
    format: Option<Format>,
    fallback: Format,
    options: ExportOptions,
    output: Option<&Path>,
    json: bool,
) -> anyhow::Result<(Export, Target)> {
    let target = match output {
        Some(path) if path == Path::new("-") => Target::Stdout,
        Some(path) => Target::File(path.to_owned()),
        None if json => Target::Nowhere,
        None => Target::Stdout,
    };
    let by_name = match &target {
        Target::File(path) => path.extension().and_then(|extension| by_extension(extension.to_str()?)),
        Target::Stdout | Target::Nowhere => None,
    };
    let format = format.or(by_name).unwrap_or(fallback);
    options.check(format).map_err(|e| advised(e.to_string(), "Name another format, or leave the option out."))?;
    let export = Export { format, options };
    match &target {
        Target::Stdout if json => {
            Err(advised("--json and the export cannot both go to stdout", "Name a file with -o."))
        }
        Target::Stdout if !format.is_text() && io::stdout().is_terminal() => {
            let advice = format!("Name a file, as in -o result.{}.", format.extension());
            Err(advised(format!("{} is not written to a terminal", format.name()), advice))
        }
        Target::File(path) => check_folder(path).map(|()| (export, target)),
        Target::Stdout | Target::Nowhere => Ok((export, target)),
    }
}

fn by_extension(extension: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| extension.eq_ignore_ascii_case(format.extension()))
}

fn check_folder(path: &Path) -> anyhow::Result<()> {
    let refused =
        |why: &str| Err(advised(format!("{} cannot be written: {why}", path.display()), "Name another file with -o."));
    if path.is_dir() {
        return refused("it is a folder");
    }
    if folder_of(path).is_dir() { Ok(()) } else { refused("its folder does not exist") }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the export; the bytes written, if it is known how many.
pub(super) fn write(export: Export, target: &Target, batch: &mut dyn FinishedBatch) -> anyhow::Result<Option<u64>> {
    match target {
        Target::Nowhere => Ok(None),
        Target::Stdout => {
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, terminal::stdout());
            export.write(batch, &mut out)?;
            out.flush()?;
            Ok(None)
        }
        Target::File(path) => {
            let failed = || format!("{} was not written", path.display());
            match fs::metadata(path) {
                // A device or a pipe is written to; it is not to be replaced by a file.
                Ok(about) if !about.is_file() => {
                    let device = File::options().write(true).open(path).with_context(failed)?;
                    write_to(export, batch, device).with_context(failed)?;
                    Ok(None)
                }
                _ => replace(export, path, batch).map(Some).with_context(failed),
            }
        }
    }
}

fn write_to(export: Export, batch: &mut dyn FinishedBatch, file: File) -> anyhow::Result<File> {
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
    export.write(batch, &mut out)?;
    Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?)
}

/// Writes beside the file and takes its place at the end, so that what is there is whole at any time.
fn replace(export: Export, path: &Path, batch: &mut dyn FinishedBatch) -> anyhow::Result<u64> {
    // The target of a link is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mode = fs::metadata(&path).map_or_else(|_| mode_for_user(), |about| about.permissions().mode() & 0o777);
    let new = tempfile::Builder::new().prefix(".recto-").tempfile_in(folder_of(&path))?;
    let file = write_to(export, batch, new.as_file().try_clone()?)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()?;
    let bytes = file.metadata()?.len();
    new.persist(&path).map_err(|e| e.error)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use recto_export::CsvLayout;

    use super::*;

    #[test]
    fn the_format_follows_from_the_files_name_unless_it_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let plain = ExportOptions::default();
        let decided = |format, name: &str| {
            decide(format, Format::Text, plain, Some(&folder.path().join(name)), false).unwrap().0.format
        };
        assert_eq!(decided(None, "march.PDF"), Format::Pdf);
        assert_eq!(decided(None, "march.txt"), Format::Text);
        assert_eq!(decided(None, "march"), Format::Text);
        for format in Format::ALL {
            assert_eq!(decided(None, &format!("march.{}", format.extension())), format);
        }
        assert_eq!(decided(Some(Format::Csv), "march.pdf"), Format::Csv);
    }

    #[test]
    fn what_could_not_be_written_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let plain = ExportOptions::default();
        assert!(decide(None, Format::Text, plain, Some(folder.path()), false).is_err());
        assert!(decide(None, Format::Text, plain, Some(&folder.path().join("no/x.pdf")), false).is_err());
        assert!(decide(None, Format::Text, plain, Some(Path::new("-")), true).is_err());
        assert_eq!(decide(None, Format::Text, plain, None, true).unwrap().1, Target::Nowhere);
        let items = ExportOptions { csv_layout: CsvLayout::Items, ..plain };
        assert!(decide(Some(Format::Xlsx), Format::Text, items, None, true).is_err());
        assert!(decide(Some(Format::Csv), Format::Text, items, None, true).is_ok());
    }
}
