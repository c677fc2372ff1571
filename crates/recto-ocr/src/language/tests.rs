use recto_domain::{ANY_ENGINE, Block, BlockKind, Line, Rect, Word};

use super::*;
use crate::calibration::Calibration;
use crate::engine::{Lettering, OcrEngine, Recognized};
use crate::profile::{Expectation, Profile, RecognitionMode};
use crate::statistics::statistics;

const GERMAN: &str = "die Unterlagen wurden der Behörde noch nicht übergeben und fehlen daher";
const GERMAN_WITHOUT_ACCENTS: &str = "die Unterlagen wurden der Behorde noch nicht ubergeben und fehlen daher";
const ENGLISH: &str = "the documents were not yet handed over to the office and are still missing";
const RUSSIAN: &str = "документы ещё не были переданы в учреждение и поэтому их пока не хватает";
const BULGARIAN: &str = "документите все още не са предадени на службата и затова все още липсват";
const GIBBERISH: &str = "Xq vvkz jjwq Oppqx zzkw";

/// Reads every picture as the text scripted for the languages, or for the first of them, with a confidence; words with
/// `?` are doubtful.
#[derive(Default)]
struct Scripted {
    readings: Vec<(&'static str, &'static str, f32)>,
    script: Option<&'static str>,
    scripts: &'static [&'static str],
    modes: &'static [RecognitionMode],
    /// Records the languages that were requested, in order.
    asked: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
}

impl OcrEngine for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn version(&self) -> String {
        String::new()
    }

    fn languages(&self) -> Vec<String> {
        self.readings.iter().flat_map(|(languages, ..)| languages.split('+')).map(str::to_owned).collect()
    }

    fn profile(&self) -> Profile {
        Profile {
            calibration: Calibration::IDENTITY,
            sound: 0.7,
            sure: 0.9,
            letters: None,
            other_modes: self.modes,
            scripts: self.scripts,
        }
    }

    fn expectation(&self, _: &PageStatistics, _: &Languages) -> Expectation {
        Expectation { right: 1.0, seconds: 1.0 }
    }

    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError> {
        let codes = languages.to_string();
        self.asked.borrow_mut().push(codes.clone());
        let reading = |codes: &str| self.readings.iter().find(|(language, ..)| *language == codes);
        let (_, text, confidence) = reading(&codes).or_else(|| reading(&languages.codes()[0])).unwrap();
        let word = |text: &str| Word {
            text: text.to_owned(),
            bbox: Rect { x: 0.0, y: 0.0, width: 1.0, height: 1.0 },
            confidence: if text.ends_with('?') { 0.2 } else { *confidence },
        };
        let line = Line::of(0.0, text.split(' ').map(word).collect()).unwrap();
        let lines = vec![line; (image.height() as usize / 80).max(1)];
        Ok(Recognized { blocks: Block::of(BlockKind::Paragraph, lines).into_iter().collect() })
    }

    fn lettering(&mut self, _: &PageImage) -> Result<Option<Lettering>, OcrError> {
        Ok(self.script.map(|script| Lettering { script, turn: Rotation::None }))
    }
}

/// Rows of strokes, similar to lines of letters.
fn page() -> PageImage {
    let ink =
        |x: u32, y: u32| (60..660).contains(&x) && (40..440).contains(&y) && y % 40 < 16 && x % 12 < 6 && x % 84 > 11;
    PageImage::new(720, 480, 100, (0..720 * 480).map(|i| if ink(i % 720, i / 720) { 0 } else { 255 }).collect())
}

/// The choice for a page that is read as scripted, the warning, and the languages that were tried.
fn chosen(readings: &[(&'static str, &'static str, f32)], script: Option<&'static str>) -> (String, String, String) {
    let engine = Scripted { readings: readings.to_vec(), script, ..Scripted::default() };
    let asked = engine.asked.clone();
    let page = page();
    let found =
        choose_languages(&mut EngineRegistry::new().with(engine), ANY_ENGINE, &page, &statistics(&page)).unwrap();
    let warning = found.missing.map(|missing| missing.to_string()).unwrap_or_default();
    (found.languages.to_string(), warning, asked.borrow().join(" "))
}

