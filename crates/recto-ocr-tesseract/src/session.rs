//! An initialised Tesseract, loaded with a set of languages.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use recto_domain::{Block, Languages, Rotation, Word};
use recto_ocr::{OcrError, PageImage, RecognitionMode, print_alone};
use tesseract_rs::{TessPageSegMode, TesseractAPI};

use crate::engine::NAME;
use crate::expectation::{ONE_BLOCK, UNEVEN_GROUND};
use crate::layout;
use crate::picture::Picture;
use crate::traineddata::{Model, Traineddata, model_file};

/// `OEM_TESSERACT_ONLY` and `OEM_LSTM_ONLY` of capi.h.
const LEGACY: i32 = 0;
const LSTM: i32 = 1;

/// Values of the variable `thresholding_method`: one threshold for the whole page, or a local one around each pixel.
const OTSU: &str = "0";
const SAUVOLA: &str = "2";

/// The lowest resolution, in dpi, that document scanners are usually set to.
const SCANNER_DPI: u32 = 250;
/// The lowest resolution that Tesseract accepts, in dpi. It stands for an unknown one.
const UNKNOWN_DPI: i32 = 70;

/// The largest side of a picture in pixels: Tesseract counts them in 16 bits.
const MAX_SIDE: u32 = i16::MAX as u32;

/// The value of the variable `min_characters_to_try`, below which the detector gives up. Its default is 50; this value
/// is small enough for a single line whose script is worth detecting.
const LETTERS_OF_A_LINE: &str = "10";

/// The detector's result for a picture.
pub(crate) struct Detected {
    /// The clockwise rotation that sets the picture upright.
    pub(crate) turn: Rotation,
    /// The lead of this rotation over the second best one.
    pub(crate) margin: f32,
    /// The script, by Tesseract's name.
    pub(crate) script: String,
}

pub(crate) struct Session {
    api: TesseractAPI,
}

impl Session {
    /// Loads the models of the languages.
    pub(crate) fn start(models: &Traineddata, languages: &Languages) -> Result<Self, OcrError> {
        Self::init(models, languages.codes(), LSTM)
    }

    /// Loads the model that detects scripts and orientation.
    pub(crate) fn start_detector(models: &Traineddata) -> Result<Self, OcrError> {
        Self::init(models, &["osd".to_owned()], LEGACY)
    }

    fn init(models: &Traineddata, codes: &[String], mode: i32) -> Result<Self, OcrError> {
        let found: Vec<Model> = codes
            .iter()
            .map(|code| {
                models
                    .find(code)
                    .ok_or_else(|| OcrError::MissingLanguage { language: code.clone(), installed: models.languages() })
            })
            .collect::<Result<_, _>>()?;
        let refused = |reason: String| OcrError::Start { engine: NAME.to_owned(), reason };
        let names = codes.join("+");
        let broken = |_| refused(format!("a model for {names} is damaged or belongs to another version of Tesseract"));

        let api = TesseractAPI::new();
        silence(&api);
        if let [Model::Memory(bytes)] = &found[..] {
            let size = i32::try_from(bytes.len()).map_err(|_| refused(format!("the model {names} is too large")))?;
            api.init_5(bytes, size, &names, mode, &[]).map_err(broken)?;
        } else {
            // Given a model in memory, Tesseract takes the first language from there, but looks for the others on disk,
            // in a folder of its own choice. So several languages go through one folder.
            let own;
            let folder = if let Some(folder) = common_folder(models, codes, &found) {
                folder
            } else {
                own = folder_of(codes, &found).map_err(|e| {
                    refused(format!("cannot create a folder for the models for {names} ({})", e.kind()))
                })?;
                own.path().to_owned()
            };
            let path =
                folder.to_str().ok_or_else(|| refused("the path of the models is not valid UTF-8".to_owned()))?;
            api.init_4(path, &names, mode, &[]).map_err(broken)?;
        }
        Ok(Self { api })
    }

    /// Reads the picture in the default mode or in another one.
    pub(crate) fn recognize(&self, image: &PageImage, way: Option<&RecognitionMode>) -> Result<Vec<Block>, OcrError> {
        self.set_image(&print_alone(image))?;
        let layout =
            if way == Some(&ONE_BLOCK) { TessPageSegMode::PSM_SINGLE_BLOCK } else { TessPageSegMode::PSM_AUTO };
        let threshold = if way == Some(&UNEVEN_GROUND) { SAUVOLA } else { OTSU };
        self.api.set_page_seg_mode(layout).map_err(given_up)?;
        self.api.set_variable("thresholding_method", threshold).map_err(given_up)?;
        self.api.recognize().map_err(given_up)?;
        let blocks = layout::blocks(&self.api, image);
        // The blobs and pictures of the page are no longer needed.
        self.api.clear().map_err(given_up)?;
        // Tesseract takes the cells of tables and of forms for columns, so the blocks are ordered anew.
        blocks.map(recto_layout::ordered).map_err(given_up)
    }

