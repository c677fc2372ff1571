//! Protection against cells that a spreadsheet would execute, in tables that it opens as plain text.

use std::borrow::Cow;

/// The text of an untrusted cell: a `'` is prepended if a spreadsheet would execute it. A plain number stays unchanged.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if runs(text) && !is_plain_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Whether a spreadsheet would take a cell for a formula or a command; see
/// <https://owasp.org/www-community/attacks/CSV_Injection>.
pub(crate) fn runs(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether a cell is a number as people write it: a sign, digits in groups separated by points, commas or apostrophes,
/// and an exponent.
pub(crate) fn is_plain_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let mantissa = mantissa.strip_prefix('.').unwrap_or(mantissa);
    mantissa.split(['.', ',', '\'']).all(digits) && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_numbers_and_formulas_do_not() {
        for number in ["-1", "+49", "-1.234,56", "-0.5", "-.5", "-1e9", "+1'000"] {
            assert!(runs(number) && is_plain_number(number), "{number}");
        }
        for formula in ["-", "-1+1", "+1-1", "-rf;|", "=1", "-1.", "-1e", "--1", "-1 2", "-e5", "@1", "\t1"] {
            assert!(runs(formula) && !is_plain_number(formula), "{formula}");
        }
    }
}
