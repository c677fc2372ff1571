//! Documents that were made up, line by line as text, with what they say.
//!
//! Receipts and papers with known values are few, and most come from a few countries. `bench/made` has heads of
//! receipts, whole receipts and papers of the whole world, set here as a till or a typewriter would print them.

mod documents;
mod heads;

use std::path::{Path, PathBuf};

use anyhow::Context;
use recto_domain::{Block, BlockKind, Line, Page, Rect, Rotation, Size, Word};
use serde::de::DeserializeOwned;
use unicode_bidi::{BidiClass, bidi_class};

use crate::papers::{Dice, misread};

pub(crate) use documents::{measure, papers, receipts};
pub(crate) use heads::heads;

/// How many of a hundred words of what is learned from get an error of recognition.
const MISREAD: usize = 6;
/// The height of the usual letters, in points, and the width of one as its share.
const HEIGHT: f32 = 10.0;
const WIDTH: f32 = 0.55;
/// The distance of lines, in heights of their letters.
const LEADING: f32 = 1.3;
/// The margin of the paper, in points.
const MARGIN: f32 = 12.0;

/// A made receipt, or its head, as a page, with the shop's name and address; empty if it has none.
pub(crate) struct MadeShop {
    pub(crate) id: String,
    pub(crate) page: Page,
    pub(crate) name: String,
    pub(crate) address: String,
}

/// What the lines of the files of a folder hold, in the order of the files' names.
fn entries<T: DeserializeOwned>(folder: &str) -> anyhow::Result<Vec<T>> {
    let mut entries = Vec::new();
    for file in files(folder)? {
        let text = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        for (at, line) in text.lines().enumerate() {
            let entry = serde_json::from_str(line);
            entries.push(entry.with_context(|| format!("line {} of {} is wrong", at + 1, file.display()))?);
        }
    }
    Ok(entries)
}

fn files(folder: &str) -> anyhow::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("made").join(folder);
    let entries = std::fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    Ok(files)
}

/// The page with lines of words on paper of that size. With dice, some words are misread.
fn page(lines: impl Iterator<Item = Vec<Word>>, size: Size, dice: Option<Dice>) -> Page {
    let mut dice = dice;
    let block = |words: Vec<Word>| {
        let words = match &mut dice {
            Some(dice) => misread::misread(dice, words, MISREAD),
            None => words,
        };
        Block::of(BlockKind::default(), vec![Line::of(0.0, words)?])
    };
    Page::read(1, size, Rotation::None, None, None, lines.filter_map(block).collect())
}

/// The words of a line whose letters are `letter` wide and `height` high, from its top left.
fn words(text: &str, left: f32, top: f32, letter: f32, height: f32) -> Vec<Word> {
    let from_right = is_right_to_left(text);
    let count = text.chars().count();
    let mut words = Vec::new();
    let mut at = 0;
    for part in text.split(' ') {
        let length = part.chars().count();
        if length > 0 {
            let begin = if from_right { count - at - length } else { at };
            let bbox = Rect { x: left + begin as f32 * letter, y: top, width: length as f32 * letter, height };
            words.push(Word { text: part.to_owned(), bbox, confidence: 1.0 });
        }
        at += length + 1;
    }
    words
}

fn is_right_to_left(text: &str) -> bool {
    let count = |classes: &[BidiClass]| text.chars().filter(|c| classes.contains(&bidi_class(*c))).count();
    count(&[BidiClass::R, BidiClass::AL]) > count(&[BidiClass::L])
}
