//! Taxes by rate: rows with the base and the tax of each rate.

use recto_values::amount::ROUNDING;
use rust_decimal::Decimal;

use super::Sum;
use crate::concept::Concept;
use crate::labels::{self, Label};
use crate::matches::{AmountMatch, Matches};
use crate::sheet::{Row, Sheet};

/// The most rows between two rates.
const MAX_BETWEEN: usize = 2;
/// The probability that the sum over the rates is the document's total, without confirmation.
const SUMMED: f32 = 0.55;

/// Rows of several rates that belong together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RateGroup {
    /// The sum of the bases.
    pub(super) net: Option<Sum>,
    /// The sum of the taxes.
    pub(super) tax: Option<Sum>,
}

/// The row of one rate.
#[derive(Debug, Clone, PartialEq)]
struct RateRow {
    row: usize,
    page: u32,
    /// What distinguishes the rate from others: the percentage, and the name of the tax.
    key: (Option<Decimal>, String),
    /// Indices of the matches.
    net: Option<usize>,
    tax: Option<usize>,
}

/// The groups of rows with several rates.
pub(super) fn groups(sheet: &Sheet, matches: &Matches, labels: &[Label]) -> Vec<RateGroup> {
    let rows = sheet.rows.iter().enumerate().filter_map(|(index, row)| RateRow::of(sheet, matches, labels, index, row));
    let mut runs: Vec<Vec<RateRow>> = Vec::new();
    for row in rows {
        match runs.last_mut().and_then(|run| Some((run.last()?.clone(), run))) {
            Some((last, run)) if last.page == row.page && row.row - last.row <= MAX_BETWEEN + 1 => run.push(row),
            _ => runs.push(vec![row]),
        }
    }
    runs.iter().filter_map(|run| RateGroup::of(matches, run)).collect()
}

impl RateGroup {
    fn of(matches: &Matches, run: &[RateRow]) -> Option<Self> {
        let sum = |of: fn(&RateRow) -> Option<usize>| {
            let told: Vec<(&RateRow, usize)> = run.iter().filter_map(|row| Some((row, of(row)?))).collect();
            summed(matches, &told)
        };
        let group = Self { net: sum(|row| row.net), tax: sum(|row| row.tax) };
        (group.net.is_some() || group.tax.is_some()).then_some(group)
    }
}

/// The sum of amounts of different rates, excluding amounts that are already the sum of the others; `None` when there
/// are fewer than two.
fn summed(matches: &Matches, told: &[(&RateRow, usize)]) -> Option<Sum> {
    let value = |find: usize| matches.amounts[find].amount.value;
    let all: Decimal = told.iter().map(|(_, find)| value(*find)).sum();
    let is_sum = |find: usize| told.len() > 2 && (all - value(find) - value(find)).abs() <= ROUNDING;
    // Among rows with rates, a row without one is their sum.
    let are_rated = told.iter().any(|(row, _)| row.key.0.is_some());
    let is_part = |row: &RateRow, find: usize| !is_sum(find) && row.key.0.is_some() == are_rated;
    let mut parts: Vec<(&RateRow, usize)> = Vec::new();
    for (row, find) in told.iter().filter(|(row, find)| is_part(row, *find)) {
        if !parts.iter().any(|(other, _)| other.key == row.key) {
            parts.push((row, *find));
        }
    }
    let total: Decimal = parts.iter().map(|(_, find)| value(*find)).sum();
    let parts: Vec<usize> = parts.into_iter().map(|(_, find)| find).collect();
    let is_printed = |(index, find): &(usize, &AmountMatch)| find.amount.value == total && !parts.contains(index);
    let printed = matches.amounts.iter().enumerate().find(is_printed).map(|(index, _)| index);
    (parts.len() > 1).then(|| Sum { find: printed, parts: parts.clone(), value: total, score: SUMMED })
}

impl RateRow {
    fn of(sheet: &Sheet, matches: &Matches, labels: &[Label], index: usize, row: &Row) -> Option<Self> {
        let (percents, others): (Vec<_>, Vec<_>) =
            matches.indexed_in(row.first, row.end).partition(|(_, find)| find.amount.is_percent);
        let rate = percents.first().map(|(_, find)| find.amount.value);
        let money: Vec<(usize, Decimal)> =
            others.iter().filter(|(_, find)| find.is_money).map(|(index, find)| (*index, find.amount.value)).collect();
        let (last, _) = *money.last()?;
        let named = |concept| labels::in_row(labels, index).find(|label| label.strength(concept).is_some());
        let tax_label = named(Concept::TotalTax).or_else(|| named(Concept::TaxRate));
        let net_label = named(Concept::TotalNet);
        let pair = rate.and_then(|rate| reckoned(&money, rate));
        let is_bare = has_no_words(sheet, matches, labels, index, row);
        let (net, tax) = match pair {
            Some((net, tax)) if is_bare || tax_label.is_some() => (net, Some(tax)),
            _ if money.len() > 1 => return None,
            // If a row has only one amount, its label says which it is: `Net 7% 238.00`.
            _ => match (net_label, tax_label) {
                (Some(net), Some(tax)) if net.first < tax.first => (Some(last), None),
                (_, Some(_)) => (None, Some(last)),
                (Some(_), None) if rate.is_some() => (Some(last), None),
                _ => return None,
            },
        };
        let first = percents.iter().chain(&others).map(|(_, find)| find.first).min().unwrap_or(row.end);
        let key = (rate, sheet.text(row.first, first).to_lowercase());
        Some(Self { row: index, page: row.page, key, net, tax })
    }
}

/// The net amount and the tax of a row, where one amount is that percentage of another. The net amount is `None` where
/// the row has only the amount with its tax, as on receipts of Switzerland and Turkey.
fn reckoned(money: &[(usize, Decimal)], rate: Decimal) -> Option<(Option<usize>, usize)> {
    let part = rate / Decimal::ONE_HUNDRED;
    let whole = Decimal::ONE + part;
    let is_part = |net: Decimal, tax: Decimal| {
        let expected = net.checked_mul(part).unwrap_or_default();
        (expected - tax).abs() <= ROUNDING && (!net.is_zero() || tax.is_zero())
    };
    let is_within = |gross: Decimal, tax: Decimal| {
        let net = gross.checked_div(whole).unwrap_or_default();
        !tax.is_zero() && (gross - net - tax).abs() <= ROUNDING
    };
    let pairs = || money.iter().flat_map(|base| money.iter().map(move |tax| (base, tax))).filter(|(a, b)| a.0 != b.0);
    let beside = pairs().find(|((_, net), (_, tax))| is_part(*net, *tax));
    let within = || pairs().find(|((_, gross), (_, tax))| is_within(*gross, *tax));
    let beside = beside.map(|((net, _), (tax, _))| (Some(*net), *tax));
    beside.or_else(|| within().map(|(_, (tax, _))| (None, *tax)))
}

/// Whether a row has nothing but amounts, currencies and labels, so that it is not an item.
fn has_no_words(sheet: &Sheet, matches: &Matches, labels: &[Label], index: usize, row: &Row) -> bool {
    let is_amount = |at: usize| matches.amounts_in(row.first, row.end).any(|find| (find.first..find.end).contains(&at));
    let is_label = |at: usize| labels::in_row(labels, index).any(|label| (label.first..label.end).contains(&at));
    let is_word = |at: usize| sheet.words[at].text.chars().filter(|c| c.is_alphabetic()).count() > 2;
    (row.first..row.end).all(|at| is_amount(at) || is_label(at) || !is_word(at))
}
