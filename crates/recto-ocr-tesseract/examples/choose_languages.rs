//! Tells in which languages pictures are, and what of a core that took beside their reading:
//! `cargo run --release --example choose_languages -p recto-ocr-tesseract -- [--read] FILE...`

use std::time::Duration;

use anyhow::Context;
use recto_domain::ANY_ENGINE;
use recto_ocr::{EngineRegistry, PageImage, choose_languages, read_measured_page, statistics};
use recto_ocr_tesseract::{TesseractEngine, Traineddata};
use rustix::time::{ClockId, clock_gettime};

/// What a scanner of documents is usually set to; the `image` crate does not tell a file's own resolution.
const DPI: u32 = 300;

fn main() -> anyhow::Result<()> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let reads = files.first().is_some_and(|first| first == "--read");
    files.drain(..usize::from(reads));
    let engine = TesseractEngine::new(Traineddata::new().with_system_folders());
    let mut engines = EngineRegistry::new().with(engine);
    for file in files {
        let picture = image::open(&file).with_context(|| format!("{file} cannot be read"))?.into_luma8();
        let page = PageImage::new(picture.width(), picture.height(), DPI, picture.into_raw());
        let looks = statistics(&page);
        // Once before, so that models are loaded.
        choose_languages(&mut engines, ANY_ENGINE, &page, &looks)?;
        let begun = cpu_time();
        let chosen = choose_languages(&mut engines, ANY_ENGINE, &page, &looks)?;
        let choosing = cpu_time().saturating_sub(begun);
        let missing = chosen.missing.map(|missing| format!("; {missing}")).unwrap_or_default();
        print!("{file}: {} in {:.3} s{missing}", chosen.languages, choosing.as_secs_f64());
        if reads {
            let engine = engines.choose(ANY_ENGINE, &looks, &chosen.languages)?;
            read_measured_page(engine, &page, &looks, &chosen.languages)?;
            let begun = cpu_time();
            read_measured_page(engine, &page, &looks, &chosen.languages)?;
            let reading = cpu_time().saturating_sub(begun);
            print!(
                ", read in {:.3} s, {:.1} %",
                reading.as_secs_f64(),
                100.0 * choosing.as_secs_f64() / reading.as_secs_f64()
            );
        }
        println!();
    }
    Ok(())
}

/// What this process has used of the cores.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
