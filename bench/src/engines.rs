//! The engines beside each other on a corpus: how much of a page each reads right, what that costs, and what its
//! confidence is worth.
//!
//! Pages go the way that they go in a worker: opened, rendered, looked at, read, read again where that pays. Nothing is
//! kept between two runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, ensure};
use recto_domain::Languages;
use recto_ocr::{EngineRegistry, PageStatistics, sheet_alone, statistics};
use recto_ocr_neural::{LineByLine, Models, NeuralEngine, Recogniser, Runtime};
use recto_ocr_tesseract::{TesseractEngine, Traineddata};
use recto_pages::{FileOpener, PageLimits, PdfLibrary};

use crate::corpus::{self, Case, Split};
use crate::reliability::{JudgedPage, JudgedWord, Reliability, judged, page_table as confidence_table};
use crate::score::{Score, score, word_f1};

/// The resolution at which workers render pages of PDFs.
const DPI: u32 = 300;

/// What is measured, and what is written besides.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A folder with a manifest.json that names pictures and their true texts; may be given several times.
    #[arg(long, required = true)]
    corpus: Vec<PathBuf>,
    /// The engine: tesseract, neural, or auto.
    #[arg(long, default_value = "auto")]
    engine: String,
    /// Only the neural engine's smallest models.
    #[arg(long)]
    tiny: bool,
    /// The language of the cases and of the readings.
    #[arg(long, default_value = "eng")]
    lang: String,
    /// The readings are told no language, and search every page for its own.
    #[arg(long)]
    any_language: bool,
    /// Only cases of this side of the corpora.
    #[arg(long)]
    split: Option<Split>,
    /// Only cases whose path contains this text.
    #[arg(long)]
    only: Option<String>,
    /// Only every n-th case.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// How many pages are read at the same time.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Where the words that can be learnt from go, one a line, with what calibrates their confidence and whether they
    /// are right. Confidences are then as the engines give them.
    #[arg(long)]
    words: Option<PathBuf>,
    /// Where the pages that can be learnt from go, one a line, with what the first look at them showed.
    #[arg(long)]
    pages: Option<PathBuf>,
    /// Also what each page costs beside one plain recognition of it by the engine that reads it first, and how it lies.
    /// All pages are read before they are measured, since engines load their models when they first need them.
    #[arg(long)]
    price: bool,
    /// A folder that the texts of pages that can be learnt from go to, in files of their names.
    #[arg(long)]
    texts: Option<PathBuf>,
}

