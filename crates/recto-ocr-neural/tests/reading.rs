//! The engine with its real models on real pictures.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use recto_domain::{Languages, Rotation, Word};
use recto_ocr::{OcrEngine as _, OcrError, PageImage, ReadPage, read_page};
use recto_ocr_neural::{Models, NeuralEngine, ReadLine, Recogniser, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::from_bytes(&std::fs::read(deps().join("libonnxruntime.so")).unwrap()).unwrap());

/// Where `bootstrap.sh` puts the library and the models.
fn deps() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/neural")
}

fn engine() -> NeuralEngine {
    let load = |name: &str| -> &'static [u8] { std::fs::read(deps().join(name)).unwrap().leak() };
    let recogniser = Recogniser { model: load("recogniser.onnx"), dictionary: load("recogniser.txt") };
    let careful = Recogniser { model: load("careful-recogniser.onnx"), dictionary: load("careful-recogniser.txt") };
    let models = Models { detector: load("detector.onnx"), recogniser, careful: Some(careful) };
    NeuralEngine::new(RUNTIME.clone(), models)
}

fn sample(name: &str) -> PageImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/samples").join(name);
    let picture = image::open(path).unwrap().into_luma8();
    PageImage::new(picture.width(), picture.height(), 200, picture.into_raw())
}

fn english() -> Languages {
    "eng".parse().unwrap()
}

fn read(page: &PageImage) -> ReadPage {
    read_page(&mut engine(), page, &english()).unwrap()
}

fn words(page: &ReadPage) -> Vec<Word> {
    page.blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).cloned().collect()
}

fn texts(page: &ReadPage) -> Vec<String> {
    words(page).into_iter().map(|word| word.text).collect()
}

/// The share of the words of one reading that the other has too.
fn shared(one: &[String], other: &[String]) -> f32 {
    one.iter().filter(|word| other.contains(word)).count() as f32 / one.len() as f32
}

#[test]
fn a_page_is_read_whichever_way_it_lies() {
    let page = sample("letter.tif");
    let upright = read(&page);
    assert_eq!(upright.turn, Rotation::None);
    let expected = texts(&upright);
    assert!(expected.len() > 20, "{expected:?}");
    for (turn, back) in [
        (Rotation::Half, Rotation::Half),
        (Rotation::Clockwise, Rotation::CounterClockwise),
        (Rotation::CounterClockwise, Rotation::Clockwise),
    ] {
        let turned = read(&page.turned(turn));
        assert_eq!(turned.turn, back);
        let found = texts(&turned);
        assert!(shared(&expected, &found) > 0.9, "{turn:?}: {expected:?} {found:?}");
    }
}

#[test]
fn the_low_lines_of_a_long_page_are_found_on_a_larger_picture() {
    let receipt = sample("receipt.jpg");
    let long = PageImage::new(receipt.width(), 3 * receipt.height(), 200, receipt.luma().repeat(3));
    let (one, all) = (texts(&read(&receipt)), texts(&read(&long)));
    assert!(shared(&one, &all) > 0.85, "{one:?} {all:?}");
    assert!(all.len() as f32 > 0.85 * 3.0 * one.len() as f32, "{} of 3 * {}", all.len(), one.len());
    let usual = ReadPage { blocks: engine().recognize(&long, &english()).unwrap().blocks, ..ReadPage::default() };
    assert!(shared(&one, &texts(&usual)) < 0.5, "the lines of this page merge on the usual picture: {usual:?}");
}

#[test]
fn words_lie_within_their_lines_on_the_page_and_beside_each_other() {
    for name in ["letter.tif", "receipt.jpg"] {
        let image = sample(name);
        let (page, size) = (read(&image), image.size());
        for line in page.blocks.iter().flat_map(|b| &b.lines) {
            for word in &line.words {
                assert!(!word.text.is_empty() && !word.text.contains(char::is_whitespace), "{word:?}");
                assert!((0.0..=1.0).contains(&word.confidence), "{word:?}");
                let bbox = word.bbox;
                assert!(bbox.x >= 0.0 && bbox.right() <= size.width && bbox.bottom() <= size.height, "{word:?}");
                assert!(bbox.width > 0.0 && bbox.height > 0.0, "{word:?}");
            }
            for pair in line.words.windows(2) {
                let shared = pair[0].bbox.right() - pair[1].bbox.x;
                assert!(shared < 0.3 * pair[0].bbox.height, "{pair:?}");
            }
        }
    }
}

#[test]
fn the_steps_can_be_taken_one_by_one() {
    let (mut engine, page) = (engine(), sample("receipt.jpg"));
    let lines = engine.find_lines(&page).unwrap();
    assert!(lines.len() > 5, "{lines:?}");
    let longest = lines.into_iter().max_by(|a, b| a.length.total_cmp(&b.length)).unwrap();
    let picture = NeuralEngine::cut(&page, longest);
    let line = engine.read_line(&picture, &english(), page.scale()).unwrap();
    assert!(!line.words.is_empty());
    let blocks = recto_ocr_neural::arrange(vec![ReadLine { region: longest, words: line.words.clone() }]);
    assert_eq!(blocks[0].lines[0].words, line.words);
}

#[test]
fn a_language_that_the_dictionary_cannot_spell_is_missing() {
    let mut engine = engine();
    let languages = engine.languages();
    for code in ["eng", "deu", "fra", "pol", "chi_sim"] {
        assert!(languages.iter().any(|language| language == code), "{languages:?}");
    }
    let page = sample("receipt.jpg");
    let refusal = engine.recognize(&page, &"eng+tha".parse().unwrap()).unwrap_err();
    assert!(matches!(refusal, OcrError::MissingLanguage { language, .. } if language == "tha"));
}

#[test]
fn pictures_of_any_shape_can_be_read() {
    let mut engine = engine();
    for (w, h) in [(1, 1), (1, 3000), (3000, 1), (40, 40), (5000, 30)] {
        let luma = (0..w * h).map(|i| if i % 7 < 3 { 0 } else { 255 }).collect();
        engine.recognize(&PageImage::new(w, h, 300, luma), &english()).unwrap();
    }
}

#[test]
fn what_is_no_model_is_refused_in_words() {
    let recogniser = Recogniser { model: b"no model", dictionary: b"a\n" };
    let mut engine = NeuralEngine::new(RUNTIME.clone(), Models { detector: b"no model", recogniser, careful: None });
    assert!(matches!(
        engine.recognize(&sample("receipt.jpg"), &english()),
        Err(OcrError::MissingLanguage { .. } | OcrError::Start { .. })
    ));
}
