//! Companies that are named with their legal form in the head or the foot of the first page.
//!
//! Payslips, statements and bills often have a picture for a letterhead, and name their issuer only in a line among
//! other lines, or in the small print at the bottom.

use std::ops::Range;

use serde_json::Value;

use super::block::is_nameable;
use crate::candidate::{Candidate, Origin};
use crate::sheet::{Row, Sheet};
use crate::text_blocks::{has_legal_form, is_legal_form, is_street};

/// The share of the page's height above which lines are in its head …
const HEAD: f32 = 0.3;
/// … and below which they are in its foot.
const FOOT: f32 = 0.85;
/// The probability that the first company named in the head issued the paper.
const IN_HEAD: f32 = 0.5;
/// The same for the first one in the foot.
const IN_FOOT: f32 = 0.45;
/// The factor for each further one.
const FURTHER: f32 = 0.8;
/// A wider gap, in line heights, parts two texts.
const GAP: f32 = 2.5;
/// The most words of a company's name.
const MAX_WORDS: usize = 8;

/// The companies named in the head and the foot of the first page, as candidates for its issuer.
pub(super) fn issuers(sheet: &Sheet) -> Vec<Candidate> {
    let Some((_, height)) = sheet.sizes.first().copied() else { return Vec::new() };
    let rows = || sheet.rows.iter().filter(|row| row.page == 1);
    let head = rows().filter(|row| row.bbox.center().y < HEAD * height);
    let foot = rows().filter(|row| row.bbox.center().y > FOOT * height);
    let named = |rows: &mut dyn Iterator<Item = &Row>, first: f32| -> Vec<Candidate> {
        let names = rows.flat_map(|row| parts(sheet, row)).filter_map(|part| name_in(sheet, part));
        let nth = |n: usize| first * FURTHER.powi(n.min(8) as i32);
        names.enumerate().map(|(n, words)| candidate(sheet, words, nth(n))).collect()
    };
    let mut found = named(&mut head.into_iter(), IN_HEAD);
    found.extend(named(&mut foot.into_iter(), IN_FOOT));
    found
}

fn candidate(sheet: &Sheet, words: Range<usize>, score: f32) -> Candidate {
    let text = sheet.text(words.start, words.end);
    let value = Value::String(text.trim_end_matches([',', ';', '·', '•', '|', '-', ':']).trim().to_owned());
    Candidate::printed(sheet, words.start, words.end, value, score).from(Origin::Party)
}

/// The texts of a row, as ranges of words: parted by wide gaps and by separators.
fn parts(sheet: &Sheet, row: &Row) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = row.first;
    for at in row.first..row.end {
        let word = &sheet.words[at];
        let ends_so = word.text.ends_with(['·', '•', '|', ';', ',', ':']);
        let is_dash = matches!(word.text.as_str(), "-" | "–" | "—" | "/");
        let is_apart = sheet
            .words
            .get(at + 1)
            .filter(|_| at + 1 < row.end)
            .is_none_or(|next| next.bbox.x - word.bbox.right() > GAP * word.bbox.height.max(next.bbox.height));
        if is_dash {
            parts.push(start..at);
            start = at + 1;
        } else if ends_so || is_apart {
            parts.push(start..at + 1);
            start = at + 1;
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The words of a text up to the legal form that ends a company's name, or all of them after one that begins it.
fn name_in(sheet: &Sheet, part: Range<usize>) -> Option<Range<usize>> {
    let is_form = |at: usize| is_legal_form(&sheet.words[at].text);
    let is_loud = |at: usize| sheet.words[at].text.chars().all(|c| !c.is_lowercase());
    let last = (part.start + 2..=part.end).find(|end| has_legal_form(&sheet.text(part.start, *end)));
    let end = match last {
        Some(end) => (end..part.end).find(|at| !is_form(*at) && sheet.words[*at].text != "&").unwrap_or(part.end),
        None if part.len() > 2 && is_form(part.start) && is_loud(part.start) => part.end,
        None => return None,
    };
    let text = sheet.text(part.start, end);
    let is_name = end - part.start <= MAX_WORDS && is_nameable(&text) && !is_street(&text);
    (is_name && text.starts_with(|c: char| !c.is_lowercase())).then_some(part.start..end)
}
