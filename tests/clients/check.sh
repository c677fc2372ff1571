#!/usr/bin/env bash
# Proves the OpenAPI document against a running server: types and a client made from it by openapi-typescript send,
# read and export files; schemathesis looks for answers that are not as described. The workers' engine runs too. And what
# it exports as PDF/A-2b goes before a validator that nobody here wrote.
#
#   tests/clients/check.sh [--seed N] [--examples N]
#
# RECTO_BIN names the binary, target/debug/recto without it. What schemathesis found is repeated by its seed.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

seed=$RANDOM examples=6
while [ $# -gt 0 ]; do
    case $1 in
        --seed) seed=$2; shift 2 ;;
        --examples) examples=$2; shift 2 ;;
        *) echo "check: unknown option $1 (known: --seed N, --examples N)" >&2; exit 1 ;;
    esac
done
recto=$(realpath "${RECTO_BIN:-target/debug/recto}")
schemathesis=$(realpath .deps/clients/bin/schemathesis)
python=$root/.deps/clients/bin/python
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT

# Without the limits: schemathesis sends more requests a minute than any client, and wrong keys among them.
RECTO__SERVER__RATE_LIMIT_PER_MINUTE=0 RECTO__SERVER__FAILED_SIGN_INS_PER_MINUTE=0 \
    "$recto" serve --listen 127.0.0.1:0 --data-dir "$folder/data" >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 300); do
    base=$(sed -n 's/^listening on \(http:.*\)$/\1/p' "$folder/log" | head -n 1)
    [ -n "$base" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$folder/log"; exit 1; }
    sleep 0.2
done
credentials=$folder/data/initial-credentials.json

echo "check: a client from openapi-typescript"
cd tests/clients/typescript
"$recto" openapi >openapi.json
npm run --silent generate
npm run --silent build
npm run --silent smoke -- "$base" "$credentials" ../../../assets/samples/receipt.jpg ../../../assets/samples/invoice.pdf

echo "check: PDF/A-2b by pdf_oxide's validator"
cd "$root/assets/samples"
"$recto" run letter.tif receipt.jpg two-page-scan.tif --quiet --pdf-standard pdfa-2b -o "$folder/archive.pdf"
"$python" - "$folder/archive.pdf" <<'PYTHON'
import sys
import pdf_oxide

report = pdf_oxide.PdfDocument(sys.argv[1]).validate_pdf_a("2b")
if not report["valid"]:
    sys.exit(f"the PDF/A-2b is not one: {report['errors']}")
PYTHON
# What schemathesis remembers of a run is thrown away with it: the seed alone decides what it tries.
cd "$folder"

echo "check: schemathesis with --seed $seed --examples $examples"
key=$(sed -n 's/.*"apiKey": *"\([^"]*\)".*/\1/p' "$credentials")
export PROJECT_ID
PROJECT_ID=$(sed -n 's/.*"projectId": *"\([^"]*\)".*/\1/p' "$credentials")
look() {
    "$schemathesis" --config-file "$root/tests/clients/schemathesis/schemathesis.toml" run "$base/v1/openapi.json" --header "X-API-Key: $key" \
        --seed "$seed" --max-examples "$examples" "$@"
}
# What takes away the ground that the others stand on comes last: the key, and the project.
ground='^(updateToken|revokeToken|regenerateToken|updateProject|deactivateProject)$'
look --exclude-operation-id-regex "$ground" --max-time 150
look --include-operation-id-regex "$ground" --max-time 30
if grep -E '"level":"ERROR"| ERROR ' "$folder/log"; then
    echo "check: the server logged errors" >&2
    exit 1
fi
