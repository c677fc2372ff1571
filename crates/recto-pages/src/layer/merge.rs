//! Combines reliable words of a text layer with words read from the picture of the same page.

use recto_domain::{Block, Line, Rect, Word};

/// A word that was read is at the place of a reliable one when they overlap by this share.
const SAME_PLACE: f32 = 0.3;
/// Two lines are the same when the lower of them overlaps the other by this share of its height.
const SAME_LINE: f32 = 0.5;
/// A word belongs to a line that ends within this many of its heights beside it.
const NEAR: f32 = 2.0;
/// Lines read with lower confidence beside the layer's lines are patterns of a picture.
const DOUBTFUL: f32 = 0.45;

/// The confidence of a word that should be replaced, but where nothing was read.
const UNREAD: f32 = 0.4;

/// The blocks of a layer without the words that are not kept, and with the reading where no word is kept. If nothing
/// was read there either, the word of the layer is used after all.
pub(super) fn merged(layer: &[Block], keeps: &[bool], read: &[Block]) -> Vec<Block> {
    let there: Vec<Rect> = read.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).map(|word| word.bbox).collect();
    let mut keeps = keeps.iter().copied();
    let mut frames: Vec<Vec<Rect>> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for block in layer {
        let mut block = block.clone();
        frames.push(block.lines.iter().map(|line| line.bbox).collect());
        for line in &mut block.lines {
            line.words.retain_mut(|word| {
                let keeps = keeps.next().unwrap_or(false);
                let is_all_there_is = !keeps && !is_in(&word.bbox, &there);
                if is_all_there_is {
                    word.confidence = word.confidence.min(UNREAD);
                }
                keeps || is_all_there_is
            });
        }
        blocks.push(block);
    }
    let kept: Vec<Rect> = blocks.iter().flat_map(|b| &b.lines).flat_map(|l| &l.words).map(|word| word.bbox).collect();
    let mut more: Vec<Block> = Vec::new();
    for block in read {
        let mut lines = Vec::new();
        for line in &block.lines {
            let new: Vec<Word> = line.words.iter().filter(|word| !is_in(&word.bbox, &kept)).cloned().collect();
            let mut apart: Vec<Word> = Vec::new();
            for word in new {
                match line_of(&frames, &blocks, &word, line.angle) {
                    Some((at, of)) => insert(&mut blocks[at].lines[of], word),
                    None => apart.push(word),
                }
            }
            lines.extend(Line::of(line.angle, apart).filter(|line| line.confidence() >= DOUBTFUL));
        }
        more.extend(Block::of(block.kind, lines));
    }
    let mut blocks: Vec<Block> = blocks.into_iter().filter_map(without_empty_lines).collect();
    for block in more {
        make_room(&mut blocks, &block.bbox);
        let place = place_of(&blocks, &block.bbox);
        blocks.insert(place, block);
    }
    blocks
}

/// Splits a block that has lines above and below a place, but none in it.
fn make_room(blocks: &mut Vec<Block>, bbox: &Rect) {
    let middle = bbox.center().y;
    let is_above = |line: &Line| line.bbox.bottom() <= middle;
    let is_around = |block: &Block| {
        block.bbox.x < bbox.right()
            && bbox.x < block.bbox.right()
            && block.lines.iter().any(is_above)
            && block.lines.iter().any(|line| line.bbox.y > middle)
            && !block.lines.iter().any(|line| line.bbox.intersection(bbox).is_some())
    };
    let Some(at) = blocks.iter().position(is_around) else { return };
    let Block { kind, lines, .. } = blocks[at].clone();
    let (upper, lower) = lines.into_iter().partition(is_above);
    blocks.splice(at..=at, [upper, lower].into_iter().filter_map(|lines| Block::of(kind, lines)));
}

fn is_in(place: &Rect, kept: &[Rect]) -> bool {
    kept.iter().any(|other| {
        let shared = other.intersection(place).map_or(0.0, |both| both.area());
        shared > SAME_PLACE * place.area().min(other.area())
    })
}

/// The line of the layer from which a word was removed, as indices of block and line.
fn line_of(frames: &[Vec<Rect>], blocks: &[Block], word: &Word, angle: f32) -> Option<(usize, usize)> {
    let near = NEAR * word.bbox.height;
    let fits = |frame: &Rect| {
        let shared = frame.bottom().min(word.bbox.bottom()) - frame.y.max(word.bbox.y);
        let beside = (frame.x - word.bbox.right()).max(word.bbox.x - frame.right());
        (shared >= SAME_LINE * frame.height.min(word.bbox.height)
            && word.bbox.height <= NEAR * frame.height
            && beside <= near)
            .then_some(beside)
    };
    let lines = frames
        .iter()
        .enumerate()
        .flat_map(|(at, lines)| lines.iter().enumerate().map(move |(of, frame)| (at, of, frame)));
    lines
        .filter(|&(at, of, _)| (blocks[at].lines[of].angle - angle).abs() < 5.0)
        .filter_map(|(at, of, frame)| Some((fits(frame)?, at, of)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, at, of)| (at, of))
}

