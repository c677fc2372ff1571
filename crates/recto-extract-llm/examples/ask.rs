//! Asks a language model for fields of a text, and prints what it found and where that stands:
//!
//! ```text
//! ollama pull llama3.2
//! echo '{"vendor": {"type": "string"}, "paid by": {"type": "string"}}' > schema.json
//! cargo run -p recto-extract-llm --example ask -- http://127.0.0.1:11434/v1 llama3.2 schema.json letter.txt
//! ```

use std::error::Error;

use recto_domain::{
    Block, BlockKind, ExtractionMode, Field, Line, Page, PageSource, Rect, Rotation, Size, TemplateContent, Word,
};
use recto_extract::{Document, Extractor, FieldPlan};
use recto_extract_llm::{LlmExtractor, LlmSettings};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, model, schema, text] = arguments.as_slice() else {
        return Err("usage: ask URL MODEL SCHEMA.json TEXT".into());
    };
    let plan = FieldPlan::parse(&TemplateContent {
        name: "example".to_owned(),
        description: String::new(),
        instructions: String::new(),
        template_schema: serde_json::from_slice(&std::fs::read(schema)?)?,
        result_format: "json".to_owned(),
        extraction_mode: ExtractionMode::Structured,
    })?;
    let page = page_of(&std::fs::read_to_string(text)?);
    let extractor = LlmExtractor::new(LlmSettings::new(url.parse()?, model))?;
    let found = extractor.extract(&plan, Document { pages: &[page], e_invoice: None }).await?;
    println!("{:#}", Value::Object(Field::details(&found.fields)));
    found.warnings.iter().for_each(|warning| eprintln!("{warning}"));
    Ok(())
}

/// A page of typewriting: every letter is 6 points wide, every line 12 points high.
fn page_of(text: &str) -> Page {
    let line = |(row, line): (usize, &str)| {
        let mut column = 0;
        let words = line.split(' ').filter_map(|text| {
            let (x, width) = (column as f32 * 6.0, text.chars().count() as f32 * 6.0);
            column += text.chars().count() + 1;
            let bbox = Rect { x, y: row as f32 * 12.0, width, height: 10.0 };
            (!text.is_empty()).then(|| Word { text: text.to_owned(), bbox, confidence: 1.0 })
        });
        Line::of(0.0, words.collect())
    };
    let lines = text.lines().enumerate().filter_map(line).collect();
    let size = Size { width: 595.0, height: 842.0 };
    let blocks = Block::of(BlockKind::Paragraph, lines).into_iter().collect();
    Page::read(1, size, Rotation::None, PageSource::TextLayer, None, blocks)
}
