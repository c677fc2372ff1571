//! Values with the types that templates give them, and how several values become one.

use std::cmp::Ordering;
use std::str::FromStr;

use jiff::civil::Date;
use recto_values::amount::{self, DecimalMark};
use recto_values::date::{self, DayOrder};
use rust_decimal::Decimal;
use serde_json::{Number, Value};

use super::options::Options;
use super::strptime;
use recto_domain::FieldType;

/// The type that a template gives to a value; text when it gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    Int,
    Float,
    Date,
}

impl FromStr for ValueType {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "int" => Ok(Self::Int),
            "float" => Ok(Self::Float),
            "date" | "datetime" => Ok(Self::Date),
            _ => Err(()),
        }
    }
}

/// The field type for values of this type.
pub(super) fn field_type(kind: Option<ValueType>) -> FieldType {
    match kind {
        None => FieldType::String,
        Some(ValueType::Int) => FieldType::Integer,
        Some(ValueType::Float) => FieldType::Number,
        Some(ValueType::Date) => FieldType::Date,
    }
}

/// A typed value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Int(i64),
    Number(Decimal),
    Date(Date),
    /// A text that could not be read as its type.
    Unreadable,
}

impl Cell {
    /// Reads a text as a type. An empty text read as a number is 0.
    pub(super) fn read(text: &str, kind: Option<ValueType>, options: &Options) -> Self {
        let cell = match kind {
            None => Some(Self::Text(text.to_owned())),
            Some(ValueType::Int) if text.is_empty() => Some(Self::Int(0)),
            Some(ValueType::Float) if text.is_empty() => Some(Self::Number(Decimal::ZERO)),
            Some(ValueType::Int) => number(text, options).and_then(|n| i64::try_from(n.trunc()).ok()).map(Self::Int),
            Some(ValueType::Float) => number(text, options).map(Self::Number),
            Some(ValueType::Date) => day(text, options).map(Self::Date),
        };
        cell.unwrap_or(Self::Unreadable)
    }

    /// Whether it holds something: a text that is not empty, a number other than 0, or a date.
    fn is_something(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Int(n) => *n != 0,
            Self::Number(n) => !n.is_zero(),
            Self::Date(_) => true,
            Self::Unreadable => false,
        }
    }

    /// Whether it counts as found on its own: 0 does, an empty text does not.
    pub(super) fn is_found(&self) -> bool {
        self.is_something() || matches!(self, Self::Int(_) | Self::Number(_))
    }

    /// Compares values of one type.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Int(n) => n.to_string(),
            Self::Number(n) => n.to_string(),
            Self::Date(day) => day.to_string(),
            Self::Unreadable => String::new(),
        }
    }

    /// The value as JSON; null when it could not be read.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Int(n) => Value::from(*n),
            Self::Number(n) => decimal(*n),
            Self::Date(day) => Value::String(day.to_string()),
            Self::Unreadable => Value::Null,
        }
    }
}

/// A decimal number as JSON.
pub(super) fn decimal(number: Decimal) -> Value {
    // The text of a decimal number is also that of a float. It fails only outside of JSON's range.
    let float = number.to_string().parse().ok().and_then(Number::from_f64);
    float.map_or(Value::Null, Value::Number)
}

/// How several values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Sum,
    Min,
    Max,
    First,
    Last,
    Join,
}

impl FromStr for Group {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Ok(match name {
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "first" => Self::First,
            "last" => Self::Last,
            "join" => Self::Join,
            _ => return Err(()),
        })
    }
}

impl Group {
    /// The resulting value, with the sources that it was made from. Empty values are left out. `None` when none is
    /// left, or when the values cannot be grouped in this way; texts, for example, cannot be summed.
    pub(super) fn apply<T: Clone>(self, cells: &[(Cell, T)]) -> Option<(Cell, Vec<T>)> {
        let cells: Vec<&(Cell, T)> = cells.iter().filter(|(cell, _)| cell.is_something()).collect();
        let one = |cell: &&(Cell, T)| (cell.0.clone(), vec![cell.1.clone()]);
        let all = || cells.iter().map(|(_, from)| from.clone()).collect();
        match self {
            Self::First => cells.first().map(one),
            Self::Last => cells.last().map(one),
            Self::Min | Self::Max => {
                let wanted = if self == Self::Min { Ordering::Less } else { Ordering::Greater };
                let better = |best, cell: &(Cell, T)| {
                    let best: &(Cell, T) = best;
                    cell.0.compare(&best.0) == Some(wanted)
                };
                let best = cells.iter().copied().reduce(|best, cell| if better(best, cell) { cell } else { best })?;
                Some(one(&best))
            }
            Self::Sum => {
                let sum = cells.iter().map(|(cell, _)| cell).try_fold(None, |sum: Option<Cell>, cell| {
                    Some(Some(match (sum, cell) {
                        (None, Cell::Int(_) | Cell::Number(_)) => cell.clone(),
                        (Some(Cell::Int(a)), Cell::Int(b)) => Cell::Int(a.checked_add(*b)?),
                        (Some(Cell::Number(a)), Cell::Number(b)) => Cell::Number(a.checked_add(*b)?),
                        _ => return None,
                    }))
                })??;
                Some((sum, all()))
            }
            Self::Join => {
                let texts: Vec<String> = cells.iter().map(|(cell, _)| cell.plain()).collect();
                (!texts.is_empty()).then(|| (Cell::Text(texts.join(" ")), all()))
            }
        }
    }
}

