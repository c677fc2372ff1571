//! A ZIP with a separate export of each file, named after the file, and a list of problems.

use std::io::{BufWriter, Write};

use recto_domain::{BatchDetails, FinishedBatch};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::ExportError;
use crate::files::{Entry, entries, failed_pages, failed_pages_in_words};
use crate::flat_text::{name_line, one_line};
use crate::format::{Format, export};
use crate::one_file::OneFile;
use crate::options::ExportOptions;
use crate::result_names::names_beside;

/// The list of what could not be read.
const PROBLEMS: &str = "problems.txt";

/// Writes a ZIP with one export per completed file of a batch, in that format, named after the file with the format's
/// extension. Files without a document and pages that could not be read are listed in `problems.txt`, which exists only
/// if there are any.
///
/// # Errors
/// As [`export`].
pub fn export_zip(
    format: Format,
    options: &ExportOptions,
    batch: &mut dyn FinishedBatch,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    options.check(format)?;
    let entries = entries(batch);
    let mut zip = ZipWriter::new_stream(BufWriter::with_capacity(64 * 1024, out));
    // These three formats are already compressed.
    let method = match format {
        Format::Pdf | Format::Docx | Format::Xlsx => CompressionMethod::Stored,
        _ => CompressionMethod::Deflated,
    };
    let about = SimpleFileOptions::default().last_modified_time(time_of(batch.details())).unix_permissions(0o644);
    let documents = entries.iter().filter_map(|entry| match entry {
        Entry::Read(document) => Some(document),
        Entry::Unread(_) => None,
    });
    let called = documents.map(|document| document.file_name.as_str());
    let mut names = names_beside(&[PROBLEMS], called, format.extension()).into_iter();
    let mut problems = Vec::new();
    for entry in &entries {
        match entry {
            Entry::Unread(file) => problems.push(format!("{} {}\n", file.name_line(), file.note())),
            Entry::Read(document) => {
                let failed = failed_pages(batch, document)?;
                if !failed.is_empty() {
                    let told = one_line(&failed_pages_in_words(&failed));
                    problems.push(format!("{} [{told}]\n", name_line(document)));
                }
                let Some(name) = names.next() else { continue };
                zip.start_file(name, about.compression_method(method)).map_err(std::io::Error::from)?;
                if let Some(mut one) = OneFile::of(batch, document.record_id) {
                    export(format, options, &mut one, &mut zip)?;
                }
            }
        }
    }
    if !problems.is_empty() {
        let about = about.compression_method(CompressionMethod::Deflated);
        zip.start_file(PROBLEMS, about).map_err(std::io::Error::from)?;
        zip.write_all(problems.concat().as_bytes())?;
    }
    let out = zip.finish().map_err(std::io::Error::from)?;
    out.into_inner().flush()?;
    Ok(())
}

/// The batch's own time, so that the same batch gives the same bytes.
fn time_of(details: &BatchDetails) -> DateTime {
    let text = details.completed_at.unwrap_or(details.batch.updated_at).to_string();
    let number = |at: std::ops::Range<usize>| text.get(at).and_then(|digits| digits.parse::<u16>().ok()).unwrap_or(0);
    let small = |at| number(at) as u8;
    // Times that a ZIP cannot hold become its earliest time.
    DateTime::from_date_and_time(number(0..4), small(5..7), small(8..10), small(11..13), small(14..16), small(17..19))
        .unwrap_or_default()
}
