//! Line items: the rows of a table between its head and its sums.
//!
//! The head names the columns, and what stands under a name belongs to it. Where a page has no head, as on many
//! receipts, quantity times price is the amount of the line, and the amount comes last.

use recto_domain::{Field, FieldSchema, FieldType};
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::candidate::Candidate;
use crate::finds::{AmountFind, Finds};
use crate::labels::{self, Label};
use crate::lexicon::{Concept, Kind, LEXICON};
use crate::seek::number;
use crate::shapes;
use crate::sheet::Sheet;
use crate::sought::Sought;

/// A cent, the most by which rounding may part a product.
const CENT: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// The most rows by which the text of an item goes on.
const MAX_CONTINUED: usize = 4;

/// A column of a table: what it means, and where its head stands.
#[derive(Debug, Clone)]
struct Column {
    concept: Concept,
    left: f32,
    right: f32,
}

/// An item as it is gathered from its rows.
#[derive(Debug, Clone, Default)]
struct Item {
    description: Vec<String>,
    quantity: Option<Decimal>,
    unit_price: Option<Decimal>,
    total: Option<Decimal>,
    tax_rate: Option<Decimal>,
    code: Option<String>,
    position: Option<String>,
    unit: Option<String>,
    words: Vec<(usize, usize)>,
    /// Whether quantity times price is the amount.
    adds_up: bool,
}

/// The line items of a sheet in the columns of the field.
pub(crate) fn field(sheet: &Sheet, finds: &Finds, labels: &[Label], schema: &FieldSchema) -> Field {
    let missing = || Field::missing(schema.name.clone(), schema.kind);
    let Some(columns) = schema.items.as_ref().filter(|items| items.kind == FieldType::Object) else { return missing() };
    let items = items(sheet, finds, labels);
    if items.is_empty() {
        return missing();
    }
    let sought: Vec<Sought> = columns.properties.iter().map(|column| Sought::of(column, true)).collect();
    let rows: Vec<Value> = items
        .iter()
        .map(|item| {
            let named = columns.properties.iter().zip(&sought);
            let cells = named.map(|(column, sought)| (column.name.clone(), item.cell(column, sought)));
            Value::Object(cells.collect::<Map<String, Value>>())
        })
        .collect();
    let adding_up = items.iter().filter(|item| item.adds_up).count() as f32 / items.len() as f32;
    let words = items.iter().flat_map(|item| item.words.clone()).collect();
    let candidate = Candidate { value: Value::Array(rows), raw: None, words, score: 0.55 + 0.37 * adding_up };
    candidate.into_field(sheet, schema, "rules")
}

impl Item {
    fn cell(&self, column: &FieldSchema, sought: &Sought) -> Value {
        let amount = |value: Option<Decimal>| value.map(number);
        let text = |value: &Option<String>| value.clone().map(Value::String);
        let value = match sought.concept {
            Some(Concept::Description) => {
                (!self.description.is_empty()).then(|| Value::String(self.description.join(" ")))
            }
            Some(Concept::Quantity) => amount(self.quantity),
            Some(Concept::UnitPrice) => amount(self.unit_price),
            Some(Concept::LineTotal) => amount(self.total),
            Some(Concept::TaxRate) => amount(self.tax_rate),
            Some(Concept::ArticleNumber) => text(&self.code),
            Some(Concept::Position) => text(&self.position),
            Some(Concept::Unit) => text(&self.unit),
            _ => None,
        };
        let typed = value.and_then(|value| {
            shapes::typed(column.kind, Candidate { value, raw: None, words: Vec::new(), score: 1.0 })
        });
        typed.map_or(Value::Null, |candidate| candidate.value)
    }
}

