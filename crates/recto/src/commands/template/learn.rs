//! `recto template learn`: learns hints from documents whose correct values are known.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use recto_domain::{ExtractionMode, LanguageChoice, ReadOptions, TemplateContent};
use recto_export::Format;
use recto_extract::{Example, FieldPlan, Learned, Lesson, learn, schema_of};
use serde_json::{Map, Value, json};

use super::super::run::read_pages;
use super::super::{print, template_file};
use crate::cli::set;
use crate::failure::{advised, in_words};
use crate::settings::{Flags, Settings};
use crate::umask::write_for_user;
use crate::{logging, stop, terminal};

/// The name of a template that has not been given one.
const UNNAMED: &str = "learned";
/// The most bytes of a file of values.
const MAX_BYTES: u64 = 1024 * 1024;

const AFTER_HELP: &str = "\
FIELDS.json contains the correct values of FILE by field name, with numbers and dates as printed on the page or as in \
JSON; null means that the document has no such value. Two or three documents of one issuer teach more than one, \
because they show what changes from document to document and what does not. Without --template, the fields are those \
named in the values.

The template is written as YAML, or as JSON if -o ends in .json; use it with `recto run --template` or `recto template \
import`. A report of what was learned for each field goes to stderr.

Examples:
  recto template learn --example may.pdf=may.json --example june.pdf=june.json -o carrier.yaml
  recto template learn --template invoice.yaml --example scan.png=scan.json -o acme.yaml
  recto run july.pdf --template carrier.yaml -o july.csv";

/// Flags of `recto template learn`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct LearnArgs {
    /// Document and the JSON file with its correct values; may be repeated
    #[arg(long = "example", value_name = "FILE=FIELDS.json", required = true)]
    examples: Vec<Named>,
    /// JSON or YAML file of the template to teach
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// File to write the template to [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Languages of the text, such as eng+deu, or auto to choose them for each page [default: eng]
    #[arg(long, value_name = "LANGUAGES")]
    lang: Option<LanguageChoice>,
    /// Print the template and the report as one JSON object
    #[arg(long)]
    json: bool,
}

impl LearnArgs {
    pub(super) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        set(&mut flags, "ocr.languages", self.lang.as_ref(), "--lang");
        flags
    }
}

/// A document and the file with its values.
#[derive(Debug, Clone)]
struct Named {
    document: PathBuf,
    values: PathBuf,
}

impl FromStr for Named {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.rsplit_once('=') {
            Some((document, values)) if !document.is_empty() && !values.is_empty() => {
                Ok(Self { document: document.into(), values: values.into() })
            }
            _ => Err("give a document and the file with its values, as in may.pdf=may.json"),
        }
    }
}

pub(super) fn run(settings: &Settings, args: &LearnArgs) -> anyhow::Result<ExitCode> {
    logging::start_quietly(&settings.log);
    let template = args.template.as_deref().map(template_file::read).transpose()?;
    for named in &args.examples {
        fs::metadata(&named.document).map_err(|error| refused(&named.document, &in_words(&error)))?;
    }
    let values = args.examples.iter().map(|named| values_in(&named.values)).collect::<anyhow::Result<Vec<_>>>()?;
    let template = template.unwrap_or_else(|| unnamed(&values, args.output.as_deref()));
    // Checked before any document is read.
    FieldPlan::parse(&template)
        .map_err(|invalid| advised("the values do not make a template", invalid.0.join("\n")))?;
    let files: Vec<PathBuf> = args.examples.iter().map(|named| named.document.clone()).collect();
    let options = ReadOptions { languages: args.lang.clone(), ..ReadOptions::default() };
    let Some(pages) = read_pages(settings, &files, &options)? else { return Ok(ExitCode::from(stop::INTERRUPTED)) };
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let documents = names.iter().zip(&pages).zip(&values);
    let examples: Vec<Example<'_>> = documents.map(|((name, pages), values)| Example { name, pages, values }).collect();
    let learned = learn(&template, &examples).map_err(|error| advised(error.to_string(), "Nothing was written."))?;
    tell(args, &template, &learned)?;
    Ok(ExitCode::SUCCESS)
}

