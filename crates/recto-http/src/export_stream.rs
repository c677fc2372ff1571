//! An export, written by its own thread while it is sent to the client.

use std::fmt::Display;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use recto_domain::error_chain;
use recto_export::{Content, ExportError, ExportOptions, Format, PdfOptions};
use recto_storage::StoredBatch;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::Span;
use utoipa::IntoParams;

use crate::drawn_batch::DrawnBatch;
use crate::error::{ApiError, excerpt};
use crate::page_picture::PagePictures;
use crate::permits::{Holder, Permits, Work};
use crate::query::Query;
use crate::state::ApiState;

/// The size of a chunk handed to the connection, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// The most warnings sent in headers.
const MAX_WARNINGS: usize = 20;
/// The most bytes of warnings, each of which takes at most three bytes in a header: some clients accept only 8 KiB of
/// headers.
const MAX_WARNING_BYTES: usize = 4 << 10;
/// How many chunks may wait for a client that reads slowly.
const CHUNKS_AHEAD: usize = 4;

/// The query parameters of an export.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// Described as `FormatName` where it is used: utoipa does not mark parameters with a custom schema as required.
    #[param(ignore)]
    format: Option<String>,
    /// The archival standard that a PDF shall follow. Pages of PDFs that break one of its rules are drawn as pictures
    /// with their text on them. The headers `Recto-Warning` name those pages, and `content=report` describes each.
    #[param(pattern = "^pdfa-(2b|2u|3b)$")]
    standard: Option<String>,
    /// How much the data of a PDF is reduced: not at all (0, the default), without loss (1), or with photographs as
    /// JPEG of quality 75 (2) or 50 (3).
    #[param(pattern = "^[0-3]$", example = "1")]
    optimize: Option<String>,
    /// Whether skewed pages that were recognised are straightened in a PDF.
    #[param(pattern = "^(true|false)$", example = "true")]
    deskew: Option<String>,
    /// Whether specks and dark edges of scans are painted over in a PDF.
    #[param(pattern = "^(true|false)$", example = "true")]
    clean: Option<String>,
    /// Whether blank pages are left out of a PDF.
    #[serde(rename = "dropBlank")]
    #[param(rename = "dropBlank", pattern = "^(true|false)$", example = "true")]
    drop_blank: Option<String>,
    /// Whether a scan of two facing pages of a book becomes two pages of a PDF.
    #[serde(rename = "splitSpreads")]
    #[param(rename = "splitSpreads", pattern = "^(true|false)$", example = "true")]
    split_spreads: Option<String>,
    /// Whether every page of a PDF is drawn as a picture with its text on it.
    #[param(pattern = "^(true|false)$", example = "true")]
    rasterize: Option<String>,
    /// How a CSV holds lists of objects, such as line items: as JSON in a cell, or in a second table.
    #[param(pattern = "^(documents|items)$")]
    layout: Option<String>,
    /// The separator of a CSV's cells; a comma by default.
    #[param(pattern = r"^(,|;|\||tab|\t|\\t)$", example = ";")]
    delimiter: Option<String>,
    /// Whether a CSV begins with a byte order mark. Without it, Excel does not read the file as UTF-8.
    #[param(pattern = "^(true|false)$", example = "true")]
    bom: Option<String>,
    /// How CSV and XLSX write dates: a format with day, month and year once each. By default the format of the locale,
    /// or `2026-03-31`.
    #[serde(rename = "dateFormat")]
    #[param(rename = "dateFormat", example = "dd.MM.yyyy")]
    date_format: Option<String>,
    /// The country whose conventions a CSV uses for numbers and dates, and an XLSX for dates.
    #[param(example = "de-DE")]
    locale: Option<String>,
    /// One file with all documents (`combined`, the default), a ZIP with one file per document, as CSV the tables on
    /// the pages, or as JSON a `report` of what the PDF changes on each page and how large it is.
    #[param(pattern = "^(combined|zip|tables|report)$", example = "combined")]
    content: Option<String>,
}

impl ExportQuery {
    fn format(&self) -> Result<Format, ApiError> {
        parsed(self.format.as_deref().unwrap_or_default())
    }

    fn options(&self, state: &ApiState) -> Result<ExportOptions, ApiError> {
        let pdf = PdfOptions {
            standard: self.standard.as_deref().map(parsed).transpose()?,
            optimize: self.optimize.as_deref().map(parsed).transpose()?.unwrap_or_default(),
            deskew: switch("deskew", self.deskew.as_deref())?,
            clean: switch("clean", self.clean.as_deref())?,
            drop_blank: switch("dropBlank", self.drop_blank.as_deref())?,
            split_spreads: switch("splitSpreads", self.split_spreads.as_deref())?,
            rasterize: switch("rasterize", self.rasterize.as_deref())?,
        };
        Ok(ExportOptions {
            pdf,
            csv_layout: self.layout.as_deref().map(parsed).transpose()?.unwrap_or_default(),
            csv_delimiter: self.delimiter.as_deref().map(parsed).transpose()?.unwrap_or_default(),
            csv_byte_order_mark: switch("bom", self.bom.as_deref())?,
            date_format: self.date_format.as_deref().map(parsed).transpose()?,
            locale: self.locale.as_deref().map(parsed).transpose()?,
            // The address of the web pages. No link is built from the host that a request claims.
            record_address: state.settings.public_address().map(|address| format!("{address}/records/")),
        })
    }
}

