//! Numbers as exports write them: short, finite, and the same in every format.

use recto_domain::Rect;

/// A length in points with two decimals: a hundredth of a point is finer than any scan.
pub(crate) fn points(value: f32) -> f64 {
    rounded(value, 100.0)
}

/// An angle in degrees with two decimals.
pub(crate) fn degrees(value: f32) -> f64 {
    rounded(value, 100.0)
}

/// A confidence from 0 to 1 with four decimals.
pub(crate) fn confidence(value: f32) -> f64 {
    rounded(value, 10_000.0).clamp(0.0, 1.0)
}

/// `[x, y, width, height]` in points.
pub(crate) fn bbox(rect: &Rect) -> [f64; 4] {
    [rect.x, rect.y, rect.width, rect.height].map(points)
}

/// JSON and XML Schema's decimal cannot represent NaN or infinity; no such box ever came from ink.
fn rounded(value: f32, parts: f64) -> f64 {
    let value = (f64::from(value) * parts).round() / parts;
    // `+ 0.0` turns the negative zero from rounding -0.001 into zero.
    if value.is_finite() { value + 0.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the very numbers are to be short")]
    fn numbers_are_short_and_finite() {
        assert_eq!(bbox(&Rect { x: 0.1, y: -0.001, width: f32::NAN, height: 12.346 }), [0.1, 0.0, 0.0, 12.35]);
        assert_eq!(bbox(&Rect { y: -0.001, ..Rect::default() })[1].to_string(), "0");
        assert_eq!(confidence(0.912_345_6), 0.9123);
        assert_eq!(confidence(1.000_01), 1.0);
    }
}
