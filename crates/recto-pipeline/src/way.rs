//! The way in which a file is read. The same bytes read in the same way give the same result.

use recto_domain::{EngineInfo, LanguageChoice, PageRange, ReadOptions, TextLayerUse};
use serde::{Deserialize, Serialize};

/// What a worker reads with, and its defaults for requests that do not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Way {
    /// See [`WorkerParts::version`](crate::WorkerParts::version).
    pub version: String,
    /// The engines, with their versions and languages.
    pub engines: Vec<EngineInfo>,
    /// The default engine.
    pub engine: String,
    /// The default languages of pages.
    pub languages: LanguageChoice,
    /// The resolution at which PDF pages are rendered, in pixels per inch.
    pub dpi: u32,
    /// The default use of text that files carry.
    pub text_layer: TextLayerUse,
}

/// A way combined with the options of a request, for [`WorkItem::way`](recto_domain::WorkItem::way).
#[derive(Serialize)]
struct Asked<'a> {
    version: &'a str,
    engines: &'a [EngineInfo],
    engine: &'a str,
    languages: &'a LanguageChoice,
    dpi: u32,
    text_layer: TextLayerUse,
    pages: Option<&'a PageRange>,
}

impl Way {
    /// This way as text, with the options of a request in place of the defaults. A request that names the default
    /// engine gives the same text as one that names none.
    pub(crate) fn with(&self, options: &ReadOptions) -> String {
        let asked = Asked {
            version: &self.version,
            engines: &self.engines,
            engine: options.engine.as_deref().unwrap_or(&self.engine),
            languages: options.languages.as_ref().unwrap_or(&self.languages),
            dpi: self.dpi,
            text_layer: options.text_layer.unwrap_or(self.text_layer),
            pages: options.pages.as_ref(),
        };
        serde_json::to_string(&asked).expect("texts and numbers make JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way() -> Way {
        let info =
            EngineInfo { name: "tesseract".to_owned(), version: "5.5".to_owned(), languages: vec!["eng".to_owned()] };
        Way {
            version: "1".to_owned(),
            engines: vec![info],
            engine: "auto".to_owned(),
            languages: "eng".parse().unwrap(),
            dpi: 300,
            text_layer: TextLayerUse::Auto,
        }
    }

    #[test]
    fn whatever_a_reading_depends_on_makes_another_way() {
        let plain = way().with(&ReadOptions::default());
        let mut newer_engine = way();
        newer_engine.engines[0].version = "5.6".to_owned();
        let mut more_languages = way();
        more_languages.engines[0].languages.push("tha".to_owned());
        for other in [
            Way { version: "2".to_owned(), ..way() },
            Way { engine: "neural".to_owned(), ..way() },
            Way { languages: "deu".parse().unwrap(), ..way() },
            Way { dpi: 200, ..way() },
            Way { text_layer: TextLayerUse::Ignore, ..way() },
            newer_engine,
            more_languages,
        ] {
            assert_ne!(other.with(&ReadOptions::default()), plain);
        }
        for asked in [
            ReadOptions { engine: Some("neural".to_owned()), ..ReadOptions::default() },
            ReadOptions { languages: Some("deu".parse().unwrap()), ..ReadOptions::default() },
            ReadOptions { pages: Some("1".parse().unwrap()), ..ReadOptions::default() },
            ReadOptions { text_layer: Some(TextLayerUse::Trust), ..ReadOptions::default() },
        ] {
            assert_ne!(way().with(&asked), plain, "{asked:?}");
        }
    }

    #[test]
    fn asking_for_what_holds_anyway_is_the_same_way() {
        let asked = ReadOptions {
            engine: Some("auto".to_owned()),
            languages: Some("eng".parse().unwrap()),
            pages: None,
            reuse: Some(true),
            text_layer: Some(TextLayerUse::Auto),
            ..ReadOptions::default()
        };
        assert_eq!(way().with(&asked), way().with(&ReadOptions::default()));
    }
}
