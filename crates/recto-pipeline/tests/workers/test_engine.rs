//! An engine that does what the page's width tells it, as an engine in C++ might by mistake.

use std::fs::File;
use std::process::Command;

use recto_domain::{Block, BlockKind, Languages, Line, Rect, Word};
use recto_ocr::{Calibration, Expectation, OcrEngine, OcrError, PageImage, PageStatistics, Profile, Recognized};

use crate::injected_calls;

/// What a page makes the engine do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Reads the word `hello`.
    Answer = 4,
    /// Says that it cannot read the page.
    Refuse = 5,
    Abort = 6,
    Panic = 7,
    Hang = 8,
    /// Allocates for ever.
    Eat = 9,
    /// Reads as words what the sandbox let it do.
    Probe = 10,
    /// Says that it lacks the language.
    LackLanguage = 11,
    /// Makes the system call that the language names, and reads as a word what became of it.
    Call = 12,
    /// Reads the process's number.
    Identify = 13,
}

impl Conduct {
    const ALL: [Self; 10] = [
        Self::Answer,
        Self::Refuse,
        Self::Abort,
        Self::Panic,
        Self::Hang,
        Self::Eat,
        Self::Probe,
        Self::LackLanguage,
        Self::Call,
        Self::Identify,
    ];

    /// The page's width at 300 dots per inch.
    pub(crate) fn width_pixels(self) -> u32 {
        self as u32 * 100
    }

    /// What a page asks for; `None` for a part of one, which is looked at when the page was read.
    fn of(image: &PageImage) -> Option<Self> {
        let size = image.size();
        let code = size.width.min(size.height) / 24.0;
        Self::ALL.into_iter().find(|&conduct| (conduct as u32 as f32 - code).abs() < 0.03)
    }
}

pub(crate) struct TestEngine;

impl OcrEngine for TestEngine {
    fn name(&self) -> &'static str {
        "test"
    }

    fn version(&self) -> String {
        "1".to_owned()
    }

    fn languages(&self) -> Vec<String> {
        vec!["eng".to_owned()]
    }

    fn profile(&self) -> Profile {
        Profile {
            calibration: Calibration::IDENTITY,
            sound: 0.7,
            sure: 0.86,
            letters: None,
            other_modes: &[],
            scripts: &["Latn"],
        }
    }

    fn expectation(&self, _: &PageStatistics, _: &Languages) -> Expectation {
        Expectation { right: 1.0, seconds: 0.1 }
    }

    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError> {
        let Some(conduct) = Conduct::of(image) else { return Ok(Recognized::default()) };
        match conduct {
            Conduct::Answer => Ok(words(&["hello".to_owned(), languages.to_string()])),
            Conduct::Refuse => Err(OcrError::Page { engine: "test".to_owned(), reason: "it is ugly".to_owned() }),
            Conduct::LackLanguage => {
                Err(OcrError::MissingLanguage { language: "tlh".to_owned(), installed: vec!["eng".to_owned()] })
            }
            Conduct::Abort => std::process::abort(),
            Conduct::Panic => panic!("this engine panics"),
            Conduct::Hang => loop {
                std::hint::spin_loop();
            },
            Conduct::Eat => {
                let mut eaten = Vec::new();
                loop {
                    eaten.push(vec![1u8; 16 * 1024 * 1024]);
                    std::hint::black_box(&eaten);
                }
            }
            Conduct::Probe => Ok(words(&probe())),
            Conduct::Call => Ok(words(&[injected_calls::make(&languages.to_string())])),
            Conduct::Identify => Ok(words(&[std::process::id().to_string()])),
        }
    }
}

/// What succeeded of things that a worker should not be able to do, and of some that it should.
fn probe() -> Vec<String> {
    let attempts = [
        ("read-executable", File::open("/proc/self/exe").is_ok()),
        ("list-root", std::fs::read_dir("/").is_ok()),
        ("write-file", File::create(std::env::temp_dir().join("a-worker-was-here")).is_ok()),
        ("run-program", Command::new("/bin/true").spawn().is_ok()),
        ("core-dump", rustix::process::getrlimit(rustix::process::Resource::Core).current != Some(0)),
        ("start-thread", std::thread::spawn(|| ()).join().is_ok()),
        ("read-fonts", std::fs::read_dir("/usr/share").is_ok()),
    ];
    attempts.into_iter().filter(|&(_, done)| done).map(|(name, _)| name.to_owned()).collect()
}

fn words(texts: &[String]) -> Recognized {
    let word = |(i, text): (usize, &String)| Word {
        text: text.clone(),
        bbox: Rect { x: 10.0, y: 20.0 + 12.0 * i as f32, width: 40.0, height: 10.0 },
        confidence: 0.95,
    };
    let lines = texts.iter().enumerate().map(word).filter_map(|w| Line::of(0.0, vec![w])).collect();
    Recognized { blocks: Block::of(BlockKind::Paragraph, lines).into_iter().collect() }
}
