// Everything but what must be live, without JavaScript.
import assert from "node:assert/strict";
import { newPage, sample, signIn } from "../browser.mjs";

export default {
  async "everything but what must be live works without JavaScript"() {
    const page = await newPage({ javaScriptEnabled: false });
    await signIn(page);
    await page.getByText("How they are read").click();
    await page.getByLabel("Name").fill("By form");
    await page.getByLabel("Files to read").setInputFiles([sample("letter.tif"), new URL("../../../README.md", import.meta.url).pathname]);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    while (!(await page.locator("#progress").innerText()).includes("done with problems")) await page.reload();
    assert.match(await page.locator(".files").innerText(), /README\.md[^]*failed[^]*the file is not a PDF/);
    await page.locator(".file-name", { hasText: "letter.tif" }).click();
    assert.ok((await page.locator("pre.text").innerText()).length > 100);
    assert.ok(await page.locator("#sheet img").isVisible());
    await page.goBack();
    await page.getByRole("button", { name: "Retry what failed" }).click();
    await page.getByText("Being read again: 1 file.").waitFor();
    await page.getByRole("link", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.waitForURL(/\/batches$/);
    assert.equal(await page.getByText("By form").count(), 0);
  },
};
