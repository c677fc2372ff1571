//! All text on the sheet with the shape of a value: amounts and dates.

use jiff::civil::Date;
use recto_values::amount::{self, Amount, DecimalMark};
use recto_values::currency;
use recto_values::date::{self, DayOrder};
use recto_values::figures::plain;

use crate::conventions::Conventions;
use crate::sheet::Sheet;

/// The largest gap, in line heights, between words that are read as one amount.
const AMOUNT_GAP: f32 = 0.9;
/// The most words into which an amount may be split.
const AMOUNT_WORDS: usize = 5;

/// An amount with its position.
#[derive(Debug, Clone)]
pub(crate) struct AmountMatch {
    /// Indices of its words: `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) amount: Amount,
    /// Whether a currency or two decimals show that it is money.
    pub(crate) is_money: bool,
}

/// A date with its position.
#[derive(Debug, Clone)]
pub(crate) struct DateMatch {
    /// Indices of its words: `first..end`.
    pub(crate) first: usize,
    pub(crate) end: usize,
    pub(crate) date: Date,
    /// Whether day and month could also be read in the other order.
    pub(crate) is_ambiguous: bool,
    /// Whether the year has all its digits.
    pub(crate) is_full: bool,
}

/// The values of a sheet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Matches {
    /// The decimal separator with which they were read.
    pub(crate) mark: DecimalMark,
    pub(crate) amounts: Vec<AmountMatch>,
    pub(crate) dates: Vec<DateMatch>,
}

impl Matches {
    /// Finds the values of a sheet, using the given conventions, or otherwise those that its pages suggest.
    pub(crate) fn of(sheet: &Sheet, conventions: Conventions) -> Self {
        let mark = conventions.mark.unwrap_or_else(|| mark_of(sheet));
        let order = conventions.order.unwrap_or_else(|| order_of(sheet));
        Self { mark, amounts: amounts(sheet, mark), dates: dates(sheet, order) }
    }

    /// The amounts among words.
    pub(crate) fn amounts_in(&self, first: usize, end: usize) -> impl Iterator<Item = &AmountMatch> {
        let start = self.amounts.partition_point(|find| find.first < first);
        self.amounts[start..].iter().take_while(move |find| find.end <= end)
    }

    /// The same with their indices.
    pub(crate) fn indexed_in(&self, first: usize, end: usize) -> impl Iterator<Item = (usize, &AmountMatch)> {
        let start = self.amounts.partition_point(|find| find.first < first);
        let indexed = self.amounts.iter().enumerate().skip(start);
        indexed.take_while(move |(_, find)| find.end <= end)
    }

    /// The dates among words.
    pub(crate) fn dates_in(&self, first: usize, end: usize) -> impl Iterator<Item = &DateMatch> {
        let start = self.dates.partition_point(|find| find.first < first);
        self.dates[start..].iter().take_while(move |find| find.end <= end)
    }

    /// The currency that most amounts name, or else a word of the pages.
    pub(crate) fn currency(&self, sheet: &Sheet) -> Option<&'static str> {
        let named = self.amounts.iter().filter_map(|find| find.amount.currency);
        let words = sheet.words.iter().filter_map(|word| currency::code_of(&word.text));
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for code in named.chain(words) {
            match counts.iter_mut().find(|(other, _)| *other == code) {
                Some((_, count)) => *count += 1,
                None => counts.push((code, 1)),
            }
        }
        // The first one of those named most often.
        counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(code, _)| code)
    }
}

fn amounts(sheet: &Sheet, mark: DecimalMark) -> Vec<AmountMatch> {
    let mut found = Vec::new();
    let mut first = 0;
    while first < sheet.words.len() {
        let row = sheet.words[first].row;
        let mut best: Option<AmountMatch> = None;
        let mut text = String::new();
        for end in first + 1..=(first + AMOUNT_WORDS).min(sheet.words.len()) {
            let word = &sheet.words[end - 1];
            if word.row != row || (end > first + 1 && gap_before(sheet, end - 1) > AMOUNT_GAP) {
                break;
            }
            if end > first + 1 {
                text.push(' ');
            }
            text.push_str(&word.text);
            // A sign that stands alone after a number belongs to it. A number after a number is a separate one, unless
            // the reader joins the two.
            let read = amount::read(&text, mark).or_else(|| torn(sheet, first, end, mark));
            // A word without figures is a sign or a currency. It is no number in letters: the `is` of `975.00 is due`.
            let adds_nothing = |amount: &Amount| {
                best.as_ref().is_none_or(|best| {
                    word.text.contains(char::is_numeric) || amount.value.abs() == best.amount.value.abs()
                })
            };
            if let Some(amount) = read.filter(adds_nothing) {
                let is_money = amount.currency.is_some() || amount.decimals == 2 || text.contains('$');
                best = Some(AmountMatch { first, end, amount, is_money });
            }
        }
        match best {
            Some(find) => {
                first = find.end;
                found.push(find);
            }
            None => first += 1,
        }
    }
    found
}

