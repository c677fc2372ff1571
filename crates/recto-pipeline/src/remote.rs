//! Engines that the server calls, because no worker reaches a network.

use std::fmt;

use async_trait::async_trait;
use recto_domain::{Block, EngineInfo, Languages};
use serde::{Deserialize, Serialize};

/// An OCR engine outside of the workers, such as a service on another machine.
///
/// Workers know it by its [`RemoteProfile`] and use it like their own engines: they open the file, straighten the page
/// and send the picture. The server then calls the engine and returns its result.
#[async_trait]
pub trait RemoteEngine: fmt::Debug + Send + Sync {
    /// The profile for the workers. It is asked for whenever a worker starts.
    fn profile(&self) -> RemoteProfile;

    /// Reads an upright picture. Boxes are in points from the top left of the picture.
    ///
    /// The error is worded for a person and concerns this page alone. Dropping the future gives the page up.
    async fn recognize(&self, picture: RemotePicture) -> Result<Vec<Block>, String>;
}

/// What is needed to choose a remote engine and to use its readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoteProfile {
    /// Its name, version and languages.
    pub info: EngineInfo,
    /// The same as [`recto_ocr::Profile::sound`].
    pub sound: f32,
    /// The same as [`recto_ocr::Profile::sure`].
    pub sure: f32,
    /// The share of a page's words that it reads right, from 0 to 1, by which [`recto_domain::ANY_ENGINE`] chooses.
    pub right: f32,
    /// The cost of a page, expressed in seconds of a core.
    pub seconds: f32,
}

/// A page on its way to a remote engine.
#[derive(Debug, Clone, PartialEq)]
pub struct RemotePicture {
    /// A grey PNG.
    pub png: Vec<u8>,
    /// Its resolution in pixels per inch.
    pub dpi: u32,
    /// The languages of the text.
    pub languages: Languages,
}
