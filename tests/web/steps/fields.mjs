// Fields: found, shown, corrected; and words found in everything.
import assert from "node:assert/strict";
import { base, hostileName, hostileText, key, newPage, project, sample, signIn, state } from "../browser.mjs";

export default {
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
    await page.getByRole("button", { name: "Teach the template from it" }).waitFor();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy the table" }).first().click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.deepEqual(copied.split("\n").map((row) => row.split("\t").length), Array(8).fill(2));
    await total.locator("summary").click();
    await total.getByRole("button", { name: "Take back" }).click();
    await page.getByText("Download", { exact: true }).click();
    const coming = page.waitForEvent("download");
    await page.getByRole("link", { name: "JSON", exact: true }).click();
    assert.match((await coming).suggestedFilename(), /\.json$/);
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
    assert.equal(await page.locator("#found").innerText(), "", "what the server marked is not looked for again");
    await page.getByLabel("Find on this page").fill("hong kong");
    await page.getByText(/^[1-9] found$/).waitFor();
    assert.equal(await page.locator("#hits").count(), 0, "one search is marked at a time");
    await page.goto(`${base}/search?q=${encodeURIComponent(hostileText)}`);
    assert.match(await page.locator(".results").innerText(), /<script>alert\("1"\)<\/script>/);
    assert.equal(await page.locator(".results bdi").first().textContent(), hostileName);
    await page.goto(`${base}/search?q=${encodeURIComponent('"*"')}`);
    await page.getByText("it must contain a word or a number").waitFor();
  },
};
