//! What the archive of Tesseract that is linked in calls instead of functions of other libraries; `build.rs` has the
//! list. But for the last two, what they do is the same, or comes to the same, and costs less:
//!
//! * OpenMP has several threads share the work of one line. Recto reads a page a core, so that there is one thread,
//!   for which `libgomp` makes and wakes teams all the same. This is its interface (`libgomp.map`, "OpenMP ABI") for
//!   teams of one.
//! * Each line's picture is packed as PNG and unpacked at once by the same function. Leptonica's own format is its
//!   pixels as they lie in memory, and is known to the unpacking function by its first bytes as any other.
//! * Ruling lines are found by opening the page with bricks a quarter of an inch long, one pixel after another. A brick
//!   of 75 pixels is one of 15, and 5 of those side by side (Leptonica's `pixOpenCompBrick`).
//! * Loading any model, Tesseract sorts a built-in list of letters that are easily mistaken for each other, which takes
//!   longer than the model itself. Only its old engine asks that list, and only for words, which Recto has the newer
//!   one read.
//! * Given the address of a picture Tesseract fetches it, and it looks for models in archives. Recto does neither, and
//!   needs libcurl, libarchive and the forty libraries that they bring for nothing else.
#![allow(unsafe_code, non_snake_case)] // They are named as what they stand in for.

use std::cell::Cell;
use std::ffi::{c_int, c_uint, c_void};

thread_local! {
    /// The sections that are still to be run, of those that were asked for last.
    static SECTIONS: Cell<Sections> = const { Cell::new(Sections { next: 1, count: 0 }) };
}

/// Sections count from 1.
#[derive(Clone, Copy)]
struct Sections {
    next: c_uint,
    count: c_uint,
}

type Body = extern "C-unwind" fn(*mut c_void);

#[unsafe(no_mangle)]
extern "C-unwind" fn recto_GOMP_parallel(body: Body, data: *mut c_void, _threads: c_uint, _flags: c_uint) {
    body(data);
}

#[unsafe(no_mangle)]
extern "C-unwind" fn recto_GOMP_parallel_sections(
    body: Body,
    data: *mut c_void,
    _threads: c_uint,
    count: c_uint,
    _flags: c_uint,
) {
    let outer = SECTIONS.replace(Sections { next: 1, count });
    body(data);
    SECTIONS.set(outer);
}

/// The number of the section that is to be run now; 0 when none is left.
#[unsafe(no_mangle)]
extern "C" fn recto_GOMP_sections_next() -> c_uint {
    let Sections { next, count } = SECTIONS.get();
    if next > count {
        return 0;
    }
    SECTIONS.set(Sections { next: next + 1, count });
    next
}

#[unsafe(no_mangle)]
extern "C" fn recto_GOMP_sections_end_nowait() {}

#[unsafe(no_mangle)]
extern "C" fn recto_omp_get_num_threads() -> c_int {
    1
}

#[unsafe(no_mangle)]
extern "C" fn recto_omp_get_thread_num() -> c_int {
    0
}

// SAFETY: the signatures are those of `allheaders.h` of Leptonica.
unsafe extern "C" {
    fn pixWriteMemSpix(data: *mut *mut u8, size: *mut usize, picture: *mut c_void) -> c_int;
    fn pixOpenBrick(target: *mut c_void, source: *mut c_void, width: c_int, height: c_int) -> *mut c_void;
    fn pixOpenCompBrick(target: *mut c_void, source: *mut c_void, width: c_int, height: c_int) -> *mut c_void;
    fn selectComposableSizes(size: c_int, one: *mut c_int, other: *mut c_int) -> c_int;
}

/// `pixWriteMem`, whatever format is asked for.
///
/// # Safety
/// As for `pixWriteMemSpix`: the picture is one of Leptonica's or null, and the other two can be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn recto_pixWriteMem(
    data: *mut *mut u8,
    size: *mut usize,
    picture: *mut c_void,
    _format: c_int,
) -> c_int {
    // SAFETY: the caller's.
    unsafe { pixWriteMemSpix(data, size, picture) }
}

/// `pixOpenBrick`, to the pixel.
///
/// # Safety
/// As for `pixOpenBrick`: both pictures are Leptonica's or null.
#[unsafe(no_mangle)]
unsafe extern "C" fn recto_pixOpenBrick(
    target: *mut c_void,
    source: *mut c_void,
    width: c_int,
    height: c_int,
) -> *mut c_void {
    let open: unsafe extern "C" fn(_, _, _, _) -> _ =
        if is_composed(width) && is_composed(height) { pixOpenCompBrick } else { pixOpenBrick };
    // SAFETY: the caller's.
    unsafe { open(target, source, width, height) }
}

/// `UnicharAmbigs::LoadUniversal`: the list stays empty.
#[unsafe(export_name = "_ZN9tesseract13UnicharAmbigs13LoadUniversalERKNS_10UNICHARSETEPS1_")]
extern "C" fn load_no_ambiguities(_list: *mut c_void, _of: *const c_void, _letters: *mut c_void) {}

