// What the browser keeps: closed, cleared, newer, shared with another site or another tab. Nothing is lost, and nothing is shown that is gone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { PATIENCE, assertPlain, order, reach, screenshot, visit, onlyFull } from "./browser.js";
import { mirror } from "./mirror.js";
import { clips, file } from "./sounds.js";

const sounds = await Promise.all([0, 1].map((place) => readFile(new URL(`../../www/examples/${clips[place].file}`, import.meta.url))));
const photograph = await readFile(new URL("../fixtures/turned.jpg", import.meta.url));
const pictures = [clips[0].picture, clips[1].picture];
const TEACH = "/?device=cpu#teach";

const card = (page, picture = pictures[0]) => page.locator(`.lesson-card[data-picture="${picture}"]`);
const takes = (page, count, picture = pictures[0]) => page.waitForFunction(([picture, count]) => document.querySelectorAll(`.lesson-card[data-picture="${picture}"] .takes li`).length === count, [picture, count], { timeout: PATIENCE });
const says = (page, id, pattern) => page.waitForFunction(([id, source]) => new RegExp(source).test(document.getElementById(id).textContent), [id, pattern.source], { timeout: PATIENCE });
const walls = (page, count) => page.waitForFunction((count) => document.querySelectorAll("#wall > li").length === count, count, { timeout: PATIENCE });

async function take(page, picture = pictures[0]) {
  await page.locator(`#wall > li[data-id="${picture}"] .opener`).click();
  await card(page, picture).waitFor();
}
const give = (page, number, picture = pictures[0]) => card(page, picture).locator("input").setInputFiles(file(`${number}.ogg`, "audio/ogg", sounds[number]));

/** The databases within the test's reach. */
const keepDatabases = (page) =>
  page.addInitScript(() => {
    window.databases = [];
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...settings) {
      const request = open.apply(this, settings);
      request.addEventListener("success", () => window.databases.push(request.result));
      return request;
    };
  });
const close = (page) => page.evaluate(() => window.databases.forEach((database) => database.close()));

async function teach(page, steps = "10") {
  for (const place of [0, 1]) {
    if (!(await card(page, pictures[place]).count())) await take(page, pictures[place]);
    await give(page, 1 - place, pictures[place]);
    await takes(page, 1, pictures[place]);
  }
  await page.locator("#train-options summary").click();
  await page.fill("[name=steps]", steps);
  await page.fill("[name=views]", "1");
  await page.setChecked("[name=rehearse]", false);
  await page.click("#train");
}
const made = (page) => page.waitForSelector("body[data-teaching=made]", { timeout: PATIENCE });

test("a database that was closed is opened again: recordings, pictures and what was taught are kept", () =>
  visit({ path: TEACH, prepare: keepDatabases }, async (page) => {
    await reach(page, "ready");
    await close(page);
    await take(page);
    await give(page, 0);
    await takes(page, 1);
    await close(page);
    await give(page, 1);
    await takes(page, 2);
    await close(page);
    await card(page).getByRole("button", { name: "Delete recording 1" }).click();
    await takes(page, 1);
    await page.setInputFiles("#own-files-input", file("mine.jpg", "image/jpeg", photograph));
    await walls(page, 329);
    await page.reload();
    await reach(page, "ready");
    await takes(page, 1);
    await walls(page, 329);
    await card(page).getByRole("button", { name: "Delete recording 1" }).click();
    await takes(page, 0);
    await teach(page);
    await made(page);
    await close(page);
    await page.fill("#taught-name", "Kept");
    await page.click("#taught-keep");
    await says(page, "train-status", /is kept and answers/);
    await page.reload();
    await reach(page, "ready");
    await says(page, "taught-list", /Kept/);
    assert.deepEqual(page.complaints, []);
  }));

