//! The sources of Tesseract's models.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The file name extension of a model.
const SUFFIX: &str = "traineddata";
/// Models that are not languages: orientation and script detection, equations.
const NO_LANGUAGES: [&str; 2] = ["osd", "equ"];

/// Models by language code, from folders or embedded in the program.
///
/// Folders given with [`Traineddata::with_folder`] come first, so that an operator can replace an embedded model by a
/// better one. The embedded models come second, and the system's folders last.
#[derive(Debug, Clone, Default)]
pub struct Traineddata {
    folders: Vec<PathBuf>,
    embedded: Vec<Embedded>,
    system: Vec<PathBuf>,
}

#[derive(Clone)]
struct Embedded {
    code: &'static str,
    bytes: &'static [u8],
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.code, self.bytes.len())
    }
}

/// The location of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Model {
    /// In the memory of this process.
    Memory(&'static [u8]),
    /// `<code>.traineddata` in this folder.
    Folder(PathBuf),
}

impl Traineddata {
    /// No models.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the models of a folder (`deu.traineddata`, `script/Latin.traineddata`, …).
    #[must_use]
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folders.push(folder.into());
        self
    }

    /// Adds a model whose bytes are part of the program. `eng` and `osd` are worth embedding: the default language, and
    /// the detector of orientation.
    #[must_use]
    pub fn with_embedded(mut self, code: &'static str, bytes: &'static [u8]) -> Self {
        self.embedded.push(Embedded { code, bytes });
        self
    }

    /// Adds the folders where a system keeps its models: first the one named by `TESSDATA_PREFIX`, then those of Linux
    /// distributions.
    #[must_use]
    pub fn with_system_folders(mut self) -> Self {
        // An empty path has no absolute form.
        let named = env::var_os("TESSDATA_PREFIX").and_then(|folder| std::path::absolute(folder).ok());
        self.system.extend(named);
        // Debian and Ubuntu have a folder for each version of Tesseract.
        let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/share/tesseract-ocr")
            .map(|entries| entries.flatten().map(|e| e.path().join("tessdata")).filter(|p| p.is_dir()).collect())
            .unwrap_or_default();
        versions.sort();
        self.system.extend(versions.into_iter().rev());
        let usual = ["/usr/share/tesseract/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata"];
        self.system.extend(usual.into_iter().map(PathBuf::from).filter(|p| p.is_dir()));
        self
    }

    /// Every folder that is searched for models, so that a sandbox can keep them readable.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.iter().chain(&self.system).map(PathBuf::as_path)
    }

    /// The languages that have a model, sorted.
    #[must_use]
    pub fn languages(&self) -> Vec<String> {
        let mut codes: BTreeSet<String> = self.embedded.iter().map(|e| e.code.to_owned()).collect();
        for folder in self.folders() {
            codes.extend(models_in(folder));
            codes.extend(models_in(&folder.join("script")).into_iter().map(|name| format!("script/{name}")));
        }
        codes.retain(|code| !NO_LANGUAGES.contains(&code.as_str()));
        codes.into_iter().collect()
    }

    /// A hash that changes whenever a model in a folder is added, replaced or removed. It covers names, sizes and
    /// modification times, but no embedded models, which belong to the program.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = DefaultHasher::new();
        for folder in self.folders().flat_map(|folder| [folder.to_owned(), folder.join("script")]) {
            let mut models = models_in(&folder);
            models.sort_unstable();
            for code in models {
                // A model whose metadata cannot be read cannot be read itself.
                let about = std::fs::metadata(model_file(&folder, &code)).ok();
                (code, about.map(|about| (about.len(), about.modified().ok()))).hash(&mut hash);
            }
        }
        format!("{:016x}", hash.finish())
    }

    /// The first model for the code.
    pub(crate) fn find(&self, code: &str) -> Option<Model> {
        let in_folder = |folder: &&PathBuf| model_file(folder, code).is_file();
        let folder = |folders: &[PathBuf]| folders.iter().find(in_folder).cloned().map(Model::Folder);
        folder(&self.folders)
            .or_else(|| self.embedded.iter().find(|e| e.code == code).map(|e| Model::Memory(e.bytes)))
            .or_else(|| folder(&self.system))
    }
}

/// The file of a model in a folder.
pub(crate) fn model_file(folder: &Path, code: &str) -> PathBuf {
    folder.join(format!("{code}.{SUFFIX}"))
}

fn models_in(folder: &Path) -> Vec<String> {
    // A folder that does not exist or cannot be read offers no models.
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let name = |path: &Path| -> Option<String> {
        let is_model = path.extension() == Some(OsStr::new(SUFFIX));
        Some(path.file_stem().filter(|_| is_model)?.to_str()?.to_owned())
    };
    entries.flatten().filter_map(|e| name(&e.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_folder_goes_before_an_embedded_model_and_that_before_the_systems() {
        let (own, system) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, code) in [(&own, "eng"), (&system, "eng"), (&system, "deu"), (&system, "osd")] {
            std::fs::write(model_file(folder.path(), code), b"x").unwrap();
        }
        std::fs::write(own.path().join("notes.txt"), b"x").unwrap();
        let mut models = Traineddata::new().with_embedded("eng", b"e").with_embedded("osd", b"o");
        models.system.push(system.path().to_owned());
        assert_eq!(models.find("eng"), Some(Model::Memory(b"e")));
        assert_eq!(models.find("deu"), Some(Model::Folder(system.path().to_owned())));
        assert_eq!(models.find("fra"), None);
        let models = models.with_folder(own.path());
        assert_eq!(models.find("eng"), Some(Model::Folder(own.path().to_owned())));
        assert_eq!(models.languages(), ["deu", "eng"]);
    }

    #[test]
    fn a_model_that_comes_or_is_replaced_makes_another_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        let models = Traineddata::new().with_folder(folder.path());
        let mut seen = vec![models.fingerprint()];
        for (code, bytes) in [("eng", &b"fast"[..]), ("eng", b"better"), ("deu", b"fast")] {
            std::fs::write(model_file(folder.path(), code), bytes).unwrap();
            let now = models.fingerprint();
            assert!(!seen.contains(&now), "{code}");
            assert_eq!(models.fingerprint(), now);
            seen.push(now);
        }
    }
}
