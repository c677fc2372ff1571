//! The placeholder for a page that could not be carried over: it says so, and shows the recognised text.

use recto_domain::{Block, BlockKind, Line, Page, Rect, Size, Word};

use super::object::{Dictionary, Object, print};

/// The size of a page of unknown size: A4.
pub(super) const A4: Size = Size { width: 595.0, height: 842.0 };
/// The font size of the notice in points.
const NOTICE_SIZE: f64 = 9.0;

/// One of the standard fonts of every viewer.
pub(super) fn font() -> Dictionary {
    Dictionary::new()
        .with("Type", Object::name("Font"))
        .with("Subtype", Object::name("Type1"))
        .with("BaseFont", Object::name("Helvetica"))
        .with("Encoding", Object::name("WinAnsiEncoding"))
}

/// The size of the page.
pub(super) fn size(page: &Page) -> Size {
    if page.size.width >= 1.0 && page.size.height >= 1.0 { page.size } else { A4 }
}

/// The content stream: the notice at the top, and each word in its box.
pub(super) fn content(page: &Page, notice: &str, font_name: &str) -> Vec<u8> {
    let size = size(page);
    let mut out = Vec::new();
    print(&mut out, format_args!("q 0.6 0 0 rg BT/{font_name} {NOTICE_SIZE} Tf 11 TL 12 {} Td\n", size.height - 14.0));
    let per_line = ((f64::from(size.width) - 24.0) / (NOTICE_SIZE * 0.5)).max(8.0) as usize;
    for line in wrapped(notice, per_line) {
        show(&mut out, &line);
        out.extend_from_slice(b" T*\n");
    }
    out.extend_from_slice(b"ET Q\n");
    for word in page.words() {
        let height = f64::from(word.bbox.height).max(1.0);
        // Letters are on average half as wide as high; each word is stretched to its box.
        let advance = word.text.chars().count().max(1) as f64 * height * 0.5;
        let stretch = (f64::from(word.bbox.width) / advance * 100.0).clamp(10.0, 1000.0);
        let bottom = f64::from(size.height) - f64::from(word.bbox.bottom());
        print(&mut out, format_args!("BT/{font_name} {height:.2} Tf {stretch:.1} Tz "));
        print(&mut out, format_args!("{:.2} {:.2} Td ", word.bbox.x, bottom + height * 0.2));
        show(&mut out, &word.text);
        out.extend_from_slice(b" ET\n");
    }
    out
}

/// The content stream of an empty frame with a cross, which represents the page where no font is available for a
/// notice.
pub(super) fn frame(page: &Page) -> Vec<u8> {
    let Size { width, height } = size(page);
    let (right, top) = (width - 18.0, height - 18.0);
    let mut out = Vec::new();
    print(&mut out, format_args!("q 0.7 0.15 0.12 RG 1 w 18 18 {:.2} {:.2} re ", right - 18.0, top - 18.0));
    print(&mut out, format_args!("18 18 m {right:.2} {top:.2} l 18 {top:.2} m {right:.2} 18 l S Q\n"));
    out
}

/// The page with the words of a notice before its own; their widths are usual for their size.
pub(super) fn with_words(page: &Page, notice: &str) -> Page {
    let size = size(page);
    let (height, advance) = (NOTICE_SIZE as f32, NOTICE_SIZE as f32 * 0.5);
    let per_line = ((size.width - 48.0) / advance).max(8.0) as usize;
    let lines = wrapped(notice, per_line).into_iter().zip(1u16..).filter_map(|(text, number)| {
        let mut x = 24.0;
        let words = text.split(' ').filter(|word| !word.is_empty()).map(|word| {
            let width = word.chars().count() as f32 * advance;
            let bbox = Rect { x, y: 16.0 + 11.0 * f32::from(number), width, height };
            x += width + advance;
            Word { text: word.to_owned(), bbox, confidence: 1.0 }
        });
        Line::of(0.0, words.collect())
    });
    let notice = Block::of(BlockKind::Paragraph, lines.collect());
    Page { size, blocks: notice.into_iter().chain(page.blocks.iter().cloned()).collect(), ..page.clone() }
}

pub(super) fn show(out: &mut Vec<u8>, text: &str) {
    Object::String(text.chars().map(win_ansi).collect()).write(out);
    out.extend_from_slice(b" Tj");
}

/// The character's code in `WinAnsiEncoding`, if it is the same as in Latin-1; a question mark for others.
fn win_ansi(character: char) -> u8 {
    match character {
        '\u{20}'..='\u{7E}' | '\u{A0}'..='\u{FF}' => character as u8,
        '\u{2018}' => 0x91,
        '\u{2019}' => 0x92,
        '\u{201C}' => 0x93,
        '\u{201D}' => 0x94,
        '\u{2013}' => 0x96,
        '\u{2014}' => 0x97,
        '\u{20AC}' => 0x80,
        _ => b'?',
    }
}

/// Wraps a text to lines of at most `width` characters, at spaces if there are any.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let line = lines.last_mut().map_or(0, |line| line.chars().count());
            if line > 0 && line + 1 + word.chars().count() > width {
                lines.push(String::new());
                continue;
            }
            let end = word.char_indices().nth(width).map_or(word.len(), |(at, _)| at);
            if let Some(last) = lines.last_mut() {
                if line > 0 {
                    last.push(' ');
                }
                last.push_str(&word[..end]);
            }
            word = &word[end..];
            if word.is_empty() {
                break;
            }
        }
    }
    lines
}
