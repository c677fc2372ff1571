//! Numbers and amounts of money as pages print them.

use rust_decimal::Decimal;

use super::currency;
use crate::figures::plain;

/// The greatest difference of sums that are rounded in two places: two cents.
pub const ROUNDING: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// The mark that separates whole units from decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecimalMark {
    /// `1,234.56`
    #[default]
    Point,
    /// `1.234,56`
    Comma,
    /// No amount of the page shows it.
    Unknown,
}

/// A number as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The number.
    pub value: Decimal,
    /// The ISO 4217 code of the currency next to it.
    pub currency: Option<&'static str>,
    /// Whether a percent sign follows.
    pub is_percent: bool,
    /// The number of digits after the decimal mark.
    pub decimals: usize,
    /// The number of characters read differently than recognised (`O` as `0`), and of spaces removed.
    pub repairs: usize,
}

/// Whether an amount, or the sign or name of a currency alone, may be in the currency `code`. A bare `$` stands for
/// every currency whose own sign contains it, such as `US$`.
#[must_use]
pub fn may_be_in(text: &str, code: &str) -> bool {
    let amount = read(text, DecimalMark::Point);
    let named = amount.as_ref().and_then(|amount| amount.currency).or_else(|| currency::code_of(text));
    let is_bare = text.contains('$') && (amount.is_some() || text.trim_matches(['(', ')', ':', ',']) == "$");
    named.map_or_else(|| is_bare && currency::is_dollar(code), |named| named == code)
}

/// Reads a text that is an amount and nothing else. The number may be in any local notation, with or without a
/// currency, a sign, parentheses for a negative number, or a percent sign.
///
/// `mark` decides where the text alone does not (`1.234`). If the page does not show the mark either, three digits
/// after a mark next to a currency are thousands, because almost no currency has thousandths.
pub fn read(text: &str, mark: DecimalMark) -> Option<Amount> {
    // `12/=` is an East African form of `12/-`.
    let text = text.chars().map(plain).collect::<String>().replace("/=", "/-");
    let mut rest = text.trim().trim_matches(|c| matches!(c, '“' | '”' | '‘' | '’' | '"' | '|' | '_' | '*' | '=' | '—'));
    rest = without_mark(rest.trim())?;
    let mut negative = false;
    let mut code = None;
    let mut had_sign = false;
    let mut is_percent = false;
    let mut is_whole = false;
    loop {
        let before = rest;
        if let Some((sign, stripped)) = currency::stripped(rest, is_lookalike) {
            had_sign = true;
            code = code.or(sign);
            rest = stripped.trim();
        }
        if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
            (negative, rest) = (true, inner.trim());
        }
        if let Some(stripped) = rest.strip_prefix('-') {
            (negative, rest) = (true, stripped.trim_start());
        }
        if let Some(stripped) = without_credit(rest) {
            (negative, rest) = (true, stripped);
        }
        rest = rest.strip_prefix('+').unwrap_or(rest);
        if let Some(stripped) = rest.strip_suffix('%') {
            (is_percent, rest) = (true, stripped.trim_end());
        }
        // `12,-`, `12.--` and `12/-` are whole amounts; `12.00-` is a negative one.
        if let Some(whole) = rest.strip_suffix("/-") {
            (is_whole, rest) = (true, whole.trim_end());
        } else if let Some(stripped) = rest.strip_suffix('-') {
            let whole = stripped.trim_end_matches('-');
            if let Some(whole) = whole.strip_suffix([',', '.']) {
                (is_whole, rest) = (true, whole);
            } else {
                (negative, rest) = (true, stripped.trim_end());
            }
        }
        if rest == before {
            break;
        }
    }
    // `RH152.00`: a misread currency, as the two decimals show.
    let letters = rest.chars().take_while(char::is_ascii_alphabetic).count();
    let misread = !had_sign && (2..=3).contains(&letters) && rest[letters..].starts_with(|c: char| c.is_ascii_digit());
    let (digits, repairs) = if misread {
        let (digits, repairs) = figures(&rest[letters..], true)?;
        (digits, repairs + 1)
    } else {
        figures(rest, had_sign)?
    };
    let mark = match code.map(currency::digits_of) {
        _ if is_whole => Mark::Grouping,
        // Yen have no decimals, dinars have three.
        Some(0) => Mark::Grouping,
        Some(3) => Mark::Either,
        _ if mark == DecimalMark::Unknown && had_sign => Mark::Grouping,
        _ => Mark::of(mark),
    };
    let (value, decimals) = decimal(&digits, mark)?;
    if misread && decimals != 2 {
        return None;
    }
    let value = if negative { -value } else { value };
    Some(Amount { value, currency: code, is_percent, decimals, repairs })
}

/// A number without a credit sign after it, as banks and utilities write it.
fn without_credit(text: &str) -> Option<&str> {
    let at = text.len().checked_sub(2)?;
    let is_credit = text.get(at..)?.eq_ignore_ascii_case("cr");
    let number = text[..if is_credit { at } else { 0 }].trim_end();
    number.ends_with(|c: char| c.is_ascii_digit()).then_some(number)
}

