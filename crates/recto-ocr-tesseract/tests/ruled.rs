//! Print between ruling lines, on bands and in shadows, by the real engine with its real models.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;

use image::GrayImage;
use recto_domain::Block;
use recto_ocr::{PageImage, read_page};
use recto_ocr_tesseract::{TesseractEngine, Traineddata};

const TRUTH: &str = include_str!("../../recto/tests/documents/phototest.gt.txt");
const DPI: u32 = 200;

/// A page of eight lines of print, with more room between them than they had.
fn letter() -> GrayImage {
    const ROOM: u32 = 20;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/samples/letter.tif");
    let page = image::open(path).unwrap().into_luma8();
    let lines = lines(&page);
    let height = lines.last().unwrap().1 + ROOM * (lines.len() as u32 + 2);
    let mut spread = GrayImage::from_pixel(page.width(), height, image::Luma([255]));
    for (i, &(top, bottom)) in lines.iter().enumerate() {
        for (x, y) in (top..bottom).flat_map(|y| (0..page.width()).map(move |x| (x, y))) {
            spread.put_pixel(x, y + ROOM * (i as u32 + 1), *page.get_pixel(x, y));
        }
    }
    spread
}

/// The share of the words of the letter that are read, each as often as it stands there.
fn recall(page: &GrayImage) -> f32 {
    let image = PageImage::new(page.width(), page.height(), DPI, page.as_raw().clone());
    let mut engine = TesseractEngine::new(Traineddata::new().with_system_folders());
    let read = read_page(&mut engine, &image, &"eng".parse().unwrap()).unwrap();
    let text: String = read.blocks.iter().map(Block::text).collect::<Vec<_>>().join("\n");
    let mut there: HashMap<&str, usize> = HashMap::new();
    text.split_whitespace().for_each(|word| *there.entry(word).or_default() += 1);
    let words: Vec<&str> = TRUTH.split_whitespace().collect();
    let found = words.iter().filter(|word| {
        let left = there.get_mut(**word).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    });
    found.count() as f32 / words.len() as f32
}

/// The rows of pixels of each line of print.
fn lines(page: &GrayImage) -> Vec<(u32, u32)> {
    let mut lines: Vec<(u32, u32)> = Vec::new();
    for (y, mut row) in page.rows().enumerate().map(|(y, row)| (y as u32, row)) {
        if row.any(|p| p[0] < 128) {
            match lines.last_mut() {
                // The dot of an i.
                Some(line) if line.1 + 1 >= y => line.1 = y + 1,
                _ => lines.push((y, y + 1)),
            }
        }
    }
    lines
}

/// The page with a rule of that width between every two lines, and with sides: each line in a cell.
fn in_cells(page: &GrayImage, width: u32) -> GrayImage {
    let lines = lines(page);
    let mut tops: Vec<u32> = lines.windows(2).map(|pair| pair[0].1.midpoint(pair[1].0) - width / 2).collect();
    tops.insert(0, lines[0].0 - 10);
    tops.push(lines.last().unwrap().1 + 10);
    let (first, last) = (tops[0], tops[tops.len() - 1] + width);
    let (left, right) = (8, page.width() - 8);
    let mut ruled = page.clone();
    for (x, y, p) in ruled.enumerate_pixels_mut() {
        let is_rule = (left..right).contains(&x) && tops.iter().any(|&top| (top..top + width).contains(&y));
        let is_side = (first..last).contains(&y) && (x.wrapping_sub(left) < width || right.wrapping_sub(x + 1) < width);
        if is_rule || is_side {
            p[0] = 0;
        }
    }
    ruled
}

#[test]
fn lines_in_cells_are_read_whatever_the_width_of_their_rules() {
    let page = letter();
    for width in 1..=6 {
        let found = recall(&in_cells(&page, width));
        assert!(found >= 0.95, "rules of {width} pixels: {found}");
    }
}

#[test]
fn light_lines_on_bands_are_read_beside_dark_ones_on_white() {
    let page = letter();
    let lines = lines(&page);
    for ground in [20u8, 90, 150] {
        let mut banded = page.clone();
        for &(top, bottom) in lines.iter().step_by(3) {
            for (_, y, p) in banded.enumerate_pixels_mut() {
                if (top - 6..bottom + 6).contains(&y) {
                    let share = f32::from(255 - p[0]) / 255.0;
                    p[0] = (f32::from(ground) + share * f32::from(255 - ground)) as u8;
                }
            }
        }
        let found = recall(&banded);
        assert!(found >= 0.95, "on {ground}: {found}");
    }
}

#[test]
fn grey_bands_in_cells_on_speckled_ground_cost_no_word() {
    let page = in_cells(&letter(), 2);
    let lines = lines(&letter());
    let mut faint = page.clone();
    let mut state = 1u32;
    for (_, y, p) in faint.enumerate_pixels_mut() {
        if lines.iter().step_by(2).any(|&(top, bottom)| (top - 6..bottom + 6).contains(&y)) {
            p[0] = (u32::from(p[0]) * 2 / 3) as u8;
        }
        // Numerical Recipes' generator: the same speckles every time.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if state >> 28 == 0 {
            p[0] = p[0].saturating_sub((state >> 22 & 63) as u8);
        }
    }
    let found = recall(&faint);
    assert!(found >= 0.95, "{found}");
}

#[test]
fn a_deep_shadow_costs_no_word() {
    let mut dim = letter();
    let width = dim.width() as f32;
    for (x, _, p) in dim.enumerate_pixels_mut() {
        p[0] = (f32::from(p[0]) * (1.0 - 0.75 * x as f32 / width)) as u8;
    }
    let found = recall(&dim);
    assert!(found >= 0.95, "{found}");
}
