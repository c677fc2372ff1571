"""Reads pictures with tesserocr, an engine a core: read_with_tesserocr.py FILES.json TEXTS.json LANGUAGE KIND CORES."""

import concurrent.futures
import glob
import json
import os
import sys
import threading

import tesserocr

files, texts, language, _, cores = sys.argv[1:]
models = os.environ.get("TESSDATA_PREFIX") or sorted(glob.glob("/usr/share/tesseract-ocr/*/tessdata"))[-1]
engines = threading.local()


def text_of(file):
    if not hasattr(engines, "own"):
        engines.own = tesserocr.PyTessBaseAPI(path=models, lang=language)
    engines.own.SetImageFile(file)
    return engines.own.GetUTF8Text()


with open(files) as listed, open(texts, "w") as out:
    with concurrent.futures.ThreadPoolExecutor(int(cores)) as pool:
        json.dump(list(pool.map(text_of, json.load(listed))), out)
