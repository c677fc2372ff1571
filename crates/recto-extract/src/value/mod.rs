//! Values as they stand on pages: amounts, days, numbers of documents.

pub(crate) mod amount;
pub(crate) mod currency;
pub(crate) mod date;
pub(crate) mod figures;
pub(crate) mod months;
