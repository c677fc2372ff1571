//! The looks of bills: where the head, the parties, the numbers, the goods, the sums and the foot of such a paper stand.

use crate::papers::bill::{Bill, Kind};
use crate::papers::canvas::{Align, Canvas, Colour, GREY, Ink};
use crate::papers::dice::Dice;
use crate::papers::facts::{self, Facts};
use crate::papers::goods_table::{Frame, GoodsTable, Ruling};
use crate::papers::paper::{Fact, Paper};
use crate::papers::party::Party;
use crate::papers::typeface::Typeface;

/// Where the letterhead stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    Start,
    End,
    Middle,
    Band,
    /// Only a name, large; the address is in the foot and over the window.
    Mark,
}

/// How the parties are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parties {
    /// The addressee alone, without a label, where envelopes have their window.
    Window,
    /// The addressee under a label.
    Labelled,
    /// Both, side by side under labels.
    Both,
    /// Both in frames.
    Framed,
}

/// Where the sums stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sums {
    Plain,
    Framed,
    /// Labels at the end of their column.
    AtEnd,
    Wide,
}

/// Where the numbers that nobody reads first stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Foot {
    Columns,
    Line,
    Head,
}

const ACCENTS: [Colour; 5] = [(24, 60, 110), (120, 25, 30), (20, 90, 60), (60, 60, 60), (0, 0, 0)];
const WHITE: Colour = (255, 255, 255);

/// A sheet with its margins.
struct Sheet<'a> {
    canvas: Canvas,
    start: f32,
    end: f32,
    size: f32,
    accent: Colour,
    foot: Foot,
    head: Head,
    dice: &'a mut Dice,
}

/// Draws a bill in one of the looks.
pub(crate) fn draw(dice: &mut Dice, mut bill: Bill<'_>, typeface: Typeface) -> Paper {
    let style = bill.style;
    let is_letter = matches!(style.country_code, "US" | "MX");
    let (width, height) = if is_letter { (612.0, 792.0) } else { (595.0, 842.0) };
    let canvas = Canvas::new(typeface, width, height, style.language.script.is_from_right());
    let margin = dice.within(38.0, 62.0);
    let head = *dice.pick(&[Head::Start, Head::End, Head::Middle, Head::Band, Head::Mark]);
    let foot = if head == Head::Mark { Foot::Columns } else { *dice.pick(&[Foot::Columns, Foot::Line, Foot::Head]) };
    let parties = *dice.pick(&[Parties::Window, Parties::Window, Parties::Labelled, Parties::Both, Parties::Framed]);
    let facts_at = *dice.pick(&Facts::ALL);
    let ruling = *dice.pick(&Ruling::ALL);
    let sums = *dice.pick(&[Sums::Plain, Sums::Framed, Sums::AtEnd, Sums::Wide]);
    let mut sheet = Sheet {
        canvas,
        start: margin,
        end: width - margin,
        size: style.ink_size,
        accent: *dice.pick(&ACCENTS),
        foot,
        head,
        dice,
    };
    let mut y = sheet.letterhead(&bill);
    let is_title_first = sheet.dice.chance(50);
    if is_title_first && head != Head::Band {
        y = sheet.title(&bill, y);
    }
    // Facts beside the parties want the other half of the sheet.
    let beside = matches!(parties, Parties::Window | Parties::Labelled) && facts_at.is_narrow();
    let top = y;
    y = sheet.parties(&bill, parties, y);
    if beside {
        let column = f32::midpoint(sheet.start, sheet.end) + 20.0;
        let below = facts::draw(&mut sheet.canvas, sheet.size, facts_at, &bill.facts, (column, sheet.end), top);
        y = y.max(below);
    }
    if !is_title_first && head != Head::Band {
        y = sheet.title(&bill, y + 4.0);
    }
    if !beside {
        y = facts::draw(&mut sheet.canvas, sheet.size, facts_at, &bill.facts, (sheet.start, sheet.end), y);
    }
    y += 0.6 * sheet.size;
    if sheet.dice.chance(60) {
        y = sheet.note(&bill.notes[0], y + sheet.size);
    }
    let bottom = height - if foot == Foot::Columns { 110.0 } else { 60.0 };
    let frame = Frame { start: sheet.start, end: sheet.end, top: y + 6.0, next_top: 90.0, bottom };
    let table = GoodsTable::new(sheet.dice, &bill, ruling, frame);
    y = table.draw(&mut sheet.canvas);
    let bank = if bill.kind == Kind::Invoice { bill.bank_lines(sheet.dice) } else { Vec::new() };
    let needed = (bill.sums.len() + bill.rates.len() + 8) as f32 * 1.7 * sheet.size;
    if y + needed > bottom {
        sheet.canvas.turn();
        y = 90.0;
    }
    if bill.kind.has_prices() {
        y = sheet.sums(&bill, sums, y + 8.0);
        y = sheet.rates(&bill, y);
    }
    y += 1.5 * sheet.size;
    for note in &bill.notes[1..] {
        y = sheet.note(note, y);
    }
    if foot != Foot::Columns {
        for fact in &bank {
            y = sheet.note(&format!("{} {}", fact.label, fact.shown), y);
        }
    }
    sheet.close(&bill, &bank);
    Paper {
        canvas: sheet.canvas,
        truth: bill.truth,
        doctype: bill.kind.doctype(),
        language: style.language.code.clone(),
        country: style.country_code.to_owned(),
        issuer: bill.issuer.name,
    }
}