/// What came of a page.
struct Outcome {
    engine: String,
    looks: PageStatistics,
    text: String,
    words: Vec<JudgedWord>,
    page: Option<JudgedPage>,
    seconds: f64,
    /// What opening it and recognising it once, as it is, costs.
    plain: Option<f64>,
    pixels: usize,
    turn: u16,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let mut cases = Vec::new();
    for root in &options.corpus {
        cases.extend(corpus::cases(root, &options.lang)?);
    }
    cases.retain(|case| options.split.is_none_or(|split| case.split == split));
    cases.retain(|case| options.only.as_ref().is_none_or(|part| case.file.to_string_lossy().contains(part.as_str())));
    let cases: Vec<Case> = cases.into_iter().step_by(options.every.max(1)).collect();
    ensure!(!cases.is_empty(), "no case of the corpus fits");
    let outcomes = read(options, &cases)?;
    print_sources(&cases, &outcomes);
    if options.price {
        print_prices(&cases, &outcomes);
    }
    for (split, name) in [(Split::Learn, "learn"), (Split::Check, "check")] {
        let of_split = || cases.iter().zip(&outcomes).filter(|(case, _)| case.split == split);
        let words: Vec<&JudgedWord> = of_split().flat_map(|(_, outcome)| &outcome.words).collect();
        if !words.is_empty() {
            println!("\nconfidence of {} words, {name}\n{}", words.len(), Reliability::of(&words));
        }
        let pages: Vec<&JudgedPage> = of_split().filter_map(|(_, outcome)| outcome.page.as_ref()).collect();
        if !pages.is_empty() {
            println!("\nconfidence of {} pages, {name}\n{}", pages.len(), confidence_table(&pages));
        }
    }
    let learnt: Vec<(&Case, &Outcome)> =
        cases.iter().zip(&outcomes).filter(|(case, _)| case.split == Split::Learn).collect();
    if let Some(file) = &options.words {
        fs::write(file, word_table(&learnt)).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if let Some(file) = &options.pages {
        fs::write(file, page_table(&learnt)).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if let Some(folder) = &options.texts {
        fs::create_dir_all(folder)?;
        for (case, outcome) in learnt {
            let name = case.file.file_name().context("a file has a name")?.to_string_lossy();
            fs::write(folder.join(format!("{}-{name}.txt", case.source)), &outcome.text)?;
        }
    }
    Ok(())
}

/// Reads the cases, each thread with engines of its own.
fn read(options: &Options, cases: &[Case]) -> anyhow::Result<Vec<Outcome>> {
    let languages: Languages = options.lang.parse().context("no language")?;
    let runtime = Runtime::from_file(&deps("neural/libonnxruntime.so")?)?;
    let pdf = PdfLibrary::from_file(&deps("pdfium/libpdfium.so")?)?;
    let opener = FileOpener::new(pdf, PageLimits::default());
    let models = models(options.tiny)?;
    let rounds = if options.price { 2 } else { 1 };
    let outcomes: Vec<Mutex<Option<Outcome>>> = cases.iter().map(|_| Mutex::new(None)).collect();
    let next: Vec<AtomicUsize> = (0..rounds).map(|_| AtomicUsize::new(0)).collect();
    let work = || -> anyhow::Result<()> {
        let mut engines = engines(&runtime, models, options.words.is_some());
        for next in &next {
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let at = cases.iter().position(|other| std::ptr::eq(other, case)).expect("it is one of them");
                let outcome = read_case(&opener, &mut engines, options, &languages, case)
                    .with_context(|| format!("{} cannot be read", case.file.display()))?;
                *outcomes[at].lock().expect("no thread panics with the lock") = Some(outcome);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("the closure returns its errors"))
    })?;
    let done = |outcome: Mutex<Option<Outcome>>| outcome.into_inner().ok().flatten();
    outcomes.into_iter().map(done).collect::<Option<_>>().context("a page was left out")
}

fn read_case(
    opener: &FileOpener,
    engines: &mut EngineRegistry,
    options: &Options,
    languages: &Languages,
    case: &Case,
) -> anyhow::Result<Outcome> {
    let before = cpu_seconds()?;
    let page = opener.open(File::open(&case.file)?)?.render(1, DPI)?;
    let to_open = cpu_seconds()? - before;
    let sheet = sheet_alone(&page.image);
    let looks = statistics(&sheet);
    let (engine, read, languages) = if options.any_language {
        let any = engines.read_any(&options.engine, &sheet, &looks)?;
        (any.engine, any.page, any.languages)
    } else {
        let (engine, read) = engines.read(&options.engine, &sheet, &looks, languages)?;
        (engine, read, languages.clone())
    };
    let seconds = cpu_seconds()? - before;
    let plain = if options.price {
        let before = cpu_seconds()?;
        engines.choose(&engine, &looks, &languages)?.recognize(&page.image, &languages)?;
        Some(to_open + cpu_seconds()? - before)
    } else {
        None
    };
    let text = read.blocks.iter().map(recto_domain::Block::text).collect::<Vec<_>>().join("\n\n");
    let words = judged(&case.truth, &read.blocks);
    let judged_page = JudgedPage::of(&case.truth, &read, &words);
    let (pixels, turn) = (page.image.luma().len(), read.turn.degrees());
    Ok(Outcome { engine, looks, text, words, page: judged_page, seconds, plain, pixels, turn })
}

/// The engines as a worker has them; with `raw`, their confidences stay as they come.
fn engines(runtime: &Runtime, models: Models, raw: bool) -> EngineRegistry {
    let tesseract = || TesseractEngine::new(Traineddata::new().with_system_folders());
    let neural = || NeuralEngine::new(runtime.clone(), models);
    let mixed = LineByLine::new(neural(), tesseract());
    let engines = EngineRegistry::new().with(tesseract()).with(neural()).with(mixed);
    if raw { engines.with_raw_confidences() } else { engines }
}

fn models(tiny: bool) -> anyhow::Result<Models> {
    let load = |name: &str| -> anyhow::Result<&'static [u8]> { Ok(fs::read(deps(&format!("neural/{name}"))?)?.leak()) };
    let recogniser = Recogniser { model: load("recogniser.onnx")?, dictionary: load("recogniser.txt")? };
    let careful = Recogniser { model: load("careful-recogniser.onnx")?, dictionary: load("careful-recogniser.txt")? };
    Ok(Models { detector: load("detector.onnx")?, recogniser, careful: (!tiny).then_some(careful) })
}

/// What `bootstrap.sh` fetched.
fn deps(name: &str) -> anyhow::Result<PathBuf> {
    let path = Path::new(".deps").join(name);
    path.canonicalize().with_context(|| format!("{} is missing: run ./bootstrap.sh", path.display()))
}

/// The seconds of a core that this thread has had. Engines run on the thread that calls them.
fn cpu_seconds() -> anyhow::Result<f64> {
    let stat =
        fs::read_to_string("/proc/thread-self/schedstat").context("this system does not tell a thread's time")?;
    let nanoseconds: f64 = stat.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}

/// The greatest resident set of this process so far, in MB.
fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1e3
}

