//! Templates of invoice2data on documents, through the crate's face.

use recto_domain::{Block, BlockKind, Field, Line, Page, PageSource, Rect, Rotation, Size, Word};
use recto_extract::{Document, FieldPlan};
use recto_invoice2data::Invoice2DataTemplate;
use serde_json::{Value, json};

const INVOICE: &str = "
                                                  Müller Papier AG
                                                  Invoice date:    03/04/2023
Sold to                                           Invoice no.:     2023-17
Some Body
1 Long Road


Description                   Qty        Unit price         Amount
Ruled paper A4                  2              4.50           9.00
  blue lines
Ink                             1             12.00          12.00
Total net                                                    21.00
VAT 19%                                                       3.99
VAT 7%                                                        0.07
Total EUR                                                    25.06
Please pay by 18/04/2023
";

const TEMPLATE: &str = r"
issuer: Müller Papier
keywords: [Müller Papier, Invoice]
exclude_keywords: Reminder
fields:
  amount: Total EUR\s{10,}(\d+\.\d\d)
  sum_amount_tax:
    - VAT \d+%\s+(\S+)
  date: 'Invoice date:\s{2,}(\S+)'
  date_due: {parser: regex, regex: '(\d\d/\d\d/\d{4})', type: date, group: max}
  invoice_number: {parser: regex, regex: '^\s{40,}.*\n.*\n.*no\.:\s+(\S+)', replace: ['-', '/']}
  buyer: {parser: regex, regex: (.+), area: {f: 1, l: 1, x: 0, y: 60, r: 72, W: 200, H: 12}}
  static_vat: DE 123
  not_there: Nothing (\d+)
  lines:
    parser: lines
    start: Unit price.*
    end: Total net
    first_line: ^(?P<name>\S.*?)\s{2,}(?P<qty>\d+)\s+(?P<price_unit>[\d.]+)\s+(?P<price_subtotal>[\d.]+)$
    line: ^ +(?P<name>.*)$
    types: {qty: int, price_unit: float, price_subtotal: float}
tables:
  - {start: Total net, end: Total EUR, body: 'VAT (?P<rate>\d+)%'}
options:
  currency: EUR
  date_formats: ['%d/%m/%Y']
  languages: [en]
";

/// A page with a text set in 10 points, each character 6 points wide and each line 12 high.
fn typeset(number: u32, text: &str) -> Page {
    let lines = text.lines().enumerate().filter_map(|(row, line)| {
        let mut words = Vec::new();
        let mut column = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if length > 0 {
                words.push(set(word, 20.0 + column as f32 * 6.0, 20.0 + row as f32 * 12.0, length as f32 * 6.0));
            }
            column += length + 1;
        }
        Line::of(0.0, words)
    });
    let block = Block::of(BlockKind::Paragraph, lines.collect());
    let size = Size { width: 595.0, height: 842.0 };
    Page::read(number, size, Rotation::None, PageSource::TextLayer, None, block.into_iter().collect())
}

/// A word on a baseline, with a box around its ink.
fn set(word: &str, x: f32, base: f32, width: f32) -> Word {
    let is_small = word.chars().all(|c| "acemnorsuvwxzgpqy".contains(c));
    let is_deep = word.chars().any(|c| "gpqyj()".contains(c));
    let (top, foot) = (if is_small { 5.3 } else { 7.2 }, if is_deep { 2.1 } else { 0.0 });
    let bbox = Rect { x: x + 0.4, y: base - top, width: width - 0.8, height: top + foot };
    Word { text: word.to_owned(), bbox, confidence: 1.0 }
}

fn run(template: &str, pages: &[Page]) -> Vec<Field> {
    Invoice2DataTemplate::parse(template).expect("the test's template is sound").run(pages)
}

#[test]
fn a_template_finds_its_fields_in_a_document() {
    let fields = run(TEMPLATE, &[typeset(1, INVOICE)]);
    insta::assert_json_snapshot!(fields);
}

#[test]
fn values_are_found_on_their_page() {
    let fields = run(TEMPLATE, &[typeset(1, "A first page"), typeset(2, INVOICE)]);
    let total = fields.iter().find(|field| field.name == "amount").unwrap();
    let word = typeset(2, INVOICE).words().find(|word| word.text == "25.06").unwrap().bbox;
    assert_eq!((total.page, total.bbox), (Some(2), Some(word)));
}

