use proptest::prelude::*;
use recto_domain::BlockKind;

use super::*;

const SIZE: (usize, usize) = (700, 160);

/// How the boxes of a form are drawn.
#[derive(Debug, Clone, Copy)]
struct Form {
    /// The side of a box, and the gap to the next one: 0 for boxes that share their sides.
    side: usize,
    gap: usize,
    thick: usize,
    grey: u8,
    /// Only the lower half of the inner sides is drawn, and no top.
    is_comb: bool,
}

const BOXES: Form = Form { side: 40, gap: 0, thick: 2, grey: 0, is_comb: false };

impl Form {
    fn left(&self, cell: usize) -> usize {
        30 + cell * (self.side + self.gap)
    }

    /// A row of boxes, with a block for a letter in those that are full.
    fn picture(&self, full: &[bool]) -> PageImage {
        let mut luma = vec![245; SIZE.0 * SIZE.1];
        let mut draw = |left: usize, right: usize, top: usize, bottom: usize, level: u8| {
            for y in top..bottom {
                luma[y * SIZE.0 + left..y * SIZE.0 + right].fill(level);
            }
        };
        let (top, bottom) = (60, 60 + self.side);
        for (cell, &full) in full.iter().enumerate() {
            let (left, right) = (self.left(cell), self.left(cell) + self.side);
            let inner = if self.is_comb { top + self.side / 2 } else { top };
            draw(left, left + self.thick, if cell == 0 { top } else { inner }, bottom, self.grey);
            draw(right, right + self.thick, inner, bottom, self.grey);
            draw(left, right + self.thick, bottom - self.thick, bottom, self.grey);
            if !self.is_comb {
                draw(left, right, top, top + self.thick, self.grey);
            }
            if full {
                draw(left + 14, left + 26, top + 10, bottom - 10, 20);
            }
        }
        PageImage::new(SIZE.0 as u32, SIZE.1 as u32, 72, luma)
    }
}

/// The text when each letter is read as a word with a box around its ink.
fn read(form: Form, letters: &str) -> Vec<String> {
    let full: Vec<bool> = letters.chars().map(|c| c != '.').collect();
    let rows = BoxRow::all_of(&form.picture(&full), Some(20.0));
    let word = |(cell, c): (usize, char)| {
        let bbox = Rect { x: form.left(cell) as f32 + 14.0, y: 70.0, width: 12.0, height: 20.0 };
        (c != '.').then(|| Word { text: c.to_string(), bbox, confidence: 0.9 })
    };
    let line = Line::of(0.0, letters.chars().enumerate().filter_map(word).collect());
    let blocks = Block::of(BlockKind::Paragraph, line.into_iter().collect()).into_iter().collect();
    let words = joined(blocks, &rows, 1.0);
    words.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).map(|w| w.text.clone()).collect()
}

#[test]
fn letters_in_boxes_are_words_and_an_empty_box_ends_one() {
    for form in [BOXES, Form { gap: 12, ..BOXES }, Form { is_comb: true, ..BOXES }, Form { grey: 150, ..BOXES }] {
        assert_eq!(read(form, "MARTIN"), ["MARTIN"], "{form:?}");
        assert_eq!(read(form, "ANNA.LEE."), ["ANNA", "LEE"], "{form:?}");
    }
}

#[test]
fn columns_of_a_table_and_letters_side_by_side_are_no_boxes() {
    assert_eq!(read(Form { side: 40, gap: 60, ..BOXES }, "12345"), ["1", "2", "3", "4", "5"]);
    let stripes = |i: usize| if (40..70).contains(&(i / SIZE.0)) && i % SIZE.0 % 12 < 3 { 20 } else { 240 };
    let luma = (0..SIZE.0 * SIZE.1).map(stripes).collect();
    assert_eq!(BoxRow::all_of(&PageImage::new(SIZE.0 as u32, SIZE.1 as u32, 72, luma), Some(8.0)), []);
}

#[test]
fn letters_with_straight_sides_are_no_boxes() {
    let letters = Form { side: 20, gap: 8, ..BOXES }.picture(&[false; 6]);
    assert_eq!(BoxRow::all_of(&letters, Some(24.0)), []);
    assert_eq!(BoxRow::all_of(&letters, Some(12.0))[0].cells.len(), 6);
}

#[test]
fn words_of_several_letters_stand_in_as_many_boxes() {
    let rows = BoxRow::all_of(&BOXES.picture(&[true; 6]), Some(20.0));
    let word = |text: &str, from: usize, to: usize| {
        let (x, right) = (BOXES.left(from) as f32 + 14.0, BOXES.left(to) as f32 + 26.0);
        let bbox = Rect { x, y: 70.0, width: right - x, height: 20.0 };
        Word { text: text.to_owned(), bbox, confidence: 0.9 }
    };
    let label =
        Word { text: "Name".to_owned(), bbox: Rect { x: 2.0, y: 70.0, width: 25.0, height: 20.0 }, confidence: 0.9 };
    let line = Line::of(0.0, vec![label, word("4", 0, 0), word("71", 1, 2), word("012", 3, 5)]);
    let blocks = Block::of(BlockKind::Paragraph, line.into_iter().collect()).into_iter().collect();
    let line = &joined(blocks, &rows, 1.0)[0].lines[0];
    assert_eq!(line.text(), "Name 471012");
    assert_eq!(line.words[1].bbox, Rect { x: 44.0, y: 70.0, width: 212.0, height: 20.0 });
    assert!((line.words[1].confidence - 0.9f32.powi(3)).abs() < 1e-6);
}

proptest! {
    #[test]
    fn boxes_of_any_size_are_taken_out_and_letters_left(
        side in 34usize..70, gap in prop_oneof![Just(0), 10usize..16], thick in 1usize..5, grey in 0u8..150,
        is_comb: bool, full in prop::collection::vec(any::<bool>(), 4..8),
    ) {
        let form = Form { side, gap: if is_comb { 0 } else { gap }, thick, grey, is_comb };
        let image = form.picture(&full);
        let rows = BoxRow::all_of(&image, Some(20.0));
        prop_assert_eq!(rows.iter().map(|row| row.cells.len()).collect::<Vec<_>>(), [full.len()]);
        let clean = without_boxes(&image, &rows);
        for (i, (&p, &before)) in clean.luma().iter().zip(image.luma()).enumerate() {
            // Letters have level 20.
            let is_letter = (0..full.len()).any(|cell| {
                let x = i % SIZE.0;
                full[cell] && (form.left(cell) + 14..form.left(cell) + 26).contains(&x)
                    && (70..50 + side).contains(&(i / SIZE.0))
            });
            prop_assert_eq!(p, if is_letter { before } else { 245 }, "{}, {}", i % SIZE.0, i / SIZE.0);
        }
    }
}
