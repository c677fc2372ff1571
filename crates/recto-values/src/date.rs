//! Dates in running text.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use crate::figures::plain;
use crate::month;

/// The order of day, month and year in a numeric date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DayOrder {
    /// `31/03/2026`, as in most of the world.
    #[default]
    DayMonthYear,
    /// `03/31/2026`, as in the United States.
    MonthDayYear,
    /// `26-03-31`, as in East Asia. If a four-digit year comes last, the day comes first.
    YearMonthDay,
}

/// A date that was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundDate {
    /// The date.
    pub date: Date,
    /// Its range in the text, in bytes.
    pub range: Range<usize>,
    /// The order that the date itself shows, when one number is above 12; `None` when both orders are possible.
    pub order: Option<DayOrder>,
    /// Whether the year has four digits.
    pub is_full: bool,
}

/// All dates in a text, from left to right, without overlaps. Impossible dates (31 April) are not found.
pub fn find(text: &str, order: DayOrder) -> Vec<FoundDate> {
    let (clean, places) = plainly(text);
    let mut found: Vec<FoundDate> = Vec::new();
    for (pattern, read) in PATTERNS.iter() {
        let mut from = 0;
        while let Some(captures) = pattern.captures_at(&clean, from) {
            // `get(0)` is the whole match, which always exists.
            let Some(range) = captures.get(0).map(|whole| whole.range()) else { break };
            // A date may begin inside a text that was not one: `19- 18/03/2018`.
            let next = clean[range.start..].chars().next().map_or(1, char::len_utf8);
            from = range.start + next;
            let rest = &clean[range.end..];
            let stands_alone = !ends_in_digit(&clean[..range.start]) && (!starts_with_digit(rest) || is_time(rest));
            let overlaps = found.iter().any(|f| f.range.start < range.end && range.start < f.range.end);
            if !stands_alone || overlaps {
                continue;
            }
            if let Some((date, shown)) = read(&captures, order) {
                let is_full = captures["y"].chars().count() >= 4;
                // `19- 10/03` in `#19- 10/03/2018` is only a part of a longer text.
                let goes_on = goes_on(&clean[range.clone()], &clean[range.end..]);
                // `2021 - 04.09` in `30.07.2021 - 04.09.2021` is the end of one date and the beginning of another.
                if goes_on && (!is_full || is_continued(&clean[..range.start])) {
                    continue;
                }
                from = range.end;
                found.push(FoundDate { date, range, order: shown, is_full });
            }
        }
    }
    for found in &mut found {
        found.range = places[found.range.start]..places[found.range.end];
    }
    found.sort_by_key(|f| f.range.start);
    found
}

/// The first date in a text.
#[must_use]
pub fn first(text: &str, order: DayOrder) -> Option<Date> {
    find(text, order).first().map(|found| found.date)
}

