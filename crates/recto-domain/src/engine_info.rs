//! What the workers can do, described for crates that have no access to the engines.

use serde::{Deserialize, Serialize};

/// The value used in place of an engine's name to have the best engine chosen for each page.
pub const ANY_ENGINE: &str = "auto";

/// An OCR engine as a worker reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// The name by which it is chosen.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The languages it can read, sorted.
    pub languages: Vec<String>,
}
