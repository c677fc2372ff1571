//! Names and addresses of letterheads and receipts, sums that are rounded or stand in tables, and forms that call things
//! by names of their own.

mod printed;

use recto_extract::{Document, Extraction, FieldPlan};
use serde_json::{Value, json};

use printed::{page, template};

fn extract(schema: Value, lines: &[&str]) -> Extraction {
    let plan = FieldPlan::parse(&template(schema)).expect("the test's schema is sound");
    plan.extract(Document { pages: &[page(lines)], e_invoice: None })
}

/// The values of some fields, each of a type.
fn found(fields: &[(&str, &str)], lines: &[&str]) -> Vec<Value> {
    let schema = fields.iter().map(|(name, kind)| ((*name).to_owned(), json!({"type": kind})));
    extract(Value::Object(schema.collect()), lines).fields.into_iter().map(|field| field.value).collect()
}

const SHOP: [(&str, &str); 2] = [("company", "string"), ("address", "string")];

#[test]
fn a_company_keeps_its_whole_name_and_not_its_register_number() {
    for (lines, name) in [
        (&["ORCHID BAKERIES (KL) SDN BHD"][..], "ORCHID BAKERIES (KL) SDN BHD"),
        (&["ORCHID BAKERIES SDN BHD (862725-U)"], "ORCHID BAKERIES SDN BHD"),
        (&["ORCHID BAKERIES SDN BHD 862725-U"], "ORCHID BAKERIES SDN BHD"),
        (&["ORCHID BAKERIES SDN BHD COMPANY NO: 499702-V"], "ORCHID BAKERIES SDN BHD"),
        (&["ORCHID BAKERIES", "(SEMENYIH) SDN BHD"], "ORCHID BAKERIES (SEMENYIH) SDN BHD"),
        (&["ORCHID BOOK", "CO. (M) SDN BHD"], "ORCHID BOOK CO. (M) SDN BHD"),
        (&["SWAN ENTERPRISE", "SDN BHD"], "SWAN ENTERPRISE SDN BHD"),
        (&["OWNED BY: ORCHID CAFE SDN BHD"], "ORCHID CAFE SDN BHD"),
        (&["Every day a little better.", "Orchid GmbH"], "Orchid GmbH"),
    ] {
        let rest = ["12, Jalan Tampoi 7/4,", "81200 Johor Bahru", "Tel: 03-7805 7889", "Total 12.00"];
        let lines: Vec<&str> = lines.iter().copied().chain(rest).collect();
        assert_eq!(found(&SHOP, &lines)[0], name, "{lines:?}");
    }
}

#[test]
fn an_address_is_all_its_lines_and_no_others() {
    for (lines, address) in [
        (
            &["12, Jalan Tampoi 7/4,", "45600 Batang Berjuntai", "Selangor Darul Ehsan"][..],
            "12, Jalan Tampoi 7/4, 45600 Batang Berjuntai, Selangor Darul Ehsan",
        ),
        (
            &["8, Jalan Tampoi 7/4", "56000 Kuala Lumpur, Malaysia", "WE BAKE DAILY"],
            "8, Jalan Tampoi 7/4, 56000 Kuala Lumpur, Malaysia",
        ),
        (
            &["(001610235-P)", "NO.12, JALAN SS4C/5", "SELANGOR DARUL EHSAN"],
            "NO.12, JALAN SS4C/5, SELANGOR DARUL EHSAN",
        ),
        (
            &["COMPANY REG. NO.: 725186-V", "1, Jalan Wangsa 12", "53300 Kuala Lumpur"],
            "1, Jalan Wangsa 12, 53300 Kuala Lumpur",
        ),
        (&["24-102 Puławy", "ul. Lubelska 1"], "24-102 Puławy, ul. Lubelska 1"),
    ] {
        let head = ["ORCHID BAKERIES SDN BHD"];
        let rest = ["Tel: 03-7805 7889", "Total 12.00"];
        let lines: Vec<&str> = head.into_iter().chain(lines.iter().copied()).chain(rest).collect();
        assert_eq!(found(&SHOP, &lines)[1], address, "{lines:?}");
    }
}

#[test]
fn the_rounded_total_is_the_total() {
    let total = |lines: &[&str]| found(&[("total", "number")], lines).remove(0);
    assert_eq!(total(&["Total 98.37", "Rounding -0.02", "Total payable 98.35", "Cash 100.00", "Change 1.65"]), 98.35);
    assert_eq!(total(&["Total 98.37", "Rounding adj -0.02", "Nett 98.35"]), 98.35);
}

#[test]
fn the_last_row_of_a_table_of_sums_is_the_sum() {
    let sums = found(
        &[("total_gross", "number"), ("total_net", "number"), ("total_tax", "number")],
        &[
            "Nettobetrag   MwSt-Betrag   MwSt-%   Endbetrag",
            "321,40        61,07         19,0     382,47",
            "127,59        8,93          7,0      136,52",
            "448,99        70,00                  518,99",
        ],
    );
    assert_eq!(sums, [json!(518.99), json!(448.99), json!(70)]);
}

#[test]
fn the_number_and_the_day_of_a_title_are_the_documents() {
    let values = found(
        &[("invoice_number", "string"), ("date", "date"), ("buyer_name", "string")],
        &[
            "Stylesheet-Version: 2.0 vom 18.10.2018                                                              Seite 1 von 3",
            "Handelsrechnung (380) Nr. 471102 vom 05.06.2018",
            "",
            "Käufer:",
            "Nummer : 330145",
            "Kunden AG Mitte",
            "Kundenstraße 15",
            "69876 Frankfurt",
        ],
    );
    assert_eq!(values, ["471102", "2018-06-05", "Kunden AG Mitte"]);
}

#[test]
fn what_the_page_calls_by_the_fields_whole_name_goes_before_a_part_of_it() {
    let values = found(
        &[("total_deposits", "number"), ("account_number", "string"), ("lot_number", "string"), ("patient", "string")],
        &[
            "Patient: John Doe     Patient Gender: Male",
            "Account Number: 98292881",
            "Lot #: 221",
            "Total Deposits 2,930.00",
            "Total 5,063.50",
        ],
    );
    assert_eq!(values, [json!(2930), json!("98292881"), json!("221"), json!("John Doe")]);
}

#[test]
fn thousands_are_parted_where_no_amount_has_decimals() {
    let total = |lines: &[&str]| found(&[("total", "number")], lines).remove(0);
    assert_eq!(total(&["Nasi goreng 49.000", "Total 53.500"]), 53500);
    assert_eq!(total(&["Rice 49,000", "Total 53,500"]), 53500);
    assert_eq!(total(&["Rice 49.00", "Total 53.50"]), 53.5);
}

#[test]
fn a_value_says_why_it_was_taken() {
    let schema = json!({"total": {"type": "number"}, "invoice number": {"type": "string"}});
    let lines = ["Invoice number: RE-4471", "Net 100.00", "VAT 19.00", "Total 119.00"];
    let fields = extract(schema, &lines).fields;
    assert_eq!(fields[0].why[0], "total, net and tax add up");
    assert_eq!(fields[1].why[0], "stands beside \"Invoice number\"");
    assert!(fields.iter().all(|field| field.confidence.unwrap() > 0.9), "{fields:?}");
}
