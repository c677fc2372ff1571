//! Functions that `tesseract-rs` lacks or declares wrongly.
//!
//! Its `PageIterator::orientation` and `paragraph_info` use the result of C functions that return nothing, and the
//! latter lets C write an `int` into a `bool`. Its `block_type` exists only for an iterator that is returned by a
//! layout analysis. The declarations here follow `tesseract/capi.h` of Tesseract 5.
#![allow(unsafe_code)]

use std::ffi::{c_float, c_int, c_void};

use tesseract_rs::{ResultIterator, TessOrientation, TessPageIteratorLevel, TessPolyBlockType};

// SAFETY: the signatures are those of capi.h; `tesseract-rs` links the library.
unsafe extern "C" {
    fn TessResultIteratorGetPageIteratorConst(iterator: *mut c_void) -> *const c_void;
    fn TessPageIteratorBlockType(iterator: *const c_void) -> c_int;
    fn TessPageIteratorIsAtBeginningOf(iterator: *const c_void, level: c_int) -> c_int;
    fn TessPageIteratorOrientation(
        iterator: *const c_void,
        orientation: *mut c_int,
        writing_direction: *mut c_int,
        textline_order: *mut c_int,
        deskew_angle: *mut c_float,
    );
}

/// Calls `ask` with the page iterator inside a result iterator; `None` when there is none.
fn on_page<T>(iterator: &ResultIterator, ask: impl FnOnce(*const c_void) -> T) -> Option<T> {
    let handle = iterator.handle.lock().ok()?;
    // SAFETY: the handle is the iterator's own, alive as long as it; the result is a view of the same object.
    let page = unsafe { TessResultIteratorGetPageIteratorConst(*handle) };
    (!page.is_null()).then(|| ask(page))
}

/// The type of the current block according to the layout analysis.
pub(crate) fn block_type(iterator: &ResultIterator) -> Option<TessPolyBlockType> {
    // SAFETY: `on_page` gives a live page iterator.
    on_page(iterator, |page| TessPolyBlockType::from_int(unsafe { TessPageIteratorBlockType(page) }))
}

/// Whether the current word is the first one of an element.
pub(crate) fn is_at_beginning_of(iterator: &ResultIterator, level: TessPageIteratorLevel) -> bool {
    // SAFETY: `on_page` gives a live page iterator.
    on_page(iterator, |page| unsafe { TessPageIteratorIsAtBeginningOf(page, level as c_int) } != 0).unwrap_or(false)
}

/// The orientation of the letters of the current block.
pub(crate) fn orientation(iterator: &ResultIterator) -> TessOrientation {
    let (mut orientation, mut direction, mut order, mut angle) = (0, 0, 0, 0.0);
    // SAFETY: `on_page` gives a live page iterator; the four places outlive the call.
    on_page(iterator, |page| unsafe {
        TessPageIteratorOrientation(page, &raw mut orientation, &raw mut direction, &raw mut order, &raw mut angle);
    });
    TessOrientation::from_int(orientation)
}