/// The meaning of a single mark with three digits after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// The decimal mark, if it is this one.
    Decimal(char),
    /// A group separator, whichever mark it is.
    Grouping,
    /// A decimal mark, whichever mark it is.
    Either,
}

impl Mark {
    fn of(mark: DecimalMark) -> Self {
        match mark {
            DecimalMark::Point | DecimalMark::Unknown => Self::Decimal('.'),
            DecimalMark::Comma => Self::Decimal(','),
        }
    }
}

/// The text without a raised footnote mark after it; `None` for a power of ten, which is not an amount.
fn without_mark(text: &str) -> Option<&str> {
    let is_raised = |c: char| matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁺'..='⁾');
    let number = text.trim_end_matches(is_raised);
    let is_power = number.len() < text.len() && number.ends_with("10") && {
        let before = &number[..number.len() - 2];
        before.is_empty() || before.ends_with(['x', '×', '·', '*', ' '])
    };
    (!is_power).then(|| number.trim_end())
}

/// The digits and marks of a number, with letters that look like digits replaced by these, and the number of such
/// repairs. `None` when the text is not a number. Without a currency, most characters must be digits already.
fn figures(text: &str, had_currency: bool) -> Option<(String, usize)> {
    let (mut digits, mut repairs, mut sure) = (String::new(), 0usize, 0usize);
    let mut last_blank = false;
    for c in text.chars() {
        match c {
            '0'..='9' => {
                sure += 1;
                // `200. 00` only has an additional space. `47 80` has lost its mark, and is left to the caller.
                if last_blank && digits.ends_with(|d: char| d.is_ascii_digit()) {
                    digits.push(' ');
                } else if last_blank {
                    repairs += 1;
                }
                digits.push(c);
            }
            '.' | ',' => {
                if digits.ends_with(['.', ',']) {
                    return None;
                }
                digits.push(c);
            }
            '\'' | '’' if !digits.is_empty() => digits.push('\''),
            ';' if !digits.is_empty() && !digits.ends_with(['.', ',']) => {
                repairs += 1;
                digits.push(',');
            }
            ' ' | '\u{a0}' | '\u{202f}' => {}
            c => {
                let figure = lookalike(c)?;
                repairs += 1;
                digits.push(figure);
            }
        }
        last_blank = matches!(c, ' ' | '\u{a0}' | '\u{202f}');
    }
    let count = digits.chars().filter(char::is_ascii_digit).count();
    let believable = sure * 2 >= count || (had_currency && count >= 3 && digits.contains(['.', ',']));
    (count > 0 && count <= 18 && believable).then_some((digits, repairs))
}

fn lookalike(c: char) -> Option<char> {
    Some(match c {
        'O' | 'o' | 'Q' | 'D' => '0',
        'l' | 'I' | 'i' | '|' | '!' => '1',
        'Z' | 'z' => '2',
        'S' | 's' => '5',
        'B' => '8',
        _ => return None,
    })
}

fn is_lookalike(c: char) -> bool {
    lookalike(c).is_some()
}

/// Distinguishes groups from decimals; also returns the number of decimals.
fn decimal(digits: &str, mark: Mark) -> Option<(Decimal, usize)> {
    let digits = digits.trim_end_matches(['.', ',']).trim_start_matches(',');
    let separators: Vec<(usize, char)> = digits.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let decimal_at = match separators.as_slice() {
        // A space or an apostrophe separates groups, never decimals.
        [(at, ' ' | '\'')] if digits.len() - at - 1 != 3 => return None,
        [] | [(_, ' ' | '\'')] => None,
        [(at, c)] => {
            let (before, after) = (&digits[..*at], digits.len() - at - 1);
            let is_mark = mark == Mark::Decimal(*c) || mark == Mark::Either;
            // `0.025` and `.500` are unambiguous; `1.234` depends on the origin of the page.
            let can_group = after == 3 && !before.is_empty() && before != "0" && before.len() <= 3;
            (!can_group || is_mark).then_some(*at)
        }
        [.., (_, before), (at, last)] if before != last && matches!(last, '.' | ',') => {
            let twice = separators.iter().filter(|(_, c)| c == last).count() > 1;
            (!twice).then_some(*at)
        }
        // The same mark again: groups of three.
        _ => None,
    };
    let (whole, parts) = decimal_at.map_or((digits, ""), |at| (&digits[..at], &digits[at + 1..]));
    if !is_grouped(whole) {
        return None;
    }
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let text =
        if parts.is_empty() { whole } else { format!("{}.{parts}", if whole.is_empty() { "0" } else { &whole }) };
    Some((text.parse().ok()?, parts.len()))
}

