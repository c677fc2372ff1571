//! The regular expressions of a template, which share one budget for compiling them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

/// The effort for one byte of a compiled pattern, which takes 10 to 20 ns to make.
const BYTE: usize = 1;
/// The budget of a template: half a second on a machine of 2020.
const MAX_EFFORT: usize = 32 << 20;
/// The most patterns per template.
const MAX_PATTERNS: usize = 500;
/// The longest pattern, in characters.
const MAX_CHARS: usize = 10_000;
/// The largest compiled pattern, in bytes.
const MAX_BYTES: usize = 4 << 20;
/// The size limit of the first attempt to compile a pattern, in bytes; each further attempt doubles it.
const FIRST_BYTES: usize = 64 << 10;

/// The effort of reading a character.
const CHAR: usize = 16 * BYTE;
/// The effort of reading a class that has to be built, such as `[\w-]`.
const CLASS: usize = 8 << 10;
/// The effort of a case-insensitive class of the letters of all scripts.
const FOLDED_CLASS: usize = 64 << 10;
/// The effort of a case-insensitive class of nearly all characters, such as `[\s\S]`; each character is looked up.
const FOLDED_WIDE_CLASS: usize = 1 << 20;

/// The remaining budget for the patterns of one template. It counts the patterns, their length, and the work and memory
/// of compiling them. The same patterns cost the same on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternBudget {
    patterns: usize,
    effort: usize,
}

impl Default for PatternBudget {
    fn default() -> Self {
        Self { patterns: MAX_PATTERNS, effort: MAX_EFFORT }
    }
}

impl PatternBudget {
    /// Compiles a pattern, which may consist of several expressions (`parts`). `build` is told how many bytes each
    /// expression may take. The limit grows as long as the pattern needs more and the budget allows it; `is_too_big`
    /// tells whether more bytes would help.
    ///
    /// # Errors
    /// What is wrong with the pattern, worded to follow its path: `is no regular expression: …`, or that the patterns
    /// of the template take too much to compile.
    pub fn compile<R, E: fmt::Display>(
        &mut self,
        pattern: &str,
        parts: usize,
        mut build: impl FnMut(usize) -> Result<R, E>,
        is_too_big: impl Fn(&E) -> bool,
    ) -> Result<R, String> {
        let chars = pattern.chars().count();
        if chars > MAX_CHARS {
            return Err(format!("may have at most {MAX_CHARS} characters, not {chars}"));
        }
        let Some(patterns) = self.patterns.checked_sub(1) else {
            return Err(format!("is one too many: a template may have at most {MAX_PATTERNS} regular expressions"));
        };
        self.patterns = patterns;
        if self.effort == 0 {
            return Err("was not checked for the same reason".to_owned());
        }
        let used_up = "is too costly to compile together with the other regular expressions of the template: shorten \
                       them, or use smaller repetition counts";
        self.spend(reading_effort(pattern)).ok_or(used_up)?;
        let mut bytes = FIRST_BYTES;
        loop {
            self.spend(bytes.saturating_mul(parts)).ok_or(used_up)?;
            match build(bytes) {
                Err(error) if is_too_big(&error) && bytes < MAX_BYTES => bytes *= 2,
                Err(error) if is_too_big(&error) => {
                    return Err(format!(
                        "takes more than {MAX_BYTES} bytes when compiled: use smaller repetition counts"
                    ));
                }
                Err(error) => return Err(format!("is no regular expression: {}", last_line(&error.to_string()))),
                Ok(regex) => return Ok(regex),
            }
        }
    }

    /// Takes that much effort from the budget. When less is left, takes all of it and returns `None`.
    fn spend(&mut self, effort: usize) -> Option<()> {
        let left = self.effort.checked_sub(effort);
        self.effort = left.unwrap_or(0);
        left.map(|_| ())
    }
}

/// The last line of a compiler's message; the lines before it repeat the pattern.
fn last_line(error: &str) -> &str {
    error.lines().last().unwrap_or_default().trim_start_matches("error: ")
}

/// The effort of reading a pattern, estimated from its text before its compiled size is known. Classes have to be
/// built; in case-insensitive patterns, the other case of each character is added. The estimate is rather too high than
/// too low.
fn reading_effort(pattern: &str) -> usize {
    let folds = folds_case(pattern);
    let (class, wide) = if folds { (FOLDED_CLASS, FOLDED_WIDE_CLASS) } else { (CLASS, CLASS) };
    let mut effort = pattern.len() * CHAR;
    // The depth of nested brackets.
    let mut depth = 0_usize;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        effort += match character {
            '\\' => match (characters.next(), depth) {
                (Some('p' | 'P'), _) | (Some('S' | 'D' | 'W' | 'x' | 'u' | 'U' | 'N'), 1..) => wide,
                (Some('w'), 1..) => class,
                _ => 0,
            },
            '[' => {
                depth += 1;
                characters.next_if_eq(&'^');
                // A `]` at the beginning of a class is an ordinary character.
                characters.next_if_eq(&']');
                0
            }
            ']' => {
                depth = depth.saturating_sub(1);
                0
            }
            // A range that ends outside ASCII.
            '-' if depth > 0 && characters.peek().is_some_and(|next| !next.is_ascii()) => wide,
            // Both operands of an operation between classes are built.
            '&' | '~' if depth > 0 && characters.peek() == Some(&character) => wide,
            _ => 0,
        };
    }
    effort
}

