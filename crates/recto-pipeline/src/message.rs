//! What the server and its workers say to each other.
//!
//! The server greets, the worker answers [`Reply::Ready`]; from then on every [`Instruction::Work`] is answered, in order, by
//! any number of [`Reply::Pages`] and one of the others. Every [`Reply::Question`] in between is answered by an
//! [`Instruction::Read`].

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
    /// The address space the worker may use, in bytes.
    pub memory_bytes: u64,
    /// Engines that it may have the server ask.
    pub remote: Vec<RemoteProfile>,
}

/// A frame to a worker that has introduced itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Instruction {
    /// Something to do.
    Work(Request),
    /// What a remote engine made of the picture that the worker asked about.
    Read(Reading),
}

/// What a remote engine read, or why it did not, for a person.
pub(crate) type Reading = Result<Vec<Block>, String>;

/// A picture for a remote engine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    /// The engine's name.
    pub engine: String,
    /// A grey PNG in Base64.
    pub png: String,
    /// Pixels per inch.
    pub dpi: u32,
    /// What it is written in.
    pub languages: Languages,
}

/// A job with the file it is about, which travels beside it as a descriptor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Tells the worker that it may have this file open already.
    pub blob: String,
    /// What to do.
    pub job: Job,
}

/// What a worker can be asked to do with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Job {
    /// Find out what the file is, count its pages and take what text it carries.
    Open {
        /// The pages wanted; all when `None`.
        wanted: Option<PageRange>,
        /// What to make of the text that the file carries; the worker's default when `None`.
        text_layer: Option<TextLayerUse>,
    },
    /// Read one page.
    Page {
        /// From 1.
        number: u32,
        /// The engine's name, or [`ANY_ENGINE`](recto_domain::ANY_ENGINE); the worker's default when `None`.
        engine: Option<String>,
        /// Languages of the text; the worker's default when `None`.
        languages: Option<LanguageChoice>,
        /// What to make of the text that the file carries; the worker's default when `None`.
        text_layer: Option<TextLayerUse>,
    },
    /// Draw one page for people to look at.
    Picture {
        /// From 1.
        number: u32,
        /// What the stored page is turned by, clockwise, to be upright: [`Page::rotation`].
        rotation: Rotation,
        /// The longer side has at most so many pixels.
        max_side: u32,
    },
    /// Draw one page of a PDF in its colours, for an export.
    Drawing {
        /// From 1.
        number: u32,
        /// What the stored page is turned by, clockwise, to be upright: [`Page::rotation`].
        rotation: Rotation,
        /// Pixels per inch.
        dpi: u32,
    },
    /// Look for the invoice that a PDF carries as data.
    EInvoice,
    /// Take the protection off a PDF that opens with one of these passwords only.
    Unlock {
        /// To be tried in this order.
        passwords: Passwords,
    },
}

/// What a worker made of a job.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// The file is sound.
    Opened {
        /// What it is.
        kind: FileKind,
        /// The wanted pages in order, with their text where the file carries it. Later pages of a long text may come
        /// without it though they carry some: [`Job::Page`] takes it then.
        pages: Vec<(u32, Option<Page>)>,
    },
    /// The page was read, or [`Page::failed`] with the reason that it can never be.
    Page(Page),
    /// A grey PNG of the page, or the PNG or JPEG in colours that [`Job::Drawing`] asks for.
    Picture(Vec<u8>),
    /// The XML of the invoice that the file carries; `None` without one.
    EInvoice(Option<Vec<u8>>),
    /// The file without its protection, in a temporary file without a name; `None` when it opens without a password.
    Unlocked(Option<TemporaryFile>),
    /// The file, or the way it is to be read, is wrong as a whole; for a person. Trying again leads to the same.
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
    /// The worker takes jobs.
    Ready(Introduction),
    /// Some of the wanted pages of the file that is being opened. Also says that the worker is alive.
    Pages(Vec<(u32, Option<Page>)>),
    /// The last of the pages were sent.
    Opened(FileKind),
    /// A remote engine is to read something before the answer can come.
    Question(Question),
    /// See [`Answer::Page`].
    Page(Page),
    /// See [`Answer::Picture`]; in Base64.
    Picture(String),
    /// See [`Answer::EInvoice`]; in Base64.
    EInvoice(Option<String>),
    /// The next bytes of a file without its protection; in Base64.
    Bytes(String),
    /// All bytes of it were sent, or the file opens without a password (`false`).
    Unlocked(bool),
    /// See [`Answer::FileFailure`].
    FileFailure(String),
}

/// What a worker says of itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Introduction {
    /// The engines it has.
    pub engines: Vec<EngineInfo>,
    /// What shuts it in, in words.
    pub walls: Vec<String>,
    /// What of the sandbox this machine could not set up; empty when all of it stands.
    pub unconfined: Vec<String>,
    /// How it reads.
    pub way: Option<Way>,
}
