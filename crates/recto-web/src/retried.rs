//! The outcome of a retry, shown by the page that follows it.

use axum::http::Method;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use crate::Web;
use crate::call::Failure;
use crate::form::query;
use crate::session::Session;
use crate::words::count;

/// How many files, pages and searches for fields were queued again.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Retried {
    files: u64,
    pages: u64,
    searches: u64,
}

impl Retried {
    /// Has the API retry what failed in a batch or a record.
    pub(crate) async fn load(web: &Web, session: &Session, path: &str) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Answer {
            retried: Retried,
        }
        let answer: Answer = web.put(session, Method::POST, &format!("{path}/retry"), &json!({})).await?;
        Ok(answer.retried)
    }

    /// The outcome, encoded for the address of the page that shows it.
    pub(crate) fn query(self) -> String {
        let Self { files, pages, searches } = self;
        query(&[("retried", &format!("{files}-{pages}-{searches}"))])
    }

    /// Parses the outcome from the address of a page.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('-').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self { files: next()?, pages: next()?, searches: next()? })
    }

    /// The outcome in words.
    pub(crate) fn note(self) -> Markup {
        let Self { files, pages, searches } = self;
        let counted = [(files, "file"), (pages, "page")].into_iter().filter(|(n, _)| *n > 0);
        let read: Vec<String> = counted.map(|(n, noun)| count(n, noun)).collect();
        html! {
            p.last role="status" {
                @if read.is_empty() && searches == 0 {
                    "Nothing was read again, because nothing has failed. To extract fields again, apply a template \
                     again; to read the files again, send them again."
                }
                @if !read.is_empty() { "Being read again: " (read.join(" and ")) "." }
                @if searches > 0 { " Fields are being extracted again from " (count(searches, "file")) "." }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_a_retry_did() {
        let said = |text: &str| Retried::parse(text).map(|retried| retried.note().into_string());
        assert!(said("0-0-0").unwrap().contains("Nothing was read again"));
        assert!(said("1-3-0").unwrap().contains("Being read again: 1 file and 3 pages."));
        assert!(said("0-0-2").unwrap().contains("Fields are being extracted again from 2 files."));
        for wrong in ["", "1-2", "1-2-x", "<b>"] {
            assert!(said(wrong).is_none(), "{wrong}");
        }
        let retried = Retried { files: 1, pages: 2, searches: 3 };
        assert_eq!(retried.query(), "retried=1-2-3");
    }
}
