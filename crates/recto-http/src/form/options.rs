//! The read options of each file: the file's own and the batch's, checked against what is installed.

use recto_domain::{ANY_ENGINE, EngineInfo, ReadOptions};

use super::fields::Fields;
use crate::error::{ApiError, excerpt};

/// The options of each of `files` files. A refusal names what is installed. Before the first worker has started,
/// `engines` is empty and nothing is checked; a worker then refuses the file.
pub(super) fn of_files(fields: &Fields, files: usize, engines: &[EngineInfo]) -> Result<Vec<ReadOptions>, ApiError> {
    let mut wrong: Vec<String> = Vec::new();
    for index in fields.readings.keys().filter(|&&index| index >= files) {
        wrong.push(format!("there is no files[{index}]: files are counted from 0, and the form has {files}"));
    }
    let options: Vec<ReadOptions> = (0..files).map(|index| fields.reading_of(index)).collect();
    for message in options.iter().filter_map(|options| missing(options, engines)) {
        if !wrong.contains(&message) {
            wrong.push(message);
        }
    }
    if wrong.is_empty() { Ok(options) } else { Err(ApiError::Invalid(wrong)) }
}

/// Describes what the options name but is not installed.
fn missing(options: &ReadOptions, engines: &[EngineInfo]) -> Option<String> {
    if engines.is_empty() {
        return None;
    }
    let candidates: Vec<&EngineInfo> = match options.engine.as_deref() {
        None | Some(ANY_ENGINE) => engines.iter().collect(),
        Some(named) => engines.iter().filter(|engine| engine.name == named).collect(),
    };
    if candidates.is_empty() {
        let named = excerpt(options.engine.as_deref().unwrap_or_default());
        let installed: Vec<&str> = engines.iter().map(|engine| engine.name.as_str()).collect();
        return Some(format!("engine {named} is not installed; installed are: {}", installed.join(", ")));
    }
    let known = |code: &String| candidates.iter().any(|engine| engine.languages.contains(code));
    let unknown = options.languages.as_ref()?.named()?.codes().iter().find(|code| !known(code))?;
    let mut installed: Vec<&str> = candidates.iter().flat_map(|e| &e.languages).map(String::as_str).collect();
    installed.sort_unstable();
    installed.dedup();
    Some(format!("language {unknown} is not installed; installed are: {}", installed.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::fields::{Field, FormKind};

    fn engines() -> Vec<EngineInfo> {
        let languages = ["deu", "eng", "osd"].map(str::to_owned).to_vec();
        vec![EngineInfo { name: "tesseract".into(), version: "5.3.0".into(), languages }]
    }

    fn fields(sent: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in sent {
            fields.set(Field::of(FormKind::Batch, name).unwrap(), name, value).unwrap();
        }
        fields
    }

    #[test]
    fn a_file_overrides_the_batch() {
        let fields = fields(&[("languages", "eng"), ("files[1].languages", "deu+eng"), ("pages", "1-2")]);
        let options = of_files(&fields, 2, &engines()).unwrap();
        assert_eq!(options[0].languages.as_ref().unwrap().to_string(), "eng");
        assert_eq!(options[1].languages.as_ref().unwrap().to_string(), "deu+eng");
        assert_eq!(options[1].pages.as_ref().unwrap().to_string(), "1-2");
    }

    #[test]
    fn what_is_not_installed_is_refused_once() {
        let fields = fields(&[("languages", "eng+tha"), ("files[1].engine", "neural"), ("files[7].pages", "1")]);
        let Err(ApiError::Invalid(wrong)) = of_files(&fields, 3, &engines()) else { panic!("accepted") };
        insta::assert_snapshot!(wrong.join("\n"), @r"
        there is no files[7]: files are counted from 0, and the form has 3
        language tha is not installed; installed are: deu, eng, osd
        engine neural is not installed; installed are: tesseract
        ");
    }

    #[test]
    fn nothing_is_refused_before_a_worker_has_told() {
        assert!(of_files(&fields(&[("languages", "tha"), ("engine", "neural")]), 1, &[]).is_ok());
    }
}
