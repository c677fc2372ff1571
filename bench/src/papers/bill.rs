//! What stands on invoices, credit notes, orders and delivery notes: parties, numbers, days, goods and sums.

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

use crate::papers::dice::Dice;
use crate::papers::language::Said;
use crate::papers::paper::{Fact, Truth};
use crate::papers::party::{Party, person};
use crate::papers::style::{Cents, Rate, Style, at_rate, rounded};

/// The papers that go with goods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Invoice,
    CreditNote,
    Order,
    DeliveryNote,
}

impl Kind {
    pub(crate) fn doctype(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit note",
            Self::Order => "purchase order",
            Self::DeliveryNote => "delivery note",
        }
    }

    /// Whether it names prices.
    pub(crate) fn has_prices(self) -> bool {
        self != Self::DeliveryNote
    }
}

/// A row of the table of goods.
pub(crate) struct Item {
    pub(crate) article: String,
    pub(crate) description: String,
    /// In hundredths.
    pub(crate) quantity: i64,
    pub(crate) unit: String,
    pub(crate) price: Cents,
    pub(crate) rate: Rate,
    pub(crate) amount: Cents,
}

/// A row of the sums.
pub(crate) struct Sum {
    pub(crate) label: String,
    pub(crate) amount: Cents,
    /// Whether it is the one that counts.
    pub(crate) is_total: bool,
}

/// What stands on such a paper.
pub(crate) struct Bill<'a> {
    pub(crate) style: &'a Style<'a>,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    /// Who sends the paper.
    pub(crate) issuer: Party,
    pub(crate) addressee: Party,
    /// Who it is from and to, as labels say.
    pub(crate) roles: (String, String),
    pub(crate) ship_to: Option<(String, Party)>,
    /// The line with the addressee's tax number, if it is printed.
    pub(crate) addressee_number: Option<String>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) vat_label: String,
    pub(crate) account_label: String,
    pub(crate) items: Vec<Item>,
    pub(crate) sums: Vec<Sum>,
    /// Base and tax of each rate, if they are shown in a table.
    pub(crate) rates: Vec<(Rate, Cents, Cents)>,
    pub(crate) notes: Vec<String>,
    pub(crate) truth: Truth,
}

impl<'a> Bill<'a> {
    pub(crate) fn of(dice: &mut Dice, style: &'a Style<'a>, kind: Kind) -> Self {
        let language = style.language;
        let issuer = Party::company(dice, style);
        let is_private = kind == Kind::Invoice && dice.chance(25);
        let addressee = if is_private { Party::person(dice, style) } else { Party::company(dice, style) };
        let labels = &language.labels;
        let roles = if kind == Kind::Order {
            (dice.say(&labels.buyer).to_owned(), dice.say(&labels.supplier).to_owned())
        } else {
            (dice.say(&labels.seller).to_owned(), dice.say(&labels.buyer).to_owned())
        };
        let titles = match kind {
            Kind::Invoice => &language.titles.invoice,
            Kind::CreditNote => &language.titles.credit_note,
            Kind::Order => &language.titles.order,
            Kind::DeliveryNote => &language.titles.delivery_note,
        };
        let mut bill = Self {
            style,
            kind,
            title: dice.say(titles).to_owned(),
            roles,
            ship_to: None,
            addressee_number: None,
            facts: Vec::new(),
            vat_label: style.label(dice, &style.country.vat_label),
            account_label: if style.country.has_iban && dice.chance(60) {
                "IBAN:".to_owned()
            } else {
                style.label(dice, &labels.account)
            },
            items: items(dice, style),
            sums: Vec::new(),
            rates: Vec::new(),
            notes: Vec::new(),
            truth: Truth::default(),
            issuer,
            addressee,
        };
        bill.name_parties(dice, is_private);
        bill.number_and_date(dice, is_private);
        if kind.has_prices() {
            bill.reckon(dice);
        }
        bill
    }

    /// Tells who the parties are, and gives some papers a place of delivery.
    fn name_parties(&mut self, dice: &mut Dice, is_private: bool) {
        let (issuer, addressee) = if self.kind == Kind::Order {
            (dice.name(&["buyer_name", "buyer", "buyer_company"]), dice.name(&["vendor", "supplier", "seller_name"]))
        } else {
            (
                dice.name(&["seller_name", "seller_name", "seller", "supplier", "vendor_name"]),
                dice.name(&["buyer_name", "buyer_name", "customer_name", "customer"]),
            )
        };
        self.truth.text(issuer, &self.issuer.name);
        self.truth.text(addressee, &self.addressee.name);
        let number = match self.kind {
            Kind::Order => "buyer_tax_id",
            _ => dice.name(&["seller_vat_id", "seller_vat_id", "seller_tax_id"]),
        };
        self.truth.text(number, &self.issuer.tax_number);
        if !is_private && dice.chance(35) {
            let name =
                if self.kind == Kind::Order { "supplier_tax_id" } else { dice.name(&["buyer_vat_id", "buyer_tax_id"]) };
            self.truth.text(name, &self.addressee.tax_number);
            let label = self.style.label(dice, &self.style.country.vat_label);
            self.addressee_number = Some(format!("{label} {}", self.addressee.tax_number));
        }
        if !is_private && dice.chance(if self.kind == Kind::DeliveryNote { 60 } else { 20 }) {
            let place = Party { name: self.addressee.name.clone(), ..Party::company(dice, self.style) };
            let label = dice.say(&self.style.language.labels.ship_to).to_owned();
            self.truth.lines("delivery_address", &[place.street.clone(), place.town.clone()]);
            self.ship_to = Some((label, place));
        }
    }

