//! Forms, cards and papers that are no invoices: what is filled in stands behind what is asked for, under it or over it, in
//! boxes and in none, and is asked for in English whatever the paper speaks.
#![allow(missing_docs, reason = "a test program")]

mod printed;

use recto_domain::{Page, Point, Rule};
use recto_extract::{Document, FieldPlan};
use serde_json::{Value, json};

use printed::{page, template};

/// A page with its lines drawn: `|` and `+` are pieces of lines that run down, runs of `-` are lines across.
fn form(lines: &[&str]) -> Page {
    let text: Vec<String> = lines.iter().map(|line| line.replace(['|', '+', '-'], " ")).collect();
    let mut rules = Vec::new();
    for (line, y) in lines.iter().zip((0u8..).map(|n| 12.0 * f32::from(n))) {
        let columns = || line.chars().zip((0u8..).map(|n| 5.0 * f32::from(n)));
        for (_, x) in columns().filter(|(c, _)| matches!(c, '|' | '+')) {
            rules.push(Rule { from: Point { x, y: y - 4.0 }, to: Point { x, y: y + 8.0 } });
        }
        for (_, x) in columns().filter(|(c, _)| matches!(c, '-' | '+')) {
            rules.push(Rule { from: Point { x, y: y + 4.0 }, to: Point { x: x + 5.0, y: y + 4.0 } });
        }
    }
    page(&text.iter().map(String::as_str).collect::<Vec<_>>()).with_rules(rules)
}

/// The values of some fields, each of a type.
fn found(fields: &[(&str, &str)], page: Page) -> Vec<Value> {
    let schema = fields.iter().map(|(name, kind)| ((*name).to_owned(), json!({"type": kind})));
    let plan = FieldPlan::parse(&template(Value::Object(schema.collect()))).expect("the test's schema is sound");
    plan.extract(Document { pages: &[page], e_invoice: None }).fields.into_iter().map(|field| field.value).collect()
}

const SHIPMENT: [(&str, &str); 3] = [("vessel", "string"), ("port_of_loading", "string"), ("seal_number", "string")];

#[test]
fn what_stands_in_a_box_belongs_to_what_the_box_is_called() {
    let values = found(
        &SHIPMENT,
        form(&[
            "+------------------------+------------------------+------------+",
            "| Ocean vessel           | Port of loading        | Seal no.   |",
            "| NORTHERN STAR          | ROTTERDAM              | 443 921    |",
            "+------------------------+------------------------+------------+",
        ]),
    );
    assert_eq!(values[..2], ["NORTHERN STAR", "ROTTERDAM"]);
}

#[test]
fn what_a_box_is_called_may_stand_under_its_value() {
    let values = found(
        &[("last_name", "string"), ("date_of_birth", "date")],
        form(&[
            "+------------------------+------------------------+",
            "| Okonjo                 | 12.08.1974             |",
            "| Last name              | Date of birth          |",
            "+------------------------+------------------------+",
        ]),
    );
    assert_eq!(values, ["Okonjo", "1974-08-12"]);
}

#[test]
fn a_box_that_asks_has_its_answer_in_the_one_beside_it_and_not_in_a_higher_one() {
    let fields = [("shipper", "string"), ("consignee", "string")];
    let beside = found(
        &fields,
        form(&[
            "+------------------------+------------------------+",
            "| Shipper                | Northern Mills Ltd     |",
            "+------------------------+------------------------+",
            "| Consignee              | Harbour Foods Inc      |",
            "+------------------------+------------------------+",
        ]),
    );
    assert_eq!(beside, ["Northern Mills Ltd", "Harbour Foods Inc"]);
    let bands = found(
        &fields,
        form(&[
            "+------------------------+------------------------+",
            "|         Ship From      | Bill of lading 4711    |",
            "+------------------------+ Carrier Swift Haulage  |",
            "| Northern Mills Ltd     | Trailer 7              |",
            "+------------------------+                        |",
            "|         Ship To        | Seal                   |",
            "+------------------------+                        |",
            "| Harbour Foods Inc      |                        |",
            "+------------------------+------------------------+",
        ]),
    );
    assert_eq!(bands, ["Northern Mills Ltd", "Harbour Foods Inc"]);
}

#[test]
fn the_other_keys_of_a_page_tell_whether_it_is_filled_in_under_them() {
    let under = [
        "Job No.:",
        "J 4711",
        "",
        "Ocean vessel:              Port of loading:           Place of delivery:",
        "NORTHERN STAR              ROTTERDAM                  OSLO",
        "",
        "Marks:",
        "N/A",
    ];
    assert_eq!(found(&SHIPMENT[..2], page(&under)), ["NORTHERN STAR", "ROTTERDAM"]);
    let behind = [
        "Ocean vessel:              NORTHERN STAR",
        "Port of loading:           ROTTERDAM",
        "Place of delivery:         OSLO",
    ];
    assert_eq!(found(&SHIPMENT[..2], page(&behind)), ["NORTHERN STAR", "ROTTERDAM"]);
}