fn told(language: &str, warning: &str, asked: &str) -> (String, String, String) {
    (language.to_owned(), warning.to_owned(), asked.to_owned())
}

#[test]
fn a_page_in_the_usual_language_costs_one_look() {
    let readings = [("eng", ENGLISH, 0.95), ("deu", ENGLISH, 0.96), ("rus", GIBBERISH, 0.3)];
    assert_eq!(chosen(&readings, Some("Latn")), told("eng", "", "eng"));
}

#[test]
fn a_clear_text_in_another_language_is_believed_at_once() {
    let readings = [("eng", GERMAN_WITHOUT_ACCENTS, 0.85), ("deu", GERMAN, 0.95)];
    assert_eq!(chosen(&readings, Some("Latn")), told("deu", "", "eng"));
}

#[test]
fn a_language_that_is_not_installed_is_named() {
    let (language, warning, _) = chosen(&[("eng", GERMAN_WITHOUT_ACCENTS, 0.85)], Some("Latn"));
    assert_eq!(language, "eng");
    assert_eq!(warning, "the text looks like German, which is not installed: install tesseract-ocr-deu and retry");
}

#[test]
fn letters_that_come_out_unsure_lead_to_their_script_and_its_languages() {
    let readings = [("eng", GIBBERISH, 0.3), ("rus", BULGARIAN, 0.8), ("bul", BULGARIAN, 0.95)];
    let (language, warning, _) = chosen(&readings, Some("Cyrl"));
    assert_eq!((language.as_str(), warning.as_str()), ("bul", ""));
    let (language, ..) = chosen(&[("eng", GIBBERISH, 0.3), ("rus", RUSSIAN, 0.9), ("bul", RUSSIAN, 0.8)], Some("Cyrl"));
    assert_eq!(language, "rus");
}

#[test]
fn without_anybody_who_tells_scripts_those_that_are_installed_are_tried() {
    let readings = [("eng", GIBBERISH, 0.3), ("ell", GIBBERISH, 0.3), ("rus", RUSSIAN, 0.9)];
    assert_eq!(chosen(&readings, None).0, "rus");
}

#[test]
fn a_script_that_reads_no_better_is_not_believed() {
    assert_eq!(chosen(&[("eng", ENGLISH, 0.6), ("ara", GIBBERISH, 0.65)], Some("Arab")).0, "eng");
    assert_eq!(chosen(&[("eng", ENGLISH, 0.6)], Some("Arab")), told("eng", "", "eng eng"));
}

#[test]
fn a_script_of_no_installed_language_is_named() {
    let (language, warning, _) = chosen(&[("eng", GIBBERISH, 0.3)], Some("Thai"));
    assert_eq!(language, "eng");
    assert_eq!(warning, "the text looks like Thai, which is not installed: install tesseract-ocr-tha and retry");
}

#[test]
fn a_page_in_two_scripts_is_read_in_both_languages() {
    let (english, russian) = ("the office is still Xqzk? Vkkz? Jjwq? Oppqx?", "Zzkw? Qqkz? документы ещё не переданы");
    let both = "the office is still документы ещё не переданы";
    let readings = [("eng", english, 0.95), ("rus", russian, 0.95), ("rus+eng", both, 0.95)];
    assert_eq!(chosen(&readings, Some("Cyrl")).0, "rus+eng");
    // Letters of a language that is not installed are reported, and known text is read.
    assert_eq!(chosen(&readings, Some("Thai")).0, "eng");
    // Badly printed English is not taken for Russian just because both models together read it better.
    let readings = [
        ("eng", english, 0.95),
        ("rus", russian, 0.95),
        ("rus+eng", "the office is still the very same office as before сор", 0.95),
    ];
    assert_eq!(chosen(&readings, Some("Cyrl")).0, "eng");
    // Words that only resemble the usual language do not add it.
    let readings = [("eng", GIBBERISH, 0.3), ("rus", RUSSIAN, 0.95), ("rus+eng", "документы Cop? Tak? переданы", 0.95)];
    assert_eq!(chosen(&readings, Some("Cyrl")).0, "rus");
}

