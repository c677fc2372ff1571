//! Templates in files: JSON or YAML, a whole template or only its schema, or a template of invoice2data. Names that
//! begin with `builtin:` stand for built-in templates.

use std::fs;
use std::path::Path;

use recto_domain::{ExtractionMode, Template, TemplateContent};
use recto_export::Format;
use recto_extract::{BUILTIN_TEMPLATES, BuiltinTemplate, FieldPlan};
use recto_invoice2data::Invoice2DataTemplate;
use serde_json::{Map, Value};

use crate::failure::advised;

/// The most bytes of a file. The schema in it may be a quarter of that.
const MAX_BYTES: u64 = 1024 * 1024;
/// How the name of a built-in template begins.
const BUILTIN: &str = "builtin:";
/// The advice for a file that is not a template.
const ADVICE: &str = "A template is a map of fields, as in total: {type: number}, a JSON Schema of an object, or an \
                      object with one of them under templateSchema.";

/// Reads a template, or the built-in one of that name, and checks that its fields can be extracted.
pub(crate) fn read(path: &Path) -> anyhow::Result<TemplateContent> {
    if let Some(id) = path.to_str().and_then(|name| name.strip_prefix(BUILTIN)) {
        return builtin(id);
    }
    let refused = |why: &str| advised(format!("{} is not a template: {why}", path.display()), ADVICE);
    let unreadable = |why: &str| advised(format!("{}: {why}", path.display()), "Nothing was read. Correct --template.");
    match fs::metadata(path) {
        Ok(about) if about.len() > MAX_BYTES => return Err(refused("it is larger than 1 MiB")),
        Ok(_) => {}
        Err(error) => return Err(unreadable(&error.to_string())),
    }
    let text = fs::read_to_string(path).map_err(|error| unreadable(&error.to_string()))?;
    let value = parse(path, &text).map_err(|why| refused(&why))?;
    let Value::Object(said) = value else {
        return Err(refused("it contains no object of fields"));
    };
    let content = if is_invoice2data(&said) {
        let template = Invoice2DataTemplate::parse(&text).map_err(|error| {
            advised(format!("{} is not a valid invoice2data template", path.display()), error.to_string())
        })?;
        template.to_template_content()
    } else {
        content(path, said).map_err(|why| refused(&why))?
    };
    let plan = FieldPlan::parse(&content).map_err(|invalid| {
        let what = format!("{} is not a valid template", path.display());
        advised(what, invalid.0.join("\n"))
    })?;
    if plan.fields().is_empty() && content.extraction_mode == ExtractionMode::Structured {
        return Err(refused("it names no fields"));
    }
    Ok(content)
}

fn builtin(id: &str) -> anyhow::Result<TemplateContent> {
    let found = BuiltinTemplate::find(id).map(|template| template.content.clone());
    found.ok_or_else(|| {
        let all: Vec<&str> = BUILTIN_TEMPLATES.iter().map(|template| template.id).collect();
        advised(format!("there is no built-in template {id}"), format!("Built-in templates are {}.", all.join(", ")))
    })
}

/// Whether this is a template of invoice2data. Those have their keywords and their fields under these two keys.
fn is_invoice2data(said: &Map<String, Value>) -> bool {
    let has_fields = said.get("fields").is_some_and(Value::is_object);
    has_fields && said.get("keywords").is_some_and(|keywords| keywords.is_array() || keywords.is_string())
}

/// Parses JSON if the file's name or its first character indicates it, otherwise YAML.
fn parse(path: &Path, text: &str) -> Result<Value, String> {
    let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if is_json || text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| format!("it is not valid JSON: {error}"));
    }
    serde_saphyr::from_str(text).map_err(|error| {
        // The first line says what is wrong and where. A drawing of the place follows.
        format!("it is not valid YAML: {}", error.to_string().lines().next().unwrap_or_default())
    })
}