#[test]
fn what_is_asked_for_in_english_is_found_on_papers_in_other_languages() {
    let fields = [("gross_pay", "number"), ("net_pay", "number"), ("employee_number", "string")];
    for lines in [
        ["Personalnummer: 4711", "Gesamtbrutto 3.200,00", "Auszahlungsbetrag 2.114,37"],
        ["Matricule: 4711", "Salaire brut 3 200,00", "Net a payer 2 114,37"],
        ["Personeelsnummer: 4711", "Brutoloon 3.200,00", "Nettoloon 2.114,37"],
    ] {
        assert_eq!(found(&fields, page(&lines)), [json!(3200), json!(2114.37), json!("4711")], "{lines:?}");
    }
}

#[test]
fn who_issued_a_paper_and_whom_it_goes_to_are_found_without_labels() {
    let lines = [
        "Meridian Savings Bank Ltd",
        "1 Exchange Square",
        "London EC2A 2BR",
        "",
        "",
        "",
        "",
        "",
        "Amina Okonjo",
        "7 Orchard Road",
        "Leeds LS1 4AP",
        "",
        "Statement period: 01/03/2025 to 31/03/2025",
        "",
        "Date          Description                 Withdrawals       Deposits        Balance",
        "01/03/2025    Opening balance                                               120.00",
        "12/03/2025    Card payment Harbour Foods        21.50                        98.50",
        "31/03/2025    Closing balance                                                98.50",
    ];
    let fields = [("bank", "string"), ("account_holder", "string"), ("period_end", "date")];
    assert_eq!(found(&fields, page(&lines)), ["Meridian Savings Bank Ltd", "Amina Okonjo", "2025-03-31"]);
}

#[test]
fn a_day_of_birth_lies_before_the_other_days_of_a_document() {
    let lines = ["Vaccination record", "Date of birth: 1/6/58", "Date: 1/18/21"];
    assert_eq!(found(&[("date_of_birth", "date")], page(&lines)), ["1958-01-06"]);
}

#[test]
fn a_label_within_a_sentence_is_not_followed_by_its_value() {
    let lines = ["The carrier acknowledges receipt of packages.", "Carrier Name: Swift Haulage"];
    assert_eq!(found(&[("carrier", "string")], page(&lines)), ["Swift Haulage"]);
}

#[test]
fn passports_are_read_by_their_machine_readable_zone() {
    let lines = [
        "PASSPORT   UTOPIA",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ];
    let fields =
        [("surname", "string"), ("given_names", "string"), ("passport_number", "string"), ("expiry_date", "date")];
    assert_eq!(found(&fields, page(&lines)), ["ERIKSSON", "ANNA MARIA", "L898902C3", "2012-04-15"]);
}

#[test]
fn a_field_may_name_a_row_and_a_column_and_else_the_column_of_this_period_is_meant() {
    let lines = [
        "Earnings        Rate        Hours       This period    Year to date",
        "Regular         31.50       80.00       2,520.00       14,616.00",
        "Overtime        47.25        4.50         212.63          708.75",
        "Gross pay                               2,732.63       15,324.75",
    ];
    let fields = [("gross_pay", "number"), ("gross_pay_year_to_date", "number"), ("overtime_hours", "number")];
    assert_eq!(found(&fields, page(&lines)), [json!(2732.63), json!(15324.75), json!(4.5)]);
}

#[test]
fn a_number_in_groups_is_one_number_and_a_day_of_something_else_is_not_the_documents() {
    let lines = ["Payslip", "Date: 25/11/2024", "SIRET: 418 739 207 00029", "Name: Amina Okonjo"];
    let fields = [("employer_siret", "string"), ("hire_date", "date"), ("employee", "string")];
    assert_eq!(found(&fields, page(&lines)), [json!("418 739 207 00029"), Value::Null, json!("Amina Okonjo")]);
}

#[test]
fn the_number_of_something_else_and_the_day_of_a_law_are_not_the_documents() {
    let lines = [
        "Receipt No. 4711",
        "Law 89-462 of 6 July 1989",
        "Issued 2 November 2024",
        "For October 2024, paid 31/10/2024",
    ];
    let fields = [("organisation_number", "string"), ("date", "date"), ("receipt_number", "string")];
    assert_eq!(found(&fields, page(&lines)), [Value::Null, json!("2024-11-02"), json!("4711")]);
}

