//! Words that are impossible in their script, whatever the language: letters of two scripts in one word, vowel signs
//! without a consonant, final letters at the beginning, and texts in which the common letters of a script are rare.

use recto_domain::Page;
use unicode_normalization::char::is_combining_mark;

/// The fewest letters of a script for judging how often its common ones occur.
const TELLING: usize = 60;
/// Up to this share of impossible words are slips.
const SLIPS: f32 = 0.02;
/// From this share of impossible words on, the whole script is doubtful.
const BROKEN: f32 = 0.15;

/// A script with recognisable letters, and their usage.
struct Script {
    range: std::ops::RangeInclusive<char>,
    /// The letters that make up most of any text.
    usual: &'static str,
    /// Their least share in a text of some length.
    least: f32,
    /// Letters that occur only at the end of words.
    finals: &'static str,
}

/// In running text, .6 to .8 of the letters are common ones; after a shift of the alphabet it is usually .2 to .5. The
/// bounds leave room for lists of names.
const SCRIPTS: [Script; 7] = [
    Script { range: '\u{370}'..='\u{3FF}', usual: "αοιετνσρηκπς", least: 0.45, finals: "ς" },
    Script { range: '\u{400}'..='\u{52F}', usual: "оеаинтсрвлкі", least: 0.45, finals: "" },
    Script { range: '\u{590}'..='\u{5FF}', usual: "יוהלארתבמש", least: 0.45, finals: "ךםןףץ" },
    Script { range: '\u{600}'..='\u{6FF}', usual: "ايیلمونرتبةهدعأےکہ", least: 0.5, finals: "ةى" },
    Script { range: '\u{900}'..='\u{97F}', usual: "ाकरे्निसतीमह", least: 0.35, finals: "" },
    Script {
        range: '\u{E00}'..='\u{E7F}', usual: "านรอกเง่ยมลวทั้ดี", least: 0.4, finals: ""
    },
    Script { range: '\u{10A0}'..='\u{10FF}', usual: "აიესრნდომვლ", least: 0.5, finals: "" },
];

/// For each word of a page, whether it cannot be right.
pub(super) fn doubtful_words(page: &Page) -> Vec<bool> {
    let impossible: Vec<bool> = page.words().map(|word| is_impossible(&word.text)).collect();
    let mut doubtful = vec![false; impossible.len()];
    let broken = impossible.iter().filter(|&&is| is).count();
    if broken as f32 > SLIPS * impossible.len() as f32 {
        doubtful.clone_from(&impossible);
    }
    for script in &SCRIPTS {
        let own = || page.words().enumerate().filter(|(_, word)| word.text.chars().any(|c| script.range.contains(&c)));
        let (words, wrong) = own().fold((0, 0), |(n, wrong), (at, _)| (n + 1, wrong + usize::from(impossible[at])));
        let is_broken = wrong > 1 && wrong as f32 > BROKEN * words as f32;
        if is_broken || !script.is_used_as_usual(page) {
            own().for_each(|(at, _)| doubtful[at] = true);
        }
    }
    doubtful
}

impl Script {
    /// Whether the common letters are as frequent as in any text of the script; true for texts that are too short to
    /// judge.
    fn is_used_as_usual(&self, page: &Page) -> bool {
        let letters = || {
            let all = page.words().flat_map(|word| word.text.chars());
            all.flat_map(char::to_lowercase)
                .filter(|c| self.range.contains(c) && (c.is_alphabetic() || is_combining_mark(*c)))
        };
        let count = letters().count();
        let usual = letters().filter(|c| self.usual.contains(plain(*c))).count();
        count < TELLING || usual as f32 >= self.least * count as f32
    }
}

/// A Greek or Cyrillic letter without the accents it is composed with.
fn plain(c: char) -> char {
    use unicode_normalization::UnicodeNormalization;
    std::iter::once(c).nfd().next().unwrap_or(c)
}

/// Whether a word has letters of two scripts, a letter where its script does not allow it, or a sign between letters
/// where no script has one.
fn is_impossible(word: &str) -> bool {
    if word.is_ascii() {
        return false;
    }
    let letters: Vec<char> = word.chars().collect();
    let scripts = |c: &char| {
        SCRIPTS.iter().position(|script| script.range.contains(c) && (c.is_alphabetic() || is_combining_mark(*c)))
    };
    let of = letters.iter().find_map(scripts);
    let Some(of) = of else { return false };
    let script = &SCRIPTS[of];
    let is_own = |c: char| script.range.contains(&c) && (c.is_alphabetic() || is_combining_mark(c));
    // Hebrew marks abbreviations with a quotation mark before the last letter.
    let abbreviates = |c: char| c == '"' && script.range.contains(&'א');
    let is_odd = |c: char| is_odd_sign(c) && !abbreviates(c) || is_foreign(c, &script.range);
    let amid = letters.windows(3).any(|w| is_own(w[0]) && is_own(w[2]) && is_odd(w[1]));
    let ended = letters.windows(2).any(|w| script.finals.contains(w[0]) && is_own(w[1]) && !is_combining_mark(w[1]));
    amid || ended || !is_thai_possible(&letters)
}

