//! Invoices, credit notes and statements in several languages and layouts: each test is a kind of fault that such papers
//! tempt a reader into.

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

/// The values of fields of the types that their names ask for.
fn found(names: &[&str], lines: &[&str]) -> Vec<Value> {
    values(names, &[page(lines)])
}

fn values(names: &[&str], pages: &[Page]) -> Vec<Value> {
    let kind = |name: &str| match name {
        "invoice date" | "due date" | "period start" | "period end" => "date",
        "vendor" | "customer" | "invoice number" => "string",
        _ => "number",
    };
    let schema: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), json!({"type": kind(name)}))).collect();
    let fields = Field::values(&extract(Value::Object(schema), pages).fields);
    names.iter().map(|name| fields[*name].clone()).collect()
}

const PARTIES: [&str; 2] = ["vendor", "customer"];
const SUMS: [&str; 4] = ["subtotal", "tax", "total", "amount due"];

#[test]
fn parties_are_names_and_no_titles_labels_streets_or_numbers() {
    let dutch = [
        "Factuur                                                         Smederij Van Dijk B.V.",
        "                                                           Havenweg 7, 1411 AB Naarden",
        "Factuurnummer: 2025-0117",
        "Factuurdatum: 05-02-2025",
        "",
        "Camping De Duinen",
        "Zeestraat 45, 2042 LB Zandvoort",
        "",
        "Art.   Omschrijving                              Aantal         Prijs         Bedrag",
        "101    Hek van smeedijzer                             2        141,00         282,00",
    ];
    assert_eq!(found(&PARTIES, &dutch), ["Smederij Van Dijk B.V.", "Camping De Duinen"]);
    let italian = [
        "Officina Rossi S.r.l.                      Fattura n. 117/2025",
        "Via Roma 10, 20121 Milano                  Data: 05/02/2025",
        "P.IVA 01234567890",
        "",
        "Spett.le",
        "Bianchi Trasporti S.p.A.",
        "Via Po 4, 10124 Torino",
    ];
    assert_eq!(found(&PARTIES, &italian), ["Officina Rossi S.r.l.", "Bianchi Trasporti S.p.A."]);
    let polish = [
        "Hotel Bukowy sp. z o.o. · ul. Leśna 5 · 31-154 Kraków",
        "",
        "Pan",
        "Jan Kowalski",
        "ul. Floriańska 14",
        "31-021 Kraków",
        "",
        "Faktura nr 12/2025",
    ];
    assert_eq!(found(&PARTIES, &polish), ["Hotel Bukowy sp. z o.o.", "Jan Kowalski"]);
    let german = ["Rechnung RE-20418", "Datum: 14.03.2025", "", "Gesamtbetrag  843,59"];
    assert_eq!(found(&PARTIES, &german), [Value::Null, Value::Null]);
}

#[test]
fn a_form_that_calls_both_sides_names_is_read_by_its_headings() {
    let lines = [
        "Verkäufer",
        "Nummer:                 549910",
        "Name:                   Handwerker GmbH",
        "Anschrift:              Handwerkerstraße 20",
        "                        80333 München",
        "",
        "Käufer",
        "Nummer:                 GE2020211",
        "Name:                   Kunden AG Mitte",
        "Anschrift:              Kundenstraße 15",
        "                        69876 Frankfurt",
    ];
    assert_eq!(found(&PARTIES, &lines), ["Handwerker GmbH", "Kunden AG Mitte"]);
}

#[test]
fn taxes_are_added_where_the_amounts_beside_them_include_them() {
    let swiss = [
        "Zwischentotal                        51.27",
        "Rundung                              -0.02",
        "TOTAL CHF                            51.25",
        "MWST        Satz     Umsatz         Steuer",
        "1          8.10%      12.45           0.93",
        "2          2.60%      26.82           0.68",
        "0          0.00%      12.00           0.00",
    ];
    assert_eq!(found(&SUMS[1..2], &swiss), [json!(1.61)]);
}