/// Inserts a word into a line of any direction.
fn insert(line: &mut Line, word: Word) {
    let x = |word: &Word| word.bbox.center().x;
    let is_leftward = match line.words.as_slice() {
        [first, .., last] => x(first) > x(last),
        words => words.iter().chain([&word]).any(|word| word.text.chars().any(crate::layout::is_right_to_left)),
    };
    let place = line.words.iter().position(|other| (x(other) > x(&word)) != is_leftward).unwrap_or(line.words.len());
    line.words.insert(place, word);
}

fn without_empty_lines(block: Block) -> Option<Block> {
    let lines = block.lines.into_iter().filter_map(|line| Line::of(line.angle, line.words)).collect();
    Block::of(block.kind, lines)
}

/// The position for a block among blocks in reading order: after the last one that ends above its centre in its
/// columns, or otherwise before the first one that begins below it.
fn place_of(blocks: &[Block], bbox: &Rect) -> usize {
    let shares_columns = |other: &Rect| other.x < bbox.right() && bbox.x < other.right();
    let middle = bbox.center().y;
    let above = |block: &Block| block.bbox.center().y <= middle;
    let last_above = blocks.iter().rposition(|block| above(block) && shares_columns(&block.bbox));
    let first_below = || blocks.iter().position(|block| !above(block) && shares_columns(&block.bbox));
    let anywhere = || blocks.iter().position(|block| !above(block));
    last_above.map(|at| at + 1).or_else(first_below).or_else(anywhere).unwrap_or(blocks.len())
}

#[cfg(test)]
mod tests {
    use recto_domain::BlockKind;

    use super::*;

    fn word(text: &str, x: f32, y: f32, confidence: f32) -> Word {
        Word { text: text.to_owned(), bbox: Rect { x, y, width: 8.0 * text.len() as f32, height: 10.0 }, confidence }
    }

    fn block(lines: Vec<Vec<Word>>) -> Block {
        Block::of(BlockKind::Paragraph, lines.into_iter().map(|words| Line::of(0.0, words).unwrap()).collect()).unwrap()
    }

    fn text(blocks: &[Block]) -> String {
        blocks.iter().map(Block::text).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_word_that_is_not_kept_is_read_in_its_line() {
        let layer = [block(vec![vec![
            word("Total", 0.0, 0.0, 1.0),
            word("5311", 60.0, 0.0, 1.0),
            word("EUR", 110.0, 0.0, 1.0),
        ]])];
        let read = [block(vec![vec![
            word("Tota1", 1.0, 0.0, 0.9),
            word("2088", 61.0, 1.0, 0.9),
            word("EUR", 110.0, 0.0, 0.9),
        ]])];
        assert_eq!(text(&merged(&layer, &[true, false, true], &read)), "Total 2088 EUR");
    }

    #[test]
    fn a_word_that_is_not_kept_stays_doubtful_where_nothing_was_read() {
        let layer = [block(vec![vec![word("Total", 0.0, 0.0, 1.0), word("5311", 60.0, 0.0, 1.0)]])];
        let merged = merged(&layer, &[true, false], &[]);
        assert_eq!(text(&merged), "Total 5311");
        assert!(merged[0].lines[0].words[1].confidence < 0.5);
    }

    #[test]
    fn lines_of_a_picture_come_between_the_lines_around_it_and_doubtful_ones_not_at_all() {
        let layer = [block(vec![vec![word("Above", 0.0, 0.0, 1.0)], vec![word("Below", 0.0, 100.0, 1.0)]])];
        let read = [
            block(vec![vec![word("Receipt", 10.0, 40.0, 0.9)], vec![word("48.70", 10.0, 60.0, 0.8)]]),
            block(vec![vec![word("~#|", 200.0, 40.0, 0.2)]]),
        ];
        assert_eq!(text(&merged(&layer, &[true, true], &read)), "Above|Receipt\n48.70|Below");
    }

    #[test]
    fn a_line_that_runs_to_the_left_takes_words_in_its_order() {
        let layer = [block(vec![vec![word("ראשון", 200.0, 0.0, 1.0), word("אחרון", 20.0, 0.0, 1.0)]])];
        let read = [block(vec![vec![word("אמצע", 120.0, 0.0, 0.9)]])];
        assert_eq!(text(&merged(&layer, &[true, true], &read)), "ראשון אמצע אחרון");
    }
}
