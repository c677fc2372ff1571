//! Tesseract's names of scripts.

/// The names that the detector returns, with the codes of ISO 15924.
const SCRIPTS: [(&str, &str); 34] = [
    ("Arabic", "Arab"),
    ("Armenian", "Armn"),
    ("Bengali", "Beng"),
    ("Canadian_Aboriginal", "Cans"),
    ("Cherokee", "Cher"),
    ("Cyrillic", "Cyrl"),
    ("Devanagari", "Deva"),
    ("Ethiopic", "Ethi"),
    ("Fraktur", "Latf"),
    ("Georgian", "Geor"),
    ("Greek", "Grek"),
    ("Gujarati", "Gujr"),
    ("Gurmukhi", "Guru"),
    ("Han", "Hani"),
    ("Hangul", "Kore"),
    ("Hebrew", "Hebr"),
    ("Hiragana", "Jpan"),
    ("Japanese", "Jpan"),
    ("Kannada", "Knda"),
    ("Katakana", "Jpan"),
    ("Khmer", "Khmr"),
    ("Korean", "Kore"),
    ("Lao", "Laoo"),
    ("Latin", "Latn"),
    ("Malayalam", "Mlym"),
    ("Myanmar", "Mymr"),
    ("Oriya", "Orya"),
    ("Sinhala", "Sinh"),
    ("Syriac", "Syrc"),
    ("Tamil", "Taml"),
    ("Telugu", "Telu"),
    ("Thaana", "Thaa"),
    ("Thai", "Thai"),
    ("Tibetan", "Tibt"),
];

/// The code of a script.
pub(crate) fn code(name: &str) -> Option<&'static str> {
    SCRIPTS.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
}
