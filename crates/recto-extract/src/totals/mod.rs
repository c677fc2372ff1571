//! The totals at the end of a document, found together: net, tax and total must add up.

mod gather;
mod rates;

use recto_values::amount::ROUNDING;
use rust_decimal::Decimal;

use crate::concept::Concept;

/// The most candidates per total that are tried.
const MAX_CANDIDATES: usize = 40;
/// The most discounts, roundings and the like that are tried together.
const MAX_EXTRAS: usize = 4;
/// By how much each of them lowers the score of an assignment.
const EXTRA_COST: f32 = 0.1;
/// The share of the doubt about a total that is removed if it is another total rounded.
const ROUNDED: f32 = 0.5;
/// The highest sales tax, as a share of the net.
const MOST_TAX: Decimal = Decimal::from_parts(35, 0, 0, false, 2);

/// An amount that may be one of the totals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum {
    /// The index of the amount among the matches; `None` when it was computed.
    pub(crate) find: Option<usize>,
    /// The indices of the amounts that were added, if it was computed as a sum.
    pub(crate) parts: Vec<usize>,
    pub(crate) value: Decimal,
    /// The probability from its label, 0 to 1.
    pub(crate) score: f32,
}

impl Sum {
    /// An amount printed on the sheet.
    pub(crate) fn printed(find: usize, value: Decimal, score: f32) -> Self {
        Self { find: Some(find), parts: Vec::new(), value, score }
    }

    fn computed(value: Decimal, score: f32) -> Self {
        Self { find: None, parts: Vec::new(), value, score }
    }

    fn scaled(&self, by: f32) -> Self {
        Self { score: self.score * by, ..self.clone() }
    }

    fn lifted(&self, part: f32) -> Self {
        Self { score: lifted(self.score, part), ..self.clone() }
    }
}

/// The totals of a document, each with its candidates.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    pub(crate) gross: Vec<Sum>,
    pub(crate) net: Vec<Sum>,
    pub(crate) tax: Vec<Sum>,
    pub(crate) paid: Vec<Sum>,
    pub(crate) change: Vec<Sum>,
    pub(crate) due: Vec<Sum>,
    /// The amounts by which the total was rounded.
    pub(crate) roundings: Vec<Decimal>,
    /// The amounts between net and total other than the tax, with the sign with which they are added.
    extras: Vec<Extra>,
}

/// A discount, a rounding, freight, or a withheld tax.
#[derive(Debug, Clone, PartialEq)]
struct Extra {
    value: Decimal,
    /// Whether it may also be subtracted.
    is_unsigned: bool,
}

/// The best combination of totals.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settled {
    pub(crate) gross: Option<Sum>,
    pub(crate) net: Option<Sum>,
    pub(crate) tax: Option<Sum>,
    pub(crate) due: Option<Sum>,
    /// Whether total, net and tax are all printed and add up.
    pub(crate) add_up: bool,
}

impl Sums {
    /// The candidates for a concept.
    fn of(&mut self, concept: Concept) -> Option<&mut Vec<Sum>> {
        Some(match concept {
            Concept::TotalGross => &mut self.gross,
            Concept::TotalNet => &mut self.net,
            Concept::TotalTax => &mut self.tax,
            Concept::AmountPaid => &mut self.paid,
            Concept::AmountDue => &mut self.due,
            Concept::Change => &mut self.change,
            _ => return None,
        })
    }

