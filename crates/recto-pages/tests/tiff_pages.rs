//! Which directories of a TIFF are pages.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Seek as _, Write as _};
use std::path::Path;

use proptest::prelude::*;
use recto_pages::{FileOpener, PageLimits, PdfLibrary};

/// A grey picture with tags of its own, and directories that it names as its parts.
#[derive(Debug, Clone, Default)]
struct Directory {
    width: u32,
    height: u32,
    luma: Vec<u8>,
    tags: Vec<(u16, u32)>,
    parts: Vec<Directory>,
}

impl Directory {
    fn tagged(mut self, tag: u16, value: u32) -> Self {
        self.tags.push((tag, value));
        self
    }
}

/// Something like lines of print, other ones for each seed.
fn sheet(width: u32, height: u32, seed: u32) -> Directory {
    let hash = |x: u32, y: u32| {
        (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA6B) ^ seed.wrapping_mul(0xC2B2_AE35))
            .wrapping_mul(0x27D4_EB2F)
            >> 24
    };
    let luma = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| {
        let (word, line) = (x / 24, y / 20);
        if y % 20 < 12 && hash(word, line) > 100 && hash(x / 3, y / 3) > 90 { 20 } else { 250 }
    });
    Directory { width, height, luma: luma.collect(), ..Directory::default() }
}

/// The picture in fewer pixels: each is the mean of those that it stands for.
fn reduced(of: &Directory, factor: f32) -> Directory {
    let (width, height) = ((of.width as f32 / factor) as u32, (of.height as f32 / factor) as u32);
    let range = |i: u32, parts: u32, whole: u32| (i * whole / parts)..((i + 1) * whole / parts);
    let luma = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| {
        let pixels: Vec<u32> = range(y, height, of.height)
            .flat_map(|row| range(x, width, of.width).map(move |column| row * of.width + column))
            .map(|i| u32::from(of.luma[i as usize]))
            .collect();
        (pixels.iter().sum::<u32>() / pixels.len() as u32) as u8
    });
    Directory { width, height, luma: luma.collect(), ..Directory::default() }
}

/// A little-endian TIFF.
fn tiff(chain: &[Directory]) -> Vec<u8> {
    let mut file = b"II\x2A\0\0\0\0\0".to_vec();
    let mut link = 4;
    for directory in chain {
        let (at, next) = write(&mut file, directory);
        file[link..link + 4].copy_from_slice(&at.to_le_bytes());
        link = next;
    }
    file
}

/// Where the directory was written, and where the offset of the next one belongs.
fn write(file: &mut Vec<u8>, directory: &Directory) -> (u32, usize) {
    let parts: Vec<u32> = directory.parts.iter().map(|part| write(file, part).0).collect();
    let offsets = file.len() as u32;
    file.extend(parts.iter().flat_map(|part| part.to_le_bytes()));
    let strip = file.len() as u32;
    file.extend(&directory.luma);
    let mut entries: Vec<(u16, u32, u32)> = vec![
        (256, 1, directory.width),
        (257, 1, directory.height),
        (258, 1, 8),
        (259, 1, 1),
        (262, 1, 1),
        (273, 1, strip),
        (277, 1, 1),
        (278, 1, directory.height),
        (279, 1, directory.luma.len() as u32),
    ];
    entries.extend(directory.tags.iter().map(|&(tag, value)| (tag, 1, value)));
    match parts.as_slice() {
        [] => {}
        [part] => entries.push((330, 1, *part)),
        _ => entries.push((330, parts.len() as u32, offsets)),
    }
    entries.sort_unstable();
    let at = file.len();
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(4u16.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    let next = file.len();
    file.extend([0; 4]);
    (at as u32, next)
}

/// The widths of the file's pages.
fn pages(chain: &[Directory]) -> Vec<u32> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/pdfium/libpdfium.so");
    let opener = FileOpener::new(PdfLibrary::from_file(&library).unwrap(), PageLimits::default());
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&tiff(chain)).unwrap();
    file.rewind().unwrap();
    let mut file = opener.open(file).unwrap();
    (1..=file.page_count()).map(|number| file.render(number, 300).unwrap().image.width()).collect()
}

const NEW_SUBFILE_TYPE: u16 = 254;
const SUBFILE_TYPE: u16 = 255;

#[test]
fn thumbnails_and_masks_that_say_so_are_no_pages() {
    let page = sheet(300, 400, 1);
    let blank = Directory { luma: vec![255; 75 * 100], width: 75, height: 100, ..Directory::default() };
    for (tag, value) in [(NEW_SUBFILE_TYPE, 1), (NEW_SUBFILE_TYPE, 5), (NEW_SUBFILE_TYPE, 4), (SUBFILE_TYPE, 2)] {
        let thumbnail = blank.clone().tagged(tag, value);
        assert_eq!(pages(&[page.clone(), thumbnail.clone()]), [300]);
        assert_eq!(pages(&[thumbnail, page.clone()]), [300]);
    }
    let pages_of_many = [page.clone().tagged(NEW_SUBFILE_TYPE, 2), sheet(300, 400, 2).tagged(SUBFILE_TYPE, 3)];
    assert_eq!(pages(&pages_of_many), [300, 300]);
}

#[test]
fn a_thumbnail_that_names_its_picture_stands_for_it() {
    let mut thumbnail = reduced(&sheet(300, 400, 1), 4.0).tagged(NEW_SUBFILE_TYPE, 1);
    thumbnail.parts = vec![reduced(&sheet(300, 400, 1), 2.0).tagged(NEW_SUBFILE_TYPE, 1), sheet(300, 400, 1)];
    assert_eq!(pages(&[thumbnail]), [300]);
    let mut page = sheet(300, 400, 1);
    page.parts = vec![reduced(&page, 4.0).tagged(NEW_SUBFILE_TYPE, 1)];
    assert_eq!(pages(&[page]), [300]);
}

#[test]
fn marks_on_all_directories_say_nothing() {
    let marked = |seed| sheet(300, 400, seed).tagged(NEW_SUBFILE_TYPE, 1);
    assert_eq!(pages(&[marked(1), marked(2)]), [300, 300]);
}

#[test]
fn smaller_pages_of_their_own_stay() {
    assert_eq!(pages(&[sheet(600, 800, 1), sheet(300, 400, 2), sheet(150, 200, 3)]), [600, 300, 150]);
    let blank = |width: u32, height: u32| Directory {
        luma: vec![255; (width * height) as usize],
        width,
        height,
        ..Directory::default()
    };
    assert_eq!(pages(&[blank(300, 400), blank(150, 200)]), [300, 150]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_reduced_copy_without_a_mark_is_no_page(
        width in 300u32..500, height in 300u32..500, factor in 1.6f32..8.0, first in any::<bool>(), more in 0u32..3,
    ) {
        let page = sheet(width, height, 7);
        let copy = reduced(&page, factor);
        let mut chain = if first { vec![copy, page] } else { vec![page, copy] };
        chain.extend((0..more).map(|i| sheet(width, height, 8 + i)));
        prop_assert_eq!(pages(&chain), vec![width; 1 + more as usize]);
    }
}
