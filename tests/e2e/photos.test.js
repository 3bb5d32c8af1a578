// A folder of one's own photographs: taken in, gone on with, known again, found; a wall of thousands; an answer's end; and all of it
// taken along, or deleted. How fast it is, and with how many, measure-photos.js says.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { ONLY_FULL, PATIENCE, assertPlain, finalRanking, reach, screenshot, visit } from "./browser.js";
import { giveFolder, indexOf, lay, makePhotographs } from "./photographs.js";
import { file } from "./sounds.js";

const photograph = await readFile(new URL("../fixtures/turned.jpg", import.meta.url));

const says = (page, id, pattern) => page.waitForFunction(([id, source]) => new RegExp(source).test(document.getElementById(id).textContent), [id, pattern.source], { timeout: PATIENCE });
const owned = (page) => page.$$eval('#wall > li[data-id^="own-"] .title', (titles) => titles.map(({ textContent }) => textContent));
const own = (page, count) => page.waitForFunction((count) => document.querySelectorAll('#wall > li[data-id^="own-"]').length === count, count, { timeout: PATIENCE });
const choose = (page) => page.evaluate(() => document.getElementById("own-folder").click());
const press = (page, id) => page.evaluate((id) => document.getElementById(id).click(), id);

test("a folder is taken in, gone on with after a tab was killed, and known again", () =>
  visit({ path: "/www/icon.svg" }, async (bystander) => {
    const tab = async () => {
      const page = await bystander.context().newPage();
      await giveFolder(page);
      page.complaints = [];
      page.on("pageerror", (error) => page.complaints.push(String(error)));
      await page.goto(new URL("/?device=cpu", bystander.url()).href);
      await reach(page, "ready");
      return page;
    };
    const first = await tab();
    await makePhotographs(first, { to: 40 });
    const bytes = await first.evaluate(async () => {
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("Holiday");
      const blob = await (await (await root.getDirectoryHandle("roll 0")).getFileHandle("photo_7.jpg")).getFile();
      return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())));
    });
    await lay(first, {
      "twin of 7.jpg": Buffer.from(bytes, "base64"), "写真/東京.jpg": photograph, "写真/東京.mov": Buffer.from("a film"), "写真/東京.dng": Buffer.from("II*\0raw"),
      "broken.jpg": Buffer.from("no picture"), ".DS_Store": Buffer.from("Bud1"), "notes.txt": Buffer.from("notes"),
    });
    await choose(first);
    await says(first, "own-status", /picture \d+ of 43/);
    await press(first, "own-pause");
    await says(first, "own-status", /^Paused after \d+ of 43/);
    // What is there is found while the rest waits.
    await first.waitForFunction(() => document.querySelectorAll('#wall > li[data-id^="own-"]').length > 0, null, { timeout: PATIENCE });
    const before = (await owned(first)).length;
    assert.ok(before > 0 && before < 41, `${before}`);
    await first.close();
    // Nothing that was shown is lost, and the rest comes by itself.
    const page = await tab();
    await page.waitForFunction((before) => document.querySelectorAll('#wall > li[data-id^="own-"]').length >= before, before, { timeout: PATIENCE });
    await own(page, 41);
    await says(page, "own-status", / added\. All 41/);
    const titles = await owned(page);
    assert.equal(new Set(titles).size, 41, "none twice");
    assert.ok(titles.includes("東京"));
    assert.equal(await page.textContent("#own-left-title"), "1 file was left out");
    assert.match(await page.textContent("#own-left-list"), /^Holiday\/broken\.jpg: /);
    assert.deepEqual(await page.$$eval("#wall .copies", (all) => all.map(({ textContent }) => textContent)), ["2 copies"]);
    await page.getByRole("button", { name: "Your picture “東京”" }).click();
    assert.equal(await page.textContent("#picture-paths"), "Holiday/写真/東京.jpg");
    await page.keyboard.press("Escape");

    // Another tab knows them, and looks at none again; what changed, came or went is noticed.
    const other = await tab();
    await own(other, 41);
    await says(other, "own-status", /^Nothing new in “Holiday”/);
    await lay(other, { "roll 0/photo_3.jpg": Buffer.concat([photograph, Buffer.from("changed")]), "later.jpg": Buffer.concat([photograph, Buffer.from("later")]), "roll 0/photo_5.jpg": null });
    await other.evaluate(() => (document.getElementById("own").open = true));
    await other.getByRole("button", { name: "Look through “Holiday” again" }).click();
    await own(other, 42);
    await own(page, 42);
    await other.getByRole("button", { name: "Take 1 picture away that is no longer in it" }).click();
    await own(other, 41);
    await own(page, 41);
    assert.ok(!(await owned(page)).includes("photo 5"));
    assert.deepEqual(page.complaints, []);
  }));

