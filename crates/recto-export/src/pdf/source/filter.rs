//! Decodes the streams with a file's structure, and page contents (ISO 32000-1, section 7.4). Picture compressions are
//! decoded elsewhere, and only to reduce them.

use std::io::Read;

use crate::pdf::object::{Dictionary, Object};

/// The decoded data, at most `limit` bytes of it; `None` for a filter that is not used for structure. An undecodable
/// end is left out.
pub(super) fn decoded(dictionary: &Dictionary, data: Vec<u8>, limit: usize) -> Option<Vec<u8>> {
    let mut data = data;
    for (filter, parameters) in filters(dictionary) {
        data = undo(filter.as_name()?, parameters.as_ref(), &data, limit)?.data;
    }
    data.truncate(limit);
    Some(data)
}

/// A stream after undoing the filters that are used for structure.
pub(in crate::pdf) struct Bare {
    /// The remaining picture filter, if there is one.
    pub(in crate::pdf) filter: Option<Vec<u8>>,
    /// Its parameters.
    pub(in crate::pdf) parameters: Option<Dictionary>,
    pub(in crate::pdf) data: Vec<u8>,
}

/// Undoes the filters that are used for structure. `None` for data that is damaged or longer than `limit`, and for
/// filters whose names and parameters are not direct objects of the dictionary.
pub(in crate::pdf) fn undone(dictionary: &Dictionary, data: &[u8], limit: usize) -> Option<Bare> {
    let mut data = data.to_vec();
    let filters = filters(dictionary);
    let is_plain = |object: &Object| !matches!(object, Object::Reference(_) | Object::Made(_));
    for (index, (filter, parameters)) in filters.iter().enumerate() {
        let parameters = match parameters {
            Some(parameters) if parameters.iter().any(|(_, value)| !is_plain(value)) => return None,
            parameters => parameters.as_ref(),
        };
        match undo(filter.as_name()?, parameters, &data, limit) {
            Some(undone) if undone.is_whole && undone.data.len() <= limit => data = undone.data,
            None if index + 1 == filters.len() => {
                let (filter, parameters) = (filter.as_name().map(<[u8]>::to_vec), parameters.cloned());
                return Some(Bare { filter, parameters, data });
            }
            _ => return None,
        }
    }
    Some(Bare { filter: None, parameters: None, data })
}

/// The filters of a stream in the order in which they are undone, with their parameters.
fn filters(dictionary: &Dictionary) -> Vec<(Object, Option<Dictionary>)> {
    let list = |key: &str, short: &str| match dictionary.get(key).or_else(|| dictionary.get(short)) {
        Some(Object::Array(items)) => items.clone(),
        Some(Object::Null) | None => Vec::new(),
        Some(one) => vec![one.clone()],
    };
    let parameters = list("DecodeParms", "DP");
    let of = |index: usize| match parameters.get(index) {
        Some(Object::Dictionary(parameters)) => Some(parameters.clone()),
        // Indirect entries are not available here.
        Some(elsewhere @ Object::Reference(_)) => Some(Dictionary::new().with("Elsewhere", elsewhere.clone())),
        _ => None,
    };
    list("Filter", "F").into_iter().take(4).enumerate().map(|(index, filter)| (filter, of(index))).collect()
}

/// The data after undoing one filter.
struct Undone {
    data: Vec<u8>,
    /// Whether it was neither damaged nor cut off at the limit.
    is_whole: bool,
}

/// Undoes a filter that is used for structure; `None` for any other.
fn undo(filter: &[u8], parameters: Option<&Dictionary>, data: &[u8], limit: usize) -> Option<Undone> {
    let Undone { data, is_whole } = match filter {
        b"FlateDecode" | b"Fl" => inflated(data, limit),
        b"LZWDecode" | b"LZW" => lzw(data, parameters, limit),
        b"ASCIIHexDecode" | b"AHx" => return Some(Undone { data: ascii_hex(data), is_whole: true }),
        b"ASCII85Decode" | b"A85" => return Some(Undone { data: ascii_85(data), is_whole: true }),
        b"Crypt" => return Some(Undone { data: data.to_vec(), is_whole: true }),
        _ => return None,
    };
    Some(Undone { data: unpredicted(data, parameters), is_whole })
}

