//! Chance that a seed repeats.

use crate::papers::language::Said;

/// Throws that the same seed repeats on every machine: the generator `SplitMix64` of Steele, Lea and Flood.
pub(crate) struct Dice(u64);

impl Dice {
    /// The dice of one of the papers of a seed: a paper stays the same however many others are made.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let mut dice = Self(seed ^ number.wrapping_mul(0xa076_1d64_78bd_642f));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is above zero.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number from `from` to `to`, both among them.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1) as usize) as i64
    }

    /// From 0 up to 1.
    pub(crate) fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// From `from` up to `to`.
    pub(crate) fn within(&mut self, from: f32, to: f32) -> f32 {
        from + self.share() * (to - from)
    }

    /// Whether what happens in so many of a hundred cases happens.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of some choices, of which there is one at least.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// One of some names of a field, of which there is one at least.
    pub(crate) fn name<'a>(&mut self, names: &[&'a str]) -> &'a str {
        names[self.below(names.len())]
    }

    /// One of the ways to say something.
    pub(crate) fn say<'a>(&mut self, said: &'a Said) -> &'a str {
        self.pick::<String>(&said.0)
    }

    /// A text with a digit for each `#`, a digit that is not zero for each `%`, and a capital letter for each `@`.
    pub(crate) fn filled(&mut self, pattern: &str) -> String {
        let letter = |c: char| match c {
            '#' => char::from(b'0' + self.below(10) as u8),
            '%' => char::from(b'1' + self.below(9) as u8),
            '@' => char::from(b'A' + self.below(26) as u8),
            other => other,
        };
        pattern.chars().map(letter).collect()
    }

    /// One of some patterns, filled.
    pub(crate) fn one_of(&mut self, patterns: &[&str]) -> String {
        let pattern = *self.pick(patterns);
        self.filled(pattern)
    }
}
