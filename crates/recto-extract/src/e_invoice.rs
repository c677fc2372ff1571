//! Invoices that files carry as data: the UN/CEFACT Cross Industry Invoice of `ZUGFeRD` (1 and 2), Factur-X and
//! `XRechnung` (EN 16931). Their values are read exactly.

use recto_domain::{Field, FieldSchema};
use recto_values::amount::{self, DecimalMark};
use recto_values::date::{self, DayOrder};
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

use crate::candidate::{Candidate, number};
use crate::concept::Concept;
use crate::field_query::FieldQuery;
use crate::shapes;

/// The confidence of such values: they are the invoice itself.
const CONFIDENCE: f32 = 0.99;
/// The most elements and attributes; the largest genuine invoices have some ten thousand lines.
const MAX_NODES: u32 = 2_000_000;

/// An invoice as data.
pub(crate) struct EInvoice<'a> {
    document: Document<'a>,
}

impl<'a> EInvoice<'a> {
    /// Parses the XML; `None` when it is not such an invoice, and the pages must be read instead.
    pub(crate) fn parse(xml: &'a str) -> Option<Self> {
        let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(xml.trim_start_matches('\u{feff}'), options).ok()?;
        let name = document.root_element().tag_name().name();
        matches!(name, "CrossIndustryDocument" | "CrossIndustryInvoice").then_some(Self { document })
    }

    /// The field, if the invoice has it.
    pub(crate) fn field(&self, schema: &FieldSchema, query: &FieldQuery) -> Option<Field> {
        let value = match query.concept? {
            Concept::LineItems => self.items(schema)?,
            concept => {
                let text = self.text(concept)?;
                typed(schema, concept, &text)?
            }
        };
        Some(Field {
            raw: value.as_str().map(str::to_owned).or_else(|| (!value.is_array()).then(|| value.to_string())),
            value,
            confidence: Some(CONFIDENCE),
            source: Some("embedded".to_owned()),
            ..Field::missing(schema.name.clone(), schema.kind)
        })
    }

    /// The invoice's value for a concept, as written.
    fn text(&self, concept: Concept) -> Option<String> {
        let root = self.document.root_element();
        let header = child(root, &["ExchangedDocument", "HeaderExchangedDocument"]);
        let agreement = descendant(root, &["ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement"]);
        let delivery = descendant(root, &["ApplicableHeaderTradeDelivery", "ApplicableSupplyChainTradeDelivery"]);
        let settlement = descendant(root, &["ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement"]);
        let seller = agreement.and_then(|node| child(node, &["SellerTradeParty"]));
        let buyer = agreement.and_then(|node| child(node, &["BuyerTradeParty"]));
        let sums = settlement.and_then(|node| {
            child(
                node,
                &["SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"],
            )
        });
        match concept {
            Concept::InvoiceNumber => path(header?, &["ID"]),
            Concept::Date => path(header?, &["IssueDateTime", "DateTimeString"]),
            Concept::DueDate => path(settlement?, &["SpecifiedTradePaymentTerms", "DueDateDateTime", "DateTimeString"]),
            Concept::DeliveryDate => {
                path(delivery?, &["ActualDeliverySupplyChainEvent", "OccurrenceDateTime", "DateTimeString"])
            }
            Concept::PeriodStart => path(settlement?, &["BillingSpecifiedPeriod", "StartDateTime", "DateTimeString"]),
            Concept::PeriodEnd => path(settlement?, &["BillingSpecifiedPeriod", "EndDateTime", "DateTimeString"]),
            Concept::OrderNumber => path(agreement?, &["BuyerOrderReferencedDocument", "IssuerAssignedID"])
                .or_else(|| path(agreement?, &["BuyerOrderReferencedDocument", "ID"])),
            Concept::DeliveryNumber => path(delivery?, &["DeliveryNoteReferencedDocument", "IssuerAssignedID"])
                .or_else(|| path(delivery?, &["DeliveryNoteReferencedDocument", "ID"])),
            Concept::Reference => path(settlement?, &["PaymentReference"]),
            Concept::CustomerNumber => path(buyer?, &["ID"]),
            Concept::SellerName => path(seller?, &["Name"]),
            Concept::BuyerName => path(buyer?, &["Name"]),
            Concept::SellerAddress => address(seller?),
            Concept::BuyerAddress => address(buyer?),
            Concept::SellerVatId => tax_number(seller?),
            Concept::BuyerVatId => tax_number(buyer?),
            Concept::Phone => {
                path(seller?, &["DefinedTradeContact", "TelephoneUniversalCommunication", "CompleteNumber"])
            }
            Concept::Email => path(seller?, &["DefinedTradeContact", "EmailURIUniversalCommunication", "URIID"]),
            Concept::Iban => descendant(settlement?, &["IBANID"]).and_then(text_of),
            Concept::Bic => descendant(settlement?, &["BICID"]).and_then(text_of),
            Concept::Currency => path(settlement?, &["InvoiceCurrencyCode"]),
            Concept::TotalGross => path(sums?, &["GrandTotalAmount"]),
            Concept::TotalNet => path(sums?, &["TaxBasisTotalAmount"]),
            Concept::TotalTax => path(sums?, &["TaxTotalAmount"]),
            Concept::AmountDue => path(sums?, &["DuePayableAmount"]),
            Concept::AmountPaid => path(sums?, &["TotalPrepaidAmount"]),
            Concept::Discount => path(sums?, &["AllowanceTotalAmount"]),
            Concept::Shipping => path(sums?, &["ChargeTotalAmount"]),
            _ => None,
        }
    }

