// Drives the pages in the Chromium of the system: node pages.mjs, with RECTO_URL, RECTO_KEY, RECTO_PROJECT, RECTO_LINK
// (the path of the one-time link) and RECTO_OTHER_KEY (a key of another organization) in the environment. RECTO_WIDTH is
// that of the window; RECTO_SHOTS names a folder for pictures of every page. Words behind `pages.mjs` run the steps whose
// names hold them; later steps look at what earlier ones sent.
import assert from "node:assert/strict";
import { browser, troubles } from "./browser.mjs";
import fields from "./steps/fields.mjs";
import looks from "./steps/looks.mjs";
import review from "./steps/review.mjs";
import sending from "./steps/sending.mjs";
import session from "./steps/session.mjs";
import settings from "./steps/settings.mjs";
import templates from "./steps/templates.mjs";
import viewer from "./steps/viewer.mjs";
import withoutScripts from "./steps/without_scripts.mjs";

const steps = { ...session, ...sending, ...viewer, ...fields, ...review, ...templates, ...settings, ...withoutScripts, ...looks };

let failed = 0;
const only = process.argv[2] ?? "";
for (const [name, step] of Object.entries(steps).filter(([name]) => name.includes(only))) {
  try {
    await step();
    assert.deepEqual(troubles.splice(0), []);
    console.log(`ok: ${name}`);
  } catch (error) {
    failed += 1;
    troubles.length = 0;
    console.log(`FAILED: ${name}\n${error.stack}`);
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
process.exit(failed > 0 ? 1 : 0);
