//! Statements of bank accounts: balances, and what was paid in and out, over as many sheets as it needs.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::papers::canvas::{Align, Canvas, Ink};
use crate::papers::dice::Dice;
use crate::papers::facts::{self, Facts};
use crate::papers::identifiers::iban;
use crate::papers::paper::{Fact, Paper, Truth};
use crate::papers::party::{Party, filled};
use crate::papers::style::{Cents, Style};
use crate::papers::typeface::Typeface;

/// A movement of the account.
struct Entry {
    day: Date,
    text: String,
    amount: Cents,
    balance: Cents,
}

/// Where the columns of a statement end, and whether debits have a column of their own.
struct Columns {
    start: f32,
    text: f32,
    debit: f32,
    credit: f32,
    balance: f32,
    are_apart: bool,
    are_ruled: bool,
}

/// A statement of a bank account.
#[allow(clippy::too_many_lines, reason = "it goes down the sheet, step by step")]
pub(crate) fn statement(dice: &mut Dice, style: &Style<'_>) -> anyhow::Result<Paper> {
    let language = style.language;
    let words = &language.statement;
    let mut truth = Truth::default();
    let typeface = Typeface::open(*dice.pick(language.script.fonts()))?;
    let mut canvas = Canvas::new(typeface, 595.0, 842.0, language.script.is_from_right());
    let size = style.ink_size;
    let (start, end) = (48.0, 547.0);
    let bank = filled(dice, style, &words.banks);
    let bank_party = Party::company(dice, style);
    let holder = if dice.chance(60) { Party::person(dice, style) } else { Party::company(dice, style) };
    truth.text(dice.name(&["bank", "bank_name"]), &bank);
    truth.text(dice.name(&["account_holder", "holder", "account_name"]), &holder.name);
    let (x, align) = if dice.chance(60) { (start, Align::Start) } else { (end, Align::End) };
    canvas.text(x, 58.0, Ink::bold(1.7 * size), align, &bank);
    let mut y = canvas.lines(x, 58.0 + 1.7 * size, Ink::plain(0.85 * size), align, &[bank_party.address()]);
    canvas.text(start, y + 2.4 * size, Ink::bold(1.4 * size), Align::Start, dice.say(&language.titles.statement));
    y += 3.6 * size;
    let has_holder_label = dice.chance(60);
    if !has_holder_label {
        y = canvas.lines(start, y + size, Ink::plain(size), Align::Start, &holder.lines());
    }
    let from = date(2021, 1, 1) + (dice.below(60) as i64).months();
    let to = from.last_of_month();
    let entries = entries(dice, style, from);
    let mut list = Vec::new();
    let mut fact = |dice: &mut Dice, said, shown: String| list.push(Fact { label: style.label(dice, said), shown });
    if has_holder_label {
        fact(dice, &words.holder, holder.name.clone());
    }
    let account = if style.country.has_iban { iban(dice, style.country_code) } else { holder.account.clone() };
    truth.text(if style.country.has_iban { "iban" } else { "account_number" }, &account);
    fact(dice, &language.labels.account, account);
    let number = dice.one_of(&["%", "%#", "%/20##", "0%#"]);
    if dice.chance(70) {
        truth.text("statement_number", &number);
        fact(dice, &words.number, number);
    }
    let period = match dice.below(2) {
        0 => format!("{} {} {}", style.day(from), dice.say(&words.to), style.day(to)),
        _ => format!("{} - {}", style.day(from), style.day(to)),
    };
    truth.day(style, "period_start", from);
    truth.day(style, "period_end", to);
    fact(dice, &words.period, period);
    let look = *dice.pick(&[Facts::Columns, Facts::Behind, Facts::AtEnd, Facts::Row, Facts::Boxes, Facts::Under]);
    y = facts::draw(&mut canvas, size, look, &list, (start, end), y + 0.5 * size) + size;
    let opening = entries.first().map_or(0, |entry| entry.balance - entry.amount);
    let closing = entries.last().map_or(opening, |entry| entry.balance);
    truth.sum(style, "opening_balance", opening);
    truth.sum(style, "closing_balance", closing);
    let labels = [&words.opening, &words.closing].map(|said| dice.say(said).replace("{date}", &style.day(from)));
    let has_totals = dice.chance(55);
    let credits: Cents = entries.iter().map(|entry| entry.amount.max(0)).sum();
    let debits: Cents = entries.iter().map(|entry| -entry.amount.min(0)).sum();
    let totals = [dice.say(&words.credits).to_owned(), dice.say(&words.debits).to_owned()];
    if has_totals {
        truth.sum(style, dice.name(&["total_credits", "total_deposits"]), credits);
        truth.sum(style, dice.name(&["total_debits", "total_withdrawals"]), debits);
    }
    let summary = [(&labels[0], opening), (&totals[0], credits), (&totals[1], debits), (&labels[1], closing)];
    let is_summed_first = dice.chance(40);
    if is_summed_first {
        for (label, amount) in summary.iter().filter(|(label, _)| has_totals || !totals.contains(*label)) {
            canvas.text(start, y, Ink::plain(size), Align::Start, label);
            canvas.text(start + 240.0, y, Ink::plain(size), Align::End, &style.sum(*amount));
            y += 1.5 * size;
        }
        y += size;
    }
    let columns = Columns {
        start,
        text: start + 78.0,
        debit: end - 150.0,
        credit: end - 75.0,
        balance: end,
        are_apart: dice.chance(60),
        are_ruled: dice.chance(50),
    };
    let heads = columns.names(dice, style);
    y = columns.head(&mut canvas, &heads, style, y);
    let ink = Ink::plain(size);
    let line = 1.6 * size;
    if !is_summed_first {
        canvas.text(columns.text, y, Ink::bold(size), Align::Start, &labels[0]);
        canvas.text(columns.balance, y, Ink::bold(size), Align::End, &style.sum(opening));
        y += line;
    }
    let sums = &language.sums;
    let carried = [dice.say(&sums.carried).to_owned(), dice.say(&sums.brought).replace("{n}", "1")];
    for entry in &entries {
        if y > 770.0 {
            let before = entry.balance - entry.amount;
            columns.total(&mut canvas, y, ink, &carried[0], &style.sum(before));
            canvas.turn();
            y = columns.row(&mut canvas, 70.0, Ink::bold(size), &heads);
            columns.total(&mut canvas, y, ink, &carried[1], &style.sum(before));
            y += line;
        }
        y = columns.entry(&mut canvas, y, ink, style, entry);
    }
    if !is_summed_first {
        y += 0.4 * line;
        for (at, (label, amount)) in summary.iter().enumerate().skip(1) {
            if at == 3 || has_totals {
                let ink = if at == 3 { Ink::bold(size) } else { ink };
                columns.total(&mut canvas, y, ink, label, &style.sum(*amount));
                y += line;
            }
        }
    }
    Ok(Paper {
        canvas,
        truth,
        doctype: "bank statement",
        language: language.code.clone(),
        country: style.country_code.to_owned(),
        issuer: bank,
    })
}

