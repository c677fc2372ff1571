//! Does the jobs: opens files, takes their text, has engines read their pages.

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

/// How much text is taken while a file is opened, in bytes of JSON: some 100 dense pages. The server holds it in
/// memory until it is stored. The text of the pages after them is taken page by page.
const TEXT_BYTES_AT_OPENING: usize = 4 * 1024 * 1024;
/// How much of an unlocked file is sent at a time.
const PART_BYTES: usize = 1024 * 1024;
/// Pages without text are told of in groups of this size,
const GROUP: usize = 256;
/// or after this time, so that the server sees that the worker is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// Reads pages with what a worker has.
pub(super) struct Reader<'a> {
    opener: &'a FileOpener,
    files: OpenFiles<'a>,
    engines: EngineRegistry,
    usual: Usual,
}

/// How pages are read when nobody says.
pub(super) struct Usual {
    pub(super) engine: String,
    pub(super) languages: LanguageChoice,
    pub(super) dpi: u32,
    pub(super) text_layer: TextLayerUse,
}

/// Why there is no result, by what it is about.
pub(super) enum Refusal {
    /// The whole file, or the way it is to be read.
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
    /// With nothing open yet.
    pub(super) fn new(opener: &'a FileOpener, engines: EngineRegistry, usual: Usual) -> Self {
        Self { opener, files: OpenFiles::new(opener), engines, usual }
    }

    /// Closes the files that are open.
    pub(super) fn let_go(&mut self) {
        self.files.close_all();
    }

    /// Does a job and sends what came of it.
    pub(super) fn answer(&mut self, request: Request, file: File, sender: &mut Sender) -> Result<(), ConnectionError> {
        if let Job::Unlock { passwords } = &request.job {
            // It is opened anew without its protection, and read then.
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
            // Done before the file was opened.
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
                let reason = format!("page {number} holds more words than a page can have");
                send(sender, &Reply::Page(Page::failed(number, reason)))
            }
            sent => sent.map(|_| ()),
        }
    }
}

/// Sends a file without its protection, some of it at a time.
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

/// Files inside of the file that are named in a warning.
const NAMED_INSIDE: usize = 3;

/// The first page of a file tells which other files lie inside of it: nobody reads those.
fn with_files_inside(mut page: Page, file: &OpenFile<'_>) -> Page {
    if page.number == 1 {
        let inside = file.files_inside();
        if !inside.is_empty() {
            let more = inside.len().saturating_sub(NAMED_INSIDE);
            let names = inside[..inside.len() - more].join(", ");
            let names = if more == 0 { names } else { format!("{names} and {more} more") };
            let (files, are) = if inside.len() == 1 { ("file", "is") } else { ("files", "are") };
            let count = inside.len();
            page.warnings.push(format!("{count} embedded {files} {are} not read: {names}; send them by themselves"));
        }
    }
    page
}

fn send(sender: &mut Sender, reply: &Reply) -> Result<(), ConnectionError> {
    sender.send(reply).map(|_| ())
}

/// Sends the wanted pages of a file, with their text as far as it is taken now.
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
        let reason = format!("none of the wanted pages is in the file, which has {}", pages(file.page_count()));
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
