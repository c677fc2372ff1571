//! The features by which values are ranked.

use std::collections::HashMap;
use std::ops::Range;

use jiff::civil::{Date, date};
use recto_values::words::LINES;

use super::surroundings::{Around, Place, Surroundings};
use crate::candidate::{Candidate, Origin};
use crate::concept::{Concept, Kind, Role, Side};
use crate::field_query::FieldQuery;
use crate::label_key::key_of;
use crate::lexicon::LEXICON;
use crate::likeness::weight;
use crate::search::Search;
use crate::sheet::Sheet;
use crate::terms::names_anything;
use crate::text_blocks;

/// What is said at each place.
const SAID: [&str; 3] = ["of the name", "of the text", "by labels"];
/// What is said at all places together.
const TOGETHER: [&str; 3] = ["said around", "agreement", "agreement with another"];
/// The number of features of what is said.
const EVIDENCE: usize = Place::ALL.len() * SAID.len() + TOGETHER.len();

const PLACE: [&str; 6] = ["colon before", "colon left", "colon above", "way to left", "way to above", "off from above"];
const ORDER: [&str; 5] = ["share below", "is greatest", "is least", "times", "others"];
const LOOK: [&str; 31] = [
    "words",
    "capitals",
    "has figures",
    "has letters",
    "figures",
    "letters",
    "own of the name",
    "own of the text",
    "is label",
    "ends in colon",
    "ends in comma",
    "is money",
    "has currency",
    "is percent",
    "has cents",
    "is year",
    "magnitude",
    "is negative",
    "begins cell",
    "ends cell",
    "is in long cell",
    "depth",
    "left",
    "height",
    "has neighbours",
    "is street",
    "is town",
    "has legal form",
    "is title",
    "is lower case",
    "legibility",
];
const EDGES: [&str; 9] = [
    "shape",
    "has abbreviation",
    "goes on in lower case",
    "nothing after",
    "after colon",
    "nothing before",
    "after comma",
    "has several parts",
    "is in box",
];
const ROLE: [&str; 11] = [
    "asks for issuer",
    "asks for addressee",
    "asks for signer",
    "share of seller",
    "share of buyer",
    "is seller",
    "is buyer",
    "begins with title",
    "after title",
    "row of rows",
    "rows after",
];
const RULES: [&str; 14] = [
    "is found",
    "found by",
    "value found by",
    "is found first",
    "share of first",
    "nothing found",
    "first found by",
    "beside label",
    "below label",
    "of party",
    "of sums",
    "of shape",
    "left over",
    "is computed",
];
const ASKED: [&str; 11] = [
    "is concept",
    "has concept",
    "has role",
    "amount",
    "quantity",
    "percent",
    "date",
    "code",
    "text",
    "party",
    "address",
];

/// The names of all features, in order.
#[must_use]
pub fn ranking_features() -> Vec<String> {
    let said = Place::ALL.iter().flat_map(|(_, place)| SAID.iter().map(move |said| format!("{place} {said}")));
    let evidence: Vec<String> = said.chain(TOGETHER.map(str::to_owned)).collect();
    let own: [&[&str]; 7] = [&PLACE, &ORDER, &LOOK, &EDGES, &ROLE, &RULES, &ASKED];
    let relative = evidence.iter().map(|name| format!("{name}, of the most"));
    let most = evidence.iter().map(|name| format!("{name}, the most"));
    let names = evidence.iter().cloned().chain(own.concat().into_iter().map(str::to_owned));
    names.chain(relative).chain(most).chain(["candidates".to_owned()]).collect()
}

/// What the rules know of the whole paper.
pub(super) struct Paper {
    sellers: Vec<Candidate>,
    buyers: Vec<Candidate>,
}

impl Paper {
    /// The parties of a paper.
    pub(super) fn of(search: &Search<'_>) -> Self {
        Self { sellers: search.parties.names(Side::Seller), buyers: search.parties.names(Side::Buyer) }
    }
}

/// A candidate among all of its field.
struct Subject<'a> {
    search: &'a Search<'a>,
    surroundings: &'a Surroundings<'a>,
    field: usize,
    query: &'a FieldQuery,
    candidate: &'a Candidate,
    /// The words that it begins with: `first..end`.
    first: usize,
    end: usize,
    around: Around,
}

