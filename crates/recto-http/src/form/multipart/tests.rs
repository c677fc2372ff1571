use std::convert::Infallible;

use axum::http::HeaderValue;
use futures::stream;
use proptest::prelude::*;

use super::*;

type Parts = Vec<(String, Option<String>, Vec<u8>)>;

/// Reads a body that arrives in pieces of the given size.
fn read(body: &[u8], piece: usize, limit_bytes: u64) -> Result<Parts, MultipartError> {
    let pieces: Vec<_> = body.chunks(piece).map(|p| Ok::<_, Infallible>(Bytes::copy_from_slice(p))).collect();
    let mut form = Multipart::new(stream::iter(pieces), b"B", limit_bytes);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut parts = Vec::new();
        while let Some(head) = form.next_part().await? {
            let mut content = Vec::new();
            while let Some(chunk) = form.chunk().await? {
                content.extend_from_slice(&chunk);
            }
            parts.push((head.name, head.file_name, content));
        }
        Ok(parts)
    })
}

fn part(name: &str, content: &[u8]) -> Vec<u8> {
    [format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes(), content, b"\r\n"].concat()
}

#[test]
fn fields_and_files_come_in_order() {
    let body = b"--B\r\nContent-Disposition: form-data; name=\"projectId\"\r\n\r\nabc\r\n\
        --B  \r\nContent-Type: image/png\r\ncontent-disposition: form-data; name=\"files\"; filename=\"a b.png\"\r\n\r\n\
        \r\n--\r\n--C\r\n\r\n--B\r\nContent-Disposition: form-data; name=files; filename=\"\"\r\n\r\n\r\n--B--\r\nepilogue";
    let parts = read(body, 7, 10_000).unwrap();
    assert_eq!(
        parts,
        [
            ("projectId".to_owned(), None, b"abc".to_vec()),
            ("files".to_owned(), Some("a b.png".to_owned()), b"\r\n--\r\n--C\r\n".to_vec()),
            ("files".to_owned(), Some(String::new()), Vec::new()),
        ]
    );
}

#[test]
fn a_preamble_is_skipped_and_a_form_may_be_empty() {
    assert_eq!(read(&[b"hello\r\n", &part("a", b"1")[..], b"--B--"].concat(), 3, 1000).unwrap().len(), 1);
    assert_eq!(read(b"--B--\r\n", 2, 100).unwrap(), []);
}

#[test]
fn unsound_bodies_are_refused_and_cost_no_memory() {
    let endless_head = [b"--B\r\nX: ".to_vec(), vec![b'x'; 1 << 20]].concat();
    let no_delimiter = vec![b'x'; 1 << 20];
    for (body, why) in [
        (&b""[..], "ends before"),
        (b"--B\r\n", "ends before"),
        (b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\nxyz", "ends before"),
        (b"--Bx\r\n\r\n\r\n--B--", "a boundary is followed by"),
        (b"--B\r\nContent-Type: a/b\r\n\r\nx\r\n--B--", "no Content-Disposition"),
        (&endless_head, "too long"),
        (&no_delimiter, "does not begin"),
    ] {
        let error = read(body, 4096, u64::MAX).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn the_limit_counts_every_byte() {
    let body = [part("a", &[b'x'; 500]), b"--B--".to_vec()].concat();
    assert!(read(&body, 100, body.len() as u64).is_ok());
    assert!(matches!(read(&body, 100, body.len() as u64 - 1), Err(MultipartError::TooLarge { .. })));
}

#[test]
fn the_boundary_is_read_from_the_content_type() {
    let of = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
        boundary(&headers)
    };
    assert_eq!(of("multipart/form-data; boundary=abc").unwrap(), b"abc");
    assert_eq!(of("Multipart/Form-Data; charset=utf-8; Boundary=\"a; b\"").unwrap(), b"a; b");
    assert!(matches!(of("application/json"), Err(MultipartError::OtherType)));
    assert!(matches!(of("multipart/form-data"), Err(MultipartError::Malformed(_))));
    assert!(matches!(boundary(&HeaderMap::new()), Err(MultipartError::OtherType)));
}

proptest! {
    /// Contents that consist of pieces of delimiters, cut at any place, are read back unchanged.
    #[test]
    fn contents_survive_any_cut(
        contents in prop::collection::vec(prop::collection::vec(prop::sample::select(b"\r\n-BA".to_vec()), 0..40), 0..5),
        piece in 1usize..30,
    ) {
        prop_assume!(contents.iter().all(|c| memchr::memmem::find(&[b"\r\n", &c[..], b"\r\n"].concat(), b"\r\n--B").is_none()));
        let mut body: Vec<u8> = contents.iter().flat_map(|content| part("a", content)).collect();
        body.extend_from_slice(b"--B--\r\n");
        let read: Vec<_> = read(&body, piece, u64::MAX).unwrap().into_iter().map(|(_, _, content)| content).collect();
        prop_assert_eq!(read, contents);
    }

    /// Any bytes lead to a result.
    #[test]
    fn nothing_panics(body in prop::collection::vec(any::<u8>(), 0..300), piece in 1usize..20) {
        let _ = read(&[b"--B\r\n".to_vec(), body].concat(), piece, 1000);
    }
}
