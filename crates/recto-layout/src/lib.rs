//! The structure of a page, derived from the positions of its content for all users of it: reading order, paragraphs,
//! headings, lists and tables.
//!
//! ```
//! use recto_domain::Rect;
//! use recto_layout::{Piece, regions};
//!
//! let line = |text, x, y| Piece::new(Rect { x, y, width: 200.0, height: 10.0 }, 10.0, text);
//! let lefts = (0..5u8).map(|i| line("a line of the left column", 50.0, 14.0 * f32::from(i)));
//! let rights = (0..5u8).map(|i| line("and one of the right column", 300.0, 5.0 + 14.0 * f32::from(i)));
//! assert_eq!(regions(&lefts.chain(rights).collect::<Vec<_>>()), [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]);
//! ```

#![cfg_attr(doctest, doc = include_str!("../README.md"))]

mod band;
mod direction;
mod evidence;
mod page;
mod piece;
mod region;
mod rules;
mod structure;

pub use direction::set_words_in_order;
pub use evidence::{EVIDENCE, Evidence};
pub use page::ordered;
pub use piece::Piece;
pub use region::{Gutter, gutters, regions};
pub use rules::joined_rules;
pub use structure::{
    Align, Cell, Column, Decoration, Element, Flow, ListItem, Marginal, Marker, MarkerStyle, Numerals, Paragraph,
    Table, elements, is_right_to_left, tables,
};