/// Whether the groups of a whole number have three digits, or, as in India, two before the last three.
fn is_grouped(whole: &str) -> bool {
    let groups: Vec<&str> = whole.split(|c: char| !c.is_ascii_digit()).collect();
    let [first, middle @ .., last] = groups.as_slice() else { return true };
    last.len() == 3
        && (1..=3).contains(&first.len())
        && (middle.iter().all(|g| g.len() == 3) || middle.iter().all(|g| g.len() == 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<String> {
        read(text, DecimalMark::Point).map(|amount| amount.value.to_string())
    }

    #[test]
    fn amounts_are_read_in_every_local_way() {
        for (text, expected) in [
            ("1,234.56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1 234,56", "1234.56"),
            ("1'234.56", "1234.56"),
            ("$8.20", "8.20"),
            ("RM39.00", "39.00"),
            ("160,00 €", "160.00"),
            ("€ 12", "12"),
            ("12,-", "12"),
            ("-2,00", "-2.00"),
            ("(12.00)", "-12.00"),
            ("12.00-", "-12.00"),
            ("1,23,456.00", "123456.00"),
            ("200. 00", "200.00"),
            ("0,20", "0.20"),
            ("19%", "19"),
            ("EUR 1.256,70", "1256.70"),
            ("0.025", "0.025"),
            ("10000,0000", "10000.0000"),
            ("4;80", "4.80"),
            ("-RM13.00", "-13.00"),
            ("1,234,567", "1234567"),
            ("120.–", "120"),
            ("1.234,– EUR", "1234"),
            ("Rs. 1,00,000/-", "100000"),
            ("5,000/=", "5000"),
            ("US$ 1 234 567.89", "1234567.89"),
            ("$(1,334.50)", "-1334.50"),
            ("(USD 1,334.50)", "-1334.50"),
            ("$ 108.43 cr", "-108.43"),
            ("45.00CR", "-45.00"),
            ("‑45.00", "-45.00"),
            ("45.00−", "-45.00"),
            ("‒ 45.00", "-45.00"),
            ("EUR 0,00", "0.00"),
            ("๑,๒๕๐.๐๐ บาท", "1250.00"),
            ("١٬٢٣٤٫٥٠", "1234.50"),
            ("4,500円", "4500"),
            ("\\4.500", "4500"),
            ("￦7.230", "7230"),
            ("75.900 đ", "75900"),
            ("Rp 12.500", "12500"),
            ("12.500 KWD", "12.500"),
            ("د.ك 1,250", "1.250"),
            ("S/ 25.90", "25.90"),
            ("3 450,00 ₴", "3450.00"),
            ("₺1.234,50", "1234.50"),
        ] {
            assert_eq!(value(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn slips_of_recognition_are_mended_and_counted() {
        let mended = read("RM5.OO", DecimalMark::Point).unwrap();
        assert_eq!((mended.value.to_string().as_str(), mended.repairs), ("5.00", 2));
        assert_eq!(value("l2.5O").as_deref(), Some("12.50"));
        assert_eq!(value("RMS. OO").as_deref(), Some("5.00"));
        assert_eq!(value("RH152. 00").as_deref(), Some("152.00"));
        assert_eq!(value("DE123"), None);
    }

    #[test]
    fn the_mark_of_a_footnote_is_no_figure() {
        for (text, value) in [("$4,850²", "4850"), ("1.234,50 €¹⁴", "1234.50"), ("12 %⁽³⁾", "12"), ("-7.25⁹", "-7.25")]
        {
            assert_eq!(read(text, DecimalMark::Point).map(|amount| amount.value.to_string()).as_deref(), Some(value));
        }
        assert_eq!(read("10³", DecimalMark::Point), None);
        assert_eq!(read("2.5 × 10³", DecimalMark::Point), None);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["12:32:00", "14-03-2018", "SOS", "abc", "1.2.3.4", "", "-", "12,34,5", "03-7805", "Table 5", "1 23"]
        {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn the_pages_mark_decides_where_the_number_does_not() {
        let read = |text, mark| super::read(text, mark).unwrap().value.to_string();
        let of = |text| [DecimalMark::Comma, DecimalMark::Point, DecimalMark::Unknown].map(|mark| read(text, mark));
        assert_eq!(of("1.234"), ["1234", "1.234", "1.234"]);
        assert_eq!(of("€1.234"), ["1234", "1.234", "1234"]);
        assert_eq!(of("1,234 EUR"), ["1.234", "1234", "1234"]);
    }

    #[test]
    fn currencies_are_told() {
        assert_eq!(read("RM39.00", DecimalMark::Point).unwrap().currency, Some("MYR"));
        assert_eq!(read("12,00 €", DecimalMark::Point).unwrap().currency, Some("EUR"));
        assert_eq!(read("$8.20", DecimalMark::Point).unwrap().currency, None);
        assert!(may_be_in("$8.20", "USD") && may_be_in("$", "AUD") && may_be_in("12,00 €", "EUR"));
        assert!(!may_be_in("$8.20", "EUR") && !may_be_in("US$8.20", "AUD") && !may_be_in("8.20", "USD"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in ".{0,40}") {
            let _ = read(&text, DecimalMark::Comma);
        }

        #[test]
        fn an_amount_reads_back(cents in 0i64..1_000_000_000) {
            let value = Decimal::new(cents, 2);
            let plain = value.to_string();
            let expected = Some(value);
            proptest::prop_assert_eq!(read(&plain, DecimalMark::Comma).map(|a| a.value), expected);
            proptest::prop_assert_eq!(read(&plain.replace('.', ","), DecimalMark::Point).map(|a| a.value), expected);
        }
    }
}
