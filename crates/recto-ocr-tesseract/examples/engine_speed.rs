//! How many pages a second the engine alone reads with one warm engine a thread, the yardstick of `recto-bench speed`:
//! `cargo run --release --example engine_speed -p recto-ocr-tesseract -- --threads N FILE…`
//!
//! Pictures are decoded and engines warmed before the clock starts; nothing is surveyed, straightened, stored or
//! written. What it prints is the time of the recognitions alone, in seconds.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use recto_ocr::{OcrEngine, PageImage};
use recto_ocr_tesseract::{TesseractEngine, Traineddata};

/// What the pages of the benchmark were scanned at; it has next to no weight in the time of a page.
const DPI: u32 = 300;

/// As in the program that is compared.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut threads = std::thread::available_parallelism()?.get();
    if arguments.next_if(|a| a == "--threads").is_some() {
        threads = arguments.next().context("--threads needs a number")?.parse()?;
    }
    let pages: Vec<PageImage> = arguments.map(|file| decoded(&file)).collect::<anyhow::Result<_>>()?;
    ensure!(threads > 0 && !pages.is_empty(), "usage: engine_speed [--threads N] FILE…");
    println!("{:.3}", time_of(&pages, threads)?.as_secs_f64());
    Ok(())
}

fn decoded(file: &str) -> anyhow::Result<PageImage> {
    let picture = image::open(file).with_context(|| format!("{file} cannot be read"))?.into_luma8();
    Ok(PageImage::new(picture.width(), picture.height(), DPI, picture.into_raw()))
}

/// From the moment at which every engine is warm to the end of the last page.
fn time_of(pages: &[PageImage], threads: usize) -> anyhow::Result<Duration> {
    let languages = "eng".parse()?;
    let (next, warm) = (AtomicUsize::new(0), Barrier::new(threads));
    let read = || -> anyhow::Result<Duration> {
        let mut engine = TesseractEngine::new(Traineddata::new().with_system_folders());
        let ready = engine.warm_up(&languages);
        warm.wait();
        ready?;
        let start = Instant::now();
        while let Some(page) = pages.get(next.fetch_add(1, Ordering::Relaxed)) {
            engine.recognize(page, &languages)?;
        }
        Ok(start.elapsed())
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..threads).map(|_| scope.spawn(read)).collect();
        readers
            .into_iter()
            .map(|r| r.join().expect("the closure returns its errors"))
            .try_fold(Duration::ZERO, |longest, time| Ok(longest.max(time?)))
    })
}
