// Projects, keys, webhooks, usage.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { base, call, hostileText, newPage, project, signIn } from "../browser.mjs";

export default {
  async "projects, keys and webhooks are looked after, and usage is drawn"() {
    const page = await newPage();
    await signIn(page);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.locator(".chart rect").first().waitFor();
    await page.getByRole("link", { name: "Keys" }).click();
    await page.getByLabel("Name").fill("Scanner");
    await page.getByRole("button", { name: "Create key" }).click();
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
    await page.getByLabel("Address").fill("ftp://example.com/");
    await page.getByRole("button", { name: "Create webhook" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("link", { name: "Projects" }).click();
    await page.getByLabel("Name").last().fill("Second");
    await page.getByRole("button", { name: "Create project" }).click();
    const second = page.locator(".batches > li", { has: page.locator("input[value=Second]") });
    await second.getByRole("button", { name: "Deactivate" }).click();
    await page.getByText("accepts no new work").waitFor();
  },

  async "a webhook is tried out, and its log shows what a real receiver was told and answered"() {
    const received = [];
    let answer = 204;
    const receiver = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => { body += piece; });
      request.on("end", () => {
        received.push({ headers: request.headers, event: JSON.parse(body) });
        response.writeHead(answer).end(answer === 204 ? "" : hostileText);
      });
    });
    await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));
    const page = await newPage();
    await signIn(page);
    await page.goto(`${base}/settings/webhooks`);
    await page.getByLabel("Name", { exact: true }).fill("Books");
    await page.getByLabel("Address").fill(`http://127.0.0.1:${receiver.address().port}/recto`);
    await page.getByRole("button", { name: "Create webhook" }).click();
    assert.ok((await page.getByLabel("Secret").inputValue()).length > 20);
    await page.getByRole("link", { name: "Books" }).click();
    await page.getByText("Nothing yet.").waitFor();
    await page.getByRole("button", { name: "Send a test" }).click();
    const log = page.locator(".batches > li");
    await log.first().waitFor();
    assert.match(await log.first().innerText(), /webhook\.test[^]*answered 204[^]*1 attempt/);
    assert.equal(received[0].event.eventType, "webhook.test");
    const batch = await call(page, "POST", `/webhooks/${page.url().split("/").pop()}/test`);
    assert.ok(batch.id);
    await page.reload();
    assert.equal(await log.count(), 2);
    answer = 500;
    await log.first().getByRole("button", { name: "Send again" }).click();
    await page.waitForURL(/\/settings\/webhooks\/[0-9a-f]{24}$/);
    while (!(await log.first().innerText()).includes("answered 500")) await page.reload();
    await log.first().locator("summary").click();
    assert.equal(await log.first().locator("pre").first().textContent(), hostileText);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("paused", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.waitForURL(/\/settings\/webhooks$/);
    receiver.close();
  },

  async "all keys are listed, however many they are"() {
    const page = await newPage();
    await signIn(page);
    const names = Array.from({ length: 26 }, (_, n) => `Key ${String(n).padStart(2, "0")}`);
    const made = [];
    for (const name of names) {
      made.push((await call(page, "POST", "/tokens", {
        name, type: "organization", permissions: ["read"], scopes: ["batches"], expiresInDays: 1,
      })).id);
    }
    await page.goto(`${base}/settings/keys`);
    const seen = [];
    for (;;) {
      seen.push(...await page.locator(".batches strong").allInnerTexts());
      const next = page.getByRole("link", { name: "Next" });
      if (await next.count() === 0) break;
      await next.click();
    }
    assert.deepEqual(names.filter((name) => !seen.includes(name)), []);
    for (const id of made) await call(page, "DELETE", `/tokens/${id}`);
  },
};
