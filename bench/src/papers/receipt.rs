//! Receipts in narrow print: a shop's head, goods at prices with tax, the total, how it was paid, and the taxes within.

use jiff::ToSpan;
use jiff::civil::date;

use crate::papers::canvas::{Align, Canvas, Ink};
use crate::papers::dice::Dice;
use crate::papers::language::{Language, Script};
use crate::papers::paper::{Paper, Truth};
use crate::papers::party::Party;
use crate::papers::style::{Cents, Rate, Style, rounded};
use crate::papers::typeface::{TILL, Typeface};

/// What fits on a roll: enough for the longest receipt, cut off behind it.
const LONGEST: f32 = 900.0;

/// A receipt that is being printed.
struct Roll<'a> {
    canvas: Canvas,
    style: &'a Style<'a>,
    truth: Truth,
    margin: f32,
    size: f32,
    y: f32,
}

/// A receipt of a shop.
pub(crate) fn receipt(dice: &mut Dice, style: &Style<'_>) -> anyhow::Result<Paper> {
    let language = style.language;
    let words = &language.receipt;
    let typeface = Typeface::open(*dice.pick(fonts(language)))?;
    let width = *dice.pick(&[164.0, 204.0, 226.0]);
    let mut roll = Roll {
        canvas: Canvas::new(typeface, width, LONGEST, language.script.is_from_right()),
        style,
        truth: Truth::default(),
        margin: dice.within(6.0, 14.0),
        size: if width < 200.0 { dice.within(6.2, 7.2) } else { dice.within(7.0, 9.0) },
        y: 18.0,
    };
    let shop = Party::of(dice, style, &words.shops);
    roll.head(dice, &shop);
    roll.day(dice);
    let rates: Vec<Rate> = style.rates().into_iter().take(if dice.chance(40) { 2 } else { 1 }).collect();
    let (total, by_rate) = roll.goods(dice, &rates);
    roll.totals(dice, total, &by_rate);
    roll.y += 0.6 * roll.size;
    roll.middle(dice.say(&words.thanks), false, 1.0);
    let height = roll.y + 14.0;
    roll.canvas.cut(height);
    Ok(Paper {
        canvas: roll.canvas,
        truth: roll.truth,
        doctype: "receipt",
        language: language.code.clone(),
        country: style.country_code.to_owned(),
        issuer: shop.name,
    })
}

fn fonts(language: &Language) -> &'static [(&'static str, &'static str)] {
    if language.script == Script::Latin { TILL } else { language.script.fonts() }
}

