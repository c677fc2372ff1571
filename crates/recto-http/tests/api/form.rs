//! Builds the bodies of uploads.

use reqwest::multipart::{Form, Part};

/// A form for `POST /batch/upload`, in the order in which its parts are added.
#[derive(Default)]
pub struct Upload(Form);

impl Upload {
    /// A form without parts.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text field.
    pub fn field(self, name: &str, value: impl Into<String>) -> Self {
        Self(self.0.text(name.to_owned(), value.into()))
    }

    /// A file.
    pub fn file(self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        Self(self.0.part("files", Part::bytes(content.into()).file_name(name.to_owned())))
    }

    /// The form.
    pub fn into_form(self) -> Form {
        self.0
    }
}

/// A PNG of one white pixel, for those who look into files.
pub const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cc\xf8\x0f\x00\x01\x01\x01\x00\xb18\xf6\x14\x00\x00\x00\x00IEND\xaeB`\x82";
