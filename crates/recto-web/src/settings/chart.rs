//! A bar chart by day, drawn by the server, with its numbers as a table for screen readers.

use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 140.0;
/// The space on the left for the numbers, and at the bottom for the days.
const LEFT: f64 = 84.0;
const BELOW: f64 = 24.0;

/// One bar per day, oldest first. `said` formats a value with its unit.
pub(super) fn bars(title: &str, days: &[(String, f64)], said: &dyn Fn(f64) -> String) -> Markup {
    let most = days.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    if most <= 0.0 {
        return html! { h2 { (title) } p.quiet { "Nothing yet." } };
    }
    let step = (WIDTH - LEFT) / days.len() as f64;
    let bar = (step * 0.8).min(48.0);
    let high = |value: f64| value / most * (HEIGHT - BELOW - 8.0);
    let label = |x: f64, at: &str, day: &str| html! { text x=(short(x)) y=(HEIGHT - 4.0) text-anchor=(at) { (day) } };
    html! {
        h2 { (title) }
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (title) ", at most " (said(most)) } {
            @for part in [0.0, 0.5, 1.0] {
                @let y = HEIGHT - BELOW - high(most * part);
                line x1=(LEFT) x2=(WIDTH) y1=(short(y)) y2=(short(y)) {}
                text x=(LEFT - 8.0) y=(short(y + 4.0)) text-anchor="end" { (said(most * part)) }
            }
            @for (index, (day, value)) in days.iter().enumerate() {
                rect x=(short(LEFT + step * index as f64 + (step - bar) / 2.0)) y=(short(HEIGHT - BELOW - high(*value)))
                    width=(short(bar)) height=(short(high(*value))) { title { (day) ": " (said(*value)) } }
            }
            @match days {
                [(only, _)] => (label(LEFT + step / 2.0, "middle", only)),
                [(first, _), .., (last, _)] => { (label(LEFT, "start", first)) (label(WIDTH, "end", last)) }
                [] => {}
            }
        }
        details {
            summary { "As a table" span.hidden { ": " (title) } }
            table {
                thead { tr { th scope="col" { "Day" } th scope="col" { (title) } } }
                tbody { @for (day, value) in days { tr { td { (day) } td { (said(*value)) } } } }
            }
        }
    }
}

fn short(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_a_bar_within_the_chart() {
        let days: Vec<_> = (1..=30).map(|day| (format!("2026-03-{day:02}"), f64::from(day % 7))).collect();
        let drawn = bars("Pages", &days, &|value| format!("{value:.0}")).into_string();
        assert_eq!(drawn.matches("<rect").count(), 30);
        assert!(!drawn.contains("NaN") && !drawn.contains("\"-"), "{drawn}");
        assert!(bars("Pages", &[], &|value| value.to_string()).into_string().contains("Nothing yet"));
    }
}