impl Roll<'_> {
    fn ink(&self, is_bold: bool, times: f32) -> Ink {
        Ink { is_bold, ..Ink::plain(times * self.size) }
    }

    fn middle(&mut self, text: &str, is_bold: bool, times: f32) {
        let ink = self.ink(is_bold, times);
        for line in self.canvas.broken(text, self.canvas.width - 2.0 * self.margin, ink) {
            self.canvas.text(self.canvas.width / 2.0, self.y, ink, Align::Middle, &line);
            self.y += 1.3 * ink.size;
        }
    }

    /// A text at the start of a line and one at its end.
    fn pair(&mut self, start: &str, end: &str, is_bold: bool, times: f32) {
        let ink = self.ink(is_bold, times);
        let room = self.canvas.width - 2.0 * self.margin - self.canvas.width_of(end, ink) - 8.0;
        let lines = self.canvas.broken(start, room, ink);
        for (at, line) in lines.iter().enumerate() {
            self.canvas.text(self.margin, self.y, ink, Align::Start, line);
            if at + 1 == lines.len() {
                self.canvas.text(self.canvas.width - self.margin, self.y, ink, Align::End, end);
            }
            self.y += 1.3 * ink.size;
        }
    }

    fn line(&mut self, text: &str) {
        let ink = self.ink(false, 1.0);
        self.canvas.text(self.margin, self.y, ink, Align::Start, text);
        self.y += 1.3 * self.size;
    }

    /// What parts the parts: dashes or a rule.
    fn border(&mut self, dice: &mut Dice) {
        match dice.below(3) {
            0 => self.y += 0.5 * self.size,
            1 => {
                self.canvas.level(self.margin, self.canvas.width - self.margin, self.y - 0.5 * self.size, 0.6);
                self.y += 0.6 * self.size;
            }
            _ => {
                let ink = self.ink(false, 1.0);
                let count = (self.canvas.width - 2.0 * self.margin) / self.canvas.width_of("-", ink).max(1.0);
                self.line(&"-".repeat(count as usize));
            }
        }
    }

    fn head(&mut self, dice: &mut Dice, shop: &Party) {
        let labels = &self.style.language.labels;
        let times = dice.within(1.1, 1.7);
        self.middle(&shop.name, true, times);
        self.truth.text("company", &shop.name);
        self.middle(&shop.street, false, 1.0);
        self.middle(&shop.town, false, 1.0);
        self.truth.lines("address", &[shop.street.clone(), shop.town.clone()]);
        if dice.chance(70) {
            self.middle(&format!("{} {}", dice.say(&labels.phone), shop.phone), false, 1.0);
        }
        let label = dice.say(&self.style.country.vat_label).to_owned();
        self.middle(&format!("{label} {}", shop.tax_number), false, 1.0);
        self.truth.text("seller_tax_id", &shop.tax_number);
        self.border(dice);
    }

    fn day(&mut self, dice: &mut Dice) {
        let words = &self.style.language.receipt;
        let day = date(2021, 1, 1) + (dice.below(2000) as i64).days();
        let time = self.style.digits(&format!("{:02}:{:02}", dice.between(8, 21), dice.between(0, 59)));
        let shown = self.style.day(day);
        self.truth.day(self.style, "date", day);
        let number = dice.one_of(&["%###", "00%###", "%###-%##", "%#####"]);
        let label = dice.say(&words.number).to_owned();
        self.truth.text("receipt_number", &number);
        match dice.below(4) {
            0 => {
                self.pair(&shown, &time, false, 1.0);
                self.line(&format!("{label} {number}"));
            }
            1 => {
                self.line(&format!("{label}: {number}"));
                let date_label = dice.say(&self.style.language.labels.date).to_owned();
                self.line(&format!("{date_label}: {shown} {time}"));
            }
            2 => {
                self.pair(&label, &number, false, 1.0);
                self.line(&format!("{shown} {time}"));
            }
            _ => self.pair(&format!("{shown} {time}"), &format!("{label} {number}"), false, 0.9),
        }
        let till = dice.between(1, 9);
        let cashier = dice.say(&self.style.language.names.first).to_owned();
        match dice.below(3) {
            0 => self.line(&format!("{} {till}", dice.say(&words.till))),
            1 => self.line(&format!("{}: {cashier}", dice.say(&words.cashier))),
            _ => {}
        }
        self.border(dice);
    }

    /// The goods; their total, and what of it is at each rate.
    fn goods(&mut self, dice: &mut Dice, rates: &[Rate]) -> (Cents, Vec<(Rate, Cents)>) {
        let foods = &self.style.language.receipt.foods;
        let mut by_rate: Vec<(Rate, Cents)> = rates.iter().map(|rate| (*rate, 0)).collect();
        let with_letter = rates.len() > 1 && dice.chance(50);
        let count_below = dice.chance(50);
        for at in 0..dice.between(2, 11) {
            let food = dice.say(foods).to_owned();
            let price = dice.between(45, 1_900);
            let count = if dice.chance(30) { dice.between(2, 5) } else { 1 };
            let group = if at == 0 { 0 } else { dice.below(rates.len()) };
            let amount = count * price;
            by_rate[group].1 += amount;
            let letter = if with_letter { ["", " A", " B"][group + 1] } else { "" };
            let shown = format!("{}{letter}", self.style.amount(amount));
            let times = format!("{count} x {}", self.style.amount(price));
            if count == 1 {
                self.pair(&food, &shown, false, 1.0);
            } else if count_below {
                self.line(&food);
                self.pair(&format!("   {times}"), &shown, false, 1.0);
            } else {
                self.pair(&format!("{times} {food}"), &shown, false, 1.0);
            }
        }
        by_rate.retain(|(_, amount)| *amount > 0);
        self.border(dice);
        (by_rate.iter().map(|(_, amount)| amount).sum(), by_rate)
    }

    fn totals(&mut self, dice: &mut Dice, total: Cents, by_rate: &[(Rate, Cents)]) {
        let words = &self.style.language.receipt;
        let unit = match self.style.country_code {
            "CH" => 5,
            "SE" => 100,
            _ => 1,
        };
        let due = rounded(total, unit) * unit;
        if due != total {
            let label = dice.say(&self.style.language.sums.rounding).to_owned();
            self.pair(&label, &self.style.number(due - total, 2), false, 1.0);
        }
        let times = dice.within(1.0, 1.6);
        self.pair(dice.say(&words.total), &self.style.sum(due), true, times);
        self.truth.sum(self.style, "total", due);
        if dice.chance(45) {
            let given = rounded(due + dice.between(1, 900), 500) * 500;
            let given = if given < due { given + 500 } else { given };
            self.pair(dice.say(&words.cash), &self.style.amount(given), false, 1.0);
            self.pair(dice.say(&words.change), &self.style.amount(given - due), false, 1.0);
        } else {
            self.pair(dice.say(&words.card), &self.style.amount(due), false, 1.0);
        }
        self.border(dice);
        let mut taxes = 0;
        for (rate, amount) in by_rate {
            let tax = rounded(amount * rate, 10_000 + rate);
            taxes += tax;
            let label = dice.say(&words.tax).replace("{rate}", &self.style.rate(*rate));
            self.pair(&label, &self.style.number(tax, 2), false, 1.0);
        }
        if by_rate.len() == 1 {
            self.truth.sum(self.style, "tax", taxes);
        }
    }
}
