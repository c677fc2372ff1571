//! Regular expressions in Python's syntax, run with a bound on their steps.

mod class;
mod escape;
mod replacement;
mod time_budget;
mod translate;

use std::ops::Range;

use fancy_regex::{Captures, CompileError, Error, Regex, RegexBuilder, RuntimeError};
use recto_domain::PatternBudget;

use replacement::Replacement;
use time_budget::spend;
pub(super) use time_budget::with_time_budget;

/// The backtracking steps before a search is given up. A sound pattern takes a few thousand.
const MAX_STEPS: usize = 500_000;

/// A pattern of a template, ready to search.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    source: String,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// The error for a search that was given up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("needs too many steps on this document; make the pattern more exact")]
pub(super) struct TooManySteps;

/// A match of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Match {
    /// The range of the whole match, in bytes.
    pub(super) range: Range<usize>,
    /// The range of each group, from the first; `None` for one that did not match.
    pub(super) groups: Vec<Option<Range<usize>>>,
}

impl Pattern {
    /// Parses a pattern in Python's syntax. The error message continues the pattern's path.
    pub(super) fn parse(source: &str, budget: &mut PatternBudget) -> Result<Self, String> {
        let translated = translate::to_rust(source).map_err(|why| format!("is no regular expression: {why}"))?;
        let build =
            |bytes| RegexBuilder::new(&translated).backtrack_limit(MAX_STEPS).delegate_size_limit(bytes).build();
        let regex = budget.compile(&translated, parts(&translated), build, is_too_big)?;
        Ok(Self { source: source.to_owned(), regex })
    }

    /// The names of the groups in their order; `None` for a group without a name.
    pub(super) fn group_names(&self) -> Vec<Option<&str>> {
        self.regex.capture_names().skip(1).collect()
    }

    /// The first match.
    pub(super) fn search(&self, text: &str) -> Result<Option<Match>, TooManySteps> {
        let captures = spend(|| self.regex.captures(text))?.or_else(|error| given_up(&error))?;
        Ok(captures.map(|captures| found(&captures)))
    }

    /// All matches from left to right.
    pub(super) fn find_all(&self, text: &str) -> Result<Vec<Match>, TooManySteps> {
        let mut all = Vec::new();
        let mut matches = self.regex.captures_iter(text);
        while let Some(captures) = spend(|| matches.next())? {
            match captures {
                Ok(captures) => all.push(found(&captures)),
                Err(error) => {
                    given_up::<()>(&error)?;
                    break;
                }
            }
        }
        Ok(all)
    }

    /// The ranges between the matches.
    pub(super) fn split(&self, text: &str) -> Result<Vec<Range<usize>>, TooManySteps> {
        let mut parts = Vec::new();
        let mut at = 0;
        for matched in self.find_all(text)? {
            parts.push(at..matched.range.start);
            at = matched.range.end;
        }
        parts.push(at..text.len());
        Ok(parts)
    }
}

/// The greatest number of expressions that a pattern is compiled to. It is one, unless the pattern has lookarounds,
/// references or possessive parts: the text between, within and after such parts is then compiled separately.
fn parts(pattern: &str) -> usize {
    const APART: [&str; 10] = ["(?=", "(?!", "(?<=", "(?<!", "(?>", "(?P=", "(?(", "++", "*+", "?+"];
    let refers = |pair: &&[u8]| pair[0] == b'\\' && (pair[1].is_ascii_digit() || pair[1] == b'k');
    let references = pattern.as_bytes().windows(2).filter(refers).count();
    if references == 0 && !APART.iter().any(|apart| pattern.contains(apart)) {
        return 1;
    }
    1 + references + pattern.bytes().filter(|byte| b"(|*+?{".contains(byte)).count()
}

/// Whether a larger memory limit would help.
fn is_too_big(error: &Error) -> bool {
    match error {
        Error::CompileError(error) => matches!(&**error, CompileError::InnerError(e) if e.size_limit().is_some()),
        _ => false,
    }
}

/// Whether the search was given up. `Ok(None)` for errors that do not occur with a compiled pattern.
fn given_up<T>(error: &Error) -> Result<Option<T>, TooManySteps> {
    match error {
        Error::RuntimeError(RuntimeError::BacktrackLimitExceeded | RuntimeError::StackOverflow) => Err(TooManySteps),
        _ => Ok(None),
    }
}

fn found(captures: &Captures<'_, str>) -> Match {
    let ranges = |index: usize| captures.get(index).map(|group| group.range());
    Match { range: ranges(0).unwrap_or_default(), groups: (1..captures.len()).map(ranges).collect() }
}

/// A pattern and the replacement of its matches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Substitution {
    pattern: Pattern,
    replacement: Replacement,
}