    fn fact(&mut self, dice: &mut Dice, said: &Said, shown: &str) {
        self.facts.push(Fact { label: self.style.label(dice, said), shown: shown.to_owned() });
    }

    /// The numbers and days of the head.
    fn number_and_date(&mut self, dice: &mut Dice, is_private: bool) {
        let labels = &self.style.language.labels;
        let day = date(2021, 1, 1) + (dice.below(2000) as i64).days();
        let (said, name) = match self.kind {
            Kind::Invoice => (&labels.invoice_number, "invoice_number"),
            Kind::CreditNote => (&labels.credit_number, dice.name(&["credit_note_number", "invoice_number"])),
            Kind::Order => (&labels.order_number, dice.name(&["order_number", "purchase_order_number", "po_number"])),
            Kind::DeliveryNote => (&labels.delivery_number, "delivery_note_number"),
        };
        let number = document_number(dice, day);
        self.truth.text(name, &number);
        self.fact(dice, said, &number);
        let (said, names) = match self.kind {
            Kind::Invoice => (&labels.invoice_date, ["date", "invoice_date", "issue_date"]),
            Kind::Order => (&labels.order_date, ["order_date", "date", "order_date"]),
            Kind::CreditNote | Kind::DeliveryNote => (&labels.date, ["date", "issue_date", "date"]),
        };
        let shown = self.style.day(day);
        self.truth.day(self.style, dice.name(&names), day);
        self.fact(dice, said, &shown);
        let later = |dice: &mut Dice| day + Span::new().days(dice.between(7, 45));
        if self.kind == Kind::CreditNote {
            let original = document_number(dice, day);
            self.truth.text("corrected_invoice", &original);
            self.fact(dice, &labels.corrected, &original);
        }
        let due = later(dice);
        if self.kind == Kind::Invoice && dice.chance(70) {
            let shown = self.style.day(due);
            self.truth.day(self.style, "due_date", due);
            self.fact(dice, &labels.due_date, &shown);
        }
        if dice.chance(if self.kind == Kind::Invoice { 35 } else { 50 }) && self.kind != Kind::CreditNote {
            let day = if self.kind == Kind::Order { later(dice) } else { day - dice.between(0, 9).days() };
            let shown = self.style.day(day);
            self.truth.day(self.style, "delivery_date", day);
            self.fact(dice, &labels.delivery_date, &shown);
        }
        if self.kind != Kind::Order && !is_private && dice.chance(50) {
            let shown = dice.one_of(&["PO-%#####", "%#######", "%###/##", "B%####-#"]);
            self.truth.text("order_number", &shown);
            self.fact(dice, &labels.your_order, &shown);
        }
        if self.kind != Kind::Order && dice.chance(60) {
            let shown = dice.one_of(&["%####", "K-%###", "%#######", "C%####"]);
            self.truth.text("customer_number", &shown);
            self.fact(dice, &labels.customer_number, &shown);
        }
        if dice.chance(40) {
            let shown = person(dice, self.style);
            self.fact(dice, &labels.contact, &shown);
        }
        self.write_notes(dice, day, due);
    }

    /// The sentences before and after the goods; such as name a day get one that is no other's.
    fn write_notes(&mut self, dice: &mut Dice, day: Date, due: Date) {
        let prose = &self.style.language.prose;
        self.notes.push(dice.say(&prose.opening).to_owned());
        if self.kind == Kind::Invoice {
            let terms = dice.say(&prose.terms).to_owned();
            if !terms.contains("{due}") || self.truth.values.contains_key("due_date") {
                let early = self.style.day(day + 8.days());
                self.notes.push(terms.replace("{due}", &self.style.day(due)).replace("{date}", &early));
            }
        }
        self.notes.push(dice.say(&prose.closing).to_owned());
    }

