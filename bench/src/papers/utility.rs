//! Bills of electricity: a meter with its readings, what was used, a standing charge, tax, and what is to be paid.

use jiff::ToSpan;
use jiff::civil::date;

use crate::papers::bill::document_number;
use crate::papers::canvas::{Align, BLACK, Canvas, GREY, Ink};
use crate::papers::dice::Dice;
use crate::papers::facts::{self, Facts};
use crate::papers::paper::{Fact, Paper, Truth};
use crate::papers::party::Party;
use crate::papers::style::{Style, at_rate, rounded};
use crate::papers::typeface::Typeface;

/// A bill of a provider of electricity.
pub(crate) fn utility(dice: &mut Dice, style: &Style<'_>) -> anyhow::Result<Paper> {
    let language = style.language;
    let (words, labels) = (&language.utility, &language.labels);
    let mut truth = Truth::default();
    let typeface = Typeface::open(*dice.pick(language.script.fonts()))?;
    let mut canvas = Canvas::new(typeface, 595.0, 842.0, language.script.is_from_right());
    let size = style.ink_size;
    let (start, end) = (52.0, 543.0);
    let provider = Party::of(dice, style, &words.firms);
    let customer = Party::person(dice, style);
    truth.text(dice.name(&["provider", "seller_name", "supplier"]), &provider.name);
    truth.text(dice.name(&["customer_name", "customer", "buyer_name"]), &customer.name);
    canvas.text(start, 58.0, Ink::bold(1.7 * size), Align::Start, &provider.name);
    let head = format!("{} · {} · {}", provider.street, provider.town, provider.phone);
    canvas.text(start, 58.0 + 1.5 * size, Ink::plain(0.8 * size).of(GREY), Align::Start, &head);
    let mut y = 130.0;
    canvas.lines(start, y, Ink::plain(size), Align::Start, &customer.lines());

    let mut list = Vec::new();
    let mut fact = |dice: &mut Dice, said, shown: String| list.push(Fact { label: style.label(dice, said), shown });
    let day = date(2021, 1, 1) + (dice.below(2000) as i64).days();
    let number = document_number(dice, day);
    truth.text(dice.name(&["invoice_number", "bill_number"]), &number);
    fact(dice, &labels.invoice_number, number);
    truth.day(style, dice.name(&["invoice_date", "issue_date", "bill_date"]), day);
    fact(dice, &labels.invoice_date, style.day(day));
    let customer_number = dice.one_of(&["%########", "%### ### ##", "%#######-#"]);
    truth.text("customer_number", &customer_number);
    fact(dice, &labels.customer_number, customer_number);
    let due = day + dice.between(10, 30).days();
    truth.day(style, "due_date", due);
    fact(dice, &labels.due_date, style.day(due));
    let from = day - dice.between(32, 70).days();
    let until = day - dice.between(2, 6).days();
    truth.day(style, "period_start", from);
    truth.day(style, "period_end", until);
    fact(dice, &language.statement.period, format!("{} - {}", style.day(from), style.day(until)));
    let look = *dice.pick(&[Facts::Columns, Facts::AtEnd, Facts::Behind, Facts::Under]);
    let below = facts::draw(&mut canvas, size, look, &list, (310.0, end), y - size);
    y = below.max(y + 5.0 * size) + size;
    canvas.text(start, y, Ink::bold(1.4 * size), Align::Start, dice.say(&language.titles.utility));
    y += 2.0 * size;

    let previous = dice.between(4_000, 60_000);
    let used = dice.between(90, 2_400);
    let mut readings = Vec::new();
    let mut fact = |dice: &mut Dice, said, shown: String| readings.push(Fact { label: style.label(dice, said), shown });
    let meter = dice.one_of(&["%#######", "1ESY%########", "@%######"]);
    truth.text("meter_number", &meter);
    fact(dice, &words.meter, meter);
    if dice.chance(60) {
        truth.lines("service_address", &[customer.address()]);
        fact(dice, &words.place, customer.address());
    }
    for (said, name, reading) in [
        (&words.previous, "previous_reading", previous),
        (&words.current, "current_reading", previous + used),
        (&words.consumption, "consumption", used),
    ] {
        let shown =
            if name == "consumption" { format!("{} kWh", style.number(reading, 0)) } else { style.number(reading, 0) };
        truth.text(name, &shown);
        fact(dice, said, shown);
    }
    let look = *dice.pick(&[Facts::Row, Facts::Boxes, Facts::Columns, Facts::Behind]);
    y = facts::draw(&mut canvas, size, look, &readings, (start, end), y) + 1.5 * size;

    let energy = rounded(used * dice.between(1_900, 3_600), 100);
    let standing = dice.between(900, 2_900);
    let net = energy + standing;
    let rate = style.rates()[0];
    let tax = at_rate(net, rate);
    truth.sum(style, dice.name(&["total_net", "subtotal"]), net);
    truth.sum(style, dice.name(&["total_tax", "vat_amount"]), tax);
    truth.sum(style, dice.name(&["amount_due", "total_amount", "total_gross"]), net + tax);
    let tax_label = style.rate_label(dice, &language.sums.tax, rate);
    let rows = [
        (dice.say(&words.energy).to_owned(), energy),
        (dice.say(&words.standing).to_owned(), standing),
        (dice.say(&language.sums.net).to_owned(), net),
        (tax_label, tax),
        (dice.say(&words.due).to_owned(), net + tax),
    ];
    for (at, (label, amount)) in rows.iter().enumerate() {
        let ink = if at + 1 == rows.len() { Ink::bold(1.2 * size) } else { Ink::plain(size) };
        canvas.text(start, y, ink.of(BLACK), Align::Start, label);
        canvas.text(end, y, ink, Align::End, &style.sum(*amount));
        y += 1.7 * size;
    }
    if dice.chance(50) {
        let bank = format!("{} {}   {} {}", labels.bank.0[0], provider.bank, labels.account.0[0], provider.account);
        canvas.text(start, 800.0, Ink::plain(0.85 * size), Align::Start, &bank);
    }
    Ok(Paper {
        canvas,
        truth,
        doctype: "utility bill",
        language: language.code.clone(),
        country: style.country_code.to_owned(),
        issuer: provider.name,
    })
}
