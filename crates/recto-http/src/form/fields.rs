//! The text fields of an upload, each checked as it arrives.

use std::collections::BTreeMap;

use recto_domain::{Batch, BatchId, ProjectId, ReadOptions};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arriving::sound_name;
use crate::error::{ApiError, excerpt};

/// The largest text field, in bytes; fields with tighter limits check them separately.
pub(super) const MAX_TEXT_BYTES: usize = 64 * 1024;
const MAX_ENGINE_CHARS: usize = 64;
const MAX_UPLOAD_TYPE_CHARS: usize = 64;
/// The kinds of file that a sender can declare.
const FILE_TYPES: [&str; 3] = ["pdf", "image", "document"];

/// The call that a form belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) enum FormKind {
    /// `POST /batch/upload`
    #[default]
    Batch,
    /// `POST /upload`
    Single,
    /// `POST /templates/:id/data-files`, for a template of that project
    Example(ProjectId),
}

impl FormKind {
    /// The name of a file's part.
    pub(super) fn file_part(self) -> &'static str {
        match self {
            Self::Batch => "files",
            Self::Single | Self::Example(_) => "file",
        }
    }

    /// The most files.
    pub(super) fn max_files(self) -> usize {
        match self {
            Self::Batch => Batch::MAX_FILES,
            Self::Single | Self::Example(_) => 1,
        }
    }
}

/// A known field of an upload. Others are ignored.
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
    /// How to read all files, or the one with that index.
    Reading(Option<usize>, Reading),
    /// The batch that a single file is added to.
    BatchId,
    /// The name of a single file.
    FileName,
    /// The kind that the sender declares.
    FileType,
    /// The size that the sender declares.
    FileSize,
    /// The media type that the sender declares.
    MimeType,
    /// The purpose of the file.
    UploadType,
    /// The pages to read, as an object or in the form of `pages`.
    PageRange,
    /// The correct values of an example: a JSON object.
    Values,
}

/// A field that says how to read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Languages of the text.
    Languages,
    /// The engine's name.
    Engine,
    /// The pages to read.
    Pages,
    /// Whether an earlier reading of the same file may be reused.
    Reuse,
    /// How the text that the file carries is used.
    TextLayer,
    /// A password to try on a protected file; each occurrence adds one.
    Password,
}

impl Field {
    /// The field with that name: `languages` for the batch, `files[0].languages` for its first file.
    pub(super) fn of(kind: FormKind, name: &str) -> Option<Self> {
        match (kind, name) {
            (FormKind::Example(_), "fields") => return Some(Self::Values),
            (FormKind::Example(_) | FormKind::Single, "fileName") => return Some(Self::FileName),
            (FormKind::Example(_), _) => return None,
            (_, "projectId") => return Some(Self::ProjectId),
            (_, "templateId") => return Some(Self::TemplateId),
            (_, "metadata") => return Some(Self::Metadata),
            (FormKind::Batch, "name") => return Some(Self::Name),
            (FormKind::Single, "batchId") => return Some(Self::BatchId),
            (FormKind::Single, "fileType") => return Some(Self::FileType),
            (FormKind::Single, "fileSize") => return Some(Self::FileSize),
            (FormKind::Single, "mimeType") => return Some(Self::MimeType),
            (FormKind::Single, "uploadType") => return Some(Self::UploadType),
            (FormKind::Single, "pageRange") => return Some(Self::PageRange),
            _ => {}
        }
        let (file, name) = match name.strip_prefix("files[").filter(|_| kind == FormKind::Batch) {
            None => (None, name),
            Some(rest) => {
                let (index, name) = rest.split_once("].")?;
                let digits = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
                // An index too large for a number is beyond the last file, and refused as such.
                (Some(index.parse().unwrap_or(usize::MAX)).filter(|_| digits), name)
            }
        };
        let reading = match name {
            "languages" => Reading::Languages,
            "engine" => Reading::Engine,
            "pages" => Reading::Pages,
            "reuse" => Reading::Reuse,
            "textLayer" => Reading::TextLayer,
            "password" => Reading::Password,
            _ => return None,
        };
        Some(Self::Reading(file, reading))
    }
}

