//! Where the export of `recto run` goes.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use recto_domain::FinishedBatch;
use recto_export::{Content, ExportError, ExportOptions, Format};

use super::each::ResultsLocation;
use crate::failure::advised;
use crate::terminal;
use crate::umask::mode_for_user;

const BUFFER_BYTES: usize = 256 * 1024;

/// Where an export is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Standard output.
    Stdout,
    /// A file. It is written completely or not at all.
    File(PathBuf),
    /// A file for each input.
    Each(ResultsLocation),
    /// Nowhere: only the report is wanted.
    Nowhere,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) format: Format,
    pub(super) content: Content,
    pub(super) options: ExportOptions,
}

impl Export {
    fn write(&self, batch: &mut dyn FinishedBatch, out: &mut dyn Write) -> Result<(), ExportError> {
        let warnings = recto_export::prepare(self.format, &self.options, batch)?;
        match self.content {
            Content::Combined => {
                for warning in warnings {
                    eprintln!("{}", terminal::one_line(&warning));
                }
                recto_export::export(self.format, &self.options, batch, out)
            }
            Content::Zip => recto_export::export_zip(self.format, &self.options, batch, out),
            Content::Tables => recto_export::export_tables(&self.options, batch, out),
            Content::Report => recto_export::export_report(&self.options, batch, out),
        }
    }
}

/// What the flags say about where the result goes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    /// The path given with `-o`.
    pub(super) output: Option<&'a Path>,
    /// Whether results go beside each file.
    pub(super) beside: bool,
    /// Whether the report goes to stdout.
    pub(super) json: bool,
    /// Whether the tables on the pages are wanted instead of the documents.
    pub(super) tables: bool,
}

/// The export and the target that the flags ask for, in the format `fallback` when they name none. Combinations that
/// cannot succeed are refused before any page is read.
pub(super) fn decide(
    format: Option<Format>,
    fallback: Format,
    mut options: ExportOptions,
    wanted: Wanted<'_>,
) -> anyhow::Result<(Export, Target)> {
    let json = wanted.json;
    let target = match wanted.output {
        _ if wanted.beside => Target::Each(ResultsLocation::Beside),
        Some(path) if path == Path::new("-") => Target::Stdout,
        // A path with a trailing slash is a folder, even if it does not exist yet.
        Some(path) if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            Target::Each(ResultsLocation::Folder(path.to_owned()))
        }
        Some(path) => Target::File(path.to_owned()),
        None if json => Target::Nowhere,
        None => Target::Stdout,
    };
    let by_name = match &target {
        Target::File(path) => path.extension().and_then(|extension| by_extension(extension.to_str()?)),
        Target::Stdout | Target::Nowhere | Target::Each(_) => None,
    };
    let content = match &target {
        _ if wanted.tables => Content::Tables,
        Target::File(path) if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) => {
            Content::Zip
        }
        _ => Content::Combined,
    };
    let fallback = if wanted.tables { Format::Csv } else { fallback };
    let format = format.or(by_name).unwrap_or(fallback);
    // Drawing pages as pictures makes every format read them anew, but only a PDF shows the pictures.
    options.pdf.rasterize &= format == Format::Pdf;
    let checked = options.check(format).and_then(|()| content.check(format));
    checked.map_err(|e| advised(e.to_string(), "Choose another format, or leave the option out."))?;
    let export = Export { format, content, options };
    match &target {
        Target::Stdout if json => {
            Err(advised("--json and the export cannot both go to stdout", "Specify a file with -o."))
        }
        Target::Stdout if !format.is_text() && io::stdout().is_terminal() => {
            let advice = format!("Specify a file, as in -o result.{}.", format.extension());
            Err(advised(format!("{} is not written to a terminal", format.name()), advice))
        }
        Target::File(path) => check_folder(path).map(|()| (export, target)),
        Target::Stdout | Target::Nowhere | Target::Each(_) => Ok((export, target)),
    }
}

