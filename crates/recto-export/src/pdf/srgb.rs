//! A colour profile of sRGB (IEC 61966-2-1) in version 2 of the ICC format (ICC.1:2001-04), which every PDF viewer
//! supports. It is generated from the standard's numbers, because available profiles have licences of their own.

/// The profile's name, in itself and where it is used.
pub(super) const NAME: &str = "sRGB IEC61966-2.1";

/// The number of curve values: enough for linear interpolation to be exact within one step of eight bits.
const CURVE_VALUES: u16 = 1024;
/// White and the three primaries as XYZ, adapted to D50 as usual in such profiles, in units of 1/65,536.
const WHITE: [u32; 3] = [0xF6D6, 0x1_0000, 0xD32D];
const RED: [u32; 3] = [0x6FA2, 0x38F5, 0x0390];
const GREEN: [u32; 3] = [0x6299, 0xB785, 0x18DA];
const BLUE: [u32; 3] = [0x24A0, 0x0F84, 0xB6CF];
/// The length of a header (section 6.1).
const HEADER: usize = 128;

/// The profile's bytes.
pub(super) fn profile() -> Vec<u8> {
    let elements =
        [description(), text("No copyright, use freely"), xyz(WHITE), xyz(RED), xyz(GREEN), xyz(BLUE), curve()];
    let tags: [(&[u8; 4], usize); 9] = [
        (b"desc", 0),
        (b"cprt", 1),
        (b"wtpt", 2),
        (b"rXYZ", 3),
        (b"gXYZ", 4),
        (b"bXYZ", 5),
        (b"rTRC", 6),
        (b"gTRC", 6),
        (b"bTRC", 6),
    ];
    let first = HEADER + 4 + 12 * tags.len();
    let mut data = Vec::new();
    let mut places = Vec::new();
    for element in &elements {
        places.push((first + data.len(), element.len()));
        data.extend_from_slice(element);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut profile = header(first + data.len());
    number(&mut profile, tags.len());
    for (tag, element) in tags {
        profile.extend_from_slice(tag);
        let (at, length) = places[element];
        number(&mut profile, at);
        number(&mut profile, length);
    }
    profile.extend_from_slice(&data);
    profile
}

/// Size, version 2.1, class (display profile from RGB to XYZ), an arbitrary date, and the illuminant of XYZ.
fn header(size: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER);
    number(&mut header, size);
    header.extend_from_slice(&[0; 4]);
    header.extend_from_slice(&[2, 0x10, 0, 0]);
    header.extend_from_slice(b"mntrRGB XYZ ");
    for part in [2026u16, 1, 1, 0, 0, 0] {
        header.extend_from_slice(&part.to_be_bytes());
    }
    header.extend_from_slice(b"acsp");
    header.resize(68, 0);
    for value in WHITE {
        header.extend_from_slice(&value.to_be_bytes());
    }
    header.resize(HEADER, 0);
    header
}

fn number(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&(value as u32).to_be_bytes());
}

/// A type signature and four reserved bytes.
fn element(signature: [u8; 4]) -> Vec<u8> {
    [signature, [0; 4]].concat()
}

/// The name in ASCII, without the type's two other variants (section 6.5.17).
fn description() -> Vec<u8> {
    let mut element = element(*b"desc");
    number(&mut element, NAME.len() + 1);
    element.extend_from_slice(NAME.as_bytes());
    element.resize(element.len() + 1 + 8 + 3 + 67, 0);
    element
}

fn text(content: &str) -> Vec<u8> {
    let mut element = element(*b"text");
    element.extend_from_slice(content.as_bytes());
    element.push(0);
    element
}

fn xyz(values: [u32; 3]) -> Vec<u8> {
    let mut element = element(*b"XYZ ");
    for value in values {
        element.extend_from_slice(&value.to_be_bytes());
    }
    element
}

/// The light intensity for each value: linear near black, then a power (IEC 61966-2-1, section 5.2).
fn curve() -> Vec<u8> {
    let mut element = element(*b"curv");
    number(&mut element, CURVE_VALUES.into());
    for step in 0..CURVE_VALUES {
        let value = f64::from(step) / f64::from(CURVE_VALUES - 1);
        let light = if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
        element.extend_from_slice(&((light * 65_535.0).round() as u16).to_be_bytes());
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_as_long_as_it_says_and_its_tags_lie_within() {
        let profile = profile();
        let at = |offset: usize| u32::from_be_bytes(profile[offset..offset + 4].try_into().unwrap()) as usize;
        assert_eq!(at(0), profile.len());
        assert_eq!((&profile[12..24], &profile[36..40]), (b"mntrRGB XYZ ".as_slice(), b"acsp".as_slice()));
        for tag in 0..at(HEADER) {
            let (start, length) = (at(HEADER + 8 + 12 * tag), at(HEADER + 12 + 12 * tag));
            assert!(start % 4 == 0 && start + length <= profile.len());
        }
    }

    #[test]
    fn the_primaries_make_white_and_the_curve_runs_from_black_to_white() {
        for axis in 0..3 {
            let sum = RED[axis] + GREEN[axis] + BLUE[axis];
            assert!(sum.abs_diff(WHITE[axis]) < 20, "{axis}");
        }
        let curve = curve();
        assert_eq!((&curve[12..14], &curve[curve.len() - 2..]), ([0, 0].as_slice(), [0xFF, 0xFF].as_slice()));
    }
}
