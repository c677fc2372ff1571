//! Who papers are from and who they go to.

use crate::papers::dice::Dice;
use crate::papers::identifiers::{iban, tax_number};
use crate::papers::language::Said;
use crate::papers::style::Style;

/// A company or a person.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) street: String,
    pub(crate) town: String,
    pub(crate) tax_number: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) bank: String,
    /// The number of its bank account, an IBAN where there are such.
    pub(crate) account: String,
}

impl Party {
    /// A company of the style's country.
    pub(crate) fn company(dice: &mut Dice, style: &Style<'_>) -> Self {
        let names = &style.language.names;
        let base = filled(dice, style, &names.firms);
        let name = dice.say(&style.country.legal).replace("{firm}", &base);
        Self::named(dice, style, name)
    }

    /// A company by a name that one of some patterns makes.
    pub(crate) fn of(dice: &mut Dice, style: &Style<'_>, names: &Said) -> Self {
        let name = filled(dice, style, names);
        Self::named(dice, style, name)
    }

    pub(crate) fn person(dice: &mut Dice, style: &Style<'_>) -> Self {
        let name = person(dice, style);
        Self::named(dice, style, name)
    }

    fn named(dice: &mut Dice, style: &Style<'_>, name: String) -> Self {
        let number = dice.between(1, 98).to_string();
        let country = style.country_code;
        let account = if style.country.has_iban { iban(dice, country) } else { dice.filled(&style.country.account) };
        let host = ["example.com", "example.org", "example.net"];
        Self {
            name,
            street: style.digits(&dice.say(&style.country.streets).replace("{n}", &number)),
            town: style.digits(dice.say(&style.country.towns)),
            tax_number: tax_number(dice, country),
            phone: {
                let pattern = dice.say(&style.country.phones);
                dice.filled(pattern)
            },
            email: format!("{}@{}", dice.pick(&["info", "office", "mail", "billing"]), dice.pick(&host)),
            bank: filled(dice, style, &style.language.statement.banks),
            account,
        }
    }

    /// Its name and address, a line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        vec![self.name.clone(), self.street.clone(), self.town.clone()]
    }

    /// Its address on one line.
    pub(crate) fn address(&self) -> String {
        format!("{}, {}", self.street, self.town)
    }
}

/// The name of a person.
pub(crate) fn person(dice: &mut Dice, style: &Style<'_>) -> String {
    let names = &style.language.names;
    format!("{} {}", dice.say(&names.first), dice.say(&names.last))
}

/// One of some patterns with its names.
pub(crate) fn filled(dice: &mut Dice, style: &Style<'_>, patterns: &Said) -> String {
    let names = &style.language.names;
    dice.say(patterns)
        .to_owned()
        .replace("{first}", dice.say(&names.first))
        .replace("{last}", dice.say(&names.last))
        .replace("{town}", town(dice.say(&style.country.towns)))
}

/// The name of a town without its post code: its longest word.
fn town(line: &str) -> &str {
    let words = line.split([' ', ',']).filter(|word| word.chars().all(char::is_alphabetic));
    words.max_by_key(|word| word.chars().count()).unwrap_or(line)
}