    /// Chooses the totals. The rules: the total is the payment minus the change; net, tax and the additions and
    /// deductions between them make the total; a prepayment is the difference between the total and the amount due; and
    /// an amount that is printed twice is more certain.
    pub(crate) fn settle(mut self) -> Settled {
        for sums in [&mut self.gross, &mut self.net, &mut self.tax, &mut self.paid, &mut self.change, &mut self.due] {
            keep_likeliest(sums);
        }
        self.support_by_payment();
        self.tell_due_from_total();
        self.prefer_rounded();
        for sums in [&mut self.gross, &mut self.net, &mut self.tax, &mut self.due] {
            merge_equal(sums);
        }
        // If a total equals a tax, and is more likely labelled as that tax, it is the tax under a wrong name.
        let is_tax = |sum: &Sum| self.tax.iter().any(|tax| tax.value == sum.value && tax.score > sum.score.max(0.5));
        let (misnamed, named): (Vec<Sum>, Vec<Sum>) = self.gross.drain(..).partition(is_tax);
        self.gross = if named.is_empty() { misnamed } else { named };
        let adjustments = self.adjustments();
        let mut best = self.adding_up(&adjustments).unwrap_or_else(|| Settled {
            gross: best(&self.gross),
            net: best(&self.net),
            tax: best(&self.tax),
            ..Settled::default()
        });
        best.drop_impossible();
        best.complete(&adjustments);
        best.due = self.due_of(best.gross.as_ref());
        best
    }

    /// The most likely total, net and tax that add up; `None` if more likely ones do not.
    fn adding_up(&self, adjustments: &[(Decimal, f32)]) -> Option<Settled> {
        let alone = |sums: &[Sum]| best(sums).map_or(0.0, |sum| sum.score);
        let mut best_score = alone(&self.gross) + alone(&self.net) + alone(&self.tax);
        let mut settled = None;
        for gross in &self.gross {
            for net in &self.net {
                for tax in &self.tax {
                    let Some(cost) = cost_of(gross.value, net.value, tax.value, adjustments) else { continue };
                    let is_trivial = tax.value.is_zero() || net.value.is_zero();
                    let bonus = if is_trivial { 0.3 } else { 0.9 } - cost;
                    let score = gross.score + net.score + tax.score + bonus;
                    if score > best_score {
                        best_score = score;
                        let lift = |sum: &Sum| Some(sum.lifted(bonus * 0.8));
                        let are_printed = [gross, net, tax].iter().all(|sum| sum.find.is_some());
                        let add_up = are_printed && !is_trivial;
                        settled =
                            Some(Settled { gross: lift(gross), net: lift(net), tax: lift(tax), due: None, add_up });
                    }
                }
            }
        }
        settled
    }

    /// The possible amounts between net plus tax and the total, each with its cost: nothing, or a combination of the
    /// discounts, roundings and the like.
    fn adjustments(&self) -> Vec<(Decimal, f32)> {
        let mut all = vec![(Decimal::ZERO, 0.0)];
        for Extra { value, is_unsigned } in self.extras.iter().take(MAX_EXTRAS) {
            for (sum, cost) in all.clone() {
                all.push((sum + value, cost + EXTRA_COST));
                if *is_unsigned {
                    all.push((sum - value, cost + EXTRA_COST));
                }
            }
        }
        all
    }

    /// The total is the payment minus the change; without a label for a total, the payment is the only evidence.
    fn support_by_payment(&mut self) {
        for paid in &self.paid {
            for change in &self.change {
                let value = paid.value - change.value;
                if value <= Decimal::ZERO {
                    continue;
                }
                let mut printed = false;
                for gross in &mut self.gross {
                    if (gross.value - value).abs() <= ROUNDING {
                        gross.score = lifted(gross.score, 0.35);
                        printed = true;
                    }
                }
                if !printed && change.value > Decimal::ZERO {
                    self.gross.push(Sum::computed(value, 0.5 * paid.score.min(change.score)));
                }
            }
        }
        if self.change.iter().all(|change| change.value.is_zero()) {
            self.gross.extend(self.paid.iter().map(|paid| paid.scaled(0.45)).collect::<Vec<_>>());
        }
    }

    /// If a total minus a prepayment equals another total, that other one is the amount due, whatever its label.
    fn tell_due_from_total(&mut self) {
        let is_left = |left: &Sum, total: &Sum| {
            self.paid.iter().any(|paid| {
                let is_part = !paid.value.is_zero() && paid.value.abs() < total.value.abs();
                is_part && left.find != total.find && (total.value - paid.value.abs() - left.value).abs() <= ROUNDING
            })
        };
        let named = |sum: &&Sum| sum.score > 0.4;
        let totals: Vec<Sum> = self.gross.iter().filter(named).cloned().collect();
        for left in &mut self.gross {
            if totals.iter().any(|total| is_left(left, total)) {
                left.score *= 0.3;
            }
        }
    }

