// Signing in and out, and forms that others send.
import assert from "node:assert/strict";
import { base, key, newPage, signIn } from "../browser.mjs";

const { RECTO_LINK: link, RECTO_OTHER_KEY: otherKey } = process.env;

export default {
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

  async "a session holds keys of several organizations, and goes from one to another"() {
    const page = await newPage();
    await signIn(page);
    await page.goto(`${base}/settings/session`);
    await page.getByLabel(/^API key/).fill("ocr_wrong");
    await page.getByRole("button", { name: "Add key" }).click();
    await page.getByText("This key does not work").waitFor();
    await page.getByLabel(/^API key/).fill(otherKey);
    await page.getByRole("button", { name: "Add key" }).click();
    await page.waitForURL(/\/batches$/);
    const organization = page.getByLabel("Organization", { exact: true });
    const chosen = () => organization.evaluate((select) => select.selectedOptions[0].textContent.trim());
    assert.equal(await chosen(), "Foreign");
    await page.getByRole("button", { name: "Read the sample documents" }).click();
    await page.waitForURL(/\/batches\/[0-9a-f]{24}$/);
    assert.equal(await page.locator("h1").innerText(), "Sample documents");
    assert.equal(await page.locator(".files > li").count(), 4);
    const theirs = page.url();
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "recto_session");
    assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
    assert.ok(!cookie.value.includes(otherKey) && !cookie.value.includes(key));
    const renews = async (headers) => "set-cookie" in (await page.request.get(theirs, { headers })).headers();
    const asked = [await renews({}), await renews({ "Sec-Fetch-Dest": "empty" })];
    assert.deepEqual(asked, [true, false], "a late answer to a script does not undo the change that follows");
    await Promise.all([page.waitForURL(/\/batches$/), organization.selectOption({ index: 1 })]);
    assert.notEqual(await chosen(), "Foreign");
    assert.equal(await page.getByRole("link", { name: "Sample documents" }).count(), 0);
    const refused = await page.request.get(theirs);
    assert.equal(refused.status(), 403, "what belongs to one organization is not there for another");
    assert.match(await refused.text(), /does not belong to the organization/);
    await page.goto(`${base}/settings/session`);
    const crossed = await page.request.post(`${base}/organization`, { form: { code: "00", key: "x" }, maxRedirects: 0 });
    assert.equal(crossed.status(), 403);
    await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "Leave Foreign" }).click()]);
    assert.deepEqual([await page.getByText("Foreign").count(), await organization.count()], [0, 0]);
  },
};
