//! Lists the words that a person should check, with their places, of documents that `recto run --format json` wrote:
//! `cargo run --example doubtful_words -p recto-domain -- FILE.json [CONFIDENCE]`

use std::error::Error;

use recto_domain::Page;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: doubtful_words FILE.json [CONFIDENCE]")?;
    let enough: f32 = arguments.next().map_or(Ok(0.8), |text| text.parse())?;
    let export: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    for document in export["documents"].as_array().ok_or("the file has no documents")? {
        let pages: Vec<Page> = serde_json::from_value(document["pages"].clone())?;
        for page in &pages {
            for word in page.words().filter(|word| word.confidence < enough) {
                let (x, y) = (word.bbox.x, word.bbox.y);
                let (file, number, share) = (&document["fileName"], page.number, word.confidence);
                println!("{file} page {number} at {x:.0}, {y:.0}: {:?} ({share:.2})", word.text);
            }
        }
    }
    Ok(())
}
