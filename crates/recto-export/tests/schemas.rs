//! The exports are valid against the schemas that the crate ships.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::fs;
use std::process::Command;

use fixture::{exported, invoices, sample};
use recto_export::{Format, JSON_SCHEMA, MemoryBatch, XML_SCHEMA};
use serde_json::{Value, json};

fn json_export() -> Value {
    serde_json::from_slice(&exported(Format::Json, &mut sample())).unwrap()
}

fn json_with_fields() -> Value {
    serde_json::from_slice(&exported(Format::Json, &mut invoices())).unwrap()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&serde_json::from_str(JSON_SCHEMA).unwrap()).unwrap()
}

#[test]
fn the_json_schema_is_a_schema() {
    jsonschema::draft202012::meta::validate(&serde_json::from_str(JSON_SCHEMA).unwrap()).unwrap();
}

#[test]
fn json_is_valid_against_the_schema() {
    for export in [json_export(), json_with_fields()] {
        let problems: Vec<_> =
            validator().iter_errors(&export).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(problems, Vec::<String>::new());
    }
    let empty = exported(Format::Json, &mut MemoryBatch::new("", recto_domain::Timestamp::from_millis(0)));
    assert!(validator().is_valid(&serde_json::from_slice(&empty).unwrap()));
}

#[test]
fn the_schema_refuses_what_the_export_never_writes() {
    let spoil: [fn(&mut Value); 8] = [
        |v| v["documents"][0]["fieldDetails"]["total"]["extra"] = json!(1),
        |v| v["documents"][0]["fieldDetails"]["total"]["page"] = json!(0),
        |v| v["extra"] = json!(1),
        |v| v["documents"][0]["pages"][0]["extra"] = json!(1),
        |v| v["documents"][0]["pages"][1]["error"] = Value::Null,
        |v| v["documents"][0]["pages"][0]["error"] = json!("none"),
        |v| v["documents"][0]["confidence"] = json!(87),
        |v| v["documents"][0]["pages"][0]["blocks"][0]["bbox"] = json!([1, 2, 3]),
    ];
    for (at, spoil) in spoil.iter().enumerate() {
        let mut export = if at < 2 { json_with_fields() } else { json_export() };
        spoil(&mut export);
        assert!(!validator().is_valid(&export), "spoilt in way {at}");
    }
}

#[test]
fn xml_is_valid_against_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("export.xsd");
    let files = [folder.path().join("plain.xml"), folder.path().join("fields.xml")];
    fs::write(&schema, XML_SCHEMA).unwrap();
    fs::write(&files[0], exported(Format::Xml, &mut sample())).unwrap();
    fs::write(&files[1], exported(Format::Xml, &mut invoices())).unwrap();
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .arg(&schema)
        .args(&files)
        .output()
        .expect("xmllint is installed (Debian package libxml2-utils)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
