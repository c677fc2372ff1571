//! Whether the text that a page carries is what it shows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod written;

use proptest::prelude::*;
use recto_domain::{Block, Page, Rule};
use recto_pages::{DoubtfulLayer, Settled, TextLayer};
use written::{Written, letters};

const LINES: [&str; 9] = [
    "Northern Harbour Supplies Ltd, 27 Mill Lane",
    "Invoice number 20418 of 14 March 2025, quoted as XJ-93 WQ",
    "For the delivery of planed boards of larch and oak to the site,",
    "including unloading by crane just before the quarry gate.",
    "Pump housing, cast iron 12 145.00 1740.00",
    "Sealing ring set, zinc 3 48.90 146.70",
    "Subtotal 2324.20",
    "Tax 464.84",
    "Total 2789.04",
];
const FONTS: [&str; 6] = ["Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Times-Roman", "Times-Italic", "Courier"];

fn page() -> Written {
    Written::default().lines(&LINES)
}

fn sound(pdf: &Written) -> Page {
    match pdf.text_layer() {
        TextLayer::Sound(page) => page,
        other => panic!("not sound: {other:?}"),
    }
}

fn doubtful(pdf: &Written) -> DoubtfulLayer {
    match pdf.text_layer() {
        TextLayer::Doubtful(layer) => *layer,
        other => panic!("not doubtful: {other:?}"),
    }
}

/// What an engine reads that makes no mistake: the text of the page with a map that is right.
fn read(pdf: &Written) -> Vec<Block> {
    let mut blocks = sound(pdf).blocks;
    for word in blocks.iter_mut().flat_map(|b| &mut b.lines).flat_map(|l| &mut l.words) {
        word.confidence = 0.98;
    }
    blocks
}

fn text(blocks: &[Block]) -> String {
    blocks.iter().map(Block::text).collect::<Vec<_>>().join("\n")
}

/// The text of a page once its layer was settled by a perfect reading.
fn settled_text(layer: &DoubtfulLayer, read: &[Block]) -> String {
    match layer.settled(read) {
        Settled::Layer(page) => panic!("the layer stands: {}", page.text()),
        Settled::Unclear(page) => panic!("the layer stands for want of a reading: {}", page.text()),
        Settled::Both { blocks, .. } => text(&blocks),
        Settled::Picture => text(read),
    }
}

/// Letters of a sort, each as the one that stands so many places after it.
fn shifted(first: char, count: u8, by: u8) -> impl Fn(char) -> char {
    move |c| match (c as u32).checked_sub(first as u32) {
        Some(place) if place < u32::from(count) => char::from(first as u8 + (place as u8 + by) % count),
        _ => c,
    }
}

