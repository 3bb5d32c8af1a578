// What people drop, on any view: the right thing happens, and what was left out is named.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { onlyFull, PATIENCE, assertPlain, finalRanking, reach, screenshot, visit } from "./browser.js";
import { clips } from "./sounds.js";
import { zip } from "./zips.js";

const sounds = await Promise.all([0, 1, 2].map((place) => readFile(new URL(`../../www/examples/${clips[place].file}`, import.meta.url))));
const photograph = await readFile(new URL("../fixtures/turned.jpg", import.meta.url));
/** Another recording with its table. */
const lesson = zip({ "pairs.tsv": "image\taudio\nglobe\tclips/1.ogg\n", "clips/1.ogg": sounds[2] });

const clip = { name: "clip.ogg", type: "audio/ogg", bytes: sounds[0] };
const other = { name: "other.ogg", type: "audio/ogg", bytes: sounds[1] };
const notes = { name: "notes.txt", type: "text/plain", bytes: Buffer.from("my notes") };
const photo = { name: "photo.jpg", type: "image/jpeg", bytes: photograph };
const litter = [".DS_Store", "Thumbs.db", "._clip.ogg", "desktop.ini"].map((name) => ({ name, type: "", bytes: Buffer.from("\0\0\0\x01Bud1") }));
const table = { name: "pairs.tsv", type: "text/tab-separated-values", bytes: Buffer.from("image\taudio\nglobe\tclip.ogg\nphoto.jpg\tother.ogg\n") };

const drop = (page, files, selector = "body") =>
  page.evaluate(([list, selector]) => {
    const data = new DataTransfer();
    for (const { name, type, bytes } of list) data.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name, { type }));
    for (const kind of ["dragover", "drop"]) document.querySelector(selector).dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [files.map(({ name, type, bytes }) => ({ name, type, bytes: bytes.toString("base64") })), selector]);
const says = (page, selector, pattern) =>
  page.waitForFunction(([selector, source]) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ""), [selector, pattern.source], { timeout: PATIENCE });

/** What is dropped, the first seconds of what is searched with, and what is said beside it. */
const searches = [
  ["what a system leaves behind is passed over", [...litter, clip], /^$/],
  ["what is no sound is named", [notes, clip], /Left out: notes\.txt\./],
  ["in any order", [clip, notes], /Left out: notes\.txt\./],
  ["of two sounds the second is named", [clip, other], /at a time: clip\.ogg\. Left out: other\.ogg\./],
  ["a sound that cannot be read gives way to one that can", [{ ...notes, name: "broken.wav" }, clip], /broken\.wav: This file could not be read as sound/],
  ["a sound without an ending is known by its content", [{ ...clip, name: "recording", type: "" }], /^$/],
  ["a picture is added beside it", [photo, clip], /^$/],
];

test("a sound is found among what was dropped with it", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    for (const [what, files, said] of searches) {
      await page.evaluate(() => (document.getElementById("wall").dataset.ranking = "before"));
      await drop(page, files);
      await finalRanking(page);
      assert.equal(await page.textContent("#play"), "Play the sound", what);
      assert.match(await page.textContent("#alert"), said, what);
      for (const sentence of await page.$$eval("#alert p", (all) => all.map(({ textContent }) => textContent))) assertPlain(sentence.replace(/^\w+\.wav: /, ""));
      // It comes behind the answer, far below what is in the document.
      if (files.includes(photo)) await page.waitForFunction(() => document.querySelector("#wall > li").ariaSetSize === "329", null, { timeout: PATIENCE });
    }
    await drop(page, [clip, other]);
    await says(page, "#alert", /other/);
    await finalRanking(page);
    await screenshot(page, "dropped-1280");
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot(page, "dropped-390");
    // Nothing to search with: the wall rests, and it is said what was left out.
    await drop(page, [notes]);
    await says(page, "#alert", /^Left out: notes\.txt\./);
    assert.deepEqual(page.complaints, []);
  }));