#[test]
fn the_taxes_of_several_rates_are_added_and_no_one_of_them_is_the_tax() {
    let german = [
        "Nettosumme 7%                 238,00",
        "USt 7%                         16,66",
        "Nettosumme 19%                 79,40",
        "USt 19%                        15,09",
        "Rechnungsbetrag EUR           349,15",
    ];
    assert_eq!(found(&SUMS[..3], &german), [json!(317.4), json!(31.75), json!(349.15)]);
    let indian = [
        "Taxable value       ₹ 1,25,000.00",
        "CGST 2.5%               ₹ 3,125.00",
        "SGST 2.5%               ₹ 3,125.00",
        "Grand Total         ₹ 1,31,250.00",
    ];
    assert_eq!(found(&SUMS[..3], &indian), [json!(125_000), json!(6250), json!(131_250)]);
    let spanish = [
        "Base imponible  IVA      Cuota",
        "    582,00      10 %     58,20",
        "    320,00      21 %     67,20",
        "    902,00              125,40",
        "Total factura          1.027,40",
    ];
    assert_eq!(found(&SUMS[..3], &spanish), [json!(902), json!(125.4), json!(1027.4)]);
}

#[test]
fn a_sum_that_is_printed_nowhere_says_that_it_was_computed() {
    let lines = ["TVA 5,5 %   17,60", "TVA 20 %   116,40", "Total HT   902,00", "Total TTC   1 036,00"];
    let schema = json!({"tax": {"type": "number"}, "total": {"type": "number"}});
    let fields = extract(schema, &[page(&lines)]).fields;
    let told = |field: &Field| (field.value.clone(), field.source.clone(), field.raw.is_some());
    assert_eq!(told(&fields[0]), (json!(134), Some("computed".to_owned()), false));
    assert_eq!(told(&fields[1]), (json!(1036), Some("rules".to_owned()), true));
    // Both lines of the tax are its evidence.
    assert!(fields[0].bbox.is_some_and(|bbox| bbox.height > 12.0));
}

#[test]
fn a_rounding_a_discount_and_an_advance_stand_between_the_sums() {
    let swiss = [
        "Zwischentotal    15'986.00",
        "MWST 8.1%         1'294.87",
        "Rundung               0.03",
        "Total CHF        17'280.90",
    ];
    assert_eq!(found(&SUMS[..3], &swiss), [json!(15986), json!(1294.87), json!(17280.9)]);
    let french = [
        "Total HT         5 776,00 €",
        "TVA 20 %         1 155,20 €",
        "Total TTC        6 931,20 €",
        "Acompte versé   -2 000,00 €",
        "Net à payer      4 931,20 €",
    ];
    assert_eq!(found(&SUMS, &french), [json!(5776), json!(1155.2), json!(6931.2), json!(4931.2)]);
    let portuguese = [
        "Total ilíquido     1.000,00 €",
        "IVA 23 %             230,00 €",
        "Total a pagar      1.230,00 €",
        "Adiantamento         300,00 €",
        "Valor em dívida      930,00 €",
    ];
    assert_eq!(found(&SUMS, &portuguese), [json!(1000), json!(230), json!(1230), json!(930)]);
    let english = ["Subtotal  200.00", "Delivery  12.50", "VAT 20%  42.50", "Total  255.00"];
    assert_eq!(found(&SUMS[..3], &english), [json!(200), json!(42.5), json!(255)]);
}

#[test]
fn a_later_higher_amount_is_not_what_is_due() {
    let english = [
        "Previous balance                        64.10",
        "Payment received 02/20 - thank you     -64.10",
        "Current charges                         56.95",
        "Amount due                             $56.95",
        "Amount due after 03/26/25              $61.95",
    ];
    assert_eq!(found(&SUMS[2..], &english), [json!(56.95), json!(56.95)]);
    let spanish = ["Total factura  48,20 €", "Importe pendiente  48,20 €", "Después del vencimiento  53,00 €"];
    assert_eq!(found(&SUMS[2..], &spanish), [json!(48.2), json!(48.2)]);
}

#[test]
fn the_last_day_for_a_discount_is_not_the_due_date() {
    let days = ["invoice date", "due date"];
    let german = [
        "Rechnungsdatum: 31.03.2025",
        "Rechnungsbetrag EUR 349,15",
        "abzgl. 2% Skonto bei Zahlung bis 10.04.2025   342,17",
        "Zahlungsziel 30 Tage.",
    ];
    assert_eq!(found(&days, &german), [json!("2025-03-31"), Value::Null]);
    let italian = ["Data: 05/03/2025", "Scadenza: 17/04/2025", "Sconto 2% se pagato entro il 15/03/2025: 1.078,43"];
    assert_eq!(found(&days, &italian), ["2025-03-05", "2025-04-17"]);
    let dutch = ["Factuurdatum 05-03-2025", "2% korting bij betaling voor 15-03-2025, vervaldatum 04-04-2025"];
    assert_eq!(found(&days, &dutch), ["2025-03-05", "2025-04-04"]);
}

