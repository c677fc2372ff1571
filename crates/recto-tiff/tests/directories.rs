//! Directories of sound, looping, cut and arbitrary files.
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::Cursor;

use proptest::prelude::*;
use recto_tiff::{Tiff, TiffError, tag};

/// A directory of a file that is made here: its entries (tag, kind, count, value) and where the next one stands.
struct Made {
    entries: Vec<(u16, u16, u32, u32)>,
    next: u32,
}

/// The bytes that one takes.
fn length(made: &Made) -> u32 {
    2 + 12 * made.entries.len() as u32 + 4
}

/// A little-endian file with these directories one behind the other.
fn file(directories: &[Made]) -> Vec<u8> {
    let mut bytes = b"II\x2A\0\x08\0\0\0".to_vec();
    for made in directories {
        bytes.extend((made.entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in &made.entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(made.next.to_le_bytes());
    }
    bytes
}

/// The offset of the directory at an index of [`file`].
fn offset(directories: &[Made], index: usize) -> u32 {
    8 + directories[..index].iter().map(length).sum::<u32>()
}

fn page(width: u32) -> Made {
    Made { entries: vec![(tag::WIDTH, 4, 1, width), (tag::HEIGHT, 4, 1, width)], next: 0 }
}

fn open(bytes: Vec<u8>) -> Tiff<Cursor<Vec<u8>>> {
    Tiff::open(Cursor::new(bytes)).unwrap()
}

#[test]
fn a_directory_is_read_in_either_byte_order_and_in_bigtiff() {
    let little = &b"II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"[..];
    let big = &b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"[..];
    let bigtiff = &b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0\
        \x01\0\0\0\0\0\0\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[..];
    for bytes in [little, big, bigtiff] {
        let directory = open(bytes.to_vec()).first_directory(&[tag::ORIENTATION]).unwrap();
        assert_eq!(directory.integer(tag::ORIENTATION), Some(6));
    }
}

#[test]
fn fractions_and_floating_point_numbers_are_read() {
    let mut bytes = file(&[Made {
        entries: vec![(tag::X_RESOLUTION, 5, 1, 38), (tag::Y_RESOLUTION, 11, 1, 72.5f32.to_bits())],
        next: 0,
    }]);
    assert_eq!(bytes.len(), 38);
    bytes.extend([0x2C, 1, 0, 0, 2, 0, 0, 0]);
    let directory = open(bytes).first_directory(&[tag::X_RESOLUTION, tag::Y_RESOLUTION]).unwrap();
    assert_eq!((directory.real(tag::X_RESOLUTION), directory.real(tag::Y_RESOLUTION)), (Some(150.0), Some(72.5)));
    assert_eq!(directory.integer(tag::X_RESOLUTION), None);
}

#[test]
fn of_a_tag_that_stands_twice_the_first_counts() {
    let entries = vec![(tag::ORIENTATION, 3, 1, 6), (tag::ORIENTATION, 3, 1, 3)];
    let directory = open(file(&[Made { entries, next: 0 }])).first_directory(&[tag::ORIENTATION]).unwrap();
    assert_eq!(directory.integer(tag::ORIENTATION), Some(6));
}

#[test]
fn thumbnails_and_masks_are_no_pages_unless_there_is_nothing_else() {
    let mut chain = [page(40), page(400), page(400)];
    chain[0].entries.push((tag::NEW_SUBFILE_TYPE, 4, 1, 1));
    chain[2].entries.push((tag::NEW_SUBFILE_TYPE, 4, 1, 4));
    for index in 0..2 {
        chain[index].next = offset(&chain, index + 1);
    }
    let pages = open(file(&chain)).pages().unwrap();
    assert_eq!(pages.iter().map(|page| page.size.0).collect::<Vec<_>>(), [400]);
    let mut alone = page(40);
    alone.entries.push((tag::NEW_SUBFILE_TYPE, 4, 1, 1));
    assert_eq!(open(file(&[alone])).pages().unwrap().len(), 1);
}

#[test]
fn more_values_than_any_picture_has_are_refused() {
    let entries = vec![(tag::STRIP_OFFSETS, 4, u32::MAX, 8)];
    let refused = open(file(&[Made { entries, next: 0 }])).first_directory(&[tag::STRIP_OFFSETS]);
    assert!(matches!(refused, Err(TiffError::TooManyValues)));
}

/// What a caller may ask of a file.
fn everything(bytes: Vec<u8>) -> Result<(), TiffError> {
    let mut tiff = Tiff::open(Cursor::new(bytes))?;
    let wanted = [tag::WIDTH, tag::HEIGHT, tag::STRIP_OFFSETS, tag::X_RESOLUTION, tag::SUB_DIRECTORIES];
    for page in tiff.pages()? {
        tiff.directory(page.offset, &wanted)?;
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_chain_that_loops_names_each_directory_once(sides in prop::collection::vec(1u32..9, 1..12), back in any::<prop::sample::Index>()) {
        let mut chain: Vec<_> = sides.iter().map(|&side| page(side)).collect();
        let last = chain.len() - 1;
        for index in 0..last {
            chain[index].next = offset(&chain, index + 1);
        }
        chain[last].next = offset(&chain, back.index(chain.len()));
        let pages = open(file(&chain)).pages().unwrap();
        prop_assert_eq!(pages.iter().map(|page| page.size.0).collect::<Vec<_>>(), sides);
    }

    #[test]
    fn what_a_cut_file_still_has_is_as_in_the_whole_one(sides in prop::collection::vec(1u32..9, 1..12), cut in any::<prop::sample::Index>()) {
        let mut chain: Vec<_> = sides.iter().map(|&side| page(side)).collect();
        for index in 0..chain.len() - 1 {
            chain[index].next = offset(&chain, index + 1);
        }
        let mut bytes = file(&chain);
        bytes.truncate(cut.index(bytes.len()));
        if let Ok(mut tiff) = Tiff::open(Cursor::new(bytes)) {
            let pages = tiff.pages().unwrap_or_default();
            prop_assert!(pages.len() <= sides.len());
            for (page, side) in pages.iter().zip(&sides) {
                prop_assert!(page.size == (*side, *side) || page.size == (0, 0));
            }
        }
    }

    #[test]
    fn any_bytes_end_in_directories_or_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..300), head in prop::sample::select(vec![
            &b"II\x2A\0\x08\0\0\0"[..], b"MM\0\x2A\0\0\0\x08", b"II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0", b"",
        ]),
    ) {
        // An error is an answer; what counts is that there is one.
        let _ = everything([head, &bytes].concat());
    }

    /// Entries whose tags, kinds and counts are likely ones lead further than arbitrary bytes do.
    #[test]
    fn any_entries_end_in_directories_or_an_error(
        entries in prop::collection::vec((250u16..340, 0u16..20, 0u32..64, 0u32..400), 0..20), next in 0u32..400,
    ) {
        let _ = everything(file(&[Made { entries, next }]));
    }
}
