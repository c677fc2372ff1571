//! Reading a page with the engine that suits it.

use recto_domain::Languages;

use crate::engine::OcrError;
use crate::page_image::PageImage;
use crate::read_page::{ReadPage, read_surveyed_page};
use crate::registry::{EngineRegistry, UnknownEngine};
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
    /// Reads a page, of which a first look was taken, with the engine of that name or the one that suits it. With the
    /// reading comes the name of the engine that made it.
    pub fn read(
        &mut self,
        name: &str,
        image: &PageImage,
        survey: &Survey,
        languages: &Languages,
    ) -> Result<(&'static str, ReadPage), ReadError> {
        let engine = self.choose(name, survey, languages)?;
        let read = read_surveyed_page(engine, image, survey, languages)?;
        Ok((engine.name(), read))
    }
}
