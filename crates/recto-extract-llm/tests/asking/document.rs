//! Documents and templates to ask about.

use recto_domain::{
    Block, BlockKind, ExtractionMode, Field, Line, Page, PageSource, Rect, Rotation, Size, TemplateContent, Word,
};
use recto_extract::{Document, ExtractError, Extraction, Extractor, FieldPlan};
use recto_extract_llm::LlmExtractor;
use serde_json::Value;

/// What no rule finds: a letter without labels.
pub(crate) const LETTER: &[&str] = &[
    "Hotel Seeblick, Konstanz",
    "",
    "Dear Ms Winter,",
    "we are glad to see you on 3. Mai 2026 and have kept",
    "the corner room for you at 1.234,50 EUR, with breakfast.",
    "Blue suite      2     50.00",
    "Red suite       1     25.50",
    "Yours, Anna Berg",
];

/// A page from lines of text: letters are 5 points wide, lines 12 points apart.
pub(crate) fn page(number: u32, lines: &[&str]) -> Page {
    let line = |(row, line): (usize, &&str)| {
        let mut column = 0;
        let words = line.split(' ').filter_map(|text| {
            let (x, width) = (column as f32 * 5.0, text.chars().count() as f32 * 5.0);
            column += text.chars().count() + 1;
            let bbox = Rect { x, y: row as f32 * 12.0, width, height: 8.0 };
            (!text.is_empty()).then(|| Word { text: text.to_owned(), bbox, confidence: 0.96 })
        });
        Block::of(BlockKind::Paragraph, vec![Line::of(0.0, words.collect())?])
    };
    let blocks = lines.iter().enumerate().filter_map(line).collect();
    let size = Size { width: 595.0, height: 842.0 };
    Page::read(number, size, Rotation::None, PageSource::TextLayer, None, blocks)
}

pub(crate) fn plan(schema: Value) -> FieldPlan {
    let content = TemplateContent {
        name: "T".to_owned(),
        description: String::new(),
        instructions: "Rooms have names.".to_owned(),
        template_schema: schema,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    };
    FieldPlan::parse(&content).unwrap()
}

pub(crate) async fn try_extract(
    extractor: &LlmExtractor,
    schema: Value,
    lines: &[&str],
) -> Result<Extraction, ExtractError> {
    let pages = [page(1, lines)];
    extractor.extract(&plan(schema), Document { pages: &pages, e_invoice: None }).await
}

pub(crate) async fn extract(extractor: &LlmExtractor, schema: Value, lines: &[&str]) -> Extraction {
    try_extract(extractor, schema, lines).await.unwrap()
}

/// The field of that name.
pub(crate) fn field<'a>(found: &'a Extraction, name: &str) -> &'a Field {
    found.fields.iter().find(|field| field.name == name).unwrap()
}
