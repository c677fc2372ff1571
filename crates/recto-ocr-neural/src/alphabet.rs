//! Which languages a dictionary can spell, and which of its characters a page in given languages needs.

use recto_domain::Languages;

/// Languages by Tesseract's names, with the letters that they have in addition to those of English.
const LATIN: [(&str, &str); 41] = [
    ("afr", "áéèêëíîïóôúû"),
    ("bos", "čćđšž"),
    ("cat", "àçèéíïòóúü"),
    ("ces", "áčďéěíňóřšťúůýž"),
    ("cym", "âêîôûŵŷ"),
    ("dan", "åæø"),
    ("deu", "äöüß"),
    ("eng", ""),
    ("epo", "ĉĝĥĵŝŭ"),
    ("est", "äõöüšž"),
    ("eus", "ñ"),
    ("fao", "áðíóúýæø"),
    ("fil", "ñ"),
    ("fin", "äöå"),
    ("fra", "àâæçéèêëîïôœùûüÿ"),
    ("fry", "âêôúû"),
    ("gle", "áéíóú"),
    ("glg", "áéíñóúü"),
    ("hrv", "čćđšž"),
    ("hun", "áéíóöőúüű"),
    ("ind", "é"),
    ("isl", "áðéíóúýþæö"),
    ("ita", "àèéìíòóùú"),
    ("lat", ""),
    ("lav", "āčēģīķļņšūž"),
    ("lit", "ąčęėįšųūž"),
    ("ltz", "äéë"),
    ("mlt", "ċġħż"),
    ("msa", ""),
    ("nld", "éèëïóöü"),
    ("nor", "åæø"),
    ("oci", "áàçéèíïóòú"),
    ("pol", "ąćęłńóśźż"),
    ("por", "áâãàçéêíóôõú"),
    // Dictionaries have the last two with a cedilla, and not all with a comma below.
    ("ron", "ăâîşţ"),
    ("slk", "áäčďéíĺľňóôŕšťúýž"),
    ("slv", "čšž"),
    ("spa", "áéíñóúü"),
    ("sqi", "çë"),
    ("swe", "äåö"),
    ("tur", "çğıöşü"),
];
/// Languages that are written with thousands of characters. A few characters show whether a dictionary has them.
const HAN: [(&str, &str); 2] = [("chi_sim", "的一是这国"), ("chi_tra", "的一是這國")];

/// The scripts, as codes of ISO 15924.
pub(crate) const SCRIPTS: &[&str] = &["Latn", "Hans", "Hant"];

/// The languages that can be spelled with `characters`, sorted.
pub(crate) fn languages(characters: &[char]) -> Vec<String> {
    let has = |letters: &str| letters.chars().all(|c| characters.contains(&c));
    let mut codes: Vec<String> =
        LATIN.iter().chain(&HAN).filter(|(_, letters)| has(letters)).map(|(code, _)| (*code).to_owned()).collect();
    codes.sort();
    codes
}

/// Whether a page in these languages can have the character.
pub(crate) fn is_needed(c: char, languages: &Languages) -> bool {
    is_latin(c) || languages.codes().iter().any(|code| HAN.iter().any(|(han, _)| han == code))
}

/// The character as the languages spell it. Romanian has letters with a comma below, which recognisers take for those
/// with a cedilla. A page that is Turkish too keeps the cedilla.
pub(crate) fn spelled(c: char, languages: &Languages) -> char {
    let has = |code: &str| languages.codes().iter().any(|language| language == code);
    match c {
        'ş' | 'Ş' | 'ţ' | 'Ţ' if !has("ron") || has("tur") => c,
        'ş' => 'ș',
        'Ş' => 'Ș',
        'ţ' => 'ț',
        'Ţ' => 'Ț',
        _ => c,
    }
}

/// Letters of the languages of Europe, digits, and the punctuation used with them.
fn is_latin(c: char) -> bool {
    matches!(c,
        '!'..='~' | '\u{a1}'..='\u{17f}' | '\u{218}'..='\u{21b}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203a}'
        | '\u{20a0}'..='\u{20bf}' | '\u{2116}' | '\u{2122}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_spelled_when_all_its_letters_are_known() {
        let letters: Vec<char> = "äöüß這國的一是".chars().collect();
        assert_eq!(languages(&letters), ["chi_tra", "deu", "eng", "lat", "msa"]);
    }

    #[test]
    fn romanian_has_commas_below_its_letters() {
        let spelled = |languages: &str| {
            let languages = languages.parse().unwrap();
            "Şoseaua cu piaţă".chars().map(|c| spelled(c, &languages)).collect::<String>()
        };
        assert_eq!(spelled("ron"), "Șoseaua cu piață");
        assert_eq!(spelled("ron+eng"), "Șoseaua cu piață");
        assert_eq!(spelled("tur"), "Şoseaua cu piaţă");
    }

    #[test]
    fn pages_in_latin_letters_need_no_others() {
        let (english, both) = ("eng".parse().unwrap(), "eng+chi_sim".parse().unwrap());
        for c in ['a', '0', '€', '–', 'ß', 'ł'] {
            assert!(is_needed(c, &english), "{c}");
        }
        for c in ['的', 'Ω', '☆', '①', '！'] {
            assert!(!is_needed(c, &english) && is_needed(c, &both), "{c}");
        }
    }
}
