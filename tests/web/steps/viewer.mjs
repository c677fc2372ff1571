// The picture of a page with its words over it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { document, newPage, openRecord, send, signIn } from "../browser.mjs";
import { inkUnderWords } from "../ink.mjs";

export default {
  async "words lie on the ink, and what is selected is the text"() {
    const page = await openRecord("invoice.pdf");
    await page.locator(".overlay .word").first().waitFor({ state: "attached" });
    await page.locator("#sheet img").evaluate((image) => image.decode());
    for (const act of ["", "Zoom in", "Rotate"]) {
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

  async "words lie on the ink of turned and skewed pages too, and are selected as on paper"() {
    const page = await newPage();
    await signIn(page);
    const skewed = Buffer.from(await page.evaluate(skewedPage, lines), "base64");
    const files = [{ name: "skewed.png", mimeType: "image/png", buffer: skewed }];
    for (const turned of ["phototest-rotated-R.png", "phototest-rotated-180.png"]) {
      files.push({ name: turned, mimeType: "image/png", buffer: readFileSync(document(turned)) });
    }
    await send(page, "Askew", files);
    const batch = page.url();
    for (const { name } of files) {
      await page.goto(batch);
      await page.locator(".file-name", { hasText: name }).click();
      await page.locator(".overlay .word").first().waitFor({ state: "attached" });
      await page.locator("#sheet img").evaluate((image) => image.decode());
      for (const act of ["", "Rotate", "Zoom in"]) {
        if (act) await page.getByRole("button", { name: act }).click();
        const share = await page.evaluate(inkUnderWords);
        assert.ok(share.words > 30 && share.inked / share.words > 0.95, `${name} ${act} ${JSON.stringify(share)}`);
        assert.ok(share.covered > 0.9, `${name} ${act} ${JSON.stringify(share)}`);
      }
      await page.reload();
      await page.locator(".overlay .word").first().waitFor({ state: "attached" });
      const text = (await page.locator("pre.text").textContent()).split(/\n+/).slice(0, 3);
      assert.deepEqual(await drag(page, 0, 2), text, name);
      if (name === "skewed.png") {
        assert.deepEqual(text, lines.slice(0, 3));
        const angle = await page.locator(".overlay .word").first().evaluate((word) => {
          const { a, b } = new DOMMatrix(getComputedStyle(word).transform);
          return (Math.atan2(b, a) * 180) / Math.PI;
        });
        assert.ok(Math.abs(angle - 4) < 0.7, `the words are set at the angle of the line, not at ${angle}`);
      }
    }
  },
};

const lines = [
  "Minutes of the harbour board",
  "held on Tuesday at the customs house",
  "The chairman opened the meeting",
  "and welcomed seven members",
  "The report of the engineer was read",
  "The north pier needs new timber",
  "Work shall begin before winter",
  "The treasurer gave the balance",
  "All accounts were found in order",
  "The meeting closed at noon",
];

// A page whose lines fall by four degrees, as a PNG in base64.
function skewedPage(lines) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1700, height: 2200 });
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(850, 1100);
  context.rotate((4 * Math.PI) / 180);
  context.fillStyle = "black";
  context.font = "48px 'DejaVu Sans', sans-serif";
  for (const [n, line] of lines.entries()) context.fillText(line, -600, -800 + n * 110);
  return canvas.toDataURL("image/png").split(",")[1];
}

// What is selected when a mouse is drawn from the first word of a line to the last word of another; line by line.
async function drag(page, from, to) {
  const rows = page.locator(".overlay > div:not(.mark-box)");
  const first = rows.nth(from).locator(".word").first();
  await first.scrollIntoViewIfNeeded();
  const [start, end] = [await first.boundingBox(), await rows.nth(to).locator(".word").last().boundingBox()];
  await page.mouse.move(start.x + 1, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(end.x + end.width - 1, end.y + end.height / 2, { steps: 10 });
  await page.mouse.up();
  return page.evaluate(() => getSelection().toString().trim().split(/\n+/));
}
