//! A bar chart as SVG.

use std::fmt::Write;

use crate::speed::Result;

/// One bar a program, longest the fastest.
pub(crate) fn bars(results: &[Result], pages: usize, cores: usize) -> String {
    let longest = results.iter().map(|r| r.pages_per_second).fold(f64::MIN_POSITIVE, f64::max);
    let height = 72 + results.len() * 44;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 {height}\" font-family=\"system-ui, sans-serif\">\n\
         <rect width=\"760\" height=\"{height}\" fill=\"#fbfaf7\"/>\n\
         <text x=\"24\" y=\"34\" font-size=\"18\" fill=\"#1c1b19\">Pages a second, {pages} dense pages on {cores} cores</text>\n"
    );
    for (i, r) in results.iter().enumerate() {
        let y = 60 + i * 44;
        let width = r.pages_per_second / longest * 380.0;
        let colour = if i == 0 { "#1f4f8b" } else { "#a5a196" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"190\" y=\"{}\" font-size=\"13\" text-anchor=\"end\" fill=\"#1c1b19\">{}</text>\n\
             <rect x=\"202\" y=\"{y}\" width=\"{width:.1}\" height=\"26\" rx=\"3\" fill=\"{colour}\"/>\n\
             <text x=\"{:.1}\" y=\"{}\" font-size=\"13\" fill=\"#5f5b52\">{:.2} · {:.0} MB</text>",
            y + 18,
            r.name,
            212.0 + width,
            y + 18,
            r.pages_per_second,
            r.peak_megabytes
        );
    }
    svg.push_str("</svg>\n");
    svg
}
