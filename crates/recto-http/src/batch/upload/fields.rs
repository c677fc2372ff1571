//! The text fields of an upload, each checked as it arrives.

use std::collections::BTreeMap;

use recto_domain::{Batch, ReadOptions};
use serde_json::Value;

use crate::error::{ApiError, start};

/// The most that a text field may hold; those with tighter limits have them beside their rule.
pub(super) const MAX_TEXT_BYTES: usize = 64 * 1024;
const MAX_ENGINE_CHARS: usize = 64;

/// A field that an upload understands. Others are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// The target project.
    ProjectId,
    /// The template for all files.
    TemplateId,
    /// The batch's name.
    Name,
    /// A JSON object.
    Metadata,
    /// How to read all files, or the one of that index.
    Reading(Option<usize>, Reading),
}

/// Something that says how to read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Languages of the text.
    Languages,
    /// The engine's name.
    Engine,
    /// The pages wanted.
    Pages,
}

impl Field {
    /// The field of that name: `languages` for the batch, `files[0].languages` for its first file.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "projectId" => return Some(Self::ProjectId),
            "templateId" => return Some(Self::TemplateId),
            "name" => return Some(Self::Name),
            "metadata" => return Some(Self::Metadata),
            _ => {}
        }
        let (file, name) = match name.strip_prefix("files[") {
            None => (None, name),
            Some(rest) => {
                let (index, name) = rest.split_once("].")?;
                let digits = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
                // An index beyond all numbers is one beyond all files, and refused as such.
                (Some(index.parse().unwrap_or(usize::MAX)).filter(|_| digits), name)
            }
        };
        let reading = match name {
            "languages" => Reading::Languages,
            "engine" => Reading::Engine,
            "pages" => Reading::Pages,
            _ => return None,
        };
        Some(Self::Reading(file, reading))
    }
}

/// What the text fields said.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// As sent; settled against the caller's token.
    pub(super) project_id: Option<String>,
    /// Without it the batch is named after the day.
    pub(super) name: Option<String>,
    /// Always an object.
    pub(super) metadata: Option<Value>,
    /// For all files.
    pub(super) reading: ReadOptions,
    /// For single files, by index.
    pub(super) readings: BTreeMap<usize, ReadOptions>,
}

impl Fields {
    /// Takes a field; a later one of the same name replaces it, and an empty one is as good as none.
    pub(super) fn set(&mut self, field: Field, name: &str, value: &str) -> Result<(), ApiError> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        match field {
            Field::ProjectId => self.project_id = Some(value.to_owned()),
            Field::TemplateId => {
                return Err(ApiError::invalid(format!("templateId {} names no template", start(value))));
            }
            Field::Name => self.name = Some(batch_name(value)?),
            Field::Metadata => self.metadata = Some(metadata(value)?),
            Field::Reading(file, reading) => {
                let options = match file {
                    None => &mut self.reading,
                    Some(index) => self.readings.entry(index).or_default(),
                };
                set_reading(options, reading, value).map_err(|why| ApiError::invalid(format!("{name}: {why}")))?;
            }
        }
        Ok(())
    }
}

fn batch_name(value: &str) -> Result<String, ApiError> {
    let chars = value.chars().count();
    if chars > Batch::MAX_NAME_CHARS {
        return Err(ApiError::invalid(format!(
            "name must have at most {} characters, not {chars}",
            Batch::MAX_NAME_CHARS
        )));
    }
    if value.contains('\0') {
        return Err(ApiError::invalid("name must not contain the NUL character"));
    }
    Ok(value.to_owned())
}

fn metadata(value: &str) -> Result<Value, ApiError> {
    if value.len() > Batch::MAX_METADATA_BYTES {
        return Err(ApiError::invalid(format!(
            "metadata must have at most {} bytes, not {}",
            Batch::MAX_METADATA_BYTES,
            value.len()
        )));
    }
    let parsed: Value =
        serde_json::from_str(value).map_err(|error| ApiError::invalid(format!("metadata must be JSON: {error}")))?;
    if parsed.is_object() {
        Ok(parsed)
    } else {
        Err(ApiError::invalid(format!("metadata must be a JSON object, not {}", start(value))))
    }
}

fn set_reading(options: &mut ReadOptions, reading: Reading, value: &str) -> Result<(), String> {
    match reading {
        Reading::Languages => options.languages = Some(value.parse().map_err(|e| format!("{e}"))?),
        Reading::Pages => options.pages = Some(value.parse().map_err(|e| format!("{e}"))?),
        Reading::Engine => {
            if value.chars().count() > MAX_ENGINE_CHARS || value.chars().any(char::is_control) {
                return Err(format!("{} names no engine", start(value)));
            }
            options.engine = Some(value.to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, value: &str) -> String {
        Fields::default().set(Field::of(name).unwrap(), name, value).unwrap_err().to_string()
    }

    #[test]
    fn fields_are_known_by_name() {
        assert_eq!(Field::of("projectId"), Some(Field::ProjectId));
        assert_eq!(Field::of("pages"), Some(Field::Reading(None, Reading::Pages)));
        assert_eq!(Field::of("files[12].engine"), Some(Field::Reading(Some(12), Reading::Engine)));
        for unknown in ["colour", "files[1].colour", "files[].pages2", "files[1]pages", "files"] {
            assert_eq!(Field::of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_refusal_names_the_field_the_limit_and_the_value() {
        let all = [
            refusal("name", &"n".repeat(201)),
            refusal("name", "a\0b"),
            refusal("metadata", "not json"),
            refusal("metadata", "[1]"),
            refusal("metadata", "\"x\""),
            refusal("metadata", &format!("{{\"x\":\"{}\"}}", "y".repeat(17_000))),
            refusal("templateId", "0123456789abcdef01234567"),
            refusal("languages", "../eng"),
            refusal("files[3].pages", "5-1"),
            refusal("engine", &"e".repeat(65)),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        name must have at most 200 characters, not 201
        name must not contain the NUL character
        metadata must be JSON: expected ident at line 1 column 2
        metadata must be a JSON object, not [1]
        metadata must be a JSON object, not "x"
        metadata must have at most 16384 bytes, not 17008
        templateId 0123456789abcdef01234567 names no template
        languages: languages are written as in eng+deu (letters, digits and _, at most 10 of them), not "../eng"
        files[3].pages: pages are written as in 1-5,7,21- (from 1, the first of a span not above the last), not "5-1"
        engine: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee… names no engine
        "#);
    }

    #[test]
    fn two_hundred_characters_are_a_name_and_blanks_are_none() {
        let mut fields = Fields::default();
        fields.set(Field::Name, "name", &"ä".repeat(200)).unwrap();
        assert_eq!(fields.name.unwrap().chars().count(), 200);
        let mut fields = Fields::default();
        fields.set(Field::Name, "name", "  ").unwrap();
        assert_eq!(fields.name, None);
    }
}
