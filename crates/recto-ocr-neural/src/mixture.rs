//! Merges two readings of a line: one by an engine that knows its letters, one by an engine that knows only Latin
//! letters and digits.

use recto_domain::{Languages, Rect, Word};
use recto_ocr::script_of;

/// A word may replace words of which it covers more than this share of their width.
const COVERED: f32 = 0.6;
/// Words that overlap by at most this share of the narrower one are side by side.
const BESIDE: f32 = 0.2;

/// The least number of letters and digits in a word in Latin letters.
const LETTERS: usize = 3;
/// The least confidence of a word in Latin letters.
const SURE: f32 = 0.8;

/// Whether the letters of a page's languages resemble Latin ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    /// Some are Latin letters, or cannot be told from them.
    LikeLatin,
    /// A reader of Latin letters finds no text in them.
    UnlikeLatin,
}

impl Letters {
    /// The class of the languages that one reader knows, without those in `known`, which the other one knows too.
    pub(crate) fn of(languages: &Languages, known: &[String]) -> Self {
        /// Greek, Cyrillic, Armenian and Georgian have letters that look like Latin ones.
        const ALIKE: [&str; 6] = ["Latn", "Latf", "Grek", "Cyrl", "Armn", "Geor"];
        let mut foreign = languages.codes().iter().filter(|code| !known.contains(code));
        let is_alike = |code: &String| script_of(code).is_none_or(|script| ALIKE.contains(&script));
        if foreign.any(is_alike) { Self::LikeLatin } else { Self::UnlikeLatin }
    }
}

/// The words of the line: those of the reading that knows its letters. Some of them are replaced by numbers of the
/// other reading that are more probably right. The confidences of both readings must be on one scale.
///
/// Numbers are taken and, with [`Letters::UnlikeLatin`], also codes and words in Latin letters. Single letters are not:
/// those of one script pass for those of another, and a reader that does not know both is confident of them.
pub(crate) fn mixture(read: Vec<Word>, own: Vec<Word>, letters: Letters) -> Vec<Word> {
    let mut words = read;
    let is_known = |word: &Word| is_number(&word.text) || (letters == Letters::UnlikeLatin && is_latin(word));
    for number in own.into_iter().filter(is_known) {
        let overlap = |word: &Word| overlap(&word.bbox, &number.bbox);
        let is_under = |word: &Word| overlap(word) > COVERED * word.bbox.width;
        let is_beside = |word: &Word| overlap(word) <= BESIDE * word.bbox.width.min(number.bbox.width);
        let is_replaced = words.iter().all(|word| is_beside(word) || (is_under(word) && gives_way(word, &number)));
        if is_replaced {
            words.retain(|word| !is_under(word));
            words.push(number);
        }
    }
    words
}

/// Whether a word may be a number that the other reading knows better. A number in digits of another script is not; a
/// number that mixes digits of both scripts is wrong.
fn gives_way(word: &Word, number: &Word) -> bool {
    let mut digits = word.text.chars().filter(|c| c.is_numeric()).peekable();
    let is_foreign_number = digits.peek().is_some() && digits.all(|c| !c.is_ascii());
    !is_foreign_number && number.confidence > word.confidence
}

fn is_number(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit()) && !text.chars().any(char::is_alphabetic)
}

/// Whether a word has Latin letters and is very probably nothing else.
fn is_latin(word: &Word) -> bool {
    word.text.chars().filter(|c| c.is_alphanumeric()).count() >= LETTERS && word.confidence >= SURE
}

fn overlap(a: &Rect, b: &Rect) -> f32 {
    (a.right().min(b.right()) - a.x.max(b.x)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word that is ten points wide for each letter.
    fn word(text: &str, x: f32, confidence: f32) -> Word {
        let width = 10.0 * text.chars().count() as f32;
        Word { text: text.to_owned(), bbox: Rect { x, y: 0.0, width, height: 10.0 }, confidence }
    }

    fn text(mut words: Vec<Word>) -> String {
        words.sort_by(|a, b| a.bbox.x.total_cmp(&b.bbox.x));
        words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_come_from_the_reading_that_is_surer_of_them_and_letters_from_the_one_that_knows_them() {
        let read = vec![word("รวม", 0.0, 0.6), word("|งง-25670", 40.0, 0.4), word("7.4", 140.0, 0.3)];
        let own = vec![word("5U", 0.0, 0.7), word("INV-25670", 40.0, 0.9), word("1,740.00", 140.0, 0.95)];
        assert_eq!(text(mixture(read, own, Letters::UnlikeLatin)), "รวม INV-25670 1,740.00");
    }

    #[test]
    fn languages_tell_what_letters_look_like() {
        let of = |languages: &str| Letters::of(&languages.parse().unwrap(), &["eng".to_owned()]);
        assert_eq!([of("kor"), of("tha+eng")], [Letters::UnlikeLatin; 2]);
        assert_eq!([of("vie"), of("rus"), of("kor+ell"), of("zzz")], [Letters::LikeLatin; 4]);
    }

    #[test]
    fn latin_words_come_from_the_reading_that_knows_them() {
        let read = vec![word("서울", 0.0, 0.9), word("시1448170", 40.0, 0.3)];
        let own = vec![word("AI", 0.0, 0.95), word("Aliquam.", 42.0, 0.95)];
        assert_eq!(text(mixture(read, own, Letters::UnlikeLatin)), "서울 Aliquam.");
    }

    #[test]
    fn letters_that_look_latin_stay_what_they_are() {
        let read = vec![word("СОК", 0.0, 0.5), word("А4", 40.0, 0.5), word("12.00", 80.0, 0.5)];
        let own = vec![word("COK", 0.0, 0.9), word("A4", 40.0, 0.9), word("12.50", 80.0, 0.9)];
        assert_eq!(text(mixture(read, own, Letters::LikeLatin)), "СОК А4 12.50");
    }

    #[test]
    fn digits_of_another_script_and_longer_words_stay() {
        let read = vec![word("٤٥٠", 0.0, 0.5), word("مجموع", 40.0, 0.5)];
        let own = vec![word("80.", 0.0, 0.9), word("10", 50.0, 0.9)];
        assert_eq!(text(mixture(read, own, Letters::UnlikeLatin)), "٤٥٠ مجموع");
        let mixed = mixture(vec![word("7۹0.38", 0.0, 0.5)], vec![word("7480.38", 0.0, 0.9)], Letters::UnlikeLatin);
        assert_eq!(text(mixed), "7480.38");
    }

    #[test]
    fn a_number_that_the_other_reading_missed_comes_in() {
        assert_eq!(
            text(mixture(vec![word("合計", 0.0, 0.9)], vec![word("1,980", 60.0, 0.9)], Letters::UnlikeLatin)),
            "合計 1,980"
        );
    }
}
