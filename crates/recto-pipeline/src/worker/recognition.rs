//! Reads one page: from the text that it carries, from its picture, or from both.

use recto_domain::{Affine, Block, LanguageChoice, Page, PageSource, Point, Rect, Rotation, Rule, Size, TextLayerUse};
use recto_ocr::{
    EngineRegistry, MissingLanguage, OcrError, PageImage, ReadAny, ReadError, language_of, ruling_lines, sheet_alone,
    statistics,
};
use recto_pages::{DoubtfulLayer, OpenFile, RenderedPage, Settled, TextLayer};

use super::reader::Refusal;

/// How one page is to be read.
pub(super) struct Recognition<'a> {
    pub(super) engine: &'a str,
    pub(super) languages: &'a LanguageChoice,
    pub(super) dpi: u32,
    pub(super) text_layer: TextLayerUse,
}

/// An engine's reading of a picture.
#[derive(Clone)]
struct Read {
    /// `None` for a picture that was found to be blank and was given to no engine.
    source: Option<PageSource>,
    /// The blocks, with boxes in points from the top left of the picture after the turn.
    blocks: Vec<Block>,
    /// The ruling lines, in the same coordinates.
    rules: Vec<Rule>,
    turn: Rotation,
    languages: String,
    missing: Option<MissingLanguage>,
    /// The share of the letters on the picture that no word covers.
    unread: Option<f32>,
}

impl Recognition<'_> {
    pub(super) fn read(
        &self,
        file: &mut OpenFile<'_>,
        number: u32,
        engines: &mut EngineRegistry,
    ) -> Result<Page, Refusal> {
        let layer = match own_text(file, number, self.text_layer)? {
            TextLayer::Sound(page) => return Ok(page),
            TextLayer::Doubtful(layer) => Some(layer),
            TextLayer::Absent => None,
        };
        let rendered = file.render(number, self.dpi)?;
        match layer {
            Some(layer) => {
                let page = self.settle(&layer, number, &rendered, engines)?;
                Ok(with_rules(page, &layer, &rendered))
            }
            None => Ok(self.recognise(&rendered.image, engines)?.into_page(number, &rendered)),
        }
    }

    /// Compares a doubtful text layer with the picture: first some lines of it, then all of it if they do not confirm
    /// the layer.
    fn settle(
        &self,
        layer: &DoubtfulLayer,
        number: u32,
        rendered: &RenderedPage,
        engines: &mut EngineRegistry,
    ) -> Result<Page, Refusal> {
        if let Some(rest) = layer.rest(rendered) {
            let mut read = self.recognise(rest.image(), engines)?;
            read.display(rest.image().size(), rest.place());
            let Some(blocks) = layer.completed(&read.blocks) else { return Ok(with_language(layer.page().clone())) };
            let languages = language_of(&layer.page().text()).map_or(read.languages, str::to_owned);
            // The page still counts as its own text when most of its words come from there.
            let own = layer.page().words().count();
            let all: usize = blocks.iter().flat_map(|block| &block.lines).map(|line| line.words.len()).sum();
            let source = if 2 * own > all { Some(PageSource::TextLayer) } else { read.source };
            return Ok(Page::read(number, rendered.size, rendered.rotation, source, Some(languages), blocks));
        }
        if let Some(sample) = layer.sample(rendered) {
            let read = match self.recognise(sample.image(), engines) {
                Err(error) => return unreadable(layer, error),
                Ok(read) => read,
            };
            if let Some(page) = layer.confirmed(&sample, &read.blocks) {
                return Ok(with_language(page));
            }
        }
        let read = match self.recognise(&rendered.image, engines) {
            Err(error) => return unreadable(layer, error),
            Ok(read) => read,
        };
        let mut displayed = read.clone();
        displayed.display(rendered.size, Point::default());
        Ok(match layer.settled(&displayed.blocks) {
            Settled::Layer(page) => with_language(page),
            Settled::Unclear(page) => {
                let warning = read.missing.as_ref().map(ToString::to_string);
                with_language(page).with_warning(Some(NOT_COMPARED.to_owned())).with_warning(warning)
            }
            Settled::Picture => read.into_page(number, rendered).with_warning(Some(REPLACED.to_owned())),
            Settled::Both { blocks, is_mended } => {
                let (source, languages) = (read.source, Some(read.languages));
                let page = Page::read(number, rendered.size, rendered.rotation, source, languages, blocks);
                page.with_warning(is_mended.then(|| MENDED.to_owned()))
            }
        })
    }

    fn recognise(&self, image: &PageImage, engines: &mut EngineRegistry) -> Result<Read, ReadError> {
        let image = &*sheet_alone(image);
        let looks = statistics(image);
        let (engine, page, languages, missing) = match self.languages {
            LanguageChoice::Auto => {
                let ReadAny { engine, page, languages, missing } = engines.read_any(self.engine, image, &looks)?;
                (engine, page, languages.to_string(), missing)
            }
            LanguageChoice::Named(languages) => {
                let (engine, page) = engines.read(self.engine, image, &looks, languages)?;
                (engine, page, languages.to_string(), None)
            }
        };
        let source = (!looks.blank).then_some(PageSource::Engine(engine));
        let rules = ruling_lines(image, &looks, page.turn);
        Ok(Read { source, blocks: page.blocks, rules, turn: page.turn, languages, missing, unread: page.unread })
    }
}

