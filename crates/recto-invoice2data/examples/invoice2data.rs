//! Runs a template of invoice2data on a document that `recto run --format json` has read, and prints the fields:
//!
//! ```text
//! recto run invoice.pdf --format json -o invoice.json
//! cargo run -p recto-invoice2data --example invoice2data -- template.yml invoice.json
//! ```

use std::error::Error;
use std::path::Path;

use recto_domain::{Field, Page};
use recto_invoice2data::Invoice2DataTemplate;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [template, document] = arguments.as_slice() else {
        return Err("usage: invoice2data TEMPLATE.yml DOCUMENT.json".into());
    };
    let template = Invoice2DataTemplate::parse(&std::fs::read_to_string(template)?)?;
    for pages in documents(Path::new(document))? {
        if !template.matches(&pages) {
            eprintln!("the document does not have the keywords of the template");
        }
        let outcome = template.outcome(&pages);
        for problem in outcome.problems {
            eprintln!("{problem}");
        }
        println!("{}", serde_json::to_string_pretty(&Field::values(&outcome.fields))?);
    }
    Ok(())
}

/// The pages of each document in a file.
fn documents(file: &Path) -> Result<Vec<Vec<Page>>, Box<dyn Error>> {
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let documents = json["documents"].as_array().ok_or("the file has no documents")?;
    documents.iter().map(|document| Ok(serde_json::from_value(document["pages"].clone())?)).collect()
}
