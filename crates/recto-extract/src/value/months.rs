//! The names of months in the languages that documents come in.

/// The month, from 1, that a word names. Without regard to case, accents and a full stop at the end; short forms of
/// at least three letters count.
pub(crate) fn month(word: &str) -> Option<i8> {
    let word = crate::fold::fold(word);
    let word = word.trim_end_matches('.');
    let names = MONTHS.iter().position(|names| names.contains(&word));
    names.map(|index| index as i8 + 1)
}

/// January to December, folded: English, German, French, Spanish, Italian, Dutch, Portuguese, Thai.
const MONTHS: [&[&str]; 12] = [
    &[
        "january",
        "jan",
        "januar",
        "janner",
        "jaenner",
        "janvier",
        "janv",
        "enero",
        "ene",
        "gennaio",
        "gen",
        "januari",
        "janeiro",
        "มกราคม",
        "ม.ค",
    ],
    &[
        "february",
        "feb",
        "februar",
        "feber",
        "fevrier",
        "fevr",
        "fev",
        "febrero",
        "febbraio",
        "februari",
        "fevereiro",
        "กุมภาพันธ์",
        "ก.พ",
    ],
    &["march", "mar", "marz", "maerz", "mrz", "mars", "marzo", "maart", "mrt", "marco", "มีนาคม", "มี.ค"],
    &["april", "apr", "avril", "avr", "abril", "abr", "aprile", "เมษายน", "เม.ย"],
    &["may", "mai", "mayo", "maggio", "mag", "mei", "maio", "พฤษภาคม", "พ.ค"],
    &["june", "jun", "juni", "juin", "junio", "giugno", "giu", "junho", "มิถุนายน", "มิ.ย"],
    &["july", "jul", "juli", "juillet", "juil", "julio", "luglio", "lug", "julho", "กรกฎาคม", "ก.ค"],
    &["august", "aug", "aout", "agosto", "ago", "augustus", "สิงหาคม", "ส.ค"],
    &["september", "sep", "sept", "septembre", "septiembre", "settembre", "set", "setembro", "กันยายน", "ก.ย"],
    &["october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "ott", "outubro", "out", "ตุลาคม", "ต.ค"],
    &["november", "nov", "novembre", "noviembre", "novembro", "พฤศจิกายน", "พ.ย"],
    &["december", "dec", "dezember", "dez", "decembre", "diciembre", "dic", "dicembre", "dezembro", "ธันวาคม", "ธ.ค"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_many_languages_and_short() {
        for (word, number) in [("März", 3), ("MAR", 3), ("Sept.", 9), ("août", 8), ("diciembre", 12), ("มี.ค.", 3)]
        {
            assert_eq!(month(word), Some(number), "{word}");
        }
        assert_eq!(month("Marsch"), None);
    }
}
