// Drives the pages in the Chromium of the system: node pages.mjs, with RECTO_URL, RECTO_KEY, RECTO_PROJECT and RECTO_LINK (the path of
// the one-time link) in the environment; RECTO_SHOTS names a folder for pictures of every page. Words behind
// `pages.mjs` run the steps whose names hold them; later steps look at what earlier ones sent.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { RECTO_URL: base, RECTO_KEY: key, RECTO_PROJECT: project, RECTO_LINK: link, RECTO_SHOTS: shots } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sample = (name) => new URL(`../../assets/samples/${name}`, import.meta.url).pathname;
const hostileText = `<script>alert("1")</script>`;
const hostileName = `<script>alert('x')<\u200f\u202e.pdf`;

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic"] });
const troubles = [];

function watch(page) {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(`console: ${message.text()} ${page.url()}`);
  });
  page.on("pageerror", (error) => troubles.push(`script: ${error.message} ${page.url()}`));
  page.on("dialog", (dialog) => {
    troubles.push(`a document ran: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== base) troubles.push(`a request elsewhere: ${request.url()}`);
  });
}

async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  watch(page);
  return page;
}

async function signIn(page) {
  await page.goto(`${base}/`);
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/batches$/);
}

// A PDF of one page with one line of text.
function pdf(text) {
  const escaped = text.replace(/[\\()]/g, "\\$&");
  const stream = `BT /F 24 Tf 72 700 Td (${escaped}) Tj ET`;
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  let body = "%PDF-1.4\n";
  const starts = objects.map((object, index) => {
    const start = body.length;
    body += `${index + 1} 0 obj${object}endobj\n`;
    return String(start).padStart(10, "0");
  });
  const table = body.length;
  body += `xref\n0 6\n0000000000 65535 f \n${starts.map((start) => `${start} 00000 n \n`).join("")}`;
  return Buffer.from(`${body}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${table}\n%%EOF`);
}

const state = (page, word) => page.locator("#progress .state", { hasText: new RegExp(`^${word}$`) }).waitFor({ timeout: 120_000 });

const steps = {
  async "a link signs in once, without typing"() {
    const page = await newPage();
    await page.goto(base + link);
    await page.getByRole("button", { name: "Open Recto" }).press("Enter");
    await page.waitForURL(/\/batches$/);
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "recto_session");
    assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
    const other = await newPage();
    const answer = await other.request.post(`${base}/sign-in`, { form: { code: link.split("=")[1] } });
    assert.equal(answer.status(), 403);
    assert.match(await page.locator("main").innerText(), /Send scans, photos or PDFs/);
  },

  async "a wrong key is refused in words, and signing out ends the session"() {
    const page = await newPage();
    const refused = await page.request.post(`${base}/sign-in`, { form: { key: "ocr_wrong" } });
    assert.equal(refused.status(), 401);
    assert.match(await refused.text(), /mistyped, has expired or was revoked/);
    await signIn(page);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in$/);
    await page.goto(`${base}/batches`);
    assert.match(page.url(), /\/sign-in\?next=%2Fbatches$/);
  },

  async "a form without the code of the session, or from another site, does nothing"() {
    const page = await newPage();
    await signIn(page);
    for (const path of ["/sign-out", "/project", "/upload?code=00", "/batches/6b0bc950f5cd24714b0adeb2/delete"]) {
      const answer = await page.request.post(base + path, { form: { code: "00" }, maxRedirects: 0 });
      assert.equal(answer.status(), 403, path);
    }
    const code = await page.locator("form[action='/sign-out'] [name=code]").inputValue();
    const crossed = await page.request.post(`${base}/sign-out`, {
      form: { code }, headers: { "Sec-Fetch-Site": "cross-site" }, maxRedirects: 0,
    });
    assert.equal(crossed.status(), 403);
  },

  async "files are sent, watched, looked at and fetched"() {
    const page = await newPage();
    await signIn(page);
    await page.getByText("How they are read").click();
    await page.getByLabel("Name").fill("March");
    const files = ["invoice.pdf", "letter.tif", "receipt.jpg", "two-page-scan.tif"].map(sample);
    await page.getByLabel("Files to read").setInputFiles(files);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    await page.evaluate(() => { globalThis.wasNeverLeft = true; });
    await state(page, "done");
    assert.ok(await page.evaluate(() => globalThis.wasNeverLeft), "the page was kept up to date without loading it again");
    assert.equal(await page.locator(".files > li .state.completed").count(), 4);
    assert.match(await page.locator(".ribbon").first().getAttribute("aria-label"), /^6 of 6 pages read, 0 failed$/);
    const coming = page.waitForEvent("download");
    await page.getByRole("link", { name: "Excel" }).click();
    assert.match((await coming).suggestedFilename(), /\.xlsx$/);
  },

  async "what cannot be read is said before it is sent"() {
    const page = await newPage();
    await signIn(page);
    await page.getByLabel("Files to read").setInputFiles([
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("x") },
      { name: "nothing.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(0) },
    ]);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("None of these files can be read. Nothing was sent.").waitFor();
    assert.match(await page.locator("#sending").innerText(), /notes\.txt[^]*it is no PDF[^]*nothing\.pdf[^]*is empty/);
  },

  async "dropped and pasted files are sent, and more than fifty go into two batches"() {
    const page = await newPage();
    for (const kind of ["drop", "paste"]) {
      if (kind === "drop") await signIn(page);
      else await page.goto(`${base}/batches`);
      await page.evaluate(({ kind, bytes, count }) => {
        const files = new DataTransfer();
        for (let n = 0; n < count; n += 1) files.items.add(new File([new Uint8Array(bytes)], `${n}.pdf`, { type: "application/pdf" }));
        const init = { bubbles: true, cancelable: true };
        const event = kind === "drop"
          ? new DragEvent("drop", { ...init, dataTransfer: files })
          : new ClipboardEvent("paste", { ...init, clipboardData: files });
        document.querySelector("main").dispatchEvent(event);
      }, { kind, bytes: [...pdf("Page")], count: kind === "drop" ? 51 : 1 });
      if (kind === "drop") {
        await page.waitForURL(/\/batches$/);
        await page.locator(".batches li", { hasText: "50 files" }).waitFor();
        await page.locator(".batches li", { hasText: "1 file" }).first().waitFor();
      } else await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    }
  },

  async "names and texts of documents are shown as text"() {
    const page = await newPage();
    await signIn(page);
    await page.getByLabel("Files to read").setInputFiles([
      { name: hostileName, mimeType: "application/pdf", buffer: pdf(hostileText) },
    ]);
    await page.getByText("How they are read").click();
    await page.getByLabel("Name").fill(`"><script>alert(1)</script>`);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    assert.equal(await page.locator("h1").innerText(), `"><script>alert(1)</script>`);
    await state(page, "done");
    assert.equal(await page.locator(".file-name").textContent(), hostileName);
    await page.locator(".file-name").click();
    await page.waitForURL(/\/records\//);
    assert.equal(await page.locator("h1").textContent(), hostileName);
    assert.match(await page.locator("pre.text").textContent(), /<script>alert\("1"\)<\/script>/);
    await page.locator(".overlay .word").first().waitFor({ state: "attached" });
    assert.equal((await page.locator(".overlay").textContent()).trim(), hostileText);
  },

  async "words lie on the ink, and what is selected is the text"() {
    const page = await openRecord("invoice.pdf");
    await page.locator(".overlay .word").first().waitFor({ state: "attached" });
    await page.locator("#sheet img").evaluate((image) => image.decode());
    for (const act of ["", "Zoom in", "Turn"]) {
      if (act) await page.getByRole("button", { name: act }).click();
      const share = await page.evaluate(inkUnderWords);
      assert.ok(share.words > 30 && share.inked / share.words > 0.95, `${act} ${JSON.stringify(share)}`);
    }
    const selected = await page.evaluate(() => {
      const rows = [...document.querySelectorAll(".overlay > div")];
      const range = document.createRange();
      range.setStartBefore(rows[0]);
      range.setEndAfter(rows[2]);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      return getSelection().toString().trim().split(/\n+/);
    });
    const text = (await page.locator("pre.text").textContent()).split(/\n+/).slice(0, 3);
    assert.deepEqual(selected, text);
  },

  async "the viewer is used by keyboard"() {
    const page = await openRecord("invoice.pdf");
    await page.locator(".overlay .word").first().waitFor({ state: "attached" });
    await page.keyboard.press("h");
    assert.equal(await page.getByRole("button", { name: "Heat map" }).getAttribute("aria-pressed"), "true");
    const width = () => page.locator("#sheet").evaluate((sheet) => sheet.offsetWidth);
    const before = await width();
    await page.keyboard.press("+");
    assert.ok((await width()) > before * 1.2);
    await page.keyboard.press("0");
    assert.equal(await width(), before);
    await page.keyboard.press("f");
    await page.keyboard.type("hong kong");
    await page.getByText("1 found").waitFor();
    assert.equal(await page.locator(".word.hit").count(), 2);
    await page.locator("#desk").focus();
    await page.keyboard.press("j");
    await page.waitForURL(/page=2$/);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    await page.waitForURL(/\/batches$/);
  },

  async "a field is found on the page, corrected by clicking a word, and the correction taken back"() {
    const page = await newPage();
    const template = await page.request.post(`${base}/v1/openapi/templates`, {
      headers: { "X-API-Key": key },
      data: {
        name: "Invoice", description: "Invoices", projectId: project,
        templateSchema: {
          "invoice number": { type: "string" },
          total: { type: "number" },
          items: { type: "array", items: { type: "object", properties: { description: { type: "string" }, amount: { type: "number" } } } },
        },
      },
    });
    assert.equal(template.status(), 201, await template.text());
    await signIn(page);
    await page.getByText("How they are read").click();
    await page.getByLabel("Template").selectOption("Invoice");
    await page.getByLabel("Name").fill("With fields");
    await page.getByLabel("Files to read").setInputFiles(sample("invoice.pdf"));
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    await state(page, "done");
    await page.locator(".file-name").click();
    await page.locator(".overlay .word").first().waitFor({ state: "attached" });
    const fields = page.locator(".fields > div");
    const number = fields.filter({ hasText: "invoice number" });
    assert.match(await number.innerText(), /30064443[^]*9\d % sure, rules; stands beside "Rechnungsnr"/);
    await number.getByRole("button", { name: "Show on page 1" }).click();
    const mark = await page.locator(".mark-box").boundingBox();
    const word = await page.locator(".overlay .word", { hasText: /^30064443$/ }).boundingBox();
    assert.ok(word.x >= mark.x && word.y >= mark.y && word.x + word.width <= mark.x + mark.width);
    await number.locator("summary").click();
    await page.locator(".overlay .word", { hasText: /^Gelnhausen$/ }).first().click();
    await number.getByRole("button", { name: "Save" }).click();
    await number.getByText("corrected by a person").waitFor();
    assert.match(await number.innerText(), /Gelnhausen/);
    await number.locator("summary").click();
    await number.getByRole("button", { name: "Take back" }).click();
    await number.getByText(/9\d % sure/).waitFor();
    const total = fields.filter({ hasText: "total" }).first();
    await total.locator("summary").click();
    await total.getByLabel("total").fill("35.5");
    await page.keyboard.press("Enter");
    await total.getByText("corrected by a person").waitFor();
    assert.match(await total.innerText(), /35\.5/);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the table" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.deepEqual(copied.split("\n").map((row) => row.split("\t").length), Array(8).fill(2));
    await total.locator("summary").click();
    await total.getByRole("button", { name: "Take back" }).click();
    await total.getByRole("button", { name: "Show on page 2" }).click();
    await page.waitForURL(/page=2/);
    await page.locator(".mark-box").waitFor();
  },

  async "words are found in everything that was read, and marked on the picture"() {
    const page = await newPage();
    await signIn(page);
    await page.keyboard.press("/");
    await page.waitForURL(/\/search$/);
    await page.getByLabel("Words to look for").fill('"HÖNG kong"');
    await page.keyboard.press("Enter");
    const result = page.locator(".results > li", { hasText: "invoice.pdf" }).first();
    assert.match(await result.locator("mark").first().innerText(), /^hong kong$/i);
    await result.locator(".file-name").click();
    await page.locator(".overlay .word").first().waitFor({ state: "attached" });
    const mark = await page.locator("#hits rect").first().boundingBox();
    const word = await page.locator(".overlay .word", { hasText: /^Hong$/i }).first().boundingBox();
    assert.ok(word.x >= mark.x - 1 && word.y >= mark.y - 1 && word.x + word.width <= mark.x + mark.width, JSON.stringify({ mark, word }));
    assert.match(await page.locator(".found-on").innerText(), /is on 2 pages/);
    await page.goto(`${base}/search?q=${encodeURIComponent(hostileText)}`);
    assert.match(await page.locator(".results").innerText(), /<script>alert\("1"\)<\/script>/);
    assert.equal(await page.locator(".results bdi").first().textContent(), hostileName);
    await page.goto(`${base}/search?q=${encodeURIComponent('"*"')}`);
    await page.getByText("it must hold a word or a number to look for").waitFor();
  },

  async "doubtful documents are reviewed by keyboard alone"() {
    const page = await newPage();
    const template = await page.request.post(`${base}/v1/openapi/templates`, {
      headers: { "X-API-Key": key },
      data: {
        name: "Order", description: "Orders", projectId: project,
        templateSchema: { "loading bay": { type: "string", required: true }, pallets: { type: "number", required: true } },
      },
    });
    assert.equal(template.status(), 201, await template.text());
    const code = (await template.json()).templateId;
    const sent = await page.request.post(`${base}/v1/openapi/batch/upload`, {
      headers: { "X-API-Key": key },
      multipart: { projectId: project, name: "Orders", templateId: code,
        files: { name: "one.pdf", mimeType: "application/pdf", buffer: pdf("One order") } },
    });
    assert.equal(sent.status(), 201, await sent.text());
    const more = await page.request.post(`${base}/v1/openapi/batch/upload`, {
      headers: { "X-API-Key": key },
      multipart: { projectId: project, name: "More orders", templateId: code,
        files: { name: "two.pdf", mimeType: "application/pdf", buffer: pdf("Two orders") } },
    });
    await signIn(page);
    await page.goto(`${base}/batches/${(await more.json()).id}`);
    await state(page, "done");
    await page.goto(`${base}/batches/${(await sent.json()).id}`);
    await state(page, "done");
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL(/\/review$/);
    const file = page.locator("main .facts bdi").first();
    const left = async () => Number((await page.locator(".rail .count").textContent()).match(/\d+/)[0]);
    const before = await left();
    assert.ok(before >= 2);
    assert.equal(await file.innerText(), "two.pdf");
    await page.keyboard.press("s");
    await page.waitForURL(/at=2$/);
    assert.equal(await file.innerText(), "one.pdf");
    await page.keyboard.press("e");
    await page.keyboard.type("7 East");
    await page.keyboard.press("Enter");
    await page.keyboard.press("e");
    await page.keyboard.type("33");
    await page.keyboard.press("Enter");
    await page.getByText("Accepted, 2 fields corrected.").waitFor();
    assert.equal(await left(), before - 1);
    await page.keyboard.press("z");
    await page.waitForURL(/record=/);
    assert.equal(await file.innerText(), "one.pdf");
    assert.equal(await left(), before);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.name), "field:pallets");
    await page.keyboard.press("Enter");
    await page.getByText("Accepted.").waitFor();
    assert.equal(await left(), before - 1);
  },

  async "a template is made, tried on a document by clicking words, saved, applied and deleted"() {
    const page = await newPage();
    await signIn(page);
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.waitForURL(/\/templates$/);
    await page.getByRole("link", { name: "New template" }).click();
    await page.getByLabel("Name").fill("By hand");
    await page.getByLabel("Field", { exact: true }).first().fill("customer");
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL(/\/templates\/[0-9a-f]{24}$/);
    await page.getByLabel("Try it on").selectOption({ label: "invoice.pdf" });
    await page.locator(".overlay .word").first().waitFor({ state: "attached" });
    const first = page.locator("#rows > li").first();
    await first.getByLabel("Labels on the page").focus();
    await page.locator(".overlay .word", { hasText: /^Rechnungsnr\.$/ }).first().click();
    assert.equal(await first.getByLabel("Labels on the page").inputValue(), "Rechnungsnr.");
    await first.locator(".tried bdi", { hasText: "30064443" }).waitFor();
    await page.getByRole("button", { name: "Add a field" }).click();
    await page.locator("#rows > li").last().getByLabel("Field", { exact: true }).fill("total");
    await page.locator("#rows > li").last().getByLabel("Holds").selectOption("number");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("version 2", { exact: true }).first().waitFor();
    assert.equal(await page.locator("#rows > li input[name^='name:']").nth(1).inputValue(), "total");
    await page.getByText("As JSON", { exact: true }).click();
    assert.match(await page.getByLabel("Template").inputValue(), /"labels": \[\s+"Rechnungsnr\."/);
    await page.getByLabel("Template").fill('{"name": "By hand", "templateSchema": {"total": {"type": "colour"}}}');
    await page.getByRole("button", { name: "Save the JSON" }).click();
    await page.getByText("templateSchema.total.type must be one of").waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Apply what is saved to this document" }).click();
    await page.waitForURL(/\/records\//);
    while (!(await page.locator("main").innerText()).includes("customer")) await page.reload();
    assert.match(await page.locator(".fields").innerText(), /30064443/);
    await page.goto(`${base}/templates`);
    await page.getByText("Bring one in as JSON").click();
    await page.getByLabel("Template").fill(JSON.stringify({ name: hostileName, templateSchema: { [hostileName]: { type: "string" } } }));
    await page.getByRole("button", { name: "Bring it in" }).click();
    await page.waitForURL(/\/templates\/[0-9a-f]{24}$/);
    assert.equal(await page.locator("h1").textContent(), hostileName);
    await page.getByRole("link", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.waitForURL(/\/templates$/);
    assert.equal(await page.locator(".batch-name", { hasText: "script" }).count(), 0);
  },

  async "projects, keys and webhooks are looked after, and usage is drawn"() {
    const page = await newPage();
    await signIn(page);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.locator(".chart rect").first().waitFor();
    await page.getByRole("link", { name: "Keys" }).click();
    await page.getByLabel("Name").fill("Scanner");
    await page.getByRole("button", { name: "Make a key" }).click();
    const secret = await page.getByLabel("Secret").inputValue();
    assert.match(secret, /^ocr_/);
    const asked = () => page.request.get(`${base}/v1/openapi/batch?projectId=${project}`, { headers: { "X-API-Key": secret } });
    assert.equal((await asked()).status(), 200);
    await page.getByRole("link", { name: "Keys" }).click();
    assert.equal(await page.getByLabel("Secret").count(), 0);
    await page.getByRole("button", { name: "Revoke Scanner" }).click();
    await page.getByText("Scanner").waitFor({ state: "detached" });
    assert.equal((await asked()).status(), 401);
    await page.getByRole("link", { name: "Webhooks" }).click();
    await page.getByLabel("Name").fill("Books");
    await page.getByLabel("Address").fill("http://127.0.0.1:9/");
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Name").fill("Books");
    await page.getByLabel("Address").fill("https://192.0.2.1/hook");
    await page.getByRole("button", { name: "Make it" }).click();
    if (await page.getByLabel("Secret").count()) {
      await page.getByRole("link", { name: "Books" }).click();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByText("paused").waitFor();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.waitForURL(/\/settings\/webhooks$/);
    }
    await page.getByRole("link", { name: "Projects" }).click();
    await page.getByLabel("Name").last().fill("Second");
    await page.getByRole("button", { name: "Make it" }).click();
    const second = page.locator(".batches > li", { has: page.locator("input[value=Second]") });
    await second.getByRole("button", { name: "Deactivate" }).click();
    await page.getByText("takes no new work").waitFor();
  },

  async "everything but what must be live works without JavaScript"() {
    const page = await newPage({ javaScriptEnabled: false });
    await signIn(page);
    await page.getByText("How they are read").click();
    await page.getByLabel("Name").fill("By form");
    await page.getByLabel("Files to read").setInputFiles([sample("letter.tif"), new URL("../../README.md", import.meta.url).pathname]);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    while (!(await page.locator("#progress").innerText()).includes("done with problems")) await page.reload();
    assert.match(await page.locator(".files").innerText(), /README\.md[^]*failed[^]*the file is no PDF/);
    await page.locator(".file-name", { hasText: "letter.tif" }).click();
    assert.ok((await page.locator("pre.text").innerText()).length > 100);
    assert.ok(await page.locator("#sheet img").isVisible());
    await page.goBack();
    await page.getByRole("button", { name: "Retry what failed" }).click();
    await page.getByRole("link", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.waitForURL(/\/batches$/);
    assert.equal(await page.getByText("By form").count(), 0);
  },

  async "every page is fit for screen readers, light and dark, wide and narrow"() {
    for (const [width, height] of [[1280, 900], [390, 844]]) {
      for (const colorScheme of ["light", "dark"]) {
        const page = await newPage({ viewport: { width, height }, colorScheme, bypassCSP: true });
        const look = async (name) => {
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => globalThis.axe.run());
          const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
          assert.deepEqual(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], `${name} ${width} ${colorScheme}`);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${name} is ${overflow} pixels wider than ${width}`);
          if (shots) await page.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png` });
        };
        await page.goto(`${base}/sign-in`);
        await look("sign-in");
        await page.goto(`${base}/sign-in?code=0`);
        await look("welcome");
        await signIn(page);
        await look("batches");
        await page.getByRole("link", { name: "March" }).click();
        await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
        await page.waitForLoadState("networkidle").catch(() => {});
        await look("batch");
        await page.getByRole("link", { name: "Delete" }).click();
        await look("delete");
        await page.goBack();
        await page.getByRole("link", { name: "receipt.jpg" }).click();
        await page.locator(".overlay .word").first().waitFor({ state: "attached" });
        await look("record");
        await page.getByRole("button", { name: "Heat map" }).click();
        await look("heat");
        await page.goto(`${base}/batches`);
        await page.getByRole("link", { name: "With fields" }).click();
        await page.locator(".file-name").click();
        await page.locator(".overlay .word").first().waitFor({ state: "attached" });
        await page.locator(".correct summary").first().click();
        await look("fields");
        await page.goto(`${base}/search?q=invoice`);
        await look("search");
        await page.locator(".results .file-name").first().click();
        await page.locator(".overlay .word").first().waitFor({ state: "attached" });
        await look("hit");
        await page.goto(`${base}/review`);
        await look("review");
        await page.goto(`${base}/templates`);
        await look("templates");
        await page.getByRole("link", { name: "By hand" }).click();
        await look("template");
        await page.getByLabel("Try it on").selectOption({ label: "invoice.pdf" });
        await page.locator(".overlay .word").first().waitFor({ state: "attached" });
        await look("trial");
        for (const part of ["", "/projects", "/keys", "/webhooks"]) {
          await page.goto(`${base}/settings${part}`);
          await look(`settings${part.replace("/", "-")}`);
        }
        await page.context().close();
      }
    }
  },
};

async function openRecord(name) {
  const page = await newPage();
  await signIn(page);
  await page.getByRole("link", { name: "March" }).click();
  await page.locator(".file-name", { hasText: name }).click();
  await page.waitForURL(/\/records\//);
  return page;
}

// How many words have dark pixels of the picture under the middle of their boxes, and how many there are.
function inkUnderWords() {
  const image = document.querySelector("#sheet img");
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const turn = new DOMMatrix(getComputedStyle(document.getElementById("sheet")).transform).inverse();
  const sheet = document.getElementById("sheet");
  const corner = sheet.parentElement.getBoundingClientRect();
  const desk = sheet.parentElement;
  const scale = image.naturalWidth / sheet.offsetWidth;
  let words = 0;
  let inked = 0;
  for (const word of document.querySelectorAll(".overlay .word")) {
    const box = word.getBoundingClientRect();
    const onPage = (x, y) => turn.transformPoint(new DOMPoint(
      x - corner.left - desk.clientLeft + desk.scrollLeft, y - corner.top - desk.clientTop + desk.scrollTop));
    const [a, b] = [onPage(box.left, box.top), onPage(box.right, box.bottom)];
    const [x, y] = [Math.min(a.x, b.x) * scale, Math.min(a.y, b.y) * scale];
    const pixels = context.getImageData(x, y, Math.max(1, Math.abs(b.x - a.x) * scale), Math.max(1, Math.abs(b.y - a.y) * scale)).data;
    let dark = 0;
    for (let n = 0; n < pixels.length; n += 4) if (pixels[n] < 140) dark += 1;
    words += 1;
    if (dark > pixels.length / 4 / 50) inked += 1;
  }
  return { words, inked };
}

let failed = 0;
const only = process.argv[2] ?? "";
for (const [name, step] of Object.entries(steps).filter(([name]) => name.includes(only))) {
  try {
    await step();
    assert.deepEqual(troubles.splice(0), []);
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    troubles.length = 0;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
process.exit(failed > 0 ? 1 : 0);