test("a folder that may not be read, and storage that is full, are said to be so, and nothing is lost", () =>
  visit({ prepare: (page) => giveFolder(page) }, async (page) => {
    await reach(page, "ready");
    await lay(page, { "one.jpg": photograph });
    await choose(page);
    await own(page, 1);
    await page.setInputFiles("#own-files-input", file("the same.jpg", "image/jpeg", photograph));
    await says(page, "own-status", /^No picture was added\. One was there already/);
    await page.addInitScript(() => {
      FileSystemHandle.prototype.queryPermission = async () => "prompt";
      FileSystemHandle.prototype.requestPermission = async () => "denied";
    });
    await page.reload();
    await reach(page, "ready");
    await own(page, 1);
    await page.getByRole("button", { name: "Look through “Holiday” again" }).click();
    await says(page, "own-status", /may not look into “Holiday”/);
    assertPlain(await page.textContent("#own-status"));
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(page.url()).origin, quotaSize: 1000 });
    await page.setInputFiles("#own-files-input", file("two.jpg", "image/jpeg", Buffer.concat([photograph, Buffer.from("two")])));
    await own(page, 2);
    await says(page, "own-alert", /no room left/);
    await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(page.url()).origin });
    await page.reload();
    await reach(page, "ready");
    await own(page, 1);
  }));

/** Waits until the photographs that are there fill the window. */
const full = (page) => page.waitForFunction(() => {
  const boxes = [...document.querySelectorAll("#wall > li")].map((item) => item.getBoundingClientRect());
  return Math.min(...boxes.map(({ top }) => top)) <= 0 && Math.max(...boxes.map(({ bottom }) => bottom)) >= innerHeight;
}, null, { timeout: PATIENCE });

