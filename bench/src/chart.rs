//! A bar chart as SVG.

use std::fmt::Write;

use crate::speed::Result;

const WIDTH: usize = 760;
/// Where the bars begin, and how long the longest is.
const LEFT: f64 = 216.0;
const LONGEST: f64 = 300.0;
const TOP: usize = 84;
const ROW: usize = 46;

/// One bar a program, the longest for the fastest; beside it what it reached, its peak memory, and what Recto is to it.
pub(crate) fn bars(results: &[Result], pages: usize, cores: usize) -> String {
    let fastest = results.iter().map(|r| r.pages_per_second).fold(f64::MIN_POSITIVE, f64::max);
    let height = TOP + results.len() * ROW + 12;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"system-ui, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', sans-serif\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" rx=\"8\" fill=\"#fbfaf7\"/>\n\
         <text x=\"28\" y=\"38\" font-size=\"19\" font-weight=\"600\" fill=\"#1c1b19\">Pages read per second</text>\n\
         <text x=\"28\" y=\"60\" font-size=\"13\" fill=\"#5f5b52\">{pages} dense scanned pages on {cores} cores; peak memory of \
         all processes; longer is better</text>\n"
    );
    for (i, r) in results.iter().enumerate() {
        let y = TOP + i * ROW;
        let base = y + 19;
        let width = r.pages_per_second / fastest * LONGEST;
        let end = LEFT + width + 12.0;
        let (colour, weight) = if i == 0 { ("#1f4f8b", 600) } else { ("#b9b4a7", 400) };
        let ratio = if i == 0 { String::new() } else { format!(" · Recto {:.2}×", r.recto_is) };
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{base}\" font-size=\"14\" font-weight=\"{weight}\" text-anchor=\"end\" \
             fill=\"#1c1b19\">{}</text>\n\
             <rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"28\" rx=\"3\" fill=\"{colour}\"/>\n\
             <text x=\"{end:.1}\" y=\"{base}\" font-size=\"14\" fill=\"#1c1b19\">{:.2}\
             <tspan dx=\"10\" font-size=\"12\" fill=\"#5f5b52\">{:.0} MB{ratio}</tspan></text>",
            LEFT - 14.0,
            r.name,
            r.pages_per_second,
            r.peak_megabytes
        );
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_has_the_longest_bar() {
        let result = |name: &str, speed: f64| Result {
            name: name.to_owned(),
            pages_per_second: speed,
            peak_megabytes: 100.0,
            recto_is: 2.0 / speed,
        };
        let svg = bars(&[result("recto", 2.0), result("other", 1.0)], 24, 2);
        assert!(svg.contains("width=\"300.0\"") && svg.contains("width=\"150.0\"") && svg.contains("Recto 2.00×"));
    }
}
