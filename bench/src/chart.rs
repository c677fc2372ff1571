//! The report as a chart: for each set a bar a program, as long as it is fast beside parallel `tesseract`.
//!
//! The drawing has a ground of its own and colours for a light and a dark one, so that it can be read wherever it is
//! shown.

use std::fmt::Write;

use crate::peers::Peer;
use crate::speed::{Measured, Report, ratio};

const WIDTH: f64 = 860.0;
/// Where the bars begin and may end, and where the columns beside them end.
const LEFT: f64 = 208.0;
const RIGHT: f64 = 548.0;
const COLUMNS: [(f64, &str); 3] = [(658.0, "word-F1"), (752.0, "CPU s a page"), (832.0, "peak MB")];
const HEAD: f64 = 78.0;
const SET_HEAD: f64 = 46.0;
const ROW: f64 = 25.0;
const BAR: f64 = 15.0;

const STYLE: &str = "\
svg { font-family: system-ui, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', sans-serif; font-size: 13px }
.ground { fill: #fbfaf7 } text { fill: #1c1b19 } .quiet { fill: #5f5b52; font-size: 12px }
.title { font-size: 18px; font-weight: 600 } .set { font-size: 14px; font-weight: 600 }
.own { fill: #1f5fae } .engine { fill: #8fb1da } .peer { fill: #b9b4a7 } .line { stroke: #5f5b52 }
.best { font-weight: 600 }
@media (prefers-color-scheme: dark) {
.ground { fill: #16181c } text { fill: #e9e7e2 } .quiet { fill: #a5a199 }
.own { fill: #5b9bea } .engine { fill: #2f5c93 } .peer { fill: #5a5750 } .line { stroke: #a5a199 }
}";

/// The chart as SVG.
pub(crate) fn bars(report: &Report) -> String {
    let rows = |set: &Measured| set.reached.len() as f64;
    let height = HEAD + report.sets.iter().map(|set| SET_HEAD + rows(set) * ROW + 14.0).sum::<f64>();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"Recto beside its peers: speed and accuracy\">\n\
         <style>\n{STYLE}\n</style>\n<rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"24\" y=\"36\">How fast, and how well</text>\n\
         <text class=\"quiet\" x=\"24\" y=\"58\">Speed beside the tesseract command run in parallel (1.00x, the line) on \
         {} cores; median of {} rounds in turn; longer is faster</text>\n",
        report.cores, report.rounds
    );
    let mut y = HEAD;
    for set in &report.sets {
        draw(&mut svg, set, y);
        y += SET_HEAD + rows(set) * ROW + 14.0;
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, set: &Measured, top: f64) {
    let head = top + 22.0;
    // Without the yardstick the fastest one's bar is the longest.
    let speed = |of: &crate::speed::Reached| {
        if of.to_tesseract.is_finite() { of.to_tesseract } else { of.files_per_second }
    };
    let fastest = set.reached.iter().map(speed).fold(f64::MIN_POSITIVE, f64::max);
    let best = set.reached.iter().map(|of| of.word_f1).fold(0.0, f64::max);
    // Writing to a String cannot fail.
    let _ = writeln!(
        svg,
        "<text class=\"set\" x=\"24\" y=\"{head}\">{}</text>\
         <text class=\"quiet\" x=\"{LEFT}\" y=\"{head}\">{}</text>",
        escaped(&set.set),
        if set.pages as usize == set.files {
            format!("{} pages", set.pages)
        } else {
            format!("{} files, {} pages", set.files, set.pages)
        }
    );
    for (x, name) in COLUMNS {
        let _ = writeln!(svg, "<text class=\"quiet\" x=\"{x}\" y=\"{head}\" text-anchor=\"end\">{name}</text>");
    }
    let rows = top + SET_HEAD - 10.0;
    if set.reached.iter().any(|of| of.to_tesseract.is_finite()) {
        let (x, end) = (LEFT + (RIGHT - LEFT) / fastest, rows + set.reached.len() as f64 * ROW);
        let _ = writeln!(
            svg,
            "<line class=\"line\" x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{end:.1}\" stroke-dasharray=\"2 3\"/>",
            rows - 3.0
        );
    }
    for (n, of) in set.reached.iter().enumerate() {
        let y = rows + n as f64 * ROW;
        let base = y + 12.0;
        let width = speed(of) / fastest * (RIGHT - LEFT);
        let recto = Peer::Recto(None).name();
        let class = if of.program == recto {
            "own"
        } else if of.program.starts_with(&recto) {
            "engine"
        } else {
            "peer"
        };
        let weight = if class == "own" { " class=\"best\"" } else { "" };
        let _ = writeln!(
            svg,
            "<text{weight} x=\"{:.0}\" y=\"{base:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"/>\
             <text{weight} x=\"{:.1}\" y=\"{base:.1}\">{}</text>",
            LEFT - 12.0,
            escaped(&of.program),
            LEFT + width + 8.0,
            ratio(of.to_tesseract)
        );
        // What rounds to the best is the best.
        let is_best = format!("{:.3}", of.word_f1) == format!("{best:.3}");
        let values = [
            (format!("{:.3}", of.word_f1), is_best),
            (format!("{:.2}", of.cpu_seconds_per_page), false),
            (format!("{:.0}", of.peak_megabytes), false),
        ];
        for ((x, _), (value, is_best)) in COLUMNS.iter().zip(values) {
            let weight = if is_best { " class=\"best\"" } else { "" };
            let _ = writeln!(svg, "<text{weight} x=\"{x}\" y=\"{base:.1}\" text-anchor=\"end\">{value}</text>");
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speed::Reached;

    #[test]
    fn the_fastest_has_the_longest_bar_and_names_are_escaped() {
        let reached = |program: &str, to_tesseract: f64| Reached {
            program: program.to_owned(),
            files_per_second: to_tesseract,
            to_tesseract,
            word_f1: 0.9,
            cpu_seconds_per_page: 1.0,
            peak_megabytes: 100.0,
        };
        let set = Measured {
            set: "a<b".to_owned(),
            files: 3,
            pages: 5,
            reached: vec![reached("Recto", 2.0), reached("other", 1.0)],
            left_out: Vec::new(),
        };
        let svg = bars(&Report { cores: 2, rounds: 3, versions: Vec::new(), sets: vec![set] });
        let longest = RIGHT - LEFT;
        for part in [
            format!("class=\"own\" x=\"{LEFT}\" y=\"114.0\" width=\"{longest:.1}\""),
            format!("width=\"{:.1}\"", longest / 2.0),
            "a&lt;b".to_owned(),
            "3 files, 5 pages".to_owned(),
            "2.00x".to_owned(),
        ] {
            assert!(svg.contains(&part), "{part} in {svg}");
        }
    }
}
