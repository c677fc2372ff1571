//! Table values named by their row and column: `overtime_hours`, `gross_pay_year_to_date`.

use recto_domain::Rect;

use super::{Search, scaled};
use crate::candidate::Candidate;
use crate::concept::Kind;
use crate::labels;

/// The probability of a value in a row and a column that the field names together.
const CROSSING: f32 = 0.8;
/// The fewest letters in the name of a row or a column.
const SHORTEST: usize = 3;

impl Search<'_> {
    /// The values at the crossing of a row named by the beginning of a name and a column named by its end, or the other
    /// way round.
    pub(super) fn at_crossing(&self, name: &[String], kind: Kind) -> Vec<Candidate> {
        let splits = (1..name.len()).map(|at| (name[..at].concat(), name[at..].concat()));
        let both = splits.flat_map(|(first, last)| [(first.clone(), last.clone()), (last, first)]);
        let long = both.filter(|(row, column)| row.len().min(column.len()) >= SHORTEST);
        long.map(|(row, column)| self.crossing(&row, &column, kind)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn crossing(&self, row: &str, column: &str, kind: Kind) -> Vec<Candidate> {
        let sheet = self.sheet;
        let place = |at: usize, name: &str| labels::exact_place_of(sheet, &sheet.rows[at..=at], name);
        let is_over = |head: &Rect, place: &Rect| head.x < place.right() && head.right() > place.x;
        for (at, of_row) in sheet.rows.iter().enumerate() {
            let Some((_, end)) = place(at, row).filter(|(first, _)| *first == of_row.first) else { continue };
            let mut above = (0..at).rev().take_while(|above| sheet.rows[*above].page == of_row.page);
            let Some((first_of_head, end_of_head)) = above.find_map(|above| place(above, column)) else {
                continue;
            };
            let head = sheet.bbox(first_of_head, end_of_head);
            let values = self.values(end, of_row.end, kind).into_iter();
            let in_column = values.filter(|candidate| {
                candidate.words.iter().all(|(first, end)| is_over(&head, &sheet.bbox(*first, *end)))
            });
            let found: Vec<Candidate> = in_column.map(|candidate| scaled(candidate, CROSSING)).collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }
}
