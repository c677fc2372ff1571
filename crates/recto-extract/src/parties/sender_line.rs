//! The sender in small print above the address in an envelope window.

use crate::concept::Concept;
use crate::labels::Label;
use crate::sheet::Sheet;
use crate::text_blocks;

use super::block::is_nameable;

/// The separators between name, street and place in the line.
const SEPARATORS: [char; 6] = [',', '·', '•', '|', ';', '-'];
/// The fewest words for a name, a street with a number, and a place.
const LEAST_WORDS: usize = 4;

/// The line above the address in an envelope window: the sender in small print.
#[derive(Debug, Clone)]
pub(super) struct SenderLine {
    pub(super) first: usize,
    pub(super) end: usize,
    /// The sender's name, as far as a separator delimits it.
    pub(super) name: String,
    pub(super) name_end: usize,
    pub(super) x: f32,
    pub(super) y: f32,
}

/// A line in the upper part of the first page that contains a whole address with separators.
pub(super) fn sender_line(sheet: &Sheet, labels: &[Label]) -> Option<SenderLine> {
    let (width, height) = sheet.sizes.first().copied()?;
    for cell in &sheet.cells {
        let row = &sheet.rows[cell.row];
        if row.page != 1 || cell.bbox.y > 0.35 * height || cell.bbox.x > 0.5 * width {
            continue;
        }
        // Its parts may be so far apart that they are cells, so the left part of the row is examined.
        let end = (cell.first..row.end)
            .take_while(|word| sheet.words[*word].bbox.x < 0.62 * width)
            .last()
            .map_or(cell.end, |word| word + 1);
        let words = &sheet.words[cell.first..end];
        let is_separator = |text: &str| {
            let single = text.chars().count() == 1;
            single && text.chars().all(|c| !c.is_alphanumeric() && c != '&')
        };
        let parts = words.iter().any(|word| is_separator(&word.text) || word.text.ends_with(SEPARATORS));
        if !parts || words.len() < LEAST_WORDS || !text_blocks::is_place(&sheet.text(cell.first, end)) {
            continue;
        }
        if labels.iter().any(|label| {
            label.first >= cell.first
                && label.end <= end
                && label.meanings.iter().any(|m| !m.is_weak && tells_side_or_data(m.concept))
        }) {
            continue;
        }
        let name_end = words
            .iter()
            .position(|word| is_separator(&word.text) || word.text.ends_with(SEPARATORS))
            .map_or(0, |at| if is_separator(&words[at].text) { at } else { at + 1 });
        if !(1..=6).contains(&name_end) {
            continue;
        }
        let name = sheet.text(cell.first, cell.first + name_end);
        let name = name.trim_end_matches(SEPARATORS).trim().to_owned();
        // `14 Elm Ave, Salem, OR 97301` is an address below a name.
        if !is_nameable(&name) || text_blocks::is_street(&name) {
            continue;
        }
        return Some(SenderLine {
            first: cell.first,
            end,
            name,
            name_end: cell.first + name_end,
            x: cell.bbox.x,
            y: cell.bbox.y,
        });
    }
    None
}

fn tells_side_or_data(concept: Concept) -> bool {
    matches!(concept, Concept::Phone | Concept::Fax | Concept::Date | Concept::InvoiceNumber | Concept::BuyerName)
}
