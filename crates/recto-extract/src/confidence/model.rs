//! The learned weights.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::features::{FEATURES, Features};

/// The file with the weights, relative to this crate's folder.
pub const WEIGHTS_FILE: &str = "src/confidence/weights.json";

/// The file. Its other entries describe the origin of the weights.
#[derive(Debug, Deserialize)]
struct File {
    intercept: f32,
    weights: HashMap<String, f32>,
}

/// The weights in the order of the features.
struct Model {
    intercept: f32,
    weights: Vec<f32>,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let file: File = serde_json::from_str(include_str!("weights.json")).expect("a test reads the weights in the crate");
    // A feature that is newer than the weights has weight zero.
    let weights = FEATURES.iter().map(|name| file.weights.get(*name).copied().unwrap_or(0.0)).collect();
    Model { intercept: file.intercept, weights }
});

/// The probability that the value with these features is right, 0 to 1.
pub(super) fn probability(features: &Features) -> f32 {
    let sum: f32 = MODEL.weights.iter().zip(features.values()).map(|(weight, value)| weight * value).sum();
    1.0 / (1.0 + (-MODEL.intercept - sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_those_of_the_features() {
        let file: File = serde_json::from_str(include_str!("weights.json")).unwrap();
        let mut names: Vec<&str> = file.weights.keys().map(String::as_str).collect();
        let mut features = FEATURES.to_vec();
        names.sort_unstable();
        features.sort_unstable();
        assert_eq!(names, features);
    }

    #[test]
    fn what_leads_more_clearly_is_likelier() {
        let weight = |name: &str| MODEL.weights[FEATURES.iter().position(|other| *other == name).unwrap()];
        for name in ["score", "lead", "legibility"] {
            assert!(weight(name) >= 0.0, "{name}");
        }
    }
}