/// The content of a whole template, or of a schema alone, which is then named after its file.
fn content(path: &Path, mut said: Map<String, Value>) -> Result<TemplateContent, String> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut content = TemplateContent {
        name: stem,
        description: String::new(),
        instructions: String::new(),
        template_schema: Value::Null,
        result_format: Format::Json.name().to_owned(),
        extraction_mode: ExtractionMode::default(),
    };
    let Some(schema) = said.shift_remove("templateSchema") else {
        content.template_schema = Value::Object(said);
        return Ok(content);
    };
    content.template_schema = schema;
    let mut text = |name: &str, most: usize| match said.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text)),
        Some(Value::String(_)) => Err(format!("{name} must have at most {most} characters")),
        Some(_) => Err(format!("{name} must be text")),
    };
    if let Some(name) = text("name", Template::MAX_NAME_CHARS)? {
        content.name = name;
    }
    content.description = text("description", Template::MAX_DESCRIPTION_CHARS)?.unwrap_or_default();
    content.instructions = text("instructions", Template::MAX_INSTRUCTIONS_CHARS)?.unwrap_or_default();
    if let Some(format) = text("resultFormat", Template::MAX_NAME_CHARS)? {
        format
            .parse::<Format>()
            .map_err(|error| format!("resultFormat: {error}"))?
            .name()
            .clone_into(&mut content.result_format);
    }
    if let Some(mode) = text("extractionMode", Template::MAX_NAME_CHARS)? {
        content.extraction_mode =
            mode.parse().map_err(|error: recto_domain::template::InvalidExtractionMode| error.to_string())?;
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::describe;

    fn read_as(name: &str, text: &str) -> Result<TemplateContent, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        read(&path).map_err(|error| describe(&error).replace(&format!("{}/", folder.path().display()), ""))
    }

    #[test]
    fn a_schema_by_itself_is_a_template_in_json_and_in_yaml() {
        let json = read_as("receipt.json", r#"{"total": {"type": "number"}, "day": {"type": "date"}}"#).unwrap();
        let yaml = read_as("receipt.yaml", "total: {type: number}\nday:\n  type: date\n").unwrap();
        assert_eq!((&json, json.name.as_str()), (&yaml, "receipt"));
        let names: Vec<_> = FieldPlan::parse(&yaml).unwrap().fields().iter().map(|field| field.name.clone()).collect();
        assert_eq!(names, ["total", "day"]);
        assert_eq!(read_as("receipt", " {\"total\": {\"type\": \"number\"}}").unwrap().name, "receipt");
    }

    #[test]
    fn a_whole_template_says_more() {
        let text = "name: Receipt\ndescription: from shops\nresultFormat: csv\nid: 1\n\
                    templateSchema:\n  type: object\n  properties:\n    total: {type: number}\n";
        let content = read_as("x.yml", text).unwrap();
        assert_eq!((content.name.as_str(), content.result_format.as_str()), ("Receipt", "csv"));
        assert_eq!(content.description, "from shops");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told() {
        for (name, text, expected) in [
            ("a.json", "{\"total\": ", "recto: a.json is not a template: it is not valid JSON: EOF while parsing"),
            ("a.yaml", "total: [", "recto: a.yaml is not a template: it is not valid YAML: "),
            ("a.yaml", "- total", "recto: a.yaml is not a template: it contains no object of fields\n  A template is"),
            ("a.yaml", "", "recto: a.yaml is not a template: it contains no object of fields\n  A template is a map"),
            ("a.json", "{}", "recto: a.json is not a template: it names no fields\n  A template is a map"),
            (
                "a.yaml",
                "total: {type: colour}\nday: 7",
                "recto: a.yaml is not a valid template\n  templateSchema.total.type must be one of string, number, \
                 integer, boolean, date, array, object, not \"colour\"\n  templateSchema.day must be an object with a \
                 type, not 7",
            ),
            (
                "a.yaml",
                "name: 7\ntemplateSchema: {total: {type: number}}",
                "recto: a.yaml is not a template: name must be",
            ),
            (
                "a.yaml",
                "resultFormat: rtf\ntemplateSchema: {a: {type: date}}",
                "recto: a.yaml is not a template: resultFormat",
            ),
        ] {
            let said = read_as(name, text).unwrap_err();
            assert!(said.starts_with(expected), "{said}");
        }
        let said = describe(&read(Path::new("builtin:recipe")).unwrap_err());
        assert!(
            said.starts_with("recto: there is no built-in template recipe\n  Built-in templates are invoice, "),
            "{said}"
        );
        assert_eq!(read(Path::new("builtin:receipt")).unwrap().name, "Receipt");
        assert!(describe(&read(Path::new("/no/such.yaml")).unwrap_err()).starts_with("recto: /no/such.yaml: "));
    }
}
