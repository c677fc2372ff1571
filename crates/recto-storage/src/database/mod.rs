//! The two databases: connections, transactions, and obstacles to storing.

pub(crate) mod connections;
#[cfg(test)]
pub(crate) mod faults;
pub(crate) mod handle;
pub(crate) mod insert;
pub(crate) mod obstacle;
pub(crate) mod postgres;
#[cfg(test)]
pub(crate) mod query_plans;
pub(crate) mod rows;
pub(crate) mod sqlite;
pub(crate) mod sqlite_residue;
pub(crate) mod transaction;
