//! Claims work from the queue, has it done in worker processes, finds fields in what they read, and stores the results.
//!
//! [`WorkerPool`] runs files through child processes of the same executable, each of which calls [`serve`];
//! [`Pipeline`] feeds it from the database. What holds:
//!
//! * **Strangers' bytes are decoded in workers only.** A worker has no rights, makes only the system calls that reading
//!   takes, reaches neither the network nor other processes, and sees no files but libraries, fonts and language models;
//!   the file at hand comes to it as an open read-only descriptor beside the request (`SCM_RIGHTS`), never as a path,
//!   and is closed once its document is done.
//! * **A worker reads files of one organization only**, so that what a file does to it reaches nobody else's.
//! * **An engine may be elsewhere.** A [`RemoteEngine`] is asked by this process: to the workers it is an engine like
//!   their own, whose pictures go through the socket that they have anyway.
//! * **A worker costs at most its page.** Its memory is limited and each page has a deadline. One that crashes, hangs
//!   or runs out of memory is killed and replaced, and its page has used up one of its attempts; the pages in line
//!   behind it have not. After the last attempt the page fails with the reason in words. What an engine or a decoder
//!   *says* is wrong is an answer, not a failure: it is stored at once and never tried again.
//! * **No worker outlives its server**, even one killed with SIGKILL: a thread in the worker sees the socket close and
//!   ends the process, whatever the others are at.
//! * **An item in hand is ours or let go of.** Leases are renewed while an item waits, is worked on or is being stored.
//!   When a lease is lost, or the batch cancelled or deleted, the worker at it is killed; the storage refuses results
//!   of items that are no longer ours, so a page is stored at most once.
//! * **What was read before is not read again** when it would be read in the same way: the record takes over the pages
//!   of the first one of its project. The way includes what the workers say of their program and models.
//! * **Nothing is lost to a database that is away**: claims, results and releases are tried until they succeed.
//! * **A worker that finishes a page finds the next in memory**: half as many items again are claimed as there are
//!   workers, and no more, for who comes next waits behind them.
//! * **A file costs no more than its budget.** Every attempt is counted in the worker's time. After two pages that ran
//!   out of theirs the others have one short attempt each, and when the file's budget is used up they have none.
//! * **A document that is read never fails for want of its fields**, and no page waits for an extractor: fields are
//!   found in this process, on a thread of their own with a deadline. An extractor that is away is tried again; one
//!   that panics or answers nonsense is not. The record then completes without fields and says why.
//! * **The server's memory is bounded**: frames and answers have a greatest length, and a long text layer is taken page
//!   by page after its first 4 MiB; of a long document only the first pages are searched for fields, a few documents at
//!   a time.

#![cfg_attr(doctest, doc = include_str!("../README.md"))]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod frame;
mod message;
mod metrics;
mod pipeline;
mod pool;
mod remote;
mod way;
mod worker;

pub use message::{Answer, Job, TemporaryFile};
pub use metrics::PipelineMetrics;
pub use pipeline::{Pipeline, PipelineSettings};
pub use pool::{Attempt, Death, PoolSettings, PoolStatus, WorkerFailure, WorkerPool};
pub use remote::{RemoteEngine, RemotePicture, RemoteProfile};
pub use worker::{UnreadableModel, WorkerError, WorkerParts, serve};
