//! Payslips: who works where, what was earned and what was kept back in columns side by side or one under another, and
//! what was paid.

use jiff::ToSpan;
use jiff::civil::date;

use crate::papers::canvas::{Align, Canvas, Ink};
use crate::papers::dice::Dice;
use crate::papers::facts::{self, Facts};
use crate::papers::paper::{Fact, Paper, Truth};
use crate::papers::party::{Party, person};
use crate::papers::style::{Cents, Style, rounded};
use crate::papers::typeface::Typeface;

/// A payslip of a month.
pub(crate) fn payslip(dice: &mut Dice, style: &Style<'_>) -> anyhow::Result<Paper> {
    let language = style.language;
    let words = &language.payslip;
    let mut truth = Truth::default();
    let typeface = Typeface::open(*dice.pick(language.script.fonts()))?;
    let mut canvas = Canvas::new(typeface, 595.0, 842.0, language.script.is_from_right());
    let size = style.ink_size;
    let (start, end) = (50.0, 545.0);
    let employer = Party::company(dice, style);
    let worker = person(dice, style);
    truth.text(dice.name(&["employer", "employer_name"]), &employer.name);
    truth.text(dice.name(&["employee", "employee_name"]), &worker);
    canvas.text(start, 60.0, Ink::bold(1.4 * size), Align::Start, dice.say(&language.titles.payslip));
    let mut list = Vec::new();
    let mut fact = |dice: &mut Dice, said, shown: String| list.push(Fact { label: style.label(dice, said), shown });
    let mut y = 60.0 + 2.0 * size;
    if dice.chance(50) {
        fact(dice, &words.employer, employer.name.clone());
    } else {
        y = canvas.lines(start, y, Ink::plain(size), Align::Start, &employer.lines());
    }
    fact(dice, &words.employee, worker);
    let number = dice.one_of(&["%###", "00%###", "%##"]);
    truth.text("employee_number", &number);
    fact(dice, &words.number, number);
    let month = date(2021, 1, 1) + (dice.below(60) as i64).months();
    let name = &language.months.0[usize::from(month.month().unsigned_abs()) - 1];
    let period = match dice.below(3) {
        0 => format!("{name} {}", month.year()),
        1 => format!("{:02}/{}", month.month(), month.year()),
        _ => format!("{} - {}", style.day(month), style.day(month.last_of_month())),
    };
    fact(dice, &words.period, period);
    let paid = month.last_of_month() - dice.between(0, 5).days();
    truth.day(style, dice.name(&["pay_date", "payment_date"]), paid);
    fact(dice, &words.pay_date, style.day(paid));
    let job = dice.say(&words.jobs).to_owned();
    truth.text("job_title", &job);
    fact(dice, &words.job_title, job);
    let look = *dice.pick(&[Facts::Columns, Facts::Behind, Facts::Boxes, Facts::Under, Facts::Row]);
    y = facts::draw(&mut canvas, size, look, &list, (start, end), y) + 2.0 * size;

    let basic = dice.between(1_800, 5_200) * 100;
    let mut earnings = vec![(dice.say(&words.basic).to_owned(), basic)];
    for extra in words.extras.0.iter().filter(|_| dice.chance(40)) {
        earnings.push((extra.clone(), rounded(basic * 7, 100) + extra.len() as i64 * 131));
    }
    truth.sum(style, dice.name(&["basic_salary", "base_salary"]), basic);
    let gross: Cents = earnings.iter().map(|(_, amount)| amount).sum();
    let tax = rounded(gross * dice.between(8, 24), 100);
    truth.sum(style, "income_tax", tax);
    let mut kept = vec![(dice.say(&words.income_tax).to_owned(), tax)];
    for insurance in &words.insurances.0 {
        kept.push((insurance.clone(), rounded(gross * dice.between(11, 93), 1_000)));
    }
    let deductions: Cents = kept.iter().map(|(_, amount)| amount).sum();
    let net = gross - deductions;
    truth.sum(style, dice.name(&["gross_pay", "gross_salary", "total_earnings"]), gross);
    truth.sum(style, "total_deductions", deductions);
    truth.sum(style, dice.name(&["net_pay", "net_salary"]), net);
    let labels = [&words.gross, &words.deductions, &words.net].map(|said| dice.say(said).to_owned());
    earnings.push((labels[0].clone(), gross));
    kept.push((labels[1].clone(), deductions));
    let middle = f32::midpoint(start, end);
    let bottom = if dice.chance(50) {
        let one = amounts(&mut canvas, style, (start, middle - 10.0), y, &earnings);
        one.max(amounts(&mut canvas, style, (middle + 10.0, end), y, &kept))
    } else {
        let below = amounts(&mut canvas, style, (start, end), y, &earnings);
        amounts(&mut canvas, style, (start, end), below + size, &kept)
    };
    let ink = Ink::bold(1.2 * size);
    canvas.level(start, end, bottom + 0.4 * size, 0.8);
    canvas.text(start, bottom + 2.0 * size, ink, Align::Start, &labels[2]);
    canvas.text(end, bottom + 2.0 * size, ink, Align::End, &style.sum(net));
    Ok(Paper {
        canvas,
        truth,
        doctype: "payslip",
        language: language.code.clone(),
        country: style.country_code.to_owned(),
        issuer: employer.name,
    })
}

/// Labels and amounts, the last of which is their sum; where they end.
fn amounts(canvas: &mut Canvas, style: &Style<'_>, ends: (f32, f32), top: f32, rows: &[(String, Cents)]) -> f32 {
    let size = style.ink_size;
    let mut y = top;
    for (at, (label, amount)) in rows.iter().enumerate() {
        let is_sum = at + 1 == rows.len();
        let ink = if is_sum { Ink::bold(size) } else { Ink::plain(size) };
        if is_sum {
            canvas.level(ends.0, ends.1, y - 1.1 * size, 0.5);
        }
        let label_ink = facts::fitting(canvas, label, ink, ends.1 - ends.0 - 70.0);
        canvas.text(ends.0, y, label_ink, Align::Start, label);
        canvas.text(ends.1, y, ink, Align::End, &style.number(*amount, 2));
        y += 1.5 * size;
    }
    y
}