/// The values of the text fields.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// The call.
    pub(crate) kind: FormKind,
    /// As sent; checked against the caller's token later.
    pub(super) project_id: Option<String>,
    /// As sent; looked up among the caller's templates later.
    pub(super) template_id: Option<String>,
    /// Without a name, the batch is named after the date.
    pub(crate) name: Option<String>,
    /// Always an object.
    pub(crate) metadata: Option<Value>,
    /// The correct values of an example: always an object.
    pub(crate) values: Option<Value>,
    /// The batch that a single file is added to.
    pub(crate) batch: Option<BatchId>,
    /// The name of a single file, if it differs from that of its part.
    pub(super) file_name: Option<String>,
    /// The purpose of a single file.
    pub(crate) upload_type: String,
    /// Read options for all files.
    pub(super) reading: ReadOptions,
    /// Read options for single files, by index.
    pub(super) readings: BTreeMap<usize, ReadOptions>,
}

impl Fields {
    /// No values yet.
    pub(super) fn of(kind: FormKind) -> Self {
        let project_id = match kind {
            FormKind::Example(project) => Some(project.to_string()),
            FormKind::Batch | FormKind::Single => None,
        };
        Self { kind, project_id, ..Self::default() }
    }

    /// The read options of the file with that index: its own, and otherwise those for all files.
    pub(super) fn reading_of(&self, index: usize) -> ReadOptions {
        self.readings.get(&index).cloned().unwrap_or_default().or(&self.reading)
    }

