//! Turns lines into rows, one after the other.

use std::ops::Range;

use super::lines_rule::LinesRule;
use super::pattern::{Match, Pattern, TooManySteps};

/// A row as texts, before its values are typed.
pub(super) type Texts = Vec<(String, String)>;

/// A block of lines in progress.
pub(super) struct LineBlock<'r> {
    rule: &'r LinesRule,
    rows: Vec<Texts>,
    /// The row that lines are added to.
    row: Option<Texts>,
    /// Whether a first line was found, and no last line since.
    is_open: bool,
    /// The range from the first to the last line that matched.
    taken: Option<Range<usize>>,
}

impl<'r> LineBlock<'r> {
    pub(super) fn of(rule: &'r LinesRule) -> Self {
        Self { rule, rows: Vec::new(), row: None, is_open: false, taken: None }
    }

    /// The rows, and the range from the first to the last line that matched.
    pub(super) fn finish(mut self) -> (Vec<Texts>, Option<Range<usize>>) {
        self.close();
        (self.rows, self.taken)
    }

    /// Takes a line that starts at byte `at` of the text.
    pub(super) fn line(&mut self, line: &str, at: usize) -> Result<(), TooManySteps> {
        let bare = line.trim_matches('\n').trim_matches('\r');
        if bare.is_empty() || any(&self.rule.skip_line, line)?.is_some() {
            return Ok(());
        }
        let rule = self.rule;
        let first = rule.first_line.as_ref().map(|patterns| any(patterns, line)).transpose()?.flatten();
        if let Some((pattern, matched)) = first {
            self.take(at, line);
            self.close();
            let row = named(pattern, &matched, line);
            self.row = (!row.is_empty()).then_some(row);
            self.is_open = true;
            return Ok(());
        }
        if !self.is_open {
            return Ok(());
        }
        let last = rule.last_line.as_ref().map(|patterns| any(patterns, line)).transpose()?.flatten();
        if let Some((pattern, matched)) = last {
            self.take(at, line);
            self.append(named(pattern, &matched, line));
            self.close();
            self.is_open = false;
        } else if let Some((pattern, matched)) = any(&rule.line, line)? {
            self.take(at, line);
            self.append(named(pattern, &matched, line));
        }
        Ok(())
    }

    fn take(&mut self, at: usize, line: &str) {
        let start = self.taken.as_ref().map_or(at, |taken| taken.start);
        self.taken = Some(start..at + line.len());
    }

    fn close(&mut self) {
        self.rows.extend(self.row.take());
    }

    /// Appends values to those of the row, on new lines.
    fn append(&mut self, values: Texts) {
        if values.is_empty() {
            return;
        }
        let row = self.row.get_or_insert_default();
        for (name, value) in values {
            match row.iter_mut().find(|(other, _)| *other == name) {
                Some((_, text)) if text.is_empty() => *text = value,
                Some((_, text)) => {
                    text.push('\n');
                    text.push_str(&value);
                }
                None => row.push((name, value)),
            }
        }
    }
}

fn any<'p>(patterns: &'p [Pattern], line: &str) -> Result<Option<(&'p Pattern, Match)>, TooManySteps> {
    for pattern in patterns {
        if let Some(matched) = pattern.search(line)? {
            return Ok(Some((pattern, matched)));
        }
    }
    Ok(None)
}

/// The texts of the named groups, trimmed; empty for groups that did not match.
fn named(pattern: &Pattern, matched: &Match, line: &str) -> Texts {
    let names = pattern.group_names();
    let text = |group: &Option<Range<usize>>| group.clone().map_or("", |range| line[range].trim()).to_owned();
    names.iter().zip(&matched.groups).filter_map(|(name, group)| Some(((*name)?.to_owned(), text(group)))).collect()
}

/// The ranges between line feeds.
pub(super) fn split_lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    text.split('\n')
        .map(|line| {
            let range = at..at + line.len();
            at = range.end + 1;
            range
        })
        .collect()
}
