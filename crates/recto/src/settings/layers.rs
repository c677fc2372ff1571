//! The settings as text, collected from defaults, the file, the environment and flags. Each value has its origin.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat, Map, Source, Value, ValueKind};

use super::keys::{self, KEYS, Key};
use super::problem::SettingsError;

/// The settings file that is read from the working folder when none is named.
pub(crate) const DEFAULT_FILE: &str = "recto.toml";
const PREFIX: &str = "RECTO__";
/// The name that the `config` crate gives to the origin of variables.
const ENVIRONMENT: &str = "the environment";

/// What set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nothing; it is the default.
    Default,
    /// A settings file.
    File(String),
    /// An environment variable.
    Environment(String),
    /// A flag of the command.
    Flag(String),
}

impl Origin {
    /// The kind of origin, as one word.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File(_) => "file",
            Self::Environment(_) => "environment",
            Self::Flag(_) => "flag",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(file) => write!(f, "file {file}"),
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// A setting's value as text; empty when the setting is not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: &'static Key,
    pub(crate) value: String,
    pub(crate) origin: Origin,
}

impl Entry {
    /// The value as it may be shown.
    pub(crate) fn shown(&self) -> &str {
        if self.key.secret && !self.value.is_empty() { "***" } else { &self.value }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Key {}

/// The settings that a command's flags set: name, value and flag.
pub(crate) type Flags = Vec<(&'static str, String, &'static str)>;

/// Combines the sources; later ones override earlier ones.
///
/// `file` is the settings file that was named, if any. Without one, [`DEFAULT_FILE`] is read if it exists. `variables`
/// is the environment.
pub(crate) fn collect(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    flags: &Flags,
) -> Result<Vec<Entry>, SettingsError> {
    let defaults = Layer(KEYS.iter().map(|key| (key.name.to_owned(), key.default_value(), Origin::Default)).collect());
    let flag =
        |&(key, ref value, flag): &(&str, String, &str)| (key.to_owned(), value.clone(), Origin::Flag(flag.to_owned()));
    let flags = Layer(flags.iter().map(flag).collect());
    let mut builder = Config::builder().add_source(defaults);
    let file = settings_file(file)?;
    if let Some(file) = &file {
        builder = builder.add_source(File::from(file.as_path()).format(FileFormat::Toml));
    }
    let environment = Environment::with_prefix("RECTO")
        .prefix_separator("__")
        .separator("__")
        .ignore_empty(true)
        .source(Some(own_variables(variables)?));
    let merged = builder.add_source(environment).add_source(flags).build().map_err(|e| unreadable(e, file.as_ref()))?;
    let mut found = BTreeMap::new();
    flatten("", merged.cache, file.as_deref(), &mut found)?;
    Ok(KEYS.iter().filter_map(|key| found.remove(key.name)).collect())
}

/// The file to read: the one that was named, which must exist, or the default one if it exists.
fn settings_file(named: Option<&Path>) -> Result<Option<PathBuf>, SettingsError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let problem = |reason: String| SettingsError::File { file: path.display().to_string(), reason };
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Err(problem("it is a folder".to_owned())),
        Ok(_) => Ok(Some(path.to_owned())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok(None),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(problem("no such file".to_owned())),
        Err(e) => Err(problem(crate::failure::in_words(&e))),
    }
}

/// The environment variables that belong to Recto, as text.
fn own_variables(
    variables: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> Result<Map<String, String>, SettingsError> {
    let mut own = Map::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.to_uppercase().starts_with(PREFIX)) else { continue };
        let value = value.into_string().map_err(|_| SettingsError::NotText { variable: name.to_owned() })?;
        own.insert(name.to_owned(), value);
    }
    Ok(own)
}

fn unreadable(error: ConfigError, file: Option<&PathBuf>) -> SettingsError {
    let named = file.map(|file| file.display().to_string());
    match (error, named) {
        (ConfigError::FileParse { cause, .. }, Some(file)) => {
            SettingsError::File { file, reason: cause.to_string().trim_end().to_owned() }
        }
        (ConfigError::Foreign(cause), Some(file)) => SettingsError::File { file, reason: cause.to_string() },
        (other, _) => SettingsError::Layers(other.to_string()),
    }
}

/// Turns the tree of sections into one entry per key, and refuses unknown names.
fn flatten(
    prefix: &str,
    value: Value,
    file: Option<&Path>,
    found: &mut BTreeMap<&'static str, Entry>,
) -> Result<(), SettingsError> {
    let origin = origin_of(prefix, value.origin(), file);
    let text = match value.kind {
        ValueKind::Table(table) if keys::find(prefix).is_none() => {
            // Sorted by name, so that of two mistakes always the same one is reported.
            for (name, value) in table.into_iter().collect::<BTreeMap<_, _>>() {
                let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
                flatten(&path, value, file, found)?;
            }
            return Ok(());
        }
        ValueKind::Table(_) => "a section".to_owned(),
        ValueKind::Array(_) => "a list".to_owned(),
        ValueKind::Nil => String::new(),
        scalar => scalar.to_string(),
    };
    let Some(key) = keys::find(prefix) else {
        let nearest = keys::nearest(prefix).map(|key| key.name);
        return Err(SettingsError::Unknown { name: prefix.to_owned(), origin: origin.to_string(), nearest });
    };
    found.insert(key.name, Entry { key, value: text, origin });
    Ok(())
}

fn origin_of(key: &str, told: Option<&str>, file: Option<&Path>) -> Origin {
    match told {
        Some(ENVIRONMENT) => Origin::Environment(keys::variable(key)),
        Some(told) if told.starts_with("--") => Origin::Flag(told.to_owned()),
        Some(told) if told != Origin::Default.kind() => {
            Origin::File(file.map_or_else(|| told.to_owned(), |file| file.display().to_string()))
        }
        _ => Origin::Default,
    }
}

/// Values that Recto itself adds.
#[derive(Debug, Clone)]
struct Layer(Vec<(String, String, Origin)>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let value = |(key, value, origin): &(String, String, Origin)| {
            let told = if let Origin::Flag(flag) = origin { flag.clone() } else { origin.to_string() };
            (key.clone(), Value::new(Some(&told), value.clone()))
        };
        Ok(self.0.iter().map(value).collect())
    }
}