/// The value of a switch; off if it is missing.
fn switch(name: &str, value: Option<&str>) -> Result<bool, ApiError> {
    let Some(value) = value else { return Ok(false) };
    value.parse().map_err(|_| ApiError::invalid(format!("{name} must be true or false, not {}", excerpt(value))))
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|error: T::Err| ApiError::invalid(error.to_string()))
}

/// The requested export.
pub(crate) struct ExportRequest {
    places: Permits,
    pictures: Arc<dyn PagePictures>,
    format: Format,
    content: Content,
    options: ExportOptions,
}

impl FromRequestParts<ApiState> for ExportRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let places = Extension::<Permits>::from_request_parts(parts, state).await;
        let Extension(places) = places.map_err(|missing| ApiError::Internal(missing.into()))?;
        let Query(query) = Query::<ExportQuery>::from_request_parts(parts, state).await?;
        let content = query.content.as_deref().map(parsed).transpose()?.unwrap_or_default();
        let pictures = Arc::clone(&state.pictures);
        Ok(Self { places, pictures, format: query.format()?, content, options: query.options(state)? })
    }
}

impl ExportRequest {
    /// The export of a batch's documents, which takes a place of `holder`. The file's name begins with `stem`.
    pub(crate) async fn answer(
        self,
        holder: impl Into<Holder>,
        batch: StoredBatch,
        stem: &str,
    ) -> Result<Response, ApiError> {
        let Self { places, pictures, format, content, options } = self;
        options.check(format)?;
        content.check(format)?;
        let place = places.take(Work::Export, holder).await?;
        let mut batch = DrawnBatch::new(batch, pictures);
        let looked_through = options.clone();
        let looking = move || {
            let warnings = recto_export::prepare(format, &looked_through, &mut batch)?;
            // A document alone in its file needs changes less often than one beside others.
            Ok((batch, if content == Content::Combined { warnings } else { Vec::new() }))
        };
        let looked = tokio::task::spawn_blocking(looking).await;
        let looked = looked.map_err(|panicked| ApiError::Internal(panicked.into()))?;
        let (mut batch, warnings) = looked.map_err(|error| match error {
            ExportError::Options(unfit) => unfit.into(),
            error => ApiError::Internal(error.into()),
        })?;
        let write = move |out: &mut dyn Write| {
            let _place = place;
            match content {
                Content::Combined => recto_export::export(format, &options, &mut batch, out),
                Content::Zip => recto_export::export_zip(format, &options, &mut batch, out),
                Content::Tables => recto_export::export_tables(&options, &mut batch, out),
                Content::Report => recto_export::export_report(&options, &mut batch, out),
            }
        };
        let body = Export::start(write).into_body().await?;
        let (kind, extension) = match content {
            Content::Combined | Content::Tables => (format.content_type(), format.extension()),
            Content::Zip => ("application/zip", "zip"),
            Content::Report => ("application/json", "json"),
        };
        let called = match content {
            Content::Tables | Content::Report => content.name(),
            Content::Combined | Content::Zip => "export",
        };
        let disposition = format!("attachment; filename=\"{stem}-{called}.{extension}\"");
        let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
        let mut answer = (headers, body).into_response();
        for warning in few(warnings) {
            answer.headers_mut().append("recto-warning", header_value(&warning));
        }
        Ok(answer)
    }
}

/// As many warnings as every client accepts in headers, and the number of those left out.
fn few(mut warnings: Vec<String>) -> Vec<String> {
    let mut bytes = 0;
    let fit = warnings.iter().take_while(|warning| {
        bytes += 3 * warning.len();
        bytes <= MAX_WARNING_BYTES
    });
    let fit = fit.count().min(MAX_WARNINGS);
    let more = warnings.len() - fit;
    warnings.truncate(fit);
    if more > 0 {
        warnings.push(format!("and {more} more; content=report lists all of them"));
    }
    warnings
}

/// A text as a header value: characters other than printable ASCII, and the percent sign, are percent-encoded in UTF-8.
fn header_value(text: &str) -> HeaderValue {
    let is_plain = |byte: u8| (0x20..0x7F).contains(&byte) && byte != b'%';
    let encoded: String =
        text.bytes().map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    HeaderValue::try_from(encoded).expect("printable ASCII may stand in a header")
}

/// An export in progress.
struct Export {
    chunks: mpsc::Receiver<Bytes>,
    writing: JoinHandle<Result<(), ExportError>>,
    span: Span,
}