/// Whether any part of a pattern is case-insensitive, as in `(?i)` or `(?si-m:`.
fn folds_case(pattern: &str) -> bool {
    pattern.match_indices("(?").any(|(at, _)| {
        let flags = pattern[at + 2..].chars().take_while(char::is_ascii_alphabetic);
        flags.into_iter().any(|flag| flag == 'i')
    })
}

/// A regular expression of a template, compiled when it is first needed. Two patterns are equal when their texts are.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    /// The inner value is `None` when the pattern is no longer valid; such a pattern matches nothing.
    compiled: Arc<OnceLock<Option<Regex>>>,
}

impl Pattern {
    /// Parses and compiles a pattern.
    ///
    /// # Errors
    /// As [`PatternBudget::compile`].
    pub fn parse(source: &str, budget: &mut PatternBudget) -> Result<Self, String> {
        let is_too_big = |error: &regex::Error| matches!(error, regex::Error::CompiledTooBig(_));
        let regex = budget.compile(source, 1, |bytes| built(source, bytes), is_too_big)?;
        Ok(Self { source: source.to_owned(), compiled: Arc::new(OnceLock::from(Some(regex))) })
    }

    /// A pattern that was validated before; it is compiled when first needed.
    #[must_use]
    pub fn checked_before(source: &str) -> Self {
        Self { source: source.to_owned(), compiled: Arc::default() }
    }

    /// The pattern's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The compiled pattern; `None` for an invalid pattern that was never checked.
    #[must_use]
    pub fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| built(&self.source, MAX_BYTES).ok()).as_ref()
    }
}

fn built(source: &str, bytes: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).size_limit(bytes).build()
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.source).finish()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many copies of the pattern fit in a template's budget.
    fn room_for(pattern: &str) -> usize {
        let mut budget = PatternBudget::default();
        (0..=MAX_PATTERNS).take_while(|_| Pattern::parse(pattern, &mut budget).is_ok()).count()
    }

    #[test]
    fn ordinary_patterns_may_be_as_many_as_fields() {
        for ordinary in [
            r"^[A-Z]{2}\d{9}$",
            r"\bRE-\d{4}-\d{6}\b",
            r"^\d{1,3}(?:[.,]\d{3})*[.,]\d{2}$",
            r"[^@\s]+@[^@\s]+\.[a-z]{2,}",
            r"(?i)invoice\s*(?:no|number)[.:]?\s*(\S+)",
        ] {
            assert_eq!(room_for(ordinary), MAX_PATTERNS, "{ordinary}");
        }
    }

    #[test]
    fn patterns_that_take_long_to_compile_are_few() {
        for (costly, most) in [
            (r"\w{15}".to_owned(), 40),
            (format!("(?i){}", r"[\w&&\S]".repeat(10)), 2),
            (format!("(?si:{})", r"[[[\S]]]".repeat(10)), 4),
            (format!("(?i){}", r"[^\x00-\x{10FFFF}a]".repeat(10)), 2),
            (format!("(?i){}", "[ -\u{ffff}]".repeat(10)), 4),
            (format!("(?i){}", r"\p{Any}".repeat(10)), 4),
            (format!("(?i){}", r"[]\S]".repeat(10)), 4),
        ] {
            let room = room_for(&costly);
            assert!(room <= most, "{costly}: {room}");
        }
        assert!(Pattern::parse(r"\w{500}", &mut PatternBudget::default()).unwrap_err().contains("4194304 bytes"));
        let long = Pattern::parse(&"a".repeat(MAX_CHARS + 1), &mut PatternBudget::default()).unwrap_err();
        assert_eq!(long, "may have at most 10000 characters, not 10001");
    }

    #[test]
    fn a_budget_that_is_spent_compiles_nothing_more() {
        let mut budget = PatternBudget { patterns: 10, effort: 100 };
        let mut built = 0;
        let mut refused = || {
            let compile = |_| {
                built += 1;
                Ok::<_, String>(())
            };
            budget.compile("a", 1, compile, |_| false).unwrap_err()
        };
        assert!(refused().starts_with("is too costly to compile"));
        assert_eq!(refused(), "was not checked for the same reason");
        assert_eq!(built, 0);
        let mut none = PatternBudget { patterns: 0, ..PatternBudget::default() };
        assert!(Pattern::parse("a", &mut none).unwrap_err().contains("at most 500 regular expressions"));
    }

    #[test]
    fn what_was_checked_is_compiled_when_it_is_needed() {
        let pattern = Pattern::checked_before("a+");
        assert!(pattern.compiled.get().is_none());
        assert!(pattern.clone().regex().is_some_and(|regex| regex.is_match("caat")));
        assert!(pattern.compiled.get().is_some(), "once for all copies");
        assert!(Pattern::checked_before("(").regex().is_none());
    }
}