test("what was taught and cannot be kept is not lost: it can be saved, kept later, and is there after a reload", () =>
  visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    await teach(page);
    await made(page);
    await page.evaluate(() => {
      window.put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function () {
        this.transaction.abort();
      };
    });
    for (let time = 1; time <= 2; time++) {
      await page.click("#taught-keep");
      await says(page, "train-alert", /could not keep it/);
    }
    assert.equal(await page.locator("#train-alert p").count(), 1);
    assertPlain(await page.textContent("#train-alert p"));
    await screenshot(page, "not-kept-1280");
    const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#train-alert button").click()]);
    assert.match(download.suggestedFilename(), /\.hearsight$/);
    assert.ok(await page.isVisible("#taught-result"));
    await page.reload();
    await reach(page, "ready");
    await says(page, "taught-list", /Unfinished, step 10 of 10/);
    assert.deepEqual(page.complaints, []);
  }));

test("storage that fails in the middle of a training is told of once, and leaving is asked about", () =>
  visit({ path: TEACH, prepare: (page) => page.addInitScript(() => {
    addEventListener("beforeunload", (event) => (window.asked = event.defaultPrevented));
  }) }, async (page) => {
    await reach(page, "ready");
    await teach(page, "900");
    await says(page, "train-status", /^Step \d/);
    await page.evaluate(() => (IDBFactory.prototype.open = IDBDatabase.prototype.transaction = () => {
      throw new DOMException("gone", "UnknownError");
    }));
    await page.waitForTimeout(10_000);
    assert.equal(await page.locator("#train-alert p").count(), 1);
    await page.evaluate(() => {
      const event = new Event("beforeunload", { cancelable: true });
      dispatchEvent(event);
      window.asked = event.defaultPrevented;
    });
    assert.equal(await page.evaluate(() => window.asked), true);
  }));

test("site data that is cleared while the page is open is gone from it, and what is recorded then is kept", () =>
  visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    await take(page);
    await give(page, 0);
    await takes(page, 1);
    await page.setInputFiles("#own-files-input", file("mine.jpg", "image/jpeg", photograph));
    await walls(page, 329);
    const session = await page.context().newCDPSession(page);
    await session.send("Storage.clearDataForOrigin", { origin: new URL(page.url()).origin, storageTypes: "indexeddb" });
    await takes(page, 0);
    await says(page, "lesson-status", /^Nothing is recorded yet/);
    await walls(page, 328);
    await give(page, 1);
    await takes(page, 1);
    await page.reload();
    await reach(page, "ready");
    await takes(page, 1);
    assert.deepEqual(page.complaints, []);
  }));

/** Makes every database of the page newer, as a newer page in another tab would. */
async function renew(page) {
  const other = await page.context().newPage();
  await other.goto(new URL("/www/icon.svg", page.url()).href);
  const all = await other.evaluate(async () => {
    const names = await indexedDB.databases();
    for (const { name, version } of names) await new Promise((resolve, reject) => Object.assign(indexedDB.open(name, version + 1), { onsuccess: resolve, onerror: reject, onblocked: () => reject(new Error("blocked")) }));
    return names.length;
  });
  await other.close();
  assert.ok(all >= 1);
}

test("a database of a newer page is said to be one, and nothing in it looks lost", () =>
  visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    await take(page);
    await give(page, 0);
    await takes(page, 1);
    await renew(page);
    await give(page, 1);
    await page.waitForFunction(() => /newer version/.test(document.querySelector(".lesson-card .note").textContent), null, { timeout: PATIENCE });
    await takes(page, 1);
    await page.reload();
    await reach(page, "ready");
    for (const id of ["lesson-status", "own-status", "taught-status"]) {
      await says(page, id, /newer version of this page/);
      assertPlain(await page.textContent(`#${id}`));
    }
    await page.setInputFiles("#own-files-input", file("mine.jpg", "image/jpeg", photograph));
    await walls(page, 329);
    await says(page, "own-alert", /newer version/);
    assert.deepEqual(page.complaints, []);
  }));

/** What a visitor of an earlier version has (tests/fixtures/make_before.mjs). */
const before29November = {
  ...JSON.parse(await readFile(new URL("../fixtures/before/database.json", import.meta.url), "utf8")),
  taught: (await readFile(new URL("../fixtures/before/taught.hearsight", import.meta.url))).toString("base64"),
};

