//! Reads amounts and days as documents print them:
//!
//! ```text
//! cargo run -p recto-values --example read -- "1.234,50 €" "3. März 2026"
//! ```

use recto_values::amount::{self, DecimalMark};
use recto_values::date::{self, DayOrder};

fn main() {
    for text in std::env::args().skip(1) {
        match (date::first(&text, DayOrder::DayMonthYear), amount::read(&text, DecimalMark::Unknown)) {
            (Some(day), _) => println!("{text}: {day}"),
            (None, Some(amount)) => {
                println!("{text}: {} {}", amount.value, amount.currency.unwrap_or("in no currency"));
            }
            (None, None) => println!("{text}: neither a day nor an amount"),
        }
    }
}