impl Sheet<'_> {
    fn plain(&self) -> Ink {
        Ink::plain(self.size)
    }

    fn small(&self) -> Ink {
        Ink::plain(0.82 * self.size).of(GREY)
    }

    /// The lines of the issuer's head that tell where it is.
    fn contact(&mut self, bill: &Bill<'_>) -> Vec<String> {
        let issuer = &bill.issuer;
        let labels = &bill.style.language.labels;
        let mut lines = vec![issuer.street.clone(), issuer.town.clone()];
        lines.push(format!("{} {}", self.dice.say(&labels.phone), issuer.phone));
        if self.dice.chance(60) {
            lines.push(format!("{} {}", self.dice.say(&labels.email), issuer.email));
        }
        if self.foot == Foot::Head {
            lines.push(format!("{} {}", bill.vat_label, issuer.tax_number));
        }
        lines
    }

    /// Draws the letterhead; where the rest begins.
    fn letterhead(&mut self, bill: &Bill<'_>) -> f32 {
        let name = bill.issuer.name.clone();
        let large = Ink::bold(self.dice.within(1.4, 2.0) * self.size).of(self.accent);
        let lines = self.contact(bill);
        let small = self.plain();
        match self.head {
            Head::Start | Head::End | Head::Middle => {
                let (x, align) = match self.head {
                    Head::Start => (self.start, Align::Start),
                    Head::End => (self.end, Align::End),
                    _ => (f32::midpoint(self.start, self.end), Align::Middle),
                };
                self.canvas.text(x, 56.0, large, align, &name);
                let y = self.canvas.lines(x, 56.0 + 1.6 * self.size, small, align, &lines);
                if self.dice.chance(40) {
                    self.canvas.level(self.start, self.end, y, 0.8);
                }
                y + 1.6 * self.size
            }
            Head::Band => {
                let width = self.canvas.width;
                self.canvas.area(0.0, 0.0, width, 64.0, self.accent);
                self.canvas.text(self.start, 40.0, large.of(WHITE), Align::Start, &name);
                self.canvas.text(self.end, 40.0, Ink::bold(1.5 * self.size).of(WHITE), Align::End, &bill.title);
                self.canvas.lines(self.start, 84.0, small, Align::Start, &lines) + 1.4 * self.size
            }
            Head::Mark => {
                let x = if self.dice.chance(50) { self.end } else { self.start };
                let align = if x == self.end { Align::End } else { Align::Start };
                self.canvas.text(x, 60.0, large, align, &name);
                let line = format!("{} · {} · {}", name, bill.issuer.street, bill.issuer.town);
                self.canvas.text(self.start, 118.0, Ink::plain(0.72 * self.size), Align::Start, &line);
                118.0 + 2.2 * self.size
            }
        }
    }

    fn title(&mut self, bill: &Bill<'_>, y: f32) -> f32 {
        let ink = Ink::bold(self.dice.within(1.4, 2.2) * self.size).of(self.accent);
        let is_end = self.dice.chance(25);
        let (x, align) = if is_end { (self.end, Align::End) } else { (self.start, Align::Start) };
        self.canvas.text(x, y + ink.size, ink, align, &bill.title);
        y + 2.2 * ink.size
    }

    fn note(&mut self, text: &str, y: f32) -> f32 {
        let ink = self.plain();
        self.canvas.paragraph(self.start, y, 0.9 * (self.end - self.start), ink, text) + 0.3 * self.size
    }

    /// A party under its label, if it has one; where it ends.
    fn party(&mut self, x: f32, y: f32, label: Option<&str>, party: &Party, number: Option<&str>) -> f32 {
        let plain = self.plain();
        let mut y = y + self.size;
        if let Some(label) = label {
            let ink = if self.dice.chance(50) { Ink::bold(self.size) } else { self.small() };
            self.canvas.text(x, y, ink, Align::Start, label);
            y += 1.4 * self.size;
        }
        let mut lines = party.lines();
        lines.extend(number.map(str::to_owned));
        let is_bold = self.dice.chance(30);
        self.canvas.text(x, y, Ink { is_bold, ..plain }, Align::Start, &lines[0]);
        self.canvas.lines(x, y + 1.3 * self.size, plain, Align::Start, &lines[1..])
    }

    fn parties(&mut self, bill: &Bill<'_>, parties: Parties, top: f32) -> f32 {
        let number = bill.addressee_number.as_deref();
        let half = f32::midpoint(self.start, self.end);
        let (own, other) = bill.roles.clone();
        let mut y = match parties {
            Parties::Window => self.party(self.start, top, None, &bill.addressee, number),
            Parties::Labelled => self.party(self.start, top, Some(&other), &bill.addressee, number),
            Parties::Both | Parties::Framed => {
                let pad = if parties == Parties::Framed { 5.0 } else { 0.0 };
                let (first, second) = (self.start + pad, half + pad);
                let issuer_first = self.dice.chance(70);
                let (at_issuer, at_other) = if issuer_first { (first, second) } else { (second, first) };
                let vat = format!("{} {}", bill.vat_label, bill.issuer.tax_number);
                let vat = (self.foot == Foot::Head || self.dice.chance(40)).then_some(vat);
                let one = self.party(at_issuer, top + pad, Some(&own), &bill.issuer, vat.as_deref());
                let two = self.party(at_other, top + pad, Some(&other), &bill.addressee, number);
                let bottom = one.max(two);
                if parties == Parties::Framed {
                    self.canvas.frame(self.start, top, half - self.start - 6.0, bottom - top);
                    self.canvas.frame(half, top, self.end - half, bottom - top);
                }
                bottom + pad
            }
        };
        if let Some((label, place)) = &bill.ship_to {
            y = self.party(self.start, y + 0.4 * self.size, Some(label), place, None);
        }
        y + self.size
    }

    fn sums(&mut self, bill: &Bill<'_>, look: Sums, top: f32) -> f32 {
        let style = bill.style;
        let end = self.end - 3.0;
        let width = if look == Sums::Wide { self.end - self.start } else { 230.0 };
        let start = self.end - width;
        let line = 1.55 * self.size;
        let mut y = top + line;
        for sum in &bill.sums {
            let ink = if sum.is_total { Ink::bold(1.1 * self.size) } else { self.plain() };
            if sum.is_total && look != Sums::Framed {
                self.canvas.level(start, self.end, y - 1.15 * self.size, 0.7);
            }
            if look == Sums::AtEnd {
                self.canvas.text(self.end - 100.0, y, ink, Align::End, &sum.label);
            } else {
                self.canvas.text(start + 3.0, y, ink, Align::Start, &sum.label);
            }
            self.canvas.text(end, y, ink, Align::End, &style.sum(sum.amount));
            if look == Sums::Framed {
                self.canvas.frame(start, y - 1.15 * self.size, width, line);
            }
            y += line;
        }
        y
    }

    /// The taxes by rate, as a table.
    fn rates(&mut self, bill: &Bill<'_>, top: f32) -> f32 {
        if bill.rates.is_empty() {
            return top;
        }
        let said = &bill.style.language;
        let heads =
            [&said.columns.rate, &said.sums.base, &said.sums.total_tax].map(|said| self.dice.say(said).to_owned());
        let mut rows = vec![heads.to_vec()];
        for (rate, base, tax) in &bill.rates {
            let number = |cents: &i64| bill.style.number(*cents, 2);
            rows.push(vec![format!("{} %", bill.style.rate(*rate)), number(base), number(tax)]);
        }
        let ink = self.small();
        let mut y = top + 1.4 * self.size;
        for row in rows {
            for (text, x) in row.iter().zip([70.0, 160.0, 260.0]) {
                self.canvas.text(self.start + x, y, ink, Align::End, text);
            }
            y += 1.4 * ink.size;
        }
        y
    }

    /// The foot of every sheet, and the head of those after the first.
    fn close(&mut self, bill: &Bill<'_>, bank: &[Fact]) {
        let count = self.canvas.sheets();
        let page = self.dice.say(&bill.style.language.labels.page).to_owned();
        let small = self.small();
        for sheet in 0..count {
            self.canvas.go_to(sheet);
            if sheet > 0 {
                let again = format!("{} · {} {}", bill.issuer.name, bill.title, bill.facts[0].shown);
                self.canvas.text(self.start, 56.0, small, Align::Start, &again);
            }
            let y = self.canvas.height - 30.0;
            if count > 1 || page.len().is_multiple_of(2) {
                let page = page.replace("{n}", &(sheet + 1).to_string()).replace("{m}", &count.to_string());
                self.canvas.text(self.end, y, small, Align::End, &page);
            }
            self.foot(bill, bank);
        }
    }

    fn foot(&mut self, bill: &Bill<'_>, bank: &[Fact]) {
        let small = self.small();
        let issuer = &bill.issuer;
        let vat = format!("{} {}", bill.vat_label, issuer.tax_number);
        let y = self.canvas.height - 84.0;
        match self.foot {
            Foot::Head => {}
            Foot::Line => {
                let line = format!("{} · {} · {vat}", issuer.name, issuer.address());
                let middle = f32::midpoint(self.start, self.end);
                self.canvas.text(middle, y + 34.0, small, Align::Middle, &line);
            }
            Foot::Columns => {
                self.canvas.level(self.start, self.end, y - 12.0, 0.5);
                let labels = &bill.style.language.labels;
                let phone = format!("{} {}", labels.phone.0[0], issuer.phone);
                let email = format!("{} {}", labels.email.0[0], issuer.email);
                let bank: Vec<String> = bank.iter().map(|fact| format!("{} {}", fact.label, fact.shown)).collect();
                let columns = [issuer.lines(), vec![phone, email, vat], bank];
                let step = (self.end - self.start) / 3.0;
                for (at, lines) in columns.iter().enumerate() {
                    let x = self.start + at as f32 * step;
                    let mut y = y;
                    for line in lines {
                        y = self.canvas.paragraph(x, y, step - 8.0, small, line);
                    }
                }
            }
        }
    }
}
