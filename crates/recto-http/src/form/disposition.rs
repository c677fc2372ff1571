//! The `Content-Disposition` of a form's part: the name of the field, and the name of the file.
//!
//! Clients encode file names in different ways. Browsers (and the HTML standard) write UTF-8 with `%22`, `%0D` and
//! `%0A` for quotes and line ends, and escape nothing else. Older browsers and some libraries put a backslash before
//! quotes and backslashes. Others send RFC 5987's `filename*=UTF-8''…`. All of these are decoded to the original name.

/// A part's name, and its file name if it is a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disposition {
    /// The field.
    pub(super) name: String,
    /// The file name: any characters except NUL. It may be empty, as browsers send it for an empty file input.
    pub(super) file_name: Option<String>,
}

impl Disposition {
    /// Parses a header's value; `None` without a name.
    pub(super) fn parse(value: &[u8]) -> Option<Self> {
        let (_, rest) = split_first(value);
        let (mut name, mut plain, mut extended) = (None, None, None);
        for (key, value) in parameters(rest) {
            match key.as_str() {
                "name" => name = name.or(Some(text(&unescape_html(&value)))),
                "filename" => plain = plain.or(Some(text(&unescape_html(&value)))),
                "filename*" => extended = extended.or_else(|| rfc_5987(&value)),
                _ => {}
            }
        }
        Some(Self { name: name?, file_name: extended.or(plain) })
    }
}

/// Splits at the first `;`.
pub(super) fn split_first(value: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b';', value) {
        Some(at) => (&value[..at], &value[at + 1..]),
        None => (value, &[]),
    }
}

/// The `name=value` pairs of a header: names in lower case, values without quotes and backslashes.
pub(super) fn parameters(mut rest: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some(at) = memchr::memchr2(b'=', b';', rest) {
        if rest[at] == b';' {
            rest = &rest[at + 1..];
            continue;
        }
        let name = String::from_utf8_lossy(rest[..at].trim_ascii()).to_ascii_lowercase();
        let value = rest[at + 1..].trim_ascii_start();
        let (value, behind) = if let Some(quoted) = value.strip_prefix(b"\"") {
            split_quoted(quoted)
        } else {
            let end = memchr::memchr(b';', value).unwrap_or(value.len());
            (value[..end].trim_ascii_end().to_vec(), &value[end..])
        };
        found.push((name, value));
        let next = memchr::memchr(b';', behind).map_or(behind.len(), |at| at + 1);
        rest = &behind[next..];
    }
    found
}

/// Splits after the closing quote of a value whose opening quote was already removed.
fn split_quoted(quoted: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut at = 0;
    while at < quoted.len() {
        match (quoted[at], quoted.get(at + 1)) {
            (b'\\', Some(&escaped @ (b'"' | b'\\'))) => {
                value.push(escaped);
                at += 2;
            }
            (b'"', _) => return (value, &quoted[at + 1..]),
            (byte, _) => {
                value.push(byte);
                at += 1;
            }
        }
    }
    // There is no closing quote: the name ends with a backslash that its sender did not escape.
    let end = memchr::memrchr(b'"', quoted).unwrap_or(quoted.len());
    (quoted[..end].to_vec(), &[])
}

/// Reverts the three escapes of the HTML standard and no others: `100%25.pdf` is a name.
fn unescape_html(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, behind)) = rest.split_first() {
        let escaped = match rest.get(..3) {
            Some(b"%22") => Some(b'"'),
            Some(b"%0D" | b"%0d") => Some(b'\r'),
            Some(b"%0A" | b"%0a") => Some(b'\n'),
            _ => None,
        };
        out.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &rest[3..] } else { behind };
    }
    out
}

/// Decodes `UTF-8''na%C3%AFve.pdf`; `None` for another charset.
fn rfc_5987(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |&b| b == b'\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case(b"utf-8") {
        return None;
    }
    let mut out = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&byte, behind)) = rest.split_first() {
        let mut decoded = [0u8];
        if byte == b'%' && rest.len() >= 3 && hex::decode_to_slice(&rest[1..3], &mut decoded).is_ok() {
            out.push(decoded[0]);
            rest = &rest[3..];
        } else {
            out.push(byte);
            rest = behind;
        }
    }
    Some(text(&out))
}

/// Bytes as text: invalid UTF-8, and the NUL that databases refuse, become U+FFFD.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file_name(value: &[u8]) -> String {
        let parsed = Disposition::parse(&[b" form-data; name=\"files\"; ", value].concat()).unwrap();
        assert_eq!(parsed.name, "files");
        parsed.file_name.unwrap()
    }

    #[test]
    fn names_are_read_as_clients_write_them() {
        assert_eq!(file_name(br#"filename="invoice.pdf""#), "invoice.pdf");
        assert_eq!(file_name(b"filename=invoice.pdf"), "invoice.pdf");
        assert_eq!(file_name(b"FileName = invoice.pdf ; x=y"), "invoice.pdf");
        assert_eq!(file_name("filename=\"Rechnung März.pdf\"".as_bytes()), "Rechnung März.pdf");
        assert_eq!(file_name(br#"filename="a;b=c.pdf""#), "a;b=c.pdf");
        assert_eq!(file_name(br#"filename="quote%22s%0D%0A.pdf""#), "quote\"s\r\n.pdf");
        assert_eq!(file_name(br#"filename="100%25 %2e%2e.pdf""#), "100%25 %2e%2e.pdf");
        assert_eq!(file_name(br#"filename="a\"b\\c.pdf""#), "a\"b\\c.pdf");
        assert_eq!(file_name(br#"filename="C:\temp\a.pdf""#), r"C:\temp\a.pdf");
        assert_eq!(file_name(br#"filename="ends with \""#), r"ends with \");
        assert_eq!(file_name(br#"filename="plain.pdf"; filename*=UTF-8''na%C3%AFve.pdf"#), "naïve.pdf");
        assert_eq!(file_name(b"filename*=utf-8'en'a%20b.pdf"), "a b.pdf");
        assert_eq!(file_name(br#"filename="x.pdf"; filename*=KOI8-R''%CA.pdf"#), "x.pdf");
        assert_eq!(file_name(br#"filename="""#), "");
    }

    #[test]
    fn bytes_that_are_no_text_do_not_refuse_a_file() {
        assert_eq!(file_name(b"filename=\"caf\xe9.pdf\""), "caf\u{FFFD}.pdf");
        assert_eq!(file_name(b"filename=\"a\0b.pdf\""), "a\u{FFFD}b.pdf");
    }

    #[test]
    fn a_field_has_no_file_name() {
        let parsed = Disposition::parse(b"form-data; name=\"projectId\"").unwrap();
        assert_eq!((parsed.name.as_str(), parsed.file_name), ("projectId", None));
        assert_eq!(Disposition::parse(b"form-data"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(value in prop::collection::vec(any::<u8>(), 0..80)) {
            Disposition::parse(&value);
        }

        #[test]
        fn what_a_browser_writes_comes_back(name in "[^\0\\\\%]*") {
            let sent = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
            prop_assert_eq!(file_name(format!("filename=\"{sent}\"").as_bytes()), name);
        }
    }
}
