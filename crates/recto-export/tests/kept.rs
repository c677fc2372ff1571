//! What a PDF brings along beside its pages, in the export.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test program")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use recto_domain::{FileKind, Page, PageSource, Rotation, Size, Timestamp};
use recto_export::{ExportOptions, Format, MemoryBatch, export};
use serde_json::Value;

/// A file of two pages with everything that a PDF can have beside them; `name` stands in whatever can be told apart.
fn original(name: &str) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Outlines 10 0 R/Names<</EmbeddedFiles 13 0 R/Dests 16 0 R>>/AF[14 0 R]\
         /PageLabels<</Nums[0<</S/r/St 4>>1<</S/D/P(A-)>>]>>/AcroForm<</Fields[17 0 R]/DA(/Helv 9 Tf)>>\
         /OCProperties<</OCGs[19 0 R 20 0 R]/D<</Order[(Plans)[19 0 R 20 0 R]]/OFF[20 0 R]/Locked[19 0 R]>>>>\
         /StructTreeRoot 21 0 R/MarkInfo<</Marked true>>/Lang(de-AT)/Metadata 25 0 R\
         /OutputIntents[<</S/GTS_PDFX/OutputConditionIdentifier(FOGRA39)>>]>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 300 200]>>",
        "<</Type/Page/Parent 2 0 R/Contents 5 0 R/Resources 6 0 R/StructParents 0/Annots[7 0 R 8 0 R 9 0 R 17 0 R]>>",
        "<</Type/Page/Parent 2 0 R/Contents 5 0 R/Resources 6 0 R/StructParents 1>>",
        "<</Length 38>>stream\n/P<</MCID 0>>BDC/OC/L BDC EMC EMC        \nendstream",
        "<</Properties<</L 19 0 R/M 20 0 R>>>>",
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/Dest(there)>>",
        "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://recto.example/)>>/StructParent 2>>",
        "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(NAME note)>>",
        "<</Type/Outlines/First 11 0 R/Last 11 0 R/Count 2>>",
        "<</Title(NAME chapter)/Parent 10 0 R/Dest[3 0 R/Fit]/First 12 0 R/Last 12 0 R/Count 1>>",
        "<</Title(NAME section)/Parent 11 0 R/A<</S/GoTo/D(there)>>>>",
        "<</Names[(data.xml)14 0 R]>>",
        "<</Type/Filespec/F(data.xml)/UF(data.xml)/AFRelationship/Data/EF<</F 15 0 R>>>>",
        "<</Type/EmbeddedFile/Subtype/text#2Fxml/Length 11>>stream\n<NAME></NAME>\nendstream",
        "<</Names[(there)[4 0 R/XYZ 0 100 0]]>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/V(NAME)/Rect[0 0 9 9]/AP<</N 18 0 R>>>>",
        "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream",
        "<</Type/OCG/Name(NAME walls)>>",
        "<</Type/OCG/Name(NAME pipes)>>",
        "<</Type/StructTreeRoot/K[22 0 R]/ParentTree<</Nums[0[23 0 R]1[24 0 R]2 23 0 R]>>/RoleMap<</Absatz/P>>>>",
        "<</Type/StructElem/S/Document/P 21 0 R/K[23 0 R 24 0 R]>>",
        "<</Type/StructElem/S/Absatz/P 22 0 R/Pg 3 0 R/Alt(NAME picture)/K[0<</Type/OBJR/Obj 8 0 R>>]>>",
        "<</Type/StructElem/S/P/P 22 0 R/Pg 4 0 R/K 0>>",
        "<</Type/Metadata/Subtype/XML/Length 22>>stream\n<x:xmpmeta>NAME</x:xmp>\nendstream",
        "<</Title(NAME manual)/Author(NAME author)/Keywords(NAME key)>>",
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    for (number, object) in (1..).zip(objects) {
        write!(file, "{number} 0 obj\n{}\nendobj\n", object.replace("NAME", name)).unwrap();
    }
    // Found by searching: what the table would say is no part of this.
    writeln!(file, "trailer<</Root 1 0 R/Info {} 0 R>>", objects.len()).unwrap();
    file.into_bytes()
}

/// The export of files with those names.
fn exported(folder: &Path, names: &[&str]) -> Value {
    let size = Size { width: 300.0, height: 200.0 };
    let page = |number| Page::read(number, size, Rotation::None, PageSource::TextLayer, None, Vec::new());
    let mut batch = MemoryBatch::new("Batch", Timestamp::from_millis(0));
    for name in names {
        let path = folder.join(format!("{name}.pdf"));
        std::fs::write(&path, original(name)).unwrap();
        batch.add(format!("{name}.pdf"), FileKind::Pdf, path, vec![page(1), page(2)]);
    }
    let path = folder.join("export.pdf");
    export(Format::Pdf, &ExportOptions::default(), &mut batch, &mut std::fs::File::create(&path).unwrap()).unwrap();
    let output = Command::new("qpdf").arg("--json=2").arg(&path).output();
    let output = output.expect("qpdf is installed (./bootstrap.sh --tests)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a reference leads to: an object's value, or the dictionary of a stream.
fn object<'a>(file: &'a Value, reference: &'a Value) -> &'a Value {
    let Some(name) = reference.as_str().filter(|name| name.ends_with(" R")) else { return reference };
    let object = &file["qpdf"][1][format!("obj:{name}")];
    object.get("value").unwrap_or(&object["stream"]["dict"])
}

/// What a path of keys and indexes from the catalog leads to.
fn at<'a>(file: &'a Value, path: &str) -> &'a Value {
    let trailer = &file["qpdf"][1]["trailer"]["value"]["/Root"];
    path.split(' ').fold(object(file, trailer), |value, step| match step.parse::<usize>() {
        Ok(index) => object(file, &value[index]),
        Err(_) => object(file, &value[format!("/{step}")]),
    })
}

