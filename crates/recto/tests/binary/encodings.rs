//! One letter in every encoding that pictures come in: read the same from each.

use image::ImageFormat;
use serde_json::Value;

use crate::documents::{bytes, files};
use crate::pictures::{animation, cmyk_tiff, encoded, exif_jpeg, grey, palette_png, sixteen_bits, transparent};
use crate::server::Server;
use crate::words::assert_reads_letter;

#[test]
fn a_letter_reads_the_same_in_every_encoding() {
    let server = Server::start();
    let letter = grey(&bytes("letter.tif"));
    let documents = server.documents([
        ("grey.png", encoded(letter.clone(), ImageFormat::Png)),
        ("16-bit.png", encoded(sixteen_bits(&letter), ImageFormat::Png)),
        ("palette.png", palette_png(&letter)),
        ("transparent.png", encoded(transparent(&letter), ImageFormat::Png)),
        ("cmyk.tif", cmyk_tiff(&letter)),
        ("16-bit.tif", encoded(sixteen_bits(&letter), ImageFormat::Tiff)),
        ("exif.jpg", exif_jpeg(&letter)),
        ("letter.webp", encoded(image::DynamicImage::from(letter.clone()).into_rgb8(), ImageFormat::WebP)),
        ("letter.bmp", encoded(letter.clone(), ImageFormat::Bmp)),
        ("letter.pgm", encoded(letter, ImageFormat::Pnm)),
        ("letter.heic", bytes("letter.heic")),
        ("letter.avif", bytes("letter.avif")),
        ("letter.jp2", bytes("letter.jp2")),
    ]);
    assert_eq!(documents.len(), 13);
    let kinds: Vec<_> = documents[9..].iter().map(|document| &document["mimeType"]).collect();
    assert_eq!(kinds, ["image/x-portable-anymap", "image/heic", "image/avif", "image/jp2"]);
    documents.iter().for_each(assert_reads_letter);
}

#[test]
fn every_frame_of_an_animation_is_a_page() {
    let server = Server::start();
    let documents = server.documents([("letters.gif", animation(&grey(&bytes("letter.tif"))))]);
    let pages = documents[0]["pages"].as_array().unwrap();
    assert_eq!(pages.len(), 2);
    for page in pages {
        assert_reads_letter(page);
    }
}

#[test]
fn a_file_is_told_by_its_bytes_and_not_by_its_name() {
    let server = Server::start();
    let documents = server.documents([("letter.pdf", bytes("letter.tif")), ("nothing", bytes("invoice.pdf"))]);
    let kinds: Vec<_> = documents.iter().map(|document| &document["mimeType"]).collect();
    assert_eq!(kinds, ["image/tiff", "application/pdf"]);
    assert_reads_letter(&documents[0]);
}

/// Real pictures of unusual makes without text: as many pages as they have, none of them failed.
#[test]
fn unusual_pictures_have_the_pages_they_have() {
    let server = Server::start();
    let expected = [
        ("16bit.deflate.tif", 1),
        ("anim.webp", 6),
        ("basn6a16.png", 1),
        ("dispose_bgnd.gif", 5),
        ("g4_orientation_6.tif", 1),
        ("hopper_orientation_6.jpg", 1),
        ("multipage.tiff", 3),
        ("pal4rle.bmp", 1),
        ("pil_sample_cmyk.jpg", 1),
        ("tbbn2c16.png", 1),
        ("empty.pdf", 1),
        ("rotation.pdf", 2),
    ];
    let names: Vec<&str> = expected.iter().map(|&(name, _)| name).collect();
    let details = server.read(files(&names));
    let pages = |file: &Value| (file["fileName"].as_str().unwrap().to_owned(), file["pages"].as_u64().unwrap_or(0));
    let found: Vec<_> = details["files"].as_array().unwrap().iter().map(pages).collect();
    assert_eq!(found, expected.map(|(name, pages)| (name.to_owned(), pages)));
    assert_eq!((&details["status"], &details["failedPages"]), (&"completed".into(), &0.into()), "{details:#}");
}

#[test]
fn a_page_without_text_is_done_and_not_failed() {
    let server = Server::start();
    let documents = server.documents([("empty.pdf", bytes("empty.pdf"))]);
    let page = &documents[0]["pages"][0];
    assert_eq!((&page["text"], &page["blocks"]), (&"".into(), &serde_json::json!([])));
    assert_eq!(documents[0]["confidence"], Value::Null);
}