/// Parses a number that uses the template's decimal separator.
pub(super) fn number(text: &str, options: &Options) -> Option<Decimal> {
    let separator = options.decimal_separator.as_str();
    let strict = || {
        let text = text.trim();
        if !text.contains([',', '.', '\'', ' ']) || text.matches(separator).count() > 1 {
            return Decimal::from_str(text).ok();
        }
        let thousands = if separator == "." { "," } else { "." };
        let plain = text.replace(thousands, "").replace(|c: char| c.is_whitespace() || c == '\'', "");
        Decimal::from_str(&plain.replace(separator, ".")).ok()
    };
    let mark = if separator == "," { DecimalMark::Comma } else { DecimalMark::Point };
    strict().or_else(|| amount::read(text, mark).map(|amount| amount.value))
}

/// Parses a date in one of the template's formats, or in a common notation. The month comes first where both orders are
/// possible.
pub(super) fn day(text: &str, options: &Options) -> Option<Date> {
    let text = text.trim();
    let formatted = options.date_formats.iter().find_map(|format| strptime::parse(text, format));
    formatted.or_else(|| date::first(text, DayOrder::MonthDayYear))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(separator: &str) -> Options {
        Options { decimal_separator: separator.to_owned(), ..Options::default() }
    }

    #[test]
    fn numbers_are_read_by_the_decimal_separator() {
        for (text, separator, expected) in [
            ("1,234.56", ".", "1234.56"),
            ("1.234,56", ",", "1234.56"),
            ("1 234,56", ",", "1234.56"),
            ("1'234.56", ".", "1234.56"),
            ("34", ",", "34"),
            ("-5.00", ".", "-5.00"),
            ("1.234", ",", "1234"),
        ] {
            assert_eq!(number(text, &options(separator)).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(number("twelve", &options(".")), None);
    }

    #[test]
    fn days_are_read_month_first_unless_a_format_says_otherwise() {
        let mut options = options(".");
        assert_eq!(day("03/04/2023", &options).unwrap().to_string(), "2023-03-04");
        assert_eq!(day("7. Mai 2014", &options).unwrap().to_string(), "2014-05-07");
        options.date_formats = vec!["%d/%m/%Y".to_owned()];
        assert_eq!(day("03/04/2023", &options).unwrap().to_string(), "2023-04-03");
    }

    #[test]
    fn values_are_grouped() {
        let cells: Vec<(Cell, usize)> =
            ["2", "10", "0", "3"].iter().enumerate().map(|(i, n)| (Cell::Number(n.parse().unwrap()), i)).collect();
        let of = |group: Group| group.apply(&cells).map(|(cell, from)| (cell.to_json().to_string(), from)).unwrap();
        assert_eq!(of(Group::Sum), ("15.0".to_owned(), vec![0, 1, 3]));
        assert_eq!(of(Group::Min), ("2.0".to_owned(), vec![0]));
        assert_eq!(of(Group::Max), ("10.0".to_owned(), vec![1]));
        assert_eq!(of(Group::First), ("2.0".to_owned(), vec![0]));
        assert_eq!(of(Group::Last), ("3.0".to_owned(), vec![3]));
        assert_eq!(of(Group::Join), ("\"2 10 3\"".to_owned(), vec![0, 1, 3]));
        let texts = [(Cell::Text("a".into()), ()), (Cell::Text("b".into()), ())];
        assert_eq!(Group::Sum.apply(&texts), None);
        assert_eq!(Group::Max.apply::<()>(&[]), None);
    }
}