/// `47 80`: an amount whose decimal separator was lost.
fn torn(sheet: &Sheet, first: usize, end: usize, mark: DecimalMark) -> Option<Amount> {
    let [whole, parts] = sheet.words.get(first..end)? else { return None };
    let is_plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !is_plain(&whole.text) || !is_plain(&parts.text) || parts.text.len() != 2 || whole.text.len() > 4 {
        return None;
    }
    let close = parts.bbox.x - whole.bbox.right() < 0.8 * whole.bbox.height;
    let mut amount = amount::read(&format!("{}.{}", whole.text, parts.text), mark)?;
    amount.repairs += 2;
    close.then_some(amount)
}

/// The gap before a word, in line heights.
fn gap_before(sheet: &Sheet, word: usize) -> f32 {
    let (before, after) = (&sheet.words[word - 1].bbox, &sheet.words[word].bbox);
    (after.x - before.right()) / before.height.max(after.height).max(1.0)
}

fn dates(sheet: &Sheet, order: DayOrder) -> Vec<DateMatch> {
    let is_thai = sheet.is_thai();
    let mut found = Vec::new();
    for row in &sheet.rows {
        let (text, starts) = row_text(sheet, row.first, row.end);
        for find in date::find(&text, order) {
            let first = row.first + starts.partition_point(|start| *start <= find.range.start) - 1;
            let end = row.first + starts.partition_point(|start| *start < find.range.end);
            let figures_only = !text[find.range.clone()].chars().any(char::is_alphabetic);
            let year_leads = text[find.range.clone()].chars().take_while(char::is_ascii_digit).count() >= 4;
            let is_short_thai = is_thai && !find.is_full && figures_only;
            found.push(DateMatch {
                first,
                end,
                date: if is_short_thai { date::of_short_buddhist_year(find.date) } else { find.date },
                is_ambiguous: figures_only
                    && !year_leads
                    && find.order.is_none()
                    && find.date.day() != find.date.month(),
                is_full: find.is_full,
            });
        }
    }
    found
}

/// The text of a row, and the position at which each word starts.
pub(crate) fn row_text(sheet: &Sheet, first: usize, end: usize) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut starts = Vec::new();
    for word in &sheet.words[first..end] {
        if !text.is_empty() {
            text.push(' ');
        }
        starts.push(text.len());
        text.push_str(&word.text);
    }
    (text, starts)
}

/// The separator used by most amounts with two decimals; the point if both are equally frequent. If no amount has two
/// decimals, the separator that is not used for thousands.
fn mark_of(sheet: &Sheet) -> DecimalMark {
    let (mut decimals, mut thousands) = ([0, 0], [0, 0]);
    for word in &sheet.words {
        let text: String = word.text.chars().map(plain).collect();
        let figures = text.trim_matches(|c: char| !c.is_ascii_digit());
        let Some(at) = figures.rfind(['.', ',']) else { continue };
        let (whole, tail) = (&figures[..at], &figures[at + 1..]);
        let mark = usize::from(figures.as_bytes()[at] == b',');
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        match tail.len() {
            2 if is_plain(tail) => decimals[mark] += 1,
            // `1.234`: at most three digits before it, and no leading zero.
            3 if is_plain(tail) && is_plain(whole) && whole.len() <= 3 && !whole.starts_with('0') => {
                thousands[mark] += 1;
            }
            _ => {}
        }
    }
    let [points, commas] = decimals;
    match commas.cmp(&points) {
        std::cmp::Ordering::Greater => DecimalMark::Comma,
        std::cmp::Ordering::Equal if points == 0 => match thousands {
            [0, 0] => DecimalMark::Unknown,
            [points, commas] if points >= commas => DecimalMark::Comma,
            _ => DecimalMark::Point,
        },
        _ => DecimalMark::Point,
    }
}

