//! A cut-out of a page's picture around the position of a field.

use maud::{Markup, html};

/// The least width of the cut-out in points; a few words are readable in it.
const WIDTH: f64 = 300.0;
/// The height of the cut-out divided by its width.
const SHAPE: f64 = 0.3;

/// A page's picture around a bounding box in points, with the box marked. Without a box, it is the whole page.
pub(super) fn lens(picture: &str, [width, height]: [f64; 2], bbox: Option<[f64; 4]>, said: &str) -> Markup {
    let view = bbox.map_or([0.0, 0.0, width, height], |bbox| around(bbox, [width, height]));
    html! {
        svg.lens.whole[bbox.is_none()] role="img" aria-label=(said) viewBox=(view.map(|n| format!("{n:.1}")).join(" ")) {
            image href=(picture) width=(width) height=(height) preserveAspectRatio="none" {}
            @if let Some([x, y, w, h]) = bbox {
                g.hits { rect x=(x - 2.0) y=(y - 2.0) width=(w + 4.0) height=(h + 4.0) rx="2" {} }
            }
        }
    }
}

/// The part of a page to show around a bounding box.
fn around([x, y, w, h]: [f64; 4], [width, height]: [f64; 2]) -> [f64; 4] {
    let wide = (w * 1.5).max(WIDTH).min(width);
    let high = (wide * SHAPE).max(h * 2.0).min(height);
    let left = (x + w / 2.0 - wide / 2.0).clamp(0.0, width - wide);
    let top = (y + h / 2.0 - high / 2.0).clamp(0.0, height - high);
    [left, top, wide, high]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_shows_the_box_and_nothing_beside_the_page() {
        for (bbox, page) in [
            ([0.0, 0.0, 10.0, 8.0], [595.0, 842.0]),
            ([560.0, 830.0, 30.0, 10.0], [595.0, 842.0]),
            ([0.0, 100.0, 595.0, 500.0], [595.0, 842.0]),
            ([10.0, 10.0, 40.0, 10.0], [200.0, 40.0]),
        ] {
            let [x, y, w, h] = around(bbox, page);
            assert!(x >= 0.0 && y >= 0.0 && x + w <= page[0] && y + h <= page[1], "{bbox:?}");
            assert!(
                x <= bbox[0] && y <= bbox[1] && x + w >= bbox[0] + bbox[2] && y + h >= bbox[1] + bbox[3],
                "{bbox:?}"
            );
        }
    }
}