#[test]
fn a_credit_note_has_its_own_number_and_day_and_sums_below_nothing() {
    let names = ["invoice number", "invoice date", "subtotal", "tax", "total"];
    let german = [
        "Gutschrift-Nr.: GS-250012",
        "zur Rechnung RE-250331 vom 31.03.2025",
        "Datum: 14.04.25",
        "Netto                      23,80-",
        "7% USt                      1,67-",
        "Gutschriftsbetrag          25,47- EUR",
    ];
    let expected = [json!("GS-250012"), json!("2025-04-14"), json!(-23.8), json!(-1.67), json!(-25.47)];
    assert_eq!(found(&names, &german), expected);
    let french = [
        "Avoir n°             Facture d'origine         Date",
        "A-2041               F-118 du 20/01/2025       05/03/2025",
        "",
        "Total HT                  -902,00",
        "TVA 20 %                  -180,40",
        "Total TTC               -1 082,40",
    ];
    let expected = [json!("A-2041"), json!("2025-03-05"), json!(-902), json!(-180.4), json!(-1082.4)];
    assert_eq!(found(&names, &french), expected);
}

#[test]
fn balances_are_those_of_the_first_and_the_last_page() {
    let english = [
        page(&["Opening balance          1,200.00", "2 May Rent -800.00", "Balance carried forward    400.00"]),
        page(&["Balance brought forward    400.00", "9 May Fees +150.00", "Closing balance            550.00"]),
    ];
    let names = ["opening balance", "closing balance"];
    assert_eq!(values(&names, &numbered(english)), [json!(1200), json!(550)]);
    let german = [
        page(&["Alter Kontostand vom 30.04.2025   1.200,00", "02.05. Miete   -800,00", "Übertrag   400,00"]),
        page(&["Übertrag   400,00", "09.05. Gebühr   150,00", "Neuer Kontostand   550,00"]),
    ];
    assert_eq!(values(&names, &numbered(german)), [json!(1200), json!(550)]);
}

/// Pages with their numbers.
fn numbered<const N: usize>(mut pages: [Page; N]) -> [Page; N] {
    for (number, page) in (1..).zip(&mut pages) {
        page.number = number;
    }
    pages
}

#[test]
fn the_description_is_the_one_beside_the_code() {
    let schema = json!({"items": {"type": "array", "items": {"type": "object", "properties": {
        "description": {"type": "string"}, "quantity": {"type": "number"}, "amount": {"type": "number"}}}}});
    let rows = |lines: &[&str]| Field::values(&extract(schema.clone(), &[page(lines)]).fields)["items"].clone();
    let english = [
        "Item      Description                 Qty    Unit price      Amount",
        "VLV-20    Ball valve, returned        (2)        145.00    (290.00)",
        "PMP-1     Sump pump, defective        (1)      1,044.50  (1,044.50)",
        "",
        "Total credit                                              (1,334.50)",
    ];
    let expected = json!([
        {"description": "Ball valve, returned", "quantity": -2, "amount": -290},
        {"description": "Sump pump, defective", "quantity": -1, "amount": -1044.5},
    ]);
    assert_eq!(rows(&english), expected);
    let polish = [
        "Kod       Nazwa towaru              Ilość    Cena netto    Wartość",
        "A-101     Deska dębowa                 12         48,50     582,00",
        "B-7       Montaż                        1        320,00     320,00",
        "",
        "Razem netto                                                 902,00",
    ];
    let expected = json!([
        {"description": "Deska dębowa", "quantity": 12, "amount": 582},
        {"description": "Montaż", "quantity": 1, "amount": 320},
    ]);
    assert_eq!(rows(&polish), expected);
}

#[test]
fn totals_of_nothing_and_the_digits_of_other_scripts_are_read() {
    assert_eq!(found(&["total"], &["Invoice 4471", "Total: EUR 0,00"]), [json!(0)]);
    assert_eq!(found(&["total"], &["Rechnung 4471", "Gesamtbetrag 0,00 EUR"]), [json!(0)]);
    let names = ["invoice number", "invoice date", "subtotal", "tax", "total"];
    let thai = [
        "ใบแจ้งหนี้ เลขที่ ๔๔๗๑",
        "วันที่ ๑๔ มีนาคม ๒๕๖๗",
        "รวมเงิน                  ๑,๑๖๘.๒๒",
        "ภาษีมูลค่าเพิ่ม ๗%          ๘๑.๗๘",
        "จำนวนเงินรวมทั้งสิ้น      ๑,๒๕๐.๐๐ บาท",
    ];
    let expected = [json!("4471"), json!("2024-03-14"), json!(1168.22), json!(81.78), json!(1250)];
    assert_eq!(found(&names, &thai), expected);
}

