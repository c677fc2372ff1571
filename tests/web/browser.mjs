// The browser that all steps share, what it must never do, and documents to send.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

export const { RECTO_URL: base, RECTO_KEY: key, RECTO_PROJECT: project } = process.env;
export const width = Number(process.env.RECTO_WIDTH ?? 1280);
export const sample = (name) => new URL(`../../assets/samples/${name}`, import.meta.url).pathname;
export const document = (name) => new URL(`../../crates/recto/tests/documents/${name}`, import.meta.url).pathname;
export const hostileText = `<script>alert("1")</script>`;
export const hostileName = `<script>alert('x')<\u200f\u202e.pdf`;

export const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic"] });

// What pages did that none may do: errors, dialogs, requests to other hosts.
export const troubles = [];

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

export async function newPage(options = {}) {
  const context = await browser.newContext({ viewport: { width, height: width < 600 ? 844 : 900 }, ...options });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  watch(page);
  return page;
}

export async function signIn(page) {
  await page.goto(`${base}/`);
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/batches$/);
}

// A call of the API with the first key.
export async function call(page, method, path, data) {
  const answer = await page.request.fetch(`${base}/v1/openapi${path}`, { method, headers: { "X-API-Key": key }, data });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? null : answer.json();
}

// Sends files with the form of the page, and waits until they are read.
export async function send(page, name, files, template) {
  await page.goto(`${base}/batches`);
  await page.getByText("How they are read").click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  if (template) await page.getByLabel("Template").selectOption(template);
  await page.getByLabel("Files to read").setInputFiles(files);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
  await state(page, "done");
}

export const state = (page, word) => page.locator("#progress .state", { hasText: new RegExp(`^${word}$`) }).waitFor({ timeout: 120_000 });

// The page of a document of the batch that was sent first.
export async function openRecord(name) {
  const page = await newPage();
  await signIn(page);
  await page.getByRole("link", { name: "March" }).click();
  await page.locator(".file-name", { hasText: name }).click();
  await page.waitForURL(/\/records\//);
  return page;
}

// A PDF of one page with one line of text.
export function pdf(text) {
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
