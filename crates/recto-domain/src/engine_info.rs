//! What the workers can do, for those who never see an engine.

use serde::{Deserialize, Serialize};

/// What stands in the place of an engine's name to have the best one chosen for each page.
pub const ANY_ENGINE: &str = "auto";

/// An OCR engine as a worker reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// The name it is chosen by.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The languages it can read, sorted.
    pub languages: Vec<String>,
}