fn titles(bookmarks: &Value) -> Vec<String> {
    let title = |bookmark: &Value| {
        let page = &bookmark["destpageposfrom1"];
        let below = titles(&bookmark["kids"]).join(", ");
        format!("{} {page} [{below}]", bookmark["title"].as_str().unwrap())
    };
    bookmarks.as_array().unwrap().iter().map(title).collect()
}

#[test]
fn a_pdf_that_is_alone_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = exported(folder.path(), &["a"]);
    assert_eq!(titles(&file["outlines"]), ["a chapter 1 [a section 2 []]"]);
    let information = object(&file, &file["qpdf"][1]["trailer"]["value"]["/Info"]);
    assert_eq!(information["/Title"], "u:a manual");
    assert_eq!(information["/Author"], "u:a author");
    assert_eq!(at(&file, "Lang"), "u:de-AT");
    assert_eq!(at(&file, "Metadata")["/Subtype"], "/XML");
    assert_eq!(at(&file, "OutputIntents 0 OutputConditionIdentifier"), "u:FOGRA39");
    assert_eq!(at(&file, "MarkInfo Marked"), true);
    assert_eq!(at(&file, "AcroForm Fields 0 T"), "u:Name");
    assert_eq!(at(&file, "AcroForm Fields 0 V"), "u:a");
    assert_eq!(at(&file, "AcroForm DA"), "u:/Helv 9 Tf");
    assert_eq!(file["attachments"]["data.xml"]["filespec"], at_reference(&file, "AF"));
    assert_eq!(at(&file, "AF 0 AFRelationship"), "/Data");
    assert_eq!(at(&file, "OCProperties D Order 0"), "u:Plans");
    assert_eq!(at(&file, "OCProperties D Order 1 1 Name"), "u:a pipes");
    assert_eq!(at(&file, "OCProperties D OFF 0 Name"), "u:a pipes");
    assert_eq!(at(&file, "OCProperties D Locked 0 Name"), "u:a walls");
    assert_eq!(at(&file, "StructTreeRoot K 0 K 0 Alt"), "u:a picture");
    assert_eq!(at(&file, "StructTreeRoot RoleMap Absatz"), "/P");
    assert_eq!(at(&file, "Names Dests Kids 0 Names 0"), "u:there");
    assert_eq!(labels(folder.path()), ["iv", "A-1"]);
    assert_eq!(file["pages"].as_array().unwrap().len(), 2);
}

fn at_reference(file: &Value, list: &str) -> Value {
    at(file, list)[0].clone()
}

/// The labels of the pages of the export.
fn labels(folder: &Path) -> Vec<String> {
    let output = Command::new("qpdf").args(["--json", "--json-key=pagelabels"]).arg(folder.join("export.pdf")).output();
    let ranges: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let mut labels = Vec::new();
    for range in ranges["pagelabels"].as_array().unwrap() {
        let label = &range["label"];
        let number = label["/St"].as_i64().unwrap_or(1);
        let number = match label["/S"].as_str() {
            Some("/r") => ["i", "ii", "iii", "iv", "v"][number as usize - 1].to_owned(),
            _ => number.to_string(),
        };
        labels.push(format!("{}{number}", label["/P"].as_str().unwrap_or("u:").trim_start_matches("u:")));
    }
    labels
}

#[test]
fn several_pdfs_are_joined_with_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = exported(folder.path(), &["a", "b"]);
    assert_eq!(
        titles(&file["outlines"]),
        ["a.pdf 1 [a chapter 1 [a section 2 []]]", "b.pdf 3 [b chapter 3 [b section 4 []]]"]
    );
    let information = object(&file, &file["qpdf"][1]["trailer"]["value"]["/Info"]);
    assert_eq!(information["/Title"], "u:Batch");
    let names: Vec<&String> = file["attachments"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["data.xml", "data.xml (2)"]);
    assert_eq!(at(&file, "AcroForm Fields 1 Kids 0 V"), "u:b");
    assert_eq!(at(&file, "OCProperties D Order 3 0 Name"), "u:b walls");
    assert_eq!(at(&file, "OutputIntents").as_array().unwrap().len(), 1);
    assert_eq!(labels(folder.path()), ["iv", "A-1", "iv", "A-1"]);
    // The mark on the third page belongs to the second document's first element, and so does the link on it.
    let parents = at(&file, "StructTreeRoot ParentTree Kids 0 Nums").as_array().unwrap();
    let keys: Vec<i64> = parents.iter().step_by(2).map(|key| key.as_i64().unwrap()).collect();
    assert_eq!(keys, [0, 1, 2, 3, 4, 5]);
    let page = object(&file, &file["pages"][2]["object"]);
    assert_eq!(page["/StructParents"], 3);
    let element = object(&file, &object(&file, &parents[7])[0]);
    assert_eq!(element["/Alt"], "u:b picture");
    assert_eq!(element["/Pg"], file["pages"][2]["object"]);
    let link = object(&file, &object(&file, &page["/Annots"])[1]);
    assert_eq!(link["/StructParent"], 5);
    assert_eq!(at(&file, "StructTreeRoot K 1 K 0 Alt"), "u:b picture");
}
