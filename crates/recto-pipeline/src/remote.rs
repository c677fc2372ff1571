//! Engines that the server asks, since no worker reaches a network.

use std::fmt;

use async_trait::async_trait;
use recto_domain::{Block, EngineInfo, Languages};
use serde::{Deserialize, Serialize};

/// An OCR engine outside of the workers, such as a service on another machine.
///
/// Workers know it by its [`RemoteProfile`] and use it like any of their own engines: they open the file, straighten
/// the page and send the picture, and the server asks the engine and hands back what it says.
#[async_trait]
pub trait RemoteEngine: fmt::Debug + Send + Sync {
    /// What workers are told of it; it is asked for once for every worker that starts.
    fn profile(&self) -> RemoteProfile;

    /// Reads an upright picture. Boxes are in points from the top left of the picture.
    ///
    /// The error is for a person, and is about this page. Dropping the future gives the page up.
    async fn recognize(&self, picture: RemotePicture) -> Result<Vec<Block>, String>;
}

/// What is to be known of a remote engine to choose it and to take its readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RemoteProfile {
    /// Its name, version and languages.
    pub info: EngineInfo,
    /// As [`recto_ocr::Profile::sound`].
    pub sound: f32,
    /// As [`recto_ocr::Profile::sure`].
    pub sure: f32,
    /// The share of words of a page that it reads right, from 0 to 1, for [`recto_domain::ANY_ENGINE`] to choose by.
    pub right: f32,
    /// What a page costs, as seconds of a core.
    pub seconds: f32,
}

/// A page on its way to a remote engine.
#[derive(Debug, Clone, PartialEq)]
pub struct RemotePicture {
    /// A grey PNG.
    pub png: Vec<u8>,
    /// Its resolution in pixels per inch.
    pub dpi: u32,
    /// What it is written in.
    pub languages: Languages,
}
