//! Form fields and notes, with and without a ready-made appearance.

use crate::paper::{Paper, stream};

/// A page with these annotations, of which the fields make a form.
fn form(mut paper: Paper, annotations: &[String]) -> Paper {
    let numbers: Vec<String> = annotations.iter().map(|a| format!("{} 0 R", paper.object(a))).collect();
    let fields: Vec<&str> =
        numbers.iter().zip(annotations).filter(|(_, a)| a.contains("/Widget")).map(|(n, _)| n.as_str()).collect();
    let fields = format!(
        "/AcroForm << /Fields [{}] /DA (/Helv 10 Tf 0 g) /DR << /Font << /Helv 5 0 R >> >> >>",
        fields.join(" ")
    );
    paper.catalog(&fields).page(&format!("/Annots [{}]", numbers.join(" ")))
}

fn check_box(x: u32, state: &str, rest: &str) -> String {
    format!(
        "<< /Type /Annot /Subtype /Widget /FT /Btn /T (b{x}) /Rect [{x} 198 {} 208] /V /{state} /AS /{state} {rest} >>",
        x + 10
    )
}

fn labels() -> Paper {
    Paper::new()
        .text("F1", 10.0, 40.0, 200.0, "Member:")
        .text("F1", 10.0, 115.0, 200.0, "student")
        .text("F1", 10.0, 195.0, 200.0, "regular")
        .text("F1", 10.0, 275.0, 200.0, "senior")
}

#[test]
fn boxes_without_an_appearance_tell_their_state() {
    let boxes = [check_box(102, "Off", ""), check_box(182, "Yes", ""), check_box(262, "Off", "")];
    assert_eq!(form(labels(), &boxes).words(), "Member: ☐ student ☑ regular ☐ senior");
}

#[test]
fn boxes_and_buttons_with_an_appearance_tell_their_state_once() {
    for flags in ["", "/Ff 32768"] {
        let mut paper = labels();
        let tick = |mark: &str| {
            stream(
                "/Type /XObject /Subtype /Form /BBox [0 0 10 10] /Resources << /Font << /F 5 0 R >> >>",
                &format!("0 0 10 10 re S BT /F 9 Tf 2 2 Td ({mark}) Tj ET"),
            )
        };
        let (on, off) = (paper.object(&tick("X")), paper.object(&tick("")));
        let looks = format!("{flags} /AP << /N << /Yes {on} 0 R /Off {off} 0 R >> >>");
        let boxes = [check_box(102, "Yes", &looks), check_box(182, "Off", &looks), check_box(262, "Off", &looks)];
        assert_eq!(form(paper, &boxes).words(), "Member: ☑ student ☐ regular ☐ senior", "{flags}");
    }
}

#[test]
fn values_without_an_appearance_are_read() {
    let field = |kind: &str, y: u32, rest: &str| {
        format!("<< /Type /Annot /Subtype /Widget /FT /{kind} /T (f{y}) /F 4 /Rect [140 {y} 340 {}] {rest} >>", y + 14)
    };
    let paper = Paper::new()
        .text("F1", 10.0, 40.0, 250.0, "Name:")
        .text("F1", 10.0, 40.0, 220.0, "Country:")
        .text("F1", 10.0, 40.0, 190.0, "Plate:");
    let fields = [
        field("Tx", 247, "/V (Josephine Baxter) /DA (/Helv 10 Tf 0 g)"),
        field("Ch", 217, "/Ff 131072 /Opt [(France) (Japan)] /V (Japan) /DA (/Helv 0 Tf 0 g)"),
        field("Tx", 187, "/V (KJ 4417 B)"),
    ];
    assert_eq!(form(paper, &fields).words(), "Name: Josephine Baxter Country: Japan Plate: KJ 4417 B");
}

fn note(rest: &str) -> Paper {
    let paper = Paper::new().text("F1", 10.0, 40.0, 250.0, "Purchase order 5512");
    form(paper, &[format!("<< /Type /Annot /Subtype /FreeText /Rect [40 150 240 190] {rest} >>")])
}

#[test]
fn notes_without_an_appearance_are_read() {
    let words = |rest: &str| note(rest).words();
    assert_eq!(
        words("/Contents (Quantity changed to 5) /DA (/Helv 11 Tf 1 0 0 rg)"),
        "Purchase order 5512 Quantity changed to 5"
    );
    assert_eq!(words("/Contents (first line\\rsecond line)"), "Purchase order 5512 first line second line");
    // שלום 12 in UTF-16.
    assert_eq!(words("/Contents <feff05e905dc05d505dd002000310032>"), "Purchase order 5512 שלום 12");
    let long = "a note that is far too long for one line of its frame and goes on for some more words";
    assert_eq!(words(&format!("/Contents ({long}) /DA (/Helv 9 Tf)")), format!("Purchase order 5512 {long}"));
}

#[test]
fn hidden_notes_and_fields_are_not_read() {
    assert_eq!(note("/F 2 /Contents (secret)").words(), "Purchase order 5512");
    let hidden = form(labels(), &[check_box(102, "Yes", "/F 2")]);
    assert_eq!(hidden.words(), "Member: student regular senior");
}
