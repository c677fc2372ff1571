//! The features of the letterhead model: named facts about a line, about its neighbours, and about its position, and
//! the words and groups of letters that they have. Words such as "Tel" or "Supermarket" are known from the heads that
//! were learned from, and the groups of letters of unknown words tell what they resemble.

use std::collections::BTreeSet;

use recto_values::date;

use super::super::block::{Block, LONG_NUMBER, is_contact};
use crate::labels::Label;
use crate::sheet::Sheet;
use crate::text_blocks::{self, LineKind, TextLine};

/// A line that is this many times as high as the usual one is tall,
const TALL: f32 = 1.3;
/// and from this ratio very tall.
const VERY_TALL: f32 = 1.8;
/// A gap of this many line heights separates two blocks.
const FAR: f32 = 1.2;
/// Words with a lower confidence may be misread.
const POORLY_READ: f32 = 0.6;
/// A word with this many letters that is printed again is significant.
const LONG_WORD: usize = 5;
/// The number of letters of a group, where the beginning and the end of the word count as letters.
const GROUP: usize = 3;

/// The features of each line.
pub(super) fn describe(
    sheet: &Sheet,
    labels: &[Label],
    lines: &[&TextLine],
    block: Option<&Block>,
) -> Vec<Vec<String>> {
    let facts: Vec<Vec<&str>> = lines.iter().map(|line| facts(sheet, labels, line, block)).collect();
    let near = |at: usize, by: isize, name: &str| -> Vec<String> {
        match at.checked_add_signed(by).and_then(|at| facts.get(at)) {
            Some(facts) => facts.iter().map(|fact| format!("{name}: {fact}")).collect(),
            None => vec![format!("{name}: nothing")],
        }
    };
    let words: Vec<BTreeSet<String>> = lines.iter().map(|line| words(&line.text)).collect();
    let near_words = |at: usize, by: isize, name: &str| -> Vec<String> {
        let words = at.checked_add_signed(by).and_then(|at| words.get(at));
        words.into_iter().flatten().map(|word| format!("{name}: word {word}")).collect()
    };
    (0..lines.len())
        .map(|at| {
            let mut features: Vec<String> = facts[at].iter().map(|fact| (*fact).to_owned()).collect();
            for (by, name) in [(-2, "two above"), (-1, "above"), (1, "below"), (2, "two below")] {
                features.extend(near(at, by, name));
            }
            for (by, name) in [(-1, "above"), (1, "below")] {
                features.extend(near_words(at, by, name));
            }
            features.extend(words[at].iter().map(|word| format!("word {word}")));
            let groups: BTreeSet<String> = words[at].iter().flat_map(|word| groups(word)).collect();
            features.extend(groups.into_iter().map(|group| format!("letters {group}")));
            features.extend(place(lines, at));
            features
        })
        .collect()
}

/// The words of a line that consist of at least two letters, without accents and case.
fn words(text: &str) -> BTreeSet<String> {
    let text = recto_values::fold(text);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().nth(1).is_some());
    words.map(str::to_owned).collect()
}

/// The groups of letters of a word; `^` stands for its beginning and `$` for its end.
fn groups(word: &str) -> Vec<String> {
    let letters: Vec<char> = std::iter::once('^').chain(word.chars()).chain(std::iter::once('$')).collect();
    letters.windows(GROUP).map(|group| group.iter().collect()).collect()
}

/// The position of a line among the others.
fn place(lines: &[&TextLine], at: usize) -> Vec<String> {
    let from_top = match at {
        0..4 => format!("line {}", at + 1),
        4..6 => "line 5 to 6".to_owned(),
        6..9 => "line 7 to 9".to_owned(),
        9..13 => "line 10 to 13".to_owned(),
        _ => "line 14 and on".to_owned(),
    };
    let mut place = vec![from_top];
    if let Some(above) = at.checked_sub(1).map(|above| lines[above].bbox) {
        let own = lines[at].bbox;
        let height = own.height.max(above.height);
        if own.y - above.bottom() > FAR * height {
            place.push("far below the line above".to_owned());
        }
        if own.y < above.center().y {
            place.push("beside the line before".to_owned());
        }
        if (own.center().x - above.center().x).abs() < height {
            place.push("centred with the line above".to_owned());
        }
        if own.height > TALL * above.height {
            place.push("taller than the line above".to_owned());
        }
    }
    place
}

