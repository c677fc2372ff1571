//! What papers say in each language: its titles, labels, names and goods, and how its countries write amounts and days. All
//! of it is data, a file for each language in `languages/`; ways to say the same thing are parted by ` | `.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;

use crate::papers::typeface::{ARABIC, Cuts, HEBREW, LATIN, THAI};

const FILES: &[(&str, &str)] = &[
    ("ar", include_str!("languages/ar.toml")),
    ("de", include_str!("languages/de.toml")),
    ("en", include_str!("languages/en.toml")),
    ("es", include_str!("languages/es.toml")),
    ("fr", include_str!("languages/fr.toml")),
    ("he", include_str!("languages/he.toml")),
    ("it", include_str!("languages/it.toml")),
    ("nl", include_str!("languages/nl.toml")),
    ("pl", include_str!("languages/pl.toml")),
    ("pt", include_str!("languages/pt.toml")),
    ("sv", include_str!("languages/sv.toml")),
    ("th", include_str!("languages/th.toml")),
];

/// Ways to say the same thing, or things of one sort; at least one.
#[derive(Deserialize, Clone, Debug)]
#[serde(try_from = "String")]
pub(crate) struct Said(pub(crate) Vec<String>);

impl TryFrom<String> for Said {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<String> = text.split(" | ").map(|part| part.trim().to_owned()).collect();
        if parts.iter().any(String::is_empty) {
            Err(format!("a way to say it is empty in {text}"))
        } else {
            Ok(Self(parts))
        }
    }
}

/// A language with what its papers say.
#[derive(Deserialize)]
pub(crate) struct Language {
    /// The three letters that a corpus knows it by.
    pub(crate) code: String,
    pub(crate) script: Script,
    pub(crate) months: Said,
    pub(crate) short_months: Said,
    pub(crate) titles: Titles,
    pub(crate) labels: Labels,
    pub(crate) columns: Columns,
    pub(crate) sums: Sums,
    pub(crate) statement: Statement,
    pub(crate) receipt: Receipt,
    pub(crate) payslip: Payslip,
    pub(crate) utility: Utility,
    pub(crate) prose: Prose,
    pub(crate) names: Names,
    pub(crate) countries: BTreeMap<String, Country>,
}

/// The letters that a language is written in.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Script {
    Latin,
    Arabic,
    Hebrew,
    Thai,
}

impl Script {
    pub(crate) fn is_from_right(self) -> bool {
        matches!(self, Self::Arabic | Self::Hebrew)
    }

    /// The fonts that have its letters.
    pub(crate) fn fonts(self) -> &'static [Cuts] {
        match self {
            Self::Latin => LATIN,
            Self::Arabic => ARABIC,
            Self::Hebrew => HEBREW,
            Self::Thai => THAI,
        }
    }
}

/// What papers call themselves.
#[derive(Deserialize)]
pub(crate) struct Titles {
    pub(crate) invoice: Said,
    pub(crate) credit_note: Said,
    pub(crate) order: Said,
    pub(crate) delivery_note: Said,
    pub(crate) statement: Said,
    pub(crate) payslip: Said,
    pub(crate) utility: Said,
}

/// What stands before values in the head and the foot.
#[derive(Deserialize)]
pub(crate) struct Labels {
    pub(crate) invoice_number: Said,
    pub(crate) credit_number: Said,
    /// The number of an order, on the order itself.
    pub(crate) order_number: Said,
    /// The number of the order that an invoice or a delivery answers.
    pub(crate) your_order: Said,
    pub(crate) delivery_number: Said,
    pub(crate) invoice_date: Said,
    pub(crate) order_date: Said,
    pub(crate) delivery_date: Said,
    pub(crate) due_date: Said,
    pub(crate) date: Said,
    pub(crate) customer_number: Said,
    pub(crate) contact: Said,
    /// The invoice that a credit note corrects.
    pub(crate) corrected: Said,
    pub(crate) seller: Said,
    pub(crate) buyer: Said,
    pub(crate) ship_to: Said,
    pub(crate) supplier: Said,
    pub(crate) phone: Said,
    pub(crate) email: Said,
    pub(crate) bank: Said,
    pub(crate) account: Said,
    pub(crate) page: Said,
}

/// What heads the columns of a table of goods.
#[derive(Deserialize)]
pub(crate) struct Columns {
    pub(crate) position: Said,
    pub(crate) article: Said,
    pub(crate) description: Said,
    pub(crate) quantity: Said,
    pub(crate) unit: Said,
    pub(crate) price: Said,
    pub(crate) rate: Said,
    pub(crate) amount: Said,
}

