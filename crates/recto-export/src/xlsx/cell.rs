//! The content of a cell: typed numbers and dates if a spreadsheet can hold them without loss, otherwise text.

use recto_domain::{Field, FieldType};
use serde_json::Value;

use crate::field_table::cell_text;
use crate::notation::day;

/// A cell's content.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Empty,
    Text(String),
    /// A whole number.
    Whole(i64),
    Number(f64),
    /// A share from 0 to 1.
    Share(f64),
    Boolean(bool),
    /// Days since 1899-12-30, which is how spreadsheets count from March 1900 on.
    Day(i64),
}

/// Larger whole numbers (more than fifteen digits), such as account numbers, lose their last digits in a spreadsheet.
const LARGEST_WHOLE: i64 = 999_999_999_999_999;

impl Cell {
    /// The value of a field according to its type.
    pub(super) fn of_field(field: &Field) -> Self {
        match (field.kind, &field.value) {
            (FieldType::String, Value::String(text)) => Self::Text(text.clone()),
            (FieldType::Number, value) => Self::of(value).into_decimal(),
            (_, value) => Self::of(value),
        }
    }

    /// The number with decimals: twelve euros are 12.00 beside 12.50.
    pub(super) fn into_decimal(self) -> Self {
        match self {
            Self::Whole(whole) => Self::Number(whole as f64),
            other => other,
        }
    }

    /// A value without a declared type. A date is recognised by its form.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Bool(yes) => Self::Boolean(*yes),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) if whole.abs() <= LARGEST_WHOLE => Self::Whole(whole),
                (None, Some(decimal)) if !number.is_u64() && decimal.is_finite() => Self::Number(decimal),
                _ => Self::Text(number.to_string()),
            },
            Value::Array(list) if list.is_empty() => Self::Empty,
            Value::String(text) => day_number(text).map_or_else(|| Self::Text(text.clone()), Self::Day),
            parts => Self::Text(cell_text(parts)),
        }
    }
}

/// The day number of a date written as `2026-03-31`; `None` for any other text, for invalid dates, and for dates before
/// March 1900, which spreadsheets count in different ways.
fn day_number(text: &str) -> Option<i64> {
    const MARCH_1900: i64 = 61;
    let [year, month, day] = day(text)?.map(i64::from);
    // If years begin in March, the leap day is at their end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let since_year_0 = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    // The days between March of the year 0 and 1899-12-30.
    let number = since_year_0 - 693_899;
    (number >= MARCH_1900).then_some(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn days_are_counted_as_spreadsheets_do() {
        for (day, number) in
            [("1900-03-01", 61), ("2000-02-29", 36_585), ("2026-03-31", 46_112), ("9999-12-31", 2_958_465)]
        {
            assert_eq!(day_number(day), Some(number), "{day}");
        }
        for text in [
            "1900-02-28",
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-3-31",
            "31.03.2026",
            "2026-03-31 ",
            "２026-03-3",
        ] {
            assert_eq!(day_number(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_round_stays_text() {
        assert_eq!(Cell::of(&json!(12)), Cell::Whole(12));
        assert_eq!(Cell::of(&json!(12.5)), Cell::Number(12.5));
        assert_eq!(Cell::of(&json!(1_234_567_890_123_456_i64)), Cell::Text("1234567890123456".to_owned()));
        assert_eq!(Cell::of(&json!(u64::MAX)), Cell::Text(u64::MAX.to_string()));
        assert_eq!(Cell::of(&json!([1, {"a": null}])), Cell::Text(r#"[1,{"a":null}]"#.to_owned()));
        assert_eq!(Cell::of(&json!([])), Cell::Empty);
    }

    #[test]
    fn a_decimal_number_that_happens_to_be_whole_looks_like_its_neighbours() {
        let of = |kind| Cell::of_field(&Field::missing("total", kind).corrected(json!(12)));
        assert_eq!(of(FieldType::Number), Cell::Number(12.0));
        assert_eq!(of(FieldType::Integer), Cell::Whole(12));
    }

    #[test]
    fn text_that_looks_like_a_day_stays_text_where_the_template_asks_for_text() {
        let field = Field::missing("reference", FieldType::String).corrected(json!("2026-03-31"));
        assert_eq!(Cell::of_field(&field), Cell::Text("2026-03-31".to_owned()));
    }
}