fn inflated(data: &[u8], limit: usize) -> Undone {
    let mut out = Vec::new();
    // Damaged data is used as far as it can be read.
    let read = flate2::read::ZlibDecoder::new(data).take(limit as u64 + 1).read_to_end(&mut out);
    let is_whole = read.is_ok() && out.len() <= limit;
    out.truncate(limit);
    Undone { data: out, is_whole }
}

fn lzw(data: &[u8], parameters: Option<&Dictionary>, limit: usize) -> Undone {
    let early = parameters.and_then(|p| p.get("EarlyChange")).and_then(Object::as_integer) != Some(0);
    let mut decoder = if early {
        weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8)
    } else {
        weezl::decode::Decoder::new(weezl::BitOrder::Msb, 8)
    };
    let mut out = vec![0; limit.min(data.len().saturating_mul(64))];
    let result = decoder.decode_bytes(data, &mut out);
    out.truncate(result.consumed_out);
    Undone { data: out, is_whole: matches!(result.status, Ok(weezl::LzwStatus::Done)) }
}

fn ascii_hex(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .take_while(|b| **b != b'>')
        .filter_map(|b| char::from(*b).to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
}

fn ascii_85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut group = Vec::new();
    for &byte in data.iter().take_while(|b| **b != b'~') {
        match byte {
            b'z' if group.is_empty() => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => continue,
        }
        if group.len() == 5 {
            out.extend_from_slice(&base_85(&group));
            group.clear();
        }
    }
    if group.len() > 1 {
        let kept = group.len() - 1;
        group.resize(5, 84);
        out.extend_from_slice(&base_85(&group)[..kept]);
    }
    out
}

fn base_85(digits: &[u8]) -> [u8; 4] {
    digits.iter().fold(0u32, |v, d| v.wrapping_mul(85).wrapping_add(u32::from(*d))).to_be_bytes()
}

/// Undoes the predictors (section 7.4.4.4).
fn unpredicted(data: Vec<u8>, parameters: Option<&Dictionary>) -> Vec<u8> {
    let number = |key: &str, default: usize| {
        let value = parameters.and_then(|p| p.get(key)).and_then(Object::as_integer);
        value.and_then(|v| usize::try_from(v).ok()).map_or(default, |v| v.min(1 << 20))
    };
    let predictor = number("Predictor", 1);
    if predictor < 2 {
        return data;
    }
    let pixel_bits = number("Colors", 1) * number("BitsPerComponent", 8);
    let row = (number("Columns", 1) * pixel_bits).div_ceil(8).max(1);
    let pixel = pixel_bits.div_ceil(8).max(1);
    if predictor == 2 {
        let mut data = data;
        for row in data.chunks_mut(row) {
            for i in pixel..row.len() {
                row[i] = row[i].wrapping_add(row[i - pixel]);
            }
        }
        return data;
    }
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    for line in data.chunks(row + 1) {
        let (kind, line) = (line[0], &line[1..]);
        let start = out.len();
        for (i, &value) in line.iter().enumerate() {
            let left = if i < pixel { 0 } else { out[start + i - pixel] };
            let above = if start < row { 0 } else { out[start + i - row] };
            let corner = if start < row || i < pixel { 0 } else { out[start + i - row - pixel] };
            let predicted = match kind {
                1 => left,
                2 => above,
                3 => u8::midpoint(left, above),
                4 => crate::pdf::picture::paeth_predictor(left, above, corner),
                _ => 0,
            };
            out.push(value.wrapping_add(predicted));
        }
    }
    out
}
