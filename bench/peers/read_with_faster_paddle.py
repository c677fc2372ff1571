"""Reads pictures with PP-OCRv6 in faster-paddle: read_with_faster_paddle.py FILES.json TEXTS.json MODEL KIND CORES."""

import io
import json
import sys

import faster_paddle
from PIL import Image

files, texts, model, _, _ = sys.argv[1:]


def bytes_of(file):
    """The library reads no TIFF: such pictures are handed over as quickly made PNG."""
    with open(file, "rb") as stored:
        content = stored.read()
    if not file.lower().endswith((".tif", ".tiff")):
        return content
    made = io.BytesIO()
    Image.open(io.BytesIO(content)).convert("L").save(made, "png", compress_level=1)
    return made.getvalue()


with open(files) as listed, open(texts, "w") as out:
    results = faster_paddle.OcrEngine(model).ocr_batch([bytes_of(file) for file in json.load(listed)])
    json.dump([result["structured_text"] for result in results], out)
