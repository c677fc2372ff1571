//! Character classes in brackets.

use super::escape::{self, Alphabet};

/// Translates the class at the start of `chars`; also returns the number of characters that it takes.
pub(super) fn read(chars: &[char], alphabet: Alphabet) -> Result<(String, usize), String> {
    let mut out = String::from("[");
    let mut at = 1;
    if chars.get(at) == Some(&'^') {
        out.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let Some(&c) = chars.get(at) else { return Err("a character class is not closed".to_owned()) };
        match c {
            ']' if at > first => return Ok((out + "]", at + 1)),
            '\\' => {
                let (text, used) = escape::within_class(&chars[at..], alphabet)?;
                out.push_str(&text);
                at += used;
                continue;
            }
            '-' if is_range(chars, at, first) => out.push('-'),
            // Brackets, `&&`, `--` and `~~` would have a meaning in the other syntax.
            c => out.push_str(&escape::literal(c)),
        }
        at += 1;
    }
}

/// Whether a hyphen is between two members, neither of which is a class.
fn is_range(chars: &[char], at: usize, first: usize) -> bool {
    let is_end = matches!(chars.get(at + 1), None | Some(']'));
    let set_before = at >= first + 2 && chars[at - 2] == '\\' && is_set(chars[at - 1]);
    let set_behind = chars.get(at + 1) == Some(&'\\') && chars.get(at + 2).copied().is_some_and(is_set);
    at > first && !is_end && !set_before && !set_behind && !ends_range(chars, at, first)
}

fn is_set(letter: char) -> bool {
    matches!(letter, 'd' | 'D' | 's' | 'S' | 'w' | 'W')
}

/// Whether the character before a hyphen already ends a range, as in `[a-z-9]`.
fn ends_range(chars: &[char], at: usize, first: usize) -> bool {
    at >= first + 3 && chars[at - 2] == '-' && is_range(chars, at - 2, first)
}