fn items(sheet: &Sheet, finds: &Finds, labels: &[Label]) -> Vec<Item> {
    let head = head(sheet, labels);
    let (start, columns) = match &head {
        Some((row, columns)) => (row + 1, columns.as_slice()),
        None => (0, &[][..]),
    };
    let named_above = head.is_none() || names_stand_above(sheet, finds, labels, columns, start);
    let mut items: Vec<Item> = Vec::new();
    let mut above: Option<(usize, String)> = None;
    let mut continued = 0;
    for (index, row) in sheet.rows.iter().enumerate().skip(start) {
        let amounts: Vec<&AmountFind> = finds.amounts_in(row.first, row.end).collect();
        let has_money = amounts.iter().any(|find| find.is_money);
        if has_money && is_sum(labels, index) {
            // The sums end the table, unless it has not begun: a letterhead may speak of amounts too.
            if items.is_empty() {
                continue;
            }
            break;
        }
        let names_data = labels::in_row(labels, index)
            .any(|label| label.first == row.first && label.meanings.iter().any(|m| !m.is_weak && is_data(m.concept)));
        if !has_money {
            let text = text_of(sheet, &[], row.first, row.end, &[]);
            let is_near = index > 0 && row.bbox.y - sheet.rows[index - 1].bbox.bottom() < 1.8 * sheet.line_height;
            match items.last_mut() {
                // What stands under an item goes on with it, where it is not the next item's name.
                Some(item)
                    if !named_above && is_near && continued < MAX_CONTINUED && !names_data && !text.is_empty() =>
                {
                    item.description.push(text);
                    item.words.push((row.first, row.end));
                    continued += 1;
                }
                _ if !names_data && !text.is_empty() => above = Some((index, text)),
                _ => {}
            }
            continue;
        }
        if names_data || (head.is_none() && finds.dates_in(row.first, row.end).next().is_some()) {
            continue;
        }
        let mut item = item(sheet, columns, row.first, row.end, &amounts);
        let is_complete = item.total.is_some() || item.unit_price.is_some();
        if !is_complete {
            continue;
        }
        if let Some((at, name)) = above.take()
            && item.description.is_empty()
            && at + 1 == index
        {
            item.words.insert(0, (sheet.rows[at].first, sheet.rows[at].end));
            item.description.push(name);
        }
        items.push(item);
        continued = 0;
    }
    // Without a head, only lines that name something are items.
    items.retain(|item| head.is_some() || !item.description.is_empty());
    items
}

/// Whether most rows with amounts have no words of their own: then the row before each names it.
fn names_stand_above(sheet: &Sheet, finds: &Finds, labels: &[Label], columns: &[Column], start: usize) -> bool {
    let (mut with, mut without) = (0, 0);
    for (index, row) in sheet.rows.iter().enumerate().skip(start) {
        let amounts: Vec<&AmountFind> = finds.amounts_in(row.first, row.end).collect();
        if !amounts.iter().any(|find| find.is_money) {
            continue;
        }
        if is_sum(labels, index) {
            break;
        }
        let is_named = !text_of(sheet, columns, row.first, row.end, &amounts).is_empty();
        *(if is_named { &mut with } else { &mut without }) += 1;
    }
    without > with
}

/// The row that names the most columns, and those columns from left to right.
fn head(sheet: &Sheet, labels: &[Label]) -> Option<(usize, Vec<Column>)> {
    let mut best: Option<(usize, Vec<Column>)> = None;
    for index in 0..sheet.rows.len() {
        let mut columns: Vec<Column> = Vec::new();
        for label in labels::in_row(labels, index) {
            let bbox = sheet.bbox(label.first, label.end);
            if let Some(concept) = column_of(label)
                && !columns.iter().any(|column| column.concept == concept)
            {
                columns.push(Column { concept, left: bbox.x, right: bbox.right() });
            }
        }
        let has_amount = columns.iter().any(|c| matches!(c.concept, Concept::LineTotal | Concept::UnitPrice));
        let is_better = columns.len() >= 2 && best.as_ref().is_none_or(|(_, others)| columns.len() > others.len());
        if has_amount && is_better {
            best = Some((index, columns));
        }
    }
    best
}

/// What a label means as the head of a column.
fn column_of(label: &Label) -> Option<Concept> {
    let columns = [
        Concept::Description,
        Concept::Quantity,
        Concept::Unit,
        Concept::UnitPrice,
        Concept::LineTotal,
        Concept::ArticleNumber,
        Concept::Position,
        Concept::TaxRate,
    ];
    columns.into_iter().find(|concept| label.strength(*concept).is_some()).or_else(|| {
        let names = |concept| label.strength(concept).is_some();
        // `Total` and `Net` at the head of a column are the line's; `VAT` is its rate.
        if names(Concept::TotalGross) || names(Concept::TotalNet) {
            Some(Concept::LineTotal)
        } else {
            names(Concept::TotalTax).then_some(Concept::TaxRate)
        }
    })
}