    /// The line items with the columns of the schema.
    fn items(&self, schema: &FieldSchema) -> Option<Value> {
        let columns = &schema.items.as_ref()?.properties;
        let query: Vec<FieldQuery> = columns.iter().map(|column| FieldQuery::of(column, true)).collect();
        let is_item = |node: &Node| node.tag_name().name() == "IncludedSupplyChainTradeLineItem";
        let rows = self.document.descendants().filter(is_item).map(|item| {
            let cell = |(column, query): (&FieldSchema, &FieldQuery)| {
                let concept = query.concept?;
                typed(column, concept, &item_text(item, concept)?)
            };
            let named = columns.iter().zip(&query).map(|pair| (pair.0.name.clone(), cell(pair).unwrap_or_default()));
            Value::Object(named.collect::<Map<String, Value>>())
        });
        // A line may be just a note.
        let rows: Vec<Value> = rows.filter(has_any).collect();
        (!rows.is_empty()).then_some(Value::Array(rows))
    }
}

fn has_any(row: &Value) -> bool {
    row.as_object().is_some_and(|cells| cells.values().any(|cell| !cell.is_null()))
}

/// A line item's value for a column.
fn item_text(item: Node, concept: Concept) -> Option<String> {
    let product = child(item, &["SpecifiedTradeProduct"]);
    let price = descendant(item, &["NetPriceProductTradePrice"]);
    let settlement = child(item, &["SpecifiedLineTradeSettlement", "SpecifiedSupplyChainTradeSettlement"]);
    match concept {
        Concept::Description => path(product?, &["Name"]),
        Concept::ArticleNumber => path(product?, &["SellerAssignedID"]).or_else(|| path(product?, &["GlobalID"])),
        Concept::Position => path(item, &["AssociatedDocumentLineDocument", "LineID"]),
        Concept::Quantity => descendant(item, &["BilledQuantity"]).and_then(text_of),
        Concept::Unit => descendant(item, &["BilledQuantity"])?.attribute("unitCode").map(str::to_owned),
        Concept::UnitPrice => path(price?, &["ChargeAmount"]),
        Concept::LineTotal => descendant(settlement?, &["LineTotalAmount"]).and_then(text_of),
        Concept::TaxRate => descendant(settlement?, &["RateApplicablePercent", "ApplicablePercent"]).and_then(text_of),
        _ => None,
    }
}

/// A text converted to the field's type.
fn typed(schema: &FieldSchema, concept: Concept, text: &str) -> Option<Value> {
    let kind = crate::lexicon::LEXICON.kind(concept);
    let value = match kind {
        crate::concept::Kind::Date => Value::String(date::first(text, DayOrder::DayMonthYear)?.to_string()),
        crate::concept::Kind::Amount | crate::concept::Kind::Quantity | crate::concept::Kind::Percent => {
            number(amount::read(text, DecimalMark::Point)?.value.normalize())
        }
        _ => Value::String(text.to_owned()),
    };
    let candidate = Candidate::new(value, Some(text.to_owned()), Vec::new(), CONFIDENCE);
    shapes::typed(schema.kind, candidate, DecimalMark::Point).map(|candidate| candidate.value)
}

/// The tax number of a party: its VAT identifier, or otherwise its local number.
fn tax_number(party: Node) -> Option<String> {
    let of_scheme = |scheme: &str| {
        let ids = party.descendants().filter(|node| node.tag_name().name() == "SpecifiedTaxRegistration");
        let mut ids = ids.filter_map(|node| child(node, &["ID"]));
        ids.find(|id| id.attribute("schemeID") == Some(scheme)).and_then(text_of)
    };
    of_scheme("VA").or_else(|| of_scheme("FC"))
}