/// Functions that find nothing, or refuse what is asked of them.
macro_rules! absent {
    ($answer:expr, $type:ty: $($name:ident)*) => {
        $(#[unsafe(no_mangle)]
        extern "C" fn $name() -> $type {
            $answer
        })*
    };
}

absent! { std::ptr::null(), *const c_void:
    recto_archive_read_new
    recto_archive_entry_pathname
    recto_curl_easy_init
    recto_curl_easy_strerror
}

// Without the objects that those make, these are never reached.
absent! { -1, isize:
    recto_archive_entry_size
    recto_archive_read_data
    recto_archive_read_free
    recto_archive_read_next_header
    recto_archive_read_open_filename
    recto_archive_read_support_filter_all
    recto_archive_read_support_format_all
    recto_curl_easy_cleanup
    recto_curl_easy_perform
    recto_curl_easy_setopt
}

/// Whether two factors that Leptonica chooses make up a size exactly; the others would be opened by a brick of nearly
/// that size.
fn is_composed(size: c_int) -> bool {
    let (mut one, mut other) = (0, 0);
    // SAFETY: any size can be asked for, and the two places outlive the call.
    let refused = unsafe { selectComposableSizes(size, &raw mut one, &raw mut other) };
    refused == 0 && one * other == size
}

#[cfg(test)]
mod tests {
    use recto_ocr::PageImage;

    use super::*;
    use crate::picture::Picture;

    // SAFETY: the signatures are those of `allheaders.h` of Leptonica.
    unsafe extern "C" {
        fn pixReadMem(data: *const u8, size: usize) -> *mut c_void;
        fn pixEqual(one: *mut c_void, other: *mut c_void, same: *mut c_int) -> c_int;
        fn pixDestroy(picture: *mut *mut c_void);
        fn lept_free(data: *mut c_void);
    }

    /// Blots of all sizes, over the edges too.
    fn blots() -> Picture {
        let (width, height) = (331u32, 257u32);
        let mut luma = vec![255; (width * height) as usize];
        for i in 0..60u32 {
            let (left, top, side) = (i * 97 % width, i * 61 % height, 1 + i * i % 120);
            for y in top..(top + side / (1 + i % 5)).min(height) {
                luma[(y * width + left) as usize..(y * width + (left + side).min(width)) as usize].fill(0);
            }
        }
        Picture::of(&PageImage::new(width, height, 300, luma)).unwrap()
    }

    fn is_same(one: *mut c_void, other: *mut c_void) -> bool {
        let mut same = 0;
        // SAFETY: both are pictures, and the place outlives the call.
        assert_eq!(unsafe { pixEqual(one, other, &raw mut same) }, 0);
        same == 1
    }

    #[test]
    fn bricks_of_any_size_open_as_leptonica_does() {
        let page = blots();
        for (width, height) in [(1, 75), (75, 1), (15, 15), (1, 37), (37, 1), (50, 1), (7, 7), (1, 1), (100, 1)] {
            // SAFETY: the picture is alive; without a target a new one is made, which is given back.
            unsafe {
                let mut mine = recto_pixOpenBrick(std::ptr::null_mut(), page.as_ptr(), width, height);
                let mut theirs = pixOpenBrick(std::ptr::null_mut(), page.as_ptr(), width, height);
                assert!(is_same(mine, theirs), "{width} x {height}");
                pixDestroy(&raw mut mine);
                pixDestroy(&raw mut theirs);
            }
        }
    }

    #[test]
    fn a_written_picture_is_read_again() {
        let page = blots();
        let (mut data, mut size) = (std::ptr::null_mut(), 0);
        // SAFETY: the picture is alive, the places outlive the call, and what was allocated is given back.
        unsafe {
            assert_eq!(recto_pixWriteMem(&raw mut data, &raw mut size, page.as_ptr(), 3), 0);
            let mut read = pixReadMem(data, size);
            assert!(is_same(read, page.as_ptr()));
            pixDestroy(&raw mut read);
            lept_free(data.cast());
        }
    }

    #[test]
    fn every_section_is_run_once_and_in_order() {
        extern "C-unwind" fn body(run: *mut c_void) {
            // SAFETY: it is the list below.
            let run = unsafe { &mut *run.cast::<Vec<c_uint>>() };
            while let section @ 1.. = recto_GOMP_sections_next() {
                run.push(section);
                if section == 2 && run.len() == 2 {
                    recto_GOMP_parallel_sections(body, std::ptr::from_mut(run).cast(), 4, 1, 0);
                }
            }
            recto_GOMP_sections_end_nowait();
        }
        let mut run: Vec<c_uint> = Vec::new();
        recto_GOMP_parallel_sections(body, (&raw mut run).cast(), 4, 3, 0);
        assert_eq!(run, [1, 2, 1, 3]);
        assert_eq!(recto_GOMP_sections_next(), 0);
    }
}
