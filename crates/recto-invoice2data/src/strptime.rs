//! Parses dates in a `strptime` format.

use jiff::civil::Date;
use recto_values::month;

/// Parses a text that has exactly this format. Times of day are parsed and ignored. `None` when the text does not
/// match, or when the format has no year or an unknown code. A missing day or month is the first.
pub(super) fn parse(text: &str, format: &str) -> Option<Date> {
    let mut reader = Reader { rest: text, year: None, month: 1, day: 1, day_of_year: None };
    let mut codes = format.chars().peekable();
    while let Some(c) = codes.next() {
        match c {
            '%' => {
                let mut code = codes.next()?;
                // The flag for "without a leading zero"; both forms are accepted anyway.
                if code == '-' {
                    code = codes.next()?;
                }
                reader.code(code)?;
            }
            c if c.is_whitespace() => {
                while codes.peek().is_some_and(|c| c.is_whitespace()) {
                    codes.next();
                }
                let trimmed = reader.rest.trim_start();
                if trimmed.len() == reader.rest.len() {
                    return None;
                }
                reader.rest = trimmed;
            }
            c => reader.literal(c)?,
        }
    }
    if !reader.rest.is_empty() {
        return None;
    }
    match (reader.year?, reader.day_of_year) {
        (year, Some(days)) => Date::new(year, 1, 1).ok()?.checked_add(jiff::Span::new().days(i64::from(days) - 1)).ok(),
        (year, None) => Date::new(year, reader.month, reader.day).ok(),
    }
}

/// Checks that every code of a format is known. The error is the first that is not.
pub(super) fn check(format: &str) -> Result<(), String> {
    let mut codes = format.chars();
    while let Some(c) = codes.next() {
        if c != '%' {
            continue;
        }
        let code = match codes.next() {
            Some('-') => codes.next(),
            code => code,
        };
        match code {
            Some(code) if "dmYyBbhAaHIMSfpjzZDFTc%".contains(code) => {}
            Some(code) => return Err(format!("has the unknown code %{code}")),
            None => return Err("ends with a percent sign".to_owned()),
        }
    }
    Ok(())
}

struct Reader<'a> {
    rest: &'a str,
    year: Option<i16>,
    month: i8,
    day: i8,
    day_of_year: Option<i16>,
}

impl Reader<'_> {
    fn code(&mut self, code: char) -> Option<()> {
        match code {
            'd' => self.day = self.number(2)?,
            'm' => self.month = self.number(2)?,
            'Y' => {
                let before = self.rest.len();
                self.year = Some(self.number(4)?);
                return (before - self.rest.len() == 4).then_some(());
            }
            'y' => {
                let year: i16 = self.number(2)?;
                self.year = Some(if year < 69 { 2000 + year } else { 1900 + year });
            }
            'B' | 'b' | 'h' => {
                let word = self.word()?;
                self.month = month(word)?;
            }
            'A' | 'a' | 'Z' => {
                self.word()?;
            }
            'j' => self.day_of_year = Some(self.number(3)?),
            'H' | 'I' | 'M' | 'S' => {
                self.number::<i16>(2)?;
            }
            'f' => {
                self.number::<i32>(6)?;
            }
            'p' => {
                let word = self.word()?;
                return ["am", "pm"].contains(&word.to_lowercase().as_str()).then_some(());
            }
            'z' => {
                self.rest = self.rest.strip_prefix(['+', '-'])?;
                self.number::<i32>(2)?;
                self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
                self.number::<i32>(2)?;
            }
            'D' => return self.all("m/d/y"),
            'F' => return self.all("Y-m-d"),
            'T' => return self.all("H:M:S"),
            'c' => return self.all("a b d H:M:S Y"),
            '%' => return self.literal('%'),
            _ => return None,
        }
        Some(())
    }

    /// Several codes, with the characters between them.
    fn all(&mut self, codes: &str) -> Option<()> {
        codes.chars().try_for_each(|c| if c.is_alphabetic() { self.code(c) } else { self.literal(c) })
    }

    /// A literal character, in upper or lower case.
    fn literal(&mut self, c: char) -> Option<()> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        if next != c && !next.to_lowercase().eq(c.to_lowercase()) {
            return None;
        }
        self.rest = chars.as_str();
        Some(())
    }

    fn number<T: std::str::FromStr>(&mut self, most: usize) -> Option<T> {
        let digits = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        number.parse().ok()
    }

    /// A run of letters. The full stop of an abbreviation is left for the format.
    fn word(&mut self) -> Option<&str> {
        let end = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_the_format_are_read() {
        for (text, format) in [
            ("14/03/2018", "%d/%m/%Y"),
            ("14-Mar-18", "%d-%b-%y"),
            ("14 March 2018", "%d %B %Y"),
            ("March   14, 2018", "%B %d, %Y"),
            ("14-03-2018 10:06:20", "%d-%m-%Y %H:%M:%S"),
            ("Wed 14 Mar 2018 04:05 PM", "%a %d %b %Y %I:%M %p"),
            ("2018.3.14", "%Y.%m.%d"),
            ("14032018", "%d%m%Y"),
            ("073/2018", "%j/%Y"),
            ("2018-03-14T10:06+0100", "%Y-%m-%dT%H:%M%z"),
        ] {
            assert_eq!(parse(text, format).map(|day| day.to_string()).as_deref(), Some("2018-03-14"), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for (text, format) in [
            ("14/03/18", "%d/%m/%Y"),
            ("14/03/2018 x", "%d/%m/%Y"),
            ("31/04/2018", "%d/%m/%Y"),
            ("August 3 , 2014", "%B %d, %Y"),
            ("14/03", "%d/%m"),
        ] {
            assert_eq!(parse(text, format), None, "{text}");
        }
        assert!(check("%d-%Q").unwrap_err().contains("%Q"));
        assert_eq!(check("%-d %B %Y"), Ok(()));
    }
}