#[test]
fn a_template_tells_its_documents_by_keywords() {
    let template = Invoice2DataTemplate::parse(TEMPLATE).unwrap();
    let matches = |text: &str| template.matches(&[typeset(1, text)]);
    assert!(matches(INVOICE));
    assert!(!matches("Müller Papier AG"));
    assert!(!matches(&INVOICE.replace("Sold to", "Reminder")));
    let elsewhere = run(TEMPLATE, &[typeset(1, &INVOICE.replace("Müller", "Maier"))]);
    let total = elsewhere.iter().find(|field| field.name == "amount").unwrap();
    assert!(total.confidence.unwrap() < 0.6, "{total:?}");
}

#[test]
fn a_template_is_stored_as_a_schema_and_run_from_it() {
    let template = Invoice2DataTemplate::parse(TEMPLATE).unwrap();
    let content = template.to_template_content();
    insta::assert_json_snapshot!(content);
    let pages = [typeset(1, INVOICE)];
    let extraction = FieldPlan::parse(&content).unwrap().extract(Document { pages: &pages, e_invoice: None });
    assert_eq!((extraction.fields, extraction.needs_review), (template.run(&pages), false));
}

#[test]
fn a_stored_template_says_what_is_wrong_with_its_path() {
    let mut content = Invoice2DataTemplate::parse(TEMPLATE).unwrap().to_template_content();
    content.template_schema["invoice2data"]["fields"]["amount"] = json!({"parser": "regex", "regex": "(", "type": "x"});
    let error = FieldPlan::parse(&content).unwrap_err();
    assert_eq!(
        error.0,
        [
            "templateSchema.invoice2data.fields.amount.regex is no regular expression: a group is not closed",
            "templateSchema.invoice2data.fields.amount.type must be one of int, float, date, datetime, not \"x\"",
        ]
    );
}

#[test]
fn a_document_without_a_required_field_wants_a_persons_eye() {
    let content = Invoice2DataTemplate::parse(TEMPLATE).unwrap().to_template_content();
    let pages = [typeset(1, &INVOICE.replace("Total EUR", "Sum"))];
    let extraction = FieldPlan::parse(&content).unwrap().extract(Document { pages: &pages, e_invoice: None });
    assert!(extraction.needs_review);
    assert_eq!(extraction.fields.iter().find(|field| field.name == "amount").unwrap().value, Value::Null);
}

#[test]
fn a_pattern_without_end_is_a_problem_of_its_field_alone() {
    let template = r"{keywords: [x], required_fields: [], fields: {bad: '(x+x+)+(?=y)\1', good: (x+)}}";
    let template = Invoice2DataTemplate::parse(template).unwrap();
    let pages = [typeset(1, &"x".repeat(60))];
    let outcome = template.outcome(&pages);
    let problem = "fields.bad needs too many steps on this document; make the pattern more exact";
    assert_eq!(outcome.problems, [problem]);
    assert_eq!(outcome.fields[2].value, "x".repeat(60));
    assert!(
        FieldPlan::parse(&template.to_template_content())
            .unwrap()
            .extract(Document { pages: &pages, e_invoice: None })
            .needs_review
    );
}

#[test]
fn lines_that_are_not_there_are_an_empty_list_that_is_doubted() {
    let template = "{keywords: [Shop], fields: {}, lines: {start: Item, end: Total, line: (?P<name>.+)}}";
    let fields = run(template, &[typeset(1, "Shop")]);
    let lines = fields.iter().find(|field| field.name == "lines").unwrap();
    assert_eq!(lines.value, json!([]));
    assert!(lines.confidence.unwrap() < 0.6);
}

#[test]
fn templates_in_json_are_read_too() {
    let template = r#"{"issuer": "Shop", "keywords": ["Shop"], "options": {"remove_whitespace": true, "currency": "INR"},
        "fields": {"amount": "GrandTotal\\s*(\\d+\\.\\d+)", "date": "Date:(\\d{4}-\\d\\d-\\d\\d)"}}"#;
    let values = Field::values(&run(template, &[typeset(1, "Shop  Grand Total  319.00\nDate: 2015-10-20")]));
    assert_eq!(
        (&values["amount"], &values["date"], &values["currency"]),
        (&json!(319.0), &json!("2015-10-20"), &json!("INR"))
    );
    assert_eq!(values["invoice_number"], Value::Null);
}
