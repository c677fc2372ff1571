//! One row of a table as an item.

use recto_domain::{FieldSchema, FieldType};
use recto_values::amount::{DecimalMark, ROUNDING};
use rust_decimal::Decimal;
use serde_json::Value;

use super::columns::Columns;
use crate::candidate::{Candidate, number};
use crate::concept::Concept;
use crate::field_query::FieldQuery;
use crate::matches::{AmountMatch, Matches};
use crate::shapes;
use crate::sheet::Sheet;

/// An item collected from its rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) description: Vec<String>,
    quantity: Option<Decimal>,
    unit_price: Option<Decimal>,
    pub(crate) total: Option<Decimal>,
    tax_rate: Option<Decimal>,
    code: Option<String>,
    position: Option<String>,
    unit: Option<String>,
    /// The contents of the template's own columns, by property index.
    own: Vec<(usize, Value)>,
    pub(crate) words: Vec<(usize, usize)>,
    /// Whether quantity times price equals the amount.
    pub(crate) adds_up: bool,
}

impl Item {
    /// Reads a row. `properties` are those of the items, for the template's own columns.
    pub(crate) fn of_row(
        sheet: &Sheet,
        matches: &Matches,
        columns: &Columns,
        properties: &[FieldSchema],
        (first, end): (usize, usize),
    ) -> Self {
        let amounts: Vec<&AmountMatch> = matches.amounts_in(first, end).collect();
        let mut item = Self { words: vec![(first, end)], ..Self::default() };
        let (own, shared): (Vec<&AmountMatch>, Vec<&AmountMatch>) =
            amounts.iter().copied().partition(|find| is_in_own_column(columns, sheet, find.first));
        // A number after a colon belongs to its own label.
        let is_told_apart = |find: &AmountMatch| !columns.is_empty() && is_behind_colon(sheet, find.first);
        let all: Vec<&AmountMatch> =
            shared.iter().copied().filter(|find| !find.amount.is_percent && !is_told_apart(find)).collect();
        let plain: Vec<&AmountMatch> = all.iter().copied().filter(|find| !is_in_name(sheet, columns, find)).collect();
        item.tax_rate = shared.iter().find(|find| find.amount.is_percent).map(|find| find.amount.value);
        for find in &plain {
            item.take(columns.of_word(sheet, find.first), find, sheet);
        }
        let percents = amounts.iter().filter(|find| find.amount.is_percent).map(|find| find.amount.value);
        item.adds_up = item.is_product(percents);
        if columns.is_empty() || (columns.have_amounts() && item.is_priced() && !item.adds_up) {
            let values = |matches: &[&AmountMatch]| {
                let value = |find: &&AmountMatch| (find.amount.value, columns.of_word(sheet, find.first));
                matches.iter().map(value).collect::<Vec<_>>()
            };
            let told = item.clone();
            let counted = counted(sheet, first, end);
            // In dense print, the quantity directly follows the name.
            if !item.multiply(&values(&all), counted) {
                item.multiply(&values(&plain), counted);
            }
            item.quantity = item.quantity.or(counted);
            if columns.is_empty() {
                item.total = item.total.or(plain.last().map(|find| find.amount.value));
            }
            item.keep_told(columns, &told);
        }
        let is_taken = |find: &AmountMatch| {
            let value = Some(find.amount.value);
            item.adds_up && [item.quantity, item.unit_price, item.total].contains(&value)
        };
        let is_name = |find: &&&AmountMatch| is_in_name(sheet, columns, find) && !is_taken(find);
        let numbers: Vec<&AmountMatch> = amounts.iter().filter(|find| !is_name(find)).copied().collect();
        let quantity = plain.iter().find(|find| Some(find.amount.value) == item.quantity);
        let unit = (first..end)
            .find(|at| columns.of_word(sheet, *at) == Some(Concept::Unit))
            .or_else(|| quantity.filter(|_| !columns.is_empty()).and_then(|find| unit_behind(sheet, columns, find)));
        let text = text_of(sheet, columns, first, end, &numbers, unit);
        item.unit = unit.map(|at| sheet.words[at].text.clone());
        item.code = item.code.or_else(|| code_of(sheet, columns, first, end));
        item.own = own_cells(sheet, matches, columns, properties, &own, (first, end));
        let text = match &item.code {
            Some(code) => text.strip_prefix(code.as_str()).map_or(text.clone(), |rest| rest.trim_start().to_owned()),
            None => text,
        };
        if !text.is_empty() {
            item.description.push(text);
        }
        item
    }

