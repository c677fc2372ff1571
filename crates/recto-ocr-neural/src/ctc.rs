//! Decodes guesses for places into characters (A. Graves et al., "Connectionist Temporal Classification", 2006).

/// The most probable character at a place of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Guess {
    /// `None` for no character, which also separates two equal characters.
    pub(crate) character: Option<char>,
    /// The probability of the character, from 0 to 1.
    pub(crate) likelihood: f32,
    /// The log odds of a blank between words against the most probable guess: 0 or less.
    pub(crate) blank: f32,
}

/// A recognised character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Character {
    pub(crate) letter: char,
    /// The greatest probability among its places.
    pub(crate) likelihood: f32,
    /// The greatest log odds of a blank against the most probable guess, at the places between the previous character
    /// and this one.
    pub(crate) blank: f32,
    /// Its first place, and the place after its last one.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// The characters of a line. Equal guesses at adjacent places form one character, and places without a character are
/// dropped.
pub(crate) fn characters(guesses: &[Guess]) -> Vec<Character> {
    let mut found: Vec<Character> = Vec::new();
    let mut blank = f32::NEG_INFINITY;
    for (place, guess) in guesses.iter().enumerate() {
        let Some(character) = guess.character else {
            blank = blank.max(guess.blank);
            continue;
        };
        match found.last_mut() {
            Some(last) if last.to == place && last.letter == character => {
                last.to = place + 1;
                last.likelihood = last.likelihood.max(guess.likelihood);
            }
            _ => {
                let likelihood = guess.likelihood;
                found.push(Character { letter: character, likelihood, blank, from: place, to: place + 1 });
            }
        }
        blank = f32::NEG_INFINITY;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_alike_are_one_character_unless_there_is_nothing_between_them() {
        let guess =
            |(i, c)| Guess { character: (c != '-').then_some(c), likelihood: 0.5 + i as f32 / 100.0, blank: -9.0 };
        let guesses: Vec<Guess> = "-ll-lo--".chars().enumerate().map(guess).collect();
        let found: Vec<_> = characters(&guesses).iter().map(|c| (c.letter, c.from, c.to)).collect();
        assert_eq!(found, [('l', 1, 3), ('l', 4, 5), ('o', 5, 6)]);
        assert_eq!(characters(&guesses)[0].likelihood, 0.52);
    }
}