test("of thousands only what is seen is in the document; an answer has an end; all is taken along, and deleted", async () => {
  let saved;
  await visit({ seen: true }, async (page) => {
    await reach(page, "ready");
    await indexOf(page, 1000);
    // One of an older network is looked at anew, from its copy.
    await says(page, "own-status", /^1 picture was looked at anew/);
    const live = () => page.$$eval("#wall > li", (items) => items.length);
    assert.ok((await live()) <= 300, `${await live()}`);
    await screenshot(page, "many-1280");
    // The last one is reached by a key, and says its place; from there the gallery's last is the last of all.
    await page.locator("#wall .opener").first().focus();
    await page.keyboard.press("End");
    const at = () => page.evaluate(() => {
      const item = document.activeElement.closest("li");
      const { top, bottom } = item?.getBoundingClientRect() ?? {};
      return { place: item?.ariaPosInSet, of: item?.ariaSetSize, seen: bottom > 0 && top < innerHeight };
    });
    assert.deepEqual(await at(), { place: "1328", of: "1328", seen: true });
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowRight");
    assert.ok(Number((await at()).place) > 1300);
    await page.keyboard.press("Home");
    assert.deepEqual(await at(), { place: "1", of: "1328", seen: true });
    // Scrolled to the middle, what is in sight is there, in its place.
    await page.evaluate(() => scrollTo({ top: document.documentElement.scrollHeight / 2, behavior: "instant" }));
    await page.waitForFunction(() => [...document.querySelectorAll("#wall > li")].some((item) => {
      const { top } = item.getBoundingClientRect();
      return top > 0 && top < innerHeight && item.querySelector("img").naturalWidth > 0;
    }), null, { timeout: PATIENCE });
    assert.ok((await live()) <= 300);
    await full(page);
    await screenshot(page, "many-middle-1280");

    // Random vectors are like nothing: they are folded away.
    await page.locator(".example").first().click();
    await finalRanking(page);
    const shown = await live();
    assert.ok(shown > 0 && shown < 200, `${shown} are like it`);
    assert.match(await page.textContent("#beyond"), /near to what you said[^]*Show the other 1,?\d\d\d/);
    await page.locator("#beyond button").click();
    assert.ok((await live()) > shown && (await live()) <= 300);
    assert.ok(await page.isHidden("#beyond"));
    // Who has scrolled and asks for the whole wall sees it where they are.
    await page.evaluate(() => scrollTo({ top: document.documentElement.scrollHeight / 2, behavior: "instant" }));
    await full(page);
    await press(page, "reset");
    await full(page);
    await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot(page, "many-390");

    const [download] = await Promise.all([page.waitForEvent("download"), press(page, "own-export")]);
    assert.equal(download.suggestedFilename(), "photographs.hearsight-index");
    saved = await readFile(await download.path());
    assert.match(saved.subarray(0, 1000).toString("latin1"), /"title":"Picture 0",.*?"network":"[0-9a-f]{16}"/);
    page.on("dialog", (dialog) => dialog.accept());
    await press(page, "own-clear");
    await says(page, "own-status", /^All your pictures are deleted here/);
    assert.equal(await live(), 328);
    const left = await page.evaluate(async () => {
      const names = [];
      for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
      const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name !== "hearsight");
      const database = await new Promise((resolve) => (indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result)));
      const count = (kind) => new Promise((resolve) => (database.transaction(kind).objectStore(kind).count().onsuccess = ({ target }) => resolve(target.result)));
      const kept = await Promise.all(["pictures", "batches", "blocks", "folders"].map(count));
      database.close();
      return { names, kept, locks: (await navigator.locks.query()).held.length };
    });
    assert.deepEqual(left, { names: [], kept: [0, 0, 0, 0], locks: 0 });
    assert.deepEqual(page.complaints, []);
  });
  // Another browser, which has no files of a page's own: there the packs are blocks in the database.
  await visit({ seen: true, prepare: (page) => page.addInitScript(() => delete globalThis.FileSystemFileHandle) }, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#own-index-input", file("cut.hearsight-index", "", saved.subarray(0, saved.length - 5)));
    await says(page, "own-status", /^This is not an index of photographs/);
    await page.setInputFiles("#own-index-input", file("my.hearsight-index", "", saved));
    await says(page, "own-status", /^1,?000 pictures added/);
    await page.reload();
    await reach(page, "ready");
    await page.waitForFunction(() => document.querySelector("#wall > li")?.ariaSetSize === "1328" && document.querySelector("#wall img").naturalWidth > 0, null, { timeout: PATIENCE });
    assert.deepEqual(page.complaints, []);
  });
});

test("ten thousand photographs come in, with the tab killed in between", { skip: ONLY_FULL }, () =>
  visit({ prepare: (page) => giveFolder(page) }, async (page) => {
    await reach(page, "ready");
    await makePhotographs(page, { to: 10_000 });
    await choose(page);
    await says(page, "own-status", /picture 2\d\d\d of 10000/);
    await page.reload();
    await reach(page, "ready");
    await page.waitForFunction(() => / All 10,?000 /.test(document.getElementById("own-status").textContent), null, { timeout: 3 * 3_600_000 });
    assert.ok((await page.$$eval("#wall > li", (items) => items.length)) <= 300);
  }));
