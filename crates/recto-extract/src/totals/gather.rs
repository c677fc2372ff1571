//! The candidates for a document's totals.

use rust_decimal::Decimal;

use super::rates::{self, RateGroup};
use super::{Extra, Sum, Sums};
use crate::candidate::{Candidate, Origin, number};
use crate::concept::{Concept, Kind};
use crate::labels::{self, Label};
use crate::search::Search;

/// The factor on the probability of the net or the tax of a single rate when there are several rates.
const ONE_OF_SEVERAL: f32 = 0.35;
/// The probability that the sum of a column is what its heading says.
const COLUMN_SUM: f32 = 0.9;
/// The largest gap between rows of a table of totals, in heights of the label.
const MAX_GAP: f32 = 4.0;
/// The factor for an amount with another label (total, subtotal, amount due) than the concept's own.
const MISNAMED: f32 = 0.5;

impl Search<'_> {
    /// The candidates for the totals, each with the score from its label.
    pub(crate) fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for label in &self.labels {
            for meaning in &label.meanings {
                let Some(strength) = label.strength(meaning.concept) else { continue };
                self.add_labelled(&mut sums, label, meaning.concept, strength);
            }
        }
        for label in &self.labels {
            self.add_column_sum(&mut sums, label);
        }
        for group in rates::groups(self.sheet, &self.matches, &self.labels) {
            add_rates(&mut sums, &group);
        }
        // A credit note has a negative total, and some invoices a total of zero. If there is a positive total, such
        // amounts are usually discounts and the like.
        if sums.gross.iter().any(|sum| sum.value > Decimal::ZERO) {
            let below = sums.gross.iter_mut().filter(|sum| sum.value <= Decimal::ZERO);
            below.for_each(|sum| sum.score *= MISNAMED);
        }
        let mut money: Vec<Sum> = self
            .matches
            .amounts
            .iter()
            .enumerate()
            .filter(|(_, find)| find.is_money && !find.amount.is_percent && find.amount.value > Decimal::ZERO)
            .map(|(index, find)| Sum::printed(index, find.amount.value, 0.08))
            .collect();
        // Without a label, the largest amount is the most likely total; a subtotal is more likely.
        money.sort_by_key(|sum| std::cmp::Reverse(sum.value));
        if let Some(largest) = money.first_mut() {
            largest.score = 0.2;
        }
        self.add_rounded(&mut sums);
        let totals = sums.gross.clone();
        if !sums.gross.iter().any(|sum| sum.score > 0.5) {
            let others = sums.net.iter().chain(&sums.due).map(|sum| sum.scaled(MISNAMED));
            sums.gross.extend(others.collect::<Vec<_>>());
        }
        // `Total` may stand above the tax, with the sum of both below it.
        sums.net.extend(totals.iter().map(|sum| sum.scaled(MISNAMED * MISNAMED)));
        sums.gross.extend(money.into_iter().take(3));
        sums
    }

    /// In a table of totals, a heading above a column of amounts, the last of which is the sum of the others, stands
    /// for that sum. Such a table has at least two named columns; a single one may be a column of items.
    fn add_column_sum(&self, sums: &mut Sums, label: &Label) {
        let is_asked = |concept| matches!(concept, Concept::TotalGross | Concept::TotalNet | Concept::TotalTax);
        let asked = |label: &Label| label.meanings.iter().find(|meaning| is_asked(meaning.concept)).copied();
        let Some(meaning) = asked(label) else { return };
        if labels::in_row(&self.labels, label.row).filter(|label| asked(label).is_some()).count() < 2 {
            return;
        }
        let column = self.amounts_under(label);
        let value = |find: &usize| self.matches.amounts[*find].amount.value;
        let is_sum = |end: &usize| column[..*end].iter().map(value).sum::<Decimal>() == value(&column[*end]);
        let Some(end) = (2..column.len()).find(is_sum) else { return };
        let (Some(strength), Some(own)) = (label.strength(meaning.concept), sums.of(meaning.concept)) else { return };
        let (parts, total) = (&column[..end], column[end]);
        for sum in own.iter_mut().filter(|sum| sum.find.is_some_and(|find| parts.contains(&find))) {
            sum.score *= ONE_OF_SEVERAL;
        }
        own.push(Sum::printed(total, value(&total), COLUMN_SUM.max(strength * COLUMN_SUM)));
    }

    /// The indices of the amounts below a label in its column, as long as the rows follow each other closely.
    fn amounts_under(&self, label: &Label) -> Vec<usize> {
        let head = self.sheet.bbox(label.first, label.end);
        let mut column = Vec::new();
        let mut bottom = head.bottom();
        for row in &self.sheet.rows[label.row + 1..] {
            if row.page != self.sheet.rows[label.row].page || row.bbox.y - bottom > MAX_GAP * head.height {
                break;
            }
            let under = self.matches.indexed_in(row.first, row.end).filter(|(_, find)| {
                let place = self.sheet.bbox(find.first, find.end);
                !find.amount.is_percent && place.x < head.right() && place.right() > head.x
            });
            if let Some((index, _)) = under.last() {
                column.push(index);
                bottom = row.bbox.bottom();
            }
        }
        column
    }

    fn add_labelled(&self, sums: &mut Sums, label: &Label, concept: Concept, strength: f32) {
        if let Some(sign) = sign_of(concept) {
            // An amount that merely says by how much another was reduced is beside its label.
            let beside = self.right_of(label, Kind::Amount).into_iter().find_map(|candidate| self.sum_of(&candidate));
            if let Some(sum) = beside.filter(|sum| !sum.value.is_zero()) {
                let value = if sign.is_zero() { sum.value } else { sign * sum.value.abs() };
                if concept == Concept::Rounding {
                    sums.roundings.push(sum.value);
                }
                sums.extras.push(Extra { value, is_unsigned: sign.is_zero() });
            }
            return;
        }
        let (concept, strength) =
            if concept == Concept::WithTax { (Concept::TotalGross, strength * 0.7) } else { (concept, strength) };
        let Some(sums) = sums.of(concept) else { return };
        // Totals come after the amounts that they add up, possibly on a later page.
        let depth = self.sheet.depth_in_document(label.row);
        for candidate in self.beside(label, Kind::Amount, strength) {
            let Some(sum) = self.sum_of(&candidate) else { continue };
            sums.push(sum.scaled(0.8 + 0.2 * depth));
        }
    }

    /// A rounded total is printed again, with any label.
    fn add_rounded(&self, sums: &mut Sums) {
        let rounded = |total: &Sum, by: &Decimal| {
            let is_rounded = |value: Decimal| !by.is_zero() && (value - total.value).abs() == by.abs();
            let amounts = self.matches.amounts.iter().enumerate();
            let mut found = amounts.filter(|(_, find)| find.is_money && is_rounded(find.amount.value));
            found.next().map(|(index, find)| Sum::printed(index, find.amount.value, MISNAMED * total.score))
        };
        let pairs = sums.gross.iter().flat_map(|total| sums.roundings.iter().map(move |by| (total, by)));
        let found: Vec<Sum> = pairs.filter_map(|(total, by)| rounded(total, by)).collect();
        sums.gross.extend(found);
    }

    fn sum_of(&self, candidate: &Candidate) -> Option<Sum> {
        let (first, _) = candidate.words.first()?;
        let find = self.matches.amounts.binary_search_by_key(first, |find| find.first).ok()?;
        Some(Sum::printed(find, self.matches.amounts[find].amount.value, candidate.score))
    }

    /// A settled total as a candidate for a field.
    pub(crate) fn settled_sum(&self, sum: Option<&Sum>) -> Option<Candidate> {
        let sum = sum?;
        let value = number(sum.value);
        let words = |find: &usize| self.matches.amounts.get(*find).map(|find| (find.first, find.end));
        let candidate = match sum.find.as_ref().and_then(words) {
            Some((first, end)) => Candidate::printed(self.sheet, first, end, value, sum.score),
            None => Candidate::computed(value, sum.parts.iter().filter_map(words).collect(), sum.score),
        };
        Some(candidate.from(Origin::Sums { add_up: self.settled.add_up }))
    }
}

/// Adds the sums over several tax rates; an amount for a single rate is then hardly a total.
fn add_rates(sums: &mut Sums, group: &RateGroup) {
    for (own, total) in [(&mut sums.tax, &group.tax), (&mut sums.net, &group.net)] {
        let Some(total) = total else { continue };
        for sum in own.iter_mut().filter(|sum| sum.find.is_some_and(|find| total.parts.contains(&find))) {
            sum.score *= ONE_OF_SEVERAL;
        }
        own.push(total.clone());
    }
}

/// The sign with which an amount between net and total is added; zero if it may have either.
fn sign_of(concept: Concept) -> Option<Decimal> {
    match concept {
        Concept::Rounding => Some(Decimal::ZERO),
        Concept::Shipping | Concept::ServiceCharge => Some(Decimal::ONE),
        Concept::Discount | Concept::Withholding => Some(Decimal::NEGATIVE_ONE),
        _ => None,
    }
}