/// Whether a character is a letter of a script that is not combined with this one.
fn is_foreign(c: char, own: &std::ops::RangeInclusive<char>) -> bool {
    c.is_alphabetic() && !own.contains(&c) && !is_combining_mark(c) && ('\u{80}'..'\u{2000}').contains(&c)
        || (c.is_ascii_alphabetic() && !own.contains(&c))
}

/// Whether a sign is never written between two letters.
fn is_odd_sign(c: char) -> bool {
    matches!(c, ';' | '!' | '"' | '#' | '$' | '%' | '*' | '+' | '<' | '=' | '>' | '?' | '[' | '\\' | ']' | '^' | '`' | '{' | '|' | '}' | '~' | '¡'..='©' | '¬' | '®'..='¶' | '¸' | '¹' | '¼'..='¿' | '×' | '÷')
}

/// Whether Thai signs are in possible places (Unicode core specification, chapter 16). Vowels and tones above and below
/// follow a consonant, and two different ones may follow each other; vowels to the left precede a consonant.
fn is_thai_possible(letters: &[char]) -> bool {
    let is_consonant = |c: char| ('\u{E01}'..='\u{E2E}').contains(&c);
    let is_mark = |c: char| matches!(c, '\u{E31}' | '\u{E34}'..='\u{E3A}' | '\u{E47}'..='\u{E4E}');
    let is_vowel_above_or_below = |c: char| matches!(c, '\u{E31}' | '\u{E34}'..='\u{E3A}');
    let is_before = |c: char| ('\u{E40}'..='\u{E44}').contains(&c);
    let is_after = |c: char| matches!(c, '\u{E30}' | '\u{E32}' | '\u{E33}');
    letters.windows(2).all(|pair| match (pair[0], pair[1]) {
        (a, b) if is_mark(b) => is_consonant(a) || (is_mark(a) && !is_vowel_above_or_below(b) && a != b) || !is_thai(a),
        (a, b) if is_before(a) && is_thai(b) => is_consonant(b),
        (a, '\u{E33}') => is_consonant(a) || is_tone(a),
        (a, b) if is_after(b) => !(is_before(a) || (is_after(a) && a == b)),
        _ => true,
    })
}

fn is_thai(c: char) -> bool {
    ('\u{E01}'..='\u{E5B}').contains(&c)
}

fn is_tone(c: char) -> bool {
    ('\u{E48}'..='\u{E4B}').contains(&c)
}

#[cfg(test)]
mod tests {
    use recto_domain::{Block, BlockKind, Line, PageSource, Rect, Rotation, Size, Word};

    use super::*;

    /// The first article of the Universal Declaration of Human Rights.
    const TEXTS: [&str; 9] = [
        "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны \
         поступать в отношении друг друга в духе братства.",
        "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю і повинні \
         діяти у відношенні один до одного в дусі братерства.",
        "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική \
         και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
        "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון, לפיכך חובה עליהם לנהוג איש ברעהו \
         ברוח של אחוה.",
        "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا وعليهم أن يعامل بعضهم بعضا بروح الإخاء.",
        "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان هستند و باید نسبت به \
         یکدیگر با روح برادری رفتار کنند.",
        "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और \
         परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।",
        "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
        "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით. მათ მინიჭებული აქვთ გონება და სინდისი.",
    ];

    fn doubtful(text: &str) -> usize {
        let word = |w: &str| Word { text: w.to_owned(), bbox: Rect::default(), confidence: 1.0 };
        let line = Line::of(0.0, text.split_whitespace().map(word).collect()).unwrap();
        let block = Block::of(BlockKind::Paragraph, vec![line]).unwrap();
        let page = Page::read(1, Size::default(), Rotation::None, PageSource::TextLayer, None, vec![block]);
        doubtful_words(&page).into_iter().filter(|&is| is).count()
    }

    #[test]
    fn what_people_write_is_not_in_doubt() {
        for text in TEXTS {
            assert_eq!(doubtful(text), 0, "{text}");
        }
        assert_eq!(doubtful("סה\"כ לתשלום: 1,250.00 ש\"ח כולל מע\"מ"), 0);
        assert_eq!(doubtful("Die Größe der Stühle; siehe Anlage (5) und μ-Wert 12µm, café & naïve 100% x^2"), 0);
    }

    #[test]
    fn a_shifted_script_is_in_doubt() {
        // Hebrew, Devanagari, Thai and Georgian are shifted by two letters; the shapes of the others reveal more.
        for text in [TEXTS[3], TEXTS[6], TEXTS[7], TEXTS[8]] {
            let shift = |c: char| if c.is_ascii() { c } else { char::from_u32(c as u32 + 2).unwrap() };
            let shifted: String = text.chars().map(shift).collect();
            assert_eq!(doubtful(&shifted), text.split_whitespace().count(), "{shifted}");
        }
    }

    #[test]
    fn a_thai_map_with_holes_is_in_doubt() {
        assert!(doubtful("ประกาศส;านักงาน ผู้ที่ต้องการท;าบัตรประจ;าตัวใหม่ ให้น;าส;าเนาทะเบียนบ้าน") >= 2);
        assert!(doubtful("ใบกĚำกับภาษี บริษัท นĚĖ้ำใจงาม จĚ้ำกัด") >= 2);
    }
}
