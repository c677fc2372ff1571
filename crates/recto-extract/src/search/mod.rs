//! Searches a sheet for each field of a template.

mod beside;
mod days;
mod grid;
mod meaning;
mod sides;

use recto_domain::{Field, FieldSchema, FieldType, Pattern, Rect};
use serde_json::Value;

use crate::assignment::Choice;
use crate::candidate::{Candidate, Origin, number};
use crate::concept::{Concept, Kind, Side};
use crate::confidence::{self, Judgement};
use crate::conventions::Conventions;
use crate::field_query::FieldQuery;
use crate::filling::Filling;
use crate::items;
use crate::label_key::key_of;
use crate::labels::{self, Label, OwnLabel};
use crate::likeness::{self, OwnName};
use crate::machine_readable_zone;
use crate::matches::Matches;
use crate::parties::{Parties, may_be_named};
use crate::shapes;
use crate::sheet::Sheet;
use crate::terms::names_anything;
use crate::totals::Settled;
use crate::vocabulary::content_words;

/// A label of greater strength covers the whole meaning of a field.
const WEAK: f32 = 0.8;
/// A value found by its position with a score above this halves the strength of labels. Totals always do.
const SETTLED: f32 = 0.75;
/// The factor on the strength of a label that is part of another key.
const PART_OF_KEY: f32 = 0.4;
/// The factor on evidence for part of a field's name when the page has the whole name.
const PART_OF_NAME: f32 = 0.5;
/// How strongly a plain `Name:` stands for the person that a paper is for.
const PLAIN_NAME: f32 = 0.8;
/// The factor on the probability of a party in a role without a label.
const UNLABELLED_ROLE: f32 = 0.6;

/// The probability of the name after `Name:` in a form's part about a party.
const NAMED: f32 = 0.95;

/// The factor for a text that is a label itself.
const A_LABEL: f32 = 0.4;

/// A document ready to be searched.
pub(crate) struct Search<'a> {
    pub(crate) sheet: &'a Sheet,
    /// The format of values.
    pub(crate) conventions: Conventions,
    pub(crate) matches: Matches,
    pub(crate) labels: Vec<Label>,
    pub(crate) parties: Parties<'a>,
    /// How each page is filled in; the index is the page number minus one.
    filling: Vec<Filling>,
    /// The entries of the machine-readable zone, on passports and identity cards.
    zone: Vec<(Concept, Candidate)>,
    pub(crate) settled: Settled,
}

impl<'a> Search<'a> {
    /// Prepares a sheet for the fields of `query`, whose values follow the given conventions.
    pub(crate) fn of(sheet: &'a Sheet, query: &[FieldQuery], conventions: Conventions) -> Self {
        let matches = Matches::of(sheet, conventions);
        let mut labels = labels::find(sheet, &own_labels(query));
        labels.extend(likeness::find(sheet, &unlabelled(query, &labels)));
        labels.sort_by_key(|label| (label.row, label.first));
        let parties = Parties::of(sheet, &labels);
        let filling = Filling::of_pages(sheet, &labels);
        let zone = machine_readable_zone::find(sheet);
        let mut search =
            Self { sheet, conventions, matches, labels, parties, filling, zone, settled: Settled::default() };
        search.settled = search.sums().settle();
        search
    }

    /// The value of a field, from its candidates.
    pub(crate) fn field(&self, schema: &FieldSchema, query: &FieldQuery, choice: &Choice) -> Field {
        match schema.kind {
            FieldType::Array => {
                return items::field(self.sheet, &self.matches, &self.labels, schema, &query.hints.columns);
            }
            FieldType::Object => return self.object(schema),
            _ => {}
        }
        match (self.judged(schema, query, choice), &query.hints.default) {
            (Some(judged), _) => judged.into_field(self.sheet, schema),
            (None, Some(default)) => Field {
                value: default.clone(),
                source: Some("default".to_owned()),
                ..Field::missing(schema.name.clone(), schema.kind)
            },
            (None, None) => Field::missing(schema.name.clone(), schema.kind),
        }
    }

