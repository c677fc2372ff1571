//! Fields of whole documents through the crate's face: names and types are all that the template has.

mod printed;

use recto_domain::{Field, Page};
use recto_extract::{Document, Extraction, FieldPlan};
use serde_json::{Value, json};

use printed::{page, template};

fn extract(schema: Value, pages: &[Page]) -> Extraction {
    FieldPlan::parse(&template(schema))
        .expect("the test's schema is sound")
        .extract(Document { pages, e_invoice: None })
}

fn values(schema: Value, lines: &[&str]) -> Value {
    Value::Object(Field::values(&extract(schema, &[page(lines)]).fields))
}

fn invoice_schema() -> Value {
    json!({
        "invoiceNumber": {"type": "string"}, "invoiceDate": {"type": "date"}, "dueDate": {"type": "date"},
        "vendor": {"type": "string"}, "customerName": {"type": "string"}, "vatId": {"type": "string"},
        "subtotal": {"type": "number"}, "tax": {"type": "number"}, "total": {"type": "number"},
        "currency": {"type": "string"}, "iban": {"type": "string"},
    })
}

#[test]
fn an_english_invoice() {
    let found = values(
        invoice_schema(),
        &[
            "Acme Widgets Ltd                                   INVOICE",
            "12 High Street",
            "London SW1A 2AA                          Invoice No:   INV-2026-0042",
            "Tel: 020 7946 0000                       Invoice date: 31/03/2026",
            "VAT No: GB123456789                      Due date:     30/04/2026",
            "",
            "Bill to",
            "Jane Doe",
            "7 Church Road",
            "Leeds LS1 4DY",
            "",
            "Description              Qty     Price      Amount",
            "Blue widget                2     50.00      100.00",
            "Red widget                 1     25.50       25.50",
            "",
            "                              Subtotal     £125.50",
            "                               VAT 20%      £25.10",
            "                                 Total     £150.60",
            "",
            "IBAN: GB29 NWBK 6016 1331 9268 19",
        ],
    );
    assert_eq!(
        found,
        json!({
            "invoiceNumber": "INV-2026-0042", "invoiceDate": "2026-03-31", "dueDate": "2026-04-30",
            "vendor": "Acme Widgets Ltd", "customerName": "Jane Doe", "vatId": "GB123456789", "subtotal": 125.5,
            "tax": 25.1, "total": 150.6, "currency": "GBP", "iban": "GB29NWBK60161331926819",
        })
    );
}

#[test]
fn invoices_in_german_french_and_spanish() {
    let schema = json!({"number": {"type": "string", "description": "invoice number"}, "date": {"type": "date"},
        "total_net": {"type": "number"}, "total_tax": {"type": "number"}, "total_gross": {"type": "number"}});
    let german = [
        "Rechnungsnummer: 4711/26",
        "Rechnungsdatum: 3. März 2026",
        "Nettobetrag 1.000,00 EUR",
        "zzgl. MwSt 19 % 190,00 EUR",
        "Gesamtbetrag 1.190,00 EUR",
    ];
    let french = [
        "Facture N° F-881",
        "Date de facture : 3 mars 2026",
        "Total HT 1 000,00 €",
        "TVA 20 % 200,00 €",
        "Total TTC 1 200,00 €",
    ];
    let spanish = [
        "Factura núm. A/17",
        "Fecha de factura: 3 de marzo de 2026",
        "Base imponible 1.000,00 €",
        "IVA 21 % 210,00 €",
        "Total a pagar 1.210,00 €",
    ];
    for (lines, number, tax, gross) in
        [(german, "4711/26", 190, 1190), (french, "F-881", 200, 1200), (spanish, "A/17", 210, 1210)]
    {
        let expected = json!({"number": number, "date": "2026-03-03", "total_net": 1000, "total_tax": tax,
            "total_gross": gross});
        assert_eq!(values(schema.clone(), &lines), expected);
    }
}

#[test]
fn a_field_that_nobody_knows_is_looked_for_under_its_own_name() {
    let schema =
        json!({"Serial plate": {"type": "string"}, "Weight": {"type": "number"}, "Colour": {"type": "string"}});
    let lines = ["Serial plate: XK-99", "Weight: 12.5 kg", "Colour", "deep blue"];
    let expected = json!({"Serial plate": "XK-99", "Weight": 12.5, "Colour": "deep blue"});
    assert_eq!(values(schema, &lines), expected);
}