    /// Sets a field. A later value replaces an earlier one, except for passwords; an empty value counts as missing.
    pub(super) fn set(&mut self, field: Field, name: &str, value: &str) -> Result<(), ApiError> {
        // A password may begin or end with a space.
        let value = if matches!(field, Field::Reading(_, Reading::Password)) { value } else { value.trim() };
        if value.is_empty() {
            return Ok(());
        }
        match field {
            Field::ProjectId => self.project_id = Some(value.to_owned()),
            Field::TemplateId => self.template_id = Some(value.to_owned()),
            Field::BatchId => self.batch = Some(value.parse().map_err(|_| ApiError::no_batch(value))?),
            Field::FileName => self.file_name = Some(sound_name("fileName", value.to_owned())?),
            Field::FileType => file_type(value)?,
            Field::FileSize => file_size(value)?,
            Field::MimeType => media_type(value)?,
            Field::UploadType => self.upload_type = upload_type(value)?,
            Field::PageRange => {
                let pages = page_range(value)?;
                set_reading(&mut self.reading, Reading::Pages, &pages)
                    .map_err(|why| ApiError::invalid(format!("{name}: {why}")))?;
            }
            Field::Name => self.name = Some(batch_name(value)?),
            Field::Metadata => self.metadata = Some(object("metadata", value)?),
            Field::Values => self.values = Some(object("fields", value)?),
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

/// The bytes decide what a file is; the declared kind must only be a known one.
fn file_type(value: &str) -> Result<(), ApiError> {
    if FILE_TYPES.contains(&value) {
        return Ok(());
    }
    Err(ApiError::invalid(format!("fileType must be one of {}, not {}", FILE_TYPES.join(", "), excerpt(value))))
}

fn file_size(value: &str) -> Result<(), ApiError> {
    let sound = value.bytes().all(|b| b.is_ascii_digit()) && value.parse::<u64>().is_ok();
    if sound {
        Ok(())
    } else {
        Err(ApiError::invalid(format!("fileSize must be a whole number, not {}", excerpt(value))))
    }
}

fn media_type(value: &str) -> Result<(), ApiError> {
    let sound = value.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty());
    if sound && value.len() <= 255 && value.is_ascii() {
        return Ok(());
    }
    Err(ApiError::invalid(format!("mimeType must be a media type such as image/png, not {}", excerpt(value))))
}

fn upload_type(value: &str) -> Result<String, ApiError> {
    if value.chars().count() > MAX_UPLOAD_TYPE_CHARS || value.chars().any(char::is_control) {
        let most = MAX_UPLOAD_TYPE_CHARS;
        return Err(ApiError::invalid(format!(
            "uploadType must have at most {most} characters, not {}",
            excerpt(value)
        )));
    }
    Ok(value.to_owned())
}

/// Converts `{"from": 1, "to": 5}` to the form of `pages`; any other text is returned unchanged.
fn page_range(value: &str) -> Result<String, ApiError> {
    #[derive(Deserialize)]
    struct Span {
        from: Option<u32>,
        to: Option<u32>,
    }
    if !value.starts_with('{') {
        return Ok(value.to_owned());
    }
    let span: Span = serde_json::from_str(value).map_err(|_| {
        ApiError::invalid(format!(r#"pageRange must be {{"from": 1, "to": 5}} or 1-5,7,21-, not {}"#, excerpt(value)))
    })?;
    let to = span.to.map(|to| to.to_string()).unwrap_or_default();
    Ok(format!("{}-{to}", span.from.unwrap_or(1)))
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

fn object(name: &str, value: &str) -> Result<Value, ApiError> {
    if value.len() > Batch::MAX_METADATA_BYTES {
        return Err(ApiError::invalid(format!(
            "{name} must have at most {} bytes, not {}",
            Batch::MAX_METADATA_BYTES,
            value.len()
        )));
    }
    let parsed: Value =
        serde_json::from_str(value).map_err(|error| ApiError::invalid(format!("{name} must be JSON: {error}")))?;
    if parsed.is_object() {
        Ok(parsed)
    } else {
        Err(ApiError::invalid(format!("{name} must be a JSON object, not {}", excerpt(value))))
    }
}

fn set_reading(options: &mut ReadOptions, reading: Reading, value: &str) -> Result<(), String> {
    match reading {
        Reading::Languages => options.languages = Some(value.parse().map_err(|e| format!("{e}"))?),
        Reading::Pages => options.pages = Some(value.parse().map_err(|e| format!("{e}"))?),
        Reading::Reuse => {
            let reuse = value.parse().map_err(|_| format!("it must be true or false, not {}", excerpt(value)))?;
            options.reuse = Some(reuse);
        }
        Reading::TextLayer => {
            options.text_layer = Some(value.parse().map_err(|error| format!("{error}, not {}", excerpt(value)))?);
        }
        // The message does not contain the password.
        Reading::Password => options.passwords.add(value).map_err(|error| error.to_string())?,
        Reading::Engine => {
            if value.chars().count() > MAX_ENGINE_CHARS || value.chars().any(char::is_control) {
                return Err(format!("{} is not a valid engine name", excerpt(value)));
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
        Fields::default().set(Field::of(FormKind::Batch, name).unwrap(), name, value).unwrap_err().to_string()
    }

    #[test]
    fn fields_are_known_by_name() {
        assert_eq!(Field::of(FormKind::Batch, "projectId"), Some(Field::ProjectId));
        assert_eq!(Field::of(FormKind::Batch, "pages"), Some(Field::Reading(None, Reading::Pages)));
        assert_eq!(Field::of(FormKind::Batch, "files[12].engine"), Some(Field::Reading(Some(12), Reading::Engine)));
        for unknown in ["colour", "files[1].colour", "files[].pages2", "files[1]pages", "files"] {
            assert_eq!(Field::of(FormKind::Batch, unknown), None, "{unknown}");
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
            refusal("languages", "../eng"),
            refusal("files[3].pages", "5-1"),
            refusal("engine", &"e".repeat(65)),
            refusal("files[0].reuse", "perhaps"),
            refusal("files[1].textLayer", "some"),
            refusal("files[2].password", &"p".repeat(600)),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        name must have at most 200 characters, not 201
        name must not contain the NUL character
        metadata must be JSON: expected ident at line 1 column 2
        metadata must be a JSON object, not [1]
        metadata must be a JSON object, not "x"
        metadata must have at most 16384 bytes, not 17008
        languages: languages must be auto, or at most 10 codes of letters, digits and _ joined by +, such as eng+deu, not "../eng"
        files[3].pages: pages must be page numbers and ranges such as 1-5,7,21- (from 1, each range in ascending order), not "5-1"
        engine: eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee… is not a valid engine name
        files[0].reuse: it must be true or false, not perhaps
        files[1].textLayer: it must be one of auto, trust, ignore, redo, not some
        files[2].password: a password must have 1 to 512 bytes and no NUL
        "#);
    }

    #[test]
    fn what_a_sender_says_of_a_single_file_must_have_its_form() {
        let refusal = |name: &str, value: &str| {
            let field = Field::of(FormKind::Single, name).unwrap();
            Fields::of(FormKind::Single).set(field, name, value).unwrap_err().to_string()
        };
        let all = [
            refusal("fileType", "spreadsheet"),
            refusal("fileSize", "many"),
            refusal("mimeType", "png"),
            refusal("uploadType", &"u".repeat(65)),
            refusal("batchId", "x"),
            refusal("pageRange", "{\"from\": \"one\"}"),
            refusal("pageRange", "{\"from\": 5, \"to\": 1}"),
        ];
        insta::assert_snapshot!(all.join("\n"));
        let mut fields = Fields::of(FormKind::Single);
        fields.set(Field::PageRange, "pageRange", r#"{"from": 2, "to": 5}"#).unwrap();
        assert_eq!(fields.reading.pages.unwrap().to_string(), "2-5");
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
