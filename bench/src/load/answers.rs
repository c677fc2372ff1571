//! How long a client waits for `GET /batch/:id`: while nothing else goes on, while all cores read, and with many records
//! in the database.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use recto_test_postgres::Postgres;

use super::uploads::Server;
use super::{Options, quantile};

const ASKED: usize = 400;
/// Between two questions, as clients that poll leave it.
const PAUSE: Duration = Duration::from_millis(20);
/// Scans of a page that are read meanwhile: more than is done before all questions are answered.
const SCANS: usize = 50;
const SAMPLE: &str = "assets/samples/letter.tif";

pub(super) fn measure(postgres: &Postgres, options: &Options, records: u32) -> anyhow::Result<()> {
    println!("GET /batch/:id, {ASKED} times, once in {} ms:", PAUSE.as_millis());
    let cores = std::thread::available_parallelism()?;
    let server = Server::start(options, &postgres.database("answers")?, cores.get())?;
    let scan = std::fs::read(SAMPLE).with_context(|| format!("{SAMPLE} cannot be read"))?;
    let small = server.send((0..5).map(|n| (format!("{n}.tif"), scan.clone())))?;
    server.wait_for(&small)?;
    tell("nothing else goes on", &ask(&server, &small)?);
    let mut large = Vec::new();
    for _ in 0..4 {
        large.push(server.send((0..SCANS).map(|n| (format!("{n}.tif"), scan.clone())))?);
    }
    tell("all cores read", &ask(&server, &small)?);
    ensure!(!server.has_ended(&large[large.len() - 1])?, "the cores were idle before the end: send more scans");
    let copied = multiply(postgres, &small, records)?;
    tell(&format!("all cores read, {copied} records"), &ask(&server, &small)?);
    Ok(())
}

fn ask(server: &Server, batch: &str) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..ASKED {
        let begun = Instant::now();
        server.details(batch)?;
        times.push(begun.elapsed());
        std::thread::sleep(PAUSE);
    }
    times.sort_unstable();
    Ok(times)
}

fn tell(when: &str, times: &[Duration]) {
    let (p50, p99) = (quantile(times, 0.5), quantile(times, 0.99));
    println!("  {when:<36}  p50 {p50:6.2} ms  p99 {p99:6.2} ms");
}

/// Copies the rows of a batch under other ids, until there are so many records; how many there are.
fn multiply(postgres: &Postgres, batch: &str, records: u32) -> anyhow::Result<String> {
    let id = |what: &str| format!("lpad(to_hex({what}), 24, '0')");
    // Numbers of copies and rows tell copies of one row apart; ids that Recto makes begin with the time, never with zeros.
    let copy = |table: &str, ids: &str, of: &str| {
        format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(numbered.original, jsonb_build_object({ids}))).* FROM \
             (SELECT r AS original, row_number() OVER (ORDER BY r.id) AS n FROM {table} r WHERE {of} = '{batch}') \
             numbered, generate_series(1, {}) AS copy;",
            records / 5
        )
    };
    let row = id("copy * 10 + n");
    let of_batch = id("copy");
    let sql = [
        copy("batches", &format!("'id', {of_batch}"), "r.id"),
        copy("uploads", &format!("'id', {row}, 'batch_id', {of_batch}"), "r.batch_id"),
        copy("records", &format!("'id', {row}, 'batch_id', {of_batch}, 'upload_id', {row}"), "r.batch_id"),
        "ANALYZE;".to_owned(),
        "SELECT count(*) FROM records".to_owned(),
    ]
    .join("\n");
    postgres.sql("answers", &sql).map(|count| count.trim().to_owned()).context("the rows cannot be copied")
}
