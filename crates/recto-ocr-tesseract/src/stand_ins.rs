//! What the archive of Tesseract that is linked in calls instead of functions of other libraries; `build.rs` has the
//! list. Each is called thousands of times a page to no end:
//!
//! * OpenMP has several threads share the work of one line. Recto reads a page a core, so that there is one thread,
//!   for which `libgomp` makes and wakes teams all the same. This is its interface (`libgomp.map`, "OpenMP ABI") for
//!   teams of one.
//! * Each line's picture is packed as PNG and unpacked at once by the same function. Leptonica's own format is its
//!   pixels as they lie in memory, and is known to the unpacking function by its first bytes as any other.
#![allow(unsafe_code)]

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
extern "C-unwind" fn recto_parallel(body: Body, data: *mut c_void, _threads: c_uint, _flags: c_uint) {
    body(data);
}

#[unsafe(no_mangle)]
extern "C-unwind" fn recto_parallel_sections(
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
extern "C" fn recto_sections_next() -> c_uint {
    let Sections { next, count } = SECTIONS.get();
    if next > count {
        return 0;
    }
    SECTIONS.set(Sections { next: next + 1, count });
    next
}

#[unsafe(no_mangle)]
extern "C" fn recto_sections_end() {}

#[unsafe(no_mangle)]
extern "C" fn recto_thread_count() -> c_int {
    1
}

#[unsafe(no_mangle)]
extern "C" fn recto_thread_number() -> c_int {
    0
}

// SAFETY: the signature is that of `allheaders.h` of Leptonica.
unsafe extern "C" {
    fn pixWriteMemSpix(data: *mut *mut u8, size: *mut usize, picture: *mut c_void) -> c_int;
}

/// `pixWriteMem`, whatever format is asked for.
///
/// # Safety
/// As for `pixWriteMemSpix`: the picture is one of Leptonica's or null, and the other two can be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn recto_write_picture(
    data: *mut *mut u8,
    size: *mut usize,
    picture: *mut c_void,
    _format: c_int,
) -> c_int {
    // SAFETY: the caller's.
    unsafe { pixWriteMemSpix(data, size, picture) }
}
