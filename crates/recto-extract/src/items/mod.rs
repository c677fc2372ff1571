//! Line items: the rows of a table between its headings and its totals.
//!
//! The headings name the columns, and words below a heading belong to it. If the headings are in a table found by
//! recto-layout, that table's columns and rows are those of the items; otherwise they are derived from the positions of
//! the words. On pages without headings, such as many receipts, the amount of a line comes last and equals quantity
//! times price.

mod columns;
mod head;
mod item;
mod table;

use recto_domain::{Field, FieldSchema, FieldType};
use recto_values::amount::ROUNDING;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use self::head::ToldColumn;
use self::item::Item;
use self::table::Search;
use crate::candidate::Candidate;
use crate::concept::Concept;
use crate::field_query::FieldQuery;
use crate::hints::ColumnHeads;
use crate::labels::Label;
use crate::matches::Matches;
use crate::sheet::Sheet;

/// The line items of a sheet with the columns of the field; the template may give some of their headings.
pub(crate) fn field(
    sheet: &Sheet,
    matches: &Matches,
    labels: &[Label],
    schema: &FieldSchema,
    heads: &[ColumnHeads],
) -> Field {
    let missing = || Field::missing(schema.name.clone(), schema.kind);
    let Some(of_items) = schema.items.as_ref().filter(|items| items.kind == FieldType::Object) else {
        return missing();
    };
    let properties = &of_items.properties;
    let query: Vec<FieldQuery> = properties.iter().map(|property| FieldQuery::of(property, true)).collect();
    let (columns, items) = table::items(Search { sheet, matches, labels, properties }, &told(heads, &query));
    if items.is_empty() {
        return missing();
    }
    let row = |item: &Item| {
        let named = properties.iter().zip(&query).enumerate();
        let cell = |(index, (property, query)): (usize, (&FieldSchema, &FieldQuery))| {
            (property.name.clone(), item.cell(&columns, index, query, property))
        };
        Value::Object(named.map(cell).collect::<Map<String, Value>>())
    };
    let rows = items.iter().map(row).collect();
    let words = items.iter().flat_map(|item| item.words.clone()).collect();
    let score = score(&items, columns.are_told(), matches);
    Candidate::new(Value::Array(rows), None, words, score).into_field(sheet, schema, "rules")
}

/// The probability that the items are right. It depends on how many of them have an amount equal to quantity times
/// price, on whether their sum is on the sheet, and on whether the template gives their place. A table in which neither
/// calculation confirms any row needs review.
fn score(items: &[Item], are_told: bool, matches: &Matches) -> f32 {
    let adding_up = items.iter().filter(|item| item.adds_up).count() as f32 / items.len() as f32;
    let end = items.iter().flat_map(|item| &item.words).map(|(_, end)| *end).max().unwrap_or_default();
    let totals: Option<Decimal> = items.iter().map(|item| item.total).sum();
    let come_to =
        |sum: Decimal| matches.amounts.iter().any(|f| f.first >= end && (f.amount.value - sum).abs() <= ROUNDING);
    let is_summed = totals.is_some_and(come_to);
    let (least, most) = match (are_told, is_summed) {
        (true, true) => (0.85, 0.97),
        (true, false) => (0.75, 0.95),
        (false, true) => (0.65, 0.97),
        (false, false) if adding_up >= 1.0 => (0.86, 0.86),
        (false, false) => (0.35, 0.55),
    };
    least + (most - least) * adding_up
}

