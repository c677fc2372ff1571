//! The engines that a process can use.

use recto_domain::EngineInfo;

use crate::engine::OcrEngine;

/// Engines by name. The first one registered is the default.
#[derive(Default)]
pub struct EngineRegistry {
    engines: Vec<Box<dyn OcrEngine>>,
}

/// No engine of that name is registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no OCR engine {name:?}; there is {}", .known.join(", "))]
pub struct UnknownEngine {
    /// As it was asked for.
    pub name: String,
    /// What there is.
    pub known: Vec<String>,
}

impl EngineRegistry {
    /// Without engines.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more engine. An engine of a name that is taken replaces the earlier one and keeps its place.
    #[must_use]
    pub fn with(mut self, engine: impl OcrEngine + 'static) -> Self {
        let engine: Box<dyn OcrEngine> = Box::new(engine);
        match self.engines.iter_mut().find(|e| e.name() == engine.name()) {
            Some(taken) => *taken = engine,
            None => self.engines.push(engine),
        }
        self
    }

    /// The engine of that name, or the default one without a name.
    pub fn engine(&mut self, name: Option<&str>) -> Result<&mut dyn OcrEngine, UnknownEngine> {
        let found = match name {
            None => (!self.engines.is_empty()).then_some(0),
            Some(name) => self.engines.iter().position(|e| e.name() == name),
        };
        match found {
            Some(i) => Ok(self.engines[i].as_mut()),
            None => Err(UnknownEngine {
                name: name.unwrap_or_default().to_owned(),
                known: self.engines.iter().map(|e| e.name().to_owned()).collect(),
            }),
        }
    }

    /// What every engine is and can read, in the order of registration.
    #[must_use]
    pub fn infos(&self) -> Vec<EngineInfo> {
        let info = |e: &dyn OcrEngine| EngineInfo {
            name: e.name().to_owned(),
            version: e.version(),
            languages: e.languages(),
        };
        self.engines.iter().map(|e| info(e.as_ref())).collect()
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::{Languages, Rotation};

    use super::*;
    use crate::{OcrError, PageImage, Recognized};

    struct Named(&'static str, &'static str);

    impl OcrEngine for Named {
        fn name(&self) -> &'static str {
            self.0
        }
        fn version(&self) -> String {
            self.1.to_owned()
        }
        fn languages(&self) -> Vec<String> {
            vec!["eng".to_owned()]
        }
        fn recognize(&mut self, _: &PageImage, _: &Languages) -> Result<Recognized, OcrError> {
            Ok(Recognized::default())
        }
        fn orientation(&mut self, _: &PageImage) -> Result<Option<Rotation>, OcrError> {
            Ok(None)
        }
    }

    #[test]
    fn the_first_engine_is_the_default_and_others_go_by_name() {
        let mut registry = EngineRegistry::new().with(Named("a", "1")).with(Named("b", "1")).with(Named("a", "2"));
        assert_eq!(registry.engine(None).unwrap().version(), "2");
        assert_eq!(registry.engine(Some("b")).unwrap().name(), "b");
        let refusal = registry.engine(Some("c")).err().unwrap();
        assert_eq!(refusal.to_string(), "there is no OCR engine \"c\"; there is a, b");
        assert_eq!(registry.infos().len(), 2);
    }
}