impl Columns {
    fn names(&self, dice: &mut Dice, style: &Style<'_>) -> [String; 5] {
        let words = &style.language.statement;
        let mut names = [&words.day, &words.text, &words.debit, &words.credit, &words.balance]
            .map(|said| dice.say(said).to_owned());
        if !self.are_apart {
            names[2].clear();
            dice.say(&style.language.columns.amount).clone_into(&mut names[3]);
        }
        names
    }

    fn head(&self, canvas: &mut Canvas, names: &[String; 5], style: &Style<'_>, y: f32) -> f32 {
        if self.are_ruled {
            canvas.level(self.start, self.balance, y - 1.2 * style.ink_size, 0.6);
        }
        self.row(canvas, y, Ink::bold(style.ink_size), names)
    }

    fn row(&self, canvas: &mut Canvas, y: f32, ink: Ink, cells: &[String; 5]) -> f32 {
        let [day, text, debit, credit, balance] = cells;
        canvas.text(self.start, y, ink, Align::Start, day);
        canvas.text(self.text, y, ink, Align::Start, text);
        for (x, cell) in [(self.debit, debit), (self.credit, credit), (self.balance, balance)] {
            if !cell.is_empty() {
                canvas.text(x, y, ink, Align::End, cell);
            }
        }
        if self.are_ruled {
            canvas.level(self.start, self.balance, y + 0.4 * ink.size, 0.4);
        }
        y + 1.6 * ink.size
    }

    fn entry(&self, canvas: &mut Canvas, y: f32, ink: Ink, style: &Style<'_>, entry: &Entry) -> f32 {
        let is_debit = entry.amount < 0;
        let amount = if self.are_apart { style.amount(entry.amount.abs()) } else { style.amount(entry.amount) };
        let (debit, credit) =
            if self.are_apart && is_debit { (amount, String::new()) } else { (String::new(), amount) };
        let cells = [style.day(entry.day), entry.text.clone(), debit, credit, style.amount(entry.balance)];
        self.row(canvas, y, ink, &cells)
    }

    fn total(&self, canvas: &mut Canvas, y: f32, ink: Ink, label: &str, amount: &str) {
        canvas.text(self.text, y, ink, Align::Start, label);
        canvas.text(self.balance, y, ink, Align::End, amount);
    }
}

fn entries(dice: &mut Dice, style: &Style<'_>, from: Date) -> Vec<Entry> {
    let texts = &style.language.statement.entries;
    let count = if dice.chance(20) { dice.between(40, 60) } else { dice.between(5, 18) };
    let mut balance = dice.between(20_000, 900_000);
    let mut day = 1;
    let mut list = Vec::new();
    for _ in 0..count {
        let amount = if dice.chance(25) { dice.between(2_000, 350_000) } else { -dice.between(350, 90_000) };
        balance += amount;
        day = (day + dice.between(0, if count > 20 { 1 } else { 3 })).min(i64::from(from.days_in_month()));
        list.push(Entry { day: from + (day - 1).days(), text: dice.say(texts).to_owned(), amount, balance });
    }
    list
}