/// Facts about a line by itself.
fn facts(sheet: &Sheet, labels: &[Label], line: &TextLine, block: Option<&Block>) -> Vec<&'static str> {
    let text = line.text.as_str();
    let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
    let (letters, figures) = (count(char::is_alphabetic), count(|c| c.is_ascii_digit()));
    let (capitals, small) = (count(char::is_uppercase), count(char::is_lowercase));
    let words: Vec<&str> = text.split_whitespace().collect();
    let figures_of = |word: &str| word.chars().filter(char::is_ascii_digit).count();
    let own_labels = || labels.iter().filter(|label| label.first >= line.first && label.end <= line.end);
    let height = line.bbox.height / sheet.line_height;
    let mut facts = vec![
        match line.kind {
            LineKind::Company => "company",
            LineKind::Street => "street",
            LineKind::Place => "place",
            LineKind::Data => "data",
            LineKind::Title => "title",
            LineKind::Label => "label of a party",
            LineKind::Words => "words",
        },
        match words.len() {
            0 | 1 => "1 word",
            2 => "2 words",
            3 | 4 => "3 or 4 words",
            5..8 => "5 to 7 words",
            _ => "8 words and more",
        },
        match (capitals, small) {
            (0, 0) => "no case",
            (capitals, small) if capitals > 3 * small => "capitals",
            _ => "small letters",
        },
        match figures {
            0 => "no figures",
            _ if figures > letters => "mostly figures",
            _ => "some figures",
        },
    ];
    let is_among = |words: &[(usize, usize)]| words.iter().any(|(first, _)| (line.first..line.end).contains(first));
    let flags = [
        (block.is_some_and(|block| is_among(&block.name)), "name by the rules"),
        (block.is_some_and(|block| is_among(&block.address)), "address by the rules"),
        (text_blocks::has_legal_form(text), "legal form"),
        (text_blocks::names_street(text), "word of a street"),
        (text_blocks::is_place(text), "postal code"),
        (text.starts_with(|c: char| c.is_ascii_digit()), "begins with a figure"),
        (text.trim_end().ends_with(','), "ends with a comma"),
        (text.trim_end_matches([',', ' ']).contains(','), "has a comma within"),
        (text.contains(':'), "has a colon"),
        (text.contains('('), "has a bracket"),
        (text.ends_with(['!', '?', '.']), "ends like a sentence"),
        (words.iter().any(|word| figures_of(word) >= LONG_NUMBER), "long number"),
        (words.iter().any(|word| (1..=4).contains(&figures_of(word))), "short number"),
        (words.iter().any(|word| is_price(word)), "price"),
        (date::first(text, date::DayOrder::DayMonthYear).is_some(), "day"),
        (letters * 2 < text.chars().filter(|c| !c.is_whitespace()).count(), "few letters"),
        (height > TALL, "tall"),
        (height > VERY_TALL, "very tall"),
        (own_labels().any(|label| label.first == line.first), "begins with a label"),
        (own_labels().next().is_some(), "has a label"),
        (is_contact(labels, line), "contact"),
        (sheet.confidence(line.first, line.end) < POORLY_READ, "hard to read"),
        (is_repeated(sheet, line), "printed again"),
    ];
    facts.extend(flags.into_iter().filter(|(is_true, _)| *is_true).map(|(_, name)| name));
    facts
}

/// Whether a word looks like a price: `4.50`, `1,200.00`, `12,90*`.
fn is_price(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let cents = word.rsplit(['.', ',']).next().unwrap_or_default();
    cents.len() == 2 && cents.len() < word.len() && word.chars().next().is_some_and(|c| c.is_ascii_digit())
}

/// Whether a long word of the line occurs again further down.
fn is_repeated(sheet: &Sheet, line: &TextLine) -> bool {
    let key = |text: &str| -> String { recto_values::fold(text).chars().filter(|c| c.is_alphabetic()).collect() };
    let own = sheet.words[line.first..line.end].iter().map(|word| key(&word.text));
    let long: Vec<String> = own.filter(|word| word.chars().count() >= LONG_WORD).collect();
    let row = sheet.words[line.end - 1].row;
    let later = sheet.words[line.end..].iter().filter(|word| word.row > row);
    !long.is_empty() && later.map(|word| key(&word.text)).any(|word| long.iter().any(|own| word.contains(own.as_str())))
}
