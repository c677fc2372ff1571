//! Members of a JSON body that are checked one by one, so that all problems of a body are reported together.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use recto_domain::Timestamp;
use recto_storage::Limit;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::excerpt;

/// A member as it was sent. Parsing a body never fails because of it: the checks below take the value, or add the
/// problem to a list for [`ApiError::unless_empty`](crate::error::ApiError::unless_empty).
///
/// Put `#[serde(default)]` on the member, so that a member that was not sent is [`Member::Missing`].
#[derive(Debug, Default)]
pub(crate) enum Member<T> {
    /// It was not sent.
    #[default]
    Missing,
    /// It was sent as `null`.
    Null,
    /// It was sent with the right type.
    Sent(T),
    /// It was sent with another type.
    Other(Value),
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Null,
            value => T::deserialize(&value).map_or(Self::Other(value), Self::Sent),
        })
    }
}

impl<T> Member<T> {
    /// The value of an optional member; `null` counts as missing.
    pub(crate) fn optional(self, name: &str, type_name: &str, wrong: &mut Vec<String>) -> Option<T> {
        match self {
            Self::Missing | Self::Null => None,
            Self::Sent(value) => Some(value),
            Self::Other(value) => {
                wrong.push(format!("{name} must be {type_name}, not {}", shown(&value)));
                None
            }
        }
    }

    /// The value of a required member.
    pub(crate) fn required(self, name: &str, type_name: &str, wrong: &mut Vec<String>) -> Option<T> {
        if let Self::Missing | Self::Null = self {
            wrong.push(format!("{name} is missing: it must be {type_name}"));
        }
        self.optional(name, type_name, wrong)
    }
}

impl Member<bool> {
    /// An optional switch.
    pub(crate) fn flag(self, name: &str, wrong: &mut Vec<String>) -> Option<bool> {
        self.optional(name, "true or false", wrong)
    }
}

impl Member<u32> {
    /// An optional limit; `null` means the value of the settings.
    pub(crate) fn limit(self, name: &str, range: RangeInclusive<u32>, wrong: &mut Vec<String>) -> Option<Limit<u32>> {
        if let Self::Null = self {
            return Some(Limit::OfSettings);
        }
        let kind = format!("null or a whole number from {} to {}", range.start(), range.end());
        let number = self.optional(name, &kind, wrong)?;
        if !range.contains(&number) {
            wrong.push(format!("{name} must be {kind}, not {number}"));
        }
        Some(Limit::Own(number))
    }
}

impl Member<String> {
    /// A required text with a length in `chars`, after trimming.
    pub(crate) fn text(self, name: &str, chars: RangeInclusive<usize>, wrong: &mut Vec<String>) -> Option<String> {
        let text = self.required(name, &string_of(&chars), wrong)?;
        within(name, &text, &chars, wrong)
    }

    /// An optional text with a length in `chars`, after trimming.
    pub(crate) fn optional_text(
        self,
        name: &str,
        chars: RangeInclusive<usize>,
        wrong: &mut Vec<String>,
    ) -> Option<String> {
        let text = self.optional(name, &string_of(&chars), wrong)?;
        within(name, &text, &chars, wrong)
    }

    /// An optional time.
    pub(crate) fn time(self, name: &str, wrong: &mut Vec<String>) -> Option<Timestamp> {
        let text = self.optional(name, "a time as in 2026-03-31T10:00:00.000Z", wrong)?;
        read(name, &text, wrong)
    }

    /// An optional text that parses as a `T`.
    pub(crate) fn spelled<T: FromStr<Err: Display>>(self, name: &str, wrong: &mut Vec<String>) -> Option<T> {
        let text = self.optional(name, "a string", wrong)?;
        read(name, &text, wrong)
    }
}

impl Member<Vec<Value>> {
    /// Like [`Member::list`], but required.
    pub(crate) fn required_list<T: FromStr<Err: Display> + PartialEq>(
        self,
        name: &str,
        entries: RangeInclusive<usize>,
        wrong: &mut Vec<String>,
    ) -> Option<Vec<T>> {
        if let Self::Missing | Self::Null = self {
            wrong.push(format!("{name} is missing: it must be a list of {} strings", shown_range(&entries)));
        }
        self.list(name, entries, wrong)
    }

