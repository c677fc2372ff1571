//! Looks for each field of a template on a sheet.

use recto_domain::{Field, FieldSchema, FieldType, Pattern, Rect};
use recto_values::currency;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Number, Value};

use crate::candidate::{Candidate, Origin};
use crate::confidence::{self, Judgement};
use crate::field_query::FieldQuery;
use crate::hints::Conventions;
use crate::items;
use crate::labels::{self, Label};
use crate::lexicon::{Concept, Kind, LEXICON, Side};
use crate::matches::Matches;
use crate::parties::{Parties, may_be_named};
use crate::shapes;
use crate::sheet::Sheet;
use crate::text_blocks;
use crate::totals::Settled;

/// Values are looked for under a label down to this many line heights.
const BELOW: f32 = 4.5;

/// How strongly a plain label such as `No.` stands for the number of the document behind what the document is called.
const NUMBER_OF_TITLE: f32 = 0.95;
/// What is left of its strength in the part of a form that tells of a party, who may have a number too.
const NUMBER_OF_PARTY: f32 = 0.6;
/// What is left of the likelihood of one side's number in the part of the other.
const OF_OTHER_SIDE: f32 = 0.75;
/// A value that is found by its place, and is surer than this, leaves labels half their strength. Sums always do.
const SETTLED: f32 = 0.75;
/// What is left of the likelihood of a number for taxes that has the shape of no country's.
const UNKNOWN_SHAPE: f32 = 0.6;
/// A key that a label begins goes on for at most so many words.
const MAX_KEY: usize = 3;
/// What is left of a label that is a part of another key.
const PART_OF_KEY: f32 = 0.4;
/// What is left of what a part of a field's name stands for where the page has the whole.
const PART_OF_NAME: f32 = 0.5;
/// Between the number of a document and its day stand at most so many words.
const MAX_BEFORE_DAY: usize = 2;

/// How likely that is a party's name which a form calls its name, in the part of that party.
const NAMED: f32 = 0.95;

/// A document ready to be searched.
pub(crate) struct Search<'a> {
    pub(crate) sheet: &'a Sheet,
    /// How the values are written.
    pub(crate) conventions: Conventions,
    pub(crate) matches: Matches,
    pub(crate) labels: Vec<Label>,
    parties: Parties<'a>,
    pub(crate) settled: Settled,
}

impl<'a> Search<'a> {
    /// Prepares a sheet for the fields that are sought, whose values are written by some conventions.
    pub(crate) fn of(sheet: &'a Sheet, query: &[FieldQuery], conventions: Conventions) -> Self {
        let matches = Matches::of(sheet, conventions);
        let labels = labels::find(sheet, &own_labels(query));
        let parties = Parties::of(sheet, &labels);
        let mut search = Self { sheet, conventions, matches, labels, parties, settled: Settled::default() };
        search.settled = search.sums().settle();
        search
    }

    /// The value of a field; `index` is its own among the template's, whose words are labels then.
    pub(crate) fn field(&self, index: Option<usize>, schema: &FieldSchema, query: &FieldQuery) -> Field {
        match schema.kind {
            FieldType::Array => {
                return items::field(self.sheet, &self.matches, &self.labels, schema, &query.hints.columns);
            }
            FieldType::Object => return self.object(schema),
            _ => {}
        }
        match (self.judged(index, schema, query), &query.hints.default) {
            (Some(judged), _) => judged.into_field(self.sheet, schema),
            (None, Some(default)) => Field {
                value: default.clone(),
                source: Some("default".to_owned()),
                ..Field::missing(schema.name.clone(), schema.kind)
            },
            (None, None) => Field::missing(schema.name.clone(), schema.kind),
        }
    }