impl Export {
    /// Runs `write` on its own thread.
    fn start(write: impl FnOnce(&mut dyn Write) -> Result<(), ExportError> + Send + 'static) -> Self {
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        let mut out = ChunkWriter { chunks: sender, chunk: BytesMut::new(), runtime: Handle::current() };
        let writing = tokio::task::spawn_blocking(move || {
            write(&mut out)?;
            Ok(out.flush()?)
        });
        Self { chunks, writing, span: Span::current() }
    }

    /// The body, once its first bytes exist; errors before that become an error response.
    async fn into_body(mut self) -> Result<Body, ApiError> {
        let first = self.next().await.map_err(|error| ApiError::Internal(error.into()))?;
        let rest = stream::try_unfold(self, |mut export| async move {
            let chunk = export.next().await?;
            Ok::<_, io::Error>(chunk.map(|chunk| (chunk, export)))
        });
        Ok(Body::from_stream(stream::iter(first.map(Ok)).chain(rest)))
    }

    /// The next chunk; `None` after the last chunk of a complete export. An error aborts the connection, so that no
    /// client takes a partial file for a complete one.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(chunk) = self.chunks.recv().await {
            return Ok(Some(chunk));
        }
        let reason = match (&mut self.writing).await {
            Ok(Ok(())) => return Ok(None),
            Ok(Err(error)) => error_chain(&error),
            Err(panicked) => error_chain(&panicked),
        };
        let _inside = self.span.enter();
        tracing::error!(error = reason, "an export failed");
        Err(io::Error::other("the export failed"))
    }
}

/// Passes an exporter's output to the connection in chunks, and waits while the client does not read.
struct ChunkWriter {
    chunks: mpsc::Sender<Bytes>,
    chunk: BytesMut,
    runtime: Handle,
}

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK_BYTES - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK_BYTES {
            self.hand_over()?;
        }
        Ok(taken)
    }

    /// Sends the remaining bytes. Exporters also flush in the middle, where a short chunk does no harm.
    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() { Ok(()) } else { self.hand_over() }
    }
}

impl ChunkWriter {
    fn hand_over(&mut self) -> io::Result<()> {
        let chunk = self.chunk.split().freeze();
        // A client that reads nothing loses its connection, which closes this channel.
        let sent = self.runtime.block_on(self.chunks.send(chunk));
        sent.map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the client has disconnected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEBIBYTE: usize = 1024 * 1024;

    #[test]
    fn any_name_can_stand_in_a_header() {
        assert_eq!(header_value("a b-1.pdf is signed"), "a b-1.pdf is signed");
        assert_eq!(header_value("50%\r\nä"), "50%25%0D%0A%C3%A4");
    }

    #[test]
    fn more_warnings_than_clients_take_are_counted() {
        let many: Vec<String> = (0..30).map(|number| format!("page {number}")).collect();
        assert_eq!(few(many.clone()).len(), MAX_WARNINGS + 1);
        assert_eq!(few(many[..5].to_vec()), many[..5]);
        let long = vec!["x".repeat(MAX_WARNING_BYTES); 2];
        assert_eq!(few(long), ["and 2 more; content=report lists all of them"]);
    }

    async fn read(body: Body) -> Result<Bytes, axum::Error> {
        axum::body::to_bytes(body, usize::MAX).await
    }

    #[tokio::test]
    async fn what_is_written_is_what_arrives() {
        let written: Vec<u8> = (0..MEBIBYTE + 7).map(|i| i as u8).collect();
        let expected = written.clone();
        let body = Export::start(move |out| Ok(out.write_all(&written)?)).into_body().await.unwrap();
        assert_eq!(read(body).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn an_export_that_fails_at_once_is_an_error_of_the_server() {
        let failing = Export::start(|_| Err(ExportError::Source("the database is gone".into())));
        assert!(matches!(failing.into_body().await, Err(ApiError::Internal(_))));
    }

    #[tokio::test]
    async fn an_export_that_fails_midway_breaks_off() {
        let failing = Export::start(|out| {
            out.write_all(&vec![b'x'; MEBIBYTE])?;
            Err(ExportError::Source("the database is gone".into()))
        });
        assert!(read(failing.into_body().await.unwrap()).await.is_err());
        let panicking = Export::start(|out| {
            out.write_all(&vec![b'x'; MEBIBYTE])?;
            panic!("a fault of the exporter")
        });
        assert!(read(panicking.into_body().await.unwrap()).await.is_err());
    }

    #[tokio::test]
    async fn the_writer_stops_when_the_client_has_gone() {
        let (told, outcome) = std::sync::mpsc::channel();
        let endless = Export::start(move |out| {
            let error = loop {
                if let Err(error) = out.write_all(&vec![b'x'; CHUNK_BYTES]) {
                    break error;
                }
            };
            told.send(error.kind()).unwrap();
            Err(error.into())
        });
        drop(endless.into_body().await.unwrap());
        let kind = tokio::task::spawn_blocking(move || outcome.recv().unwrap()).await.unwrap();
        assert_eq!(kind, io::ErrorKind::BrokenPipe);
    }
}
