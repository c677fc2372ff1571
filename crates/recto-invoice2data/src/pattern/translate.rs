//! Translates Python's syntax of regular expressions to that of `fancy-regex`.
//!
//! These differ and are written out with the same meaning: `{,n}` and braces that are not a count, brackets and doubled
//! characters inside classes, `$` before a last line feed, `\Z`, `\w` without combining marks, verbose patterns,
//! comments, and escapes that only one of the two knows.

use super::class;
use super::escape::{self, Alphabet};

/// The pattern in the other syntax, or what is wrong with it.
pub(super) fn to_rust(source: &str) -> Result<String, String> {
    let mut reader = Reader {
        chars: source.chars().collect(),
        at: 0,
        out: String::with_capacity(source.len() + 16),
        flags: Flags::default(),
        outer: Vec::new(),
    };
    while let Some(c) = reader.peek() {
        reader.item(c)?;
    }
    if reader.outer.is_empty() { Ok(reader.out) } else { Err("a group is not closed".to_owned()) }
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    multi_line: bool,
    verbose: bool,
    ascii: bool,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    out: String,
    flags: Flags,
    /// The flags outside of each open group.
    outer: Vec<Flags>,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn looks_at(&self, text: &str) -> bool {
        let mut ahead = self.chars[self.at..].iter();
        text.chars().all(|c| ahead.next() == Some(&c))
    }

    fn alphabet(&self) -> Alphabet {
        if self.flags.ascii { Alphabet::Ascii } else { Alphabet::Unicode }
    }

    fn item(&mut self, c: char) -> Result<(), String> {
        match c {
            '\\' => {
                let (text, used) = escape::outside_class(&self.chars[self.at..], self.alphabet())?;
                self.out.push_str(&text);
                self.at += used;
            }
            '[' => {
                let (text, used) = class::read(&self.chars[self.at..], self.alphabet())?;
                self.out.push_str(&text);
                self.at += used;
            }
            '(' => return self.group(),
            ')' => {
                self.flags = self.outer.pop().ok_or("a closing parenthesis has no opening one")?;
                self.keep(c);
            }
            '{' => self.braces(),
            '}' | ']' => {
                self.out.push('\\');
                self.keep(c);
            }
            // It also matches before a line feed at the end.
            '$' if !self.flags.multi_line => {
                self.out.push_str(r"(?=\n?\z)");
                self.at += 1;
            }
            c if self.flags.verbose && c.is_whitespace() => self.at += 1,
            '#' if self.flags.verbose => {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
            }
            _ => self.keep(c),
        }
        Ok(())
    }

    fn keep(&mut self, c: char) {
        self.out.push(c);
        self.at += 1;
    }

    /// A count such as `{2,5}`, or literal braces.
    fn braces(&mut self) {
        let inside: String = self.chars[self.at + 1..].iter().take_while(|c| **c != '}').collect();
        let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        let is_closed = self.chars.get(self.at + 1 + inside.chars().count()) == Some(&'}');
        let count = match inside.split_once(',') {
            _ if !is_closed => None,
            Some((least, most)) if is_number(least) && is_number(most) => {
                Some(format!("{{{},{most}}}", if least.is_empty() { "0" } else { least }))
            }
            None if !inside.is_empty() && is_number(&inside) => Some(format!("{{{inside}}}")),
            _ => None,
        };
        if let Some(count) = count {
            self.out.push_str(&count);
            self.at += inside.chars().count() + 2;
        } else {
            self.out.push('\\');
            self.keep('{');
        }
    }

    fn group(&mut self) -> Result<(), String> {
        if self.looks_at("(?#") {
            let length = self.chars[self.at..].iter().position(|c| *c == ')').ok_or("a comment is not closed")?;
            self.at += length + 1;
            return Ok(());
        }
        for head in ["(?P=", "(?("] {
            if self.looks_at(head) {
                return self.reference(head);
            }
        }
        for head in ["(?P<", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"] {
            if self.looks_at(head) {
                self.open(head);
                return Ok(());
            }
        }
        if self.looks_at("(?P") {
            let shown: String = self.chars[self.at..].iter().take(4).collect();
            return Err(format!("{shown} is not supported"));
        }
        if self.looks_at("(?") && !self.looks_at("(?<") {
            return self.flag_group();
        }
        self.open("(");
        Ok(())
    }

    fn open(&mut self, head: &str) {
        self.outer.push(self.flags);
        self.out.push_str(head);
        self.at += head.len();
    }

    /// `(?P=name)`, or the head of `(?(1)yes|no)`.
    fn reference(&mut self, head: &str) -> Result<(), String> {
        let rest = &self.chars[self.at + head.len()..];
        let length = rest.iter().position(|c| *c == ')').ok_or("a group is not closed")?;
        let name: String = rest[..length].iter().collect();
        self.at += head.len() + length + 1;
        if head == "(?(" {
            self.outer.push(self.flags);
            let is_number = name.chars().all(|c| c.is_ascii_digit());
            self.out.extend(if is_number { ["(?(", &name, ")"] } else { ["(?(<", &name, ">)"] });
        } else {
            self.out.extend(["(?P=", &name, ")"]);
        }
        Ok(())
    }

    /// `(?im)` for the rest of the pattern, or `(?i-m:…)`.
    fn flag_group(&mut self) -> Result<(), String> {
        let start = self.at + 2;
        let length = self.chars[start..].iter().position(|c| matches!(c, ')' | ':')).ok_or("a group is not closed")?;
        let is_scoped = self.chars[start + length] == ':';
        let before = self.flags;
        let (mut on, mut off, mut is_on) = (String::new(), String::new(), true);
        for index in start..start + length {
            let c = self.chars[index];
            match c {
                '-' => is_on = false,
                'm' => self.flags.multi_line = is_on,
                'x' => self.flags.verbose = is_on,
                'a' => self.flags.ascii = is_on,
                'u' | 'L' => self.flags.ascii = false,
                'i' | 's' => {}
                _ => return Err(format!("{c} is not a known flag")),
            }
            if matches!(c, 'i' | 'm' | 's') {
                if is_on { on.push(c) } else { off.push(c) }
            }
        }
        self.at = start + length + 1;
        if is_scoped {
            self.outer.push(before);
        } else if start > 2 {
            return Err("flags for the whole pattern must be at its start".to_owned());
        }
        let off = if off.is_empty() { off } else { format!("-{off}") };
        match (is_scoped, on.is_empty() && off.is_empty()) {
            (true, _) => self.out.extend(["(?", &on, &off, ":"]),
            (false, false) => self.out.extend(["(?", &on, &off, ")"]),
            (false, true) => {}
        }
        Ok(())
    }
}
