//! What finding the fields of an invoice costs: `cargo bench -p recto-extract`

#[path = "../tests/printed/mod.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod printed;

use divan::Bencher;
use divan::counter::ItemsCount;
use recto_domain::Page;
use recto_extract::{Document, FieldPlan};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

fn schema() -> Value {
    json!({
        "invoice number": {"type": "string"}, "date": {"type": "date"}, "due date": {"type": "date"},
        "sender": {"type": "string"}, "recipient": {"type": "string"}, "net": {"type": "number"},
        "tax": {"type": "number"}, "total": {"type": "number"},
        "items": {"type": "array", "items": {"type": "object", "properties": {
            "description": {"type": "string"}, "quantity": {"type": "number"}, "amount": {"type": "number"}}}},
    })
}

/// An invoice of that many line items, all on one page.
fn invoice(items: usize) -> Page {
    let head = [
        "Northwind Supplies Ltd",
        "14 Harbour Road",
        "Bristol BS1 4QA",
        "",
        "Invoice",
        "",
        "Invoice number: NW-20931",
        "Invoice date: 14 March 2026",
        "Due date: 13 April 2026",
        "",
        "Bill to:",
        "Ledger GmbH",
        "Hauptstrasse 5",
        "10115 Berlin",
        "",
        "Description               Quantity    Unit price    Amount",
    ];
    let rows = (1..=items).map(|n| format!("Bolt M{n:<20} {n:>8} {:>13} {:>9}.00", "2.00", 2 * n));
    let net = items * (items + 1);
    let sums = [
        format!("Subtotal {net:>48}.00"),
        format!("VAT 20% {:>49.2}", net as f64 * 0.2),
        format!("Total {:>51.2}", net as f64 * 1.2),
    ];
    let lines: Vec<String> = head.iter().map(|line| (*line).to_owned()).chain(rows).chain(sums).collect();
    printed::page(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[divan::bench]
fn plan() -> FieldPlan {
    FieldPlan::parse(&printed::template(divan::black_box(schema()))).expect("the schema is sound")
}

#[divan::bench(args = [5, 40])]
fn fields_of_an_invoice(bencher: Bencher, items: usize) {
    let plan = FieldPlan::parse(&printed::template(schema())).expect("the schema is sound");
    let pages = [invoice(items)];
    let found = plan.extract(Document { pages: &pages, e_invoice: None });
    assert!(found.fields.iter().any(|field| !field.value.is_null()), "nothing is measured where nothing is found");
    bencher
        .counter(ItemsCount::new(pages[0].words().count()))
        .bench(|| plan.extract(Document { pages: divan::black_box(&pages), e_invoice: None }));
}