    /// The most likely value of a field other than a list or an object, with the evidence for it.
    pub(crate) fn judged(&self, schema: &FieldSchema, query: &FieldQuery, choice: &Choice) -> Option<Judgement> {
        match query.hints.constant(self.sheet, &self.matches, schema) {
            Some(constant) => Some(Judgement::told(constant)),
            None => confidence::judge(self.sheet, query.kind, choice),
        }
    }

    /// The candidates of a field; none for lists and objects. `index` is its index in the template, whose words are then
    /// labels.
    pub(crate) fn choice(&self, index: Option<usize>, schema: &FieldSchema, query: &FieldQuery) -> Choice {
        let hints = &query.hints;
        if schema.kind.is_composite() || hints.constant(self.sheet, &self.matches, schema).is_some() {
            return Choice::default();
        }
        let candidates = if hints.are_zonal() {
            hints.in_region(self.sheet, &self.matches, schema.kind)
        } else {
            let matches = hints.matches(self.sheet).into_iter().filter_map(|found| self.read_as(query.kind, found));
            let matches = matches.map(|found| found.from(Origin::Template));
            self.candidates(index, query).into_iter().chain(matches).collect()
        };
        let mut candidates = hints.choose(self.sheet, candidates);
        let pattern = schema.pattern.as_ref().and_then(Pattern::regex);
        candidates.retain(|candidate| shapes::is_allowed(schema, pattern, candidate));
        if candidates.is_empty() {
            candidates = hints.choose(self.sheet, shapes::anywhere(self.sheet, schema, pattern));
        }
        let typed = candidates.into_iter().filter_map(|found| shapes::typed(schema.kind, found, self.matches.mark));
        let is_told = hints.are_zonal() || hints.are_exclusive();
        Choice { candidates: typed.collect(), is_told, is_ranked: false }
    }

    /// Whether the values of a field are ranked by what was learned. The shop of a receipt is told by its letterhead, and
    /// the sums of one by how they add up.
    pub(crate) fn is_ranked(&self, schema: &FieldSchema, query: &FieldQuery) -> bool {
        let is_of_kind = matches!(
            query.kind,
            Kind::Amount
                | Kind::Quantity
                | Kind::Percent
                | Kind::Date
                | Kind::Code
                | Kind::Vat
                | Kind::Text
                | Kind::Party
                | Kind::Address
        );
        is_of_kind && schema.kind != FieldType::Boolean && query.hints.are_open() && !self.parties.is_receipt()
    }

    /// An object field: `name` within `vendor` is searched as the vendor's name. It has a value if one of its fields
    /// has one, and is as certain as the least certain of them.
    fn object(&self, schema: &FieldSchema) -> Field {
        let within = schema.properties.iter().map(|property| {
            let full = FieldSchema { name: format!("{} {}", schema.name, property.name), ..property.clone() };
            // Names of nested fields are not labels on the sheet; only those of the template's own fields are.
            let query = FieldQuery::of(&full, false);
            self.field(property, &query, &self.choice(None, property, &query))
        });
        let within: Vec<Field> = within.collect();
        let found = || within.iter().filter(|field| !field.value.is_null());
        let Some(first) = found().next() else { return Field::missing(schema.name.clone(), schema.kind) };
        let on_page = found().filter(|field| field.page == first.page);
        Field {
            value: Value::Object(Field::values(&within)),
            confidence: found().filter_map(|field| field.confidence).min_by(f32::total_cmp),
            page: first.page,
            bbox: Rect::around(on_page.filter_map(|field| field.bbox)),
            source: first.source.clone(),
            ..Field::missing(schema.name.clone(), schema.kind)
        }
    }

