//! Invoices that PDFs carry as data.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use recto_pages::{FileOpener, PageLimits, PdfLibrary};

/// A PDF of one empty page with files attached to it, by name and content.
fn pdf(attached: &[(&str, &[u8])]) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [ NAMES ] >> >> >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>".to_vec(),
    ];
    let mut names = String::new();
    for (name, content) in attached {
        let file = objects.len() + 1;
        write!(names, "({name}) {} 0 R ", file + 1).unwrap();
        let mut stream = format!("<< /Type /EmbeddedFile /Length {} >>\nstream\n", content.len()).into_bytes();
        stream.extend_from_slice(content);
        stream.extend_from_slice(b"\nendstream");
        objects.push(stream);
        objects.push(
            format!("<< /Type /Filespec /F ({name}) /UF ({name}) /EF << /F {file} 0 R /UF {file} 0 R >> >>")
                .into_bytes(),
        );
    }
    objects[0] = String::from_utf8(objects[0].clone()).unwrap().replace("NAMES", &names).into_bytes();
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push(pdf.len());
        pdf.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let start = pdf.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        writeln!(end, "{offset:010} 00000 n ").unwrap();
    }
    writeln!(end, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF", objects.len() + 1).unwrap();
    pdf.extend_from_slice(end.as_bytes());
    pdf
}

fn e_invoice(bytes: &[u8]) -> Option<Vec<u8>> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.deps/pdfium/libpdfium.so");
    let library = PdfLibrary::from_file(&library).expect("bootstrap.sh has fetched PDFium");
    let opener = FileOpener::new(library, PageLimits::default());
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    opener.open(file).unwrap().e_invoice()
}

#[test]
fn the_invoice_is_told_by_the_name_that_a_standard_gives_it() {
    for name in ["factur-x.xml", "ZUGFeRD-invoice.xml", "zugferd-invoice.xml", "xrechnung.xml", "XRechnung.XML"] {
        let found = e_invoice(&pdf(&[("terms.txt", b"pay soon"), (name, b"<Invoice/>")]));
        assert_eq!(found.as_deref(), Some(&b"<Invoice/>"[..]), "{name}");
    }
    assert_eq!(e_invoice(&pdf(&[("terms.xml", b"<Terms/>")])), None);
    assert_eq!(e_invoice(&pdf(&[])), None);
}

#[test]
fn of_two_invoices_the_newer_standard_counts() {
    let both: [(&str, &[u8]); 2] = [("ZUGFeRD-invoice.xml", b"<Old/>"), ("factur-x.xml", b"<New/>")];
    assert_eq!(e_invoice(&pdf(&both)).as_deref(), Some(&b"<New/>"[..]));
}

#[test]
fn an_empty_invoice_and_one_of_more_than_10_mib_are_none() {
    assert_eq!(e_invoice(&pdf(&[("factur-x.xml", b"")])), None);
    assert_eq!(e_invoice(&pdf(&[("factur-x.xml", &vec![b' '; 10 * 1024 * 1024 + 1])])), None);
    let largest = vec![b' '; 10 * 1024 * 1024];
    assert_eq!(e_invoice(&pdf(&[("factur-x.xml", &largest)])).map(|bytes| bytes.len()), Some(largest.len()));
}

#[test]
fn a_picture_carries_none() {
    let mut gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    gif.extend_from_slice(b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;");
    assert_eq!(e_invoice(&gif), None);
}
