//! The sheet of problems: files without a document, pages that could not be read, and other warnings.

use std::io::Write;

use recto_domain::{FinishedBatch, RecordId, RecordStatus};

use super::cell::Cell;
use super::sheet::{Column, Shape, Sheet};
use crate::error::ExportError;
use crate::files::{Entry, failed_pages};

/// A row of the sheet.
pub(super) struct Problem {
    pub(super) record_id: RecordId,
    pub(super) file_name: String,
    pub(super) status: RecordStatus,
    /// Set if it is about one page.
    pub(super) page: Option<u32>,
    pub(super) what: String,
}

/// All problems, in the order of the files.
pub(super) fn problems(batch: &mut dyn FinishedBatch, entries: &[Entry]) -> Result<Vec<Problem>, ExportError> {
    let mut problems = Vec::new();
    for entry in entries {
        let document = match entry {
            Entry::Read(document) => document,
            Entry::Unread(file) => {
                problems.push(Problem {
                    record_id: file.record_id,
                    file_name: file.file_name.clone(),
                    status: file.status,
                    page: None,
                    what: file.reason.clone(),
                });
                continue;
            }
        };
        let of = |page, what| {
            let (record_id, file_name) = (document.record_id, document.file_name.clone());
            Problem { record_id, file_name, status: RecordStatus::Completed, page, what }
        };
        let failed = failed_pages(batch, document)?;
        problems.extend(failed.iter().map(|(number, why)| of(Some(*number), format!("could not be read: {why}"))));
        // A document's warnings mention these pages too, several at once.
        let is_told = |warning: &&String| !failed.iter().any(|(_, why)| warning.ends_with(why.as_str()));
        problems.extend(document.warnings.iter().filter(is_told).map(|warning| of(None, warning.clone())));
    }
    Ok(problems)
}

/// The columns of the sheet.
pub(super) fn columns() -> Vec<Column> {
    vec![
        Column::new("fileName", 32),
        Column::new("status", 14),
        Column::of_numbers("page", 9),
        Column::new("problem", 90),
    ]
}

/// Writes one row per problem.
pub(super) fn write(
    problems: &[Problem],
    columns: &[Column],
    shape: &Shape<'_>,
    out: impl Write,
) -> Result<Vec<String>, ExportError> {
    let mut sheet = Sheet::begin(out, columns, shape)?;
    for problem in problems {
        sheet.begin_row()?;
        sheet.file_name(&problem.file_name, problem.record_id)?;
        sheet.cell(&Cell::Text(problem.status.as_str().to_owned()))?;
        sheet.cell(&problem.page.map_or(Cell::Empty, |page| Cell::Whole(page.into())))?;
        sheet.cell(&Cell::Text(problem.what.clone()))?;
        sheet.end_row()?;
    }
    Ok(sheet.end()?)
}
