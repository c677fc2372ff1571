//! Replacements of matches.

use super::Match;

/// A parsed replacement in Python's syntax.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Replacement(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    /// The text of the group with this number; 0 is the whole match.
    Group(usize),
}

impl Replacement {
    /// Parses a replacement for a pattern with these groups. The error message says what is wrong.
    pub(super) fn parse(source: &str, groups: &[Option<&str>]) -> Result<Self, String> {
        let chars: Vec<char> = source.chars().collect();
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            at += 1;
            if c != '\\' {
                text.push(c);
                continue;
            }
            let Some(&letter) = chars.get(at) else { return Err("a backslash is at the end".to_owned()) };
            at += 1;
            let name: String = match letter {
                'n' | 'r' | 't' | 'f' | 'v' | 'a' => {
                    text.push(control(letter));
                    continue;
                }
                '1'..='9' => chars[at - 1..].iter().take(2).take_while(|c| c.is_ascii_digit()).collect(),
                'g' => {
                    let name = chars[at..].iter().skip(1).take_while(|c| **c != '>').collect::<String>();
                    if chars.get(at) != Some(&'<') || name.is_empty() {
                        return Err(r"\g needs a group, as in \g<1>".to_owned());
                    }
                    name
                }
                '0' => {
                    text.push('\0');
                    continue;
                }
                c if c.is_ascii_alphabetic() => return Err(format!(r"\{c} is not known")),
                c => {
                    if c != '\\' {
                        text.push('\\');
                    }
                    text.push(c);
                    continue;
                }
            };
            at += if letter == 'g' { name.chars().count() + 2 } else { name.len() - 1 };
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(Part::Group(group(&name, groups)?));
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self(parts))
    }

    /// The replacement for a match in a text.
    pub(super) fn expand(&self, matched: &Match, text: &str) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Group(0) => text[matched.range.clone()].to_owned(),
            Part::Group(index) => {
                let range = matched.groups.get(index - 1).cloned().flatten();
                range.map_or_else(String::new, |range| text[range].to_owned())
            }
        };
        self.0.iter().map(part).collect()
    }
}

fn group(name: &str, groups: &[Option<&str>]) -> Result<usize, String> {
    let index = match name.parse::<usize>() {
        Ok(index) => Some(index).filter(|index| *index <= groups.len()),
        Err(_) => groups.iter().position(|group| *group == Some(name)).map(|index| index + 1),
    };
    index.ok_or_else(|| format!("the pattern has no group {name}"))
}

fn control(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'f' => '\u{c}',
        'v' => '\u{b}',
        _ => '\u{7}',
    }
}
