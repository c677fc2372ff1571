//! Finds the objects of a file with a missing or wrong cross-reference table by searching the whole file.

use super::bytes::Bytes;
use super::parser::{Parser, is_regular};
use super::xref::{ObjectLocation, Xref};
use crate::pdf::object::{Dictionary, Object, Reference};

const BLOCK: u64 = 1 << 20;
/// The overlap of blocks, in bytes, so that text across their border is seen as a whole.
const OVERLAP: u64 = 2048;

/// The result of the search.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) xref: Xref,
    /// Streams that contain further objects.
    pub(super) object_streams: Vec<Reference>,
}

/// Searches the whole file for `12 0 obj` and for trailers; of several objects with one number, the last is used.
pub(super) fn search(bytes: &mut Bytes) -> Findings {
    let mut found = Findings::default();
    let mut catalog = None;
    let mut trailer: Option<Dictionary> = None;
    let mut at = 0;
    while at < bytes.length() {
        let block = bytes.read(at, BLOCK + OVERLAP);
        for hit in memchr::memmem::find_iter(&block, b"obj") {
            if hit as u64 >= BLOCK + 64 {
                break;
            }
            let Some((number, start)) = heading(&block, hit) else { continue };
            found.xref.replace(number, ObjectLocation::At(at + start as u64));
            let head = &block[hit..block.len().min(hit + 512)];
            let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
            if !has(b"/ObjStm") && !has(b"/XRef") && !has(b"/Catalog") {
                continue;
            }
            let Some(Object::Dictionary(dictionary)) = Parser::new(&block, hit + 3).object() else { continue };
            if dictionary.is("Type", "ObjStm") {
                found.object_streams.push(Reference { number, generation: 0 });
            } else if dictionary.is("Type", "Catalog") {
                catalog = Some(Reference { number, generation: 0 });
            } else if dictionary.is("Type", "XRef") && dictionary.contains("Root") {
                trailer = Some(dictionary);
            }
        }
        for hit in memchr::memmem::find_iter(&block, b"trailer") {
            if let Some(Object::Dictionary(dictionary)) = Parser::new(&block, hit + 7).object()
                && dictionary.contains("Root")
            {
                trailer = Some(dictionary);
            }
        }
        at += BLOCK;
    }
    found.xref.trailer = trailer.unwrap_or_default();
    if !found.xref.trailer.contains("Root")
        && let Some(catalog) = catalog
    {
        found.xref.trailer.set("Root", catalog);
    }
    found
}

/// The number before an `obj`, and its start; `None` for other words, such as `endobj`.
fn heading(block: &[u8], hit: usize) -> Option<(u32, usize)> {
    let back = |from: usize, is: fn(u8) -> bool| from - block[..from].iter().rev().take_while(|b| is(**b)).count();
    let blank = |b: u8| matches!(b, 0 | 9 | 10 | 12 | 13 | 32);
    let digit = |b: u8| b.is_ascii_digit();
    let generation_end = back(hit, blank);
    let generation = back(generation_end, digit);
    let number_end = back(generation, blank);
    let number = back(number_end, digit);
    let apart = generation < generation_end && number_end < generation && number < number_end;
    if !apart || number.checked_sub(1).is_some_and(|before| is_regular(block[before]) && block[before] != b'j') {
        return None;
    }
    let digits = std::str::from_utf8(&block[number..number_end]).ok()?;
    Some((digits.parse().ok()?, number))
}
