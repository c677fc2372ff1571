//! The errors in the settings.

/// An error that prevents the start. The message says where the setting is, and what is allowed there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The setting does not exist.
    #[error("unknown setting {name} ({origin})")]
    Unknown {
        /// The name as it was written.
        name: String,
        /// Where it was found.
        origin: String,
        /// The name that was probably meant.
        nearest: Option<&'static str>,
    },
    /// A setting has a value that is not allowed.
    #[error("invalid value for setting {name}: {value} ({origin})")]
    Value {
        /// The name of the setting.
        name: &'static str,
        /// The value as it was written, or `***` for a secret.
        value: String,
        /// Where it was found.
        origin: String,
        /// The allowed values.
        allowed: &'static str,
    },
    /// A file cannot be read, or is not TOML.
    #[error("the settings file {file} cannot be used: {reason}")]
    File {
        /// The path as it was given.
        file: String,
        /// The reason.
        reason: String,
    },
    /// The value of an environment variable is not valid text.
    #[error("the environment variable {variable} is not valid UTF-8")]
    NotText {
        /// The name of the variable.
        variable: String,
    },
    /// The sources could not be combined.
    #[error("the settings cannot be combined: {0}")]
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
            Self::File { .. } => "Correct the file, or specify another one with --config or RECTO_CONFIG.".to_owned(),
            Self::NotText { variable } => format!("Set {variable} to UTF-8 text, or unset it."),
        }
    }
}