type Read = fn(&Captures<'_>, DayOrder) -> Option<(Date, Option<DayOrder>)>;

static PATTERNS: LazyLock<Vec<(Regex, Read)>> = LazyLock::new(|| {
    let all: [(&str, Read); 8] = [
        (r"(?P<y>\d{4})\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<d>\d{1,2})", year_first),
        (r"(?P<y>\d{4})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?[日일]", year_first),
        (r"(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2}),?\s+năm\s+(?P<y>\d{4})", year_first),
        (r"(?P<a>\d{1,2})\s{0,4}[-/.]\s{0,4}(?P<b>\d{1,2})\s{0,4}[-/.]\s{0,4}(?P<y>\d{4}|\d{2})", figures),
        (
            r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|[.º°])?[\s./-]{0,3}(?:de\s+|(?:day\s+)?of\s+)?(?P<name>\p{L}[\p{L}\p{M}.]{1,14}?)[\s.,/'-]{0,3}(?:de\s+|del\s+)?(?P<y>\d{4}|\d{2})",
            named,
        ),
        (
            r"(?P<name>\p{L}[\p{L}\p{M}]{2,13})\.?[\s-]{0,2}(?P<d>\d{1,2})(?:st|nd|rd|th)?\s{0,2}[,.]?\s{0,2}(?P<y>\d{4})",
            named,
        ),
        (r"(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)", year_first),
        // `2025. március 5.`, `2025 m. kovo 5 d.`
        (r"(?P<y>(?:19|20)\d{2})\.?\s{0,2}(?:m\.\s?)?(?P<name>\p{L}[\p{L}\p{M}]{2,13})\.?\s{1,2}(?P<d>\d{1,2})", named),
    ];
    all.map(|(pattern, read)| (Regex::new(pattern).expect("a static pattern compiles"), read)).into()
});

fn year_first(captures: &Captures<'_>, _: DayOrder) -> Option<(Date, Option<DayOrder>)> {
    Some((day(year(&captures["y"])?, number(&captures["m"])?, number(&captures["d"])?)?, None))
}

fn figures(captures: &Captures<'_>, order: DayOrder) -> Option<(Date, Option<DayOrder>)> {
    let (a, b) = (number(&captures["a"])?, number(&captures["b"])?);
    let [first, last] = ["a", "y"].map(|name| &captures[name]);
    // No month has more than 31 days.
    if (first.len(), last.len()) == (2, 2)
        && (order == DayOrder::YearMonthDay || a > 31)
        && let Some(day) = day(year(first)?, b, number(last)?)
    {
        return Some((day, Some(DayOrder::YearMonthDay)));
    }
    let shown = match (a > 12, b > 12) {
        (true, false) => Some(DayOrder::DayMonthYear),
        (false, true) => Some(DayOrder::MonthDayYear),
        _ => None,
    };
    let (d, m) = if shown.unwrap_or(order) == DayOrder::MonthDayYear { (b, a) } else { (a, b) };
    Some((day(year(&captures["y"])?, m, d)?, shown))
}

fn named(captures: &Captures<'_>, _: DayOrder) -> Option<(Date, Option<DayOrder>)> {
    let (name, digits) = (&captures["name"], &captures["y"]);
    // Thailand counts years from 543 BC, in two-digit years too: 67 is 2024.
    let is_thai = name.chars().any(|c| ('\u{E00}'..='\u{E7F}').contains(&c));
    let year = match number(digits).map(i16::from) {
        Some(short @ 40..) if is_thai && digits.len() == 2 => Some(1957 + short),
        _ => year(digits),
    };
    Some((day(year?, month(name)?, number(&captures["d"])?)?, None))
}

/// Corrects a date whose two-digit year was read as one of the common era but is of the Buddhist era: 67 is 2024.
#[must_use]
pub fn of_short_buddhist_year(date: Date) -> Date {
    let year = match date.year() {
        year @ 2040..=2069 => year - 43,
        year @ 1970..=1999 => year + 57,
        year => year,
    };
    date.with().year(year).build().unwrap_or(date)
}

fn number(digits: &str) -> Option<i8> {
    digits.parse().ok()
}

/// The year of the common era. Two digits stand for 1970 to 2069. A year of the Buddhist era, as Thailand writes it, is
/// 543 higher.
fn year(digits: &str) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    match (digits.len(), year) {
        (2, 0..=69) => Some(2000 + year),
        (2, _) => Some(1900 + year),
        (_, 2443..=2643) => Some(year - 543),
        (_, 1900..=2100) => Some(year),
        _ => None,
    }
}

fn day(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// The text with the digits and signs of all scripts replaced by those of ASCII, with spaces in place of the quotes and
/// bars that recognition sees in specks, and with digits in place of the letters that it takes them for in dates. The
/// second result holds the original offset of each byte, and of the end.
fn plainly(text: &str) -> (String, Vec<usize>) {
    let (mut clean, mut places) = (String::with_capacity(text.len()), Vec::with_capacity(text.len() + 1));
    for (at, c) in text.char_indices() {
        let c = match c {
            '“' | '”' | '‘' | '’' | '"' | '|' | '_' | '~' | '\u{a0}' | '\u{202f}' => ' ',
            c => plain(c),
        };
        clean.push(c);
        places.resize(clean.len(), at);
    }
    places.push(text.len());
    (with_digits_in_dates(&clean), places)
}

/// The text with `0` for `O` and `1` for `l` and `I` in what has the shape of a date and is mostly digits: `17-O8-2O24`.
fn with_digits_in_dates(text: &str) -> String {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        let shape = r"[0-9OolI]{1,4}(?:-[0-9OolI]{1,2}-|/[0-9OolI]{1,2}/|\.[0-9OolI]{1,2}\.)[0-9OolI]{2,4}";
        Regex::new(shape).expect("a static pattern compiles")
    });
    let digits = |captures: &Captures<'_>| {
        let shape = &captures[0];
        let count = |is: fn(char) -> bool| shape.chars().filter(|c| is(*c)).count();
        if count(|c| c.is_ascii_digit()) <= count(char::is_alphabetic) {
            return shape.to_owned();
        }
        shape.replace(['O', 'o'], "0").replace(['l', 'I'], "1")
    };
    SHAPE.replace_all(text, digits).into_owned()
}

