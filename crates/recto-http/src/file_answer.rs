//! Files as responses: always downloaded, never shown by a browser as a page of this server.

use std::fmt::Write;

/// A `Content-Disposition` with the file's name, which may contain any characters (RFC 6266): an ASCII form for old
/// clients, and the full name for others.
pub(crate) fn attachment(file_name: &str) -> String {
    let plain: String = file_name
        .chars()
        .map(|c| if c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ' { c } else { '_' })
        .collect();
    let mut full = String::new();
    for byte in file_name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            full.push(byte as char);
        } else {
            write!(full, "%{byte:02X}").expect("writing to a String succeeds");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_makes_a_header() {
        assert_eq!(
            attachment("M\u{e4}rz \"1\"\r\n.pdf"),
            "attachment; filename=\"M_rz _1___.pdf\"; filename*=UTF-8''M%C3%A4rz%20%221%22%0D%0A.pdf"
        );
    }
}