/// The features of the candidates of a field, each with the score that the rules give it.
pub(super) fn of<'a>(
    search: &'a Search<'a>,
    surroundings: &'a Surroundings<'a>,
    paper: &Paper,
    field: usize,
    query: &'a FieldQuery,
    all: &'a [(Candidate, f32)],
) -> Vec<Vec<f32>> {
    let values = Values::of(all);
    let found = Found::of(all);
    let rows = all.iter().map(|(candidate, score)| {
        let (first, end) = candidate.words.first().copied().unwrap_or_default();
        let around = surroundings.around(first, end);
        let subject = Subject { search, surroundings, field, query, candidate, first, end, around };
        let mut row = Vec::with_capacity(4 * EVIDENCE + LOOK.len());
        row.extend(subject.evidence());
        row.extend(subject.place());
        row.extend(values.order(candidate));
        row.extend(subject.look());
        row.extend(subject.edges());
        row.extend(subject.role(paper));
        row.extend(found.rules(candidate, *score));
        row.extend(asked(query));
        row
    });
    let mut rows: Vec<Vec<f32>> = rows.collect();
    let most = |at: usize| rows.iter().map(|row| row[at]).fold(0.0, f32::max);
    let most: Vec<f32> = (0..EVIDENCE).map(most).collect();
    let count = (rows.len() as f32 / 100.0).min(1.0);
    for row in &mut rows {
        let relative: Vec<f32> =
            row.iter().zip(&most).map(|(value, most)| if *most > 0.0 { value / most } else { 0.0 }).collect();
        row.extend(relative);
        row.extend(&most);
        row.push(count);
    }
    rows
}

