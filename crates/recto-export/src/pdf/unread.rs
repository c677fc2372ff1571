//! The placeholder page for a file without a document: it shows the name and the status of the file.

use recto_domain::{Page, RecordStatus};

use super::Export;
use super::document::FONT_NAME;
use super::failure::Failure;
use super::matrix::Matrix;
use super::notice::{self, A4};
use super::object::{Dictionary, Object, print};
use super::outline::Bookmark;
use super::text;
use crate::error::ExportError;
use crate::files::UnreadFile;
use crate::flat_text::one_line;

/// The margin at the left and the right, in points.
const MARGIN: f32 = 64.0;
/// The position of the first line, in points from the top.
const TOP: f32 = 120.0;
/// An upper bound of the average width of letters, as a share of their height.
const ADVANCE: f32 = 0.54;

/// Lines of the notice with one size and colour.
struct Lines {
    size: f32,
    colour: &'static str,
    text: String,
}

impl Export<'_> {
    /// Writes the page for a file without a document, and its entry in the outline.
    pub(super) fn unread(&mut self, file: &UnreadFile) -> Result<(), ExportError> {
        let reference = self.writer.reserve();
        self.outline.push(Bookmark::to_page(&format!("{} {}", file.file_name, file.note()), reference));
        self.labels.push(self.pages.count() as i64, 0, None);
        let lines = lines(file);
        let (fonts, content) = if self.options.standard.is_some() {
            // As in other notices of an archival file, standard fonts, which are not embedded, may not be used.
            let page = Page { size: A4, ..Page::failed(1, String::new()) };
            let said: Vec<_> = lines.iter().map(|lines| lines.text.as_str()).collect();
            let mut content = notice::frame(&page);
            let words = notice::with_words(&page, &said.join(" "));
            let (text, reaches) = text::content(&words, Matrix::IDENTITY, FONT_NAME, &mut self.font);
            content.extend_from_slice(&text);
            (self.font.resources(FONT_NAME, reaches, &mut self.writer), content)
        } else {
            (Dictionary::new().with(FONT_NAME, self.notice_font()?), content(&lines))
        };
        let resources = Dictionary::new().with("Font", fonts);
        self.made_page(reference, A4, resources, &content).map_err(|failure| match failure {
            Failure::Export(error) => error,
            Failure::Original(reason) => ExportError::Original { file_name: file.file_name.clone(), reason },
        })
    }
}

fn lines(file: &UnreadFile) -> [Lines; 3] {
    let what = match file.status {
        RecordStatus::Completed | RecordStatus::Failed => "This file could not be read",
        RecordStatus::Pending | RecordStatus::Queued | RecordStatus::InProgress => "This file has not been read yet",
    };
    let lines = |size, colour, text| Lines { size, colour, text };
    [
        lines(11.0, "0.7 0.15 0.12", what.to_owned()),
        lines(20.0, "0.11 0.11 0.1", file.name_line()),
        lines(11.0, "0.11 0.11 0.1", format!("{}: {}", file.status_words(), one_line(&file.reason))),
    ]
}

/// The content stream: a bar at the left, and the lines beside it. Letters that the font lacks are shown as question
/// marks, but copied correctly.
fn content(lines: &[Lines]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut y = A4.height - TOP;
    for Lines { size, colour, text } in lines {
        let per_line = ((A4.width - 2.0 * MARGIN) / (size * ADVANCE)) as usize;
        for line in notice::wrapped(text, per_line) {
            y -= size * 1.3;
            print(&mut out, format_args!("/Span<</ActualText "));
            Object::text(&line).write(&mut out);
            print(&mut out, format_args!(">>BDC q {colour} rg BT/{FONT_NAME} {size} Tf {MARGIN} {y:.1} Td "));
            notice::show(&mut out, &line);
            out.extend_from_slice(b" ET Q EMC\n");
        }
        y -= 8.0;
    }
    let (top, x) = (A4.height - TOP + 4.0, MARGIN - 16.0);
    print(&mut out, format_args!("/Artifact BMC q 0.7 0.15 0.12 rg {x} {y:.1} 3 {:.1} re f Q EMC\n", top - y));
    out
}
