//! The messages between the server and its workers.
//!
//! The server sends a greeting and the worker answers [`Reply::Ready`]. From then on, every [`Instruction::Work`] is
//! answered in order, by any number of [`Reply::Pages`] and one other reply. Every [`Reply::Question`] in between is
//! answered by an [`Instruction::Read`].

use std::fs::File;
use std::os::fd::AsRawFd as _;

use recto_domain::{
    Block, EngineInfo, FileKind, LanguageChoice, Languages, Page, PageRange, Passwords, Rotation, TextLayerUse,
};
use serde::{Deserialize, Serialize};

use crate::remote::RemoteProfile;
use crate::way::Way;

/// The first frame to a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Greeting {
    /// The limit of the worker's address space in bytes.
    pub memory_bytes: u64,
    /// Engines that the worker may use through the server.
    pub remote: Vec<RemoteProfile>,
}

/// A frame to a worker after its introduction.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Instruction {
    /// A job to do.
    Work(Request),
    /// A remote engine's reading of the picture that the worker asked about.
    Read(Reading),
}

/// The result of a remote engine, or the reason why there is none, worded for a person.
pub(crate) type Reading = Result<Vec<Block>, String>;

/// A picture to be read by a remote engine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    /// The engine's name.
    pub engine: String,
    /// A grey PNG in Base64.
    pub png: String,
    /// Pixels per inch.
    pub dpi: u32,
    /// The languages of the text.
    pub languages: Languages,
}

/// A job together with the name of its file. The file itself travels beside the frame as a descriptor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The name of the file. The worker may already have it open under this name.
    pub blob: String,
    /// The job to do.
    pub job: Job,
}

/// A job that a worker can do with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Job {
    /// Find out the type of the file, count its pages and extract the text that it carries.
    Open {
        /// The pages wanted; `None` for all.
        wanted: Option<PageRange>,
        /// How to use the text that the file carries; `None` for the worker's default.
        text_layer: Option<TextLayerUse>,
    },
    /// Read one page.
    Page {
        /// The page number, from 1.
        number: u32,
        /// The engine's name, or [`ANY_ENGINE`](recto_domain::ANY_ENGINE); `None` for the worker's default.
        engine: Option<String>,
        /// The languages of the text; `None` for the worker's default.
        languages: Option<LanguageChoice>,
        /// How to use the text that the file carries; `None` for the worker's default.
        text_layer: Option<TextLayerUse>,
    },
    /// Draw one page for people to look at.
    Picture {
        /// The page number, from 1.
        number: u32,
        /// The clockwise rotation that sets the stored page upright: [`Page::rotation`].
        rotation: Rotation,
        /// The greatest length of the longer side, in pixels.
        max_side: u32,
    },
    /// Draw one page of a PDF in colour, for an export.
    Drawing {
        /// The page number, from 1.
        number: u32,
        /// The clockwise rotation that sets the stored page upright: [`Page::rotation`].
        rotation: Rotation,
        /// Pixels per inch.
        dpi: u32,
    },
    /// Extract the invoice that a PDF carries as data.
    EInvoice,
    /// Remove the protection of a PDF that opens only with one of these passwords.
    Unlock {
        /// The passwords, tried in this order.
        passwords: Passwords,
    },
}

/// The worker's result of a job.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// The file can be read.
    Opened {
        /// The type of the file.
        kind: FileKind,
        /// The wanted pages in order, with the text that the file carries for them. Later pages of a long text may come
        /// without it; [`Job::Page`] then extracts it.
        pages: Vec<(u32, Option<Page>)>,
    },
    /// The page was read, or it is [`Page::failed`] with the reason why it can never be read.
    Page(Page),
    /// A grey PNG of the page, or for [`Job::Drawing`] a PNG or JPEG in colour.
    Picture(Vec<u8>),
    /// The XML of the invoice that the file carries; `None` when there is none.
    EInvoice(Option<Vec<u8>>),
    /// The file without its protection, in an unnamed temporary file; `None` when it opens without a password.
    Unlocked(Option<TemporaryFile>),
    /// The file as a whole cannot be read, or not in the requested way; worded for a person. Trying again gives the
    /// same result.
    FileFailure(String),
}

/// An open file without a name.
#[derive(Debug)]
pub struct TemporaryFile(pub File);

impl PartialEq for TemporaryFile {
    /// Whether both are the same open file.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_raw_fd() == other.0.as_raw_fd()
    }
}

/// A frame from a worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// The worker is ready for jobs.
    Ready(Introduction),
    /// Some of the wanted pages of the file that is being opened. It also shows that the worker is alive.
    Pages(Vec<(u32, Option<Page>)>),
    /// All pages were sent.
    Opened(FileKind),
    /// A remote engine must read a picture before the answer can come.
    Question(Question),
    /// See [`Answer::Page`].
    Page(Page),
    /// See [`Answer::Picture`]; in Base64.
    Picture(String),
    /// See [`Answer::EInvoice`]; in Base64.
    EInvoice(Option<String>),
    /// The next bytes of a file without its protection, in Base64.
    Bytes(String),
    /// All bytes of the file were sent (`true`), or the file opens without a password (`false`).
    Unlocked(bool),
    /// See [`Answer::FileFailure`].
    FileFailure(String),
}

/// A worker's description of itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Introduction {
    /// The engines of the worker.
    pub engines: Vec<EngineInfo>,
    /// The kinds of confinement in effect, in words.
    pub walls: Vec<String>,
    /// The parts of the sandbox that this machine could not set up; empty when all are in effect.
    pub unconfined: Vec<String>,
    /// How the worker reads.
    pub way: Option<Way>,
}