/// Whether a row has the label of a sum, a payment or a discount.
fn is_sum(labels: &[Label], row: usize) -> bool {
    labels::in_row(labels, row).any(|label| {
        label.meanings.iter().any(|m| {
            !m.is_weak
                && matches!(
                    m.concept,
                    Concept::TotalGross
                        | Concept::TotalNet
                        | Concept::TotalTax
                        | Concept::AmountPaid
                        | Concept::AmountDue
                        | Concept::Change
                        | Concept::Rounding
                        | Concept::ServiceCharge
                )
        })
    })
}

fn is_data(concept: Concept) -> bool {
    matches!(
        LEXICON.kind(concept),
        Kind::Date | Kind::Phone | Kind::Iban | Kind::Bic | Kind::Vat | Kind::Email | Kind::Time
    )
}

/// The words of a row that are no amounts, in the column of descriptions where the table has a head.
fn text_of(sheet: &Sheet, columns: &[Column], first: usize, end: usize, amounts: &[&AmountFind]) -> String {
    let is_amount = |at: usize| amounts.iter().any(|find| (find.first..find.end).contains(&at));
    let in_column = |at: usize| {
        let center = sheet.words[at].bbox.center().x;
        columns.is_empty()
            || nearest(columns, sheet.words[at].bbox.x, center).is_none_or(|c| {
                matches!(c, Concept::Description | Concept::ArticleNumber | Concept::Position)
                    || !has_figure(&sheet.words[at].text)
            })
    };
    let words =
        (first..end).filter(|at| !is_amount(*at) && in_column(*at) && count_of(&sheet.words[*at].text).is_none());
    let text = words.map(|at| sheet.words[at].text.as_str()).collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')'));
    // Up to three letters beside amounts are the code of a tax or a unit.
    let least = if amounts.is_empty() { 3 } else { 4 };
    if text.chars().filter(|c| c.is_alphabetic()).count() >= least { text.to_owned() } else { String::new() }
}

fn has_figure(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

/// The column whose head is nearest to a word: by its left edge for texts, by its middle else.
fn nearest(columns: &[Column], left: f32, center: f32) -> Option<Concept> {
    let distance = |column: &Column| {
        let middle = f32::midpoint(column.left, column.right);
        (left - column.left).abs().min((center - middle).abs())
    };
    columns.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).map(|column| column.concept)
}

