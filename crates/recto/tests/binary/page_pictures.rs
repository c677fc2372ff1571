//! The picture of a page behind its signed link: drawn from the real file, upright, and for nobody without the link.

use hmac::{Hmac, KeyInit, Mac};
use image::GrayImage;
use reqwest::Method;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::Value;
use sha2::Sha256;

use crate::answer::Answer;
use crate::documents::bytes;
use crate::server::{Server, eventually};

/// Sends one file with a field more; its record, once it is read.
fn read(server: &Server, name: &str, field: (&'static str, &'static str)) -> Value {
    let file = Part::bytes(bytes(name)).file_name(name.to_owned());
    let form = Form::new().text("projectId", server.project.clone()).text(field.0, field.1).part("file", file);
    let upload = Answer::of(server.call(Method::POST, "/upload").multipart(form));
    assert_eq!(upload.status, 201, "{}", upload.body);
    let path = format!("/processing-history/{}", upload.body["processingHistoryId"].as_str().unwrap());
    let mut record = Value::Null;
    eventually("the file is read", || {
        record = server.get(&path).body;
        record["status"] == "completed"
    });
    record
}

/// What a link leads to, without a key.
fn follow(server: &Server, link: &str) -> Answer {
    assert!(link.starts_with("/v1/openapi/files/"), "{link}");
    Answer::of(server.client.get(format!("http://{}{link}", server.address)))
}

fn picture(server: &Server, page: &Value) -> GrayImage {
    let answer = follow(server, page["imageUrl"].as_str().unwrap());
    assert_eq!((answer.status, answer.header("content-type")), (200, "image/png"), "{}", answer.body);
    image::load_from_memory(&answer.bytes).unwrap().into_luma8()
}

/// The middle of the dark pixels within the picture, each from 0 to 1.
fn middle_of_ink(picture: &GrayImage) -> (f64, f64) {
    let dark = picture.enumerate_pixels().filter(|(.., value)| value[0] < 128);
    let (x, y, count) =
        dark.fold((0.0, 0.0, 0.0), |(x, y, n), (px, py, _)| (x + f64::from(px), y + f64::from(py), n + 1.0));
    assert!(count > 100.0, "there is ink on the page");
    (x / count / f64::from(picture.width()), y / count / f64::from(picture.height()))
}

#[test]
fn a_page_is_drawn_as_its_boxes_lie() {
    let server = Server::start();
    let record = read(&server, "three_pages_with_number.pdf", ("pageRange", r#"{"from": 2, "to": 3}"#));
    let pages = record["pages"].as_array().unwrap();
    let numbers: Vec<_> = pages.iter().map(|page| page["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [2, 3], "of the file's pages those that were asked for");
    assert_ne!(picture(&server, &pages[0]), picture(&server, &pages[1]));

    let record = read(&server, "phototest-rotated-L.png", ("uploadType", "letter"));
    let page = &record["pages"][0];
    assert_ne!(page["rotation"], 0);
    let upright = picture(&server, page);
    let shape = page["width"].as_f64().unwrap() / page["height"].as_f64().unwrap();
    assert!(
        (f64::from(upright.width()) / f64::from(upright.height()) - shape).abs() < 0.01,
        "{:?}",
        upright.dimensions()
    );
    // The letter stands in the upper half of its page.
    let (_, y) = middle_of_ink(&upright);
    assert!(y < 0.5, "{y}");
}

#[test]
fn a_link_that_was_altered_or_has_expired_leads_nowhere() {
    let server = Server::start();
    let record = read(&server, "letter.tif", ("uploadType", "letter"));
    let link = record["pages"][0]["imageUrl"].as_str().unwrap();
    assert_eq!(follow(&server, link).status, 200);
    let (address, query) = link.split_once('?').unwrap();
    let (expires, signature) = query.strip_prefix("expires=").unwrap().split_once("&signature=").unwrap();
    let later = expires.parse::<i64>().unwrap() + 3600;
    let other_digit = if signature.ends_with('0') { '1' } else { '0' };
    for altered in [
        address.to_owned(),
        format!("{address}?expires={later}&signature={signature}"),
        format!("{address}?expires={expires}&signature={}{other_digit}", &signature[..signature.len() - 1]),
        link.replace("/pages/1?", "/pages/2?"),
        link.replace("/pages/1?", "?"),
    ] {
        let refused = follow(&server, &altered);
        refused.is_error(403);
        assert!(refused.body["message"].as_str().unwrap().contains("is not valid"), "{altered}: {}", refused.body);
    }
    let old = follow(&server, &format!("{address}?expires=1000&signature={}", signed(&server, &record, 1000)));
    old.is_error(403);
    assert_eq!(old.body["message"], "this link has expired; request a new one");

    let upload = format!("/upload/{}", record["uploadId"].as_str().unwrap());
    assert_eq!(Answer::of(server.call(Method::DELETE, &upload)).status, 204);
    follow(&server, link).is_error(404);
}

/// The signature that the server gave a link to the first page which worked until then.
fn signed(server: &Server, record: &Value, expires: i64) -> String {
    let secret = std::fs::read_to_string(server.data_dir().join("secret.key")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&hex::decode(secret).unwrap()).unwrap();
    let upload = record["uploadId"].as_str().unwrap();
    mac.update(format!("recto file link {upload} page 1 {expires}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
