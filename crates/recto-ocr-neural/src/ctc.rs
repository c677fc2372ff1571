//! From guesses for places to characters (A. Graves et al., "Connectionist Temporal Classification", 2006).

/// What most likely stands at a place of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Guess {
    /// `None` for nothing, which also stands between two characters that are alike.
    pub(crate) character: Option<char>,
    /// From 0 to 1.
    pub(crate) likelihood: f32,
}

/// A character that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Character {
    pub(crate) letter: char,
    /// The greatest likelihood of its places.
    pub(crate) likelihood: f32,
    /// The first of its places and the one after its last.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// The characters of a line: the same guess at places next to each other is one, and nothing is none.
pub(crate) fn characters(guesses: &[Guess]) -> Vec<Character> {
    let mut found: Vec<Character> = Vec::new();
    for (place, guess) in guesses.iter().enumerate() {
        let Some(character) = guess.character else { continue };
        match found.last_mut() {
            Some(last) if last.to == place && last.letter == character => {
                last.to = place + 1;
                last.likelihood = last.likelihood.max(guess.likelihood);
            }
            _ => found.push(Character { letter: character, likelihood: guess.likelihood, from: place, to: place + 1 }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_alike_are_one_character_unless_there_is_nothing_between_them() {
        let guess = |(i, c)| Guess { character: (c != '-').then_some(c), likelihood: 0.5 + i as f32 / 100.0 };
        let guesses: Vec<Guess> = "-ll-lo--".chars().enumerate().map(guess).collect();
        let found: Vec<_> = characters(&guesses).iter().map(|c| (c.letter, c.from, c.to)).collect();
        assert_eq!(found, [('l', 1, 3), ('l', 4, 5), ('o', 5, 6)]);
        assert_eq!(characters(&guesses)[0].likelihood, 0.52);
    }
}
