# `just` lists the recipes.

corpus := env("RECTO_CORPUS", "../shared/corpus")
# Folders for `just bench`, parted by blanks.
bench_corpora := env("RECTO_CORPUS", "../shared/corpus ../shared/corpus2")

[private]
default:
    @just --list --unsorted

# Start the server on http://127.0.0.1:8080
run *ARGS:
    cargo run --release -- serve {{ARGS}}

# Run every test: units, the API, the command line, real files through the real engine; the API and what dies on PostgreSQL too
test *ARGS:
    ./bootstrap.sh --tests
    cargo test --workspace --quiet {{ARGS}}
    RECTO_TEST_DATABASE=postgresql cargo test --workspace --quiet --test api {{ARGS}}
    RECTO_TEST_DATABASE=postgresql cargo test --workspace --quiet --test binary kill::

# Formatting, lints and documentation, as CI checks them
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --quiet -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

# A client made from the OpenAPI document, and schemathesis against it: [--seed N] [--examples N]
api-check *ARGS:
    ./bootstrap.sh --clients
    # As the README runs it: it must be clear which program is meant.
    cargo run --quiet -- --version
    tests/clients/check.sh {{ARGS}}

# Word recall and character error rate beside the tesseract command's, on a corpus folder with a manifest.json
accuracy *ARGS:
    ./bootstrap.sh --bench
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench accuracy --corpus {{corpus}} {{ARGS}}

# What an engine reads right, what a page costs, and what its confidences are worth: [--engine NAME] [--split learn|check]
engines *ARGS:
    ./bootstrap.sh --bench
    cargo build --release --quiet -p recto-bench
    target/release/recto-bench engines --corpus {{corpus}} {{ARGS}}

# How often what is read next comes next, on pages of known order, beside pdftotext and tesseract: [--split learn|check]
order *ARGS:
    ./bootstrap.sh --bench
    cargo build --release --quiet -p recto -p recto-bench
    .deps/peers/bin/python bench/pages/order.py target/order
    target/release/recto-bench order --corpus target/order {{ARGS}}

# F1 of neighbouring cells of tables, in PDFs with text and as pictures: [--split learn|check] [--files]
tables *ARGS:
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench tables --corpus {{corpus}} {{ARGS}}

# Precision, recall and F1 of the fields that templates find, beside invoice2data's, on a corpus with a manifest.json
fields *ARGS:
    ./bootstrap.sh --bench
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench fields --corpus {{corpus}} {{ARGS}}

# Makes papers of twelve languages with known values, as a corpus: --out FOLDER [--count 100] [--seed 1] [--scan] [--lang deu,ara] [--kind receipt]
papers *ARGS:
    ./bootstrap.sh --bench
    cargo build --release --quiet -p recto-bench
    target/release/recto-bench papers {{ARGS}}

# The values that are found on the receipts and papers of bench/made, by kind
made:
    cargo build --release --quiet -p recto-bench
    target/release/recto-bench made

# Learns which lines of the heads of receipts tell the shop, from receipts whose shops are known; --write puts the weights into recto-extract. Run `train-fields` after it
train-letterhead *ARGS:
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench train-letterhead --corpus {{bench_corpora}} {{ARGS}}

# Learns which of the values on a paper is that of a field, from papers with known values; --write puts the trees into recto-extract
train-ranking *ARGS:
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench train-ranking --corpus {{bench_corpora}} {{ARGS}}

# Learns how sure found values are, from documents with known values; --write puts the weights into recto-extract
train-fields *ARGS:
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench train-fields --corpus {{bench_corpora}} {{ARGS}}

# Speed, word-F1, CPU seconds and memory beside the peers, on folders with a manifest.json; writes docs/bench/
bench *ARGS:
    ./bootstrap.sh --bench
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench speed --corpus {{bench_corpora}} {{ARGS}}

# Licences, sources and advisories of the dependencies, and which of them are unused; needs the internet
audit:
    command -v cargo-deny >/dev/null || cargo install --locked cargo-deny@0.20.2
    command -v cargo-machete >/dev/null || cargo install --locked cargo-machete@0.9.2
    cargo deny check
    cargo machete

# A package of every library crate, as crates.io would get it, in target/package
package:
    cargo package --workspace --exclude recto --exclude recto-bench --exclude recto-structure \
        --exclude recto-test-postgres --exclude recto-test-s3 --no-verify --offline --allow-dirty --quiet

# A program outside of the workspace that uses single crates, built and run on a sample
embed:
    cargo build --quiet --manifest-path tests/embedding/Cargo.toml --target-dir target
    target/debug/embedding .deps assets/samples/letter.tif target/embedding.pdf
    pdftotext target/embedding.pdf - | grep "quick brown dog"

# Feeds broken bytes to what reads strangers' files in the server process, for so many seconds a target; needs a nightly compiler
fuzz SECONDS="60":
    #!/usr/bin/env bash
    set -euo pipefail
    command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz@0.13.2
    for target in $(cargo +nightly fuzz list); do
        seeds=fuzz/seeds/$target
        [ -d "$seeds" ] || seeds=crates/recto/tests/documents
        mkdir -p "fuzz/corpus/$target"
        cargo +nightly fuzz run "$target" "fuzz/corpus/$target" "$seeds" -- \
            -max_total_time={{SECONDS}} -max_len=65536 -timeout=10 -rss_limit_mb=2048
    done

# Whether the fuzz targets still fit the code, without running them
fuzz-check:
    cargo check --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir target

# What several nodes get through on one PostgreSQL, what a backlog costs, and how long clients wait: [--only nodes,backlog]
load *ARGS:
    ./bootstrap.sh --tests
    cargo build --release --quiet -p recto -p recto-bench
    target/release/recto-bench load {{ARGS}}

# How fast the web pages open in Chromium, and how large they are: [--batches 10000] [--pages 500]
web-bench *ARGS:
    ./bootstrap.sh --tests
    cargo build --release --quiet -p recto
    node tests/web/bench.mjs {{ARGS}}

# Several nodes while everything that can die dies at random, for so many minutes; SEED=… repeats a run
soak MINUTES="10":
    ./bootstrap.sh --tests
    SOAK_MINUTES={{MINUTES}} cargo test -p recto --test binary -- --ignored --nocapture soak

# Recto, a second node, PostgreSQL and an S3 server in containers, on http://127.0.0.1:8080
up:
    docker compose up --build --detach --wait
    @echo "The first key: docker compose exec recto cat /var/lib/recto/initial-credentials.json"

# Stops what `just up` started; the data stays (`docker compose down --volumes` removes it)
down:
    docker compose down

# What `just up` starts, as processes in network namespaces, where no container runtime is to be had; as root, with Garage's binary
rehearse GARAGE:
    cargo build --release --quiet --bin recto
    tests/compose/rehearse.py --recto target/release/recto --garage {{GARAGE}}

# What is given to others: the binary, which needs the C and C++ libraries that every system has, and a Debian package
dist:
    cargo build --release --locked --bin recto
    command -v cargo-deb >/dev/null || cargo install --locked cargo-deb@3.8.0
    cargo deb --package recto --no-build --output target/dist/
    ls -l target/release/recto target/dist
