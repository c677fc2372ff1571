// Templates: made, tried, applied, deleted.
import assert from "node:assert/strict";
import { base, hostileName, newPage, signIn } from "../browser.mjs";

export default {
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
    await page.locator("#rows > li").last().getByLabel("Type").selectOption("number");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("version 2", { exact: true }).first().waitFor();
    assert.equal(await page.locator("#rows > li input[name^='name:']").nth(1).inputValue(), "total");
    await page.getByText("As JSON", { exact: true }).click();
    assert.match(await page.getByLabel("Template").inputValue(), /"labels": \[\s+"Rechnungsnr\."/);
    await page.getByLabel("Template").fill('{"name": "By hand", "templateSchema": {"total": {"type": "colour"}}}');
    await page.getByRole("button", { name: "Save the JSON" }).click();
    await page.getByText("templateSchema.total.type must be one of").waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "Apply the saved template to this document" }).click();
    await page.waitForURL(/\/records\//);
    while (!(await page.locator("main").innerText()).includes("customer")) await page.reload();
    assert.match(await page.locator(".fields").innerText(), /30064443/);
    await page.goto(`${base}/templates`);
    await page.getByText("Import from JSON").click();
    await page.getByLabel("Template").fill(JSON.stringify({ name: hostileName, templateSchema: { [hostileName]: { type: "string" } } }));
    await page.getByRole("button", { name: "Import" }).click();
    await page.waitForURL(/\/templates\/[0-9a-f]{24}$/);
    assert.equal(await page.locator("h1").textContent(), hostileName);
    await page.getByRole("link", { name: "Delete" }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.waitForURL(/\/templates$/);
    assert.equal(await page.locator(".batch-name", { hasText: "script" }).count(), 0);
  },

  async "a built-in template is copied, and applied again to stored documents after a look at what would change"() {
    const page = await newPage();
    await signIn(page);
    await page.goto(`${base}/templates`);
    await page.getByText("Create from a built-in template").click();
    await page.getByRole("button", { name: "Copy Invoice", exact: true }).click();
    await page.waitForURL(/\/templates\/[0-9a-f]{24}$/);
    assert.equal(await page.locator("h1").innerText(), "Invoice");
    const template = page.url();
    const labels = page.getByLabel("Labels on the page").first();
    await labels.fill("Rechnungsnr.\nNo; or number");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("version 2", { exact: true }).first().waitFor();
    assert.equal(await labels.inputValue(), "Rechnungsnr.\nNo; or number", "a label may have any sign in it");
    await page.getByRole("link", { name: "Apply to stored documents" }).click();
    await page.getByText("There are no documents that have been read.").waitFor();
    await page.getByLabel("Documents").selectOption({ label: "of the batch March" });
    await page.getByRole("button", { name: "Look" }).click();
    const invoice = page.locator(".batches > li", { hasText: "invoice.pdf" });
    assert.match(await invoice.getByRole("row", { name: /invoice number/ }).innerText(), /nothing\s+30064443/);
    for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
    await invoice.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Apply to the chosen documents" }).click();
    await page.getByText("The fields of 1 document are being extracted again.").waitFor();
    const applied = async () => {
      await page.goto(`${template}/apply`);
      return page.locator("main").innerText();
    };
    while (!/Nothing would change/.test(await applied()));
    assert.match(await page.locator(".batches").innerText(), /invoice\.pdf\s+stays as it is/);
    await page.goto(`${template}/delete`);
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.waitForURL(/\/templates$/);
  },
};