/// The street, postal code and city of a party, and the code of its country.
fn address(party: Node) -> Option<String> {
    let address = child(party, &["PostalTradeAddress"])?;
    let part = |name: &str| path(address, &[name]);
    let place = [part("PostcodeCode"), part("CityName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let lines = [part("LineOne"), part("LineTwo"), part("LineThree"), Some(place), part("CountryID")];
    let text = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    (!text.is_empty()).then_some(text)
}

fn child<'a, 'i>(node: Node<'a, 'i>, names: &[&str]) -> Option<Node<'a, 'i>> {
    node.children().find(|child| names.contains(&child.tag_name().name()))
}

fn descendant<'a, 'i>(node: Node<'a, 'i>, names: &[&str]) -> Option<Node<'a, 'i>> {
    node.descendants().find(|child| names.contains(&child.tag_name().name()))
}

/// The text at the end of a path of elements.
fn path(node: Node, names: &[&str]) -> Option<String> {
    names.iter().try_fold(node, |node, name| child(node, &[name])).and_then(text_of)
}

fn text_of(node: Node) -> Option<String> {
    let text = node.text()?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;
    use serde_json::json;

    use super::*;

    const INVOICE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <rsm:CrossIndustryInvoice xmlns:rsm="urn:a" xmlns:ram="urn:b" xmlns:udt="urn:c">
          <rsm:ExchangedDocument><ram:ID>RE-7</ram:ID>
            <ram:IssueDateTime><udt:DateTimeString format="102">20260331</udt:DateTimeString></ram:IssueDateTime>
          </rsm:ExchangedDocument>
          <rsm:SupplyChainTradeTransaction>
            <ram:IncludedSupplyChainTradeLineItem>
              <ram:SpecifiedTradeProduct><ram:Name>Paper</ram:Name></ram:SpecifiedTradeProduct>
              <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">20.0000</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
            </ram:IncludedSupplyChainTradeLineItem>
            <ram:IncludedSupplyChainTradeLineItem>
              <ram:AssociatedDocumentLineDocument><ram:IncludedNote>As agreed</ram:IncludedNote></ram:AssociatedDocumentLineDocument>
            </ram:IncludedSupplyChainTradeLineItem>
            <ram:ApplicableHeaderTradeAgreement><ram:SellerTradeParty><ram:Name>Seller AG</ram:Name>
              <ram:SpecifiedTaxRegistration><ram:ID schemeID="FC">12/3</ram:ID></ram:SpecifiedTaxRegistration>
              <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE123</ram:ID></ram:SpecifiedTaxRegistration>
            </ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement>
            <ram:ApplicableHeaderTradeSettlement><ram:SpecifiedTradeSettlementHeaderMonetarySummation>
              <ram:GrandTotalAmount>1190.50</ram:GrandTotalAmount>
            </ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
          </rsm:SupplyChainTradeTransaction>
        </rsm:CrossIndustryInvoice>"#;

    #[test]
    fn an_invoice_as_data_is_read_exactly() {
        let schema = TemplateSchema::parse(&json!({
            "invoiceNumber": {"type": "string"}, "date": {"type": "date"}, "vendor": {"type": "string"},
            "vatId": {"type": "string"}, "total": {"type": "number"}, "buyer": {"type": "string"},
            "items": {"type": "array", "items": {"type": "object", "properties": {
                "description": {"type": "string"}, "quantity": {"type": "number"}, "unitPrice": {"type": "number"}}}},
        }));
        let invoice = EInvoice::parse(INVOICE).unwrap();
        let values: Vec<Value> = schema
            .unwrap()
            .fields
            .iter()
            .map(|field| invoice.field(field, &FieldQuery::of(field, false)).map_or(Value::Null, |field| field.value))
            .collect();
        let items = json!([{"description": "Paper", "quantity": 20, "unitPrice": null}]);
        let expected =
            [json!("RE-7"), json!("2026-03-31"), json!("Seller AG"), json!("DE123"), json!(1190.5), json!(null), items];
        assert_eq!(values, expected);
    }

    #[test]
    fn other_xml_is_no_invoice() {
        assert!(EInvoice::parse("<a/>").is_none());
        assert!(
            EInvoice::parse("<!DOCTYPE a [<!ENTITY x 'y'>]><CrossIndustryInvoice>&x;</CrossIndustryInvoice>").is_none()
        );
        assert!(EInvoice::parse("no XML").is_none());
    }
}