/** Runs in the page: makes that database. */
async function fill({ name, version, stores, taught }) {
  const read = (value) => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(read);
    if (value.kind === undefined) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, read(one)]));
    const bytes = Uint8Array.from(atob(value.bytes ?? taught), (letter) => letter.charCodeAt(0));
    return value.bytes ? new globalThis[value.kind](bytes.buffer) : bytes;
  };
  await new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      for (const [store, items] of Object.entries(stores)) {
        const made = request.result.createObjectStore(store, { keyPath: "id" });
        for (const item of items) made.put(read(item));
      }
    };
    Object.assign(request, { onsuccess: () => resolve(request.result.close()), onerror: reject });
  });
}

test("what an earlier version of the page kept is there as before", () =>
  visit({ path: "/www/icon.svg" }, async (page) => {
    await page.evaluate(fill, before29November);
    page.complaints.length = 0;
    await page.goto(new URL(TEACH, page.url()).href);
    await reach(page, "ready");
    await walls(page, 329);
    const own = before29November.stores.pictures[0].id;
    assert.equal(await page.getAttribute(`#wall > li[data-id="${own}"] img`, "alt"), "Your picture “my lighthouse”");
    await takes(page, 1);
    await takes(page, 1, own);
    // It is in use where its network still is the one that ships, and in the list in any case.
    await says(page, "taught-list", /Before/);
    await page.evaluate(() => (location.hash = ""));
    await page.locator(`#wall > li[data-id="${own}"] .opener`).click();
    await page.waitForSelector("#picture[open]");
    assert.deepEqual(page.complaints, []);
  }));

test("two sites of one origin keep apart what they keep", () =>
  mirror({ folders: ["/a/", "/b/"] }, (address) =>
    visit({ path: `${address}/a/?device=cpu#teach` }, async (page) => {
      await reach(page, "ready");
      await page.setInputFiles("#own-files-input", file("of a.jpg", "image/jpeg", photograph));
      await walls(page, 329);
      await take(page);
      await give(page, 0);
      await takes(page, 1);
      const other = await page.context().newPage();
      await other.goto(`${address}/b/?device=cpu#teach`);
      await reach(other, "ready");
      await says(other, "lesson-status", /^Nothing is recorded yet/);
      await walls(other, 328);
      await other.setInputFiles("#own-files-input", file("of b.jpg", "image/jpeg", photograph));
      await walls(other, 329);
      await page.reload();
      await reach(page, "ready");
      await takes(page, 1);
      await walls(page, 329);
      assert.deepEqual(await page.$$eval('#wall > li[data-id^="own-"] .title', (titles) => titles.map(({ textContent }) => textContent)), ["of a"]);
      assert.deepEqual(page.complaints, []);
    })));

