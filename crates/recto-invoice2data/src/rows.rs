//! Normalises the rows of lines and taxes after they are found.

use serde_json::{Map, Value};

use super::cell::decimal;
use super::units;
use rust_decimal::{Decimal, RoundingStrategy};

/// Columns that have a different name in the common vocabulary.
const OTHER_NAMES: [(&str, &str); 5] = [
    ("description", "name"),
    ("unit_price", "price_unit"),
    ("unitprice", "price_unit"),
    ("vat_rate", "line_tax_percent"),
    ("tax_percent", "line_tax_percent"),
];

/// The common name of a column.
pub(super) fn common_name(name: &str) -> &str {
    OTHER_NAMES.iter().find(|(other, _)| *other == name).map_or(name, |(_, common)| common)
}

/// Renames columns to their common names, and units to their codes.
pub(super) fn tidy(rows: &mut [Value]) {
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        for (other, common) in OTHER_NAMES {
            if row.contains_key(other) && !row.contains_key(common) {
                // The value is removed from its place, and the other columns keep their order.
                if let Some(value) = row.shift_remove(other) {
                    row.insert(common.to_owned(), value);
                }
            }
        }
        let has_code = row.get("unece_code").and_then(Value::as_str).is_some_and(|code| !code.is_empty());
        let unit = row.get("uom").and_then(Value::as_str).and_then(units::code);
        if let Some(code) = unit.filter(|_| !has_code) {
            row.insert("unece_code".to_owned(), code.into());
        }
    }
}

/// Completes rates and amounts of tax. Lines get the rate that the summary has for their code, or its only rate. Rows
/// get the amount that follows from their rate. Values that were found are kept.
pub(super) fn share_taxes(lines: Option<&mut Vec<Value>>, taxes: &mut [Value]) {
    if let Some(lines) = lines {
        let rates: Vec<(String, Value)> = taxes
            .iter()
            .filter_map(|tax| Some((plain(tax.get("line_tax_code")?), tax.get("line_tax_percent")?.clone())))
            .collect();
        let single = single_rate(taxes);
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            if line.contains_key("line_tax_percent") {
                continue;
            }
            let code = line.get("line_tax_code").map(plain);
            let by_code = code.and_then(|code| rates.iter().rev().find(|(other, _)| *other == code));
            if let Some(rate) = by_code.map(|(_, rate)| rate).or(single.as_ref()) {
                line.insert("line_tax_percent".to_owned(), rate.clone());
                add_tax(line);
            }
        }
    }
    taxes.iter_mut().filter_map(Value::as_object_mut).for_each(add_tax);
}

fn add_tax(row: &mut Map<String, Value>) {
    if row.contains_key("line_tax_amount") {
        return;
    }
    let (percent, subtotal) =
        (row.get("line_tax_percent").and_then(number), row.get("price_subtotal").and_then(number));
    let tax = percent.zip(subtotal).and_then(|(percent, subtotal)| percent.checked_mul(subtotal));
    if let Some(tax) = tax {
        let tax = (tax / Decimal::ONE_HUNDRED).round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
        row.insert("line_tax_amount".to_owned(), decimal(tax));
    }
}

/// The only tax rate other than 0, if there is exactly one.
fn single_rate(taxes: &[Value]) -> Option<Value> {
    let is_more = |tax: &Value, key: &str| tax.get(key).and_then(number).is_some_and(|n| !n.is_zero());
    let active = |tax: &&Value| is_more(tax, "price_subtotal") || is_more(tax, "line_tax_amount");
    let active_rows = taxes.iter().filter(|tax| is_more(tax, "line_tax_percent")).filter(active);
    let rates: Vec<&Value> = active_rows.filter_map(|tax| tax.get("line_tax_percent")).collect();
    let first = rates.first()?;
    rates.iter().all(|rate| number(rate) == number(first)).then(|| (*first).clone())
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_get_their_common_names_and_units_their_codes() {
        let mut rows = [json!({"description": "Oil", "uom": " L", "unece_code": ""}), json!({"uom": "?"})];
        tidy(&mut rows);
        assert_eq!(rows, [json!({"uom": " L", "unece_code": "LTR", "name": "Oil"}), json!({"uom": "?"})]);
    }

    #[test]
    fn taxes_are_shared() {
        let mut lines = vec![json!({"line_tax_code": "A", "price_subtotal": 10.0}), json!({"line_tax_percent": 5})];
        let mut taxes = [
            json!({"line_tax_code": "A", "line_tax_percent": 21.0, "price_subtotal": 10.0}),
            json!({"line_tax_code": "B", "line_tax_percent": 9.0, "line_tax_amount": 1.0}),
        ];
        share_taxes(Some(&mut lines), &mut taxes);
        let line =
            json!({"line_tax_code": "A", "price_subtotal": 10.0, "line_tax_percent": 21.0, "line_tax_amount": 2.1});
        assert_eq!(lines, [line, json!({"line_tax_percent": 5})]);
        assert_eq!(taxes[0]["line_tax_amount"], json!(2.1));
        let mut lines = vec![json!({"price_subtotal": "10"})];
        share_taxes(Some(&mut lines), &mut taxes[..1]);
        assert_eq!(lines[0]["line_tax_amount"], json!(2.1));
    }
}
