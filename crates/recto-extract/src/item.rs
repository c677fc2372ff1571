//! What one row of a table says of an item.

use recto_domain::{FieldSchema, FieldType};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::candidate::Candidate;
use crate::columns::Columns;
use crate::finds::{AmountFind, Finds};
use crate::lexicon::Concept;
use crate::seek::number;
use crate::shapes;
use crate::sheet::Sheet;
use crate::sought::Sought;
use crate::value::amount::DecimalMark;

/// A cent, the most by which rounding may part a product.
const CENT: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// An item as it is gathered from its rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) description: Vec<String>,
    quantity: Option<Decimal>,
    unit_price: Option<Decimal>,
    total: Option<Decimal>,
    tax_rate: Option<Decimal>,
    code: Option<String>,
    position: Option<String>,
    unit: Option<String>,
    /// What stands in the columns of the template's own, by the indices of the properties.
    own: Vec<(usize, Value)>,
    pub(crate) words: Vec<(usize, usize)>,
    /// Whether quantity times price is the amount.
    pub(crate) adds_up: bool,
}

impl Item {
    /// Reads a row. `properties` are those of the items, for the columns of the template's own.
    pub(crate) fn of_row(
        sheet: &Sheet,
        finds: &Finds,
        columns: &Columns,
        properties: &[FieldSchema],
        (first, end): (usize, usize),
    ) -> Self {
        let amounts: Vec<&AmountFind> = finds.amounts_in(first, end).collect();
        let mut item = Self { words: vec![(first, end)], ..Self::default() };
        let (own, shared): (Vec<&AmountFind>, Vec<&AmountFind>) =
            amounts.iter().copied().partition(|find| columns.is_apart(sheet, find.first));
        let all: Vec<&AmountFind> = shared.iter().copied().filter(|find| !find.amount.is_percent).collect();
        let plain: Vec<&AmountFind> = all.iter().copied().filter(|find| !is_in_name(sheet, columns, find)).collect();
        item.tax_rate = shared.iter().find(|find| find.amount.is_percent).map(|find| find.amount.value);
        for find in &plain {
            item.take(sheet, columns, find);
        }
        if columns.is_empty() || columns.have_amounts() {
            let values = |finds: &[&AmountFind]| finds.iter().map(|find| find.amount.value).collect::<Vec<Decimal>>();
            let told = item.clone();
            let counted = counted(sheet, first, end);
            item.multiply(&values(&all), counted);
            // Where print is dense, how many there are stands close behind the name.
            if !item.adds_up {
                item = told.clone();
                item.multiply(&values(&plain), counted);
            }
            item.keep_told(columns, &told);
        }
        let is_name = |find: &&&AmountFind| {
            is_in_name(sheet, columns, find) && Some(find.amount.value) != item.quantity.filter(|_| item.adds_up)
        };
        let numbers: Vec<&AmountFind> = amounts.iter().filter(|find| !is_name(find)).copied().collect();
        item.unit = word_in(sheet, columns, first, end, Concept::Unit);
        item.code = item.code.or_else(|| word_in(sheet, columns, first, end, Concept::ArticleNumber));
        item.own = own_cells(sheet, finds, columns, properties, &own, (first, end));
        let text = text_of(sheet, columns, first, end, &numbers);
        let text = match &item.code {
            Some(code) => text.strip_prefix(code.as_str()).map_or(text.clone(), |rest| rest.trim_start().to_owned()),
            None => text,
        };
        if !text.is_empty() {
            item.description.push(text);
        }
        item
    }

    /// Whether the row says what the item costs.
    pub(crate) fn is_priced(&self) -> bool {
        self.total.is_some() || self.unit_price.is_some()
    }

    /// The value of a property in the table whose columns these are.
    pub(crate) fn cell(&self, columns: &Columns, index: usize, sought: &Sought, schema: &FieldSchema) -> Value {
        if columns.have(Concept::Own(index)) {
            let own = self.own.iter().find(|(property, _)| *property == index);
            return own.map_or(Value::Null, |(_, value)| value.clone());
        }
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
        value.and_then(|value| typed(schema.kind, value, DecimalMark::Point)).unwrap_or(Value::Null)
    }

    /// Takes a number for what the column says that it stands in.
    fn take(&mut self, sheet: &Sheet, columns: &Columns, find: &AmountFind) {
        let value = find.amount.value;
        match columns.under(&sheet.bbox(find.first, find.end)) {
            Some(Concept::Quantity) => self.quantity = self.quantity.or(Some(value)),
            Some(Concept::UnitPrice)
                if find.is_money || find.amount.decimals > 0 || columns.is_told(Concept::UnitPrice) =>
            {
                self.unit_price = self.unit_price.or(Some(value));
            }
            Some(Concept::LineTotal) => self.total = Some(value),
            Some(Concept::TaxRate) if self.tax_rate.is_none() => self.tax_rate = Some(value),
            Some(Concept::Position) => self.position = Some(sheet.text(find.first, find.end)),
            Some(Concept::ArticleNumber) => self.code = Some(sheet.text(find.first, find.end)),
            _ => {}
        }
    }