#[test]
fn keys_in_a_row_under_a_line_have_their_values_over_it_and_the_last_row_of_a_table_has_them_beside() {
    let names = [("last_name", "string"), ("first_name", "string")];
    let line = Rule { from: Point { x: 0.0, y: 10.0 }, to: Point { x: 200.0, y: 10.0 } };
    let card = ["Okonjo            Amina", "Last name         First name"];
    assert_eq!(found(&names, page(&card).with_rules(vec![line])), ["Okonjo", "Amina"]);
    let thanks = "We thank you for your order of last week and hope that all of it has come";
    let table = ["Mode of dispatch      Courier service", "Payment terms         Thirty days", "", "", thanks];
    let terms = [("payment_terms", "string")];
    assert_eq!(found(&terms, page(&table).with_rules(vec![line])), ["Thirty days"]);
}

#[test]
fn a_label_need_share_only_the_telling_words_of_a_field() {
    let fields = [("required_date", "date"), ("confirmation_code", "string"), ("employer_paye_reference", "string")];
    let values = found(
        &fields,
        page(&[
            "Required by: 24 October 2024",
            "Confirmation: KQ7RTD",
            "Office number: 12",
            "PAYE reference: 951/WR20478",
        ]),
    );
    assert_eq!(values, ["2024-10-24", "KQ7RTD", "951/WR20478"]);
}

#[test]
fn a_row_of_names_heads_the_row_below_it() {
    let fields = [("ship_via", "string"), ("payment_terms", "string")];
    let values = found(
        &fields,
        page(&[
            "REQUIRED BY       SHIP VIA               F.O.B.       TERMS",
            "10/24/2024        UPS Freight            Origin       Net 30",
        ]),
    );
    assert_eq!(values, ["UPS Freight", "Net 30"]);
}

#[test]
fn a_number_is_found_whatever_its_label_calls_numbers_and_whatever_it_leaves_out() {
    for (field, line, expected) in [
        ("employee_number", "Personal-No: 00318", "00318"),
        ("employee_number", "Nr. matricola: 0000057", "0000057"),
        ("social_security_number", "Nº afiliación Seguridad Social: 36/10285517/40", "36/10285517/40"),
        ("national_insurance_number", "National Insurance no. QQ 27 40 91 D", "QQ 27 40 91 D"),
        ("vehicle_number", "Vehicle No: TN 38 BZ 4471", "TN 38 BZ 4471"),
    ] {
        assert_eq!(found(&[(field, "string")], page(&[line])), [expected], "{line}");
    }
}

#[test]
fn the_last_word_of_a_name_says_what_kind_of_value_is_meant() {
    let values = found(
        &[
            ("tax_code", "string"),
            ("customer_order", "string"),
            ("gross_weight", "string"),
            ("shipping_method", "string"),
        ],
        page(&[
            "Tax code: 1257L      Tax: 380.40",
            "Customer: Ace Ltd    Customer order: P-0377",
            "Gross weight: 186.5 kg",
            "Shipping method: own lorry, round 5",
        ]),
    );
    assert_eq!(values, ["1257L", "P-0377", "186.5 kg", "own lorry, round 5"]);
}

#[test]
fn who_issued_a_payslip_is_the_company_in_its_head() {
    let lines =
        ["TRANSPORTADORA VALE LTDA         Recibo de Pagamento", "CC: 418      Folha", "Salario base     2.964,80"];
    assert_eq!(found(&[("employer", "string")], page(&lines)), ["TRANSPORTADORA VALE LTDA"]);
}

#[test]
fn a_day_without_a_label_is_one_that_no_other_field_has() {
    let lines = ["Issue date: 3 March 2025", "Wohnhaft seit 1 May 2019", "Einzug 30 June 2024"];
    let fields = [("issue_date", "date"), ("move_in_started", "date"), ("warranty_until", "date")];
    assert_eq!(found(&fields[..2], page(&lines)), ["2025-03-03", "2019-05-01"]);
    assert_eq!(found(&[fields[0], fields[2]], page(&lines)), ["2025-03-03", "2024-06-30"]);
    assert_eq!(found(&[fields[0], ("warranty_until", "date")], page(&lines[..1])), [json!("2025-03-03"), Value::Null]);
}

#[test]
fn one_place_is_the_value_of_one_field() {
    let lines = ["GATE    BOARDING TIME    DEPARTS    SEAT", "N12     6:55 AM          7:30 AM    14C"];
    let fields = [("boarding_time", "string"), ("departure_time", "string")];
    assert_eq!(found(&fields, page(&lines)), ["6:55 AM", "7:30 AM"]);
}
