//! Engines that the server calls for this worker.

use std::rc::Rc;
use std::sync::mpsc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use recto_domain::Languages;
use recto_ocr::{Calibration, Expectation, OcrEngine, OcrError, PageImage, PageStatistics, Profile, Recognized};

use super::connection::{ConnectionError, Sender};
use super::picture::png;
use crate::frame::FrameError;
use crate::message::{Question, Reading, Reply};
use crate::remote::RemoteProfile;

/// The connection to the server, shared by all remote engines of a worker.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) sender: Sender,
    /// The server's answers to each [`Question`].
    pub(super) readings: Rc<mpsc::Receiver<Reading>>,
}

/// A remote engine, wrapped as an engine of this worker.
pub(super) struct Remote {
    profile: RemoteProfile,
    link: Link,
}

impl Remote {
    pub(super) fn new(profile: RemoteProfile, link: Link) -> Self {
        Self { profile, link }
    }

    fn given_up(&self, reason: String) -> OcrError {
        OcrError::Page { engine: self.profile.info.name.clone(), reason }
    }
}

impl OcrEngine for Remote {
    fn name(&self) -> &str {
        &self.profile.info.name
    }

    fn version(&self) -> String {
        self.profile.info.version.clone()
    }

    fn languages(&self) -> Vec<String> {
        self.profile.info.languages.clone()
    }

    fn profile(&self) -> Profile {
        let RemoteProfile { sound, sure, .. } = self.profile;
        // The confidences of its words are used unchanged.
        Profile { calibration: Calibration::IDENTITY, sound, sure, letters: None, other_modes: &[], scripts: &[] }
    }

    fn expectation(&self, _: &PageStatistics, _: &Languages) -> Expectation {
        Expectation { right: self.profile.right, seconds: self.profile.seconds }
    }

    fn recognize(&mut self, image: &PageImage, languages: &Languages) -> Result<Recognized, OcrError> {
        if !self.reads(languages) {
            let language = languages.to_string();
            return Err(OcrError::MissingLanguage { language, installed: self.languages() });
        }
        let question = Question {
            engine: self.profile.info.name.clone(),
            png: STANDARD.encode(png(image)),
            dpi: image.dpi(),
            languages: languages.clone(),
        };
        match self.link.sender.send(&Reply::Question(question)) {
            Ok(_) => {}
            Err(ConnectionError::Frame(FrameError::TooLong(bytes))) => {
                return Err(self.given_up(format!("its picture of {bytes} bytes is too large to be sent")));
            }
            Err(error) => return Err(self.given_up(error.to_string())),
        }
        match self.link.readings.recv() {
            Ok(Ok(blocks)) => Ok(Recognized { blocks }),
            Ok(Err(reason)) => Err(self.given_up(reason)),
            // The server is gone, and this process is about to end.
            Err(mpsc::RecvError) => Err(self.given_up("the connection to the server is closed".to_owned())),
        }
    }
}
