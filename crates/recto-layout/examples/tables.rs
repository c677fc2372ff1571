//! Shows the tables of pages: `cargo run -p recto-layout --example tables -- FILE…`, each a JSON list of pages as
//! `recto_domain::Page` has them, or a document of the JSON export. A line of JSON a file.

use recto_domain::Page;
use recto_layout::tables;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let mut file: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        let pages = if file.is_array() { file } else { file["pages"].take() };
        let pages: Vec<Page> = serde_json::from_value(pages)?;
        let found = pages.iter().flat_map(|page| tables(page).into_iter().map(move |table| (page.number, table)));
        let found: Vec<Value> = found
            .map(|(number, table)| {
                let rows: Vec<Vec<Value>> = table
                    .rows
                    .iter()
                    .map(|row| {
                        row.iter()
                            .map(|cell| {
                                json!({
                                    "text": cell.text, "bbox": cell.bbox, "header": cell.header,
                                    "rowSpan": cell.row_span, "colSpan": cell.col_span,
                                })
                            })
                            .collect()
                    })
                    .collect();
                json!({ "page": number, "bbox": table.bbox, "columns": vec![0; table.columns.len()], "rows": rows })
            })
            .collect();
        println!("{}", Value::Array(found));
    }
    Ok(())
}
