//! Does the jobs: opens files, extracts their text, and has engines read their pages.

use std::fs::File;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use recto_domain::{LanguageChoice, Page, PageRange, TextLayerUse};
use recto_ocr::{EngineRegistry, OcrError, ReadError};
use recto_pages::{FileOpener, OpenFile, PagesError, TextLayer};

use super::connection::{ConnectionError, Sender};
use super::open_files::OpenFiles;
use super::picture::{draw, draw_in_colours};
use super::recognition::{Recognition, own_text};
use crate::frame::FrameError;
use crate::message::{Job, Reply, Request};

/// The most text that is extracted while a file is opened, in bytes of JSON: some 100 dense pages. The server holds it
/// in memory until it is stored. The text of later pages is extracted page by page.
const TEXT_BYTES_AT_OPENING: usize = 4 * 1024 * 1024;
/// The bytes of an unlocked file that are sent at a time.
const PART_BYTES: usize = 1024 * 1024;
/// The number of pages without text that are reported together.
const GROUP: usize = 256;
/// The time after which pages are reported anyway, so that the server sees that the worker is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// Reads pages with the parts of a worker.
pub(super) struct Reader<'a> {
    opener: &'a FileOpener,
    files: OpenFiles<'a>,
    engines: EngineRegistry,
    usual: Usual,
}

/// The defaults for reading pages.
pub(super) struct Usual {
    pub(super) engine: String,
    pub(super) languages: LanguageChoice,
    pub(super) dpi: u32,
    pub(super) text_layer: TextLayerUse,
}

/// Why there is no result, by what it concerns.
pub(super) enum Refusal {
    /// The whole file, or the way of reading it.
    File(String),
    /// This page only.
    Page(String),
}

impl From<PagesError> for Refusal {
    fn from(error: PagesError) -> Self {
        if error.is_about_file() { Self::File(error.to_string()) } else { Self::Page(error.to_string()) }
    }
}

impl From<OcrError> for Refusal {
    fn from(error: OcrError) -> Self {
        match error {
            OcrError::Page { .. } => Self::Page(error.to_string()),
            OcrError::MissingLanguage { .. } | OcrError::Start { .. } => Self::File(error.to_string()),
        }
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unknown(unknown) => Self::File(unknown.to_string()),
            ReadError::Engine(error) => error.into(),
        }
    }
}

impl<'a> Reader<'a> {
    /// A reader without open files.
    pub(super) fn new(opener: &'a FileOpener, engines: EngineRegistry, usual: Usual) -> Self {
        Self { opener, files: OpenFiles::new(opener), engines, usual }
    }

    /// Closes the open files.
    pub(super) fn let_go(&mut self) {
        self.files.close_all();
    }

    /// Does a job and sends the result.
    pub(super) fn answer(&mut self, request: Request, file: File, sender: &mut Sender) -> Result<(), ConnectionError> {
        if let Job::Unlock { passwords } = &request.job {
            // The unprotected file is opened and read by later jobs.
            return unlock(self.opener, file, passwords.expose(), sender);
        }
        let open = match self.files.get(&request.blob, file) {
            Ok(open) => open,
            Err(error) => return send(sender, &Reply::FileFailure(error.to_string())),
        };
        let (number, read) = match request.job {
            Job::Picture { number, rotation, max_side } => {
                let reply = match draw(open, number, rotation, max_side) {
                    Ok(picture) => Reply::Picture(picture),
                    Err(error) => Reply::FileFailure(error.to_string()),
                };
                return send(sender, &reply);
            }
            Job::Drawing { number, rotation, dpi } => {
                let reply = match draw_in_colours(open, number, rotation, dpi) {
                    Ok(Some(picture)) => Reply::Picture(picture),
                    Ok(None) => Reply::FileFailure("the file is a picture itself".to_owned()),
                    Err(error) => Reply::FileFailure(error.to_string()),
                };
                return send(sender, &reply);
            }
            // This job was done before the file was opened.
            Job::Unlock { .. } => return Ok(()),
            Job::EInvoice => return send(sender, &Reply::EInvoice(open.e_invoice().map(|xml| STANDARD.encode(xml)))),
            Job::Open { wanted, text_layer } => {
                let text_layer = text_layer.unwrap_or(self.usual.text_layer);
                return tell_pages(open, wanted.as_ref(), text_layer, sender);
            }
            Job::Page { number, engine, languages, text_layer } => {
                let how = Recognition {
                    engine: engine.as_deref().unwrap_or(&self.usual.engine),
                    languages: languages.as_ref().unwrap_or(&self.usual.languages),
                    dpi: self.usual.dpi,
                    text_layer: text_layer.unwrap_or(self.usual.text_layer),
                };
                let read = how.read(open, number, &mut self.engines);
                (number, read.map(|page| with_files_inside(page, open)))
            }
        };
        let reply = match read {
            Ok(page) => Reply::Page(page),
            Err(Refusal::Page(reason)) => Reply::Page(Page::failed(number, reason)),
            Err(Refusal::File(reason)) => Reply::FileFailure(reason),
        };
        match sender.send(&reply) {
            Err(ConnectionError::Frame(FrameError::TooLong(_))) => {
                let reason = format!("page {number} has more words than a page can have");
                send(sender, &Reply::Page(Page::failed(number, reason)))
            }
            sent => sent.map(|_| ()),
        }
    }
}

