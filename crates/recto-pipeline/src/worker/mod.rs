//! The worker process: confined, given one file at a time, and ended together with its server.

mod connection;
mod open_files;
mod picture;
mod reader;
mod recognition;
mod remote;
mod sandbox;

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use recto_domain::{LanguageChoice, TextLayerUse};
use recto_ocr::EngineRegistry;
use recto_pages::FileOpener;
use rustix::process::{Signal, getpid, kill_process, nice};

use crate::message::{Greeting, Instruction, Introduction, Reading, Reply, Request};
use crate::way::Way;
use connection::{ConnectionError, Receiver};
use reader::{Reader, Usual};
use remote::{Link, Remote};
use sandbox::Confinement;
pub use sandbox::UnreadableModel;

/// How long files stay open without a job. The next page of a document in progress comes sooner.
const FILES_KEPT_FOR: Duration = Duration::from_millis(200);

/// The parts of a worker. Native libraries must be loaded already, because few files can be opened afterwards.
pub struct WorkerParts {
    /// Identifies this program with its models, to tell it apart from builds or models that may read differently.
    pub version: String,
    /// Opens the files.
    pub opener: FileOpener,
    /// The engines that read the pages.
    pub engines: EngineRegistry,
    /// The default engine, or [`ANY_ENGINE`](recto_domain::ANY_ENGINE).
    pub engine: String,
    /// The default languages of pages.
    pub languages: LanguageChoice,
    /// The resolution at which PDF pages are rendered, in pixels per inch.
    pub dpi: u32,
    /// The default use of text that files carry.
    pub text_layer: TextLayerUse,
    /// Folders that the engines read later, such as that of the language models, as absolute paths. The system's
    /// folders are readable anyway.
    pub readable: Vec<PathBuf>,
}

/// Why a worker could not serve.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// It was not started by the server.
    #[error("a worker must be started by Recto, not by hand")]
    NoServer(#[source] io::Error),
    /// The limits on memory and files could not be set.
    #[error("the limits of the worker could not be set: {0}")]
    Limits(#[source] io::Error),
    /// The models cannot be read without the privileges that a worker gives up.
    #[error(transparent)]
    Models(#[from] UnreadableModel),
    /// The communication broke off.
    #[error("the connection to the server was lost: {0}")]
    Conversation(String),
}

impl From<ConnectionError> for WorkerError {
    fn from(error: ConnectionError) -> Self {
        Self::Conversation(error.to_string())
    }
}

/// Makes this process a worker of the server that started it, for the rest of its life.
///
/// It must be called from the main thread while that is the only one, because the restrictions apply to threads that
/// are started afterwards. The process kills itself when the server closes the connection or dies, whatever it is
/// doing.
pub fn serve(parts: WorkerParts) -> Result<(), WorkerError> {
    let (mut sender, mut receiver) = connection::from_stdin().map_err(WorkerError::NoServer)?;
    let greeting: Greeting = receiver.receive()?;
    sandbox::limit(greeting.memory_bytes).map_err(|errno| WorkerError::Limits(errno.into()))?;
    // The server's answers to clients come first. If the system has no priorities, the worker runs without.
    let _ = nice(5);
    let confinement = sandbox::enter(&parts.readable, receiver.socket())?;
    let Instructions { requests, readings } = listen(receiver).map_err(WorkerError::Limits)?;

    let WorkerParts { version, opener, mut engines, engine, languages, dpi, text_layer, .. } = parts;
    let link = Link { sender: sender.clone(), readings: Rc::new(readings) };
    for profile in greeting.remote {
        engines = engines.with(Remote::new(profile, link.clone()));
    }
    let Confinement { walls, missing } = confinement;
    let infos = engines.infos();
    let way =
        Way { version, engines: infos.clone(), engine: engine.clone(), languages: languages.clone(), dpi, text_layer };
    sender.send(&Reply::Ready(Introduction { engines: infos, walls, unconfined: missing, way: Some(way) }))?;
    let mut reader = Reader::new(&opener, engines, Usual { engine, languages, dpi, text_layer });
    loop {
        let request = match requests.recv_timeout(FILES_KEPT_FOR) {
            Err(RecvTimeoutError::Timeout) => {
                reader.let_go();
                requests.recv().ok()
            }
            other => other.ok(),
        };
        // If no request comes, the server is gone.
        let Some((request, file)) = request else { return Ok(()) };
        reader.answer(request, file, &mut sender)?;
    }
}

/// The server's messages, separated by type.
struct Instructions {
    requests: mpsc::Receiver<(Request, File)>,
    readings: mpsc::Receiver<Reading>,
}

/// Receives on a separate thread, which notices the end of the server while this one is inside native code.
fn listen(mut receiver: Receiver) -> io::Result<Instructions> {
    let (forward_request, requests) = mpsc::sync_channel(1);
    let (forward_reading, readings) = mpsc::sync_channel(1);
    std::thread::Builder::new().name("listen".to_owned()).stack_size(256 * 1024).spawn(move || {
        while let Some(instruction) = next_instruction(&mut receiver) {
            let forwarded = match instruction {
                Instruction::Work(request) => receiver
                    .take_descriptor()
                    .is_some_and(|file| forward_request.send((request, File::from(file))).is_ok()),
                Instruction::Read(reading) => forward_reading.send(reading).is_ok(),
            };
            if !forwarded {
                break;
            }
        }
        die();
    })?;
    Ok(Instructions { requests, readings })
}

fn next_instruction(receiver: &mut Receiver) -> Option<Instruction> {
    match receiver.receive() {
        Ok(instruction) => Some(instruction),
        Err(ConnectionError::Closed) => None,
        Err(error) => {
            eprintln!("{error}");
            None
        }
    }
}

/// Ends the process without running destructors of native libraries that another thread is still using.
fn die() {
    if kill_process(getpid(), Signal::KILL).is_err() {
        std::process::abort();
    }
}
