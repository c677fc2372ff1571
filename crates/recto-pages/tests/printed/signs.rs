//! Signs that fonts' maps send astray, and marks of symbol fonts.

use std::fmt::Write as _;

use crate::paper::Paper;

#[test]
fn a_minus_is_a_minus_wherever_the_map_sends_it() {
    for sent in ["\u{AD}", "\u{F02D}", "\u{0}", "\u{1}", "\u{E05C}", "\u{FFFD}", "\u{A0}", " ", "\u{200B}"] {
        let paper =
            Paper::new().mapped(b'-', sent).mapped(b'6', "6").mapped(b',', ",").mapped(b'3', "3").mapped(b'9', "9");
        let paper = paper.text("F1", 10.0, 40.0, 200.0, "Total").codes(10.0, 140.0, 200.0, b"-6,39");
        assert_eq!(paper.words(), "Total -6,39", "{:x}", sent.chars().next().unwrap() as u32);
    }
}

#[test]
fn what_is_sent_there_and_is_no_bar_is_no_minus() {
    let paper = Paper::new().mapped(b'x', "\u{AD}").mapped(b'a', "a").mapped(b'b', "b");
    assert_eq!(paper.codes(10.0, 40.0, 200.0, b"axb").words(), "ab");
    // A space and an underline stay what they are.
    let paper = Paper::new().mapped(b' ', " ").mapped(b'_', " ").mapped(b'a', "a");
    assert_eq!(paper.codes(10.0, 40.0, 200.0, b"a a_a").words(), "a a a");
}

#[test]
fn boxes_and_ticks_of_symbol_fonts_are_told_by_what_they_show() {
    for (font, codes, signs) in [
        ("Wingdings", "\u{A8}\u{FE}\u{FD}\u{FC}o", "☐ ☑ ☒ ✓ ☐"),
        ("Wingdings2", "RTP\u{A3}", "☑ ☒ ✓ ☐"),
        ("ABCDEF+Wingdings-Regular", "\u{A8}\u{FE}", "☐ ☑"),
    ] {
        let mut paper = Paper::new();
        let widths = "800 ".repeat(256);
        let number = paper.object(&format!(
            "<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding /FirstChar 0 /LastChar 255 /Widths [{widths}] >>"
        ));
        // The fonts of the page are one dictionary; a form of its own has this one.
        let mut content = String::new();
        for (i, c) in codes.chars().enumerate() {
            writeln!(content, "BT /W 10 Tf {} 200 Td <{:02x}> Tj ET", 40 + 20 * i, c as u32).unwrap();
        }
        let form = paper.object(&crate::paper::stream(
            &format!("/Type /XObject /Subtype /Form /BBox [0 0 400 300] /Resources << /Font << /W {number} 0 R >> >>"),
            &content,
        ));
        let paper = paper.resources(&format!("/XObject << /X {form} 0 R >>")).raw("/X Do");
        let paper = paper.text("F1", 10.0, 40.0, 100.0, "Which of them are marked");
        assert_eq!(paper.words(), format!("{signs} Which of them are marked"), "{font}");
    }
}

#[test]
fn drawn_boxes_tell_whether_they_are_marked() {
    let marks = [
        ("182 199 m 190 207 l 182 207 m 190 199 l S", "☑"),
        ("182 203 m 185 199 l 191 208 l S", "☑"),
        ("183 200 6 6 re f", "☑"),
        ("BT /F1 9 Tf 183.5 200 Td (X) Tj ET", "☒"),
        ("", "☐"),
    ];
    let square = |x: u32| format!("{x} 198 10 10 re S");
    let ring = |x: u32| {
        let (l, m, r) = (x, x + 5, x + 10);
        format!(
            "{l} 203 m {l} 206 {} 208 {m} 208 c {} 208 {r} 206 {r} 203 c {r} 200 {} 198 {m} 198 c {} 198 {l} 200 {l} 203 c S",
            x + 2,
            x + 8,
            x + 8,
            x + 2
        )
    };
    for outline in [&square as &dyn Fn(u32) -> String, &ring, &|x| format!("1 g {x} 198 10 10 re B 0 g")] {
        for (mark, sign) in marks {
            let paper = Paper::new()
                .text("F1", 10.0, 40.0, 200.0, "Member:")
                .raw(&format!("{} {} {}", outline(102), outline(181), outline(262)))
                .text("F1", 10.0, 115.0, 200.0, "student")
                .text("F1", 10.0, 195.0, 200.0, "regular")
                .text("F1", 10.0, 275.0, 200.0, "senior")
                .raw(mark);
            assert_eq!(paper.words(), format!("Member: ☐ student {sign} regular ☐ senior"));
        }
    }
}

#[test]
fn cells_bullets_and_squares_without_a_label_are_no_check_boxes() {
    let cells = (0..6).fold(Paper::new(), |paper, i| paper.raw(&format!("{} 196 14 14 re S", 40 + 14 * i)));
    let cells = "482210"
        .chars()
        .enumerate()
        .fold(cells, |paper, (i, c)| paper.text("F1", 10.0, 44.0 + 14.0 * i as f32, 200.0, &c.to_string()));
    assert!(!cells.words().contains(['☐', '☑', '☒']), "{}", cells.words());
    let bullet = Paper::new().raw("40 200 6 6 re f").text("F1", 10.0, 52.0, 200.0, "a point of a list");
    assert_eq!(bullet.words(), "a point of a list");
    let square = Paper::new().raw("40 100 12 12 re S").text("F1", 10.0, 52.0, 200.0, "far from it");
    assert_eq!(square.words(), "far from it");
}