/** What visitors have from before each site had its own. */
const before = (page) =>
  page.evaluate(([picture, copy]) => new Promise((resolve, reject) => {
    const request = indexedDB.open("hearsight", 2);
    request.onupgradeneeded = () => {
      for (const kind of ["pictures", "recordings", "taught"]) {
        const items = request.result.createObjectStore(kind, { keyPath: "id" });
        if (kind === "recordings") items.put({ id: "take-1700000000000", picture, samples: new Int16Array(48_000), sampleRate: 48_000 });
        if (kind === "pictures") items.put({ id: "own-1700000000000", title: "of old", width: 4, height: 3, copy: Uint8Array.from(copy), vector: new Float32Array(384) });
      }
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onerror = reject;
  }), [pictures[0], [...photograph]]);

test("what was kept before each site had its own is taken over by each, once", { skip: onlyFull("what an earlier version kept is opened by another story") }, () =>
  mirror({ folders: ["/a/", "/b/"] }, (address) =>
    visit({ path: `${address}/a/www/icon.svg` }, async (page) => {
      await before(page);
      page.complaints.length = 0;
      await page.goto(`${address}/a/${TEACH.slice(1)}`);
      await reach(page, "ready");
      await takes(page, 1);
      await walls(page, 329);
      page.on("dialog", (dialog) => dialog.accept());
      await page.click("#lesson-clear");
      await says(page, "lesson-status", /^Nothing/);
      await page.reload();
      await reach(page, "ready");
      await walls(page, 329);
      await says(page, "lesson-status", /^Nothing/);
      await page.goto(`${address}/b/${TEACH.slice(1)}`);
      await reach(page, "ready");
      await takes(page, 1);
      await walls(page, 329);
      assert.deepEqual(page.complaints, []);
    })));

test("the browser is asked once to keep what was added, and Safari's visitors are told of the week", async () => {
  const spy = (page) =>
    page.addInitScript(() => {
      const persist = StorageManager.prototype.persist;
      StorageManager.prototype.persist = function () {
        localStorage.setItem("asked", Number(localStorage.getItem("asked")) + 1);
        return persist.call(this);
      };
    });
  const asked = (page) => page.evaluate(() => Number(localStorage.getItem("asked")));
  await visit({ path: TEACH, prepare: spy }, async (page) => {
    await reach(page, "ready");
    assert.equal(await asked(page), 0);
    for (let time = 1; time <= 2; time++) {
      await page.setInputFiles("#own-files-input", file("mine.jpg", "image/jpeg", Buffer.concat([photograph, Buffer.from(`${time}`)])));
      await walls(page, 328 + time);
      if (!(await card(page).count())) await take(page);
      await give(page, time - 1);
      await takes(page, time);
      await page.waitForFunction(() => localStorage.getItem("asked") !== null, null, { timeout: PATIENCE });
      assert.equal(await asked(page), 1);
      await page.reload();
      await reach(page, "ready");
      await takes(page, time);
    }
    assert.doesNotMatch(await page.textContent("#lesson-status"), /Safari/);
    assert.match(await page.textContent("#privacy"), /Safari deletes/);
  });
  const userAgent = "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
  await visit({ path: TEACH, context: { userAgent } }, async (page) => {
    await reach(page, "ready");
    await take(page);
    await give(page, 0);
    await says(page, "lesson-status", /Safari deletes it when you have not been here for a week: save the zip\.$/);
  });
});

test("two tabs know of each other: what one deletes or adds, the other does not keep or lack", () =>
  visit({ path: TEACH }, async (one) => {
    await reach(one, "ready");
    await take(one);
    await card(one).locator("input").setInputFiles([0, 1].map((number) => file(`${number}.ogg`, "audio/ogg", sounds[number])));
    await takes(one, 2);
    const other = await one.context().newPage();
    await other.goto(one.url());
    await reach(other, "ready");
    await takes(other, 2);
    for (const page of [one, other]) page.on("dialog", (dialog) => dialog.accept());
    await one.click("#lesson-clear");
    await says(other, "lesson-status", /^Nothing is recorded yet/);
    await takes(other, 0);
    assert.ok(await other.isHidden("#lesson-export"));
    // The other adds; the first shows it, and deletes that too.
    await give(other, 0);
    await takes(other, 1);
    await take(one);
    await takes(one, 1);
    await one.setInputFiles("#own-files-input", file("mine.jpg", "image/jpeg", photograph));
    await walls(one, 329);
    await walls(other, 329);
    await one.click("#lesson-clear");
    await takes(other, 0);
    // The other's view of the picture that the first removes.
    const own = await one.locator('#wall > li[data-id^="own-"]').getAttribute("data-id");
    await take(other, own);
    await give(other, 1, own);
    await takes(other, 1, own);
    await one.evaluate(() => (location.hash = ""));
    await one.locator(`#wall > li[data-id="${own}"] .opener`).click();
    await one.click("#picture-remove");
    await walls(one, 328);
    await walls(other, 328);
    await says(other, "lesson-status", /^Nothing/);
    for (const page of [one, other]) {
      await page.reload();
      await reach(page, "ready");
      await says(page, "lesson-status", /^Nothing/);
      await walls(page, 328);
    }
    assert.deepEqual(one.complaints, []);
  }));

test("what was taught in one tab is listed in the other, and what one deletes answers nowhere", () =>
  visit({ path: TEACH }, async (one) => {
    await reach(one, "ready");
    const other = await one.context().newPage();
    await other.goto(one.url());
    await reach(other, "ready");
    // Both at once: each keeps its own.
    await teach(one, "300");
    await takes(other, 1, pictures[1]);
    await other.locator("#train-options summary").click();
    await other.fill("[name=steps]", "20");
    await other.fill("[name=views]", "1");
    await other.setChecked("[name=rehearse]", false);
    await other.click("#train");
    await made(other);
    await other.fill("#taught-name", "Of the other");
    await other.click("#taught-keep");
    await says(other, "train-status", /is kept/);
    await made(one);
    await one.click("#taught-keep");
    await says(one, "train-status", /is kept/);
    for (const page of [one, other]) {
      await says(page, "taught-list", /Of the other[^]*photographs/);
      assert.doesNotMatch(await page.textContent("#taught-list"), /Unfinished/);
    }
    one.on("dialog", (dialog) => (dialog.type() === "prompt" ? dialog.accept("Named anew") : dialog.accept()));
    await one.getByRole("button", { name: "Rename: Of the other" }).click();
    await says(other, "taught-list", /Named anew/);
    await says(other, "device", /Taught: Of the other|Taught: Named anew/);
    await one.getByRole("button", { name: "Delete: Named anew" }).click();
    await says(other, "taught-status", /as it came/);
    assert.doesNotMatch(await other.textContent("#device"), /Taught/);
    assert.deepEqual(one.complaints, []);
  }));

test("an own picture with recordings is removed with them, after a question", () =>
  visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#own-files-input", file("my dog.jpg", "image/jpeg", photograph));
    await walls(page, 329);
    const [own] = await order(page);
    await take(page, own);
    await give(page, 0, own);
    await takes(page, 1, own);
    await take(page);
    await give(page, 0);
    await takes(page, 1);
    const remove = async (accept) => {
      await page.evaluate(() => (location.hash = ""));
      await page.getByRole("button", { name: "Your picture “my dog”" }).click();
      let asked = "";
      page.once("dialog", (dialog) => {
        asked = dialog.message();
        return accept ? dialog.accept() : dialog.dismiss();
      });
      await page.click("#picture-remove");
      assert.match(asked, /“my dog” and 1 recording of it/);
    };
    await remove(false);
    await walls(page, 329);
    await takes(page, 1, own);
    await remove(true);
    await walls(page, 328);
    await page.evaluate(() => (location.hash = "#teach"));
    await says(page, "lesson-status", /^1 recording of 1 photograph/);
    assert.equal(await page.locator(".lesson-card").count(), 1);
    await page.reload();
    await reach(page, "ready");
    await says(page, "lesson-status", /^1 recording of 1 photograph/);
    assert.equal(await page.locator(".lesson-card").count(), 1);
    assert.deepEqual(page.complaints, []);
  }));

