//! One worker process, as the server sees it.

use std::ffi::OsString;
use std::io::{self, IoSlice, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use recto_domain::{OrganizationId, TimeLimit};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, Interest};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::PoolSettings;
use super::failure::{Death, WorkerFailure};
use super::kernel_kills;
use super::stderr_tail::StderrTail;
use crate::frame::{self, FrameError, HEADER_BYTES};
use crate::message::{
    Answer, Greeting, Instruction, Introduction, Job, Question, Reading, Reply, Request, TemporaryFile,
};
use crate::remote::{RemoteEngine, RemotePicture};

/// The time limit from a worker's start to its introduction. It loads native libraries and looks for models.
const START_LIMIT: Duration = Duration::from_secs(30);
/// The time limit for a worker to exit after its socket has closed.
const DEATH_LIMIT: Duration = Duration::from_secs(2);
/// The limit of all frames of one answer together, in bytes: several times what a worker sends at most.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// The most questions to remote engines about one page: one for each way of reading it, with a reserve.
const MAX_QUESTIONS: u32 = 12;
/// The environment variables that a worker inherits: where libraries and models are.
const ENVIRONMENT: [&str; 4] = ["TESSDATA_PREFIX", "LD_LIBRARY_PATH", "PATH", "LANG"];

/// A running worker that has introduced itself.
pub(super) struct WorkerProcess {
    child: Child,
    socket: UnixStream,
    stderr_tail: StderrTail,
    pid: u32,
    remote: Vec<Arc<dyn RemoteEngine>>,
    /// Its description of itself.
    pub(super) introduction: Introduction,
    /// The number of jobs that it was given.
    pub(super) jobs: u32,
    /// The kernel's count of kills for lack of memory when the last job was given.
    kernel_kills: u64,
    /// The organization whose files it has read; never more than one.
    pub(super) served: Option<OrganizationId>,
}

/// What went wrong in the communication with a worker.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The socket broke: the worker is dead or about to be.
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    /// The worker sent nothing before its deadline.
    #[error("no answer in time")]
    Late(Duration),
    /// The worker sent something that is not in the protocol.
    #[error(transparent)]
    Nonsense(#[from] FrameError),
    /// The worker sent something at the wrong time, or too much.
    #[error("an unexpected answer")]
    OutOfTurn,
}

impl WorkerProcess {
    /// Starts a worker and waits for its introduction.
    pub(super) async fn start(settings: &PoolSettings) -> Result<Self, String> {
        let (here, there) = std::os::unix::net::UnixStream::pair().map_err(|e| e.to_string())?;
        here.set_nonblocking(true).map_err(|e| e.to_string())?;
        let mut child = command(settings).stdin(OwnedFd::from(there)).spawn().map_err(|e| e.to_string())?;
        let pid = child.id().unwrap_or_default();
        let stderr = child.stderr.take().ok_or("it has no standard error")?;
        let socket = UnixStream::from_std(here).map_err(|e| e.to_string())?;
        let (introduction, stderr_tail) = (Introduction::default(), StderrTail::of(stderr, pid));
        let remote = settings.remote.clone();
        let mut process =
            Self { child, socket, stderr_tail, pid, remote, introduction, jobs: 0, kernel_kills: 0, served: None };
        match timeout(START_LIMIT, process.greet(settings)).await {
            Ok(Ok(introduction)) => {
                tracing::debug!(pid, "worker is ready");
                process.introduction = introduction;
                Ok(process)
            }
            Ok(Err(trouble)) => {
                let (death, words) = process.die().await;
                let said = words.lines().last().unwrap_or_default();
                Err(if said.is_empty() { format!("it ended with {death} ({trouble})") } else { said.to_owned() })
            }
            Err(_) => {
                process.kill().await;
                Err(format!("it did not respond within {} s", START_LIMIT.as_secs()))
            }
        }
    }

    async fn greet(&mut self, settings: &PoolSettings) -> Result<Introduction, Trouble> {
        let remote = self.remote.iter().map(|engine| engine.profile()).collect();
        let greeting = Greeting { memory_bytes: settings.memory_bytes, remote };
        self.socket.write_all(&frame::encode(&greeting)?).await?;
        let (frame, _) = self.frame().await?;
        match decode(frame).await? {
            Reply::Ready(introduction) => Ok(introduction),
            _ => Err(Trouble::OutOfTurn),
        }
    }

    /// Whether it may see files of this organization.
    pub(super) fn may_serve(&self, organization: OrganizationId) -> bool {
        self.served.is_none_or(|served| served == organization)
    }

    /// Binds it to this organization: from now on it reads no files of any other.
    pub(super) fn dedicate(&mut self, organization: OrganizationId) {
        assert!(self.may_serve(organization), "a worker serves one organization");
        self.served = Some(organization);
    }

    /// Sends a job with its file, and waits for the answer. Each frame of the answer may take `limit.silence`.
    ///
    /// After a cancellation or a failure the process must not be used any more, but be ended.
    pub(super) async fn answer(
        &mut self,
        request: &Request,
        file: &std::fs::File,
        limit: TimeLimit,
    ) -> Result<Answer, Trouble> {
        let Some(total) = limit.total else {
            return self.converse(request, file, limit.silence).await;
        };
        match timeout(total, self.converse(request, file, limit.silence)).await {
            Ok(answer) => answer,
            Err(_) => Err(Trouble::Late(total)),
        }
    }

