//! Reading a page with the engine that suits it, and with another one when that is in doubt.

use recto_domain::document::mean_confidence;
use recto_domain::{ANY_ENGINE, Languages};

use crate::engine::OcrError;
use crate::page_image::PageImage;
use crate::read_page::{ReadPage, read_surveyed_page};
use crate::registry::{EngineRegistry, UnknownEngine};
use crate::second_look::merged;
use crate::survey::Survey;

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No engine of that name is there.
    #[error(transparent)]
    Unknown(#[from] UnknownEngine),
    /// The engine gave no result.
    #[error(transparent)]
    Engine(#[from] OcrError),
}

impl EngineRegistry {
    /// Reads a page, of which a first look was taken, with the engine of that name; or, for [`ANY_ENGINE`], with the one
    /// that suits it, and with the next one too when less of that reading is likely right than the engine's
    /// [`Profile::sure`](crate::Profile::sure), or none was found where the first look saw letters. What is better in the
    /// second reading then takes the place of what is in the first.
    ///
    /// With the reading comes the name of the engine that made it, the first one if there were two.
    pub fn read(
        &mut self,
        name: &str,
        image: &PageImage,
        survey: &Survey,
        languages: &Languages,
    ) -> Result<(String, ReadPage), ReadError> {
        let engine = self.choose(name, survey, languages)?;
        let read = read_surveyed_page(engine, image, survey, languages)?;
        let first = engine.name().to_owned();
        self.looked_at_again(name, first, read, image, survey, languages)
    }

    /// As [`EngineRegistry::read`], when the first engine has read the page already.
    pub(crate) fn looked_at_again(
        &mut self,
        name: &str,
        first: String,
        read: ReadPage,
        image: &PageImage,
        survey: &Survey,
        languages: &Languages,
    ) -> Result<(String, ReadPage), ReadError> {
        let sure = self.choose(&first, survey, languages)?.profile().sure;
        let is_doubtful = match mean_confidence(&read.blocks) {
            Some(confidence) => confidence < sure,
            None => survey.letter_height.is_some(),
        };
        if name != ANY_ENGINE || !is_doubtful {
            return Ok((first, read));
        }
        let Some(other) = self.choose_beside(&first, survey, languages) else { return Ok((first, read)) };
        // Who cannot read the page has nothing to add to what is there.
        match read_surveyed_page(other, image, survey, languages) {
            Ok(second) => Ok((first, merged(read, second))),
            Err(OcrError::Page { .. }) => Ok((first, read)),
            Err(error) => Err(error.into()),
        }
    }
}
