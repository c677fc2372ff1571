// Files on their way: chosen, dropped, pasted, refused, named in hostile ways.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base, call, hostileName, hostileText, newPage, pdf, sample, signIn, state } from "../browser.mjs";

export default {
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
      { name: "large.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(5 * 1024 * 1024) },
    ]);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByText("None of these files can be read. Nothing was sent.").waitFor();
    assert.match(await page.locator("#sending").innerText(), /notes\.txt[^]*it is not a PDF[^]*nothing\.pdf[^]*is empty[^]*large\.pdf[^]*is too large: 5\.0 MiB; the limit is 4\.0 MiB/);
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

  async "a folder is sent with what lies deeper in it"() {
    const page = await newPage();
    await signIn(page);
    const folder = mkdtempSync(join(tmpdir(), "recto-folder-"));
    try {
      mkdirSync(join(folder, "2026", "March"), { recursive: true });
      copyFileSync(sample("letter.tif"), join(folder, "2026", "March", "letter.tif"));
      writeFileSync(join(folder, "page.pdf"), pdf("A page beside a folder"));
      writeFileSync(join(folder, "notes.txt"), "no document");
      const chooser = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Choose a folder" }).click();
      await (await chooser).setFiles(folder);
      await page.getByText("1 file was left out; the others were sent.").waitFor();
    } finally {
      rmSync(folder, { recursive: true });
    }
    await page.getByRole("link", { name: "Open the batch" }).click();
    await state(page, "done");
    const names = await page.locator(".file-name").allTextContents();
    assert.deepEqual(names.map((name) => name.split("/").at(-1)).sort(), ["letter.tif", "page.pdf"]);
  },

  async "a telephone sends what its camera took"() {
    const page = await newPage({ hasTouch: true, isMobile: true });
    await signIn(page);
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Take a photo" }).tap();
    const camera = await chooser;
    assert.equal(await camera.element().getAttribute("capture"), "environment");
    assert.equal(await camera.element().getAttribute("accept"), "image/*");
    await camera.setFiles({ name: "IMG_0001", mimeType: "image/jpeg", buffer: readFileSync(sample("receipt.jpg")) });
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    await state(page, "done");
    assert.equal(await page.locator(".files > li .state.completed").count(), 1);
  },

  async "a batch that is being read is cancelled"() {
    const page = await newPage();
    await signIn(page);
    const photo = readFileSync(sample("receipt.jpg"));
    // No two are alike, so that each must be read.
    const files = Array.from({ length: 30 }, (_, n) => ({ name: `${n}.jpg`, mimeType: "image/jpeg", buffer: Buffer.concat([photo, Buffer.of(n)]) }));
    await page.getByLabel("Files to read").setInputFiles(files);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Retry what failed" }).waitFor();
    assert.ok(await page.locator(".files > li .problem", { hasText: "cancelled" }).count() > 0, "files that were not read yet say so");
    assert.equal(await page.getByRole("button", { name: "Cancel" }).count(), 0);
    await call(page, "DELETE", `/batch/${page.url().split("/").at(-1)}`);
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
};
