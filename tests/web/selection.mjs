// Prints what a person copies who selects all text of each page of PDFs in PDF.js: node selection.mjs FILE.pdf …
// A JSON array of texts, one a file; its pages are parted by form feeds.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";

const library = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
const origin = "http://viewer.test";
const files = process.argv.slice(2);

// The page of a viewer: canvas-less, for only the text over it is selected.
const viewer = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/web/pdf_viewer.css"><body></body>`;
const kinds = { mjs: "text/javascript", css: "text/css", pdf: "application/pdf" };

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic"] });
const page = await browser.newPage();
const troubles = [];
page.on("pageerror", (error) => troubles.push(error.message));
await page.route("**/*", (route) => {
  const { pathname } = new URL(route.request().url());
  if (pathname === "/") return route.fulfill({ contentType: "text/html", body: viewer });
  const file = pathname.match(/^\/file\/(\d+)\.pdf$/);
  const path = file ? files[Number(file[1])] : join(library, pathname);
  return route.fulfill({ contentType: kinds[pathname.split(".").pop()] ?? "application/octet-stream", body: readFileSync(path) });
});
await page.goto(`${origin}/`);

async function selected(index) {
  return page.evaluate(async (url) => {
    const pdfjs = await import("/legacy/build/pdf.mjs");
    pdfjs.GlobalWorkerOptions.workerSrc = "/legacy/build/pdf.worker.mjs";
    const pdf = await pdfjs.getDocument({ url, standardFontDataUrl: "/standard_fonts/", cMapUrl: "/cmaps/" }).promise;
    const texts = [];
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number);
      const viewport = page.getViewport({ scale: 1 });
      const container = document.createElement("div");
      container.className = "textLayer";
      document.body.append(container);
      await new pdfjs.TextLayer({ textContentSource: page.streamTextContent(), container, viewport }).render();
      const selection = getSelection();
      selection.selectAllChildren(container);
      texts.push(selection.toString());
      container.remove();
    }
    return texts.join("\f");
  }, `/file/${index}.pdf`);
}

const texts = [];
for (const index of files.keys()) texts.push(await selected(index));
await browser.close();
if (troubles.length > 0) throw new Error(troubles.join("\n"));
console.log(JSON.stringify(texts));