impl Subject<'_> {
    fn sheet(&self) -> &Sheet {
        self.search.sheet
    }

    /// What the words around it say of the field's name.
    fn evidence(&self) -> [f32; EVIDENCE] {
        let mut evidence = [0.0; EVIDENCE];
        let mut words = 0;
        for (at, place) in self.around.iter().enumerate() {
            let said = self.surroundings.said(place, self.field);
            words |= said.words;
            let labelled = self.surroundings.labelled(place, self.field);
            evidence[SAID.len() * at..][..SAID.len()].copy_from_slice(&[said.of_name, said.of_text, labelled]);
        }
        let name = self.surroundings.name(self.field);
        let is_said = |at: usize| words & (1 << at.min(63)) != 0;
        let all: f32 = name.iter().map(|word| weight(word)).sum();
        let around: f32 = name.iter().enumerate().filter(|(at, _)| is_said(*at)).map(|(_, word)| weight(word)).sum();
        let near = [Place::Before, Place::Left, Place::Above].map(|place| &self.around[place as usize]);
        let own = near.map(|words| self.surroundings.said(words, self.field).agreement());
        let other = near.map(|words| self.surroundings.said_of_others(words, self.field));
        let most = |all: [f32; 3]| all.into_iter().fold(0.0, f32::max);
        let together = [if all > 0.0 { around / all } else { 0.0 }, most(own), most(other)];
        evidence[EVIDENCE - TOGETHER.len()..].copy_from_slice(&together);
        evidence
    }

    /// Where it stands relative to the words around it.
    fn place(&self) -> [f32; PLACE.len()] {
        let sheet = self.sheet();
        let own = sheet.bbox(self.first, self.end);
        let words = |place: Place| Some(&self.around[place as usize]).filter(|words| !words.is_empty());
        let has_colon = |words: &Range<usize>| sheet.words[words.end - 1].text.ends_with(':');
        let colon = |place: Place| flag(words(place).is_some_and(has_colon));
        let heights = |distance: f32, most: f32| (distance / sheet.line_height).clamp(0.0, most) / most;
        let bbox = |words: &Range<usize>| sheet.bbox(words.start, words.end);
        let left = words(Place::Left).map(bbox);
        let above = words(Place::Above).map(bbox);
        [
            colon(Place::Before),
            colon(Place::Left),
            colon(Place::Above),
            left.map_or(1.0, |left| heights(own.x - left.right(), 20.0)),
            above.map_or(1.0, |above| heights(own.y - above.bottom(), 20.0)),
            above.map_or(1.0, |above| heights((own.x - above.x).abs().min((own.right() - above.right()).abs()), 10.0)),
        ]
    }

    /// What it looks like.
    fn look(&self) -> [f32; LOOK.len()] {
        let sheet = self.sheet();
        let Self { first, end, candidate, .. } = *self;
        let text = candidate.value.as_str().map_or_else(|| sheet.text(first, end), str::to_owned);
        let raw = candidate.raw.as_deref().unwrap_or_default().trim();
        let words = text.split_whitespace().count().max(1) as f32;
        let capitals = text.split_whitespace().filter(|word| word.starts_with(char::is_uppercase)).count() as f32;
        let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count() as f32;
        let (figures, letters) = (count(char::is_numeric), count(char::is_alphabetic));
        let own = self.surroundings.said(&(first..end), self.field);
        let amount = self.search.matches.amounts_in(first, end).next();
        let value = candidate.value.as_f64().unwrap_or_default();
        let cell = &sheet.cells[sheet.words[first].cell];
        let page = sheet.sizes.get(sheet.page_of(first) as usize - 1);
        let bbox = sheet.bbox(first, end);
        [
            words.min(12.0) / 12.0,
            capitals / words,
            flag(figures > 0.0),
            flag(letters > 0.0),
            figures.min(20.0) / 20.0,
            letters.min(60.0) / 60.0,
            own.of_name,
            own.of_text,
            flag(names_anything(&key_of(&text))),
            flag(raw.ends_with(':')),
            flag(raw.ends_with([',', ';'])),
            flag(amount.is_some_and(|found| found.is_money)),
            flag(amount.is_some_and(|found| found.amount.currency.is_some())),
            flag(amount.is_some_and(|found| found.amount.is_percent)),
            flag(amount.is_some_and(|found| found.amount.decimals == 2)),
            flag((1900.0..2100.0).contains(&value)),
            (value.abs().max(1.0).ln() / 20.0) as f32,
            flag(value < 0.0),
            flag(first == cell.first),
            flag(end == cell.end),
            flag(cell.end - cell.first > 8),
            sheet.depth(cell.row),
            page.map_or(0.0, |(width, _)| bbox.x / width.max(1.0)),
            bbox.height / sheet.line_height - 1.0,
            flag(sheet.cells_of(&sheet.rows[cell.row]).len() > 1),
            flag(text_blocks::is_street(&text)),
            flag(text_blocks::is_place(&text)),
            flag(text_blocks::has_legal_form(&text)),
            flag(text_blocks::is_title(&text)),
            flag(text.starts_with(char::is_lowercase)),
            sheet.confidence(first, end),
        ]
    }

    /// How it begins and ends.
    fn edges(&self) -> [f32; EDGES.len()] {
        let sheet = self.sheet();
        let words = &sheet.words;
        let text = |at: Option<usize>, cell: usize| {
            at.and_then(|at| words.get(at)).filter(|word| word.cell == cell).map(|word| word.text.as_str())
        };
        let before = text(self.first.checked_sub(1), words[self.first].cell);
        let after = text(Some(self.end), words[self.end - 1].cell);
        let is_abbreviation =
            |word: &str| word.ends_with('.') && word.chars().count() <= 5 && word.starts_with(char::is_uppercase);
        let shape = self.search.values(self.first, self.end, self.query.kind).into_iter().next();
        [
            shape.map_or(0.0, |found| found.score),
            flag(words[self.first..self.end].iter().any(|word| is_abbreviation(&word.text))),
            flag(after.is_some_and(|text| text.starts_with(char::is_lowercase))),
            flag(after.is_none()),
            flag(before.is_some_and(|text| text.ends_with(':'))),
            flag(before.is_none()),
            flag(before.is_some_and(|text| text.ends_with([',', '.', ';']))),
            flag(self.candidate.words.len() > 1),
            flag(words[self.first].ruled.is_some()),
        ]
    }

    /// Whom the field asks for, and who stands here.
    fn role(&self, paper: &Paper) -> [f32; ROLE.len()] {
        let sheet = self.sheet();
        let asks = |role: Role| flag(self.query.name.iter().any(|word| LEXICON.roles(word).contains(&role)));
        let is_here =
            |party: &&Candidate| party.words.iter().any(|(first, end)| *first < self.end && self.first < *end);
        let share = |all: &[Candidate]| {
            let best = all.iter().map(|party| party.score).fold(0.01, f32::max);
            all.iter().filter(is_here).map(|party| party.score).fold(0.0, f32::max) / best
        };
        let is_title = |at: usize| {
            let key = key_of(&sheet.words[at].text);
            LINES.greetings.contains(&key)
        };
        let (row, rows) = (sheet.words[self.first].row, sheet.rows.len());
        [
            asks(Role::Issuer),
            asks(Role::Addressee),
            asks(Role::Signer),
            share(&paper.sellers),
            share(&paper.buyers),
            flag(paper.sellers.iter().any(|party| is_here(&party))),
            flag(paper.buyers.iter().any(|party| is_here(&party))),
            flag(is_title(self.first)),
            flag(self.first > 0 && is_title(self.first - 1)),
            row as f32 / rows.max(1) as f32,
            (rows - row) as f32 / 60.0,
        ]
    }
}

