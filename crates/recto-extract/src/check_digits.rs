//! Validation of official numbers: by their check digits, or by their form if they have none. The sources are the
//! registers' own descriptions: ISO 13616 (IBAN), ISO 9362 (BIC), ISO/IEC 7064, the GS1 General Specifications (GTIN),
//! and for tax numbers the publications of each country's tax office.

use crate::concept::{Concept, Kind};

/// Why a value of a kind is invalid; `None` if it may be valid, or if its country is unknown. `is_thai` says that it is
/// from a page in Thai.
pub(crate) fn fault(kind: Kind, concept: Option<Concept>, value: &str, is_thai: bool) -> Option<&'static str> {
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let right = match kind {
        Kind::Iban => is_iban(&plain),
        Kind::Bic => is_bic(&plain),
        Kind::Vat => is_tax_number(value, &plain, is_thai)?,
        Kind::Code if concept == Some(Concept::ArticleNumber) => is_gtin(&digits(&plain)?)?,
        _ => return None,
    };
    let reason = if kind == Kind::Bic { "no bank has a code of that form" } else { "its check digits are wrong" };
    (!right).then_some(reason)
}

/// Whether the check digits of an IBAN are valid: modulo 97.
pub(crate) fn is_iban(text: &str) -> bool {
    let moved = text.chars().skip(4).chain(text.chars().take(4));
    (15..=34).contains(&text.len()) && remainder_of_97(moved) == 1
}

/// The remainder modulo 97 of a text of digits and letters, which count as 10 to 35.
fn remainder_of_97(text: impl Iterator<Item = char>) -> u32 {
    text.filter_map(|c| c.to_digit(36))
        .fold(0, |rest, d| if d >= 10 { (rest * 100 + d) % 97 } else { (rest * 10 + d) % 97 })
}

fn is_bic(text: &str) -> bool {
    let letters = |part: &str| part.chars().all(|c| c.is_ascii_uppercase());
    matches!(text.len(), 8 | 11) && letters(&text[..6])
}

/// Checks the last digit of a number with 8, 12, 13 or 14 digits; a number with another length is not a GTIN.
fn is_gtin(digits: &[u32]) -> Option<bool> {
    let (check, rest) = digits.split_last()?;
    let sum: u32 = rest.iter().rev().zip([3, 1].into_iter().cycle()).map(|(d, weight)| d * weight).sum();
    matches!(digits.len(), 8 | 12..=14).then(|| (10 - sum % 10) % 10 == *check)
}

fn is_tax_number(value: &str, plain: &str, is_thai: bool) -> Option<bool> {
    if let Some(number) = plain.strip_prefix("CHE") {
        return is_swiss(number.get(..9)?);
    }
    if let Some(right) = is_gstin(plain) {
        return Some(right);
    }
    let country = plain.get(..2).filter(|country| country.chars().all(|c| c.is_ascii_uppercase()));
    match country {
        Some(country) => is_vat(country, plain.get(2..)?),
        None if is_thai && plain.len() == 13 => Some(is_thai_number(&digits(plain)?)),
        None if is_ein_form(value) => Some(is_ein_prefix(plain.get(..2)?)),
        None => None,
    }
}