fn by_extension(extension: &str) -> Option<Format> {
    Format::ALL.into_iter().find(|format| extension.eq_ignore_ascii_case(format.extension()))
}

fn check_folder(path: &Path) -> anyhow::Result<()> {
    let refused =
        |why: &str| Err(advised(format!("{} cannot be written: {why}", path.display()), "Choose another -o file."));
    if folder_of(path).is_dir() { Ok(()) } else { refused("its folder does not exist") }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes the export. Returns the bytes written, if known.
pub(super) fn write(export: &Export, target: &Target, batch: &mut dyn FinishedBatch) -> anyhow::Result<Option<u64>> {
    match target {
        // The results of single files were written as each file ended.
        Target::Nowhere | Target::Each(_) => Ok(None),
        Target::Stdout => {
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, terminal::stdout());
            export.write(batch, &mut out)?;
            out.flush()?;
            Ok(None)
        }
        Target::File(path) => {
            let failed = || format!("{} was not written", path.display());
            match fs::metadata(path) {
                // A device or a pipe is written to directly; it must not be replaced by a file.
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

fn write_to(export: &Export, batch: &mut dyn FinishedBatch, file: File) -> anyhow::Result<File> {
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
    export.write(batch, &mut out)?;
    Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?)
}

/// Writes a temporary file beside the target and renames it at the end, so that the target is complete at any time.
pub(super) fn replace(export: &Export, path: &Path, batch: &mut dyn FinishedBatch) -> anyhow::Result<u64> {
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

    fn into(path: &Path) -> Wanted<'_> {
        Wanted { output: Some(path), ..Wanted::default() }
    }

    #[test]
    fn the_format_follows_from_the_files_name_unless_it_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let plain = ExportOptions::default();
        let decided = |format, name: &str| {
            decide(format, Format::Text, plain.clone(), into(&folder.path().join(name))).unwrap().0.format
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
        let decided =
            |format, options: &ExportOptions, wanted: Wanted<'_>| decide(format, Format::Text, options.clone(), wanted);
        let plain = ExportOptions::default();
        let nowhere = folder.path().join("no/x.pdf");
        assert!(decided(None, &plain, into(&nowhere)).is_err());
        assert!(decided(None, &plain, Wanted { json: true, ..into(Path::new("-")) }).is_err());
        let report = Wanted { json: true, ..Wanted::default() };
        assert_eq!(decided(None, &plain, report).unwrap().1, Target::Nowhere);
        let items = ExportOptions { csv_layout: CsvLayout::Items, ..plain };
        assert!(decided(Some(Format::Xlsx), &items, report).is_err());
        assert!(decided(Some(Format::Csv), &items, report).is_ok());
        let tables = Wanted { tables: true, ..Wanted::default() };
        let (export, _) = decided(None, &ExportOptions::default(), tables).unwrap();
        assert_eq!((export.format, export.content), (Format::Csv, Content::Tables));
        assert!(decided(Some(Format::Json), &ExportOptions::default(), tables).is_err());
    }

    #[test]
    fn a_folder_gets_a_result_for_each_file_and_a_zip_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let decided =
            |wanted: Wanted<'_>| decide(Some(Format::Pdf), Format::Text, ExportOptions::default(), wanted).unwrap();
        let there = folder.path().to_owned();
        assert_eq!(decided(into(&there)).1, Target::Each(ResultsLocation::Folder(there.clone())));
        let new = there.join("new/");
        assert_eq!(decided(into(&new)).1, Target::Each(ResultsLocation::Folder(new.clone())));
        assert_eq!(decided(Wanted { beside: true, ..Wanted::default() }).1, Target::Each(ResultsLocation::Beside));
        let zip = there.join("all.ZIP");
        let (export, target) = decided(into(&zip));
        assert_eq!((export.content, target), (Content::Zip, Target::File(zip.clone())));
        let pdf = there.join("all.pdf");
        assert_eq!(decided(into(&pdf)).0.content, Content::Combined);
    }
}
