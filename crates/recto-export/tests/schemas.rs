//! The exports are valid against the schemas that the crate ships.
#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

use std::fs;
use std::process::Command;

use fixture::{exported, sample};
use recto_export::{Format, JSON_SCHEMA, MemoryBatch, XML_SCHEMA};
use serde_json::{Value, json};

fn json_export() -> Value {
    serde_json::from_slice(&exported(Format::Json, &mut sample())).unwrap()
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
    let problems: Vec<_> =
        validator().iter_errors(&json_export()).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(problems, Vec::<String>::new());
    let empty = exported(Format::Json, &mut MemoryBatch::new("", recto_domain::Timestamp::from_millis(0)));
    assert!(validator().is_valid(&serde_json::from_slice(&empty).unwrap()));
}

#[test]
fn the_schema_refuses_what_the_export_never_writes() {
    let spoil: [fn(&mut Value); 6] = [
        |v| v["extra"] = json!(1),
        |v| v["documents"][0]["pages"][0]["extra"] = json!(1),
        |v| v["documents"][0]["pages"][1]["error"] = Value::Null,
        |v| v["documents"][0]["pages"][0]["error"] = json!("none"),
        |v| v["documents"][0]["confidence"] = json!(87),
        |v| v["documents"][0]["pages"][0]["blocks"][0]["bbox"] = json!([1, 2, 3]),
    ];
    for (at, spoil) in spoil.iter().enumerate() {
        let mut export = json_export();
        spoil(&mut export);
        assert!(!validator().is_valid(&export), "spoilt in way {at}");
    }
}

#[test]
fn xml_is_valid_against_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let (schema, file) = (folder.path().join("export.xsd"), folder.path().join("export.xml"));
    fs::write(&schema, XML_SCHEMA).unwrap();
    fs::write(&file, exported(Format::Xml, &mut sample())).unwrap();
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([&schema, &file])
        .output()
        .expect("xmllint is installed (Debian package libxml2-utils)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
