//! How one paper writes: the country that it comes from, and which of its ways to write amounts, days and labels it keeps to.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::papers::dice::Dice;
use crate::papers::language::{Country, Language, Said};

/// Amounts of money in hundredths.
pub(crate) type Cents = i64;

/// Rates of tax in hundredths of a percent.
pub(crate) type Rate = i64;

/// Where the mark of the currency stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marked {
    Nowhere,
    Sums,
    Everywhere,
}

/// How one paper writes.
pub(crate) struct Style<'a> {
    pub(crate) language: &'a Language,
    pub(crate) country_code: &'a str,
    pub(crate) country: &'a Country,
    pub(crate) ink_size: f32,
    date: String,
    mark: String,
    marked: Marked,
    /// What ends a label that its value stands behind.
    colon: &'static str,
    is_eastern: bool,
    has_minus_behind: bool,
}

impl<'a> Style<'a> {
    pub(crate) fn of(dice: &mut Dice, language: &'a Language) -> Self {
        let countries: Vec<_> = language.countries.iter().collect();
        let (country_code, country) = *dice.pick(&countries);
        Self {
            language,
            country_code,
            country,
            ink_size: dice.within(8.2, 10.6),
            date: dice.say(&country.dates).to_owned(),
            mark: dice.say(&country.marks).to_owned(),
            marked: *dice.pick(&[Marked::Nowhere, Marked::Sums, Marked::Sums, Marked::Everywhere]),
            colon: *dice.pick(&[":", ":", "", " :"]),
            is_eastern: country.eastern_digits && dice.chance(40),
            has_minus_behind: country.decimal == ',' && dice.chance(10),
        }
    }

    /// A label before its value.
    pub(crate) fn label(&self, dice: &mut Dice, said: &Said) -> String {
        format!("{}{}", dice.say(said), self.colon)
    }

    /// A number with so many decimals, of which the last is the unit of `value`.
    pub(crate) fn number(&self, value: i64, decimals: u32) -> String {
        let unit = 10_i64.pow(decimals);
        let whole = (value.abs() / unit).to_string();
        let indian = self.country.group == "in";
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            let left = whole.len() - at;
            let is_border =
                left == 3 || left > 3 && if indian { !left.is_multiple_of(2) } else { left.is_multiple_of(3) };
            if at > 0 && is_border {
                grouped.push_str(if indian { "," } else { &self.country.group });
            }
            grouped.push(digit);
        }
        if decimals > 0 {
            let part = value.abs() % unit;
            grouped.push(self.country.decimal);
            write!(grouped, "{part:0width$}", width = decimals as usize).expect("writing to a String succeeds");
        }
        let signed = match (value < 0, self.has_minus_behind) {
            (true, true) => format!("{grouped}-"),
            (true, false) => format!("-{grouped}"),
            (false, _) => grouped,
        };
        self.digits(&signed)
    }

    /// An amount in a column.
    pub(crate) fn amount(&self, cents: Cents) -> String {
        self.money(cents, Marked::Everywhere)
    }

    /// An amount among the sums.
    pub(crate) fn sum(&self, cents: Cents) -> String {
        self.money(cents, Marked::Sums)
    }

    fn money(&self, cents: Cents, place: Marked) -> String {
        let number = self.number(cents, 2);
        if self.marked == Marked::Nowhere || place == Marked::Everywhere && self.marked != place {
            return number;
        }
        let is_letters = self.mark.chars().all(char::is_alphabetic) || self.mark.ends_with('.');
        match (self.country.mark_first, is_letters) {
            (true, false) if number.starts_with('-') => format!("-{}{}", self.mark, &number[1..]),
            (true, false) => format!("{}{number}", self.mark),
            (true, true) => format!("{} {number}", self.mark),
            (false, _) => format!("{number} {}", self.mark),
        }
    }

    /// A rate of tax without its sign.
    pub(crate) fn rate(&self, rate: Rate) -> String {
        let shown = if rate % 100 == 0 {
            (rate / 100).to_string()
        } else {
            format!("{}.{:02}", rate / 100, rate % 100)
                .trim_end_matches('0')
                .replace('.', &self.country.decimal.to_string())
        };
        self.digits(&shown)
    }

    /// A label of the sums that may name a rate.
    pub(crate) fn rate_label(&self, dice: &mut Dice, said: &Said, rate: Rate) -> String {
        format!("{}{}", dice.say(said).replace("{rate}", &self.rate(rate)), self.colon)
    }

    pub(crate) fn day(&self, day: Date) -> String {
        let name = |names: &Said| names.0[usize::from(day.month().unsigned_abs()) - 1].clone();
        let shown = self
            .date
            .replace("{dd}", &format!("{:02}", day.day()))
            .replace("{d}", &day.day().to_string())
            .replace("{mm}", &format!("{:02}", day.month()))
            .replace("{month}", &name(&self.language.months))
            .replace("{mon}", &name(&self.language.short_months))
            .replace("{m}", &day.month().to_string())
            .replace("{yyyy}", &day.year().to_string())
            .replace("{yy}", &format!("{:02}", day.year() % 100))
            .replace("{be}", &(day.year() + 543).to_string());
        self.digits(&shown)
    }

    /// A text with the digits of the paper.
    pub(crate) fn digits(&self, text: &str) -> String {
        if !self.is_eastern {
            return text.to_owned();
        }
        let eastern = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0x660 + digit)).unwrap_or(c);
        text.chars().map(eastern).collect()
    }

    /// The rates of tax of the country, the usual one first.
    pub(crate) fn rates(&self) -> Vec<Rate> {
        let rate = |text: &String| {
            let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
            format!("{whole}{part:0<2}").parse().unwrap_or_default()
        };
        self.country.rates.0.iter().map(rate).collect()
    }
}

/// An amount as a corpus writes it.
pub(crate) fn plain(cents: Cents) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// A share of an amount at a rate, rounded to the nearest.
pub(crate) fn at_rate(cents: Cents, rate: Rate) -> Cents {
    rounded(cents * rate, 10_000)
}

/// `value / unit`, rounded to the nearest; halves away from zero.
pub(crate) fn rounded(value: i64, unit: i64) -> i64 {
    (value.abs() + unit / 2) / unit * value.signum()
}