/// The meanings of the columns given by the template: a number used for calculating rows, the description, or otherwise
/// a column of the template's own.
fn told<'a>(heads: &'a [ColumnHeads], query: &[FieldQuery]) -> Vec<ToldColumn<'a>> {
    let mut told: Vec<ToldColumn> = Vec::new();
    for ColumnHeads { property, heads } in heads {
        let known = query[*property]
            .concept
            .filter(|concept| columns::is_reckoned(*concept) && !told.iter().any(|column| column.concept == *concept));
        told.push(ToldColumn { concept: known.unwrap_or(Concept::Own(*property)), heads });
    }
    told
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;
    use serde_json::json;

    use super::*;
    use crate::conventions::Conventions;
    use crate::labels;
    use crate::sheet::tests::page;

    fn rows(lines: &[&str]) -> Value {
        let schema =
            TemplateSchema::parse(&json!({"items": {"type": "array", "items": {"type": "object", "properties": {
            "description": {"type": "string"}, "quantity": {"type": "number"}, "unitPrice": {"type": "number"},
            "amount": {"type": "number"}}}}}));
        let sheet = Sheet::with_tables(&[page(lines)]);
        let labels = labels::find(&sheet, &[]);
        let matches = Matches::of(&sheet, Conventions::default());
        field(&sheet, &matches, &labels, &schema.unwrap().fields[0], &[]).value
    }

    #[test]
    fn the_head_of_a_table_names_its_columns() {
        let rows = rows(&[
            "Description           Qty    Price    Amount",
            "Paper A4               20     9.90    198.00",
            "white, 80 g",
            "Pens, model 2010        2     1.50      3.00",
            "Blue ink 5              7.00     35.00",
            "Subtotal                              236.00",
            "Total                                 280.84",
        ]);
        assert_eq!(
            rows,
            json!([
                {"description": "Paper A4 white, 80 g", "quantity": 20, "unitPrice": 9.9, "amount": 198},
                {"description": "Pens, model 2010", "quantity": 2, "unitPrice": 1.5, "amount": 3},
                {"description": "Blue ink", "quantity": 5, "unitPrice": 7, "amount": 35},
            ])
        );
    }

    #[test]
    fn columns_tell_quantities_from_prices_where_the_amount_is_another() {
        let rows = rows(&[
            "Item                Price    Qty    Subtotal      VAT     Total",
            "Isothermic mug       8.00      1        8.00    21.00      9.68",
            "Kajak paddle        25.00      3       75.00    21.00     90.75",
            "Table tennis net    12.00      9      108.00    21.00    130.68",
        ]);
        assert_eq!(rows[0], json!({"description": "Isothermic mug", "quantity": 1, "unitPrice": 8, "amount": 8}));
        assert_eq!(rows[1], json!({"description": "Kajak paddle", "quantity": 3, "unitPrice": 25, "amount": 75}));
    }

    #[test]
    fn words_within_a_table_end_it_only_where_it_has_its_sums() {
        let rows = rows(&[
            "Item                Delivered to        Price    Qty     Amount",
            "Laser printer       Berlin             300.00      2     600.00",
            "Order number        Customer number",
            "Ink printer         Hamburg            150.00      3     450.00",
            "Toner               Hamburg            120.00      3     360.00",
            "Total                                                   1410.00",
        ]);
        assert_eq!(rows.as_array().map(Vec::len), Some(3));
    }

    #[test]
    fn lines_of_a_receipt_need_no_head() {
        let rows = rows(&["Shop", "Teh (B)", "  2x   2.20    4.40 SR", "Cake    3.50", "TOTAL   7.90", "CASH   10.00"]);
        assert_eq!(
            rows,
            json!([
                {"description": "Teh (B)", "quantity": 2, "unitPrice": 2.2, "amount": 4.4},
                {"description": "Cake", "quantity": null, "unitPrice": null, "amount": 3.5},
            ])
        );
    }

    #[test]
    fn heads_of_several_rows_are_one_and_names_may_stand_under_the_numbers() {
        let rows = rows(&[
            "GTIN            Art-Nr            Menge                Preis/      Netto-",
            "                Bezeichnung                  VAT-%     Einheit     wert",
            "",
            "Please note: until 19.12. we deliver at any price that you know.",
            "",
            "4123456000014   WA997             27,5 Std.    19,0      10,50     288,75",
            "                Picker 12500",
            "                Gross price: 15,00   Discount: -4,50",
            "",
            "4123456000021   WB1               2 Stk.       19,0       9,00      18,00",
            "                Paper",
            "",
            "Freight: 15,00",
            "",
            "Goods value     Discount          Net amount   VAT       Total",
            "306,75                            321,75       61,13     382,88",
        ]);
        assert_eq!(
            rows,
            json!([
                {"description": "Picker 12500 Gross price: 15,00 Discount: -4,50", "quantity": 27.5,
                    "unitPrice": 10.5, "amount": 288.75},
                {"description": "Paper", "quantity": 2, "unitPrice": 9, "amount": 18},
            ])
        );
    }

    #[test]
    fn sums_and_extras_are_no_items_by_whatever_name() {
        let rows = rows(&[
            "Item                 Qty    Price    Amount",
            "Carpet               3       4.00     10.80",
            "Loyalty discount 10%                  -1.20",
            "Total care set       2       5.00     10.00",
            "Sum of all                            20.80",
            "Handling                               3.00",
        ]);
        assert_eq!(
            rows,
            json!([
                {"description": "Carpet", "quantity": 3, "unitPrice": 4, "amount": 10.8},
                {"description": "Total care set", "quantity": 2, "unitPrice": 5, "amount": 10},
            ])
        );
    }

    #[test]
    fn an_item_may_stand_in_the_middle_of_its_description() {
        let rows = rows(&[
            "Description        Qty   Price   Amount",
            "",
            "Chair of oak",
            "with arms          2     45.00    90.00",
            "and a cushion",
            "",
            "",
            "Table of oak",
            "with drawers       1     90.00    90.00",
            "and wheels",
        ]);
        assert_eq!(rows[0]["description"], "Chair of oak with arms and a cushion");
        assert_eq!(rows[1]["description"], "Table of oak with drawers and wheels");
    }

    #[test]
    fn columns_that_nobody_knows_help_to_reckon_and_give_no_words() {
        let rows = rows(&[
            "#         Product             Class    Price     Sum",
            "1,00      Design: a sample    A        160,00    160,00",
            "400,00    Balloons, 500 ml    B          0,79    316,00",
        ]);
        assert_eq!(
            rows,
            json!([
                {"description": "Design: a sample", "quantity": 1, "unitPrice": 160, "amount": 160},
                {"description": "Balloons, 500 ml", "quantity": 400, "unitPrice": 0.79, "amount": 316},
            ])
        );
    }
}