/// Whether a text begins with a time, as in `2024-06-1518:27` after the date.
fn is_time(text: &str) -> bool {
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
    let hours = digits(text);
    (1..=2).contains(&hours) && text[hours..].strip_prefix(':').is_some_and(|minutes| digits(minutes) == 2)
}

/// Whether the text after a date continues with the same separator and a digit.
fn goes_on(day: &str, rest: &str) -> bool {
    let mark = day.chars().rfind(|c| matches!(c, '-' | '/' | '.'));
    mark.and_then(|mark| rest.strip_prefix(mark)).is_some_and(starts_with_digit)
}

/// Whether the text before a date ends with a digit and a separator.
fn is_continued(before: &str) -> bool {
    before.strip_suffix(['-', '/', '.']).is_some_and(ends_in_digit)
}

fn ends_in_digit(text: &str) -> bool {
    text.chars().next_back().is_some_and(|c| c.is_ascii_digit())
}

fn starts_with_digit(text: &str) -> bool {
    text.chars().next().is_some_and(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> Vec<String> {
        find(text, DayOrder::DayMonthYear).iter().map(|f| f.date.to_string()).collect()
    }

    #[test]
    fn days_are_found_however_they_are_written() {
        for text in [
            "2018-03-14",
            "14-03-2018 10:06:20",
            "14/03/18",
            "14.3.2018",
            "Date: 14 Mar 2018 16:40 *",
            "14. März 2018",
            "March 14, 2018",
            "14-Mar-18",
            "le 14 mars 2018",
            "14 de marzo de 2018",
            "20180314",
            "2018/03/14",
            "14th March 2018",
            "March 14 , 2018",
            "14- “03- “2018",
            "14 มีนาคม 2561",
            "2018年3月14日",
            "14MAR2018",
            "14th of March 2018",
            "the 14th day of March, 2018",
            "๑๔ มีนาคม ๒๕๖๑",
            "14 มี.ค. 61",
            "٢٠١٨/٠٣/١٤",
            "14–03–2018",
            "2018년 3월 14일",
            "ngày 14 tháng 3 năm 2018",
            "2018. március 14.",
            "2018 m. kovo 14 d.",
            "2018. 03. 14.",
            "14. maaliskuuta 2018",
            "14 marca 2018",
            "14-O3-2O18",
            "l4/03/20l8",
            "2018-03-1418:27",
        ] {
            assert_eq!(days(text), ["2018-03-14"], "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_not_found() {
        for text in
            ["31/04/2018", "12:30:45", "1234567890", "03-7805 7889", "10.94 0.66", "3/14", "192.168.10.20", "Oo-Il-lO"]
        {
            assert_eq!(days(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn the_order_is_taken_from_the_text_where_it_shows() {
        assert_eq!(days("REG 19- 18/03/2018"), ["2018-03-18"]);
        assert_eq!(days("REG 19- 10/03/2018"), ["2018-03-10"]);
        let found = find("03/14/2018 and 05/06/2018", DayOrder::MonthDayYear);
        assert_eq!(found[0].order, Some(DayOrder::MonthDayYear));
        assert_eq!((found[1].date.to_string(), found[1].order), ("2018-05-06".to_owned(), None));
    }

    #[test]
    fn several_days_keep_their_places() {
        let text = "01.05.14-31.05.14";
        let found = find(text, DayOrder::DayMonthYear);
        assert_eq!(found.iter().map(|f| &text[f.range.clone()]).collect::<Vec<_>>(), ["01.05.14", "31.05.14"]);
        for text in ["30.07.2021 - 04.09.2021", "30.07.2021-04.09.2021", "30/07/2021 - 04/09/2021"] {
            assert_eq!(days(text), ["2021-07-30", "2021-09-04"], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,80}") {
            for found in find(&text, DayOrder::DayMonthYear) {
                proptest::prop_assert!(text.get(found.range).is_some());
            }
        }

        #[test]
        fn a_written_day_reads_back(y in 1970i16..2069, m in 1i8..=12, d in 1i8..=28) {
            let date = Date::new(y, m, d).unwrap();
            for text in [date.to_string(), format!("{d}.{m}.{y}"), format!("{d:02}/{m:02}/{y}")] {
                proptest::prop_assert_eq!(first(&text, DayOrder::DayMonthYear), Some(date));
            }
        }
    }
}