test("recordings whose picture is gone can be heard and deleted, and are not saved half", () =>
  visit({ path: "/www/icon.svg" }, async (page) => {
    await before(page);
    await page.evaluate(() => new Promise((resolve) => {
      const request = indexedDB.open("hearsight");
      request.onsuccess = () => {
        const done = request.result.transaction("pictures", "readwrite");
        done.objectStore("pictures").clear();
        const takes = request.result.transaction("recordings", "readwrite").objectStore("recordings");
        takes.put({ id: "take-1600000000000", picture: "own-1600000000000", samples: new Int16Array(48_000), sampleRate: 48_000 }).onsuccess = () => (request.result.close(), resolve());
      };
    }));
    page.complaints.length = 0;
    await page.goto(new URL(TEACH, page.url()).href);
    await reach(page, "ready");
    const gone = card(page, "own-1600000000000");
    await takes(page, 1, "own-1600000000000");
    assert.match(await gone.textContent(), /no longer here/);
    assert.ok(await gone.locator(".record").isHidden());
    await screenshot(page, "picture-gone-1280");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#lesson-export")]);
    assert.doesNotMatch((await readFile(await download.path())).toString("latin1"), /take-1600000000000/);
    await says(page, "lesson-status", /are not in the zip/);
    await gone.getByRole("button", { name: "Delete recording 1" }).click();
    await gone.waitFor({ state: "detached" });
    assert.deepEqual(page.complaints, []);
  }));
