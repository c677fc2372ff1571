//! The learned trees.

use std::sync::LazyLock;

use serde::Deserialize;

/// The file with the trees, relative to this crate's folder.
pub const RANKING_FILE: &str = "src/ranking/trees.json";

/// A node: the index of the feature that it asks for, the value below which the first child follows, and the indices of
/// both children within the tree. A leaf has no children, and its value is in log odds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Node {
    Split(usize, f32, usize, usize),
    Leaf(f32),
}

/// The file. Its other entries describe the origin of the trees.
#[derive(Debug, Deserialize)]
struct File {
    /// The log odds without any feature.
    base: f32,
    /// The names of the features.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares them with those of the code"))]
    features: Vec<String>,
    /// The nodes of each tree from its root on.
    trees: Vec<Vec<Node>>,
}

static FILE: LazyLock<File> =
    LazyLock::new(|| serde_json::from_str(include_str!("trees.json")).expect("a test reads the trees in the crate"));

/// The probability that the value with these features is right, 0 to 1.
pub(super) fn probability(features: &[f32]) -> f32 {
    let odds: f32 = FILE.base + FILE.trees.iter().map(|tree| leaf(tree, features)).sum::<f32>();
    1.0 / (1.0 + (-odds).exp())
}

fn leaf(tree: &[Node], features: &[f32]) -> f32 {
    let mut at = 0;
    loop {
        match tree[at] {
            Node::Leaf(odds) => return odds,
            Node::Split(feature, below, left, right) => at = if features[feature] < below { left } else { right },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ranking_features;
    use super::*;

    #[test]
    fn the_trees_are_those_of_the_features() {
        assert_eq!(FILE.features, ranking_features());
    }

    #[test]
    fn every_path_ends_in_a_leaf() {
        for tree in &FILE.trees {
            for (at, node) in tree.iter().enumerate() {
                if let Node::Split(feature, _, left, right) = node {
                    assert!(*feature < FILE.features.len());
                    assert!(at < *left && at < *right && *left.max(right) < tree.len());
                }
            }
        }
    }
}