#[test]
fn an_invoice_with_thai_labels() {
    let schema = json!({"invoiceNumber": {"type": "string"}, "date": {"type": "date"}, "subtotal": {"type": "number"},
        "vat": {"type": "number"}, "total": {"type": "number"}});
    let lines = [
        "เลขที่ใบแจ้งหนี้ IV-6903001",
        "วันที่ 31 มีนาคม 2569",
        "มูลค่าสินค้า 1,000.00",
        "ภาษีมูลค่าเพิ่ม 7% 70.00",
        "ยอดรวมทั้งสิ้น 1,070.00 บาท",
    ];
    let expected = json!({"invoiceNumber": "IV-6903001", "date": "2026-03-31", "subtotal": 1000, "vat": 70,
        "total": 1070});
    assert_eq!(values(schema, &lines), expected);
}

#[test]
fn patterns_and_lists_of_the_schema_are_kept_to() {
    let schema = json!({"plate": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
        "payment": {"type": "string", "enum": ["Cash", "Credit card"]}, "kind": {"type": "string", "enum": ["A"]}});
    let lines = ["seen: KX-114 yesterday", "paid by credit card, thanks"];
    assert_eq!(values(schema, &lines), json!({"plate": "KX-114", "payment": "Credit card", "kind": null}));
}

#[test]
fn fields_within_a_field_are_found() {
    let schema = json!({"vendor": {"type": "object", "properties": {
        "name": {"type": "string"}, "vatId": {"type": "string"}, "iban": {"type": "string"}}}});
    let lines = ["Acme Widgets Ltd", "12 High Street", "London SW1A 2AA", "VAT No: GB123456789"];
    let expected = json!({"vendor": {"name": "Acme Widgets Ltd", "vatId": "GB123456789", "iban": null}});
    assert_eq!(values(schema.clone(), &lines), expected);
    assert_eq!(values(schema, &["4711"]), json!({"vendor": null}));
}

#[test]
fn evidence_tells_where_a_value_stands_and_how_it_is_printed() {
    let found = extract(json!({"total": {"type": "number"}}), &[page(&["Shop", "", "Total 1,250.00"])]);
    let field = &found.fields[0];
    assert_eq!((field.raw.as_deref(), field.page, field.source.as_deref()), (Some("1,250.00"), Some(1), Some("rules")));
    let bbox = field.bbox.expect("a printed value has a place");
    assert_eq!((bbox.x, bbox.y), (30.0, 24.0));
}

#[test]
fn a_required_field_that_is_missing_wants_a_review() {
    let schema = json!({"total": {"type": "number"}, "iban": {"type": "string", "required": true}});
    let found = extract(schema, &[page(&["Total 12.00"])]);
    assert!(found.needs_review && found.fields[1].value.is_null());
}

#[test]
fn pages_without_words_give_no_fields_and_no_trouble() {
    let found = extract(invoice_schema(), &[page(&[])]);
    assert!(found.fields.iter().all(|field| field.value.is_null()));
    assert!(extract(json!({"total": {"type": "number"}}), &[]).fields[0].value.is_null());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    #[test]
    fn any_page_is_searched_without_harm(lines in proptest::collection::vec(".{0,60}", 0..12)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let mut schema = invoice_schema();
        schema["items"] = json!({"type": "array", "items": {"type": "object", "properties": {
            "description": {"type": "string"}, "amount": {"type": "number"}}}});
        extract(schema, &[page(&lines)]);
    }
}

#[test]
fn the_title_above_a_company_is_no_part_of_its_name() {
    for title in ["Invoice 4471", "RECHNUNG Nr. 4471", "Receipt #12"] {
        let lines = [
            title,
            "Northwind Services Ltd",
            "12 Mill Lane, Leeds LS1 4AB",
            "Date: 14 March 2025",
            "",
            "Net amount                    500.00",
            "VAT 20%                       100.00",
            "Total                         600.00",
        ];
        let schema = json!({"vendor": {"type": "string"}});
        assert_eq!(values(schema, &lines), json!({"vendor": "Northwind Services Ltd"}), "{title}");
    }
}
