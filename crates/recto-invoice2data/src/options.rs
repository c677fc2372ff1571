//! The options of a template: how the text is prepared and how values are read.

use std::borrow::Cow;

use serde_json::{Map, Value};
use unicode_normalization::char::decompose_compatible;

use super::pattern::{Substitution, TooManySteps};
use super::reader::Reader;
use super::strptime;
use super::traced::TracedText;

/// The `options` of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Options {
    /// Whether spaces are removed from the text.
    pub(super) remove_whitespace: bool,
    /// Whether letters lose their accents.
    pub(super) remove_accents: bool,
    /// Whether the text is put in lower case.
    pub(super) lowercase: bool,
    /// The replacements in the text, in this order.
    pub(super) replace: Vec<Substitution>,
    /// The currency when no field finds one.
    pub(super) currency: String,
    /// The `strptime` formats that are tried first for dates.
    pub(super) date_formats: Vec<String>,
    /// The decimal separator.
    pub(super) decimal_separator: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            remove_whitespace: false,
            remove_accents: false,
            lowercase: false,
            replace: Vec::new(),
            currency: "EUR".to_owned(),
            date_formats: Vec::new(),
            decimal_separator: ".".to_owned(),
        }
    }
}

impl Options {
    /// Reads the key `options`.
    pub(super) fn read(reader: &mut Reader, template: &Map<String, Value>) -> Self {
        let mut options = Self::default();
        let Some(value) = template.get("options").filter(|value| !value.is_null()) else { return options };
        let Some(object) = reader.object("options", value) else { return options };
        options.remove_whitespace = reader.flag("options", object, "remove_whitespace");
        options.remove_accents = reader.flag("options", object, "remove_accents");
        options.lowercase = reader.flag("options", object, "lowercase");
        if let Some(replace) = object.get("replace") {
            options.replace = reader.substitutions("options.replace", replace);
        }
        if let Some(currency) = object.get("currency").and_then(|value| reader.text("options.currency", value)) {
            options.currency = currency;
        }
        if let Some(formats) = object.get("date_formats") {
            options.date_formats = reader.texts("options.date_formats", formats);
            for (index, format) in options.date_formats.iter().enumerate() {
                if let Err(why) = strptime::check(format) {
                    reader.wrong(&format!("options.date_formats[{index}]"), &why);
                }
            }
        }
        if let Some(separator) = object.get("decimal_separator") {
            match reader.text("options.decimal_separator", separator) {
                Some(separator) if !separator.is_empty() => options.decimal_separator = separator,
                Some(_) => reader.wrong("options.decimal_separator", "must not be empty"),
                None => {}
            }
        }
        // Month names are read in every language that Recto knows, so the languages are validated but not used.
        if let Some(languages) = object.get("languages") {
            for (index, language) in reader.texts("options.languages", languages).iter().enumerate() {
                if language.chars().count() != 2 {
                    reader.wrong(&format!("options.languages[{index}]"), "must be a two-letter code");
                }
            }
        }
        options
    }

    /// The text prepared as the template asks.
    pub(super) fn prepare<'a>(&self, text: &'a TracedText) -> Result<Cow<'a, TracedText>, TooManySteps> {
        let mut text = Cow::Borrowed(text);
        if self.remove_whitespace {
            text = Cow::Owned(text.map_chars(|c| (c != ' ').then_some(c)));
        }
        if self.remove_accents {
            text = Cow::Owned(text.map_chars(without_accents));
        }
        if self.lowercase {
            text = Cow::Owned(text.map_chars(char::to_lowercase));
        }
        for substitution in &self.replace {
            let edits = substitution.edits(text.as_str())?;
            if !edits.is_empty() {
                text = Cow::Owned(text.replaced(&edits));
            }
        }
        Ok(text)
    }
}

/// A character without accents: its decomposition without combining marks.
fn without_accents(c: char) -> Vec<char> {
    let mut parts = Vec::new();
    decompose_compatible(c, |part| {
        if !('\u{300}'..='\u{362}').contains(&part) {
            parts.push(part);
        }
    });
    parts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_is_prepared() {
        for (options, expected) in [
            (json!({"remove_whitespace": true}), "GrößeÉtat\n1l"),
            (json!({"remove_accents": true}), "Große Etat\n1 l"),
            (json!({"lowercase": true}), "größe état\n1 l"),
            (json!({"replace": [[r"(\d) l", r"\1 LTR"], ["État", "Etat"]]}), "Größe Etat\n1 LTR"),
            (json!({"remove_accents": "yes", "lowercase": [true], "replace": ["etat", "state"]}), "große state\n1 l"),
        ] {
            let mut reader = Reader::default();
            let template = json!({"options": options});
            let options = Options::read(&mut reader, template.as_object().unwrap());
            assert_eq!(reader.into_wrong(), [] as [&str; 0]);
            let mut text = TracedText::default();
            text.push_filler("Größe État\n1 l");
            assert_eq!(options.prepare(&text).unwrap().as_str(), expected, "{template}");
        }
    }
}
