// How fast the pages open in the Chromium of the system, beside the budgets: node bench.mjs [--batches N] [--pages N], with the
// program in RECTO_BIN. It starts a server of its own on this machine, and fills it over the API.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values } = parseArgs({ options: { batches: { type: "string", default: "10000" }, pages: { type: "string", default: "500" } } });
const [batches, pages] = [Number(values.batches), Number(values.pages)];
const program = process.env.RECTO_BIN ?? new URL("../../target/release/recto", import.meta.url).pathname;
const ROUNDS = 15;

const folder = mkdtempSync(join(tmpdir(), "recto-web-bench-"));
const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(folder, "data")], {
  cwd: folder, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, RECTO__SERVER__RATE_LIMIT_PER_MINUTE: "0", RECTO__LOG__LEVEL: "warn" },
});
const base = await new Promise((found) => {
  let said = "";
  server.stdout.on("data", (piece) => {
    said += piece;
    const told = said.match(/listening on (http:\S+)/);
    if (told) found(told[1]);
  });
});

try {
  const { apiKey, projectId } = JSON.parse(readFileSync(join(folder, "data/initial-credentials.json"), "utf8"));
  const call = async (path, init = {}) => {
    const answer = await fetch(`${base}/v1/openapi${path}`, { ...init, headers: { "X-API-Key": apiKey } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const send = (name, bytes) => {
    const form = new FormData();
    form.set("projectId", projectId);
    form.set("name", name);
    form.append("files", new Blob([bytes]), `${name}.pdf`);
    return call("/batch/upload", { method: "POST", body: form });
  };
  const isRead = async ({ id }) => ["completed", "partially_failed", "failed"].includes((await call(`/batch/${id}`)).status);
  const read = async (batch) => {
    while (!(await isRead(batch))) await new Promise((resume) => setTimeout(resume, 200));
    return batch.processingHistoryIds[0];
  };
  const short = await read(await send("one page", pdf(1)));
  const long = await read(await send(`${pages} pages`, pdf(pages)));
  let last;
  const one = pdf(1);
  const begun = Date.now();
  await Promise.all(Array.from({ length: 8 }, async (_, lane) => {
    for (let n = lane; n < batches; n += 8) last = await send(`Batch ${n}`, one);
  }));
  console.log(`${batches} batches sent in ${Math.round((Date.now() - begun) / 1000)} s`);
  await read(last);

  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${base}/sign-in`);
  await page.getByLabel("API key").fill(apiKey);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/batches$/);

  const assets = new Map();
  page.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/assets/web/")) assets.set(pathname, Number(response.headers()["content-length"] ?? (await response.body()).length));
  });
  const paint = async (path, ready) => {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await page.goto(base + path, { waitUntil: "load" });
      if (ready) await page.locator(ready).first().waitFor({ state: "attached" });
      // What is still drawn for this page is not to be in the way of the next.
      await page.waitForLoadState("networkidle");
      times.push(await page.evaluate(async () => {
        const paint = await new Promise((painted) => new PerformanceObserver((list) => {
          for (const { name, startTime } of list.getEntries()) if (name === "first-contentful-paint") painted(startTime);
        }).observe({ type: "paint", buffered: true }));
        const [{ responseStart }] = performance.getEntriesByType("navigation");
        return { answer: responseStart, paint };
      }));
    }
    const said = (what) => {
      const sorted = times.map((time) => time[what]).sort((a, b) => a - b);
      return `${sorted[Math.floor(ROUNDS / 2)].toFixed(0).padStart(4)} ms (${sorted[0].toFixed(0)})`;
    };
    console.log(`${path.replace(/[0-9a-f]{24}/, "…").padEnd(28)} answer ${said("answer").padEnd(14)} first paint ${said("paint")}`);
  };
  const { pagination } = await call(`/batch?projectId=${projectId}&limit=1`);
  console.log(`list of ${pagination.total} batches, record of ${pages} pages beside one of 1; /start is a page of nothing but text; medians of ${ROUNDS} (and the best):`);
  await paint("/start");
  await paint("/batches");
  await paint(`/batches?page=${Math.floor(pagination.total / 20)}`);
  await paint("/batches?name=Batch+77");
  await paint(`/records/${short}`, ".overlay .word");
  await paint(`/records/${long}`, ".overlay .word");
  await paint(`/records/${long}?page=${Math.ceil(pages * 0.8)}`, ".overlay .word");
  for (const path of ["/review", "/templates/new", "/settings"]) await page.goto(base + path);
  const all = new Set([...assets.keys()].map((path) => path.split("/").pop()));
  for (const path of ["review.js", "template.js", "upload.js", "live.js"].filter((name) => !all.has(name))) {
    assets.set(`/assets/web/${path}`, (await (await fetch(`${base}/assets/web/${path}`)).arrayBuffer()).byteLength);
  }
  const bytes = [...assets.values()].reduce((sum, size) => sum + size, 0);
  console.log(`script and style: ${(bytes / 1000).toFixed(1)} kB in ${assets.size} files, not compressed`);
  await browser.close();
} finally {
  server.kill();
  await new Promise((ended) => server.once("exit", ended));
  rmSync(folder, { recursive: true });
}

// A PDF of so many pages with some lines of text on each.
function pdf(count) {
  const objects = ["<</Type/Catalog/Pages 2 0 R>>", `<</Type/Pages/Count ${count}/Kids[${Array.from({ length: count }, (_, n) => `${4 + 2 * n} 0 R`).join(" ")}]>>`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"];
  for (let n = 0; n < count; n += 1) {
    const lines = Array.from({ length: 40 }, (_, line) => `1 0 0 1 72 ${740 - 16 * line} Tm (Line ${line + 1} of page ${n + 1}: goods received in good order) Tj`);
    const stream = `BT /F 11 Tf ${lines.join(" ")} ET`;
    objects.push(`<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents ${5 + 2 * n} 0 R/Resources<</Font<</F 3 0 R>>>>>>`);
    objects.push(`<</Length ${stream.length}>>stream\n${stream}\nendstream`);
  }
  let body = "%PDF-1.4\n";
  const starts = objects.map((object, index) => {
    const start = body.length;
    body += `${index + 1} 0 obj${object}endobj\n`;
    return `${String(start).padStart(10, "0")} 00000 n \n`;
  });
  const table = body.length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${starts.join("")}`;
  return Buffer.from(`${body}trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${table}\n%%EOF`);
}