    fn candidates(&self, index: Option<usize>, query: &FieldQuery) -> Vec<Candidate> {
        let own = index.map(Concept::Own);
        if query.hints.are_exclusive() {
            let is_own = |label: &&Label| own.is_some_and(|own| label.strength(own).is_some());
            let labels = self.labels.iter().filter(is_own);
            return labels.flat_map(|label| self.beside(label, query.kind, 1.0)).collect();
        }
        let mut candidates = self.by_place(query);
        let is_sure = |candidate: &Candidate| query.kind == Kind::Amount || candidate.score > SETTLED;
        let is_settled = candidates.iter().any(is_sure);
        // A label with the field's whole name takes precedence over what the lexicon derives from part of the name.
        let is_named = !query.is_whole
            && own.is_some_and(|own| {
                self.labels.iter().any(|label| {
                    label.is_exact
                        && label.strength(own).is_some_and(|strength| strength > WEAK)
                        && !self.beside(label, query.kind, 1.0).is_empty()
                })
            });
        if is_named {
            for candidate in &mut candidates {
                candidate.score *= PART_OF_NAME;
            }
        }
        candidates.extend(self.by_labels(query, own, is_named, is_settled));
        if let Some(side) = query.concept.filter(|_| query.kind == Kind::Party).and_then(Concept::side) {
            candidates.extend(self.named_under(side));
            candidates.retain(may_be_named);
        }
        let of_zone = self.zone.iter().filter(|(concept, _)| Some(*concept) == query.concept);
        candidates.extend(of_zone.map(|(_, candidate)| candidate.clone()));
        if let Some(side) = query.role {
            let by_place = self.parties.names(side).into_iter();
            candidates.extend(by_place.map(|candidate| scaled(candidate, UNLABELLED_ROLE)));
            // On a payslip or a card, a plain `Name:` is that of the person it is for.
            if side == Side::Buyer && self.side_of_name().is_none() {
                let names = self.labels.iter().filter(|label| self.is_plain_name(label));
                candidates.extend(names.flat_map(|label| self.beside(label, Kind::Party, PLAIN_NAME)));
            }
            candidates.retain(may_be_named);
        }
        if query.concept == Some(Concept::PeriodEnd) {
            candidates.extend(self.ends_of_periods());
        }
        if let Some(of_period @ (Concept::PeriodStart | Concept::PeriodEnd)) = query.concept {
            candidates.extend(self.unlabelled_period(of_period));
            candidates = candidates.into_iter().map(|candidate| self.in_order(candidate, of_period)).collect();
        }
        if query.concept == Some(Concept::DateOfBirth) {
            candidates = candidates.into_iter().map(|candidate| self.before_all_others(candidate)).collect();
        }
        if query.concept == Some(Concept::Date) {
            candidates.extend(self.dates_behind_numbers());
            candidates.extend(self.unlabelled_date());
            candidates = candidates.into_iter().map(|candidate| self.of_its_time(candidate)).collect();
        }
        if !query.is_whole {
            candidates.extend(self.at_crossing(&query.name, query.kind));
        }
        // Many papers have none of these days, and their labels are known.
        let is_optional = query.is_whole && matches!(query.concept, Some(Concept::DueDate | Concept::DeliveryDate));
        if candidates.is_empty() && query.kind == Kind::Date && !is_optional {
            candidates.extend(self.any_dates(&query.name));
        }
        if query.concept != Some(Concept::CorrectedInvoice) && matches!(query.kind, Kind::Date | Kind::Code) {
            candidates.retain(|candidate| !self.is_told(candidate, Concept::CorrectedInvoice));
        }
        if query.concept == Some(Concept::BuyerVatId) {
            candidates.extend(self.tax_numbers_of_buyer());
        }
        if query.kind == Kind::Vat {
            candidates = candidates.into_iter().map(|candidate| self.of_column(candidate, query.concept)).collect();
        }
        if query.concept == Some(Concept::DueDate) {
            candidates.retain(|candidate| !self.is_of_discount(candidate));
        }
        if query.has_figures {
            candidates.retain(|candidate| candidate.raw.as_deref().is_some_and(has_figure));
        }
        if matches!(query.kind, Kind::Text | Kind::Party) {
            candidates = candidates.into_iter().map(no_label).collect();
        }
        candidates
    }