    /// Whether the row has a price or an amount.
    pub(crate) fn is_priced(&self) -> bool {
        self.total.is_some() || self.unit_price.is_some()
    }

    /// Whether the row has nothing but an amount.
    pub(crate) fn is_bare(&self) -> bool {
        !self.is_counted() && self.unit_price.is_none()
    }

    /// Whether the row has quantity, price and amount.
    pub(crate) fn is_complete(&self) -> bool {
        self.is_counted() && self.unit_price.is_some() && self.total.is_some()
    }

    /// Whether the row has a quantity.
    pub(crate) fn is_counted(&self) -> bool {
        self.quantity.is_some()
    }

    /// Appends a text from below to the description.
    pub(crate) fn append(&mut self, text: String, words: (usize, usize)) {
        self.description.push(text);
        self.words.push(words);
    }

    /// Prepends a text from above to the description.
    pub(crate) fn prepend(&mut self, text: String, words: (usize, usize)) {
        self.description.insert(0, text);
        self.words.insert(0, words);
    }

    /// The value of a property in the table with these columns.
    pub(crate) fn cell(&self, columns: &Columns, index: usize, query: &FieldQuery, schema: &FieldSchema) -> Value {
        if columns.have(Concept::Own(index)) {
            let own = self.own.iter().find(|(property, _)| *property == index);
            return own.map_or(Value::Null, |(_, value)| value.clone());
        }
        let amount = |value: Option<Decimal>| value.map(number);
        let text = |value: &Option<String>| value.clone().map(Value::String);
        let value = match query.concept {
            Some(Concept::Description) => {
                let text = self.description.join(" ");
                let text =
                    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | ',' | '-' | '|' | '*'));
                (!text.is_empty()).then(|| Value::String(text.to_owned()))
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

    /// Assigns a number according to its column.
    fn take(&mut self, column: Option<Concept>, find: &AmountMatch, sheet: &Sheet) {
        let value = find.amount.value;
        match column {
            Some(Concept::Quantity) => self.quantity = self.quantity.or(Some(value)),
            Some(Concept::UnitPrice) => self.unit_price = self.unit_price.or(Some(value)),
            Some(Concept::LineTotal) => self.total = Some(value),
            Some(Concept::TaxRate) if self.tax_rate.is_none() => self.tax_rate = Some(value),
            Some(Concept::Position) => self.position = Some(sheet.text(find.first, find.end)),
            Some(Concept::ArticleNumber) => self.code = Some(sheet.text(find.first, find.end)),
            _ => {}
        }
    }

    /// Whether quantity times price equals the amount, possibly after adding or subtracting one of the percentages.
    fn is_product(&self, percents: impl Iterator<Item = Decimal>) -> bool {
        let (Some(quantity), Some(price), Some(total)) = (self.quantity, self.unit_price, self.total) else {
            return false;
        };
        let Some(product) = quantity.checked_mul(price) else { return false };
        // A price is rounded to as many decimals as there is room for.
        let rounding = quantity.abs() * Decimal::new(5, price.scale() + 1);
        let slack = rounding.min(total.abs() * Decimal::new(1, 2)).max(ROUNDING);
        let parts = percents.flat_map(|percent| [-percent, percent]).map(|percent| percent / Decimal::ONE_HUNDRED);
        std::iter::once(Decimal::ZERO).chain(parts).any(|part| {
            let amount = product.checked_mul(Decimal::ONE + part);
            // On a credit note, only the amounts may be negative.
            amount.is_some_and(|amount| (amount.abs() - total.abs()).abs() <= slack)
        })
    }

    /// Values in columns given by the template override the result of the calculation.
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

    /// Finds quantity, price and amount among the numbers of a row: the amount is a number that is the product of two
    /// numbers before it; if there are several, the last. Returns whether there is one.
    ///
    /// Each number comes with the concept of its column; `counted` is a quantity found in the name.
    fn multiply(&mut self, numbers: &[(Decimal, Option<Concept>)], counted: Option<Decimal>) -> bool {
        for end in (0..numbers.len()).rev() {
            let mut factors = numbers[..end].to_vec();
            factors.extend(counted.map(|counted| (counted, None)));
            let product = numbers[end].0;
            for (at, (price, of_price)) in factors.iter().enumerate() {
                for (other, (quantity, of_quantity)) in factors.iter().enumerate() {
                    // A product with zero is no evidence.
                    let is_pair = at != other && !quantity.is_zero() && !price.is_zero();
                    if is_pair && (quantity.checked_mul(*price).unwrap_or_default() - product).abs() <= ROUNDING {
                        let told = [of_price, of_quantity].map(Option::as_ref);
                        let is_turned = match told {
                            // A number at the end of a name is in no number column, nor are the numbers after it.
                            [Some(Concept::Description), _] | [_, Some(Concept::Description)] => None,
                            [Some(Concept::UnitPrice), _] | [_, Some(Concept::Quantity)] => Some(false),
                            [Some(Concept::Quantity), _] | [_, Some(Concept::UnitPrice)] => Some(true),
                            _ => None,
                        };
                        // If one factor is 1, the later number is the price.
                        let later = || at < other && price.is_integer() && counted.is_none();
                        let is_turned = is_turned.unwrap_or_else(later);
                        let (quantity, price) = if is_turned { (price, quantity) } else { (quantity, price) };
                        (self.quantity, self.unit_price, self.total, self.adds_up) =
                            (Some(*quantity), Some(*price), Some(product), true);
                        return true;
                    }
                }
            }
        }
        false
    }
}

/// A value in the type of a property.
fn typed(kind: FieldType, value: Value, mark: DecimalMark) -> Option<Value> {
    let candidate = Candidate::new(value, None, Vec::new(), 1.0);
    shapes::typed(kind, candidate, mark).map(|candidate| candidate.value)
}

/// The contents of the template's own columns.
fn own_cells(
    sheet: &Sheet,
    matches: &Matches,
    columns: &Columns,
    properties: &[FieldSchema],
    amounts: &[&AmountMatch],
    (first, end): (usize, usize),
) -> Vec<(usize, Value)> {
    let cell = |(index, property): (usize, &FieldSchema)| {
        let stands = |at: usize| columns.of_word(sheet, at) == Some(Concept::Own(index));
        let value = match property.kind {
            FieldType::Number | FieldType::Integer => {
                number(amounts.iter().find(|find| stands(find.first))?.amount.value)
            }
            FieldType::Date => {
                let day = matches.dates_in(first, end).find(|find| stands(find.first))?;
                Value::String(day.date.to_string())
            }
            _ => Value::String(text_where(sheet, (first, end), stands)?),
        };
        Some((index, typed(property.kind, value, matches.mark)?))
    };
    let own = properties.iter().enumerate().filter(|(index, _)| columns.have(Concept::Own(*index)));
    own.filter_map(cell).collect()
}

/// The words of a row that are not amounts; if the table has headings, only those in the description column.
fn text_of(
    sheet: &Sheet,
    columns: &Columns,
    first: usize,
    end: usize,
    amounts: &[&AmountMatch],
    unit: Option<usize>,
) -> String {
    let is_amount = |at: usize| Some(at) == unit || amounts.iter().any(|find| (find.first..find.end).contains(&at));
    if columns.have(Concept::Description) {
        let stands = |at: usize| {
            let is_described = columns.of_word(sheet, at) == Some(Concept::Description);
            let is_text = !is_amount(at) && count_of(&sheet.words[at].text).is_none();
            is_described && is_text && !columns.is_code_over_description(sheet, at)
        };
        return described(text_where(sheet, (first, end), stands));
    }
    let is_code = |at: usize| columns.of_word(sheet, at) == Some(Concept::ArticleNumber);
    let in_column =
        |at: usize| columns.is_empty() || (!is_in_own_column(columns, sheet, at) && !has_figure(&sheet.words[at].text));
    let is_text =
        |at: usize| !is_amount(at) && !is_code(at) && in_column(at) && count_of(&sheet.words[at].text).is_none();
    named(text_where(sheet, (first, end), is_text), !amounts.is_empty())
}

/// Whether a word is in one of the template's own columns.
fn is_in_own_column(columns: &Columns, sheet: &Sheet, at: usize) -> bool {
    matches!(columns.of_word(sheet, at), Some(Concept::Own(_)))
}

/// Whether a number is part of the item's name, like the year in `Exchange 2010`: it is in the description column,
/// after a word of the name.
fn is_in_name(sheet: &Sheet, columns: &Columns, find: &AmountMatch) -> bool {
    let (first, _) = sheet.phrase_around(find.first);
    let follows_a_word = find.first > first && sheet.words[find.first - 1].text.chars().any(char::is_alphabetic);
    follows_a_word && columns.of_word(sheet, find.first) == Some(Concept::Description)
}

/// Whether the word directly before another ends with a colon.
fn is_behind_colon(sheet: &Sheet, at: usize) -> bool {
    let (first, _) = sheet.phrase_around(at);
    at > first && sheet.words[at - 1].text.ends_with(':')
}

/// The words of a row below or above an item that continue its description: those in the description column, even if
/// they extend below other headings.
pub(crate) fn continued(sheet: &Sheet, columns: &Columns, first: usize, end: usize) -> String {
    let is_described = |at: usize| {
        let (start, _) = sheet.phrase_around(at);
        columns.of_word(sheet, start) == Some(Concept::Description)
    };
    let is_text = |at: usize| {
        let is_meant =
            if columns.have(Concept::Description) { is_described(at) } else { !is_in_own_column(columns, sheet, at) };
        is_meant && count_of(&sheet.words[at].text).is_none()
    };
    let text = text_where(sheet, (first, end), is_text);
    if columns.have(Concept::Description) { described(text) } else { named(text, false) }
}

/// A text of the description column, if it contains letters.
fn described(text: Option<String>) -> String {
    text.filter(|text| text.chars().any(char::is_alphabetic)).unwrap_or_default()
}

/// A text, if it is long enough to be a name.
fn named(text: Option<String>, is_beside_amounts: bool) -> String {
    let text = text.unwrap_or_default();
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | ')' | '[' | ']'));
    // Up to three letters beside amounts are the code of a tax or a unit.
    let least = if is_beside_amounts { 4 } else { 3 };
    if text.chars().filter(|c| c.is_alphabetic()).count() >= least { text.to_owned() } else { String::new() }
}

