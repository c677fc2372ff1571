//! Data reduction: every stream passes through here before it is written, and stays unchanged unless it gets smaller.

use std::borrow::Cow;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Value, json};

use super::object::{Dictionary, Object};
use super::picture::{MAX_DECODED_BYTES, one_at_a_time};
use super::samples::{Coded, Samples};
use super::source::{Bare, undone};
use crate::options::Optimization;

/// Smaller pictures, in bytes, gain too little to justify a loss.
const LEAST_PHOTOGRAPH: usize = 4096;
/// A lossy picture must get smaller than this share of its original size.
const WORTH_A_LOSS: f64 = 0.9;
/// Types of streams that are read by programs other than PDF viewers, or that contain the positions of all others.
const KEPT: [&str; 2] = ["Metadata", "XRef"];

/// Reduces streams, and counts the savings.
#[derive(Debug, Default)]
pub(super) struct Optimizer {
    level: Optimization,
    pictures: Savings,
    others: Savings,
}

/// Streams that became smaller.
#[derive(Debug, Default, Clone, Copy)]
struct Savings {
    streams: u64,
    bytes_before: u64,
    bytes_after: u64,
}

impl Optimizer {
    pub(super) fn new(level: Optimization) -> Self {
        Self { level, ..Self::default() }
    }

    /// How much streams are reduced.
    pub(super) fn level(&self) -> Optimization {
        self.level
    }

    /// Whether a stream is considered.
    pub(super) fn takes(&self, dictionary: &Dictionary) -> bool {
        self.level > Optimization::None && !KEPT.iter().any(|kind| dictionary.is("Type", kind))
    }

    /// The stream to write.
    pub(super) fn smaller<'a>(&mut self, dictionary: Dictionary, data: Cow<'a, [u8]>) -> (Dictionary, Cow<'a, [u8]>) {
        if !self.takes(&dictionary) {
            return (dictionary, data);
        }
        let is_picture = dictionary.is("Subtype", "Image");
        let found = if is_picture { self.picture(&dictionary, &data) } else { recompressed(&dictionary, &data) };
        let Some((smaller, coded)) = found else { return (dictionary, data) };
        let savings = if is_picture { &mut self.pictures } else { &mut self.others };
        savings.streams += 1;
        savings.bytes_before += data.len() as u64;
        savings.bytes_after += coded.len() as u64;
        (smaller, coded.into())
    }

    fn picture(&self, dictionary: &Dictionary, data: &[u8]) -> Option<Coded> {
        let quality = self.level.jpeg_quality().filter(|_| data.len() >= LEAST_PHOTOGRAPH);
        if dictionary.is("Filter", "DCTDecode") && quality.is_none() {
            return None;
        }
        let _turn = one_at_a_time();
        let samples = Samples::decode(dictionary, data, MAX_DECODED_BYTES)?;
        let lossless = if samples.is_lossy { None } else { samples.lossless(dictionary) };
        let least = lossless.as_ref().map_or(data.len(), |(_, coded)| coded.len().min(data.len()));
        let photograph = quality.and_then(|quality| samples.photograph(dictionary, quality));
        let photograph = photograph.filter(|(_, coded)| (coded.len() as f64) < WORTH_A_LOSS * least as f64);
        photograph.or(lossless).filter(|(_, coded)| coded.len() < data.len())
    }

    /// The savings, for a program.
    pub(super) fn value(&self) -> Value {
        let told = |savings: &Savings| json!({"streams": savings.streams, "bytesBefore": savings.bytes_before, "bytesAfter": savings.bytes_after});
        json!({"level": self.level.name().parse::<u8>().ok(), "pictures": told(&self.pictures), "others": told(&self.others)})
    }
}

/// Data other than pictures, compressed with Flate as much as possible.
fn recompressed(dictionary: &Dictionary, data: &[u8]) -> Option<Coded> {
    let Bare { filter: None, data: plain, .. } = undone(dictionary, data, MAX_DECODED_BYTES)? else { return None };
    let coded = best_deflated(&plain).ok().filter(|coded| coded.len() < data.len())?;
    let mut dictionary = dictionary.clone();
    for key in ["Length", "DecodeParms"] {
        dictionary.remove(key);
    }
    Some((dictionary.with("Filter", Object::name("FlateDecode")), coded))
}

fn best_deflated(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data)?;
    encoder.finish()
}
