//! What can be wrong with the settings.

/// A setting that stops the start. The message says where it stands, and what is allowed there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SettingsError {
    /// No setting has that name.
    #[error("there is no setting {name} ({origin})")]
    Unknown {
        /// As it was written.
        name: String,
        /// Where.
        origin: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// A setting has a value that it cannot have.
    #[error("setting {name} is {value} ({origin})")]
    Value {
        /// The setting.
        name: &'static str,
        /// As it was written, or `***` for a secret.
        value: String,
        /// Where.
        origin: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// A file cannot be read, or is not TOML.
    #[error("the settings file {file} cannot be used: {reason}")]
    File {
        /// As it was named.
        file: String,
        /// Why.
        reason: String,
    },
    /// An environment variable holds no text.
    #[error("the environment variable {variable} does not hold UTF-8 text")]
    NotText {
        /// Its name.
        variable: String,
    },
    /// Two sources could not be laid over each other.
    #[error("the settings cannot be put together: {0}")]
    Layers(String),
}

impl SettingsError {
    /// What to do about it.
    pub(crate) fn advice(&self) -> String {
        match self {
            Self::Unknown { nearest: Some(nearest), .. } => {
                format!("Did you mean {nearest}? `recto config` lists every setting.")
            }
            Self::Unknown { nearest: None, .. } | Self::Layers(_) => "`recto config` lists every setting.".to_owned(),
            Self::Value { allowed, .. } => format!("It must be {allowed}."),
            Self::File { .. } => "Correct the file, or name another one with --config or RECTO_CONFIG.".to_owned(),
            Self::NotText { variable } => format!("Set {variable} to text, or unset it."),
        }
    }
}
