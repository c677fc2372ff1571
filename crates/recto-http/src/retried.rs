//! What a retry queued, or why it queued nothing.

use recto_storage::Retried;
use serde::Serialize;
use utoipa::ToSchema;

/// What was queued again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetriedWork {
    /// Files that are opened again.
    files: u32,
    /// Pages that are read again.
    pages: u32,
    /// Files whose fields are extracted again.
    searches: u32,
    /// The same, worded for a person. If nothing was queued, it says why, and what to do instead.
    message: String,
}

impl RetriedWork {
    /// The result of a retry; `is_open` if its object has not ended, so that nothing of it can have failed for good.
    pub(crate) fn of(Retried { files, pages, searches }: Retried, is_open: bool) -> Self {
        let count = |n: u32, noun: &str| match n {
            0 => None,
            1 => Some(format!("1 {noun}")),
            n => Some(format!("{n} {noun}s")),
        };
        let read: Vec<String> = [count(files, "file"), count(pages, "page")].into_iter().flatten().collect();
        let read = (!read.is_empty()).then(|| format!("{} to be read again", read.join(" and ")));
        let sought = count(searches, "file").map(|files| format!("fields of {files} to be extracted again"));
        let done: Vec<String> = [read, sought].into_iter().flatten().collect();
        let message = match (done.is_empty(), is_open) {
            (false, _) => format!("queued: {}", done.join(", ")),
            (true, true) => "nothing was queued again: files are still being read, and nothing has failed".to_owned(),
            (true, false) => NOTHING.to_owned(),
        };
        Self { files, pages, searches, message }
    }
}

const NOTHING: &str = "nothing was queued again, because nothing failed; to extract the fields again, use POST \
                       /templates/:id/apply; to read the file again, send it with reuse=false";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_says_what_it_did_and_what_it_did_not() {
        let said =
            |files, pages, searches, is_open| RetriedWork::of(Retried { files, pages, searches }, is_open).message;
        assert_eq!(said(1, 3, 0, true), "queued: 1 file and 3 pages to be read again");
        assert_eq!(said(0, 0, 1, true), "queued: fields of 1 file to be extracted again");
        assert_eq!(said(0, 1, 2, true), "queued: 1 page to be read again, fields of 2 files to be extracted again");
        assert!(said(0, 0, 0, true).contains("still being read"));
        assert!(said(0, 0, 0, false).starts_with("nothing was queued again, because nothing failed"));
    }
}
