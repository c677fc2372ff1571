//! Converts digits and signs of all scripts to ASCII.

/// The zeros of all scripts with decimal digits, whose digits are consecutive (Unicode's general category Nd).
const ZEROS: [char; 37] = [
    '0', '\u{660}', '\u{6F0}', '\u{7C0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}', '\u{BE6}', '\u{C66}',
    '\u{CE6}', '\u{D66}', '\u{DE6}', '\u{E50}', '\u{ED0}', '\u{F20}', '\u{1040}', '\u{1090}', '\u{17E0}', '\u{1810}',
    '\u{1946}', '\u{19D0}', '\u{1A80}', '\u{1A90}', '\u{1B50}', '\u{1BB0}', '\u{1C40}', '\u{1C50}', '\u{A620}',
    '\u{A8D0}', '\u{A900}', '\u{A9D0}', '\u{A9F0}', '\u{AA50}', '\u{ABF0}', '\u{FF10}',
];

/// The ASCII form of a character: digits of any script become ASCII digits, hyphens and minus signs become `-`, and the
/// separators of Arabic numbers become full stop and comma. Other characters stay unchanged.
#[must_use]
pub fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{66B}' => '.',
        '\u{66C}' => ',',
        _ if c.is_ascii() => c,
        _ => digit(c).unwrap_or(c),
    }
}

/// The ASCII digit of the same value; `None` when the character is not a decimal digit.
fn digit(c: char) -> Option<char> {
    let value = ZEROS.iter().find_map(|&zero| (c as u32).checked_sub(zero as u32).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_scripts_have_their_values() {
        for text in ["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９"]
        {
            assert_eq!(text.chars().map(plain).collect::<String>(), "0123456789", "{text}");
        }
        assert_eq!("-‐‑‒–−－٫٬".chars().map(plain).collect::<String>(), "-------.,");
        assert_eq!("— x ½ ²".chars().map(plain).collect::<String>(), "— x ½ ²");
    }
}
