//! Free disk space, and the reserve.

pub(crate) mod ballast;
pub(crate) mod reserve;
pub(crate) mod space;