/// Some of the words in a range, separated by spaces; `None` when there are none.
fn text_where(sheet: &Sheet, (first, end): (usize, usize), is_meant: impl Fn(usize) -> bool) -> Option<String> {
    let words: Vec<&str> = (first..end).filter(|at| is_meant(*at)).map(|at| sheet.words[at].text.as_str()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn has_figure(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

/// A quantity that is not a separate number: `2x`, `x2`.
fn counted(sheet: &Sheet, first: usize, end: usize) -> Option<Decimal> {
    sheet.words[first..end].iter().find_map(|word| count_of(&word.text))
}

fn count_of(word: &str) -> Option<Decimal> {
    let text = word.to_lowercase();
    let figures = text.strip_suffix('x').or_else(|| text.strip_prefix('x'))?;
    figures.parse().ok()
}

/// The word after a quantity, as in `3 kg`, which is not part of a name.
fn unit_behind(sheet: &Sheet, columns: &Columns, quantity: &AmountMatch) -> Option<usize> {
    let (_, end) = sheet.phrase_around(quantity.first);
    let is_unit = |at: &usize| {
        let text = &sheet.words[*at].text;
        let is_word = text.starts_with(|c: char| c.is_alphabetic() || c == '(') && !text.eq_ignore_ascii_case("x");
        is_word && columns.of_word(sheet, *at) != Some(Concept::Description)
    };
    Some(quantity.end).filter(|at| *at < end).filter(is_unit)
}

/// The first word in the column of article numbers, or the number above the description.
fn code_of(sheet: &Sheet, columns: &Columns, first: usize, end: usize) -> Option<String> {
    let is_code = |at: &usize| {
        columns.of_word(sheet, *at) == Some(Concept::ArticleNumber) || columns.is_code_over_description(sheet, *at)
    };
    (first..end).find(is_code).map(|at| sheet.words[at].text.clone())
}
