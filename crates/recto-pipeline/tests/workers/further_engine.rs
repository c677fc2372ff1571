//! A further engine, as somebody else's crate would bring one: it reads Latin, and nothing else, and every page says the
//! same in it. All that a program has to do for it is the line in `be_a_worker`.

use recto_domain::{Block, BlockKind, Languages, Line, Rect, Word};
use recto_ocr::{Calibration, Expectation, OcrEngine, OcrError, PageImage, PageStatistics, Profile, Recognized};

pub(crate) struct FurtherEngine;

impl OcrEngine for FurtherEngine {
    fn name(&self) -> &'static str {
        "further"
    }

    fn version(&self) -> String {
        "2".to_owned()
    }

    fn languages(&self) -> Vec<String> {
        vec!["lat".to_owned()]
    }

    fn profile(&self) -> Profile {
        Profile {
            calibration: Calibration::IDENTITY,
            sound: 0.5,
            sure: 0.5,
            letters: None,
            other_modes: &[],
            scripts: &["Latn"],
        }
    }

    fn expectation(&self, _: &PageStatistics, _: &Languages) -> Expectation {
        Expectation { right: 0.9, seconds: 0.1 }
    }

    fn recognize(&mut self, _: &PageImage, _: &Languages) -> Result<Recognized, OcrError> {
        let bbox = Rect { x: 10.0, y: 20.0, width: 80.0, height: 10.0 };
        let line = Line::of(0.0, vec![Word { text: "salve".to_owned(), bbox, confidence: 0.9 }]);
        Ok(Recognized { blocks: Block::of(BlockKind::Paragraph, line.into_iter().collect()).into_iter().collect() })
    }
}
