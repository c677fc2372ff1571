//! Identifies the language of a text by its letters and their sequences.

use whatlang::Detector;

use super::tongue::{TONGUES, Tongue};

/// With fewer letters, a line is no evidence at all.
const LEAST_LETTERS: usize = 8;
/// With fewer letters, a text does not identify one of several languages of a script: a receipt's head, a caption.
const ENOUGH_LETTERS: usize = 40;
/// The most characters examined; more do not improve the result.
const MOST_CHARS: usize = 2000;
/// The confidence from which the identification is reliable (`whatlang::Info::is_reliable`).
const RELIABLE: f64 = 0.9;

/// The identified language of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Identified {
    pub(crate) tongue: &'static Tongue,
    /// Its lead over the second most likely language, as a share of a clear lead.
    lead: f64,
}

impl Identified {
    /// Whether it is clearly this language and none of the alternatives.
    pub(crate) fn is_clear(&self) -> bool {
        self.lead > RELIABLE
    }
}

/// The most likely of some languages; `None` when there is too little text, or when none is written in its script.
pub(crate) fn likeliest(text: &str, is_among: impl Fn(&Tongue) -> bool) -> Option<Identified> {
    let found = identified(text, is_among)?;
    let has_siblings = TONGUES.iter().filter(|other| other.script == found.tongue.script).nth(1).is_some();
    (letters(text) >= ENOUGH_LETTERS || !has_siblings).then_some(found)
}

/// The closest of some languages to a line of text, however weak the evidence.
pub(crate) fn closest(line: &str, is_among: impl Fn(&Tongue) -> bool) -> Option<&'static Tongue> {
    identified(line, is_among).filter(|_| letters(line) >= LEAST_LETTERS).map(|found| found.tongue)
}

fn identified(text: &str, is_among: impl Fn(&Tongue) -> bool) -> Option<Identified> {
    let text: String = text.chars().take(MOST_CHARS).collect();
    let among: Vec<&'static Tongue> = TONGUES.iter().filter(|tongue| is_among(tongue)).collect();
    let found = Detector::with_allowlist(among.iter().map(|tongue| tongue.lang).collect()).detect(&text)?;
    let tongue = among.into_iter().find(|tongue| tongue.lang == found.lang())?;
    Some(Identified { tongue, lead: found.confidence() })
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// The code of the language that a text is clearly in; `None` when that is not clear.
///
/// Examines the first 2,000 characters, which takes less than a millisecond.
#[must_use]
pub fn language_of(text: &str) -> Option<&'static str> {
    let found = likeliest(text, |_| true).filter(Identified::is_clear)?;
    // The identification does not distinguish the two ways to write Chinese.
    (found.tongue.script != "Hani").then_some(found.tongue.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_its_language() {
        let texts = [
            ("eng", "The examination of your documents takes longer than we had estimated at first."),
            ("deu", "Die Prüfung Ihrer Unterlagen dauert länger, als wir ursprünglich geschätzt hatten."),
            ("fra", "L'examen de vos documents prend plus de temps que nous ne l'avions prévu au départ."),
            ("rus", "Проверка ваших документов занимает больше времени, чем мы думали, и поэтому ответ будет позже."),
            ("srp", "Сва људска бића рађају се слободна и једнака у достојанству и правима."),
            ("ell", "Ο έλεγχος των εγγράφων σας διαρκεί"),
            ("tha", "การตรวจเอกสารของท่านใช้เวลานาน"),
        ];
        for (code, text) in texts {
            assert_eq!(language_of(text), Some(code), "{text}");
        }
    }

    #[test]
    fn accents_that_were_lost_do_not_hide_a_language() {
        assert_eq!(language_of("Die Prufung Ihrer Unterlagen dauert langer, als wir geschatzt hatten."), Some("deu"));
        assert_eq!(
            language_of("khong duoc phan biet doi xu voi bat cu nguoi nao trong nhung quyen nay va cac quyen khac"),
            Some("vie")
        );
    }

    #[test]
    fn too_little_text_tells_no_language() {
        for text in ["", "12.50", "TOTAL 12.50", "Wilhelm Meyer", "支払い 株式会社"] {
            assert_eq!(language_of(text), None, "{text}");
        }
    }
}
