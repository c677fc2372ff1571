//! The sums at the end of a document, found together: net, tax and total must add up.

use rust_decimal::Decimal;

use crate::lexicon::Concept;

/// A cent, the most by which rounding may part sums.
const CENT: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

/// The most candidates of a sum that are tried.
const MAX_CANDIDATES: usize = 100;

/// An amount that may be one of the sums.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum {
    /// Index of the amount among the finds; `None` when it was computed.
    pub(crate) find: Option<usize>,
    pub(crate) value: Decimal,
    /// How likely the label makes it, 0 to 1.
    pub(crate) score: f32,
}

/// The sums that a document shows, each with its candidates.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    pub(crate) gross: Vec<Sum>,
    pub(crate) net: Vec<Sum>,
    pub(crate) tax: Vec<Sum>,
    pub(crate) paid: Vec<Sum>,
    pub(crate) change: Vec<Sum>,
}

/// The sums that go together best.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settled {
    pub(crate) gross: Option<Sum>,
    pub(crate) net: Option<Sum>,
    pub(crate) tax: Option<Sum>,
}

impl Sums {
    /// The candidates of a concept.
    pub(crate) fn of(&mut self, concept: Concept) -> Option<&mut Vec<Sum>> {
        Some(match concept {
            Concept::TotalGross => &mut self.gross,
            Concept::TotalNet => &mut self.net,
            Concept::TotalTax => &mut self.tax,
            Concept::AmountPaid => &mut self.paid,
            Concept::Change => &mut self.change,
            _ => return None,
        })
    }

    /// Chooses the sums. What was paid less the change is the total; net and tax make the total; the same amount said
    /// twice is surer.
    pub(crate) fn settle(mut self) -> Settled {
        for sums in [&mut self.gross, &mut self.net, &mut self.tax, &mut self.paid, &mut self.change] {
            keep_likeliest(sums);
        }
        self.support_by_payment();
        for sums in [&mut self.gross, &mut self.net, &mut self.tax] {
            merge_equal(sums);
        }
        // A total that is no more than a tax beside it is that tax, misnamed.
        let is_tax = |sum: &Sum| self.tax.iter().any(|tax| tax.value == sum.value && tax.score > 0.5);
        let (misnamed, named): (Vec<Sum>, Vec<Sum>) = self.gross.drain(..).partition(is_tax);
        self.gross = if named.is_empty() { misnamed } else { named };
        let mut best = Settled { gross: best(&self.gross), net: best(&self.net), tax: best(&self.tax) };
        let alone = |sum: &Option<Sum>| sum.as_ref().map_or(0.0, |sum| sum.score);
        let mut best_score = alone(&best.gross) + alone(&best.net) + alone(&best.tax);
        for gross in &self.gross {
            for net in &self.net {
                for tax in &self.tax {
                    let adds_up = (net.value + tax.value - gross.value).abs() <= CENT;
                    let is_trivial = tax.value.is_zero() || net.value.is_zero();
                    if !adds_up || !is_part(net.value, gross.value) || (is_trivial && net.value != gross.value) {
                        continue;
                    }
                    let bonus = if is_trivial { 0.3 } else { 0.9 };
                    let score = gross.score + net.score + tax.score + bonus;
                    if score > best_score {
                        best_score = score;
                        let lift = |sum: &Sum| Some(Sum { score: lifted(sum.score, bonus * 0.8), ..sum.clone() });
                        best = Settled { gross: lift(gross), net: lift(net), tax: lift(tax) };
                    }
                }
            }
        }
        best.complete();
        best
    }

    /// The total is what was paid less the change; without a label for a total, what was paid is all there is.
    fn support_by_payment(&mut self) {
        for paid in &self.paid {
            for change in &self.change {
                let value = paid.value - change.value;
                if value <= Decimal::ZERO {
                    continue;
                }
                let mut printed = false;
                for gross in &mut self.gross {
                    if (gross.value - value).abs() <= CENT {
                        gross.score = lifted(gross.score, 0.35);
                        printed = true;
                    }
                }
                if !printed && change.value > Decimal::ZERO {
                    self.gross.push(Sum { find: None, value, score: 0.5 * paid.score.min(change.score) });
                }
            }
        }
        if self.change.iter().all(|change| change.value.is_zero()) {
            let paid = self.paid.iter().map(|paid| Sum { score: 0.45 * paid.score, ..paid.clone() });
            self.gross.extend(paid);
        }
    }
}

impl Settled {
    /// Computes the third of two that are known.
    fn complete(&mut self) {
        let sure = |sum: &Option<Sum>| sum.as_ref().filter(|sum| sum.score > 0.6).cloned();
        match (sure(&self.gross), sure(&self.net), sure(&self.tax)) {
            (Some(gross), Some(net), None)
                if is_part(net.value, gross.value) && gross.value != net.value && self.tax.is_none() =>
            {
                self.tax = Some(computed(gross.value - net.value, gross.score.min(net.score)));
            }
            (Some(gross), None, Some(tax))
                if is_part(tax.value, gross.value) && gross.value != tax.value && self.net.is_none() =>
            {
                self.net = Some(computed(gross.value - tax.value, gross.score.min(tax.score)));
            }
            (None, Some(net), Some(tax)) if self.gross.is_none() => {
                self.gross = Some(computed(net.value + tax.value, net.score.min(tax.score)));
            }
            _ => {}
        }
    }
}

/// Whether a sum is no more than a total, and of its sign: below nothing on a credit note.
fn is_part(sum: Decimal, total: Decimal) -> bool {
    sum.abs() <= total.abs() && (sum.is_zero() || sum.is_sign_negative() == total.is_sign_negative())
}

fn computed(value: Decimal, score: f32) -> Sum {
    Sum { find: None, value, score: score * 0.7 }
}

/// A probability raised by evidence that makes up for that part of the doubt.
fn lifted(score: f32, part: f32) -> f32 {
    score + (1.0 - score) * part
}

fn best(sums: &[Sum]) -> Option<Sum> {
    sums.iter().cloned().reduce(|best, next| if next.score > best.score { next } else { best })
}

/// Drops all but the likeliest candidates of a long document, for every three are held against each other.
fn keep_likeliest(sums: &mut Vec<Sum>) {
    sums.sort_by(|a, b| b.score.total_cmp(&a.score));
    sums.truncate(MAX_CANDIDATES);
}

/// One candidate for each value: each further place where it stands makes up for a fifth of the doubt.
fn merge_equal(sums: &mut Vec<Sum>) {
    let mut merged: Vec<Sum> = Vec::new();
    for sum in sums.drain(..) {
        match merged.iter_mut().find(|other| other.value == sum.value) {
            Some(other) => {
                let (high, low) = if sum.score > other.score { (sum, other.clone()) } else { (other.clone(), sum) };
                *other = Sum { score: lifted(high.score, 0.2 * low.score), ..high };
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
        Sum { find: Some(0), value: value.parse().unwrap(), score }
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