    /// A list of texts that each parse as a `T`, with a limited length. Repetitions count once; the order is that of
    /// first mention. `None` when the list is missing.
    pub(crate) fn list<T: FromStr<Err: Display> + PartialEq>(
        self,
        name: &str,
        entries: RangeInclusive<usize>,
        wrong: &mut Vec<String>,
    ) -> Option<Vec<T>> {
        let values = self.optional(name, "a list of strings", wrong)?;
        if !entries.contains(&values.len()) {
            wrong.push(format!("{name} must have {} entries, not {}", shown_range(&entries), values.len()));
            return None;
        }
        let mut list = Vec::new();
        let before = wrong.len();
        for (index, value) in values.iter().enumerate() {
            let name = format!("{name}[{index}]");
            match value {
                Value::String(text) => list.extend(read::<T>(&name, text, wrong).filter(|one| !list.contains(one))),
                other => wrong.push(format!("{name} must be a string, not {}", shown(other))),
            }
        }
        (wrong.len() == before).then_some(list)
    }
}

fn read<T: FromStr<Err: Display>>(name: &str, text: &str, wrong: &mut Vec<String>) -> Option<T> {
    text.trim().parse().map_err(|why: T::Err| wrong.push(format!("{name}: {why}, not {}", excerpt(text)))).ok()
}

fn within(name: &str, text: &str, chars: &RangeInclusive<usize>, wrong: &mut Vec<String>) -> Option<String> {
    let text = text.trim();
    let count = text.chars().count();
    if text.contains('\0') {
        // Not every database can store it.
        wrong.push(format!("{name} must not contain the NUL character"));
        return None;
    }
    if chars.contains(&count) {
        return Some(text.to_owned());
    }
    wrong.push(format!("{name} must have {} characters, not {count}", shown_range(chars)));
    None
}

fn string_of(chars: &RangeInclusive<usize>) -> String {
    format!("a string of {} characters", shown_range(chars))
}

fn shown_range(range: &RangeInclusive<usize>) -> String {
    if *range.start() == 0 {
        format!("at most {}", range.end())
    } else {
        format!("{} to {}", range.start(), range.end())
    }
}

/// A value, as shown in a message.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => excerpt(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use recto_domain::Scope;

    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Body {
        name: Member<String>,
        note: Member<String>,
        on: Member<bool>,
        until: Member<String>,
        scopes: Member<Vec<Value>>,
    }

    #[expect(clippy::type_complexity, reason = "it is taken apart at once")]
    fn check(body: &str) -> ((Option<String>, Option<String>, Option<bool>, Option<Vec<Scope>>), String) {
        let body: Body = serde_json::from_str(body).unwrap();
        let mut wrong = Vec::new();
        let name = body.name.text("name", 1..=5, &mut wrong);
        let note = body.note.optional_text("note", 0..=5, &mut wrong);
        let on = body.on.flag("on", &mut wrong);
        body.until.time("until", &mut wrong);
        let scopes = body.scopes.list("scopes", 1..=3, &mut wrong);
        ((name, note, on, scopes), wrong.join("\n"))
    }

    #[test]
    fn good_members_are_taken() {
        let (taken, wrong) = check(r#"{"name": " Ann ", "note": "", "on": true, "scopes": ["*", "tokens", "*"]}"#);
        assert_eq!(wrong, "");
        let scopes = vec![Scope::All, Scope::Tokens];
        assert_eq!(taken, (Some("Ann".to_owned()), Some(String::new()), Some(true), Some(scopes)));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let all_of_the_wrong_type = r#"{"name": 5, "note": {}, "on": "yes", "until": 7, "scopes": "*"}"#;
        let all_out_of_range =
            r#"{"name": "  ", "note": "longer", "on": null, "until": "soon", "scopes": ["all", 1, "*"]}"#;
        let said = [all_of_the_wrong_type, all_out_of_range, r#"{"scopes": []}"#, "{}"].map(|body| check(body).1);
        insta::assert_snapshot!(said.join("\n\n"));
    }
}
