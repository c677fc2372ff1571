//! Extracts the fields that a template asks for from a recognised document: values with confidence and evidence.
//!
//! The crate is pure: it uses no files, no network and no clock. Its input is a document's pages of words, its output
//! the fields.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod assignment;
mod builtin;
mod candidate;
mod check_digits;
mod concept;
mod confidence;
mod conventions;
mod driving_licence;
mod e_invoice;
mod evidence;
mod extractor;
mod field_query;
mod filling;
mod hints;
mod items;
mod label_key;
mod labels;
mod learn;
mod level;
mod lexicon;
mod likeness;
mod machine_readable_zone;
mod matches;
mod parties;
mod plan;
mod ranking;
mod ruled;
mod rules;
mod same;
mod search;
mod shapes;
mod sheet;
mod tables;
mod terms;
mod text_blocks;
mod totals;
mod vocabulary;

pub use builtin::{BUILTIN_TEMPLATES, BuiltinTemplate};
pub use confidence::{Assessed, FEATURES, WEIGHTS_FILE};
pub use evidence::{Evidence, Found};
pub use extractor::{Document, ExtractError, Extraction, Extractor};
pub use learn::{Example, LearnError, Learned, Lesson, learn, schema_of};
pub use parties::{LETTERHEAD_FILE, LINE_PARTS, LetterheadLine, letterhead};
pub use plan::FieldPlan;
pub use ranking::{RANKING_FILE, Ranked, ranking_features};
pub use rules::Rules;
pub use same::is_same;