const NOT_COMPARED: &str =
    "the text in the file may differ from what the page shows, and the page could not be read to compare them";
const REPLACED: &str = "the text in the file differs from what the page shows; the page was recognised instead";
const MENDED: &str = "letters of the text in the file are missing or wrong; the affected words were recognised instead";

impl Read {
    fn into_page(self, number: u32, rendered: &RenderedPage) -> Page {
        let page = Page::read(
            number,
            rendered.size.turned(self.turn),
            rendered.rotation.then(self.turn),
            self.source,
            Some(self.languages),
            self.blocks,
        )
        .with_rules(self.rules);
        with_unread(page, self.unread).with_warning(self.missing.map(|missing| missing.to_string()))
    }

    /// Moves the boxes of the blocks to the displayed page, on which the picture of `size` is at `place`.
    fn display(&mut self, size: Size, place: Point) {
        let turned_back = self.turn.inverse().affine(size.turned(self.turn));
        let displayed = turned_back.then(&Affine::translation(place.x, place.y));
        let turn_back = |bbox: &mut Rect| *bbox = displayed.apply_rect(bbox);
        for block in &mut self.blocks {
            turn_back(&mut block.bbox);
            for line in &mut block.lines {
                turn_back(&mut line.bbox);
                line.angle -= f32::from(self.turn.degrees());
                for word in &mut line.words {
                    turn_back(&mut word.bbox);
                }
            }
        }
        self.turn = Rotation::None;
    }
}

/// A page whose picture cannot be read keeps its own text, unless the whole way of reading is wrong.
fn unreadable(layer: &DoubtfulLayer, error: ReadError) -> Result<Page, Refusal> {
    match error {
        ReadError::Engine(missing @ (OcrError::MissingLanguage { .. } | OcrError::Page { .. })) => {
            let page = with_language(layer.unchecked()).with_warning(Some(NOT_COMPARED.to_owned()));
            Ok(page.with_warning(Some(missing.to_string())))
        }
        other => Err(other.into()),
    }
}

/// The page's own text, as far as it is wanted. Problems of the page alone are ignored, because rendering will show
/// them.
pub(super) fn own_text(file: &mut OpenFile<'_>, number: u32, text_layer: TextLayerUse) -> Result<TextLayer, Refusal> {
    let layer = match text_layer {
        TextLayerUse::Auto => file.text_layer(number),
        TextLayerUse::Redo => file.visible_text_layer(number),
        TextLayerUse::Trust => file.text_as_it_is(number).map(|page| page.map_or(TextLayer::Absent, TextLayer::Sound)),
        TextLayerUse::Ignore => Ok(TextLayer::Absent),
    };
    match layer {
        Err(error) if !error.is_about_file() => Ok(TextLayer::Absent),
        Ok(TextLayer::Sound(page)) => Ok(TextLayer::Sound(with_language(page))),
        other => Ok(other?),
    }
}

/// The page with its unread text taken into account. Words that were not read are not right, so the share of text that
/// was not read lowers the page's confidence by that share.
fn with_unread(page: Page, unread: Option<f32>) -> Page {
    let Some(unread) = unread else { return page };
    let confidence = page.confidence.map(|confidence| confidence * (1.0 - unread));
    let percent = (100.0 * unread).round().max(1.0);
    Page { confidence, ..page }.with_warning(Some(format!("about {percent} % of the ink was not read")))
}

/// The page with the ruling lines that the file draws or, when there are none, with those found on its picture.
fn with_rules(page: Page, layer: &DoubtfulLayer, rendered: &RenderedPage) -> Page {
    if !page.rules.is_empty() || page.rotation != rendered.rotation {
        return page;
    }
    let drawn = &layer.page().rules;
    if !drawn.is_empty() {
        return page.with_rules(drawn.clone());
    }
    page.with_rules(ruling_lines(&rendered.image, &statistics(&rendered.image), Rotation::None))
}

fn with_language(page: Page) -> Page {
    Page { language: language_of(&page.text()).map(str::to_owned), ..page }
}