#[test]
fn text_that_its_fonts_draw_is_sound() {
    for font in FONTS {
        let page = sound(&page().font(font));
        assert_eq!(page.text().split_whitespace().count(), LINES.join(" ").split_whitespace().count(), "{font}");
        assert_eq!(page.confidence, Some(1.0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_layer_shifted_by_any_amount_is_not_taken(
        small in 0u8..26, capital in 0u8..26, digit in 0u8..10, font in prop::sample::select(FONTS.to_vec()),
    ) {
        prop_assume!((small, capital, digit) != (0, 0, 0));
        let map = move |c| shifted('a', 26, small)(shifted('A', 26, capital)(shifted('0', 10, digit)(c)));
        let layer = doubtful(&page().font(font).map(map));
        let right = text(&read(&page().font(font)));
        prop_assert_eq!(settled_text(&layer, &read(&page().font(font))), right);
    }

    #[test]
    fn no_shuffled_alphabet_is_taken(letters in Just(('a'..='z').collect::<Vec<_>>()).prop_shuffle()) {
        prop_assume!(letters.iter().zip('a'..='z').filter(|(a, b)| **a != *b).count() > 12);
        let map = move |c: char| if c.is_ascii_lowercase() { letters[(c as u8 - b'a') as usize] } else { c };
        let layer = doubtful(&page().map(map));
        prop_assert_eq!(settled_text(&layer, &read(&page())), text(&read(&page())));
    }

    #[test]
    fn no_two_digits_that_changed_places_are_taken(one in 0u8..10, by in 1u8..10) {
        let (a, b) = (char::from(b'0' + one), char::from(b'0' + (one + by) % 10));
        let map = move |c| if c == a { b } else if c == b { a } else { c };
        let layer = doubtful(&page().map(map));
        let settled = settled_text(&layer, &read(&page()));
        for line in LINES {
            for word in line.split(' ') {
                prop_assert!(settled.contains(word), "{} is missing in {}", word, settled);
            }
        }
    }
}

#[test]
fn words_with_letters_that_the_map_leaves_out_come_from_the_picture_and_no_others() {
    for lost in ['\0', '\u{FFFD}', '\u{E123}'] {
        let layer = doubtful(&page().map(move |c| if c == 'g' || c == '4' { lost } else { c }));
        let Settled::Both { blocks, is_mended: true } = layer.settled(&read(&page())) else {
            panic!("{lost:?}: not mended")
        };
        assert_eq!(text(&blocks), text(&read(&page())), "{lost:?}");
        let sure = |word: &str| {
            let mut words = blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words);
            words.find(|w| w.text == word).map(|w| w.confidence)
        };
        assert_eq!(sure("Harbour"), Some(1.0));
        assert_eq!(sure("14"), Some(0.98));
    }
}

#[test]
fn a_bullet_without_a_letter_is_no_reason_to_doubt() {
    sound(
        &Written::default()
            .lines(&["~ The first of all things", "~ The second of all things"])
            .map(|c| if c == '~' { '\u{F0B7}' } else { c }),
    );
}

#[test]
fn a_sign_without_a_letter_before_a_number_is_one() {
    doubtful(
        &Written::default()
            .lines(&["Correction of the invoice", "Total ~ 45.00 euros"])
            .map(|c| if c == '~' { '\u{F02D}' } else { c }),
    );
}

#[test]
fn a_layer_that_nobody_sees_stands_when_the_picture_says_the_same_and_is_never_quite_sure() {
    let scan = || page().invisible().picture((0.0, 0.0, 595.0, 842.0), (1, 1, vec![255]));
    let layer = doubtful(&scan());
    let Settled::Layer(page) = layer.settled(&read(&self::page())) else { panic!("it does not stand") };
    assert!((0.9..0.971).contains(&page.confidence.unwrap()), "{:?}", page.confidence);
    let other: Vec<String> = LINES.iter().map(|line| line.chars().map(shifted('a', 26, 3)).collect()).collect();
    let other: Vec<&str> = other.iter().map(String::as_str).collect();
    let said = read(&Written::default().lines(&LINES));
    let wrong =
        doubtful(&Written::default().lines(&other).invisible().picture((0.0, 0.0, 595.0, 842.0), (1, 1, vec![255])));
    assert_eq!(wrong.settled(&said), Settled::Picture);
}

#[test]
fn two_layers_on_the_same_place_do_not_stand() {
    let twice: Vec<&str> = LINES.iter().flat_map(|line| [*line, "Another reading 0f the same line 77 00"]).collect();
    let layer = doubtful(
        &Written::default().lines(&twice).leading(3.0).invisible().picture((0.0, 0.0, 595.0, 842.0), (1, 1, vec![255])),
    );
    assert_eq!(layer.settled(&read(&page())), Settled::Picture);
}

#[test]
fn lines_in_a_picture_beside_the_words_are_to_be_read_and_a_pattern_is_not() {
    let with_lines = doubtful(&page().picture((300.0, 40.0, 200.0, 60.0), letters(40, 6)));
    let rest = with_lines.rest(&page().picture((300.0, 40.0, 200.0, 60.0), letters(40, 6)).rendered());
    let rest = rest.expect("only the picture is in doubt");
    assert!(rest.place().y > 700.0 && rest.place().x < 300.0, "{:?}", rest.place());
    sound(&page().picture((300.0, 40.0, 200.0, 60.0), (40, 12, vec![200; 40 * 12])));
}

#[test]
fn what_another_program_recognised_is_no_part_of_the_visible_layer() {
    let scan = page().invisible().picture((40.0, 400.0, 500.0, 400.0), letters(50, 20));
    assert!(!matches!(scan.text_layer(), TextLayer::Absent));
    assert!(matches!(scan.visible_text_layer(), TextLayer::Absent));
    match page().visible_text_layer() {
        TextLayer::Sound(visible) => assert_eq!(visible, sound(&page())),
        other => panic!("not sound: {other:?}"),
    }
}

/// The ruling lines of a page with that drawing, in whole points.
fn rules(drawing: &'static str) -> Vec<[i32; 4]> {
    let page = sound(&page().drawing(drawing));
    let whole = |rule: &Rule| [rule.from.x, rule.from.y, rule.to.x, rule.to.y].map(|v| v.round() as i32);
    page.rules.iter().map(whole).collect()
}

#[test]
fn ruling_lines_come_along_however_they_are_drawn() {
    let stroked = "50 700 m 250 700 l S 50 700 m 50 600 l S";
    assert_eq!(rules(stroked), [[50, 142, 250, 142], [50, 142, 50, 242]]);
    let bars = "50 699.5 200 1 re f 49.5 600 1 100 re f";
    assert_eq!(rules(bars), [[50, 142, 250, 142], [50, 142, 50, 242]]);
    let frame = "50 600 200 100 re S";
    assert_eq!(rules(frame).len(), 4);
    let in_pieces = "50 700 m 150 700 l S 150 700 m 250 700 l S";
    assert_eq!(rules(in_pieces), [[50, 142, 250, 142]]);
    let scaled = "2 0 0 2 0 0 cm 25 350 m 125 350 l S";
    assert_eq!(rules(scaled), [[50, 142, 250, 142]]);
}

#[test]
fn grounds_of_cells_are_rules_where_no_lines_are_drawn() {
    let cells = "0.8 g 50 650 100 50 re f 152 650 100 50 re f";
    let edges = rules(cells);
    assert!(edges.contains(&[50, 142, 252, 142]) || edges.contains(&[50, 142, 150, 142]), "{edges:?}");
    assert!(edges.iter().any(|rule| rule[0] == 152 && rule[2] == 152), "{edges:?}");
    let ruled = "0.8 g 52 652 96 46 re f 50 650 100 50 re S";
    assert_eq!(rules(ruled).len(), 4);
}

#[test]
fn what_is_no_line_is_no_rule() {
    for drawing in [
        "50 700 m 250 650 l S",
        "50 700 m 100 800 200 600 250 700 c S",
        "1 G 50 700 m 250 700 l S",
        "50 700 m 52 700 l S",
        "0.9 g 0 0 595 842 re f",
    ] {
        assert_eq!(rules(drawing), [] as [[i32; 4]; 0], "{drawing}");
    }
}
