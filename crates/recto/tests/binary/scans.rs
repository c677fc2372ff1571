//! What scanners, cameras, screens and fax machines make of a page.

use std::fmt::Write as _;

use image::{GrayImage, ImageFormat, Rgb, RgbImage, imageops};
use serde_json::Value;
use tiff::encoder::{Rational, TiffEncoder, colortype::Gray8};
use tiff::tags::ResolutionUnit;

use crate::documents::bytes;
use crate::drawn::{Drawn, SIZE};
use crate::languages::documents;
use crate::pictures::{encoded, grey, perspective};
use crate::server::{Server, file};
use crate::words::{LETTER, assert_reads_letter, recall};

fn letter() -> GrayImage {
    grey(&bytes("letter.tif"))
}

/// The letter in two colours: ink and ground of each pixel are chosen by its place.
fn coloured(letter: &GrayImage, colours: impl Fn(u32) -> [[u8; 3]; 2]) -> Vec<u8> {
    let picture = RgbImage::from_fn(letter.width(), letter.height(), |x, y| {
        let [ink, ground] = colours(y);
        Rgb(if letter.get_pixel(x, y)[0] < 128 { ink } else { ground })
    });
    encoded(picture, ImageFormat::Png)
}

#[test]
fn light_letters_and_letters_in_colours_are_read() {
    let server = Server::start();
    let letter = letter();
    let (white, dark, red, yellow) = ([255; 3], [24, 30, 44], [200, 30, 40], [255, 240, 130]);
    let documents = server.documents([
        ("dark.png", coloured(&letter, |_| [[225; 3], dark])),
        ("red on yellow.png", coloured(&letter, |_| [red, yellow])),
        // A blue band with white letters between black letters on white.
        (
            "band.png",
            coloured(&letter, |y| if (116..190).contains(&y) { [white, [30, 60, 150]] } else { [[0; 3], white] }),
        ),
    ]);
    documents.iter().for_each(assert_reads_letter);
}

/// A TIFF of one page that states these dots per inch, across and down, or nothing.
fn tiff_at(picture: &GrayImage, dpi: Option<[u32; 2]>) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<Gray8>(picture.width(), picture.height()).unwrap();
    if let Some([across, down]) = dpi {
        image.resolution_unit(ResolutionUnit::Inch);
        image.x_resolution(Rational { n: across, d: 1 });
        image.y_resolution(Rational { n: down, d: 1 });
    }
    image.write_data(picture.as_raw()).unwrap();
    bytes.into_inner()
}

#[test]
fn faxes_whose_pixels_are_no_squares_are_read() {
    let server = Server::start();
    let letter = letter();
    // The letter has 200 dots per inch; a fax of normal resolution has 98 from line to line, each dark or white.
    let mut fax = imageops::resize(&letter, letter.width(), letter.height() * 98 / 200, imageops::FilterType::Triangle);
    fax.pixels_mut().for_each(|pixel| pixel[0] = if pixel[0] < 150 { 0 } else { 255 });
    let documents =
        server.documents([("stated.tif", tiff_at(&fax, Some([204, 98]))), ("unstated.tif", tiff_at(&fax, None))]);
    for document in documents {
        let text = document["text"].as_str().unwrap();
        let recall = recall(LETTER, text);
        assert!(recall >= 0.85, "{}: recall {recall:.2}:\n{text}", document["fileName"]);
    }
}

#[test]
fn a_photo_from_the_side_with_a_shadow_is_read() {
    let server = Server::start();
    let letter = letter();
    let large = imageops::resize(&letter, 1280, 960, imageops::FilterType::CatmullRom);
    let mut photo = perspective(&large, 0.12);
    let width = photo.width() as f32;
    for (x, _, pixel) in photo.enumerate_pixels_mut() {
        // Half as bright towards the right, and dark beyond an edge.
        let x = x as f32 / width;
        let light = 1.0 - 0.4 * x - if x > 0.7 { 0.25 } else { 0.0 };
        pixel[0] = (f32::from(pixel[0]) * light) as u8;
    }
    let documents = server.documents([("photo.jpg", encoded(photo, ImageFormat::Jpeg))]);
    documents.iter().for_each(assert_reads_letter);
}

/// The documents that the server makes of pages whose text it is to recognise.
fn recognised(server: &Server, pages: impl IntoIterator<Item = Drawn>) -> Vec<Value> {
    let form = pages.into_iter().fold(server.form(), |form, page| file(form, "page.pdf", page.pdf()));
    documents(server, form.text("textLayer", "ignore"))
}

