//! The text form of templates: YAML or JSON.

use serde_json::Value;

/// The most bytes of a template.
const MAX_BYTES: usize = 200 * 1024;

/// Parses a text as JSON, which templates are also written in, or as YAML. Keys keep their order, and the last of equal
/// keys wins. The error message says where the problem is.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("a template may have at most {MAX_BYTES} bytes"));
    }
    let text = text.trim_start_matches('\u{feff}');
    let value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(json) => yaml(text).map_err(|yaml| {
            let is_json = text.trim_start().starts_with(['{', '[']);
            if is_json {
                format!("the template is not valid JSON: {json}")
            } else {
                format!("the template is not valid YAML: {yaml}")
            }
        })?,
    };
    match value {
        Value::Array(mut templates) if templates.len() == 1 => Ok(templates.remove(0)),
        Value::Array(templates) => Err(format!("the text contains {} templates; give one at a time", templates.len())),
        value => Ok(value),
    }
}

fn yaml(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        // A customer number with a leading zero is not an octal number.
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn yaml_keeps_patterns_and_order() {
        let text = r#"
issuer: Ünïcode
fields:
  b: 'it''s \s{2,}(\d+)'
  a: "\\s+(\\d+)"
  c: Total\s+:\s+([\d ]+,\d{2})   # a comment
static_siren: 0530848134
day: 2023-03-01
keywords:
- €
- $
"#;
        let value = parse(text).unwrap();
        let fields = value["fields"].as_object().unwrap();
        assert_eq!(fields.keys().collect::<Vec<_>>(), ["b", "a", "c"]);
        assert_eq!(value["fields"]["b"], r"it's \s{2,}(\d+)");
        assert_eq!(value["fields"]["a"], r"\s+(\d+)");
        assert_eq!(value["fields"]["c"], r"Total\s+:\s+([\d ]+,\d{2})");
        assert_eq!((&value["static_siren"], &value["day"]), (&json!("0530848134"), &json!("2023-03-01")));
        assert_eq!(value["keywords"], json!(["€", "$"]));
    }

    #[test]
    fn json_is_read_and_errors_tell_where() {
        assert_eq!(parse(r#"[{"a": "\\d"}]"#), Ok(json!({"a": r"\d"})));
        assert!(parse(r#"{"a": }x"#).unwrap_err().contains("not valid JSON"));
        let error = parse("a: 'open\nb: 1").unwrap_err();
        assert!(error.contains("not valid YAML") && error.contains("line"), "{error}");
        assert!(parse("[{}, {}]").unwrap_err().contains("2 templates"));
    }
}