    /// The likeliest value of a field that is no list and no object, with what speaks for it.
    pub(crate) fn judged(&self, index: Option<usize>, schema: &FieldSchema, query: &FieldQuery) -> Option<Judgement> {
        let hints = &query.hints;
        if let Some(constant) = hints.constant(self.sheet, &self.matches, schema) {
            return Some(Judgement::told(constant));
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
        let typed: Vec<Candidate> = candidates
            .into_iter()
            .filter_map(|candidate| shapes::typed(schema.kind, candidate, self.matches.mark))
            .collect();
        let is_told = hints.are_zonal() || hints.are_exclusive();
        confidence::judge(self.sheet, query.kind, &typed, is_told)
    }

    /// A field of fields: `name` within `vendor` is looked for as the vendor's name. It has a value when one of them
    /// has, and is as sure as the least sure one.
    fn object(&self, schema: &FieldSchema) -> Field {
        let within = schema.properties.iter().map(|property| {
            let full = FieldSchema { name: format!("{} {}", schema.name, property.name), ..property.clone() };
            // Their own names are no labels of the sheet, which has those of the template's fields alone.
            self.field(None, property, &FieldQuery::of(&full, false))
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
                candidates.extend(shaped.into_iter().map(|candidate| self.of_side(candidate, query.concept)));
            }
            _ => {}
        }
        if query.concept == Some(Concept::AccountNumber) {
            candidates.extend(shapes::by_shape(self.sheet, Kind::Iban, &self.labels, query.concept));
        }
        let is_sure = |candidate: &Candidate| query.kind == Kind::Amount || candidate.score > SETTLED;
        let is_settled = candidates.iter().any(is_sure);
        // What the page calls by the field's whole name goes before what the lexicon makes of a part of that name.
        let is_named = !query.is_whole
            && own.is_some_and(|own| {
                self.labels.iter().any(|label| {
                    label.is_exact && label.strength(own).is_some() && !self.beside(label, query.kind, 1.0).is_empty()
                })
            });
        if is_named {
            for candidate in &mut candidates {
                candidate.score *= PART_OF_NAME;
            }
        }
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
                // A template's own word for a field that the lexicon knows says no more than the lexicon.
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
                candidates.extend(self.beside(label, query.kind, strength));
            }
        }
        if let Some(side) = query.concept.filter(|_| query.kind == Kind::Party).and_then(Concept::side) {
            candidates.extend(self.named_under(side));
            candidates.retain(may_be_named);
        }
        if query.concept == Some(Concept::Date) {
            candidates.extend(self.dates_behind_numbers());
            candidates.extend(self.unlabelled_date());
        }
        if query.concept != Some(Concept::CorrectedInvoice) && matches!(query.kind, Kind::Date | Kind::Code) {
            candidates.retain(|candidate| !self.is_told(candidate, Concept::CorrectedInvoice));
        }
        if query.concept == Some(Concept::DueDate) {
            candidates.retain(|candidate| !self.is_of_discount(candidate));
        }
        candidates
    }

    /// How strongly a label stands for the number of the document: `Nr.` behind what the document is called does without
    /// doubt, and in the part of a form that tells of a party it hardly does.
    fn in_title(&self, label: &Label, strength: f32) -> f32 {
        if label.meanings.iter().any(|meaning| meaning.concept == Concept::InvoiceNumber && !meaning.is_weak) {
            return strength;
        }
        let before = self.sheet.text(self.sheet.rows[label.row].first, label.first);
        if text_blocks::is_title_head(&before) {
            return NUMBER_OF_TITLE;
        }
        let is_of_party = label.meanings.len() == 1 && self.side_over(label.row).is_some();
        if is_of_party { strength * NUMBER_OF_PARTY } else { strength }
    }

    /// The side whose part of a form holds a row: that of the last label of a party over it.
    fn side_over(&self, row: usize) -> Option<Side> {
        let above = self.labels.iter().rev().filter(|label| label.row < row);
        let mut sides = above.filter_map(|label| {
            let strong = label.meanings.iter().find(|meaning| !meaning.is_weak && meaning.concept.side().is_some())?;
            self.heads_a_name(label).then_some(strong.concept)
        });
        sides.next().and_then(Concept::side)
    }

    /// A number of the seller is less likely in the part of a form that tells of the buyer, and the other way round.
    fn of_side(&self, candidate: Candidate, concept: Option<Concept>) -> Candidate {
        let other = match concept {
            Some(Concept::SellerVatId) => Side::Buyer,
            Some(Concept::BuyerVatId) => Side::Seller,
            _ => return candidate,
        };
        let row = candidate.words.first().map(|(first, _)| self.sheet.words[*first].row);
        let is_others = row.is_some_and(|row| self.side_over(row) == Some(other));
        if is_others { scaled(candidate, OF_OTHER_SIDE) } else { candidate }
    }

    /// Whether a value is told by a label of a concept: the last one before it in its row, or the one over it.
    fn is_told(&self, candidate: &Candidate, concept: Concept) -> bool {
        let Some(&(first, end)) = candidate.words.first() else { return false };
        let row = self.sheet.words[first].row;
        let is_meant = |label: &Label| label.strength(concept).is_some();
        // `zur Rechnung RE-7 vom 31.03.2025`: weak words between the label and the day are a part of what it says.
        let strong = |label: &&Label| is_meant(label) || label.meanings.iter().any(|meaning| !meaning.is_weak);
        let before = || labels::in_row(&self.labels, row).filter(|label| label.end <= first);
        if let Some(label) = before().filter(strong).max_by_key(|label| label.end) {
            return is_meant(label);
        }
        if before().next().is_some() {
            return false;
        }
        let place = self.sheet.bbox(first, end);
        let above = row.checked_sub(1).into_iter().flat_map(|row| labels::in_row(&self.labels, row));
        above.filter(|label| is_meant(label)).any(|label| {
            let over = self.sheet.bbox(label.first, label.end);
            over.x < place.right() && over.right() > place.x
        })
    }

    /// Whether a day is the last one for a discount: its part of the sentence speaks of one, and not of the full sum.
    fn is_of_discount(&self, candidate: &Candidate) -> bool {
        let Some(&(first, end)) = candidate.words.first() else { return false };
        let row = &self.sheet.rows[self.sheet.words[first].row];
        let ends = |at: usize| self.sheet.words[at].text.ends_with([',', ';', '.']);
        let from = (row.first..first).rev().find(|at| ends(*at)).map_or(row.first, |at| at + 1);
        let to = (end - 1..row.end).find(|at| ends(*at)).map_or(row.end, |at| at + 1);
        labels::in_row(&self.labels, self.sheet.words[first].row)
            .filter(|label| from <= label.first && label.end <= to)
            .any(|label| label.strength(Concept::Discount).is_some_and(|strength| strength > 0.7))
    }

    /// What stands behind `Name:` in the part of a form that is headed by the label of a side.
    fn named_under(&self, side: Side) -> Vec<Candidate> {
        let names = |label: &&Label| {
            let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
            label.meanings.iter().any(|meaning| meaning.concept == Concept::PersonName) && cell.first == label.first
        };
        let labels = self.labels.iter().filter(names).filter(|label| self.side_over(label.row) == Some(side));
        let behind = labels.flat_map(|label| {
            let origin = Origin::Beside { first: label.first, end: label.end };
            self.right_of(label, Kind::Party).into_iter().map(move |candidate| candidate.from(origin))
        });
        behind.map(|candidate| scaled(candidate, NAMED)).collect()
    }

    /// Whether a label begins what something else is called: the patient of `Patient Gender: Male`.
    fn is_part_of_key(&self, label: &Label) -> bool {
        let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
        if self.sheet.words[label.end - 1].text.contains(':') {
            return false;
        }
        let rest = &self.sheet.words[label.end..cell.end.max(label.end)];
        let ends_key = rest.iter().take(MAX_KEY).position(|word| word.text.ends_with(':'));
        // A colon that stands alone ends the label itself.
        ends_key.is_some_and(|at| at > 0 || rest[0].text.chars().count() > 1)
    }

    /// Whether a label is a part of what the document is called: the bank of `Bank statement`.
    fn is_in_title(&self, label: &Label) -> bool {
        let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
        label.end < cell.end && text_blocks::is_title(&self.sheet.cell_text(cell))
    }

    /// Whether a label stands for itself, and is no part of a name or a sentence.
    fn heads_a_name(&self, label: &Label) -> bool {
        let cell = &self.sheet.cells[self.sheet.words[label.first].cell];
        label.starts_word && cell.first == label.first && !text_blocks::is_name_part(self.sheet, label, cell.end)
    }

    /// A text that a regular expression found, as a value of the kind.
    fn read_as(&self, kind: Kind, found: Candidate) -> Option<Candidate> {
        let &(first, end) = found.words.first()?;
        match kind {
            Kind::Amount | Kind::Quantity | Kind::Percent | Kind::Date => {
                // The sign of a currency behind an amount is a part of it, also when the pattern leaves it out.
                let reaching = self.matches.amounts.iter().filter(|find| (first..end).contains(&find.first));
                let end = reaching.map(|find| find.end).fold(end, usize::max);
                let read = self.values(first, end, kind).into_iter().next()?;
                Some(Candidate { score: found.score, ..read })
            }
            _ => Some(found),
        }
    }

    /// Values of a kind to the right of a label, or under it.
    pub(crate) fn beside(&self, label: &Label, kind: Kind, strength: f32) -> Vec<Candidate> {
        let beside = Origin::Beside { first: label.first, end: label.end };
        let mut right = self.right_of(label, kind);
        // `Nome / Nome Empresarial` is a label in two wordings.
        right.retain(|candidate| candidate.raw.as_deref().is_none_or(|raw| !raw.trim_start().starts_with('/')));
        if !right.is_empty() {
            return right.into_iter().map(|c| scaled(c, strength).from(beside)).collect();
        }
        // A number of taxes in a shape that nobody knows is one behind its label all the same.
        let unknown = if kind == Kind::Vat { self.right_of(label, Kind::Code) } else { Vec::new() };
        if !unknown.is_empty() {
            return unknown.into_iter().map(|code| scaled(code, strength * UNKNOWN_SHAPE).from(beside)).collect();
        }
        let below = Origin::Below { first: label.first, end: label.end };
        self.below(label, kind).into_iter().map(|c| scaled(c, strength * 0.88).from(below)).collect()
    }

    /// The words to the right of a label, up to the next one.
    pub(crate) fn right_of(&self, label: &Label, kind: Kind) -> Vec<Candidate> {
        let row = &self.sheet.rows[label.row];
        let next = labels::in_row(&self.labels, label.row).filter(|other| other.first >= label.end);
        // Texts may hold words that are labels elsewhere; those end them only where a new cell begins.
        let is_text = matches!(kind, Kind::Text | Kind::Party | Kind::Address);
        let limit = next
            .filter(|other| !is_text || self.sheet.words[other.first].cell != self.sheet.words[label.end - 1].cell)
            .filter(|other| !matches!(kind, Kind::Date) || !other.meanings.iter().all(|m| m.is_weak))
            .filter(|other| {
                let end = self.sheet.cells[self.sheet.words[other.first].cell].end;
                !is_text || !text_blocks::is_name_part(self.sheet, other, end)
            })
            .map(|other| other.first)
            .min()
            .unwrap_or(row.end);
        // In `Total EUR 9.00`, the currency is a part of the label and of the amount.
        let last = label.end - 1;
        let names_currency =
            kind == Kind::Amount && last > label.first && currency::is_sign(&self.sheet.words[last].text);
        let mut found = self.values(if names_currency { last } else { label.end }, limit, kind);
        // Of several amounts behind one label, any may be meant: a table of taxes has a row of totals too.
        if matches!(kind, Kind::Amount) && found.len() > 1 {
            found = found.into_iter().map(|candidate| scaled(candidate, 0.85)).collect();
        }
        if let Some(inside) = shapes::inside_word(self.sheet, label, kind) {
            found.insert(0, inside);
        }
        // Sums stand at the end of their row; everything else comes first behind its label.
        if matches!(kind, Kind::Amount) {
            found.reverse();
        }
        found.into_iter().enumerate().map(|(n, candidate)| scaled(candidate, 1.0 - 0.25 * n.min(3) as f32)).collect()
    }

    /// The values in the next rows that stand under a label.
    fn below(&self, label: &Label, kind: Kind) -> Vec<Candidate> {
        let place = self.sheet.bbox(label.first, label.end);
        let page = self.sheet.rows[label.row].page;
        let height = place.height.max(self.sheet.line_height);
        for (index, row) in self.sheet.rows.iter().enumerate().skip(label.row + 1) {
            if row.page != page || row.bbox.y - place.bottom() > BELOW * height {
                break;
            }
            let mut under: Vec<(f32, Candidate)> = Vec::new();
            for candidate in self.values(row.first, row.end, kind) {
                let Some(&(first, end)) = candidate.words.first() else { continue };
                let bbox = self.sheet.bbox(first, end);
                let overlaps = bbox.x < place.right() + 0.5 * height && bbox.right() > place.x - 0.5 * height;
                let off = (bbox.x - place.x)
                    .abs()
                    .min((bbox.right() - place.right()).abs())
                    .min((bbox.center().x - place.center().x).abs());
                // Another label that stands closer over the value has it.
                let mut between = (label.row + 1..index).flat_map(|row| labels::in_row(&self.labels, row));
                let taken = between.any(|other| {
                    let over = self.sheet.bbox(other.first, other.end);
                    over.x < bbox.right() && over.right() > bbox.x && other.meanings.iter().any(|m| !m.is_weak)
                });
                if overlaps && !taken {
                    under.push((off / height, candidate));
                }
            }
            if !under.is_empty() {
                under.sort_by(|a, b| a.0.total_cmp(&b.0));
                return under.into_iter().map(|(off, c)| scaled(c, (1.0 - 0.06 * off).max(0.4))).collect();
            }
        }
        Vec::new()
    }

    /// The values of a kind among words, from left to right.
    fn values(&self, first: usize, end: usize, kind: Kind) -> Vec<Candidate> {
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

    /// The days behind the number of a document in its row: `Rechnung Nr. 471102 vom 05.06.2018`.
    fn dates_behind_numbers(&self) -> Vec<Candidate> {
        let heads = self.labels.iter().filter(|label| label.strength(Concept::InvoiceNumber).is_some());
        let behind = heads.filter_map(|label| {
            let row = &self.sheet.rows[label.row];
            let number = shapes::values(self.sheet, label.end, row.end, Kind::Code).into_iter().next()?;
            let &(_, number_end) = number.words.first()?;
            let day = self.values(number_end, row.end, Kind::Date).into_iter().next()?;
            let &(first, _) = day.words.first()?;
            let is_other = |other: &Label| {
                number_end <= other.first && other.end <= first && other.meanings.iter().any(|meaning| !meaning.is_weak)
            };
            let is_close = first - number_end <= MAX_BEFORE_DAY;
            let is_own = !labels::in_row(&self.labels, label.row).any(is_other);
            (is_close && is_own).then(|| day.from(Origin::Beside { first: label.first, end: label.end }))
        });
        behind.collect()
    }

    /// The first day of the first page that no label claims for something else.
    fn unlabelled_date(&self) -> Option<Candidate> {
        let claimed = |first: usize| {
            let row = self.sheet.words[first].row;
            let before = labels::in_row(&self.labels, row).filter(|label| label.end <= first).max_by_key(|l| l.end);
            before.is_some_and(|label| {
                let is_other_date = label.meanings.iter().any(|m| LEXICON.kind(m.concept) == Kind::Date && !m.is_weak);
                is_other_date && label.strength(Concept::Date).is_none()
            })
        };
        let find = self.matches.dates.iter().find(|find| !claimed(find.first))?;
        let depth = self.sheet.depth(self.sheet.words[find.first].row);
        let seen = self.sheet.legibility(find.first, find.end);
        let score = (0.62 - 0.25 * depth) * seen;
        Some(Candidate::printed(self.sheet, find.first, find.end, Value::String(find.date.to_string()), score))
    }

    fn currency(&self) -> Option<Candidate> {
        let code = self.matches.currency(self.sheet)?;
        let find = self.matches.amounts.iter().find(|find| find.amount.currency == Some(code));
        let words = find.map(|find| (find.first, find.end)).into_iter().collect();
        Some(Candidate::new(Value::String(code.to_owned()), None, words, 0.9))
    }
}

/// What the fields of a template are called in its own words, with their indices.
pub(crate) fn own_labels(query: &[FieldQuery]) -> Vec<(String, usize)> {
    let numbered = query.iter().enumerate();
    let labels = |query: &FieldQuery| {
        if query.hints.are_exclusive() { query.hints.labels.clone() } else { query.own_labels.clone() }
    };
    numbered.flat_map(|(index, query)| labels(query).into_iter().map(move |label| (label, index))).collect()
}

fn scaled(candidate: Candidate, by: f32) -> Candidate {
    Candidate { score: candidate.score * by, ..candidate }
}

/// A decimal as JSON has it.
pub(crate) fn number(value: Decimal) -> Value {
    let whole = value.is_integer().then(|| value.to_i64()).flatten();
    match whole {
        Some(whole) => Value::Number(whole.into()),
        None => value.to_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
    }
}
