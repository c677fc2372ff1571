//! Currencies, recognised by the signs, codes and names next to amounts. `currencies.toml` lists them.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    currency: Vec<Currency>,
    shared: Shared,
}

/// A currency that has a sign or a code of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Currency {
    code: String,
    signs: Vec<String>,
    digits: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    signs: Vec<String>,
}

/// All signs and codes, with the currency of each.
struct Currencies {
    /// The signs in lower case. If one is the beginning of another, the longer one comes first.
    signs: Vec<(String, Option<&'static str>)>,
    /// The number of decimals, where it is not two.
    digits: HashMap<&'static str, usize>,
}

static CURRENCIES: LazyLock<Currencies> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("currencies.toml")).expect("the currencies in the crate are sound");
    let mut signs: Vec<(String, Option<&'static str>)> = Vec::new();
    let mut digits = HashMap::new();
    for currency in file.currency {
        let code: &'static str = currency.code.leak();
        signs.push((code.to_lowercase(), Some(code)));
        signs.extend(currency.signs.into_iter().map(|sign| (sign, Some(code))));
        digits.extend(currency.digits.map(|count| (code, count)));
    }
    signs.extend(file.shared.signs.into_iter().map(|sign| (sign, None)));
    signs.sort_by_key(|(sign, _)| std::cmp::Reverse(sign.chars().count()));
    Currencies { signs, digits }
});

/// A word in lower case, without characters that may surround a currency.
fn bare(word: &str) -> String {
    word.trim_matches(['(', ')', ':', ',']).to_lowercase()
}

/// The ISO 4217 code for a word that is only the sign or the name of a currency.
#[must_use]
pub fn code_of(word: &str) -> Option<&'static str> {
    let word = bare(word);
    CURRENCIES.signs.iter().find(|(sign, _)| *sign == word).and_then(|(_, code)| *code)
}

/// Whether a word is only the sign or the name of a currency. It may be a name that several currencies share.
#[must_use]
pub fn is_sign(word: &str) -> bool {
    let word = bare(word);
    CURRENCIES.signs.iter().any(|(sign, _)| *sign == word)
}

/// Whether the sign of the currency is one of those that end with a dollar sign.
#[must_use]
pub fn is_dollar(code: &str) -> bool {
    CURRENCIES.signs.iter().any(|(sign, of)| *of == Some(code) && sign.ends_with('$'))
}

/// The number of decimals of amounts in the currency.
#[must_use]
pub fn digits_of(code: &str) -> usize {
    CURRENCIES.digits.get(code).copied().unwrap_or(2)
}

/// Removes a currency from either end of an amount. `goes_on` tells whether a letter may begin the number.
pub fn stripped(text: &str, goes_on: impl Fn(char) -> bool) -> Option<(Option<&'static str>, &str)> {
    for (sign, code) in &CURRENCIES.signs {
        if let Some(start) = text.get(..sign.len())
            && start.to_lowercase() == *sign
            && text[sign.len()..].trim_start().starts_with(|c: char| !c.is_alphabetic() || goes_on(c))
        {
            return Some((*code, &text[sign.len()..]));
        }
        if let Some(at) = text.len().checked_sub(sign.len())
            && let Some(end) = text.get(at..)
            && end.to_lowercase() == *sign
            && text[..at].trim_end().ends_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | ')' | '='))
        {
            return Some((*code, &text[..at]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_is_told_by_its_code_and_its_signs() {
        for (sign, code) in &CURRENCIES.signs {
            assert!(is_sign(sign), "{sign}");
            assert_eq!(code_of(sign), *code, "{sign} is written beside two currencies");
            assert_eq!(*sign, sign.to_lowercase(), "{sign}");
        }
        assert_eq!((code_of("(RM)"), code_of("원"), code_of("$")), (Some("MYR"), Some("KRW"), None));
        assert_eq!((digits_of("EUR"), digits_of("JPY"), digits_of("KWD")), (2, 0, 3));
        assert!(is_dollar("USD") && is_dollar("AUD") && !is_dollar("EUR"));
    }
}
