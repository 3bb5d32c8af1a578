// Ways to and from the page that its makers did not think of: a file, an address without its slash, a telephone that was looked away from.
import assert from "node:assert/strict";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { PATIENCE, assertPlain, inBrowser, reach, screenshot, visit } from "./browser.js";
import { mirror } from "./mirror.js";
import { clips, file } from "./sounds.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A plain browser on an address, without the rest of what a visit looks at. */
async function look(address, options, story) {
  await inBrowser([], async (browser) => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options, serviceWorkers: "block" });
    try {
      await page.goto(address, { timeout: PATIENCE });
      await story(page);
    } finally {
      await page.close();
    }
  });
}

/** The sentences that are seen, of some. */
const seen = (page, selector) => page.$$eval(selector, (all) => all.filter((one) => one.checkVisibility()).map((one) => one.textContent));

test("a page that is opened as a file says that it needs a web server, in the visitor's language", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearsight-"));
  for (const part of ["index.html", "www/opened.js", "www/style.css", "www/how.css", "www/compare.css", "www/app.js"]) await cp(join(ROOT, part), join(folder, part));
  for (const [locale, pattern] of [["en-GB", /opened as a file.*web server/], ["de-AT", /als Datei geöffnet.*Webserver/], ["nl-NL", /opened as a file/]]) {
    await look(`file://${folder}/index.html`, { locale }, async (page) => {
      await page.waitForSelector("#from-file:not([hidden])");
      const sentences = await seen(page, "#from-file p");
      assert.equal(sentences.length, 1);
      assert.match(sentences[0], pattern);
      assert.equal((await seen(page, ".astray p, #no-program p")).length, 0);
      if (locale === "en-GB") {
        assertPlain(sentences[0]);
        await screenshot(page, "from-file-1280");
      }
    });
  }
});

test("an address without its last slash gets it; where scripts are off, the page says that it is missing", () =>
  mirror({ folders: ["/hearsight/"], slashless: true }, async (address) => {
    await look(`${address}/hearsight?device=cpu#how`, { locale: "en-GB" }, async (page) => {
      await page.waitForURL(`${address}/hearsight/?device=cpu#how`);
      await reach(page, "ready");
      assert.equal((await seen(page, ".astray p, #no-program p, #from-file p")).length, 0);
    });
    await look(`${address}/hearsight`, { locale: "en-GB", javaScriptEnabled: false }, async (page) => {
      const sentence = page.locator(".astray p").first();
      assert.match(await sentence.textContent(), /If the address has no slash \(\/\) at its end, add one/);
      assert.ok(await sentence.isVisible());
      assertPlain(await sentence.textContent());
      await screenshot(page, "no-slash-1280");
    });
  }));

test("a program of which a part does not arrive is said not to have arrived", () =>
  visit({ prepare: (page) => page.route("**/views.js", (route) => route.abort()) }, async (page) => {
    await page.waitForSelector("#no-program:not([hidden])");
    const sentences = await seen(page, "#no-program p");
    assert.equal(sentences.length, 1);
    assertPlain(sentences[0]);
  }));

test("the screen is kept awake again after the visitor looked away, and not longer than the training", () =>
  visit({
    path: "/?device=cpu#teach",
    permissions: ["screen-wake-lock"],
    prepare: (page) => page.addInitScript(() => {
      window.locks = [];
      const request = WakeLock.prototype.request;
      WakeLock.prototype.request = async function (kind) {
        const lock = await request.call(this, kind);
        window.locks.push(lock);
        return lock;
      };
    }),
  }, async (page) => {
    await reach(page, "ready");
    for (const place of [0, 1]) {
      const { picture, file: name } = clips[place];
      await page.locator(`#wall > li[data-id="${picture}"] .opener`).click();
      await page.locator(`.lesson-card[data-picture="${picture}"] input`).setInputFiles(file("a.ogg", "audio/ogg", await readFile(new URL(`../../www/examples/${name}`, import.meta.url))));
      await page.waitForSelector(`.lesson-card[data-picture="${picture}"] .takes li`, { timeout: PATIENCE });
    }
    await page.locator("#train-options summary").click();
    await page.fill("[name=steps]", "3000");
    await page.fill("[name=views]", "1");
    await page.setChecked("[name=rehearse]", false);
    await page.click("#train");
    await page.waitForFunction(() => /^Step \d/.test(document.getElementById("train-status").textContent), null, { timeout: PATIENCE });
    for (let time = 1; time <= 2; time++) {
      await page.waitForFunction((time) => window.locks.length === time && !window.locks.at(-1).released, time, { timeout: 10_000 });
      await page.evaluate(async () => {
        Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
        await window.locks.at(-1).release();
        document.dispatchEvent(new Event("visibilitychange"));
      });
      await page.waitForTimeout(300);
      assert.equal(await page.evaluate(() => window.locks.length), time);
      await page.evaluate(() => {
        Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "visible" });
        document.dispatchEvent(new Event("visibilitychange"));
      });
    }
    await page.waitForFunction(() => window.locks.length === 3);
    await page.click("#train-cancel");
    await page.waitForFunction(() => /Cancelled/.test(document.getElementById("train-status").textContent), null, { timeout: PATIENCE });
    await page.waitForFunction(() => window.locks.every(({ released }) => released));
    assert.deepEqual(page.complaints, []);
  }));