#[test]
fn fraktur_without_its_model_is_read_as_german() {
    let readings = [("eng", GIBBERISH, 0.4), ("deu", GIBBERISH, 0.5)];
    let (language, warning, _) = chosen(&readings, Some("Latf"));
    assert_eq!(language, "deu");
    assert!(warning.contains("German in Fraktur") && warning.contains("tesseract-ocr-frk"), "{warning}");
}

#[test]
fn a_page_that_tells_too_little_is_in_the_usual_language() {
    assert_eq!(chosen(&[("eng", "Total 12.50", 0.9), ("deu", "Total 12.50", 0.91)], None).0, "eng");
    let (blank, english) = (PageImage::new(50, 50, 300, vec![255; 2500]), ("eng", ENGLISH, 0.9));
    let engine = Scripted { readings: vec![("deu", GERMAN, 0.9), english], ..Scripted::default() };
    let mut engines = EngineRegistry::new().with(engine);
    let found = choose_languages(&mut engines, ANY_ENGINE, &blank, &statistics(&blank)).unwrap();
    assert_eq!(found.languages.to_string(), "eng");
}

#[test]
fn an_engine_without_english_reads_what_it_can() {
    assert_eq!(chosen(&[("deu", GERMAN, 0.9)], None).0, "deu");
    assert_eq!(chosen(&[("tlh", "tlhIngan", 0.9)], None).0, "tlh");
}

#[test]
fn foreign_letters_are_tried_in_the_language_of_the_page_before_first() {
    let read_again = |readings: &[(&'static str, &'static str, f32)], before: &str| {
        let engine = Scripted { readings: readings.to_vec(), script: Some("Cyrl"), ..Scripted::default() };
        let (asked, page) = (engine.asked.clone(), page());
        let mut engines = EngineRegistry::new().with(engine);
        engines.language_before = tongue::only(&languages(before));
        let read = engines.read_any(ANY_ENGINE, &page, &statistics(&page)).unwrap();
        // The last one is the reading of the page.
        (read.languages.to_string(), asked.borrow().join(" "))
    };
    let told = |language: &str, asked: &str| (language.to_owned(), asked.to_owned());
    let readings = [("eng", GIBBERISH, 0.3), ("rus", RUSSIAN, 0.95)];
    assert_eq!(read_again(&readings, "rus"), told("rus", "eng eng rus+eng rus"));
    // An engine may take unknown letters for letters that it knows.
    assert_eq!(read_again(&[("eng", ENGLISH, 0.95), ("rus", RUSSIAN, 0.95)], "rus"), told("eng", "eng eng"));
    let readings = [("bul", GIBBERISH, 0.3), ("eng", GIBBERISH, 0.3), ("rus", RUSSIAN, 0.95)];
    assert_eq!(read_again(&readings, "bul"), told("rus", "eng eng bul+eng rus+eng rus"));
    // If the text does not show it, the language is determined as if there were no previous page.
    assert_eq!(read_again(&[("eng", GIBBERISH, 0.3), ("rus", BULGARIAN, 0.95)], "rus").0, "rus");
    assert_eq!(read_again(&[("deu", GERMAN, 0.9), ("eng", ENGLISH, 0.95)], "deu"), told("eng", "eng eng"));
}

