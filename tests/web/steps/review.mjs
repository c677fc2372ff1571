// The queue of doubtful documents.
import assert from "node:assert/strict";
import { base, key, newPage, pdf, project, signIn, state } from "../browser.mjs";

export default {
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
};
