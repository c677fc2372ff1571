//! The forms in which labels are compared.

use std::sync::LazyLock;

use recto_values::words::LINES;

use crate::sheet::tokens_of;

/// The least characters of a gist; shorter ones are found in too many texts.
const SHORTEST_GIST: usize = 4;

/// A label in the form used for comparisons: its tokens without separators.
pub(crate) fn key_of(label: &str) -> String {
    tokens_in(label).collect()
}

/// The keys by which a label is found: the label as it is, and its [`Gist`].
pub(crate) fn keys_of(label: &str) -> impl Iterator<Item = String> {
    let key = key_of(label);
    let gist = Gist::of(tokens_in(label)).key().filter(|gist| *gist != key).map(str::to_owned);
    std::iter::once(key).chain(gist)
}

/// The folded tokens of a label.
pub(crate) fn tokens_in(label: &str) -> impl Iterator<Item = String> {
    label.split_whitespace().flat_map(|word| tokens_of(word, 0)).map(|token| token.text)
}

/// A label in the form in which different wordings agree: without articles and prepositions, and with `#` for any word for
/// "number". `Numéro de la facture`, `N° facture` and `Rechnungs-Nr.` become `#facture`, `#facture` and `rechnungs#`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gist {
    text: String,
    starts_small: bool,
    ends_small: bool,
    has_words: bool,
}

impl Gist {
    /// The gist of some tokens.
    pub(crate) fn of(tokens: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut gist = Self::default();
        for token in tokens {
            gist.push(token.as_ref());
        }
        gist
    }

    /// Adds the next token of the label.
    pub(crate) fn push(&mut self, token: &str) {
        let is_number = is_number(token);
        self.ends_small = !is_number && is_small(token);
        self.starts_small |= self.ends_small && self.text.is_empty();
        if is_number {
            self.text.push('#');
        } else if !self.ends_small {
            self.has_words = true;
            match thing_of_number(token) {
                Some(thing) => self.text.extend([thing, "#"]),
                None => self.text.push_str(token),
            }
        }
    }

    /// The gist; `None` when it is too short, or when an article or a preposition is at either end, where labels neither
    /// begin nor stop.
    pub(crate) fn key(&self) -> Option<&str> {
        let is_whole = self.has_words && !self.starts_small && !self.ends_small;
        (is_whole && self.text.chars().count() >= SHORTEST_GIST).then_some(self.text.as_str())
    }
}

/// Whether a token is an article or a preposition, which labels may leave out.
pub(crate) fn is_small(token: &str) -> bool {
    LINES.small_words.contains(token)
}

/// Whether a token is a word or a sign for "number".
pub(crate) fn is_number(token: &str) -> bool {
    token == "#" || LINES.number_words.contains(token)
}

/// What a compound with a word for "number" is about: the `rechnungs` of `Rechnungsnummer`.
fn thing_of_number(token: &str) -> Option<&str> {
    /// Shorter words for "number", other than `nr`, end other words too.
    static ENDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let words = LINES.number_words.iter().map(String::as_str);
        let mut ends: Vec<&str> = words.filter(|word| word.chars().count() >= 4 || *word == "nr").collect();
        ends.sort_by_key(|end| std::cmp::Reverse(end.len()));
        ends
    });
    let thing = ENDS.iter().find_map(|end| token.strip_suffix(end))?;
    (thing.chars().count() >= 3).then_some(thing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gist(label: &str) -> Option<String> {
        Gist::of(tokens_in(label)).key().map(str::to_owned)
    }

    #[test]
    fn wordings_of_one_label_agree() {
        for (one, other) in [
            ("Personal-Nr.", "Personalnummer"),
            ("Nº de afiliación a la Seguridad Social", "Número afiliación Seguridad Social"),
            ("Date of the Invoice", "Date Invoice"),
            ("N° de facture", "Numéro facture"),
        ] {
            assert_eq!(gist(one), gist(other), "{one}, {other}");
            assert!(gist(one).is_some(), "{one}");
        }
    }

    #[test]
    fn other_labels_do_not() {
        assert_ne!(gist("Rechnungsnummer"), gist("Rechnung"));
        assert_ne!(gist("Number of Pieces"), gist("Pieces"));
        assert_eq!(gist("of Invoice"), None);
        assert_eq!(gist("Invoice of"), None);
        assert_eq!(gist("No."), None);
    }
}