impl Substitution {
    /// A substitution with a replacement in Python's syntax (`\1`, `\g<name>`).
    pub(super) fn new(pattern: Pattern, replacement: &str) -> Result<Self, String> {
        let replacement = Replacement::parse(replacement, &pattern.group_names())?;
        Ok(Self { pattern, replacement })
    }

    /// The matches in a text with their replacements.
    pub(super) fn edits(&self, text: &str) -> Result<Vec<(Range<usize>, String)>, TooManySteps> {
        let matches = self.pattern.find_all(text)?;
        Ok(matches.into_iter().map(|m| (m.range.clone(), self.replacement.expand(&m, text))).collect())
    }

    /// The text with its matches replaced.
    pub(super) fn apply(&self, text: &str) -> Result<String, TooManySteps> {
        let mut new = String::with_capacity(text.len());
        let mut at = 0;
        for (range, replacement) in self.edits(text)? {
            new.push_str(&text[at..range.start]);
            new.push_str(&replacement);
            at = range.end;
        }
        new.push_str(&text[at..]);
        Ok(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str, text: &str) -> Vec<String> {
        let pattern = Pattern::parse(pattern, &mut PatternBudget::default()).unwrap();
        pattern.find_all(text).unwrap().into_iter().map(|m| text[m.range].to_owned()).collect()
    }

    #[test]
    fn pythons_syntax_means_the_same() {
        for (pattern, text, expected) in [
            (r"a{,2}b", "aaab", "aab"),
            (r"x{a}", "x{a}", "x{a}"),
            (r"{", "{", "{"),
            (r"[[]\d[]]", "[7]", "[7]"),
            (r"[a&&b]+", "b&&a", "b&&a"),
            (r"[^\W\d]+", "12ab", "ab"),
            (r"\€\s\<", "€ <", "€ <"),
            (r"end$", "the end\n", "end"),
            (r"end\Z", "end", "end"),
            (r"(?m)^b$", "a\nb\nc", "b"),
            (r"(?i)total", "TOTAL", "TOTAL"),
            (r"(?x) a \s b # a comment", "a b", "a b"),
            (r"a(?#a comment)b", "ab", "ab"),
            (r"\u20ac\x41\101", "€AA", "€AA"),
            (r"(?P<a>.)(?P=a)", "xyy", "yy"),
            (r"(.)\1", "xyy", "yy"),
            (r"(?<=EUR )\d+", "EUR 12", "12"),
            (r"(?!\s{4})\w", "    a", "a"),
            (r"\w+", "Zähler²", "Zähler²"),
            (r"a\/b\-c\%", "a/b-c%", "a/b-c%"),
            (r"(?a)\d+", "٣4", "4"),
            (r"a++b", "aab", "aab"),
        ] {
            assert_eq!(all(pattern, text).first().map(String::as_str), Some(expected), "{pattern}");
        }
        assert_eq!(all(r"end\Z", "end\n"), [] as [&str; 0]);
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_said() {
        for (pattern, message) in
            [("(a", "a group is not closed"), ("[a", "a character class is not closed"), (r"\k", r"\k is not known")]
        {
            let error = Pattern::parse(pattern, &mut PatternBudget::default()).unwrap_err();
            assert!(error.contains(message), "{pattern}: {error}");
        }
        assert!(Pattern::parse("*a", &mut PatternBudget::default()).is_err());
        assert!(Pattern::parse("a)", &mut PatternBudget::default()).is_err());
    }

    #[test]
    fn a_pattern_that_never_ends_is_given_up() {
        let pattern = Pattern::parse(r"(x+x+)+(?=y)\1", &mut PatternBudget::default()).unwrap();
        assert_eq!(pattern.search(&"x".repeat(60)), Err(TooManySteps));
    }

    #[test]
    fn replacements_are_pythons() {
        let replace = |pattern: &str, with: &str, text: &str| {
            Substitution::new(Pattern::parse(pattern, &mut PatternBudget::default()).unwrap(), with)
                .unwrap()
                .apply(text)
                .unwrap()
        };
        assert_eq!(replace(r"(?P<q>\d+\s)L", r"\g<q>LTR", "2 L"), "2 LTR");
        assert_eq!(replace(r"(\d)(\d)", r"\2-\g<1>\n$1", "12"), "2-1\n$1");
        let wrong = Substitution::new(Pattern::parse("a", &mut PatternBudget::default()).unwrap(), r"\1").unwrap_err();
        assert!(wrong.contains("group 1"), "{wrong}");
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_is_read_without_harm(pattern in ".{0,30}", text in ".{0,30}") {
            if let Ok(pattern) = Pattern::parse(&pattern, &mut PatternBudget::default()) {
                let _ = pattern.find_all(&text);
            }
        }
    }
}
