//! Pages that lie on their side or head, or askew.

use image::ImageFormat;
use serde_json::Value;

use crate::documents::{bytes, files};
use crate::pictures::{encoded, grey, skewed};
use crate::server::Server;
use crate::words::assert_reads_letter;

#[test]
fn turned_pages_are_read_and_say_how_they_lay() {
    let server = Server::start();
    let documents =
        server.documents(files(&["phototest-rotated-180.png", "phototest-rotated-L.png", "phototest-rotated-R.png"]));
    documents.iter().for_each(assert_reads_letter);
    let turned: Vec<_> = documents.iter().map(|document| document["pages"][0]["rotation"].as_u64().unwrap()).collect();
    assert_eq!(turned[0], 180);
    assert!(turned[1..] == [90, 270] || turned[1..] == [270, 90], "{turned:?}");
}

#[test]
fn skewed_pages_are_straightened_up_to_fifteen_degrees() {
    let server = Server::start();
    let letter = grey(&bytes("letter.tif"));
    let askew = |degrees| encoded(skewed(&letter, degrees), ImageFormat::Png);
    let documents = server.documents([
        ("3.png", askew(3.0)),
        ("-7.png", askew(-7.0)),
        ("11.png", askew(11.0)),
        ("-15.png", askew(-15.0)),
        ("15.png", askew(15.0)),
    ]);
    documents.iter().for_each(assert_reads_letter);
}

#[test]
fn the_words_of_a_turned_page_lie_within_the_upright_one() {
    let server = Server::start();
    let documents = server.documents(files(&["phototest-rotated-L.png"]));
    let page = &documents[0]["pages"][0];
    let size = ["width", "height"].map(|side| page[side].as_f64().unwrap());
    let each = |value: &Value, name: &str| value[name].as_array().unwrap().clone();
    for block in each(page, "blocks") {
        for line in each(&block, "lines") {
            for word in each(&line, "words") {
                let [x, y, width, height] = serde_json::from_value::<[f64; 4]>(word["bbox"].clone()).unwrap();
                assert!(x >= 0.0 && y >= 0.0 && x + width <= size[0] + 1.0 && y + height <= size[1] + 1.0, "{word}");
                assert!(word["text"].as_str().unwrap().len() < 4 || width > height, "{word} stands upright");
            }
        }
    }
}