/// Whether the check digits of a VAT number are valid; `None` for countries that publish no check digits.
fn is_vat(country: &str, number: &str) -> Option<bool> {
    let figures = digits(number.trim_end_matches(|c: char| c.is_ascii_uppercase()));
    let weighted = |weights: &[u32]| {
        let figures = figures.as_ref().filter(|figures| figures.len() == weights.len() + 1)?;
        Some((figures.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>(), figures[weights.len()]))
    };
    let eleven = |weights: &[u32], ten: u32| weighted(weights).map(|(sum, check)| not_ten(sum % 11, ten) == check);
    let complement = |weights: &[u32]| weighted(weights).map(|(sum, check)| not_ten((11 - sum % 11) % 11, 0) == check);
    let right = match country {
        "DE" | "HR" => figures.as_ref().map(|figures| is_iso_7064(figures)),
        "AT" => is_austrian(number),
        "BE" => figures.as_ref().map(|f| f.len() == 10 && joined(&f[..8]) % 97 + joined(&f[8..]) == 97),
        "DK" => figures.as_ref().map(|f| f.len() == 8 && dot(f, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)),
        "EE" => weighted(&[3, 7, 1, 3, 7, 1, 3, 7]).map(|(sum, check)| (10 - sum % 10) % 10 == check),
        "EL" => eleven(&[256, 128, 64, 32, 16, 8, 4, 2], 0),
        "FI" => complement(&[7, 9, 10, 5, 8, 4, 2]),
        "FR" => is_french(number)?.into(),
        "GB" => figures.as_ref().map(|f| f.len() < 9 || is_british(&f[..9])),
        "HU" => weighted(&[9, 7, 3, 1, 9, 7, 3]).map(|(sum, check)| (10 - sum % 10) % 10 == check),
        "IT" => figures.as_ref().map(|f| f.len() == 11 && is_luhn(f)),
        "LU" => figures.as_ref().map(|f| f.len() == 8 && joined(&f[..6]) % 89 == joined(&f[6..])),
        "NL" => is_dutch(number),
        "PL" => eleven(&[6, 5, 7, 2, 3, 4, 5, 6, 7], 10),
        "PT" => complement(&[9, 8, 7, 6, 5, 4, 3, 2]),
        "SE" => figures.as_ref().map(|f| f.len() == 12 && is_luhn(&f[..10])),
        "SI" => complement(&[8, 7, 6, 5, 4, 3, 2]),
        "SK" => figures.as_ref().map(|f| f.len() == 10 && joined(f).is_multiple_of(11)),
        _ => return None,
    };
    Some(right.unwrap_or(false))
}

fn digits(text: &str) -> Option<Vec<u32>> {
    let all: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    all.filter(|digits| !digits.is_empty() && digits.len() <= 18)
}

fn joined(digits: &[u32]) -> u64 {
    digits.iter().fold(0, |number, digit| number * 10 + u64::from(*digit))
}

fn dot(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// A remainder modulo 11 as a digit. Ten is not a digit: it is replaced by `ten`, which may make the number invalid.
fn not_ten(remainder: u32, ten: u32) -> u32 {
    if remainder == 10 { ten } else { remainder }
}

/// ISO/IEC 7064, MOD 11,10.
fn is_iso_7064(digits: &[u32]) -> bool {
    let Some((check, rest)) = digits.split_last() else { return false };
    let product = rest.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        2 * if sum == 0 { 10 } else { sum } % 11
    });
    matches!(digits.len(), 9 | 11) && (11 - product) % 10 == *check
}