/// The date order shown by unambiguous dates. Without any, the order of the country whose addresses are on the page:
/// two capitals and a ZIP code mean the United States. East Asia writes the year first.
fn order_of(sheet: &Sheet) -> DayOrder {
    let (mut day, mut month, mut year, mut american) = (0, 0, 0, false);
    for row in &sheet.rows {
        let (text, _) = row_text(sheet, row.first, row.end);
        for find in date::find(&text, DayOrder::DayMonthYear) {
            match find.order {
                Some(DayOrder::DayMonthYear) => day += 1,
                Some(DayOrder::MonthDayYear) => month += 1,
                Some(DayOrder::YearMonthDay) => year += 1,
                None => {}
            }
        }
        american |= (row.first + 1..row.end).any(|at| {
            let (state, zip) = (&sheet.words[at - 1].text, &sheet.words[at].text);
            is_state(state.trim_end_matches(',')) && is_zip(zip.trim_end_matches(','))
        });
    }
    if year > day.max(month) || is_east_asian(sheet) {
        return DayOrder::YearMonthDay;
    }
    match day.cmp(&month) {
        std::cmp::Ordering::Less => DayOrder::MonthDayYear,
        std::cmp::Ordering::Equal if american || counts_in_dollars(sheet) => DayOrder::MonthDayYear,
        _ => DayOrder::DayMonthYear,
    }
}

/// Whether a substantial part of the letters is Chinese, Japanese or Korean: much of a receipt is brands and codes.
fn is_east_asian(sheet: &Sheet) -> bool {
    let letters = || sheet.words.iter().flat_map(|word| word.text.chars()).filter(|c| c.is_alphabetic());
    let is_one = |c: &char| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}');
    let east_asian = letters().filter(is_one).count();
    east_asian > 0 && 4 * east_asian >= letters().count()
}

/// Whether the only currency is the dollar with its bare sign. Other countries' dollars usually name their country.
fn counts_in_dollars(sheet: &Sheet) -> bool {
    let is_bare = |text: &str| text.starts_with('$') && text.len() > 1;
    let is_other = |text: &str| currency::code_of(text).is_some_and(|code| code != "USD") || text.ends_with('$');
    let mut texts = sheet.words.iter().map(|word| word.text.as_str());
    texts.clone().any(is_bare) && !texts.any(is_other)
}

/// The postal codes of the states of the United States.
const STATES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY \
                      NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC";

fn is_state(text: &str) -> bool {
    text.len() == 2 && STATES.split(' ').any(|state| state == text)
}

fn is_zip(text: &str) -> bool {
    let (zip, extra) = text.split_once('-').unwrap_or((text, ""));
    let figures = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    zip.len() == 5 && figures(zip) && (extra.is_empty() || (extra.len() == 4 && figures(extra)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::tests::page;

    fn found(lines: &[&str]) -> (Vec<String>, Vec<String>) {
        let sheet = Sheet::of(&[page(lines)]);
        let matches = Matches::of(&sheet, Conventions::default());
        (
            matches.amounts.iter().map(|find| find.amount.value.to_string()).collect(),
            matches.dates.iter().map(|find| find.date.to_string()).collect(),
        )
    }

    #[test]
    fn amounts_are_read_over_words_and_apart() {
        assert_eq!(found(&["1,00 Design 7% 160,00 € 160,00 €"]).0, ["1.00", "7", "160.00", "160.00"]);
        assert_eq!(found(&["CASH : 200. 00"]).0, ["200.00"]);
        assert_eq!(found(&["Total 47 80"]).0, ["47.80"]);
        assert_eq!(found(&["Total  10.94  0.66"]).0, ["10.94", "0.66"]);
        assert_eq!(found(&["A fee of GBP 975.00 is so low"]).0, ["975.00"]);
        assert_eq!(found(&["Balance 120.00 CR"]).0, ["-120.00"]);
    }

    #[test]
    fn days_keep_their_words() {
        let sheet = Sheet::of(&[page(&["Date: 14 Mar 2018 16:40"])]);
        let matches = Matches::of(&sheet, Conventions::default());
        assert_eq!(sheet.text(matches.dates[0].first, matches.dates[0].end), "14 Mar 2018");
    }

    #[test]
    fn the_order_of_days_is_the_pages() {
        assert_eq!(found(&["03/14/2018", "05/06/2018"]).1, ["2018-03-14", "2018-05-06"]);
        assert_eq!(found(&["Fremont, CA 94538", "05/06/2018"]).1, ["2018-05-06"]);
        assert_eq!(found(&["05/06/2018"]).1, ["2018-06-05"]);
        assert_eq!(found(&["วันที่ 14/03/67", "15/03/2567"]).1, ["2024-03-14", "2024-03-15"]);
        assert_eq!(found(&["Datum 14/03/67"]).1, ["2067-03-14"]);
        assert_eq!(found(&["판매일 21-11-28", "유효기간 22/02/01"]).1, ["2021-11-28", "2022-02-01"]);
        assert_eq!(found(&["98-11-28", "10-11-12"]).1, ["1998-11-28", "2010-11-12"]);
    }
}
