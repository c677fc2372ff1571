// Every page, light and dark, wide and narrow: fit for screen readers, and nothing cut off.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { base, call, hostileText, newPage, project, signIn, troubles } from "../browser.mjs";

const { RECTO_OTHER_KEY: otherKey, RECTO_SHOTS: shots } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export default {
  async "every page is fit for screen readers, light and dark, wide and narrow"() {
    // A webhook whose log has an answer that was no good.
    const receiver = createServer((request, response) => request.resume().on("end", () => response.writeHead(500).end(hostileText)));
    await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));
    const first = await newPage();
    const hook = await call(first, "POST", "/webhooks", {
      name: "Log of it all", url: `http://127.0.0.1:${receiver.address().port}/`, events: ["batch.completed"], projectId: project,
    });
    await call(first, "POST", `/webhooks/${hook.id}/test`);
    receiver.close();
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
        await page.getByRole("link", { name: "Apply to stored documents" }).click();
        await page.getByLabel("Documents").selectOption({ label: "of the batch March" });
        await page.getByRole("button", { name: "Look" }).click();
        await page.getByRole("checkbox").first().waitFor();
        await look("apply");
        await page.goto(`${base}/templates`);
        await page.getByText("Create from a built-in template").click();
        await look("built-in");
        await page.goto(`${base}/templates/new`);
        await look("template-new");
        for (const part of ["", "/projects", "/keys", "/webhooks", "/session"]) {
          await page.goto(`${base}/settings${part}`);
          await look(`settings${part.replace("/", "-")}`);
        }
        await page.goto(`${base}/settings/webhooks`);
        await page.getByRole("link", { name: "Log of it all" }).click();
        await page.locator(".batches summary").first().click();
        await look("webhook");
        await page.keyboard.press("?");
        await look("keys");
        await page.goto(`${base}/search`);
        await look("search-empty");
        await page.goto(`${base}/batches/6b0bc950f5cd24714b0adeb2`);
        await look("not-found");
        // The browser says of such an answer that it is none.
        troubles.splice(0, Infinity, ...troubles.filter((trouble) => !trouble.includes("status of 404")));
        await page.goto(`${base}/settings/session`);
        await page.getByLabel(/^API key/).fill(otherKey);
        await page.getByRole("button", { name: "Add key" }).click();
        await page.waitForURL(/\/batches$/);
        await look("organizations");
        await page.context().close();
      }
    }
  },
};
