//! How a country writes numbers and dates, from the data of the GNU C library.

use pure_rust_locales::{Locale, locale_match};
use recto_values::amount::DecimalMark;
use recto_values::date::DayOrder;
use unic_langid::LanguageIdentifier;

/// The format of numbers and dates. `None` means that the pages decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Conventions {
    pub(crate) mark: Option<DecimalMark>,
    pub(crate) order: Option<DayOrder>,
}

impl Conventions {
    /// The conventions of a locale such as `de-DE` or `en_US`; a bare language stands for the country where most of its
    /// speakers live. `None` for an unknown locale.
    pub(crate) fn of_locale(name: &str) -> Option<Self> {
        let mut said: LanguageIdentifier = name.parse().ok()?;
        if said.region.is_none() {
            said.maximize();
        }
        let locale: Locale = format!("{}_{}", said.language, said.region?).parse().ok()?;
        let mark = match locale_match!(locale => LC_NUMERIC::DECIMAL_POINT) {
            "." => Some(DecimalMark::Point),
            "," => Some(DecimalMark::Comma),
            _ => None,
        };
        Some(Self { mark, order: order_of(locale_match!(locale => LC_TIME::D_FMT)) })
    }
}

/// The order of day, month and year in a `strftime` format.
fn order_of(format: &str) -> Option<DayOrder> {
    let place = |letters: &[char]| {
        let mut conversions = format.match_indices('%').filter_map(|(at, _)| {
            let letter = format[at + 1..].trim_start_matches(['-', '_', 'O', 'E']).chars().next()?;
            Some((at, letter))
        });
        conversions.find(|(_, letter)| letters.contains(letter)).map(|(at, _)| at)
    };
    let (day, month) = (place(&['d', 'e'])?, place(&['m', 'b', 'B'])?);
    let year_leads = place(&['y', 'Y']).is_some_and(|year| year < day && year < month);
    match (year_leads, day < month) {
        (true, _) => Some(DayOrder::YearMonthDay),
        (false, true) => Some(DayOrder::DayMonthYear),
        (false, false) => Some(DayOrder::MonthDayYear),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_tell_how_numbers_and_days_are_written() {
        use DayOrder::{DayMonthYear, MonthDayYear, YearMonthDay};
        use DecimalMark::{Comma, Point};
        for (name, mark, order) in [
            ("de-DE", Comma, Some(DayMonthYear)),
            ("en_US", Point, Some(MonthDayYear)),
            ("en-GB", Point, Some(DayMonthYear)),
            ("de-CH", Point, Some(DayMonthYear)),
            ("fr", Comma, Some(DayMonthYear)),
            ("en", Point, Some(MonthDayYear)),
            ("sv", Comma, Some(YearMonthDay)),
            ("da", Comma, Some(DayMonthYear)),
            ("cs", Comma, Some(DayMonthYear)),
            ("nb", Comma, Some(DayMonthYear)),
            ("th", Point, Some(DayMonthYear)),
            ("ja", Point, Some(YearMonthDay)),
            ("zh-Hans-CN", Point, Some(YearMonthDay)),
        ] {
            assert_eq!(Conventions::of_locale(name), Some(Conventions { mark: Some(mark), order }), "{name}");
        }
        for name in ["", "xx", "de-XX", "german", "de_DE.UTF-8"] {
            assert_eq!(Conventions::of_locale(name), None, "{name}");
        }
    }
}