    /// If a total is printed again after rounding, the rounded one is the amount asked for.
    fn prefer_rounded(&mut self) {
        let before = self.gross.clone();
        for rounded in &mut self.gross {
            let comes_from = |total: &Sum| {
                self.roundings.iter().any(|by| {
                    let off = rounded.value - total.value;
                    !by.is_zero() && (off == *by || off == -*by)
                })
            };
            // Rounding makes an amount coarser, which shows which of two totals came first.
            let is_coarser = |total: &Sum| {
                rounded.value.normalize().scale() < total.value.normalize().scale()
                    || is_step(rounded.value) && !is_step(total.value)
            };
            let total = before
                .iter()
                .filter(|total| comes_from(total) && is_coarser(total))
                .max_by(|a, b| a.score.total_cmp(&b.score));
            if let Some(total) = total {
                rounded.score = lifted(rounded.score.max(total.score), ROUNDED);
            }
        }
    }

    /// The amount due: the most likely one with such a label; more certain if it equals the total minus the payment.
    fn due_of(&self, gross: Option<&Sum>) -> Option<Sum> {
        let paid: Decimal = self.paid.iter().map(|paid| paid.value.abs()).sum();
        let all_paid = |due: &Sum, gross: &Sum| (gross.value - paid - due.value).abs() <= ROUNDING;
        let once = |due: &Sum, gross: &Sum| {
            self.paid.iter().any(|paid| (gross.value - paid.value.abs() - due.value).abs() <= ROUNDING)
        };
        let agrees = |due: &Sum| gross.is_some_and(|gross| all_paid(due, gross) || once(due, gross));
        let dues: Vec<Sum> =
            self.due.iter().map(|due| if agrees(due) { due.lifted(0.7) } else { due.clone() }).collect();
        best(&dues)
    }
}

/// The cost of combining net, tax and an adjustment to a total; `None` when they do not add up.
fn cost_of(gross: Decimal, net: Decimal, tax: Decimal, adjustments: &[(Decimal, f32)]) -> Option<f32> {
    let is_trivial = tax.is_zero() || net.is_zero();
    if !is_part(tax, gross) || (is_trivial && net != gross && adjustments.len() == 1) {
        return None;
    }
    let costs = adjustments.iter().filter(|(by, _)| {
        let is_whole = !by.is_zero() || (is_part(net, gross) && (!is_trivial || net == gross));
        is_whole && (net + tax + by - gross).abs() <= ROUNDING
    });
    costs.map(|(_, cost)| *cost).min_by(f32::total_cmp)
}

impl Settled {
    /// Drops a tax that is too large a share of the total: where nothing adds up, labels may be misread.
    fn drop_impossible(&mut self) {
        let whole = self.gross.as_ref().or(self.net.as_ref()).map(|sum| sum.value.abs());
        self.tax.take_if(|tax| whole.is_some_and(|whole| tax.value.abs() > MOST_TAX * whole));
    }

    /// Computes the missing one of three totals from the two known ones, if there can be nothing else between them.
    fn complete(&mut self, adjustments: &[(Decimal, f32)]) {
        let sure = |sum: &Option<Sum>| sum.as_ref().filter(|sum| sum.score > 0.6).cloned();
        let is_plain = adjustments.len() == 1;
        match (sure(&self.gross), sure(&self.net), sure(&self.tax)) {
            (Some(gross), Some(net), None) if self.tax.is_none() && is_plain => {
                let tax = gross.value - net.value;
                let is_tax =
                    !tax.is_zero() && is_part(net.value, gross.value) && tax.abs() <= MOST_TAX * net.value.abs();
                self.tax = is_tax.then(|| difference(tax, &gross, &net));
            }
            (Some(gross), None, Some(tax)) if self.net.is_none() && is_plain => {
                let is_net = is_part(tax.value, gross.value) && gross.value != tax.value;
                self.net = is_net.then(|| difference(gross.value - tax.value, &gross, &tax));
            }
            (None, Some(net), Some(tax)) if self.gross.is_none() && is_plain => {
                self.gross = Some(difference(net.value + tax.value, &net, &tax));
            }
            _ => {}
        }
    }
}