/// The values of all candidates of a field.
struct Values {
    /// Numbers and days, from the least to the greatest.
    numbers: Vec<f64>,
    /// How often each text comes.
    texts: HashMap<String, usize>,
    /// The number of texts.
    count: usize,
}

impl Values {
    fn of(all: &[(Candidate, f32)]) -> Self {
        let mut numbers: Vec<f64> = all.iter().filter_map(|(candidate, _)| as_number(candidate)).collect();
        numbers.sort_by(f64::total_cmp);
        let mut texts = HashMap::new();
        for text in all.iter().filter_map(|(candidate, _)| candidate.value.as_str()) {
            *texts.entry(text.to_owned()).or_default() += 1;
        }
        let count = texts.values().sum();
        Self { numbers, texts, count }
    }

    /// Where a value comes among all, and how often it does.
    fn order(&self, candidate: &Candidate) -> [f32; ORDER.len()] {
        let Some(own) = as_number(candidate) else {
            let times = candidate.value.as_str().and_then(|text| self.texts.get(text)).copied().unwrap_or_default();
            return [0.5, 0.0, 0.0, times.min(5) as f32 / 5.0, self.count.min(400) as f32 / 400.0];
        };
        let below = self.numbers.partition_point(|other| *other < own);
        let times = self.numbers[below..].partition_point(|other| *other <= own);
        let all = self.numbers.len();
        [
            below as f32 / all.max(1) as f32,
            flag(below + times == all),
            flag(below == 0),
            times.min(5) as f32 / 5.0,
            all.min(50) as f32 / 50.0,
        ]
    }
}

/// A number, or a day as the days since 1900.
fn as_number(candidate: &Candidate) -> Option<f64> {
    let days = |day: Date| (day - date(1900, 1, 1)).get_days();
    let day = || candidate.value.as_str()?.parse::<Date>().ok().map(days).map(f64::from);
    candidate.value.as_f64().or_else(day)
}

/// What the rules found.
struct Found<'a> {
    all: Vec<&'a (Candidate, f32)>,
    best: f32,
}

impl<'a> Found<'a> {
    fn of(all: &'a [(Candidate, f32)]) -> Self {
        let all: Vec<&(Candidate, f32)> = all.iter().filter(|(_, score)| *score > 0.0).collect();
        let best = all.iter().map(|(_, score)| *score).fold(0.0, f32::max);
        Self { all, best }
    }

    /// What the rules think of a candidate to which they give that score.
    fn rules(&self, candidate: &Candidate, score: f32) -> [f32; RULES.len()] {
        let same = self.all.iter().filter(|(other, _)| other.value == candidate.value);
        let same = same.map(|(_, score)| *score).fold(0.0, f32::max);
        let is = |is_so: bool| flag(score > 0.0 && is_so);
        [
            is(true),
            log_odds(score),
            log_odds(same),
            is(score >= self.best),
            if self.best > 0.0 { score / self.best } else { 0.0 },
            flag(self.best == 0.0),
            log_odds(self.best),
            is(matches!(candidate.origin, Origin::Beside { .. })),
            is(matches!(candidate.origin, Origin::Below { .. })),
            is(candidate.origin == Origin::Party),
            is(matches!(candidate.origin, Origin::Sums { .. })),
            is(candidate.origin == Origin::Shape),
            is(candidate.origin == Origin::Remaining),
            flag(candidate.is_computed),
        ]
    }
}

/// What the field asks for.
fn asked(query: &FieldQuery) -> [f32; ASKED.len()] {
    let is = |kind: Kind| flag(query.kind == kind);
    [
        flag(query.is_whole),
        flag(query.concept.is_some_and(|concept| !matches!(concept, Concept::Own(_)))),
        flag(query.role.is_some()),
        is(Kind::Amount),
        is(Kind::Quantity),
        is(Kind::Percent),
        is(Kind::Date),
        is(Kind::Code),
        is(Kind::Text),
        is(Kind::Party),
        is(Kind::Address),
    ]
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

fn log_odds(score: f32) -> f32 {
    let score = score.clamp(0.01, 0.99);
    (score / (1.0 - score)).ln()
}