    /// Values found by their position, by their shape, or because they add up.
    fn by_place(&self, query: &FieldQuery) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        match (query.concept, query.kind) {
            (Some(Concept::TotalGross), _) => candidates.extend(self.settled_sum(self.settled.gross.as_ref())),
            (Some(Concept::TotalNet), _) => candidates.extend(self.settled_sum(self.settled.net.as_ref())),
            (Some(Concept::TotalTax), _) => candidates.extend(self.settled_sum(self.settled.tax.as_ref())),
            (Some(Concept::AmountDue), _) => candidates.extend(self.settled_sum(self.settled.due.as_ref())),
            (Some(Concept::SellerName), _) => candidates.extend(self.parties.names(Side::Seller)),
            (Some(Concept::BuyerName), _) => candidates.extend(self.parties.names(Side::Buyer)),
            (Some(Concept::SellerAddress), _) => candidates.extend(self.parties.addresses(Side::Seller)),
            (Some(Concept::BuyerAddress), _) => candidates.extend(self.parties.addresses(Side::Buyer)),
            (Some(Concept::Currency), _) => candidates.extend(self.currency()),
            (_, Kind::Vat | Kind::Iban | Kind::Bic | Kind::Email | Kind::Url) => {
                let shaped = shapes::by_shape(self.sheet, query.kind, &self.labels, query.concept);
                let shaped = shaped.into_iter().map(|candidate| Self::unless_personal(candidate, query.concept));
                candidates.extend(shaped.map(|candidate| self.of_side(candidate, query.concept)));
            }
            _ => {}
        }
        if query.concept == Some(Concept::AccountNumber) {
            candidates.extend(shapes::by_shape(self.sheet, Kind::Iban, &self.labels, query.concept));
        }
        candidates
    }

    /// Values near the labels of the field's concept, and near the template's own labels.
    fn by_labels(&self, query: &FieldQuery, own: Option<Concept>, is_named: bool, is_settled: bool) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for concept in query.concept.into_iter().chain(own) {
            for label in &self.labels {
                let Some(strength) = label.strength(concept) else { continue };
                if query.kind == Kind::Party && !self.heads_a_name(label) {
                    continue;
                }
                if query.kind == Kind::Text && self.is_in_title(label) {
                    continue;
                }
                let is_words = matches!(query.kind, Kind::Text | Kind::Party);
                let strength = if is_words && self.is_part_of_key(label) { strength * PART_OF_KEY } else { strength };
                // The template's own name for a concept of the lexicon adds nothing to it.
                let strength = match (Some(concept) == own, is_named) {
                    (true, true) => strength,
                    (false, true) => strength * PART_OF_NAME,
                    (is_own, false) => {
                        let strength = if is_own && query.concept.is_some() { strength * 0.8 } else { strength };
                        if is_settled { strength * 0.5 } else { strength }
                    }
                };
                let strength =
                    if concept == Concept::InvoiceNumber { self.in_title(label, strength) } else { strength };
                let found = self.beside(label, query.kind, strength).into_iter();
                let found = found.map(|candidate| Self::unless_personal(candidate, query.concept)).collect();
                let is_in_columns = query.kind == Kind::Amount && Some(concept) == own;
                candidates.extend(if is_in_columns { self.of_this_period(found) } else { found });
            }
        }
        candidates
    }

    /// The values after `Name:` in the part of a form that is headed by a party's label.
    fn named_under(&self, side: Side) -> Vec<Candidate> {
        let names = |label: &&Label| {
            let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
            label.meanings.iter().any(|meaning| meaning.concept == Concept::PersonName) && cell.first == label.first
        };
        let labels = self.labels.iter().filter(names).filter(|label| self.side_over(label.row) == Some(side));
        let behind = labels.flat_map(|label| {
            self.right_of(label, Kind::Party).into_iter().map(move |candidate| candidate.from(label.beside()))
        });
        behind.map(|candidate| scaled(candidate, NAMED)).collect()
    }

    /// A text matched by a regular expression, as a value of the kind.
    fn read_as(&self, kind: Kind, found: Candidate) -> Option<Candidate> {
        let &(first, end) = found.words.first()?;
        match kind {
            Kind::Amount | Kind::Quantity | Kind::Percent | Kind::Date => {
                // The currency sign after an amount is part of it, even if the pattern leaves it out.
                let reaching = self.matches.amounts.iter().filter(|find| (first..end).contains(&find.first));
                let end = reaching.map(|find| find.end).fold(end, usize::max);
                let read = self.values(first, end, kind).into_iter().next()?;
                Some(Candidate { score: found.score, ..read })
            }
            _ => Some(found),
        }
    }

    /// The values of a kind among words, from left to right.
    pub(crate) fn values(&self, first: usize, end: usize, kind: Kind) -> Vec<Candidate> {
        let sheet = self.sheet;
        match kind {
            Kind::Amount | Kind::Quantity | Kind::Percent => self
                .matches
                .amounts_in(first, end)
                .filter(|find| kind == Kind::Percent || !find.amount.is_percent)
                .map(|find| {
                    let money = match (kind, find.is_money, find.amount.decimals) {
                        (Kind::Amount, false, 1) => 0.75,
                        (Kind::Amount, false, _) => 0.55,
                        _ => 0.95,
                    };
                    let repaired = 1.0 - 0.12 * find.amount.repairs.min(4) as f32;
                    let seen = sheet.legibility(find.first, find.end);
                    Candidate::printed(sheet, find.first, find.end, number(find.amount.value), money * repaired * seen)
                })
                .collect(),
            Kind::Date => self
                .matches
                .dates_in(first, end)
                .map(|find| {
                    let clear = if find.is_ambiguous { 0.88 } else { 0.95 };
                    let full = if find.is_full { 1.0 } else { 0.95 };
                    let seen = sheet.legibility(find.first, find.end);
                    let value = Value::String(find.date.to_string());
                    Candidate::printed(sheet, find.first, find.end, value, clear * full * seen)
                })
                .collect(),
            _ => shapes::values(sheet, first, end, kind),
        }
    }

    fn currency(&self) -> Option<Candidate> {
        let code = self.matches.currency(self.sheet)?;
        let find = self.matches.amounts.iter().find(|find| find.amount.currency == Some(code));
        let words = find.map(|find| (find.first, find.end)).into_iter().collect();
        Some(Candidate::new(Value::String(code.to_owned()), None, words, 0.9))
    }
}

