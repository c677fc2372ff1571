//! Joins the elements of pages into one document, where text continues across a page break.

use super::element::{Align, Element, Marginal, Paragraph};
use super::joining::{ends_in_parted_word, ends_sentence};
use super::paragraph::join;

/// The longest joined paragraph, in bytes. A longer one is cut, so that the text held back does not grow with the
/// document.
const LONGEST: usize = 64 * 1024;

/// Takes the elements of one page after another, and returns those that are complete.
///
/// A paragraph that is cut off by the end of its page is held back until its other half follows. The page number and
/// running title between the halves come after it.
#[derive(Default)]
pub struct Flow {
    cut_off: Option<Element>,
    between: Vec<Element>,
}

impl Flow {
    /// Takes the next page's elements; returns those that can no longer change.
    pub fn page(&mut self, elements: Vec<Element>) -> Vec<Element> {
        let mut done = Vec::new();
        let body_at = elements.iter().position(|element| !is_marginal(element)).unwrap_or(elements.len());
        let mut head = elements;
        let mut body = head.split_off(body_at);
        let foot_at = body.iter().rposition(|element| !is_marginal(element)).map_or(0, |at| at + 1);
        let foot = body.split_off(foot_at);
        let mut body = std::collections::VecDeque::from(body);
        if let Some(mut element) = self.cut_off.take() {
            match (text_of(&mut element), body.front()) {
                (Some(last), Some(Element::Paragraph(next))) if continues(last, next) => {
                    join(last, next);
                    body.pop_front();
                    if body.is_empty() && last.open && last.text.len() < LONGEST {
                        self.between.append(&mut head);
                        self.between.extend(foot);
                        self.cut_off = Some(element);
                        return done;
                    }
                }
                _ => {}
            }
            done.push(element);
        }
        done.append(&mut self.between);
        done.append(&mut head);
        let cut_off = body.back_mut().and_then(text_of).is_some_and(|last| last.open);
        if cut_off {
            self.cut_off = body.pop_back();
        }
        done.extend(body);
        if cut_off {
            self.between = foot;
        } else {
            done.extend(foot);
        }
        done
    }

    /// Ends the document; returns the elements held back.
    pub fn finish(&mut self) -> Vec<Element> {
        let mut done: Vec<Element> = self.cut_off.take().into_iter().collect();
        done.append(&mut self.between);
        done
    }
}

fn is_marginal(element: &Element) -> bool {
    matches!(element, Element::Paragraph(Paragraph { marginal: Marginal::Margin, .. }))
}

fn text_of(element: &mut Element) -> Option<&mut Paragraph> {
    match element {
        Element::Paragraph(paragraph) => Some(paragraph),
        Element::Item(item) => Some(&mut item.paragraph),
        Element::Heading { .. } | Element::Table(_) => None,
    }
}

fn continues(last: &Paragraph, next: &Paragraph) -> bool {
    let text = !next.indented && next.align == Align::Start && !ends_sentence(&last.text);
    ends_in_parted_word(&last.text) || next.text.starts_with(char::is_lowercase) || text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str, open: bool) -> Element {
        Element::Paragraph(Paragraph { text: text.to_owned(), open, ..Paragraph::default() })
    }

    fn page_number(text: &str) -> Element {
        Element::Paragraph(Paragraph { text: text.to_owned(), marginal: Marginal::Margin, ..Paragraph::default() })
    }

    fn texts(mut elements: Vec<Element>) -> Vec<String> {
        elements.iter_mut().map(|p| text_of(p).unwrap().text.clone()).collect()
    }

    #[test]
    fn a_sentence_runs_over_the_end_of_a_page() {
        let mut flow = Flow::default();
        let mut all = flow.page(vec![paragraph("One.", false), paragraph("The com-", true), page_number("7")]);
        all.extend(flow.page(vec![page_number("Report"), paragraph("mittee met.", false), paragraph("Two.", false)]));
        all.extend(flow.finish());
        assert_eq!(texts(all), ["One.", "The committee met.", "7", "Report", "Two."]);
    }

    #[test]
    fn a_sentence_that_ended_stays_on_its_page() {
        let mut flow = Flow::default();
        let mut all = flow.page(vec![paragraph("One.", false), page_number("7")]);
        all.extend(flow.page(vec![paragraph("Two", true)]));
        all.extend(flow.page(vec![]));
        all.extend(flow.finish());
        assert_eq!(texts(all), ["One.", "7", "Two"]);
    }

    #[test]
    fn a_paragraph_that_never_ends_is_not_held_for_ever() {
        let mut flow = Flow::default();
        let page = || vec![paragraph(&"and so on ".repeat(500), true)];
        let given: usize = (0..100).map(|_| flow.page(page()).len()).sum();
        assert!(given > 3);
    }
}