#[test]
fn a_number_whose_check_digits_are_wrong_is_doubted_and_says_why() {
    let schema = json!({"vatId": {"type": "string"}, "iban": {"type": "string"}});
    let told = |vat: &str, iban: &str| {
        let extraction = extract(schema.clone(), &[page(&[&format!("USt-IdNr.: {vat}"), &format!("IBAN: {iban}")])]);
        let sure: Vec<bool> = extraction.fields.iter().map(|field| field.confidence.unwrap() > 0.6).collect();
        (sure, extraction.warnings.len(), extraction.needs_review)
    };
    assert_eq!(told("DE136695976", "DE89370400440532013000"), (vec![true, true], 0, false));
    assert_eq!(told("DE136695977", "DE88370400440532013000"), (vec![false, false], 2, true));
    let wrong = extract(schema.clone(), &[page(&["P.IVA IT00743110158"])]);
    assert!(wrong.warnings[0].contains("vatId") && wrong.warnings[0].contains("check digits"), "{:?}", wrong.warnings);
}

#[test]
fn numbers_for_taxes_belong_to_the_party_in_whose_column_they_stand() {
    let numbers = |lines: &[&str]| {
        let schema = json!({"seller_tax_id": {"type": "string"}, "buyer_tax_id": {"type": "string"}});
        let fields = Field::values(&extract(schema, &[page(lines)]).fields);
        [fields["seller_tax_id"].clone(), fields["buyer_tax_id"].clone()]
    };
    let polish = [
        "FAKTURA nr 12/2025",
        "",
        "Nabywca:                                Sprzedawca:",
        "Meble Wrona Sp. z o.o.                  Drukarnia Baran S.A.",
        "ul. Lipowa 4                            Rynek 7",
        "30-002 Kraków                           50-101 Wrocław",
        "NIP: 684-240-17-77                      NIP: 813-371-52-45",
        "",
        "Razem do zapłaty: 123,00 zł",
    ];
    assert_eq!(numbers(&polish), ["813-371-52-45", "684-240-17-77"]);
    let indian = [
        "TAX INVOICE",
        "",
        "Seller                                  Bill To",
        "Balaji Works Pvt Ltd                    Kaveri Agro Pvt Ltd",
        "12 Station Road                         Plot 9, M.G. Road",
        "Pune 411001                             Chennai 600002",
        "GSTIN: 27AAKCS4821M1ZG                  GSTIN: 33AADCK7710P1Z0",
    ];
    assert_eq!(numbers(&indian), ["27AAKCS4821M1ZG", "33AADCK7710P1Z0"]);
}

#[test]
fn two_days_that_are_joined_are_a_period_without_a_label_too() {
    let period = |lines: &[&str]| found(&["period start", "period end"], lines);
    let both = [json!("2023-09-01"), json!("2023-09-30")];
    assert_eq!(period(&["Kontoutdrag", "Konto 8105-1234", "2023-09-01 - 2023-09-30"]), both);
    assert_eq!(period(&["Kontoauszug", "vom 01.09.2023 bis 30.09.2023"]), both);
    // Days beside each other are two columns of a table, and several periods are not the document's own: what is given
    // is only left over.
    let columns = ["Estratto conto", "13.09.2023 14.09.2023 Bonifico 12,00", "15.09.2023 16.09.2023 Spesa 4,00"];
    let several = ["Mieten", "01.09.2023 - 30.09.2023  500,00", "01.10.2023 - 31.10.2023  500,00"];
    let schema = json!({"period start": {"type": "date"}, "period end": {"type": "date"}});
    for lines in [columns, several] {
        let extraction = extract(schema.clone(), &[page(&lines)]);
        assert!(extraction.needs_review);
        assert!(extraction.fields.iter().all(|field| field.confidence.is_some_and(|sure| sure < 0.5)), "{lines:?}");
    }
}

#[test]
fn a_period_begins_with_the_earlier_of_its_two_dates_however_its_line_runs() {
    let names = ["period start", "period end"];
    for line in ["Billing period: 04.09.2021 - 30.07.2021", "Billing period: 30.07.2021 - 04.09.2021"] {
        assert_eq!(found(&names, &["Utility bill", "", line]), ["2021-07-30", "2021-09-04"], "{line}");
    }
}
