//! The languages that can be identified from a reading.

use recto_domain::Languages;
use whatlang::Lang;

/// A language that can be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tongue {
    /// Recto's code of the language, which is the name of Tesseract's model.
    pub(crate) code: &'static str,
    /// Its name in the identification library.
    pub(crate) lang: Lang,
    /// Its script, as in ISO 15924.
    pub(crate) script: &'static str,
}

impl Tongue {
    /// The language in English, such as `Polish`.
    pub(crate) fn name(&self) -> &'static str {
        match self.code {
            "nor" => "Norwegian",
            "chi_sim" => "Simplified Chinese",
            "chi_tra" => "Traditional Chinese",
            "frk" | "deu_latf" => "German in Fraktur",
            "fas" => "Persian",
            _ => self.lang.eng_name(),
        }
    }

    /// Whether its model reads Latin letters as well as its own, as the models of languages with thousands of letters
    /// do.
    pub(super) fn knows_latin(&self) -> bool {
        matches!(self.script, "Latn" | "Latf" | "Hani" | "Jpan" | "Kore")
    }

    /// Whether the language has another writing system, which the identification cannot distinguish from this one.
    pub(super) fn has_twin(&self) -> bool {
        TONGUES.iter().any(|other| other.lang == self.lang && other.code != self.code)
    }
}

const fn tongue(code: &'static str, lang: Lang, script: &'static str) -> Tongue {
    Tongue { code, lang, script }
}

/// Within a script, in the order in which they are tried: roughly by how much is printed in them.
pub(crate) const TONGUES: [Tongue; 69] = [
    tongue("eng", Lang::Eng, "Latn"),
    tongue("deu", Lang::Deu, "Latn"),
    tongue("fra", Lang::Fra, "Latn"),
    tongue("spa", Lang::Spa, "Latn"),
    tongue("ita", Lang::Ita, "Latn"),
    tongue("por", Lang::Por, "Latn"),
    tongue("nld", Lang::Nld, "Latn"),
    tongue("pol", Lang::Pol, "Latn"),
    tongue("tur", Lang::Tur, "Latn"),
    tongue("vie", Lang::Vie, "Latn"),
    tongue("ind", Lang::Ind, "Latn"),
    tongue("ces", Lang::Ces, "Latn"),
    tongue("swe", Lang::Swe, "Latn"),
    tongue("hun", Lang::Hun, "Latn"),
    tongue("ron", Lang::Ron, "Latn"),
    tongue("dan", Lang::Dan, "Latn"),
    tongue("fin", Lang::Fin, "Latn"),
    tongue("nor", Lang::Nob, "Latn"),
    tongue("slk", Lang::Slk, "Latn"),
    tongue("hrv", Lang::Hrv, "Latn"),
    tongue("cat", Lang::Cat, "Latn"),
    tongue("slv", Lang::Slv, "Latn"),
    tongue("lit", Lang::Lit, "Latn"),
    tongue("lav", Lang::Lav, "Latn"),
    tongue("est", Lang::Est, "Latn"),
    tongue("fil", Lang::Tgl, "Latn"),
    tongue("aze", Lang::Aze, "Latn"),
    tongue("uzb", Lang::Uzb, "Latn"),
    tongue("afr", Lang::Afr, "Latn"),
    tongue("jav", Lang::Jav, "Latn"),
    tongue("cym", Lang::Cym, "Latn"),
    tongue("lat", Lang::Lat, "Latn"),
    tongue("epo", Lang::Epo, "Latn"),
    tongue("frk", Lang::Deu, "Latf"),
    tongue("deu_latf", Lang::Deu, "Latf"),
    tongue("rus", Lang::Rus, "Cyrl"),
    tongue("ukr", Lang::Ukr, "Cyrl"),
    tongue("bul", Lang::Bul, "Cyrl"),
    tongue("srp", Lang::Srp, "Cyrl"),
    tongue("bel", Lang::Bel, "Cyrl"),
    tongue("mkd", Lang::Mkd, "Cyrl"),
    tongue("ell", Lang::Ell, "Grek"),
    tongue("chi_sim", Lang::Cmn, "Hani"),
    tongue("chi_tra", Lang::Cmn, "Hani"),
    tongue("jpn", Lang::Jpn, "Jpan"),
    tongue("kor", Lang::Kor, "Kore"),
    tongue("ara", Lang::Ara, "Arab"),
    tongue("fas", Lang::Pes, "Arab"),
    tongue("urd", Lang::Urd, "Arab"),
    tongue("heb", Lang::Heb, "Hebr"),
    tongue("yid", Lang::Yid, "Hebr"),
    tongue("hin", Lang::Hin, "Deva"),
    tongue("mar", Lang::Mar, "Deva"),
    tongue("nep", Lang::Nep, "Deva"),
    tongue("ben", Lang::Ben, "Beng"),
    tongue("tha", Lang::Tha, "Thai"),
    tongue("tam", Lang::Tam, "Taml"),
    tongue("tel", Lang::Tel, "Telu"),
    tongue("kan", Lang::Kan, "Knda"),
    tongue("mal", Lang::Mal, "Mlym"),
    tongue("guj", Lang::Guj, "Gujr"),
    tongue("pan", Lang::Pan, "Guru"),
    tongue("ori", Lang::Ori, "Orya"),
    tongue("sin", Lang::Sin, "Sinh"),
    tongue("mya", Lang::Mya, "Mymr"),
    tongue("khm", Lang::Khm, "Khmr"),
    tongue("kat", Lang::Kat, "Geor"),
    tongue("hye", Lang::Hye, "Armn"),
    tongue("amh", Lang::Amh, "Ethi"),
];

/// The language, if there is only one and it can be identified.
pub(super) fn only(languages: &Languages) -> Option<&'static Tongue> {
    let [code] = languages.codes() else { return None };
    TONGUES.iter().find(|tongue| tongue.code == code)
}

/// The script of a language with that code, as in ISO 15924; `None` for languages that are not in the table.
#[must_use]
pub fn script_of(code: &str) -> Option<&'static str> {
    TONGUES.iter().find(|tongue| tongue.code == code).map(|tongue| tongue.script)
}

/// The languages written in a script, the most likely first.
pub(crate) fn of_script(script: &str) -> impl Iterator<Item = &'static Tongue> {
    TONGUES.iter().filter(move |tongue| tongue.script == script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_for_one_language() {
        for (i, tongue) in TONGUES.iter().enumerate() {
            assert_eq!(TONGUES.iter().position(|other| other.code == tongue.code), Some(i), "{}", tongue.code);
            assert_eq!(tongue.script.len(), 4, "{}", tongue.code);
            assert!(!tongue.name().is_empty());
        }
    }
}
