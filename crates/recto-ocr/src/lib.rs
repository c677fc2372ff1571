//! The interface between Recto and OCR engines: an [`OcrEngine`] turns a [`PageImage`] into recognised blocks.
//!
//! [`read_page`] adds to any engine what every engine needs. It tells blank pages from printed ones, deskews, turns
//! pages upright, reads doubtful ones again in other ways, and maps the boxes back onto the page as it is displayed.
//!
//! [`choose_languages`] finds the languages of a page when nobody named them, and [`language_of`] that of a text.
//!
//! [`EngineRegistry`] holds engines by name, and chooses among them by the page when none is named. Each engine states
//! what it expects of a page ([`OcrEngine::expectation`]) and how to interpret its readings ([`Profile`]). Its
//! [`Calibration`] maps confidences to one scale, so that 0.9 means nine of ten words right for any engine. Where
//! another engine expects to get more right, it is asked too ([`EngineRegistry::read`]).

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod attempt;
mod calibration;
mod dirt;
mod engine;
mod gather;
mod ink;
mod language;
mod lay;
mod letter_boxes;
mod letters;
mod page_image;
mod parts;
mod price;
mod print;
mod profile;
mod read;
mod read_page;
mod reduced;
mod registry;
mod reread;
mod resample;
mod screen;
mod second_look;
mod sheet;
mod specimen;
mod statistics;
mod stray;
#[cfg(test)]
mod test_engine;
mod text_lines;
mod unread;
mod upright;

pub use calibration::{Calibration, WordFeatures, calibrated};
pub use engine::{Lettering, OcrEngine, OcrError, Recognized};
pub use ink::{Ink, InkLine};
pub use language::{ChosenLanguages, MissingLanguage, ReadAny, choose_languages, language_of, script_of};
pub use page_image::PageImage;
pub use print::{print_alone, ruling_lines};
pub use profile::{Expectation, LetterHeights, Profile, RecognitionMode};
pub use read::ReadError;
pub use read_page::{ReadPage, read_measured_page, read_page};
pub use registry::{EngineRegistry, UnknownEngine};
pub use sheet::sheet_alone;
pub use statistics::{PageStatistics, Slant, statistics};
