//! What a worker says, which may be in the hands of the file that it reads. The messages are private to
//! `recto-pipeline`; their files are compiled here again, so that neither PDFium nor a database has to be built.

#![no_main]
#![allow(dead_code, unreachable_pub)]

#[path = "../../crates/recto-pipeline/src/frame.rs"]
mod frame;
#[path = "../../crates/recto-pipeline/src/message.rs"]
mod message;
#[path = "../../crates/recto-pipeline/src/remote.rs"]
mod remote;
#[path = "../../crates/recto-pipeline/src/way.rs"]
mod way;

use libfuzzer_sys::fuzz_target;
use message::Reply;
use recto_domain::Page;

fuzz_target!(|bytes: &[u8]| {
    let Some((header, body)) = bytes.split_first_chunk::<{ frame::HEADER_BYTES }>() else { return };
    if frame::body_length(*header).is_err() {
        return;
    }
    match frame::decode::<Reply>(body) {
        Ok(Reply::Page(page)) => look_at(&page),
        Ok(Reply::Pages(pages)) => pages.iter().filter_map(|(_, page)| page.as_ref()).for_each(look_at),
        _ => {}
    }
});

/// What the server does with a page: it stores it, and writes its text, its structure and its tables.
fn look_at(page: &Page) {
    let _ = serde_json::to_vec(page).expect("a page that was read can be written");
    let _ = page.text();
    let mut batch = recto_export::MemoryBatch::new("fuzz", recto_domain::Timestamp::now());
    batch.add("file", recto_domain::FileKind::Png, "none", vec![page.clone()]);
    for format in [recto_export::Format::Docx, recto_export::Format::Html, recto_export::Format::Alto] {
        let options = recto_export::ExportOptions::default();
        let _ = recto_export::export(format, &options, &mut batch, &mut std::io::sink());
    }
}
