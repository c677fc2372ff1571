//! Pages that are printed for tests.

use recto_domain::{
    Block, BlockKind, ExtractionMode, Line, Page, PageSource, Rect, Rotation, Size, TemplateContent, Word,
};
use serde_json::Value;

/// A page from lines of text: letters are 5 points wide, lines 12 points apart.
pub(crate) fn page(lines: &[&str]) -> Page {
    let words_of = |n: usize, line: &str| {
        let mut words = Vec::new();
        let mut at = 0;
        for part in line.split(' ') {
            let width = part.chars().count() as f32 * 5.0;
            if !part.is_empty() {
                let bbox = Rect { x: at as f32 * 5.0, y: n as f32 * 12.0, width, height: 8.0 };
                words.push(Word { text: part.to_owned(), bbox, confidence: 0.96 });
            }
            at += part.chars().count() + 1;
        }
        words
    };
    let lines = lines.iter().enumerate().filter_map(|(n, line)| Line::of(0.0, words_of(n, line)));
    let blocks = lines.filter_map(|line| Block::of(BlockKind::Paragraph, vec![line])).collect();
    let size = Size { width: 595.0, height: 842.0 };
    Page::read(1, size, Rotation::None, PageSource::TextLayer, None, blocks)
}

/// A template of that schema.
pub(crate) fn template(schema: Value) -> TemplateContent {
    TemplateContent {
        name: "T".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema: schema,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    }
}
