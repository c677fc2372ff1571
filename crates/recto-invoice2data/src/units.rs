//! Units of measure as invoices print them, with their codes of UNECE Recommendation 20.

/// The names of each code, in lower case.
const UNITS: [(&str, &[&str]); 15] = [
    ("LTR", &["l", "lt", "ltr", "liter", "liters", "litre", "litres", "ℓ"]),
    ("MLT", &["ml", "milliliter", "millilitre"]),
    ("KGM", &["kg", "kgm", "kgs", "kilogram", "kilograms"]),
    ("GRM", &["g", "gr", "grm", "gram", "grams"]),
    ("MTR", &["m", "mtr", "meter", "meters", "metre", "metres"]),
    ("CMT", &["cm"]),
    ("MMT", &["mm"]),
    ("KMT", &["km"]),
    (
        "H87",
        &[
            "pc",
            "pcs",
            "piece",
            "pieces",
            "ps",
            "ea",
            "each",
            "unit",
            "units",
            "x",
            "st",
            "stk",
            "stk.",
            "stuk",
            "stuks",
            "stück",
            "stueck",
            "stueckliste",
        ],
    ),
    ("SET", &["set", "sets"]),
    ("HUR", &["h", "hr", "hrs", "hour", "hours", "uur", "uren"]),
    ("MIN", &["min", "minute", "minutes"]),
    ("DAY", &["d", "day", "days", "dag", "dagen"]),
    ("MON", &["month", "months", "maand", "maanden", "mnd"]),
    ("ANN", &["year", "years", "jaar"]),
];

/// The code of a printed unit, if it is a common one.
pub(super) fn code(unit: &str) -> Option<&'static str> {
    let unit = unit.trim().to_lowercase();
    UNITS.iter().find(|(_, names)| names.contains(&unit.as_str())).map(|(code, _)| *code)
}
