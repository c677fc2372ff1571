//! A paper that has been drawn, and what a reader should find on it.

use serde_json::{Map, Value, json};

use crate::papers::canvas::Canvas;
use crate::papers::style::{Cents, Style, plain};

/// A paper, drawn, with what is printed on it.
pub(crate) struct Paper {
    pub(crate) canvas: Canvas,
    pub(crate) truth: Truth,
    /// What a corpus calls the kind of paper.
    pub(crate) doctype: &'static str,
    pub(crate) language: String,
    pub(crate) country: String,
    /// Who issued it.
    pub(crate) issuer: String,
}

/// The values that are printed on a paper by the names that a person would ask for them, and how each is printed.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) values: Map<String, Value>,
    /// The texts that the page must have, in their parts as lines break them.
    pub(crate) printed: Vec<String>,
}

impl Truth {
    /// A value, and how it is printed.
    pub(crate) fn tell(&mut self, name: &str, value: &str, printed: &str) {
        self.values.insert(name.to_owned(), json!(value));
        self.printed.push(printed.to_owned());
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        self.tell(name, value, value);
    }

    pub(crate) fn day(&mut self, style: &Style<'_>, name: &str, day: jiff::civil::Date) {
        self.tell(name, &day.to_string(), &style.day(day));
    }

    pub(crate) fn sum(&mut self, style: &Style<'_>, name: &str, cents: Cents) {
        self.tell(name, &plain(cents), &style.number(cents, 2));
    }

    /// A text in several lines, told as one.
    pub(crate) fn lines(&mut self, name: &str, lines: &[String]) {
        self.values.insert(name.to_owned(), json!(lines.join(", ")));
        self.printed.extend(lines.iter().cloned());
    }
}

/// What stands in a head or a foot: a label and its value.
pub(crate) struct Fact {
    pub(crate) label: String,
    pub(crate) shown: String,
}