/// Whether an amount is at most as large as a total and has the same sign: negative on a credit note.
fn is_part(sum: Decimal, total: Decimal) -> bool {
    sum.abs() <= total.abs() && (sum.is_zero() || sum.is_sign_negative() == total.is_sign_negative())
}

/// Whether an amount is a multiple of 0.05 and can be paid in coins.
fn is_step(sum: Decimal) -> bool {
    sum.checked_mul(Decimal::from(20)).is_some_and(|steps| steps.is_integer())
}

/// An amount computed from two others.
fn difference(value: Decimal, a: &Sum, b: &Sum) -> Sum {
    let parts = a.find.into_iter().chain(b.find).collect();
    Sum { find: None, parts, value, score: 0.7 * a.score.min(b.score) }
}

/// A probability raised by evidence that removes that share of the doubt.
fn lifted(score: f32, part: f32) -> f32 {
    score + (1.0 - score) * part
}

fn best(sums: &[Sum]) -> Option<Sum> {
    sums.iter().cloned().reduce(|best, next| if next.score > best.score { next } else { best })
}

/// Drops all but the most likely candidates of a long document, because all combinations of three are compared.
fn keep_likeliest(sums: &mut Vec<Sum>) {
    sums.sort_by(|a, b| b.score.total_cmp(&a.score));
    sums.truncate(MAX_CANDIDATES);
}

/// Merges candidates with the same value: each further place removes a fifth of the doubt.
fn merge_equal(sums: &mut Vec<Sum>) {
    let mut merged: Vec<Sum> = Vec::new();
    for sum in sums.drain(..) {
        match merged.iter_mut().find(|other| other.value == sum.value) {
            Some(other) => {
                // A printed amount is preferred to a computed one with the same value.
                let is_likelier = match (sum.find, other.find) {
                    (Some(_), None) => true,
                    (None, Some(_)) => false,
                    _ => sum.score > other.score,
                };
                let (high, low) = if is_likelier { (sum, other.clone()) } else { (other.clone(), sum) };
                *other = Sum { score: lifted(high.score.max(low.score), 0.2 * high.score.min(low.score)), ..high };
            }
            None => merged.push(sum),
        }
    }
    *sums = merged;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(value: &str, score: f32) -> Sum {
        Sum::printed(0, value.parse().unwrap(), score)
    }

    fn value(sum: Option<&Sum>) -> String {
        sum.map_or_else(String::new, |sum| sum.value.to_string())
    }

    #[test]
    fn sums_that_add_up_win_over_better_labels() {
        let sums = Sums {
            gross: vec![sum("160.00", 0.9), sum("571.04", 0.8)],
            net: vec![sum("496.00", 0.9)],
            tax: vec![sum("11.20", 0.9), sum("75.04", 0.8)],
            ..Sums::default()
        };
        let settled = sums.settle();
        assert_eq!(
            (value(settled.gross.as_ref()), value(settled.tax.as_ref())),
            ("571.04".to_owned(), "75.04".to_owned())
        );
        assert!(settled.gross.unwrap().score > 0.9);
    }

    #[test]
    fn the_payment_tells_a_total_that_cannot_be_read() {
        let sums = Sums { paid: vec![sum("50.00", 0.9)], change: vec![sum("11.00", 0.9)], ..Sums::default() };
        assert_eq!(value(sums.settle().gross.as_ref()), "39.00");
    }

    #[test]
    fn a_missing_tax_is_the_difference() {
        let sums = Sums { gross: vec![sum("119.00", 0.9)], net: vec![sum("100.00", 0.9)], ..Sums::default() };
        assert_eq!(value(sums.settle().tax.as_ref()), "19.00");
    }
}
