//! Backslash escapes.

/// The letters and digits that `\w`, `\d` and `\s` stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// Those of all scripts.
    Unicode,
    /// Those of ASCII, as under `(?a)`.
    Ascii,
}

/// The members of `\d`, `\s` or `\w`, for use within a class.
fn members(letter: char, alphabet: Alphabet) -> Option<&'static str> {
    Some(match (letter, alphabet) {
        ('d', Alphabet::Unicode) => r"\d",
        ('d', Alphabet::Ascii) => "0-9",
        ('s', Alphabet::Unicode) => r"\s\x1c-\x1f",
        ('s', Alphabet::Ascii) => r"\t-\r\x20",
        // Combining marks are not part of words.
        ('w', Alphabet::Unicode) => r"\p{L}\p{N}_",
        ('w', Alphabet::Ascii) => "0-9A-Za-z_",
        _ => return None,
    })
}

/// Translates the escape at the start of `chars`, outside of a class; also returns the number of characters that it
/// takes.
pub(super) fn outside_class(chars: &[char], alphabet: Alphabet) -> Result<(String, usize), String> {
    let Some(&letter) = chars.get(1) else { return Err("a backslash is at the end".to_owned()) };
    let text = match letter {
        'A' => r"\A".to_owned(),
        'Z' | 'z' => r"\z".to_owned(),
        'b' | 'B' => format!("\\{letter}"),
        '1'..='9' if !is_octal(chars) => {
            let digits: String = chars[1..].iter().take(2).take_while(|c| c.is_ascii_digit()).collect();
            return Ok((format!(r"(?:\{digits})"), 1 + digits.len()));
        }
        _ => return in_either(chars, alphabet, false),
    };
    Ok((text, 2))
}

/// The same for an escape within a class.
pub(super) fn within_class(chars: &[char], alphabet: Alphabet) -> Result<(String, usize), String> {
    match chars.get(1) {
        None => Err("a backslash is at the end".to_owned()),
        Some('b') => Ok((r"\x08".to_owned(), 2)),
        Some(_) => in_either(chars, alphabet, true),
    }
}

/// Three octal digits, the first at most 3, are a character rather than a reference.
fn is_octal(chars: &[char]) -> bool {
    matches!(chars, [_, '0'..='3', '0'..='7', '0'..='7', ..])
}

fn in_either(chars: &[char], alphabet: Alphabet, in_class: bool) -> Result<(String, usize), String> {
    let letter = chars[1];
    if let Some(members) = members(letter.to_ascii_lowercase(), alphabet) {
        let is_negated = letter.is_ascii_uppercase();
        let text = match (in_class, is_negated) {
            (true, false) => members.to_owned(),
            (_, true) => format!("[^{members}]"),
            (false, false) => format!("[{members}]"),
        };
        return Ok((text, 2));
    }
    let text = match letter {
        'n' | 'r' | 't' | 'f' | 'v' | 'a' => format!("\\x{:02x}", control(letter)),
        'x' => return coded(chars, 2),
        'u' => return coded(chars, 4),
        'U' => return coded(chars, 8),
        '0' => return octal(chars),
        '1'..='9' if is_octal(chars) => return octal(chars),
        // Python's own module does not have this, but the module that can replace it does.
        'p' | 'P' if chars.get(2) == Some(&'{') => {
            let length = chars.iter().position(|c| *c == '}').ok_or("a Unicode property is not closed")?;
            return Ok((chars[..=length].iter().collect(), length + 1));
        }
        c if c.is_ascii_alphanumeric() => return Err(format!(r"\{c} is not known")),
        c => literal(c),
    };
    Ok((text, 2))
}

/// A character that stands for itself, inside and outside of classes.
pub(super) fn literal(c: char) -> String {
    if c.is_ascii_punctuation() || c == ' ' { format!("\\x{:02x}", c as u32) } else { c.to_string() }
}

fn control(letter: char) -> u8 {
    match letter {
        'n' => 0x0a,
        'r' => 0x0d,
        't' => 0x09,
        'f' => 0x0c,
        'v' => 0x0b,
        _ => 0x07,
    }
}

/// A character given by its number in hexadecimal digits.
fn coded(chars: &[char], digits: usize) -> Result<(String, usize), String> {
    let code: String = chars[2..].iter().take(digits).take_while(|c| c.is_ascii_hexdigit()).collect();
    let number = u32::from_str_radix(&code, 16).ok().filter(|_| code.len() == digits);
    match number.and_then(char::from_u32) {
        Some(c) => Ok((format!("\\x{{{:x}}}", c as u32), 2 + digits)),
        None => Err(format!(r"\{} needs {digits} hexadecimal digits", chars[1])),
    }
}

fn octal(chars: &[char]) -> Result<(String, usize), String> {
    let digits: String = chars[1..].iter().take(3).take_while(|c| matches!(c, '0'..='7')).collect();
    let number = u32::from_str_radix(&digits, 8).map_err(|_| "an octal number is too large".to_owned())?;
    Ok((format!("\\x{{{number:x}}}"), 1 + digits.len()))
}
