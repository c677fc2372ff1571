//! The rules of the settings, tested without a process.

use super::*;

fn load(toml: Option<&str>, variables: &[(&str, &str)], flags: &Flags) -> Result<Settings, SettingsError> {
    let folder = tempfile::tempdir().unwrap();
    load_in(folder.path(), toml, variables, flags)
}

fn load_in(
    folder: &Path,
    toml: Option<&str>,
    variables: &[(&str, &str)],
    flags: &Flags,
) -> Result<Settings, SettingsError> {
    let file = folder.join("recto.toml");
    std::fs::write(&file, toml.unwrap_or_default()).unwrap();
    let variables = variables.iter().map(|&(name, value)| (name.into(), value.into()));
    Settings::from_entries(layers::collect(Some(&file), variables, flags)?)
}

fn refusal(toml: Option<&str>, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let error = load_in(folder.path(), toml, variables, &Flags::new()).unwrap_err();
    format!("{error}\n{}", error.advice()).replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn every_default_is_allowed() {
    let settings = load(None, &[], &Flags::new()).unwrap();
    assert_eq!(settings.server.listen, "127.0.0.1:8080");
    assert_eq!(settings.ocr.languages.to_string(), "eng");
    assert_eq!(settings.entries().len(), keys::KEYS.len());
    assert!(settings.entries().iter().all(|entry| entry.origin == Origin::Default));
}

#[test]
fn the_log_leaves_out_what_libraries_do_unless_it_goes_wrong() {
    let filter = load(None, &[], &Flags::new()).unwrap().log.filter;
    let is_logged = |target: &str, level| filter.would_enable(target, &level);
    assert!(is_logged("recto_http::request_id", tracing::Level::INFO));
    for library in ["sea_orm_migration::migrator::exec", "sqlx::query", "object_store::client::retry"] {
        assert!(!is_logged(library, tracing::Level::INFO) && is_logged(library, tracing::Level::WARN), "{library}");
    }
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let toml = "data_dir = \"a\"\n[server]\nlisten = \"127.0.0.1:1\"\n[workers]\ncount = 3\n[ocr]\ndpi = 200\n";
    let variables = [("RECTO__WORKERS__COUNT", "4"), ("RECTO__SERVER__LISTEN", "127.0.0.1:2"), ("HOME", "/x")];
    let flags = vec![("server.listen", "127.0.0.1:3".to_owned(), "--listen")];
    let settings = load(Some(toml), &variables, &flags).unwrap();
    assert_eq!((settings.ocr.dpi, settings.workers.count), (200, 4));
    assert_eq!(settings.server.listen, "127.0.0.1:3");
    let origin = |name: &str| settings.entries().iter().find(|e| e.key.name == name).unwrap().origin.clone();
    assert_eq!(origin("ocr.dpi").kind(), "file");
    assert_eq!(origin("workers.count"), Origin::Environment("RECTO__WORKERS__COUNT".to_owned()));
    assert_eq!(origin("server.listen"), Origin::Flag("--listen".to_owned()));
    assert_eq!(origin("log.format"), Origin::Default);
}

#[test]
fn a_wrong_key_is_named_with_the_one_that_was_meant() {
    assert_eq!(
        refusal(Some("[server]\nlisen = \"127.0.0.1:1\"\n"), &[]),
        "unknown setting server.lisen (file recto.toml)\n\
         Did you mean server.listen? `recto config` lists every setting."
    );
    assert_eq!(
        refusal(None, &[("RECTO__WORKER__COUNT", "2")]),
        "unknown setting worker.count (environment RECTO__WORKER__COUNT)\n\
         Did you mean workers.count? `recto config` lists every setting."
    );
    assert!(refusal(Some("server = 5\n"), &[]).starts_with("unknown setting server (file"));
    let section = refusal(Some("[server.listen]\nport = 1\n"), &[]);
    assert!(section.starts_with("invalid value for setting server.listen: a section"), "{section}");
}

#[test]
fn a_wrong_value_is_named_with_what_is_allowed() {
    assert_eq!(
        refusal(None, &[("RECTO__WORKERS__COUNT", "many")]),
        "invalid value for setting workers.count: many (environment RECTO__WORKERS__COUNT)\n\
         It must be a whole number from 0 to 512."
    );
    let wrong = [
        ("RECTO__SERVER__LISTEN", "8080"),
        ("RECTO__SERVER__LISTEN", "::1:80"),
        ("RECTO__SERVER__PUBLIC_URL", "ftp://x"),
        ("RECTO__SERVER__MAX_FILE_BYTES", "-1"),
        ("RECTO__SERVER__RATE_LIMIT_PER_MINUTE", "1.5"),
        ("RECTO__DATABASE__URL", "mysql://x"),
        ("RECTO__BLOBS__URL", "ftp://x"),
        ("RECTO__BLOBS__ENDPOINT", "s3.internal"),
        ("RECTO__WORKERS__COUNT", "513"),
        ("RECTO__OCR__LANGUAGES", "../eng"),
        ("RECTO__OCR__ENGINE", "other"),
        ("RECTO__OCR__DPI", "20"),
        ("RECTO__LOG__LEVEL", "loud"),
        ("RECTO__LOG__FORMAT", "xml"),
        ("RECTO__WEBHOOKS__ALLOW_PRIVATE", "yes"),
        ("RECTO__EXTRACT__LLM__URL", "localhost:11434"),
        ("RECTO__EXTRACT__LLM__URL", "http://me:secret@127.0.0.1/v1"),
        ("RECTO__EXTRACT__LLM__TIMEOUT_SECONDS", "0"),
        ("RECTO__EXTRACT__LLM__MAX_TOKENS_PER_DOCUMENT", "4096"),
    ];
    for (variable, value) in wrong {
        let text = refusal(None, &[(variable, value)]);
        assert!(text.contains(variable) && text.contains("It must be "), "{text}");
    }
}

#[test]
fn a_secret_is_not_shown_where_it_is_wrong() {
    let text = refusal(None, &[("RECTO__SERVER__SECRET_KEY", "hunter2")]);
    assert!(!text.contains("hunter2") && text.contains("server.secret_key: ***"), "{text}");
}

#[test]
fn a_language_model_is_off_unless_it_has_an_address_and_a_name() {
    assert!(load(None, &[], &Flags::new()).unwrap().llm.is_none());
    let toml = "[extract.llm]\nurl = \"http://127.0.0.1:11434/v1\"\nmodel = \"llama3.2\"\nmax_tokens_per_day = 0\n";
    let llm = load(Some(toml), &[], &Flags::new()).unwrap().llm.unwrap();
    assert_eq!((llm.url.as_str(), llm.model.as_str()), ("http://127.0.0.1:11434/v1", "llama3.2"));
    assert_eq!((llm.max_tokens_per_document, llm.max_tokens_per_day), (16_384, None));
    let alone = refusal(Some("[extract.llm]\nmodel = \"llama3.2\"\n"), &[]);
    assert!(
        alone.starts_with("invalid value for setting extract.llm.url: empty (default)\nIt must be a URL"),
        "{alone}"
    );
    let nameless = refusal(None, &[("RECTO__EXTRACT__LLM__URL", "http://127.0.0.1:11434/v1")]);
    assert!(
        nameless.starts_with("invalid value for setting extract.llm.model: empty (default)\nIt must be the name"),
        "{nameless}"
    );
}

#[test]
fn the_key_of_a_model_is_not_shown() {
    let settings = load(None, &[("RECTO__EXTRACT__LLM__API_KEY", "sk-hunter2")], &Flags::new()).unwrap();
    let entry = settings.entries().iter().find(|entry| entry.key.name == "extract.llm.api_key").unwrap();
    assert_eq!(entry.shown(), "***");
    assert!(!refusal(None, &[("RECTO__EXTRACT__LLM__API_KEY", "two words")]).contains("two words"));
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let settings = load(None, &[("RECTO__DATABASE__URL", ""), ("RECTO__OCR__DPI", "")], &Flags::new()).unwrap();
    assert_eq!((settings.database_url, settings.ocr.dpi), (None, 300));
}

#[test]
fn a_file_that_is_not_toml_says_where() {
    let text = refusal(Some("[server\n"), &[]);
    assert!(text.contains("line 1"), "{text}");
}

#[test]
fn levels_may_be_given_for_a_part_of_the_program() {
    assert!(load(None, &[("RECTO__LOG__LEVEL", "warn,recto_http=debug")], &Flags::new()).is_ok());
}