fn assert_in_order(document: &Value, pieces: &[&str]) {
    let text = document["text"].as_str().unwrap();
    let places: Vec<_> = pieces.iter().map(|piece| text.find(piece)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in:\n{text}");
}

const LEFT: [&str; 6] = [
    "It was late in the summer when",
    "the painters came to the house",
    "by the river. They had walked",
    "since the morning and asked for",
    "water and a place to sleep, and",
    "the miller gave them his barn.",
];
const RIGHT: [&str; 6] = [
    "On the next day they began to",
    "paint the mill and the bridge,",
    "and the children of the village",
    "stood around them and watched.",
    "Nobody had ever seen so many",
    "colours in so small a box.",
];

#[test]
fn the_pages_of_a_book_spread_are_read_one_after_the_other() {
    let server = Server::start();
    let columns = |drawn: Drawn, left: f32, lines: &[&str]| {
        (0..).zip(lines).fold(drawn, |drawn, (at, line)| drawn.text(0, left, 200.0 + 15.0 * at as f32, line))
    };
    // The fold is a shadow.
    let mut fold = String::new();
    for x in 0..20u8 {
        let grey = 0.5 + 0.05 * (f32::from(x) - 10.0).abs();
        writeln!(fold, "{grey} g {} 0 2 {} re f", 296 + u16::from(x), SIZE.1).unwrap();
    }
    let spread = columns(columns(Drawn::new(|c| c).raw(&fold).raw("0 g"), 60.0, &LEFT), 340.0, &RIGHT);
    let documents = recognised(&server, [spread]);
    assert_in_order(&documents[0], &["late in the summer", "gave them his barn", "On the next day", "so small a box"]);
}

#[test]
fn columns_far_apart_are_not_lost() {
    let server = Server::start();
    let rows = [("Larch, planed", "145.00"), ("Oak, rough", "1,740.00"), ("Delivery", "48.50"), ("Total", "1,933.50")];
    let page = (0..).zip(rows).fold(Drawn::new(|c| c), |drawn, (at, (what, amount))| {
        let y = 120.0 + 26.0 * at as f32;
        drawn.text(0, 40.0, y, what).text(0, 530.0, y, amount)
    });
    let documents = recognised(&server, [page]);
    let text = documents[0]["text"].as_str().unwrap();
    for (what, amount) in rows {
        assert!(text.lines().any(|line| line.contains(what) && line.contains(amount)), "{what} {amount} in:\n{text}");
    }
}

/// The dark pixels of a picture as filled shapes, a point for every two of them.
fn outlines(picture: &GrayImage) -> String {
    let mut content = String::new();
    for (y, row) in picture.rows().enumerate() {
        let dark: Vec<bool> = row.map(|pixel| pixel[0] < 128).collect();
        let mut x = 0;
        for run in dark.chunk_by(|a, b| a == b) {
            if run[0] {
                let bottom = SIZE.1 - 100.0 - y as f32 * 0.5;
                writeln!(content, "{} {bottom} {} 0.5 re", 60.0 + x as f32 * 0.5, run.len() as f32 * 0.5).unwrap();
            }
            x += run.len();
        }
    }
    content + "f"
}

#[test]
fn letters_that_are_drawn_as_shapes_are_read_beside_real_text() {
    let server = Server::start();
    let shapes = outlines(&letter());
    let with_foot =
        Drawn::new(|c| c).raw(&shapes).text(0, 60.0, 760.0, "Printed from the archive of the town, sheet 4 of 4");
    let alone = Drawn::new(|c| c).raw(&shapes);
    let documents = server.documents([("foot.pdf", with_foot.pdf()), ("alone.pdf", alone.pdf())]);
    documents.iter().for_each(assert_reads_letter);
    assert!(documents[0]["text"].as_str().unwrap().contains("Printed from the archive of the town, sheet 4 of 4"));
}

#[test]
fn rules_around_every_line_cost_no_word() {
    let server = Server::start();
    let lines = [&LEFT[..], &RIGHT[..]].concat();
    let pages = [0.5, 1.0, 2.0].map(|width| {
        (0..=lines.len()).fold(Drawn::new(|c| c).lines(100.0, &lines).raw(&format!("{width} w")), |drawn, at| {
            let y = SIZE.1 - 84.0 - 22.0 * at as f32;
            drawn.raw(&format!("50 {y} m 400 {y} l S {} {y} m {} {} l S", 50, 50, y - 22.0))
        })
    });
    for document in recognised(&server, pages) {
        let text = document["text"].as_str().unwrap();
        let recall = recall(&lines.join(" "), text);
        assert!(recall >= 0.95, "recall {recall:.2}:\n{text}");
    }
}
