//! The learned weights.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The file with the weights, relative to this crate's folder.
pub const WEIGHTS_FILE: &str = "src/parties/letterhead/weights.json";

/// The possible parts of a line, in the order of each feature's weights.
pub const LINE_PARTS: [&str; 3] = ["name", "address", "other"];

/// The file. Its other entries describe the origin of the weights.
#[derive(Debug, Deserialize)]
struct File {
    intercept: [f32; 3],
    weights: HashMap<String, [f32; 3]>,
}

static MODEL: LazyLock<File> = LazyLock::new(|| {
    serde_json::from_str(include_str!("weights.json")).expect("a test reads the weights in the crate")
});

/// The probabilities that a line with these features is part of the name, and of the address: multinomial logistic
/// regression.
pub(super) fn likelihoods(features: &[String]) -> [f32; 2] {
    let mut sums = MODEL.intercept;
    // A feature without weights is ignored.
    for weights in features.iter().filter_map(|name| MODEL.weights.get(name)) {
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += weight;
        }
    }
    let most = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let [name, address, other] = sums.map(|sum| (sum - most).exp());
    let all = name + address + other;
    [name / all, address / all]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_are_shares_of_one_and_unknown_features_change_nothing() {
        let known = likelihoods(&["company".to_owned(), "line 1".to_owned()]);
        let with_unknown = likelihoods(&["company".to_owned(), "line 1".to_owned(), "written in gold".to_owned()]);
        assert_eq!(known, with_unknown);
        assert!(known[0] > known[1] && known[0] + known[1] <= 1.0);
    }
}