fn item(sheet: &Sheet, columns: &[Column], first: usize, end: usize, amounts: &[&AmountFind]) -> Item {
    let mut item = Item { words: vec![(first, end)], ..Item::default() };
    let plain: Vec<&&AmountFind> = amounts.iter().filter(|find| !find.amount.is_percent).collect();
    item.tax_rate = amounts.iter().find(|find| find.amount.is_percent).map(|find| find.amount.value);
    for find in &plain {
        let bbox = sheet.bbox(find.first, find.end);
        let slot = columns
            .iter()
            .map(|column| {
                let middle = f32::midpoint(column.left, column.right);
                let off = (bbox.right() - column.right)
                    .abs()
                    .min((bbox.center().x - middle).abs())
                    .min((bbox.x - column.left).abs());
                (off, column.concept)
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        match slot.map(|(_, concept)| concept) {
            Some(Concept::Quantity) => item.quantity = item.quantity.or(Some(find.amount.value)),
            Some(Concept::UnitPrice) if find.is_money || find.amount.decimals > 0 => {
                item.unit_price = item.unit_price.or(Some(find.amount.value));
            }
            Some(Concept::LineTotal) => item.total = Some(find.amount.value),
            Some(Concept::TaxRate) if item.tax_rate.is_none() => item.tax_rate = Some(find.amount.value),
            Some(Concept::Position) => item.position = Some(sheet.text(find.first, find.end)),
            Some(Concept::ArticleNumber) => item.code = Some(sheet.text(find.first, find.end)),
            _ => {}
        }
    }
    item.multiply(&plain.iter().map(|find| find.amount.value).collect::<Vec<_>>(), counted(sheet, first, end));
    item.unit = unit_of(sheet, columns, first, end);
    if item.code.is_none() && columns.iter().any(|column| column.concept == Concept::ArticleNumber) {
        item.code = word_in(sheet, columns, first, end, Concept::ArticleNumber);
    }
    let text = text_of(sheet, columns, first, end, amounts);
    let text = match &item.code {
        Some(code) => text.strip_prefix(code.as_str()).map_or(text.clone(), |rest| rest.trim_start().to_owned()),
        None => text,
    };
    if !text.is_empty() {
        item.description.push(text);
    }
    item
}

impl Item {
    /// Finds quantity, price and amount among the numbers of a row: the last is the amount, and of the others that pair
    /// counts which makes it.
    fn multiply(&mut self, numbers: &[Decimal], counted: Option<Decimal>) {
        let Some(&last) = numbers.last() else { return };
        let mut factors: Vec<Decimal> = numbers[..numbers.len() - 1].to_vec();
        factors.extend(counted);
        for (at, price) in factors.iter().enumerate() {
            for (other, quantity) in factors.iter().enumerate() {
                let is_pair = at != other && !quantity.is_zero();
                if is_pair && (quantity.checked_mul(*price).unwrap_or_default() - last).abs() <= CENT {
                    // One of a thing: the price is the one that comes later, as the amount does.
                    let (quantity, price) = if at < other && price.is_integer() && counted.is_none() {
                        (price, quantity)
                    } else {
                        (quantity, price)
                    };
                    (self.quantity, self.unit_price, self.total, self.adds_up) =
                        (Some(*quantity), Some(*price), Some(last), true);
                    return;
                }
            }
        }
        self.quantity = self.quantity.or(counted);
        self.total = self.total.or(Some(last));
        self.adds_up = match (self.quantity, self.unit_price, self.total) {
            (Some(quantity), Some(price), Some(total)) => {
                (quantity.checked_mul(price).unwrap_or_default() - total).abs() <= CENT
            }
            _ => false,
        };
    }
}

/// `2x`, `x2`: how many, where it is no number by itself.
fn counted(sheet: &Sheet, first: usize, end: usize) -> Option<Decimal> {
    sheet.words[first..end].iter().find_map(|word| count_of(&word.text))
}

fn count_of(word: &str) -> Option<Decimal> {
    let text = word.to_lowercase();
    let figures = text.strip_suffix('x').or_else(|| text.strip_prefix('x'))?;
    figures.parse().ok()
}

fn unit_of(sheet: &Sheet, columns: &[Column], first: usize, end: usize) -> Option<String> {
    let has_column = columns.iter().any(|column| column.concept == Concept::Unit);
    has_column.then(|| word_in(sheet, columns, first, end, Concept::Unit)).flatten()
}

/// The first word that stands under the head of a column.
fn word_in(sheet: &Sheet, columns: &[Column], first: usize, end: usize, concept: Concept) -> Option<String> {
    let words = &sheet.words[first..end];
    let word = words.iter().find(|word| nearest(columns, word.bbox.x, word.bbox.center().x) == Some(concept))?;
    Some(word.text.clone())
}

#[cfg(test)]
mod tests {
    use recto_domain::TemplateSchema;
    use serde_json::json;

    use super::*;
    use crate::sheet::tests::page;

    fn rows(lines: &[&str]) -> Value {
        let schema =
            TemplateSchema::parse(&json!({"items": {"type": "array", "items": {"type": "object", "properties": {
            "description": {"type": "string"}, "quantity": {"type": "number"}, "unitPrice": {"type": "number"},
            "amount": {"type": "number"}}}}}));
        let sheet = Sheet::of(&[page(lines)]);
        let labels = labels::find(&sheet, &[]);
        field(&sheet, &Finds::of(&sheet), &labels, &schema.unwrap().fields[0]).value
    }

    #[test]
    fn the_head_of_a_table_names_its_columns() {
        let rows = rows(&[
            "Description           Qty    Price    Amount",
            "Paper A4               20     9.90    198.00",
            "white, 80 g",
            "Pens                    2     1.50      3.00",
            "Subtotal                              201.00",
            "Total                                 239.19",
        ]);
        assert_eq!(
            rows,
            json!([
                {"description": "Paper A4 white, 80 g", "quantity": 20, "unitPrice": 9.9, "amount": 198},
                {"description": "Pens", "quantity": 2, "unitPrice": 1.5, "amount": 3},
            ])
        );
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
}
