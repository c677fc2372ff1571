//! The ruling lines of a page, such as those of a table.

use recto_domain::{Affine, Point, Rotation, Rule};
use recto_layout::joined_rules;

use super::rules::{Runs, level_rules};
use crate::page_image::PageImage;
use crate::reduced::Reduced;
use crate::resample;
use crate::statistics::PageStatistics;

/// The resolution at which rules are detected, in pixels per inch.
const ENOUGH_DPI: u32 = 150;
/// Lines with a smaller slope, in degrees, are found without deskewing.
const LEVEL: f32 = 0.2;

/// The horizontal and vertical lines drawn on a page, in points from the top left of its picture after the turn.
///
/// Horizontal and vertical are meant relative to its lines of letters: on a skewed page, the rules are skewed by the
/// same angle.
#[must_use]
pub fn ruling_lines(image: &PageImage, statistics: &PageStatistics, turn: Rotation) -> Vec<Rule> {
    if statistics.blank {
        return Vec::new();
    }
    let slant = match turn {
        Rotation::None | Rotation::Half => statistics.rows,
        Rotation::Clockwise | Rotation::CounterClockwise => statistics.columns,
    };
    let (width, height) = (image.width() as usize, image.height() as usize);
    let near = Reduced::of(image.luma(), width, height, (image.dpi() / ENOUGH_DPI).max(1) as usize);
    let Some((threshold, _)) = near.threshold() else { return Vec::new() };
    let is_level = slant.degrees.abs() < LEVEL;
    if is_level && !Runs::of(&near, threshold).any() {
        return Vec::new();
    }
    let Some(letter) = statistics.letter_height.map(|height| height / near.divisor as f32) else { return Vec::new() };
    let upright = PageImage::new(near.width as u32, near.height as u32, image.dpi(), near.luma).turned(turn);
    let (level, back) = if is_level {
        (upright, Affine::IDENTITY)
    } else {
        let deskewed = resample::deskewed(&upright, slant.degrees);
        (deskewed.image, deskewed.back)
    };
    // `back` maps to points of the smaller picture as if it had the resolution of the larger one.
    let scale = level.scale();
    let side = reduced(level.turned(Rotation::Clockwise));
    let height = level.height() as f32;
    let level = level_rules(&reduced(level), threshold, letter);
    // Vertical rules are horizontal on a page that is turned by 90 degrees, where the bottom is at the left.
    let stand = |p: Point| Point { x: p.y, y: height - p.x };
    let upright = level_rules(&side, threshold, letter);
    let upright = upright.iter().map(|rule| Rule::between(stand(rule.from), stand(rule.to)));
    let points = |p: Point| Point { x: p.x * scale, y: p.y * scale };
    let divisor = near.divisor as f32;
    let on_page = |p: Point| {
        let p = back.apply(p);
        Point { x: p.x * divisor, y: p.y * divisor }
    };
    let all: Vec<Rule> =
        level.into_iter().chain(upright).map(|r| Rule::between(points(r.from), points(r.to))).collect();
    joined_rules(&all).iter().map(|rule| Rule::between(on_page(rule.from), on_page(rule.to))).collect()
}

fn reduced(image: PageImage) -> Reduced {
    let (width, height) = (image.width() as usize, image.height() as usize);
    Reduced { width, height, divisor: 1, luma: image.into_luma() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::statistics;

    /// Rows of letters inside a box of two cells, whose lines are two pixels thick.
    fn ruled_page() -> PageImage {
        let (width, height) = (800u32, 600u32);
        let is_line = |at: u32, place: u32| (place..place + 2).contains(&at);
        let ink = |x: u32, y: u32| {
            let in_box = (100..=702).contains(&x) && (100..=402).contains(&y);
            let level = [100, 400].iter().any(|&at| is_line(y, at));
            let upright = [100, 300, 700].iter().any(|&at| is_line(x, at));
            let letter = (130..680).contains(&x) && (130..380).contains(&y) && x % 18 < 9 && y % 40 < 14;
            let beside = (285..320).contains(&x);
            in_box && (level || upright) || letter && !beside
        };
        let luma = (0..width * height).map(|i| if ink(i % width, i / width) { 0 } else { 255 }).collect();
        PageImage::new(width, height, 144, luma)
    }

    fn ends(rules: &[Rule]) -> Vec<[i32; 4]> {
        // Rounded to the nearest multiple of 10; each line is at most a point away from one.
        let round = |v: f32| (v / 10.0).round() as i32 * 10;
        rules.iter().map(|r| [round(r.from.x), round(r.from.y), round(r.to.x), round(r.to.y)]).collect()
    }

    #[test]
    fn the_lines_of_a_table_are_found_in_points() {
        let page = ruled_page();
        let found = ends(&ruling_lines(&page, &statistics(&page), Rotation::None));
        assert_eq!(
            found,
            [[50, 50, 350, 50], [50, 200, 350, 200], [50, 50, 50, 200], [150, 50, 150, 200], [350, 50, 350, 200]]
        );
    }

    #[test]
    fn a_turned_page_has_them_where_it_is_turned_to() {
        let page = ruled_page().turned(Rotation::CounterClockwise);
        let found = ends(&ruling_lines(&page, &statistics(&page), Rotation::Clockwise));
        assert_eq!(found.len(), 5);
        assert!(found.contains(&[150, 50, 150, 200]), "{found:?}");
    }

    #[test]
    fn a_blank_page_has_none() {
        let page = PageImage::new(400, 300, 72, vec![255; 400 * 300]);
        assert_eq!(ruling_lines(&page, &statistics(&page), Rotation::None), []);
    }
}