    /// Adds up the goods: discounts, freight, taxes by rate, roundings and advances.
    fn reckon(&mut self, dice: &mut Dice) {
        let style = self.style;
        let sums = &style.language.sums;
        let sign = if self.kind == Kind::CreditNote && dice.chance(60) { -1 } else { 1 };
        let goods: Cents = self.items.iter().map(|item| item.amount).sum();
        let rates: Vec<Rate> =
            style.rates().into_iter().filter(|rate| self.items.iter().any(|i| i.rate == *rate)).collect();
        let discount =
            if rates.len() == 1 && dice.chance(15) { rounded(goods * *dice.pick(&[5, 10, 3]), 100) } else { 0 };
        let shipping = if rates.len() == 1 && dice.chance(15) { dice.between(390, 4900) } else { 0 };
        let net = goods - discount + shipping;
        if discount > 0 {
            self.sum(dice, &sums.discount, -discount * sign, Some("discount"));
        }
        if shipping > 0 {
            self.sum(dice, &sums.shipping, shipping * sign, Some("shipping"));
        }
        let name = dice.name(&["total_net", "total_net", "subtotal", "net_amount"]);
        self.sum(dice, &sums.net, net * sign, Some(name));
        let tax_name = dice.name(&["total_tax", "total_tax", "vat_amount", "tax_amount"]);
        let mut tax = 0;
        for rate in &rates {
            let base: Cents = self.items.iter().filter(|item| item.rate == *rate).map(|item| item.amount).sum();
            let base = if rates.len() == 1 { net } else { base };
            let own = at_rate(base, *rate);
            tax += own;
            self.rates.push((*rate, base * sign, own * sign));
            let label = style.rate_label(dice, &sums.tax, *rate);
            self.sums.push(Sum { label, amount: own * sign, is_total: false });
        }
        if let [(_, _, only)] = self.rates[..] {
            self.truth.sum(style, tax_name, only);
        } else if dice.chance(50) {
            self.sum(dice, &sums.total_tax, tax * sign, Some(tax_name));
        }
        if self.rates.len() == 1 && dice.chance(70) {
            self.rates.clear();
        }
        let mut gross = net + tax;
        let unit = match style.country_code {
            "SE" => 100,
            "CH" => 5,
            _ => 1,
        };
        let even = rounded(gross, unit) * unit;
        if even != gross {
            self.sum(dice, &sums.rounding, (even - gross) * sign, Some("rounding"));
            gross = even;
        }
        let name = dice.name(&["total_gross", "total_gross", "total_amount", "total"]);
        let said = if self.kind == Kind::CreditNote { &sums.credit } else { &sums.gross };
        self.sum(dice, said, gross * sign, Some(name));
        if let Some(total) = self.sums.last_mut() {
            total.is_total = true;
        }
        if self.kind == Kind::Invoice && dice.chance(12) {
            let paid = rounded(gross * *dice.pick(&[20, 30, 50]), 10_000) * 100;
            self.sum(dice, &sums.prepaid, -paid, None);
            self.sum(dice, &sums.due, gross - paid, Some("amount_due"));
        }
        let amount = style.sum(gross * sign);
        for note in &mut self.notes {
            *note = note.replace("{amount}", &amount);
        }
    }

    fn sum(&mut self, dice: &mut Dice, said: &Said, amount: Cents, name: Option<&str>) {
        self.sums.push(Sum { label: self.style.label(dice, said), amount, is_total: false });
        if let Some(name) = name {
            self.truth.sum(self.style, name, amount);
        }
    }

    /// The lines of the bank, which payers need.
    pub(crate) fn bank_lines(&mut self, dice: &mut Dice) -> Vec<Fact> {
        let bank =
            Fact { label: self.style.label(dice, &self.style.language.labels.bank), shown: self.issuer.bank.clone() };
        if self.style.country.has_iban {
            self.truth.text("iban", &self.issuer.account);
        }
        vec![bank, Fact { label: self.account_label.clone(), shown: self.issuer.account.clone() }]
    }
}

/// The number of a document, as one of the usual sorts.
pub(crate) fn document_number(dice: &mut Dice, day: Date) -> String {
    let year = day.year();
    let pattern = match dice.below(8) {
        0 => format!("{year}-%###"),
        1 => format!("RE{year}%###"),
        2 => "%#####".to_owned(),
        3 => format!("INV-{year}-0%##"),
        4 => format!("{:02}/%##/{year}", day.month()),
        5 => "%#######".to_owned(),
        6 => "F-0#%##".to_owned(),
        _ => format!("{}{:02}-%###", year % 100, day.month()),
    };
    dice.filled(&pattern)
}

fn items(dice: &mut Dice, style: &Style<'_>) -> Vec<Item> {
    let names = &style.language.names;
    let rates = style.rates();
    let has_several = rates.len() > 1 && style.country_code != "US" && dice.chance(30);
    let count = if dice.chance(12) { dice.between(25, 48) } else { dice.between(1, 9) };
    let item = |dice: &mut Dice| {
        let quantity = if dice.chance(15) { dice.between(10, 900) * 10 / 4 * 2 } else { dice.between(1, 24) * 100 };
        let price = match dice.below(3) {
            0 => dice.between(2, 90) * 100,
            1 => dice.between(100, 9_999),
            _ => dice.between(20, 1_900) * 50,
        };
        let rate = if has_several { *dice.pick(&rates) } else { rates[0] };
        let description = dice.say(&names.goods).to_owned();
        let unit = dice.say(&names.units).to_owned();
        let article = dice.one_of(&["%####", "@@-%##"]);
        Item { article, description, quantity, unit, price, rate, amount: rounded(quantity * price, 100) }
    };
    (0..count).map(|_| item(dice)).collect()
}