    async fn converse(
        &mut self,
        request: &Request,
        file: &std::fs::File,
        silence: Duration,
    ) -> Result<Answer, Trouble> {
        self.jobs += 1;
        self.kernel_kills = kernel_kills::count();
        timeout(silence, self.send(request, file)).await.map_err(|_| Trouble::Late(silence))??;
        let mut pages = Vec::new();
        let mut unlocked = Unlocked::of(file)?;
        let mut total_bytes = 0;
        let mut questions = 0;
        loop {
            let (body, bytes) = timeout(silence, self.frame()).await.map_err(|_| Trouble::Late(silence))??;
            let reply = match (decode(body).await?, &request.job) {
                (Reply::Question(question), Job::Page { .. }) if questions < MAX_QUESTIONS => {
                    questions += 1;
                    timeout(silence, self.ask(question)).await.map_err(|_| Trouble::Late(silence))??;
                    continue;
                }
                (reply, _) => reply,
            };
            if let (Reply::Bytes(part), Job::Unlock { .. }) = (&reply, &request.job) {
                unlocked = unlocked.with(part).await?;
                continue;
            }
            total_bytes += bytes;
            if total_bytes > MAX_ANSWER_BYTES {
                return Err(Trouble::OutOfTurn);
            }
            match (reply, &request.job) {
                (Reply::Pages(more), Job::Open { .. }) => pages.extend(more),
                (Reply::Opened(kind), Job::Open { .. }) => return Ok(Answer::Opened { kind, pages }),
                (Reply::Page(page), &Job::Page { number, .. }) if page.number == number => {
                    return Ok(Answer::Page(page));
                }
                (Reply::Picture(picture), Job::Picture { .. } | Job::Drawing { .. }) => {
                    return STANDARD.decode(picture).map(Answer::Picture).map_err(|_| Trouble::OutOfTurn);
                }
                (Reply::EInvoice(xml), Job::EInvoice) => {
                    let xml = xml.map(|xml| STANDARD.decode(xml)).transpose();
                    return xml.map(Answer::EInvoice).map_err(|_| Trouble::OutOfTurn);
                }
                (Reply::Unlocked(yes), Job::Unlock { .. }) => {
                    return Ok(Answer::Unlocked(unlocked.file.filter(|_| yes).map(TemporaryFile)));
                }
                (Reply::FileFailure(reason), _) => return Ok(Answer::FileFailure(reason)),
                _ => return Err(Trouble::OutOfTurn),
            }
        }
    }

    /// Has a remote engine read a picture, and sends the result to the worker.
    async fn ask(&mut self, question: Question) -> Result<(), Trouble> {
        let Question { engine, png, dpi, languages } = question;
        let engine = self.remote.iter().find(|known| known.profile().info.name == engine).ok_or(Trouble::OutOfTurn)?;
        let png = STANDARD.decode(png).map_err(|_| Trouble::OutOfTurn)?;
        let reading: Reading = engine.recognize(RemotePicture { png, dpi, languages }).await;
        let frame = match frame::encode(&Instruction::Read(reading)) {
            Err(FrameError::TooLong(bytes)) => {
                frame::encode(&Instruction::Read(Err(format!("its answer of {bytes} bytes is too long"))))?
            }
            other => other?,
        };
        Ok(self.socket.write_all(&frame).await?)
    }

    async fn send(&mut self, request: &Request, file: &std::fs::File) -> Result<(), Trouble> {
        let frame = frame::encode(&Instruction::Work(request.clone()))?;
        let sent = self
            .socket
            .async_io(Interest::WRITABLE, || {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
                let mut control = SendAncillaryBuffer::new(&mut space);
                let descriptors = [file.as_fd()];
                let fits = control.push(SendAncillaryMessage::ScmRights(&descriptors));
                debug_assert!(fits, "the space is made for one descriptor");
                Ok(sendmsg(&self.socket, &[IoSlice::new(&frame)], &mut control, SendFlags::NOSIGNAL)?)
            })
            .await?;
        Ok(self.socket.write_all(&frame[sent..]).await?)
    }

    async fn frame(&mut self) -> Result<(Vec<u8>, usize), Trouble> {
        let mut header = [0; HEADER_BYTES];
        self.socket.read_exact(&mut header).await?;
        let mut body = vec![0; frame::body_length(header)?];
        self.socket.read_exact(&mut body).await?;
        let bytes = body.len() + HEADER_BYTES;
        Ok((body, bytes))
    }

    /// Returns when the process ends by itself. It may be dropped and called again.
    pub(super) async fn exited(&mut self) {
        // An error means that there is no child process to wait for, which amounts to the same.
        let _ = self.child.wait().await;
    }