fn refused(path: &Path, why: &str) -> anyhow::Error {
    advised(format!("{}: {why}", path.display()), "Nothing was read. Correct --example.")
}

/// The correct values of a document.
fn values_in(path: &Path) -> anyhow::Result<Map<String, Value>> {
    let refused = |why: String| refused(path, &why);
    let about = fs::metadata(path).map_err(|error| refused(in_words(&error)))?;
    if about.len() > MAX_BYTES {
        return Err(refused("it is larger than 1 MiB".to_owned()));
    }
    let text = fs::read_to_string(path).map_err(|error| refused(in_words(&error)))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(values)) => Ok(values),
        Ok(_) => Err(refused("it contains no object of values".to_owned())),
        Err(error) => Err(refused(format!("it is not valid JSON: {error}"))),
    }
}

/// A template with the fields that the values name. It is named after the file that it is written to.
fn unnamed(values: &[Map<String, Value>], output: Option<&Path>) -> TemplateContent {
    let stem = output.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    TemplateContent {
        name: stem.unwrap_or_else(|| UNNAMED.to_owned()),
        description: String::new(),
        instructions: String::new(),
        template_schema: schema_of(&values.iter().collect::<Vec<_>>()),
        result_format: Format::Json.name().to_owned(),
        extraction_mode: ExtractionMode::Structured,
    }
}

/// Writes the template and reports what was learned.
fn tell(args: &LearnArgs, template: &TemplateContent, learned: &Learned) -> anyhow::Result<()> {
    let taught = TemplateContent { template_schema: learned.template_schema.clone(), ..template.clone() };
    let mut taught = serde_json::to_value(taught)?;
    if let Value::Object(members) = &mut taught {
        members.retain(|_, value| value != "");
    }
    if let Some(path) = &args.output {
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let text = if is_json { serde_json::to_string_pretty(&taught)? + "\n" } else { yaml(&taught)? };
        write_for_user(path, &text).map_err(|error| {
            advised(
                format!("{} cannot be written: {}", path.display(), in_words(&error)),
                "Choose another file with -o.",
            )
        })?;
    }
    if args.json {
        let lessons: Vec<Value> = learned.lessons.iter().map(as_json).collect();
        return print::json(&json!({"template": taught, "lessons": lessons}));
    }
    if args.output.is_none() {
        terminal::stdout().write_all(yaml(&taught)?.as_bytes())?;
    }
    eprint!("{}", report(&learned.lessons));
    Ok(())
}

fn yaml(value: &Value) -> anyhow::Result<String> {
    let text = serde_saphyr::to_string(value).context("the template cannot be written as YAML")?;
    Ok(text.trim_end().to_owned() + "\n")
}

fn as_json(lesson: &Lesson) -> Value {
    json!({
        "field": lesson.field, "known": lesson.known, "rightBefore": lesson.right_before,
        "rightAfter": lesson.right_after, "find": lesson.find, "unseenIn": lesson.unseen_in,
    })
}

/// One line per field: how often it was right before and after, and what was learned.
fn report(lessons: &[Lesson]) -> String {
    let head = ["FIELD", "BEFORE", "NOW", "LEARNED"].map(str::to_owned).to_vec();
    let row = |lesson: &Lesson| {
        let learned = match (&lesson.find, lesson.right_after == lesson.known) {
            (Some(find), _) => find.to_string(),
            (None, true) => "nothing needed".to_owned(),
            (None, false) if lesson.unseen_in.is_empty() => "nothing useful".to_owned(),
            (None, false) => format!("the value does not appear in {}", lesson.unseen_in.join(", ")),
        };
        let of = |right: usize| format!("{right} of {}", lesson.known);
        vec![lesson.field.clone(), of(lesson.right_before), of(lesson.right_after), learned]
    };
    print::aligned(&std::iter::once(head).chain(lessons.iter().map(row)).collect::<Vec<_>>())
}