/// Sends a file without its protection, in parts.
fn unlock(opener: &FileOpener, file: File, passwords: &[String], sender: &mut Sender) -> Result<(), ConnectionError> {
    let mut part = Vec::with_capacity(PART_BYTES);
    let mut broken = None;
    let unlocked = opener.unlock(file, passwords, &mut |bytes| {
        part.extend_from_slice(bytes);
        if part.len() < PART_BYTES {
            return true;
        }
        broken = send(sender, &Reply::Bytes(STANDARD.encode(&part))).err();
        part.clear();
        broken.is_none()
    });
    if let Some(broken) = broken {
        return Err(broken);
    }
    match unlocked {
        Ok(yes) => {
            if !part.is_empty() {
                send(sender, &Reply::Bytes(STANDARD.encode(&part)))?;
            }
            send(sender, &Reply::Unlocked(yes))
        }
        Err(error) => send(sender, &Reply::FileFailure(error.to_string())),
    }
}

/// The most embedded files that a warning names.
const NAMED_INSIDE: usize = 3;

/// Adds a warning to the first page that names the files embedded in the file, because they are not read.
fn with_files_inside(mut page: Page, file: &OpenFile<'_>) -> Page {
    if page.number == 1 {
        let inside = file.files_inside();
        if !inside.is_empty() {
            let more = inside.len().saturating_sub(NAMED_INSIDE);
            let names = inside[..inside.len() - more].join(", ");
            let names = if more == 0 { names } else { format!("{names} and {more} more") };
            let (files, are) = if inside.len() == 1 { ("file", "is") } else { ("files", "are") };
            let count = inside.len();
            page.warnings.push(format!("{count} embedded {files} {are} not read: {names}; send them separately"));
        }
    }
    page
}

fn send(sender: &mut Sender, reply: &Reply) -> Result<(), ConnectionError> {
    sender.send(reply).map(|_| ())
}

/// Sends the wanted pages of a file, with as much of their text as is extracted now.
fn tell_pages(
    file: &mut OpenFile<'_>,
    wanted: Option<&PageRange>,
    text_layer: TextLayerUse,
    sender: &mut Sender,
) -> Result<(), ConnectionError> {
    let mut group = Vec::new();
    let mut text_bytes = 0;
    let mut last_sent = Instant::now();
    let mut any = false;
    for number in (1..=file.page_count()).filter(|&n| wanted.is_none_or(|range| range.contains(n))) {
        any = true;
        let take_text = text_bytes < TEXT_BYTES_AT_OPENING;
        match if take_text { own_text(file, number, text_layer) } else { Ok(TextLayer::Absent) } {
            Ok(TextLayer::Sound(page)) => {
                let page = with_files_inside(page, file);
                flush(&mut group, sender)?;
                last_sent = Instant::now();
                match sender.send(&Reply::Pages(vec![(number, Some(page))])) {
                    Ok(bytes) => text_bytes += bytes,
                    Err(ConnectionError::Frame(FrameError::TooLong(_))) => group.push((number, None)),
                    Err(error) => return Err(error),
                }
            }
            Ok(TextLayer::Doubtful(_) | TextLayer::Absent) => group.push((number, None)),
            Err(Refusal::File(reason) | Refusal::Page(reason)) => return send(sender, &Reply::FileFailure(reason)),
        }
        if group.len() >= GROUP || last_sent.elapsed() > SIGN_OF_LIFE {
            flush(&mut group, sender)?;
            last_sent = Instant::now();
        }
    }
    if !any {
        let reason = format!("none of the requested pages is in the file, which has {}", pages(file.page_count()));
        return send(sender, &Reply::FileFailure(reason));
    }
    flush(&mut group, sender)?;
    send(sender, &Reply::Opened(file.kind()))
}

fn flush(group: &mut Vec<(u32, Option<Page>)>, sender: &mut Sender) -> Result<(), ConnectionError> {
    if group.is_empty() { Ok(()) } else { send(sender, &Reply::Pages(std::mem::take(group))) }
}

fn pages(count: u32) -> String {
    if count == 1 { "1 page".to_owned() } else { format!("{count} pages") }
}
