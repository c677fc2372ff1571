//! Signs that fonts' maps send astray, and marks of symbol fonts.

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
            content += &format!("BT /W 10 Tf {} 200 Td <{:02x}> Tj ET\n", 40 + 20 * i, c as u32);
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