#[test]
fn an_engine_of_a_whole_script_reads_the_page_before_its_language_is_known() {
    let read = |readings: &[(&'static str, &'static str, f32)]| {
        let engine = Scripted { readings: readings.to_vec(), scripts: &["Latn"], ..Scripted::default() };
        let (asked, page) = (engine.asked.clone(), page());
        let read = EngineRegistry::new().with(engine).read_any(ANY_ENGINE, &page, &statistics(&page)).unwrap();
        let warning = read.missing.map(|missing| missing.to_string()).unwrap_or_default();
        (read.languages.to_string(), warning, asked.borrow().join(" "))
    };
    assert_eq!(read(&[("deu", ENGLISH, 0.9), ("eng", ENGLISH, 0.9)]), told("eng", "", "eng eng"));
    assert_eq!(read(&[("deu", GERMAN, 0.95), ("eng", GERMAN, 0.95)]), told("deu", "", "eng eng"));
    let (language, warning, asked) = read(&[("eng", GERMAN, 0.95)]);
    assert_eq!((language.as_str(), asked.as_str()), ("eng", "eng eng"));
    assert!(warning.contains("tesseract-ocr-deu"), "{warning}");
    assert_eq!(read(&[("eng", GIBBERISH, 0.3), ("rus", RUSSIAN, 0.95)]), told("rus", "", "eng eng rus+eng rus"));
}

#[test]
fn an_engine_that_leaves_out_what_it_does_not_know_has_not_read_the_page() {
    let readings = vec![("eng", ". , . a", 0.95), ("rus", RUSSIAN, 0.95)];
    let engine = Scripted { readings, scripts: &["Latn"], script: Some("Cyrl"), ..Scripted::default() };
    let page = page();
    let read = EngineRegistry::new().with(engine).read_any(ANY_ENGINE, &page, &statistics(&page)).unwrap();
    assert_eq!(read.languages.to_string(), "rus");
}

#[test]
fn the_search_for_the_language_is_paid_from_the_budget_of_the_page() {
    const MODES: &[RecognitionMode] = &[
        RecognitionMode { name: "uneven ground", lead: 0.05, cost: 0.7 },
        RecognitionMode { name: "one block", lead: 0.15, cost: 1.0 },
    ];
    let page = page();
    let readings = |read: &dyn Fn(&mut EngineRegistry)| {
        let doubtful = vec![("eng", GIBBERISH, 0.65), ("rus", RUSSIAN, 0.8)];
        let engine = Scripted { readings: doubtful, scripts: &["Latn"], modes: MODES, ..Scripted::default() };
        let asked = engine.asked.clone();
        read(&mut EngineRegistry::new().with(engine));
        asked.borrow().join(" ")
    };
    let named = |engines: &mut EngineRegistry| {
        engines.read(ANY_ENGINE, &page, &statistics(&page), &languages("rus")).unwrap();
    };
    assert_eq!(readings(&named), "rus rus rus", "there is enough left for both of the other modes");
    let found = |engines: &mut EngineRegistry| {
        engines.read_any(ANY_ENGINE, &page, &statistics(&page)).unwrap();
    };
    // Some lines in English both ways up, the same in Russian, the page.
    assert_eq!(readings(&found), "eng eng rus+eng rus rus", "finding the language has cost one of them");
}

#[test]
fn a_doubtful_page_is_not_read_again_in_the_language_in_which_it_was_read() {
    let (asked, page) = (std::rc::Rc::default(), page());
    let readings = vec![("eng", ENGLISH, 0.6)];
    let engine = Scripted { readings, scripts: &["Latn"], asked: std::rc::Rc::clone(&asked), ..Scripted::default() };
    let read = EngineRegistry::new().with(engine).read_any(ANY_ENGINE, &page, &statistics(&page)).unwrap();
    assert_eq!((read.languages.to_string(), read.page.blocks.len()), ("eng".to_owned(), 1));
    assert_eq!(
        asked.borrow().join(" "),
        "eng eng eng eng eng",
        "some lines and the page, and some lines of each both ways up"
    );
}
