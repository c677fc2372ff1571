//! Room on the disk, and what is kept back of it.

pub(crate) mod ballast;
pub(crate) mod reserve;
pub(crate) mod space;