for (const view of ["", "#teach", "#how", "#compare"]) {
  const skip = view !== "" && onlyFull("the others take them the same way");
  test(`lessons, tables and what was taught are taken on any view: ${view || "search"}`, { skip }, () =>
    visit({ path: `/?device=cpu${view}` }, async (page) => {
      await reach(page, "ready");
      await drop(page, [{ name: "mine.hearsight", type: "", bytes: Buffer.from("anything") }], "main");
      await says(page, "#taught-status", /This is not a file of something taught/);
      assert.ok(await page.isVisible("#taught-status"));
      await page.evaluate((view) => (location.hash = view), view);
      await drop(page, [table, clip, other, photo, notes, ...litter], "main");
      await says(page, "#lesson-status", /^2 recordings were read\./);
      assert.ok(await page.isVisible("#lesson-status"));
      assert.equal(await page.locator(".lesson-card").count(), 2);
      assert.match(await page.textContent("#alert"), /Left out: notes\.txt/);
      assert.ok(await page.isVisible("#alert"));
      await page.evaluate((view) => (location.hash = view), view);
      await drop(page, [{ name: "lesson.zip", type: "application/zip", bytes: lesson }], "main");
      await says(page, "#lesson-status", /^1 recording was read\./);
      await page.evaluate((view) => (location.hash = view), view);
      await drop(page, [{ ...photo, name: "another.jpg", bytes: Buffer.concat([photograph, Buffer.from("another")]) }], "main");
      await page.waitForFunction(() => document.querySelectorAll('#wall > li[data-id^="own-"]').length === 2, null, { timeout: PATIENCE });
      assert.ok(await page.isVisible("#own-status"));
      assert.deepEqual(page.complaints, []);
    }));
}

test("on Teach it a sound is for a card: beside the cards it is said where it belongs, and the wall stays", () =>
  visit({ path: "/?device=cpu#teach" }, async (page) => {
    await reach(page, "ready");
    await page.locator("#wall .opener").first().click();
    await drop(page, [clip], "main");
    await says(page, "#alert", /^Drop clip\.ogg on the card of a photograph/);
    assert.ok(await page.isVisible("#alert"));
    assertPlain(await page.textContent("#alert p"));
    assert.equal(await page.getAttribute("#wall", "data-ranking"), "rest");
    await screenshot(page, "dropped-teach-1280");
    await drop(page, [...litter, clip, notes], ".lesson-card");
    await page.waitForSelector(".lesson-card .takes li", { timeout: PATIENCE });
    await says(page, "#alert", /^Left out: notes\.txt/);
    await drop(page, [photo], ".lesson-card");
    await page.waitForFunction(() => document.querySelectorAll('#wall > li[data-id^="own-"]').length === 1, null, { timeout: PATIENCE });
    assert.deepEqual(page.complaints, []);
  }));

test("what comes before the network is ready is taken when it is", () => {
  let arrive;
  const dropped = new Promise((resolve) => (arrive = resolve));
  return visit({ path: "/?device=cpu#teach", prepare: (page) => page.route("**/speech.safetensors", async (route) => {
    await dropped;
    return route.continue();
  }) }, async (page) => {
    await page.waitForSelector('body[data-state="ready"]', { timeout: PATIENCE });
    await drop(page, [table, clip, other, photo], "main");
    await says(page, "#lesson-status", /^Your files are read as soon as/);
    // What this tab hears of another's recordings does not hide it.
    await page.evaluate(async () => new BroadcastChannel((await import("/www/kit/store.js")).NAME).postMessage("recordings"));
    await page.waitForTimeout(300);
    await says(page, "#lesson-status", /^Your files are read as soon as/);
    arrive();
    await says(page, "#lesson-status", /^2 recordings were read\./);
    assert.deepEqual(page.complaints, []);
  });
});

test("an iPad's chooser greys out nothing that can be read", () =>
  visit({}, async (page) => {
    // Safari knows no types for these endings, so only a chooser that asks for nothing offers them.
    for (const id of ["taught-open-input", "lesson-files-input", "vgg16-checkpoint"]) assert.equal(await page.getAttribute(`#${id}`, "accept"), null, id);
  }));