/// What stands before the sums. `{rate}` stands for a rate of tax.
#[derive(Deserialize)]
pub(crate) struct Sums {
    pub(crate) net: Said,
    pub(crate) tax: Said,
    pub(crate) total_tax: Said,
    pub(crate) gross: Said,
    pub(crate) credit: Said,
    pub(crate) base: Said,
    pub(crate) discount: Said,
    pub(crate) shipping: Said,
    pub(crate) rounding: Said,
    pub(crate) prepaid: Said,
    pub(crate) due: Said,
    pub(crate) carried: Said,
    pub(crate) brought: Said,
}

/// What statements of accounts say.
#[derive(Deserialize)]
pub(crate) struct Statement {
    pub(crate) banks: Said,
    pub(crate) holder: Said,
    pub(crate) number: Said,
    pub(crate) period: Said,
    pub(crate) to: Said,
    pub(crate) opening: Said,
    pub(crate) closing: Said,
    pub(crate) credits: Said,
    pub(crate) debits: Said,
    pub(crate) day: Said,
    pub(crate) text: Said,
    pub(crate) debit: Said,
    pub(crate) credit: Said,
    pub(crate) balance: Said,
    pub(crate) entries: Said,
}

/// What receipts say.
#[derive(Deserialize)]
pub(crate) struct Receipt {
    pub(crate) shops: Said,
    pub(crate) number: Said,
    pub(crate) till: Said,
    pub(crate) cashier: Said,
    pub(crate) total: Said,
    pub(crate) tax: Said,
    pub(crate) cash: Said,
    pub(crate) card: Said,
    pub(crate) change: Said,
    pub(crate) thanks: Said,
    pub(crate) foods: Said,
}

/// What payslips say.
#[derive(Deserialize)]
pub(crate) struct Payslip {
    pub(crate) employer: Said,
    pub(crate) employee: Said,
    pub(crate) number: Said,
    pub(crate) period: Said,
    pub(crate) pay_date: Said,
    pub(crate) job_title: Said,
    pub(crate) jobs: Said,
    pub(crate) gross: Said,
    pub(crate) deductions: Said,
    pub(crate) net: Said,
    pub(crate) basic: Said,
    pub(crate) extras: Said,
    pub(crate) income_tax: Said,
    pub(crate) insurances: Said,
}

/// What bills of electricity and water say.
#[derive(Deserialize)]
pub(crate) struct Utility {
    pub(crate) firms: Said,
    pub(crate) meter: Said,
    pub(crate) place: Said,
    pub(crate) previous: Said,
    pub(crate) current: Said,
    pub(crate) consumption: Said,
    pub(crate) energy: Said,
    pub(crate) standing: Said,
    pub(crate) due: Said,
}

/// Sentences, in which `{date}`, `{due}` and `{amount}` may stand.
#[derive(Deserialize)]
pub(crate) struct Prose {
    pub(crate) opening: Said,
    pub(crate) terms: Said,
    pub(crate) closing: Said,
}

/// Names of people, firms and goods. `{last}` and `{town}` stand for such.
#[derive(Deserialize)]
pub(crate) struct Names {
    pub(crate) first: Said,
    pub(crate) last: Said,
    pub(crate) firms: Said,
    pub(crate) goods: Said,
    pub(crate) units: Said,
}

/// How a country writes, and what its papers have.
#[derive(Deserialize)]
pub(crate) struct Country {
    /// Marks and names of its currency.
    pub(crate) marks: Said,
    /// Whether the mark of the currency stands before the amount.
    #[serde(default)]
    pub(crate) mark_first: bool,
    pub(crate) decimal: char,
    /// What parts thousands, if anything does.
    #[serde(default)]
    pub(crate) group: String,
    /// Days, as `{dd}.{mm}.{yyyy}`: `d`, `m` and `yy` are the short forms, `month` and `mon` names, `be` the Buddhist year.
    pub(crate) dates: Said,
    pub(crate) rates: Said,
    /// `{firm} GmbH`.
    pub(crate) legal: Said,
    pub(crate) towns: Said,
    pub(crate) streets: Said,
    pub(crate) vat_label: Said,
    pub(crate) phones: Said,
    /// The digits of a bank account where there are no IBANs.
    #[serde(default)]
    pub(crate) account: String,
    #[serde(default)]
    pub(crate) has_iban: bool,
    /// Whether the Arabic digits of the east are used now and then.
    #[serde(default)]
    pub(crate) eastern_digits: bool,
}

/// All languages, in the order of their codes.
pub(crate) fn languages() -> anyhow::Result<Vec<Language>> {
    FILES
        .iter()
        .map(|(code, text)| toml::from_str(text).with_context(|| format!("the words of {code} are odd")))
        .collect()
}
