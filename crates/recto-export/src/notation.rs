//! How tables write dates and numbers: in a neutral format, or in that of a country.

use std::fmt::Write as _;
use std::str::FromStr;

use pure_rust_locales::{Locale as Known, locale_match};
use serde_json::Value;
use unic_langid::LanguageIdentifier;

/// A date format: day, month and year once each, with other characters around them.
///
/// ```
/// use recto_export::DateFormat;
///
/// assert!("dd.MM.yyyy".parse::<DateFormat>().is_ok());
/// assert!("dd.MM".parse::<DateFormat>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFormat {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Written with at least this many digits.
    Day(u8),
    Month(u8),
    /// With two or four digits.
    Year(u8),
    Sign(char),
}

/// The error for a text that is not a date format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("dateFormat must contain day, month and year once each, as in dd.MM.yyyy, d/M/yy or yyyy-MM-dd")]
pub struct InvalidDateFormat;

/// A country whose format of numbers and dates is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locale(Known);

/// The error for a text that is not a locale.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("locale must be a known language, with or without a country, as in de-DE, en_US or fr")]
pub struct UnknownLocale;

impl FromStr for DateFormat {
    type Err = InvalidDateFormat;

    fn from_str(text: &str) -> Result<Self, InvalidDateFormat> {
        /// The longest date format, in characters.
        const MOST_SIGNS: usize = 32;
        let mut parts = Vec::new();
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            let letter = character.to_ascii_lowercase();
            if !letter.is_ascii_alphanumeric() {
                // These four characters have a meaning in a workbook's styles.
                if letter.is_control() || matches!(letter, '<' | '>' | '&' | '"') {
                    return Err(InvalidDateFormat);
                }
                parts.push(Part::Sign(character));
                continue;
            }
            let mut letters = 1;
            while rest.next_if(|next| next.eq_ignore_ascii_case(&letter)).is_some() {
                letters += 1;
            }
            parts.push(match (letter, letters) {
                ('d', 1 | 2) => Part::Day(letters),
                ('m', 1 | 2) => Part::Month(letters),
                ('y', 2 | 4) => Part::Year(letters),
                _ => return Err(InvalidDateFormat),
            });
        }
        let once = |is: fn(&Part) -> bool| parts.iter().filter(|part| is(part)).count() == 1;
        let is_whole = once(|part| matches!(part, Part::Day(_)))
            && once(|part| matches!(part, Part::Month(_)))
            && once(|part| matches!(part, Part::Year(_)));
        if is_whole && parts.len() <= MOST_SIGNS { Ok(Self { parts }) } else { Err(InvalidDateFormat) }
    }
}

impl FromStr for Locale {
    type Err = UnknownLocale;

    /// Parses `de-DE` or `en_US`; a bare language stands for the country where most of its speakers live.
    fn from_str(text: &str) -> Result<Self, UnknownLocale> {
        let mut said: LanguageIdentifier = text.parse().map_err(|_| UnknownLocale)?;
        if said.region.is_none() {
            said.maximize();
        }
        let region = said.region.ok_or(UnknownLocale)?;
        format!("{}_{region}", said.language).parse().map(Self).map_err(|_| UnknownLocale)
    }
}

impl Locale {
    /// The numeric date format, with all digits of the year.
    fn date_format(self) -> DateFormat {
        let known = self.0;
        DateFormat::of_strftime(locale_match!(known => LC_TIME::D_FMT)).unwrap_or_default()
    }

    fn decimal_mark(self) -> char {
        let known = self.0;
        // A decimal separator of another script would turn every number into text.
        if locale_match!(known => LC_NUMERIC::DECIMAL_POINT) == "," { ',' } else { '.' }
    }
}

impl Default for DateFormat {
    fn default() -> Self {
        use Part::{Day, Month, Sign, Year};
        Self { parts: vec![Year(4), Sign('-'), Month(2), Sign('-'), Day(2)] }
    }
}

impl DateFormat {
    /// The numeric format of a `strftime` format; `None` if it lacks day, month or year.
    fn of_strftime(format: &str) -> Option<Self> {
        let mut text = String::new();
        let mut rest = format.chars();
        while let Some(character) = rest.next() {
            if character != '%' {
                text.push(character);
                continue;
            }
            match rest.by_ref().find(|letter| !matches!(letter, '-' | '_' | '0' | 'O' | 'E'))? {
                'd' => text.push_str("dd"),
                'e' => text.push('d'),
                'm' | 'b' | 'B' => text.push_str("MM"),
                'y' | 'Y' => text.push_str("yyyy"),
                'F' => text.push_str("yyyy-MM-dd"),
                'D' => text.push_str("MM/dd/yyyy"),
                _ => return None,
            }
        }
        // Direction marks are not part of a date.
        text.retain(|sign| !matches!(sign, '\u{200e}' | '\u{200f}'));
        text.parse().ok()
    }

    fn written(&self, [year, month, day]: [u32; 3]) -> String {
        let mut text = String::new();
        for part in &self.parts {
            // Writing to a string cannot fail.
            let _ = match *part {
                Part::Day(digits) => write!(text, "{day:0digits$}", digits = usize::from(digits)),
                Part::Month(digits) => write!(text, "{month:0digits$}", digits = usize::from(digits)),
                Part::Year(2) => write!(text, "{:02}", year % 100),
                Part::Year(_) => write!(text, "{year:04}"),
                Part::Sign(sign) => write!(text, "{sign}"),
            };
        }
        text
    }

