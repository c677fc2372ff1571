//! Records: what was read in each file, and what people and clients do with it.

pub(crate) mod corrections;
pub(crate) mod history;
pub(crate) mod packed_page;
pub(crate) mod records;
pub(crate) mod results;
