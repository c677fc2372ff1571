//! Numbers that authorities and banks give out, with check digits that are right.

use crate::papers::dice::Dice;

/// A tax number of a company as papers of its country print it.
pub(crate) fn tax_number(dice: &mut Dice, country: &str) -> String {
    match country {
        "DE" => {
            let digits = digits(&dice.filled("%#######"));
            format!("DE{}{}", text(&digits), iso_7064(&digits))
        }
        "AT" => {
            let digits = digits(&dice.filled("%######"));
            let doubled = |(at, digit): (usize, &u32)| if at % 2 == 0 { *digit } else { digit / 5 + digit * 2 % 10 };
            let sum: u32 = digits.iter().enumerate().map(doubled).sum();
            format!("ATU{}{}", text(&digits), (96 - sum) % 10)
        }
        "CH" => {
            let digits = until(dice, "%#######", |digits| (11 - weighed(digits, &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11);
            let all = text(&digits);
            format!("CHE-{}.{}.{} MWST", &all[..3], &all[3..6], &all[6..])
        }
        "FR" => {
            let siren = luhn(&digits(&dice.filled("%#######")));
            let number: u64 = text(&siren).parse().unwrap_or_default();
            let all = text(&siren);
            let key = (12 + 3 * (number % 97)) % 97;
            if dice.chance(50) {
                format!("FR{key:02}{all}")
            } else {
                format!("FR {key:02} {} {} {}", &all[..3], &all[3..6], &all[6..])
            }
        }
        "BE" => {
            let first: u64 = dice.filled("%#######").parse::<u64>().unwrap_or_default() % 10_000_000;
            let check = 97 - first % 97;
            let all = format!("{first:08}{check:02}");
            format!("BE {}.{}.{}", &all[..4], &all[4..7], &all[7..])
        }
        "ES" => {
            let digits = digits(&dice.filled("%######"));
            let doubled = |(at, digit): (usize, &u32)| if at % 2 == 1 { *digit } else { digit / 5 + digit * 2 % 10 };
            let sum: u32 = digits.iter().enumerate().map(doubled).sum();
            format!("B{}{}", text(&digits), (10 - sum % 10) % 10)
        }
        "IT" => text(&luhn(&digits(&dice.filled("0#########")))),
        "NL" => {
            let digits = until(dice, "%#######", |digits| weighed(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11);
            format!("NL{}B0{}", text(&digits), dice.filled("%"))
        }
        "PL" => {
            let digits = until(dice, "%########", |digits| weighed(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11);
            let all = text(&digits);
            if dice.chance(50) { format!("{}-{}-{}-{}", &all[..3], &all[3..6], &all[6..8], &all[8..]) } else { all }
        }
        "PT" => {
            let digits = until(dice, "5#######", |digits| match weighed(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 {
                0 | 1 => 0,
                rest => 11 - rest,
            });
            text(&digits)
        }
        "SE" => format!("SE{}01", text(&luhn(&digits(&dice.filled("55#######"))))),
        "GB" => {
            let digits = digits(&dice.filled("%######"));
            let all = text(&digits);
            format!("GB {} {} {:02}", &all[..3], &all[3..], 97 - (weighed(&digits, &[8, 7, 6, 5, 4, 3, 2]) % 97))
        }
        "US" => format!("{}-{}", dice.pick(&["20", "26", "45", "47", "82"]), dice.filled("%######")),
        "IN" => gstin(dice),
        "MX" => format!("{}{}{}", dice.filled("@@@"), dice.pick(&["990412", "050823", "110127"]), dice.filled("@#%")),
        "BR" => {
            let check = |digits: &[u32], weights: &[u32]| match weighed(digits, weights) % 11 {
                0 | 1 => 0,
                rest => 11 - rest,
            };
            let mut digits = digits(&dice.filled("%#######0001"));
            digits.push(check(&digits, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
            digits.push(check(&digits, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
            let all = text(&digits);
            format!("{}.{}.{}/{}-{}", &all[..2], &all[2..5], &all[5..8], &all[8..12], &all[12..])
        }
        "TH" => {
            let mut digits = digits(&dice.filled("01055%######"));
            let weights: Vec<u32> = (2..=13).rev().collect();
            digits.push((11 - weighed(&digits, &weights) % 11) % 10);
            text(&digits)
        }
        "IL" => text(&luhn(&digits(&dice.filled("51%#####")))),
        "SA" => format!("3{}3", dice.filled("%############")),
        "AE" => format!("100{}", dice.filled("############")),
        _ => dice.filled("%##-###-###"),
    }
}

/// An IBAN in groups of four, and what it is without its country where a country prints it so.
pub(crate) fn iban(dice: &mut Dice, country: &str) -> String {
    let account = match country {
        "GB" => dice.filled("@@@@##############"),
        "NL" => dice.filled("@@@@##########"),
        "IT" => dice.filled("@######################"),
        "DE" => dice.filled("%#################"),
        "AT" => dice.filled("%###############"),
        "CH" => dice.filled("%################"),
        "FR" => dice.filled("%######################"),
        "BE" => dice.filled("%###########"),
        "PT" => dice.filled("%####################"),
        "PL" => dice.filled("%#######################"),
        "EG" => dice.filled("%########################"),
        "AE" | "IL" => dice.filled("%##################"),
        _ => dice.filled("%###################"),
    };
    let figure = |c: char| c.to_digit(36).unwrap_or_default().to_string();
    let figures: String = format!("{account}{country}00").chars().map(figure).collect();
    let rest = figures.bytes().fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    let all = format!("{country}{:02}{account}", 98 - rest);
    let groups: Vec<String> =
        all.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(" ")
}

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

fn text(digits: &[u32]) -> String {
    digits.iter().filter_map(|digit| char::from_digit(*digit, 10)).collect()
}

fn weighed(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Digits of a pattern with their check digit, of such as have one: none may be ten.
fn until(dice: &mut Dice, pattern: &str, check: impl Fn(&[u32]) -> u32) -> Vec<u32> {
    loop {
        let mut digits = digits(&dice.filled(pattern));
        let last = check(&digits);
        if last < 10 {
            digits.push(last);
            return digits;
        }
    }
}

/// Digits with the check digit of Luhn.
fn luhn(digits: &[u32]) -> Vec<u32> {
    let doubled = |(at, digit): (usize, &u32)| if at % 2 == 0 { digit / 5 + digit * 2 % 10 } else { *digit };
    let sum: u32 = digits.iter().rev().enumerate().map(doubled).sum();
    let mut all = digits.to_vec();
    all.push((10 - sum % 10) % 10);
    all
}

/// The check digit of ISO 7064, mod 11, 10.
fn iso_7064(digits: &[u32]) -> u32 {
    let product = digits.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        2 * if sum == 0 { 10 } else { sum } % 11
    });
    (11 - product) % 10
}

/// An Indian GSTIN: the state, the PAN, the registration, and a check character of base 36.
fn gstin(dice: &mut Dice) -> String {
    let first = format!("{}{}1Z", dice.pick(&["27", "29", "33", "07"]), dice.filled("@@@C@%###@"));
    let value = |(at, c): (usize, char)| {
        let product = c.to_digit(36).unwrap_or_default() * if at % 2 == 0 { 1 } else { 2 };
        product / 36 + product % 36
    };
    let sum: u32 = first.chars().enumerate().map(value).sum();
    let check = char::from_digit((36 - sum % 36) % 36, 36).unwrap_or('0').to_ascii_uppercase();
    format!("{first}{check}")
}
