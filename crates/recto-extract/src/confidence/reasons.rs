//! Reasons for the confidence in a value, worded for a person.

use super::features::Features;
use crate::candidate::{Candidate, Origin};
use crate::sheet::Sheet;

/// Words with a lower confidence may be misread.
const POORLY_READ: f32 = 0.7;
/// A rival is close when the lead over it is smaller than this.
const CLOSE: f32 = 0.15;

/// Two or three reasons: first the origin of the value, then the evidence for and against it.
pub(super) fn decisive(sheet: &Sheet, candidate: &Candidate, features: &Features) -> Vec<String> {
    let label = |first: usize, end: usize| {
        let text = sheet.text(first, end);
        text.trim_end_matches([':', ' ', '.']).to_owned()
    };
    let led = match candidate.origin {
        Origin::Beside { first, end } => format!("stands beside \"{}\"", label(first, end)),
        Origin::Below { first, end } => format!("stands under \"{}\"", label(first, end)),
        Origin::Party => "stands among the lines that name this party".to_owned(),
        Origin::Sums { add_up: true } => "total, net and tax add up".to_owned(),
        Origin::Sums { add_up: false } if candidate.is_computed => "follows from the other sums".to_owned(),
        Origin::Sums { add_up: false } => "is the likeliest of the sums".to_owned(),
        Origin::Shape => "has the shape of such a value".to_owned(),
        Origin::Remaining => "is left over by all other fields".to_owned(),
        Origin::Template => "matches what the template says".to_owned(),
        Origin::Kind => "is the likeliest value of its kind".to_owned(),
    };
    let mut why = vec![led];
    if candidate.is_contested {
        why.push("is the likelier value of another field".to_owned());
    } else if features.get("is_alone") > 0.0 {
        why.push("no other value comes into question".to_owned());
    } else if features.get("lead") < CLOSE {
        why.push("another value is nearly as likely".to_owned());
    }
    if features.get("is_repeated") > 0.0 {
        why.push("is printed more than once".to_owned());
    }
    if features.get("legibility") < POORLY_READ {
        why.push("is hard to read".to_owned());
    }
    why.truncate(3);
    why
}