fn is_luhn(digits: &[u32]) -> bool {
    let doubled = |(at, digit): (usize, &u32)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

fn is_austrian(number: &str) -> Option<bool> {
    let figures = digits(number.strip_prefix('U')?).filter(|figures| figures.len() == 8)?;
    let doubled = |(at, digit): (usize, &u32)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { *digit };
    let sum: u32 = figures[..7].iter().enumerate().map(doubled).sum();
    Some((10 - (sum + 4) % 10) % 10 == figures[7])
}

/// Two digits that follow from the SIREN after them; other keys contain letters, and their rule is not published.
fn is_french(number: &str) -> Option<bool> {
    let (key, siren) = (number.get(..2)?, number.get(2..)?);
    let siren = digits(siren).filter(|siren| siren.len() == 9)?;
    let Some(key) = digits(key) else { return Some(is_luhn(&siren)) };
    Some(is_luhn(&siren) && joined(&key) == (12 + 3 * (joined(&siren) % 97)) % 97)
}

fn is_british(figures: &[u32]) -> bool {
    let sum = dot(&figures[..7], &[8, 7, 6, 5, 4, 3, 2]) + 10 * figures[7] + figures[8];
    sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
}

/// Numbers of companies have their own check digit; those of persons have the check digits of an IBAN.
fn is_dutch(number: &str) -> Option<bool> {
    let figures = digits(number.get(..9)?)?;
    let is_form = number.len() == 12 && number.as_bytes()[9] == b'B';
    let sum = dot(&figures[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    let of_person = remainder_of_97("NL".chars().chain(number.chars())) == 1;
    Some(is_form && (sum % 11 == figures[8] || of_person))
}

fn is_swiss(number: &str) -> Option<bool> {
    let figures = digits(number)?;
    let check = (11 - dot(&figures[..8], &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11;
    Some(check == figures[8])
}

/// India's goods and services tax number: its last character makes the checksum come out in base 36.
fn is_gstin(text: &str) -> Option<bool> {
    let values: Vec<u32> = text.chars().map(|c| c.to_digit(36)).collect::<Option<_>>()?;
    let bytes = text.as_bytes();
    let is_form = values.len() == 15
        && bytes[..2].iter().all(u8::is_ascii_digit)
        && bytes[2..7].iter().all(u8::is_ascii_uppercase)
        && bytes[7..11].iter().all(u8::is_ascii_digit)
        && bytes[13] == b'Z';
    let sum: u32 = values[..values.len().saturating_sub(1)]
        .iter()
        .zip([1, 2].into_iter().cycle())
        .map(|(value, weight)| value * weight / 36 + value * weight % 36)
        .sum();
    is_form.then(|| (36 - sum % 36) % 36 == values[14])
}

fn is_thai_number(figures: &[u32]) -> bool {
    let sum = dot(&figures[..12], &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    (11 - sum % 11) % 10 == figures[12]
}

/// Whether a value has the form `12-3456789` of an employer identification number of the United States.
fn is_ein_form(value: &str) -> bool {
    let groups: Vec<&str> = value.trim().split('-').collect();
    let is_of = |group: &str, length: usize| group.len() == length && group.chars().all(|c| c.is_ascii_digit());
    matches!(groups.as_slice(), [office, number] if is_of(office, 2) && is_of(number, 7))
}

/// The number has no check digit, but its first two digits must be those of an office.
fn is_ein_prefix(office: &str) -> bool {
    const NONE: [&str; 17] =
        ["00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89", "96", "97"];
    !NONE.contains(&office)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tax(value: &str) -> Option<&'static str> {
        fault(Kind::Vat, Some(Concept::SellerVatId), value, false)
    }

    /// The value with its last digit increased by one, so that every check fails.
    fn spoilt(value: &str) -> String {
        let at = value.rfind(|c: char| c.is_ascii_digit()).unwrap();
        let digit = value[at..=at].parse::<u32>().unwrap();
        format!("{}{}{}", &value[..at], (digit + 1) % 10, &value[at + 1..])
    }

    #[test]
    fn numbers_of_taxes_are_told_by_their_check_digits() {
        for value in [
            "DE136695976",
            "ATU13585627",
            "BE0428759497",
            "DK13585628",
            "EE100931558",
            "EL094259216",
            "FI20774740",
            "FR40303265045",
            "GB980780684",
            "HU12892312",
            "HR33392005961",
            "IT00743110157",
            "LU15027442",
            "PL8567346215",
            "PT501964843",
            "SI50223054",
            "SK2022749619",
            "CHE-116.281.710",
            "CHE-107.787.577 MWST",
        ] {
            assert_eq!(tax(value), None, "{value}");
            assert_eq!(tax(&spoilt(value)), Some("its check digits are wrong"), "{value}");
        }
        assert_eq!((tax("NL004495445B01"), tax("NL004495446B01").is_some()), (None, true));
        assert_eq!((tax("SE556188840401"), tax("SE556188840501").is_some()), (None, true));
        assert_eq!((tax("27AAPFU0939F1ZV"), tax("27AAPFU0939F1ZW").is_some()), (None, true));
        assert_eq!((tax("12-3456789"), tax("07-3456789").is_some()), (None, true));
        // The country of these numbers is unknown.
        assert_eq!((tax("201/113/40209"), tax("123456789")), (None, None));
    }

    #[test]
    fn numbers_of_accounts_goods_and_thai_taxpayers_are_told_too() {
        let iban = |value| fault(Kind::Iban, None, value, false).is_some();
        assert!(!iban("DE89 3704 0044 0532 0130 00") && iban("DE88 3704 0044 0532 0130 00"));
        let bic = |value| fault(Kind::Bic, None, value, false).is_some();
        assert!(!bic("COBADEFFXXX") && bic("C0BADEFF"));
        let gtin = |value| fault(Kind::Code, Some(Concept::ArticleNumber), value, false).is_some();
        assert!(!gtin("4012345678901") && gtin("4012345678902") && !gtin("4711"));
        let thai = |value| fault(Kind::Vat, None, value, true).is_some();
        assert!(!thai("0994000158378") && thai("0994000158379"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_checked_without_harm(text in ".{0,30}", country in "[A-Z]{2}[A-Z0-9]{0,14}") {
            for kind in [Kind::Vat, Kind::Iban, Kind::Bic, Kind::Code] {
                let _ = fault(kind, Some(Concept::ArticleNumber), &text, true);
                let _ = fault(kind, None, &country, false);
            }
        }
    }
}