    /// Reads the picture of one line.
    pub(crate) fn recognize_line(&self, image: &PageImage) -> Result<Vec<Word>, OcrError> {
        self.set_image(image)?;
        self.api.set_page_seg_mode(TessPageSegMode::PSM_SINGLE_LINE).map_err(given_up)?;
        self.api.set_variable("thresholding_method", OTSU).map_err(given_up)?;
        self.api.recognize().map_err(given_up)?;
        let blocks = layout::blocks(&self.api, image).map_err(given_up)?;
        self.api.clear().map_err(given_up)?;
        Ok(blocks.into_iter().flat_map(|block| block.lines).flat_map(|line| line.words).collect())
    }

    /// The script of some lines, and their orientation.
    pub(crate) fn lettering(&self, image: &PageImage) -> Result<Option<Detected>, OcrError> {
        self.api.set_variable("min_characters_to_try", LETTERS_OF_A_LINE).map_err(given_up)?;
        self.set_image(image)?;
        // It fails on pages with too few letters, which counts as no result.
        let found = self.api.detect_os().ok();
        self.api.clear().map_err(given_up)?;
        // Tesseract returns the degrees by which the page is turned counter-clockwise.
        Ok(found.and_then(|(degrees, margin, script, _)| {
            Some(Detected { turn: Rotation::from_degrees(-degrees)?, margin, script })
        }))
    }

    /// Whether the model's dictionary has the word, as it is or in lower case.
    pub(crate) fn knows(&self, word: &str) -> Result<bool, OcrError> {
        if word.contains('\0') {
            return Ok(false);
        }
        Ok(self.api.is_valid_word(word).map_err(given_up)?
            || self.api.is_valid_word(&word.to_lowercase()).map_err(given_up)?)
    }

    fn set_image(&self, image: &PageImage) -> Result<(), OcrError> {
        let (width, height) = (image.width(), image.height());
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(OcrError::Page {
                engine: NAME.to_owned(),
                reason: format!("{width} x {height} pixels are more than {MAX_SIDE} per side"),
            });
        }
        let no_memory = || OcrError::Page {
            engine: NAME.to_owned(),
            reason: format!("there is not enough memory for {width} x {height} pixels"),
        };
        let picture = Picture::of(image).ok_or_else(no_memory)?;
        self.api.set_image_2(picture.as_ptr()).map_err(given_up)?;
        // Resolutions below those of document scanners are mostly guesses; where they are not, the letters may have any
        // size. With an unknown resolution, Tesseract estimates it from the letters.
        let dpi = if image.dpi() < SCANNER_DPI { UNKNOWN_DPI } else { image.dpi() as i32 };
        self.api.set_source_resolution(dpi).map_err(given_up)
    }
}

/// Tesseract writes remarks about ordinary pages to standard error. If it refuses the variable, that stays so.
fn silence(api: &TesseractAPI) {
    const NOWHERE: &str = "/dev/null";
    // Workers are confined without access to devices. There, Tesseract 5.4 or later writes to a file that it could not
    // open, which ends the process; the built-in Tesseract has a patch against it.
    if cfg!(feature = "built-in") || fs::OpenOptions::new().write(true).open(NOWHERE).is_ok() {
        let _ = api.set_variable("debug_file", NOWHERE);
    }
}

#[allow(clippy::needless_pass_by_value)] // `map_err` hands errors over
fn given_up(error: tesseract_rs::TesseractError) -> OcrError {
    OcrError::Page { engine: NAME.to_owned(), reason: error.to_string() }
}

/// A folder that holds all of the models.
fn common_folder(models: &Traineddata, codes: &[String], found: &[Model]) -> Option<PathBuf> {
    if let [Model::Folder(first), others @ ..] = found
        && others.iter().all(|m| matches!(m, Model::Folder(f) if f == first))
    {
        return Some(first.clone());
    }
    let holds_all = |folder: &&Path| codes.iter().all(|code| model_file(folder, code).is_file());
    models.folders().find(holds_all).map(Path::to_owned)
}

/// A temporary folder for models from different places. Tesseract has read them once it is initialised.
fn folder_of(codes: &[String], found: &[Model]) -> std::io::Result<tempfile::TempDir> {
    let own = tempfile::tempdir()?;
    for (code, model) in codes.iter().zip(found) {
        let file = model_file(own.path(), code);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        match model {
            Model::Memory(bytes) => fs::write(file, bytes)?,
            Model::Folder(folder) => symlink(fs::canonicalize(model_file(folder, code))?, file)?,
        }
    }
    Ok(own)
}
