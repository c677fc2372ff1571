"""Reads files with Kreuzberg: read_with_kreuzberg.py FILES.json TEXTS.json LANGUAGE KIND CORES, KIND being pictures or pdfs."""

import json
import sys

import kreuzberg

files, texts, language, kind, _ = sys.argv[1:]
config = kreuzberg.ExtractionConfig(
    ocr=kreuzberg.OcrConfig(backend="tesseract", language=language),
    force_ocr=kind == "pictures",
    use_cache=False,
)
with open(files) as listed, open(texts, "w") as out:
    results = kreuzberg.batch_extract_files_sync(json.load(listed), config=config)
    json.dump([result.content for result in results], out)