/// The labels made of the template's own words for its fields.
pub(crate) fn own_labels(query: &[FieldQuery]) -> Vec<OwnLabel> {
    let mut labels = Vec::new();
    for (field, query) in query.iter().enumerate() {
        let mut add = |texts: &[String], is_weak| {
            labels.extend(texts.iter().map(|text| OwnLabel { text: text.clone(), field, is_weak }));
        };
        if query.hints.are_exclusive() {
            add(&query.hints.labels, false);
        } else {
            add(&query.own_labels, false);
            add(&query.tail_labels, true);
        }
    }
    labels
}

/// The names of the fields without a label of their own on the page, as far as the lexicon does not know them.
fn unlabelled(query: &[FieldQuery], labels: &[Label]) -> Vec<OwnName> {
    let has_label = |field: usize| {
        labels.iter().any(|label| label.strength(Concept::Own(field)).is_some_and(|strength| strength > WEAK))
    };
    let open = query
        .iter()
        .enumerate()
        .filter(|(field, query)| !query.is_whole && !query.hints.are_exclusive() && !has_label(*field));
    open.map(|(field, query)| OwnName { words: content_words(query.name.iter().cloned()), field }).collect()
}

fn has_figure(text: &str) -> bool {
    text.contains(|c: char| c.is_numeric())
}

/// A text that pages call something else by is less likely a value: it is the label of the next box.
fn no_label(candidate: Candidate) -> Candidate {
    let is_label = candidate.value.as_str().is_some_and(|text| names_anything(&key_of(text)));
    if is_label { scaled(candidate, A_LABEL) } else { candidate }
}

fn scaled(candidate: Candidate, by: f32) -> Candidate {
    Candidate { score: candidate.score * by, ..candidate }
}
