//! Pages that lie on their side or head, or askew.

use image::{GrayImage, ImageFormat, Luma};
use serde_json::Value;

use crate::documents::{bytes, files};
use crate::pictures::{encoded, grey, skewed};
use crate::server::Server;
use crate::words::{LETTER, assert_reads_letter, recall};

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
fn skewed_pages_are_straightened_up_to_twenty_five_degrees() {
    let server = Server::start();
    let letter = grey(&bytes("letter.tif"));
    let askew = |degrees| encoded(skewed(&letter, degrees), ImageFormat::Png);
    let documents = server.documents([
        ("3.png", askew(3.0)),
        ("-7.png", askew(-7.0)),
        ("11.png", askew(11.0)),
        ("-15.png", askew(-15.0)),
        ("25.png", askew(25.0)),
        ("-25.png", askew(-25.0)),
    ]);
    documents.iter().for_each(assert_reads_letter);
}

#[test]
fn pages_that_lie_on_their_side_are_straightened_too() {
    let server = Server::start();
    let letter = image::imageops::rotate90(&grey(&bytes("letter.tif")));
    let askew = |degrees| encoded(skewed(&letter, degrees), ImageFormat::Png);
    let documents = server.documents([("9.png", askew(9.0)), ("-22.png", askew(-22.0))]);
    documents.iter().for_each(assert_reads_letter);
    assert!(documents.iter().all(|document| document["pages"][0]["rotation"] == 270));
}

/// A double frame, as of a rubber stamp.
fn frame(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| {
        let edge = x.min(y).min(width - 1 - x).min(height - 1 - y);
        Luma([if (2..8).contains(&edge) || (12..14).contains(&edge) { 40 } else { 255 }])
    })
}

/// The darker one of two pictures at each place, the second one set there.
fn printed_over(page: &GrayImage, other: &GrayImage, left: u32, top: u32) -> GrayImage {
    let mut page = page.clone();
    let (width, height) = page.dimensions();
    for (x, y, pixel) in other.enumerate_pixels() {
        let (x, y) = (x + left, y + top);
        if x < width && y < height {
            let darker = page.get_pixel(x, y)[0].min(pixel[0]);
            page.put_pixel(x, y, Luma([darker]));
        }
    }
    page
}

#[test]
fn the_frame_of_a_tilted_stamp_does_not_tilt_the_page() {
    let server = Server::start();
    let letter = grey(&bytes("letter.tif"));
    // The letter has its text above; the stamp stands below it.
    let mut page = GrayImage::from_pixel(letter.width(), letter.height() + 500, Luma([255]));
    image::imageops::replace(&mut page, &letter, 0, 0);
    let stamped = |degrees| {
        let stamp = skewed(&frame(letter.width() / 2, 260), degrees);
        encoded(printed_over(&page, &stamp, 60, letter.height() - 20), ImageFormat::Png)
    };
    let documents = server.documents([("14.png", stamped(14.0)), ("-9.png", stamped(-9.0)), ("20.png", stamped(20.0))]);
    for document in &documents {
        assert_reads_letter(document);
        let lines = document["pages"][0]["blocks"].as_array().unwrap().iter();
        let boxes = lines
            .flat_map(|block| block["lines"].as_array().unwrap())
            .filter(|line| line["text"].as_str().unwrap().len() > 20);
        for line in boxes {
            let [_, _, width, height] = serde_json::from_value::<[f64; 4]>(line["bbox"].clone()).unwrap();
            assert!(height * 5.0 < width, "{}: the line is tilted: {line}", document["fileName"]);
        }
    }
}

#[test]
fn two_slips_on_one_scan_are_each_read_at_their_own_angle() {
    let server = Server::start();
    let letter = grey(&bytes("letter.tif"));
    let mut glass = GrayImage::from_pixel(2 * letter.width() + 300, letter.height() + 500, Luma([255]));
    glass = printed_over(&glass, &skewed(&letter, -4.0), 20, 60);
    glass = printed_over(&glass, &skewed(&letter, 9.0), letter.width() + 150, 60);
    let documents = server.documents([("two.png", encoded(glass, ImageFormat::Png))]);
    let text = documents[0]["text"].as_str().unwrap();
    let read = recall(&format!("{LETTER} {LETTER}"), text);
    assert!(read >= 0.93, "recall {read:.2}:\n{text}");
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
