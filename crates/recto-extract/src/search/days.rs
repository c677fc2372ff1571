//! Dates that are found other than by their own labels.

use jiff::Span;
use serde_json::Value;

use super::{Search, scaled};
use crate::candidate::{Candidate, Origin};
use crate::concept::{Concept, Kind, TimeOfDays};
use crate::labels::{self, Label};
use crate::lexicon::LEXICON;
use crate::matches::DateMatch;
use crate::shapes;

/// More years than most papers are valid for.
const LONG: i16 = 15;
/// The factor on the probability of a document's date that lies so long before another date.
const LONG_BEFORE: f32 = 0.3;
/// The probability that the only two joined dates of a document are its period.
const UNLABELLED_PERIOD: f32 = 0.62;
/// The probability of the first of all dates for a day without a label, if no other field has it.
const ANY_DATE: f32 = 0.25;
/// The factor for each further one.
const FURTHER_DATE: f32 = 0.85;
/// The most letters of a word between the two dates of a period: `bis`, `to`, `al`.
const JOINING_LETTERS: usize = 3;
/// A time stands beside a date within this many words.
const NEAR: usize = 2;
/// The most words between the number of a document and its date.
const MAX_BEFORE_DAY: usize = 2;

impl Search<'_> {
    /// The dates after the number of a document in its row: `Rechnung Nr. 471102 vom 05.06.2018`.
    pub(super) fn dates_behind_numbers(&self) -> Vec<Candidate> {
        let heads = self.labels.iter().filter(|label| label.strength(Concept::InvoiceNumber).is_some());
        let heads = heads.filter(|label| !self.is_in_prose(label));
        let behind = heads.filter_map(|label| {
            let row = &self.sheet.rows[label.row];
            let number = shapes::values(self.sheet, label.end, row.end, Kind::Code).into_iter().next()?;
            let &(_, number_end) = number.words.first()?;
            let day = self.values(number_end, row.end, Kind::Date).into_iter().next()?;
            let &(first, _) = day.words.first()?;
            let is_other = |other: &Label| {
                number_end <= other.first && other.end <= first && other.meanings.iter().any(|meaning| !meaning.is_weak)
            };
            let is_close = first - number_end <= MAX_BEFORE_DAY;
            let is_own = !labels::in_row(&self.labels, label.row).any(is_other);
            (is_close && is_own).then(|| day.from(label.beside()))
        });
        behind.collect()
    }

    /// The second of two dates after the label of a period's beginning: `Period: 10/06/2021 to 11/06/2021`.
    pub(super) fn ends_of_periods(&self) -> Vec<Candidate> {
        let periods = self.labels.iter().filter_map(|label| Some((label, label.strength(Concept::PeriodStart)?)));
        let ends = periods.filter_map(|(label, strength)| {
            let row = &self.sheet.rows[label.row];
            let day = self.values(label.end, row.end, Kind::Date).into_iter().nth(1)?;
            Some(scaled(day, strength).from(label.beside()))
        });
        ends.collect()
    }

    /// The first or the second date of the only period printed in the document: `01.09.2023 - 30.09.2023`. If there are
    /// several, none is the document's own.
    pub(super) fn unlabelled_period(&self, of_period: Concept) -> Option<Candidate> {
        let mut periods = self.matches.dates.windows(2).filter_map(|two| match two {
            [start, end] if start.date < end.date && self.are_joined(start, end) => Some((start, end)),
            _ => None,
        });
        let (start, end) = periods.next()?;
        let is_other = |(other_start, other_end): (&DateMatch, &DateMatch)| {
            (other_start.date, other_end.date) != (start.date, end.date)
        };
        if periods.any(is_other) {
            return None;
        }
        let find = if of_period == Concept::PeriodStart { start } else { end };
        let score = UNLABELLED_PERIOD * self.sheet.legibility(find.first, find.end);
        Some(Candidate::printed(self.sheet, find.first, find.end, Value::String(find.date.to_string()), score))
    }

    /// The earlier date of a joined pair for the beginning of a period, and the later one for its end: numbers in lines
    /// that run from right to left may come in either order.
    pub(super) fn in_order(&self, candidate: Candidate, of_period: Concept) -> Candidate {
        let is_it = |find: &DateMatch| candidate.words.contains(&(find.first, find.end));
        let swapped = self.matches.dates.windows(2).find_map(|two| match two {
            [later, earlier] if earlier.date < later.date && self.are_joined(later, earlier) => {
                (is_it(later) || is_it(earlier)).then_some((earlier, later))
            }
            _ => None,
        });
        let Some((earlier, later)) = swapped else { return candidate };
        match of_period {
            Concept::PeriodStart => self.with_date(&candidate, earlier),
            Concept::PeriodEnd => self.with_date(&candidate, later),
            _ => candidate,
        }
    }

    fn with_date(&self, candidate: &Candidate, find: &DateMatch) -> Candidate {
        let value = Value::String(find.date.to_string());
        Candidate::printed(self.sheet, find.first, find.end, value, candidate.score).from(candidate.origin)
    }

    /// Whether only a hyphen or one short word stands between two dates.
    fn are_joined(&self, start: &DateMatch, end: &DateMatch) -> bool {
        if end.first != start.end + 1 {
            return false;
        }
        let [before, between, after] = [start.end - 1, start.end, end.first].map(|at| &self.sheet.words[at]);
        let text = between.text.trim_end_matches('.');
        let is_short = (1..=JOINING_LETTERS).contains(&text.chars().count()) && text.chars().all(char::is_alphabetic);
        before.row == between.row && between.row == after.row && (text == "-" || is_short)
    }

    /// A date of birth with a two-digit year: it is moved back a century if it would be later than all other dates of
    /// the document.
    pub(super) fn before_all_others(&self, candidate: Candidate) -> Candidate {
        let is_it = |find: &&DateMatch| candidate.words.contains(&(find.first, find.end));
        let Some(birth) = self.matches.dates.iter().find(is_it).filter(|find| !find.is_full) else { return candidate };
        let others = self.matches.dates.iter().filter(|find| find.date != birth.date);
        let is_last = others.map(|find| find.date).max().is_none_or(|latest| latest < birth.date);
        let earlier = birth.date.checked_sub(Span::new().years(100)).ok().filter(|_| is_last);
        match earlier {
            Some(day) => Candidate { value: Value::String(day.to_string()), ..candidate },
            None => candidate,
        }
    }

    /// Lowers the score of a document's date when most of its dates are much later: laws and births are named by their
    /// dates.
    pub(super) fn of_its_time(&self, candidate: Candidate) -> Candidate {
        let is_it = |find: &&DateMatch| candidate.words.contains(&(find.first, find.end));
        let Some(own) = self.matches.dates.iter().find(is_it) else { return candidate };
        let after = self.matches.dates.iter().filter(|find| find.date.year() - own.date.year() >= LONG).count();
        if 2 * after > self.matches.dates.len() { scaled(candidate, LONG_BEFORE) } else { candidate }
    }

    /// All dates of the document for a day of which nothing but the name is known, the likeliest first: for a name that
    /// tells, the latest or the earliest, otherwise the first on the pages.
    pub(super) fn any_dates(&self, name: &[String]) -> Vec<Candidate> {
        let is_open = |find: &&DateMatch| find.is_full && !self.has_label(find);
        let mut dates: Vec<&DateMatch> = self.matches.dates.iter().filter(is_open).collect();
        match LEXICON.time_of_day(name) {
            Some(TimeOfDays::Late) => dates.sort_by_key(|find| std::cmp::Reverse(find.date)),
            Some(TimeOfDays::Early) => dates.sort_by_key(|find| find.date),
            None => {}
        }
        let nth = |n: usize| ANY_DATE * FURTHER_DATE.powi(n.min(8) as i32);
        let candidate = |(n, find): (usize, &DateMatch)| {
            let value = Value::String(find.date.to_string());
            Candidate::printed(self.sheet, find.first, find.end, value, nth(n)).from(Origin::Remaining)
        };
        dates.into_iter().enumerate().map(candidate).collect()
    }

    /// Whether the last label before a date in its row is that of a day. A plain `Date` must be the whole key, not the
    /// beginning of `Date of the test`.
    fn has_label(&self, find: &DateMatch) -> bool {
        let before = labels::in_row(&self.labels, self.sheet.words[find.first].row);
        let Some(last) = before.filter(|label| label.end <= find.first).max_by_key(|label| label.end) else {
            return false;
        };
        let starts_key = self.sheet.cells[self.sheet.words[last.first].cell].first == last.first;
        let ends_key = last.end == find.first || self.sheet.words[last.end - 1].text.ends_with(':');
        let is_of_day = |concept: Concept| LEXICON.kind(concept) == Kind::Date;
        let mut days = last.meanings.iter().filter(|meaning| is_of_day(meaning.concept));
        days.any(|meaning| !meaning.is_weak || (starts_key && ends_key && !last.goes_on))
    }

    /// The first date of the first page that no label assigns to something else; one with a time beside it comes before
    /// those without, because tills print when something was bought, and no time beside other days.
    pub(super) fn unlabelled_date(&self) -> Option<Candidate> {
        let claimed = |first: usize| {
            let row = self.sheet.words[first].row;
            let before = labels::in_row(&self.labels, row).filter(|label| label.end <= first).max_by_key(|l| l.end);
            before.is_some_and(|label| {
                let is_other_date = label.meanings.iter().any(|m| LEXICON.kind(m.concept) == Kind::Date && !m.is_weak);
                is_other_date && label.strength(Concept::Date).is_none()
            })
        };
        let open = || self.matches.dates.iter().filter(|find| !claimed(find.first));
        let has_time = |find: &&DateMatch| {
            let row = &self.sheet.rows[self.sheet.words[find.first].row];
            !self.values(find.end, row.end.min(find.end + NEAR), Kind::Time).is_empty()
        };
        let find = open().find(has_time).or_else(|| open().next())?;
        let depth = self.sheet.depth(self.sheet.words[find.first].row);
        let seen = self.sheet.legibility(find.first, find.end);
        let score = (0.62 - 0.25 * depth) * seen;
        Some(Candidate::printed(self.sheet, find.first, find.end, Value::String(find.date.to_string()), score))
    }
}