    /// Whether it is still running, as far as can be told.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends the process, and derives the failure of the job from the trouble.
    pub(super) async fn end_after(self, trouble: Trouble, request: &Request, settings: &PoolSettings) -> WorkerFailure {
        let (pid, blob) = (self.pid, request.blob.as_str());
        let subject = match request.job {
            Job::Open { .. } => "opening the file",
            Job::Page { .. } => "the page",
            Job::Picture { .. } | Job::Drawing { .. } => "drawing the page",
            Job::EInvoice => "looking for an invoice in the file",
            Job::Unlock { .. } => "unlocking the file",
        };
        let failure = match trouble {
            Trouble::Late(limit) => {
                self.kill().await;
                WorkerFailure::TimedOut { subject, limit }
            }
            Trouble::Broken(_) => {
                let before = self.kernel_kills;
                let (death, hint) = self.die().await;
                WorkerFailure::of_dead_process(death, hint, settings.memory_bytes, kernel_kills::count() > before)
            }
            Trouble::Nonsense(_) | Trouble::OutOfTurn => {
                self.kill().await;
                WorkerFailure::Crashed { death: Death::Nonsense, hint: trouble.to_string() }
            }
        };
        let hint = match &failure {
            WorkerFailure::Crashed { hint, .. } | WorkerFailure::OutOfMemory { hint, .. } => hint.as_str(),
            _ => "",
        };
        if let WorkerFailure::Crashed { death: Death::Signal(libc::SIGSYS), .. } = &failure {
            tracing::error!(
                pid,
                blob,
                hint,
                "a worker was killed for a system call that reading a file never needs; its number is in the kernel's \
                 log. The file may be an attempted attack: keep it and report it"
            );
        } else {
            tracing::warn!(pid, blob, hint, "{failure}");
        }
        failure
    }

    /// Kills the process and waits until it is gone.
    pub(super) async fn kill(mut self) {
        if let Err(error) = self.child.kill().await {
            tracing::warn!(pid = self.pid, "a worker could not be killed: {error}");
        }
    }

    /// Waits for a process whose socket has closed, and kills it when it does not exit.
    async fn die(mut self) -> (Death, String) {
        let death = if let Ok(status) = timeout(DEATH_LIMIT, self.child.wait()).await {
            status.map_or(Death::Nonsense, Death::from)
        } else {
            // If this kill fails, the process stays. There is nothing else to do about it.
            let _ = self.child.kill().await;
            Death::Nonsense
        };
        (death, self.stderr_tail.hear_out().await)
    }

    /// Its resident memory in bytes; `None` when the system does not tell.
    pub(super) async fn resident_bytes(&self) -> Option<u64> {
        // Field 2 of proc_pid_statm(5), in pages.
        let statm = tokio::fs::read_to_string(format!("/proc/{}/statm", self.pid)).await.ok()?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    }
}

/// A file without its protection, as far as it has arrived.
struct Unlocked {
    file: Option<std::fs::File>,
    /// The number of bytes that may still come.
    room: u64,
}

impl Unlocked {
    /// The file that `file` becomes. Without its protection it is about as long, but its table of objects may be
    /// written differently.
    fn of(file: &std::fs::File) -> Result<Self, Trouble> {
        Ok(Self { file: None, room: file.metadata()?.len().saturating_mul(2).saturating_add(MAX_ANSWER_BYTES as u64) })
    }

    async fn with(self, part: &str) -> Result<Self, Trouble> {
        let part = STANDARD.decode(part).map_err(|_| Trouble::OutOfTurn)?;
        let room = self.room.checked_sub(part.len() as u64).ok_or(Trouble::OutOfTurn)?;
        let written = tokio::task::spawn_blocking(move || {
            let mut file = self.file.map_or_else(tempfile::tempfile, Ok)?;
            file.write_all(&part).map(|()| file)
        });
        // Writing does not panic, and the runtime ends only together with this task.
        let file = written.await.map_err(|_| Trouble::OutOfTurn)??;
        Ok(Self { file: Some(file), room })
    }
}

/// Decodes a frame on a blocking thread, because a long answer takes milliseconds.
async fn decode(body: Vec<u8>) -> Result<Reply, Trouble> {
    const AT_ONCE_BYTES: usize = 64 * 1024;
    if body.len() <= AT_ONCE_BYTES {
        return Ok(frame::decode(&body)?);
    }
    match tokio::task::spawn_blocking(move || frame::decode(&body)).await {
        Ok(reply) => Ok(reply?),
        // Decoding does not panic, and the runtime ends only together with this task.
        Err(_) => Err(Trouble::OutOfTurn),
    }
}

fn command(settings: &PoolSettings) -> Command {
    let mut command = Command::new(&settings.command);
    let kept = ENVIRONMENT.iter().filter_map(|&name| Some((OsString::from(name), std::env::var_os(name)?)));
    command
        .args(&settings.args)
        .env_clear()
        .envs(kept)
        // Tesseract's threads slow each other down; one process per core is faster.
        .env("OMP_THREAD_LIMIT", "1")
        // ONNX Runtime would start a telemetry thread before the worker is confined, and that thread would stay
        // outside.
        .env("ORT_DISABLE_TELEMETRY", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