    /// What stands in columns that the template tells goes before what arithmetic makes of the row.
    fn keep_told(&mut self, columns: &Columns, told: &Self) {
        if columns.is_told(Concept::Quantity) {
            self.quantity = told.quantity;
        }
        if columns.is_told(Concept::UnitPrice) {
            self.unit_price = told.unit_price;
        }
        if columns.is_told(Concept::LineTotal) {
            self.total = told.total;
        }
    }

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

/// A value in the type of a property.
fn typed(kind: FieldType, value: Value, mark: DecimalMark) -> Option<Value> {
    let candidate = Candidate { value, raw: None, words: Vec::new(), score: 1.0 };
    shapes::typed(kind, candidate, mark).map(|candidate| candidate.value)
}

/// What stands in the columns of the template's own.
fn own_cells(
    sheet: &Sheet,
    finds: &Finds,
    columns: &Columns,
    properties: &[FieldSchema],
    amounts: &[&AmountFind],
    (first, end): (usize, usize),
) -> Vec<(usize, Value)> {
    let cell = |(index, property): (usize, &FieldSchema)| {
        let stands = |at: usize| columns.of_word(sheet, at) == Some(Concept::Own(index));
        let value = match property.kind {
            FieldType::Number | FieldType::Integer => {
                number(amounts.iter().find(|find| stands(find.first))?.amount.value)
            }
            FieldType::Date => {
                let day = finds.dates_in(first, end).find(|find| stands(find.first))?;
                Value::String(day.date.to_string())
            }
            _ => Value::String(text_where(sheet, (first, end), stands)?),
        };
        Some((index, typed(property.kind, value, finds.mark)?))
    };
    let own = properties.iter().enumerate().filter(|(index, _)| columns.have(Concept::Own(*index)));
    own.filter_map(cell).collect()
}

/// The words of a row that are no amounts, in the column of descriptions where the table has a head.
pub(crate) fn text_of(sheet: &Sheet, columns: &Columns, first: usize, end: usize, amounts: &[&AmountFind]) -> String {
    if columns.is_told(Concept::Description) {
        let stands = |at: usize| columns.of_word(sheet, at) == Some(Concept::Description);
        return text_where(sheet, (first, end), stands).unwrap_or_default();
    }
    let is_amount = |at: usize| amounts.iter().any(|find| (find.first..find.end).contains(&at));
    let in_column = |at: usize| {
        let word = &sheet.words[at];
        !columns.is_apart(sheet, at)
            && columns.nearest(&word.bbox).is_none_or(|c| {
                matches!(c, Concept::Description | Concept::ArticleNumber | Concept::Position)
                    || !has_figure(&word.text)
            })
    };
    let is_text = |at: usize| !is_amount(at) && in_column(at) && count_of(&sheet.words[at].text).is_none();
    named(text_where(sheet, (first, end), is_text), !amounts.is_empty())
}

/// Whether a number is a part of what the item is called, as the year in `Exchange 2010`: it follows a word of it in a
/// cell of the column of descriptions, and is no money.
fn is_in_name(sheet: &Sheet, columns: &Columns, find: &AmountFind) -> bool {
    let cell = &sheet.cells[sheet.words[find.first].cell];
    let is_plain = find.amount.decimals == 0 && find.amount.currency.is_none() && !find.amount.is_percent;
    let follows_a_word = find.first > cell.first && sheet.words[find.first - 1].text.chars().any(char::is_alphabetic);
    let is_described = columns.nearest(&cell.bbox) == Some(Concept::Description);
    is_plain && follows_a_word && is_described
}

/// The words of a row under an item, with which its description goes on.
pub(crate) fn continued(sheet: &Sheet, columns: &Columns, first: usize, end: usize) -> String {
    let is_text = |at: usize| !columns.is_apart(sheet, at) && count_of(&sheet.words[at].text).is_none();
    named(text_where(sheet, (first, end), is_text), false)
}

/// A text when it is long enough to name something.
fn named(text: Option<String>, is_beside_amounts: bool) -> String {
    let text = text.unwrap_or_default();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')' | '[' | ']'));
    // Up to three letters beside amounts are the code of a tax or a unit.
    let least = if is_beside_amounts { 4 } else { 3 };
    if text.chars().filter(|c| c.is_alphabetic()).count() >= least { text.to_owned() } else { String::new() }
}

/// Some of the words between two, with blanks between them; `None` when there are none.
fn text_where(sheet: &Sheet, (first, end): (usize, usize), is_meant: impl Fn(usize) -> bool) -> Option<String> {
    let words: Vec<&str> = (first..end).filter(|at| is_meant(*at)).map(|at| sheet.words[at].text.as_str()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn has_figure(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
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

/// The first word that stands under the head of a column, where the table has it.
fn word_in(sheet: &Sheet, columns: &Columns, first: usize, end: usize, concept: Concept) -> Option<String> {
    let mut words = (first..end).filter(|at| !columns.is_apart(sheet, *at)).map(|at| &sheet.words[at]);
    let word = words.find(|word| columns.nearest(&word.bbox) == Some(concept))?;
    Some(word.text.clone())
}