    /// The format as a spreadsheet's number format (ECMA-376 part 1, section 18.8.31).
    pub(crate) fn number_format(&self) -> String {
        let mut code = String::new();
        for part in &self.parts {
            match *part {
                Part::Day(digits) => code.push_str(&"d".repeat(digits.into())),
                Part::Month(digits) => code.push_str(&"m".repeat(digits.into())),
                Part::Year(digits) => code.push_str(&"y".repeat(digits.into())),
                Part::Sign(sign) => code.extend(['\\', sign]),
            }
        }
        code
    }
}

/// The notation of the cells of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notation {
    pub(crate) date: DateFormat,
    decimal_mark: char,
}

impl Notation {
    pub(crate) fn of(date: Option<&DateFormat>, locale: Option<Locale>) -> Self {
        let date = date.cloned().or_else(|| locale.map(Locale::date_format)).unwrap_or_default();
        Self { date, decimal_mark: locale.map_or('.', Locale::decimal_mark) }
    }

    /// A number as `to_string` gives it, with the country's decimal separator.
    pub(crate) fn number(&self, number: &impl ToString) -> String {
        let text = number.to_string();
        if self.decimal_mark == '.' { text } else { text.replacen('.', &self.decimal_mark.to_string(), 1) }
    }

    /// A value in a cell: numbers and dates in the country's notation, other text unchanged, composite values as
    /// compact JSON, nothing for null.
    pub(crate) fn cell(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Number(number) => self.number(number),
            Value::String(text) => day(text).map_or_else(|| text.clone(), |day| self.date.written(day)),
            other => other.to_string(),
        }
    }
}

/// The year, month and day of a text such as `2026-03-31`; `None` for any other text and for invalid dates.
pub(crate) fn day(text: &str) -> Option<[u32; 3]> {
    let bytes = text.as_bytes();
    let is_day = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { *b == b'-' } else { b.is_ascii_digit() });
    if !is_day {
        return None;
    }
    let [year, month, day] = [text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?];
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some([year, month, day])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(locale: &str) -> (String, String) {
        let notation = Notation::of(None, Some(locale.parse().unwrap()));
        (notation.cell(&json!("2026-03-05")), notation.cell(&json!(-1234.5)))
    }

    #[test]
    fn countries_write_days_and_numbers_in_their_way() {
        for (locale, day, number) in [
            ("de-DE", "05.03.2026", "-1234,5"),
            ("de_AT", "2026-03-05", "-1234,5"),
            ("en_US", "03/05/2026", "-1234.5"),
            ("en-GB", "05/03/2026", "-1234.5"),
            ("fr", "05/03/2026", "-1234,5"),
            ("nl-NL", "05-03-2026", "-1234,5"),
            ("sv", "2026-03-05", "-1234,5"),
            ("de-CH", "05.03.2026", "-1234.5"),
            ("ja", "2026年03月05日", "-1234.5"),
            ("th-TH", "05/03/2026", "-1234.5"),
        ] {
            assert_eq!(written(locale), (day.to_owned(), number.to_owned()), "{locale}");
        }
        for unknown in ["", "xx", "de-XX", "german", "de_DE.UTF-8", "C"] {
            assert_eq!(unknown.parse::<Locale>(), Err(UnknownLocale), "{unknown}");
        }
    }

    #[test]
    fn a_format_has_day_month_and_year_once_each() {
        for (format, day) in [
            ("dd.MM.yyyy", "05.03.2026"),
            ("DD/MM/YYYY", "05/03/2026"),
            ("d. m. yy", "5. 3. 26"),
            ("yyyyMMdd", "20260305"),
            ("yyyy年m月d日", "2026年3月5日"),
        ] {
            assert_eq!(format.parse::<DateFormat>().unwrap().written([2026, 3, 5]), day, "{format}");
        }
        for wrong in ["", "dd.MM", "dd.MM.yyyy yyyy", "ddd.MM.yyyy", "dd MMM yyyy", "%d.%m.%Y", "d<m>y", "dd.MM.yyy"] {
            assert_eq!(wrong.parse::<DateFormat>(), Err(InvalidDateFormat), "{wrong}");
        }
    }

    #[test]
    fn signs_of_a_format_mean_themselves_in_a_workbook() {
        assert_eq!("dd.MM.yyyy".parse::<DateFormat>().unwrap().number_format(), r"dd\.mm\.yyyy");
        assert_eq!(DateFormat::default().number_format(), r"yyyy\-mm\-dd");
    }

    #[test]
    fn only_days_that_there_are_are_written_anew() {
        let notation = Notation::of(Some(&"d.m.yyyy".parse().unwrap()), None);
        assert_eq!(notation.cell(&json!("2024-02-29")), "29.2.2024");
        for text in ["2025-02-29", "2026-13-01", "2026-3-31", "2026-03-31 ", "２026-03-3", "12"] {
            assert_eq!(notation.cell(&json!(text)), text);
        }
        assert_eq!(notation.cell(&json!({"a": [1.5, "2026-03-31"]})), r#"{"a":[1.5,"2026-03-31"]}"#);
    }
}
