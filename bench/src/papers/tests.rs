use super::*;
use crate::papers::typeface::LATIN;

fn papers(seed: u64, count: u64) -> Vec<Paper> {
    let languages = languages().unwrap();
    (0..count).map(|number| paper(&mut Dice::of(seed, number), &languages).unwrap()).collect()
}

/// The fonts may be missing where nobody ran `./bootstrap.sh --bench`.
fn has_fonts() -> bool {
    Typeface::open(LATIN[0]).is_ok()
}

#[test]
fn the_languages_have_all_words_and_their_countries_all_forms() {
    let languages = languages().unwrap();
    assert_eq!(languages.len(), 12);
    for language in &languages {
        assert_eq!(language.months.0.len(), 12, "{}", language.code);
        assert_eq!(language.short_months.0.len(), 12, "{}", language.code);
        for (code, country) in &language.countries {
            assert!(country.has_iban || !country.account.is_empty(), "{code}");
        }
    }
}

#[test]
fn a_seed_makes_the_same_papers_again() {
    if !has_fonts() {
        return;
    }
    let (once, again) = (papers(7, 12), papers(7, 12));
    for (one, other) in once.iter().zip(&again) {
        assert_eq!(one.truth.values, other.truth.values);
        assert_eq!(one.canvas.texts(), other.canvas.texts());
        assert_eq!(one.canvas.pdf().unwrap(), other.canvas.pdf().unwrap());
    }
}

#[test]
fn what_is_true_is_printed() {
    if !has_fonts() {
        return;
    }
    for paper in papers(3, 60) {
        let all = paper.canvas.texts().join(" ");
        for printed in &paper.truth.printed {
            // Long texts are broken into lines.
            let is_there = printed.split(' ').all(|word| all.contains(word));
            assert!(is_there, "{printed} is not on the {} in {}", paper.doctype, paper.language);
        }
    }
}

#[test]
fn sums_add_up() {
    let languages = languages().unwrap();
    for number in 0..300 {
        let mut dice = Dice::of(5, number);
        let language = dice.pick(&languages);
        let style = Style::of(&mut dice, language);
        let kind = *dice.pick(&[Kind::Invoice, Kind::CreditNote, Kind::Order]);
        let bill = Bill::of(&mut dice, &style, kind);
        let told = |names: &[&str]| -> Option<i64> {
            let text = names.iter().find_map(|name| bill.truth.values.get(*name))?.as_str()?;
            text.replace('.', "").parse().ok()
        };
        let net = told(&["total_net", "subtotal", "net_amount"]).unwrap();
        let gross = told(&["total_gross", "total_amount", "total"]).unwrap();
        let goods: i64 = bill.items.iter().map(|item| item.amount).sum();
        let sign = gross.signum();
        assert_eq!(sign * goods + told(&["discount"]).unwrap_or(0) + told(&["shipping"]).unwrap_or(0), net, "{number}");
        if let Some(tax) = told(&["total_tax", "vat_amount", "tax_amount"]) {
            assert_eq!(net + tax + told(&["rounding"]).unwrap_or(0), gross, "{number}");
        }
    }
}

#[test]
fn what_is_given_out_passes_its_check() {
    let mut dice = Dice::of(1, 1);
    for country in ["DE", "FR", "ES", "IT", "NL", "PL", "SE", "AT", "CH", "BE", "PT", "SA", "AE", "EG", "IL"] {
        let iban: String = identifiers::iban(&mut dice, country).replace(' ', "");
        let turned = format!("{}{}", &iban[4..], &iban[..4]);
        let figures: String = turned.chars().map(|c| c.to_digit(36).unwrap().to_string()).collect();
        let rest = figures.bytes().fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
        assert_eq!(rest, 1, "{iban}");
    }
}

#[test]
fn a_misread_word_differs_in_one_place() {
    let mut dice = Dice::of(2, 2);
    for word in ["TOTAL", "10,50", "Rechnung", "modern"] {
        let wrong = misread::confused(&mut dice, word);
        assert_ne!(wrong, word);
        assert!(wrong.chars().count().abs_diff(word.chars().count()) <= 1, "{wrong}");
    }
}