/// Sums of a row of the table.
#[derive(Default)]
struct Row {
    n: f64,
    f1: f64,
    sum: Score,
    seconds: f64,
    engines: BTreeMap<String, usize>,
}

fn print_sources(cases: &[Case], outcomes: &[Outcome]) {
    let mut rows: BTreeMap<(Split, &str), Row> = BTreeMap::new();
    for (case, outcome) in cases.iter().zip(outcomes) {
        let score = score(&case.truth, &outcome.text);
        for source in [case.source.as_str(), "~ all"] {
            let row = rows.entry((case.split, source)).or_default();
            row.n += 1.0;
            row.f1 += word_f1(&case.truth, &outcome.text);
            row.sum.recall += score.recall;
            row.sum.cer += score.cer;
            row.seconds += outcome.seconds;
            *row.engines.entry(outcome.engine.clone()).or_default() += 1;
        }
    }
    println!("split source           pages      F1  recall     CER  CPU s/page");
    for ((split, source), row) in rows {
        let split = if split == Split::Learn { "learn" } else { "check" };
        let engines: Vec<String> = row.engines.iter().map(|(name, n)| format!("{name} {n}")).collect();
        println!(
            "{split} {source:16} {:>5}   {:.4}  {:.4}  {:.4}       {:.3}   {}",
            row.n,
            row.f1 / row.n,
            row.sum.recall / row.n,
            row.sum.cer / row.n,
            row.seconds / row.n,
            engines.join(", ")
        );
    }
    println!("peak of the process: {:.0} MB", peak_megabytes());
}

/// How many times as much as a plain recognition the pages of each source cost: their mean, the middle one, the dearest.
fn print_prices(cases: &[Case], outcomes: &[Outcome]) {
    let mut prices: BTreeMap<(Split, &str), Vec<f64>> = BTreeMap::new();
    let mut turned: BTreeMap<(Split, &str), usize> = BTreeMap::new();
    for (case, outcome) in cases.iter().zip(outcomes) {
        let Some(plain) = outcome.plain else { continue };
        for source in [case.source.as_str(), "~ all"] {
            prices.entry((case.split, source)).or_default().push(outcome.seconds / plain);
            *turned.entry((case.split, source)).or_default() += usize::from(outcome.turn != 0);
        }
    }
    println!("\nsplit source           times a plain recognition: mean  median  most   above 3   turned");
    for ((split, source), mut of) in prices {
        of.sort_by(f64::total_cmp);
        let split_name = if split == Split::Learn { "learn" } else { "check" };
        println!(
            "{split_name} {source:16}                           {:.2}    {:.2}  {:.2}   {}   {}",
            of.iter().sum::<f64>() / of.len() as f64,
            of[of.len() / 2],
            of[of.len() - 1],
            of.iter().filter(|&&price| price > 3.0).count(),
            turned[&(split, source)],
        );
    }
}

fn word_table(cases: &[(&Case, &Outcome)]) -> String {
    let mut table = String::from("source\tengine\tconfidence\tline\tletters\tdigits\tright\ttext\n");
    for (case, outcome) in cases {
        for word in &outcome.words {
            let (source, engine, features) = (&case.source, &outcome.engine, &word.features);
            let (confidence, line) = (features.confidence, features.line);
            let (letters, digits, right) = (features.letters, u8::from(features.has_digits), u8::from(word.is_right));
            let _ = writeln!(
                table,
                "{source}\t{engine}\t{confidence:.5}\t{line:.5}\t{letters}\t{digits}\t{right}\t{}",
                word.text
            );
        }
    }
    table
}

fn page_table(cases: &[(&Case, &Outcome)]) -> String {
    let mut table =
        String::from("file\tengine\tletters\theight\thalf_tones\tstrength\tF1\tsure\tseconds\tplain\tpixels\tturn\n");
    for (case, outcome) in cases {
        let looks = &outcome.looks;
        let sure =
            outcome.words.iter().map(|word| word.features.confidence).sum::<f32>() / outcome.words.len().max(1) as f32;
        let _ = writeln!(
            table,
            "{}\t{}\t{}\t{}\t{:.4}\t{:.3}\t{:.4}\t{sure:.4}\t{:.4}\t{:.4}\t{}\t{}",
            case.file.display(),
            outcome.engine,
            looks.letters,
            looks.letter_height.unwrap_or(0.0),
            looks.half_tones,
            looks.rows.strength,
            word_f1(&case.truth, &outcome.text),
            outcome.seconds,
            outcome.plain.unwrap_or_default(),
            outcome.pixels,
            outcome.turn
        );
    }
    table
}
