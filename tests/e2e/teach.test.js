// Teaching: a visitor records what pictures are, trains, sees the difference, keeps it, takes it home and undoes it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { before } from "node:test";
import { assertPlain, ONLY_FULL, order, PATIENCE, reach, screenshot, visit } from "./browser.js";
import { clips, decoded, file, joined, microphone, silence, wav } from "./sounds.js";

/** Two pictures, each taught the other one's caption: what the network knows already cannot help it. */
const pictures = [clips[0].picture, clips[1].picture];
const steps = { cpu: "40", gpu: "12" };
let sounds;
before(async () => (sounds = [await decoded(clips[1].file), await decoded(clips[0].file)]));

const card = (page, picture) => page.locator(`.lesson-card[data-picture="${picture}"]`);
const says = (page, id, pattern) => page.waitForFunction(({ id, source }) => new RegExp(source).test(document.getElementById(id).textContent), { id, source: pattern.source }, { timeout: PATIENCE });
const takes = (page, picture, count) => page.waitForFunction(({ picture, count }) => document.querySelectorAll(`.lesson-card[data-picture="${picture}"] .takes li`).length === count, { picture, count }, { timeout: PATIENCE });
const toTeaching = (page) => page.evaluate(() => (location.hash = "#teach"));

async function take(page, picture) {
  await page.locator(`#wall > li[data-id="${picture}"] .opener`).click();
  await card(page, picture).waitFor();
}

/** Records by files, as somebody without a microphone does. */
async function teachByFiles(page, rehearse = false) {
  for (const [place, picture] of pictures.entries()) {
    await take(page, picture);
    await card(page, picture).locator("input").setInputFiles(file(`${place}.wav`, "audio/wav", wav(sounds[place])));
    await takes(page, picture, 1);
  }
  await choose(page, rehearse);
}

/** One view of each recording unless a story is about more: each takes seconds. */
async function choose(page, rehearse, views = "1") {
  await page.locator("#train-options summary").click();
  await page.fill("[name=steps]", steps[await page.getAttribute("body", "data-device")]);
  await page.fill("[name=views]", views);
  await page.selectOption("[name=rate]", "0.001");
  await page.setChecked("[name=rehearse]", rehearse);
}

/** Of the gallery's captions one in 66 is rehearsed: as many as a lesson listens to take a minute. */
const fewCaptions = (page) => page.route("**/captions.json", async (route) => {
  const response = await route.fetch();
  const list = await response.json();
  await route.fulfill({ response, json: { ...list, captions: list.captions.filter((_, place) => place % 66 === 0) } });
});

const made = (page) => page.waitForSelector("body[data-teaching=made]", { timeout: PATIENCE });

/** The wall's order for a clip, searched in the other view. */
async function searched(page, samples) {
  await page.evaluate(() => (location.hash = ""));
  const before = await page.evaluate(() => window.seen.rankings.length);
  await page.setInputFiles("#file", file("query.wav", "audio/wav", wav(samples)));
  await page.waitForFunction((before) => window.seen.rankings.slice(before).some(({ kind }) => kind === "final"), before, { timeout: PATIENCE });
  await reach(page, "ready");
  return order(page);
}

async function downloaded(page, press) {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

for (const device of ["cpu", "gpu"]) {
  test(`what is taught is found, kept, undone and carried, on the ${device}`, { skip: device === "gpu" && ONLY_FULL }, async () => {
    const args = await microphone(joined(silence(0.4), sounds[0], silence(0.4), sounds[0], silence(6)));
    await visit({ path: `/?device=${device}#teach`, gpu: device === "gpu", args, prepare: fewCaptions }, async (page) => {
      await reach(page, "ready");
      assert.equal(await page.getAttribute("body", "data-device"), device);
      assert.ok(await page.isDisabled("#train"));
      // One picture is spoken about, held down; the other one gets a file.
      await take(page, pictures[0]);
      const record = card(page, pictures[0]).locator(".record");
      await record.hover();
      await page.mouse.down();
      await says(page, "lesson", /Recording, [12]\.\d s/);
      if (device === "cpu") await screenshot(page, "teach-recording-1280");
      await page.waitForTimeout(1500);
      await page.mouse.up();
      await takes(page, pictures[0], 1);
      await take(page, pictures[1]);
      await card(page, pictures[1]).locator("input").setInputFiles(file("b.wav", "audio/wav", wav(sounds[1])));
      await takes(page, pictures[1], 1);
      // Several views: long enough to be paused.
      await choose(page, device === "cpu", device === "cpu" ? "2" : "1");
      await page.click("#train");
      await says(page, "train-status", /^Step \d/);
      if (device === "cpu") {
        // Rehearsed, and paused for a while.
        await page.click("#train-pause");
        // The step that was under way is told of, and no other.
        const told = new Set();
        for (let look = 0; look < 8; look++) {
          told.add(await page.textContent("#train-status"));
          await page.waitForTimeout(200);
        }
        assert.ok(told.size <= 2, [...told].join(" "));
        await screenshot(page, "teach-training-1280");
        await page.click("#train-pause");
      }
      await made(page);
      assert.ok((await page.getAttribute(".curve-loss", "points")).split(" ").length >= 12);
      const figures = await page.locator("#taught-figures tr").first().locator("td").allTextContents();
      assert.deepEqual(figures.slice(0, 2), ["0 %", "100 %"]);
      assert.equal(await page.locator("#taught-figures tr").count(), device === "cpu" ? 2 : 1);
      await page.locator("#taught-result").scrollIntoViewIfNeeded();
      await screenshot(page, `teach-made-${device}-1280`);
      // Nothing has changed until it is kept.
      assert.match(await page.textContent("#device"), /^(?!.*Taught:)/);
      await page.fill("#taught-name", "Two words");
      await page.click("#taught-keep");
      await says(page, "device", /Taught: Two words/);
      assert.equal((await searched(page, sounds[1]))[0], pictures[1]);
      await page.evaluate(() => (location.hash = "#compare"));
      await says(page, "shipped-taught", /Taught: Two words/);
      await toTeaching(page);
      const saved = await downloaded(page, () => page.getByRole("button", { name: "Save as .hearsight: Two words" }).click());
      assert.equal(saved.name, "Two words.hearsight");
      // Undone, and brought back from the file.
      await page.getByRole("radio", { name: "As it came" }).check();
      await says(page, "taught-status", /as it came/);
      assert.notEqual((await searched(page, sounds[1]))[0], pictures[1]);
      await toTeaching(page);
      page.on("dialog", (dialog) => dialog.accept());
      await page.getByRole("button", { name: "Delete: Two words" }).click();
      await page.waitForFunction(() => document.querySelectorAll("#taught-list li").length === 1);
      await page.setInputFiles("#taught-open-input", file(saved.name, "application/octet-stream", saved.bytes));
      await says(page, "taught-status", /“Two words” is opened/);
      assert.equal((await searched(page, sounds[1]))[0], pictures[1]);
      assert.deepEqual(page.complaints, []);
    });
  });
}

test("where the encoder’s last block learns too, it is taken along", () =>
  visit({ path: "/?device=cpu#teach" }, async (page) => {
    await reach(page, "ready");
    await teachByFiles(page);
    await page.selectOption("[name=part]", "last-block");
    await page.fill("[name=steps]", "10");
    await page.click("#train");
    await made(page);
    await page.fill("#taught-name", "Deep");
    await page.click("#taught-keep");
    await says(page, "device", /Taught: Deep/);
    const saved = await downloaded(page, () => page.getByRole("button", { name: "Save as .hearsight: Deep" }).click());
    const tensors = saved.bytes.toString("latin1");
    for (const name of ["head.project.weight", "encoder.ln_post.weight", "encoder.blocks.3.attn.query.weight", "encoder.blocks.3.contract.weight"]) assert.ok(tensors.includes(`"${name}"`), name);
    assert.ok(!tensors.includes("encoder.blocks.2."));
    assert.deepEqual(page.complaints, []);
  }));

test("a recording is made by key, made again, listened to, and deleted; a reload keeps the others", async () => {
  const args = await microphone(joined(silence(0.3), ...Array(6).fill([sounds[0], silence(0.4)]).flat()));
  await visit({ path: "/?device=cpu#teach", args }, async (page) => {
    await reach(page, "ready");
    await take(page, pictures[0]);
    const record = card(page, pictures[0]).locator(".record");
    for (let count = 1; count <= 2; count++) {
      await record.focus();
      await page.keyboard.press("Space");
      await says(page, "lesson", /Recording, 2\.\d s/);
      await page.keyboard.press("Space");
      await takes(page, pictures[0], count);
    }
    await card(page, pictures[0]).getByRole("button", { name: "Redo recording 1" }).click();
    await says(page, "lesson", /Recording, 2\.\d s/);
    await record.click();
    await page.waitForFunction((picture) => /Kept/.test(document.querySelector(`.lesson-card[data-picture="${picture}"] .note`).textContent), pictures[0], { timeout: PATIENCE });
    await takes(page, pictures[0], 2);
    await card(page, pictures[0]).getByRole("button", { name: "Play recording 2" }).click();
    await page.waitForSelector("#lesson [aria-pressed=true]");
    await card(page, pictures[0]).getByRole("button", { name: "Delete recording 1" }).click();
    await takes(page, pictures[0], 1);
    await page.reload();
    await reach(page, "ready");
    await takes(page, pictures[0], 1);
    await says(page, "lesson-status", /^1 recording of 1 photograph, \d.*MB in this browser\.$/);
    assert.deepEqual(page.complaints, []);
  });
});

test("recordings and own pictures are carried in one zip", async () => {
  const photograph = await readFile(new URL("../../www/gallery/images/judo-match.webp", import.meta.url));
  let zip;
  await visit({ path: "/?device=cpu#teach" }, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#own-files-input", file("My judo.webp", "image/webp", photograph));
    const own = page.locator('#wall > li[data-id^="own-"]');
    await own.waitFor({ timeout: PATIENCE });
    const id = await own.getAttribute("data-id");
    await take(page, id);
    await card(page, id).locator("input").setInputFiles([file("a.wav", "audio/wav", wav(sounds[0])), file("b.wav", "audio/wav", wav(sounds[1]))]);
    await takes(page, id, 2);
    await take(page, pictures[1]);
    await card(page, pictures[1]).locator("input").setInputFiles(file("b.wav", "audio/wav", wav(sounds[1])));
    await takes(page, pictures[1], 1);
    zip = await downloaded(page, () => page.click("#lesson-export"));
    assert.equal(zip.name, "hearsight-recordings.zip");
    assert.deepEqual(page.complaints, []);
  });
  await visit({ path: "/?device=cpu#teach" }, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#lesson-files-input", file(zip.name, "application/zip", zip.bytes));
    await says(page, "lesson-status", /^3 recordings were read\.$/);
    assert.equal(await page.textContent("#lesson-alert"), "");
    await takes(page, pictures[1], 1);
    const id = await page.locator('#wall > li[data-id^="own-"]').getAttribute("data-id");
    await takes(page, id, 2);
    assert.deepEqual(page.complaints, []);
  });
});

test("what cannot be taught, read or opened gets a sentence, and nothing is lost", async () => {
  await visit({ path: "/?device=cpu#teach" }, async (page) => {
    await reach(page, "ready");
    const complaint = async (id) => {
      await page.waitForFunction((id) => document.getElementById(id).textContent.length > 15, id, { timeout: PATIENCE });
      assertPlain(await page.textContent(`#${id} p`));
    };
    await take(page, pictures[0]);
    const note = card(page, pictures[0]).locator(".note");
    await card(page, pictures[0]).locator("input").setInputFiles(file("silence.wav", "audio/wav", wav(silence(2))));
    await page.waitForFunction((picture) => document.querySelector(`.lesson-card[data-picture="${picture}"] .note`).textContent.length > 15, pictures[0], { timeout: PATIENCE });
    assertPlain((await note.textContent()).replace(/^silence\.wav: /, ""));
    await takes(page, pictures[0], 0);
    // One picture, nothing rehearsed.
    await card(page, pictures[0]).locator("input").setInputFiles(file("a.wav", "audio/wav", wav(sounds[0])));
    await takes(page, pictures[0], 1);
    await choose(page, false);
    await page.click("#train");
    await says(page, "train-alert", /One picture alone cannot be learned/);
    // The same recording for two.
    await take(page, pictures[1]);
    await card(page, pictures[1]).locator("input").setInputFiles(file("a.wav", "audio/wav", wav(sounds[0])));
    await takes(page, pictures[1], 1);
    await page.click("#train");
    await says(page, "train-alert", /were taught the very same recording/);
    await page.click("#train-cancel");
    await says(page, "train-status", /^Cancelled\. Nothing has changed\.$/);
    // The browser refuses to keep what was made: it is not lost.
    await page.evaluate(() => {
      window.put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function () {
        this.transaction.abort();
      };
    });
    await card(page, pictures[1]).getByRole("button", { name: "Delete recording 1" }).click();
    await takes(page, pictures[1], 0);
    await page.evaluate(() => ([window.refuse, IDBObjectStore.prototype.put] = [IDBObjectStore.prototype.put, window.put]));
    await card(page, pictures[1]).locator("input").setInputFiles(file("b.wav", "audio/wav", wav(sounds[1])));
    await takes(page, pictures[1], 1);
    await page.click("#train");
    await made(page);
    await page.evaluate(() => (IDBObjectStore.prototype.put = window.refuse));
    await page.click("#taught-keep");
    await complaint("train-alert");
    assert.equal(await page.textContent("#train-alert button"), "Save as .hearsight");
    assert.ok(await page.isVisible("#taught-result"));
    await page.evaluate(() => (IDBObjectStore.prototype.put = window.put));
    await page.click("#taught-keep");
    await says(page, "train-status", /is kept and answers from now on/);
    await page.setInputFiles("#taught-open-input", file("foreign.hearsight", "application/octet-stream", Buffer.from("This is no such file.")));
    await says(page, "taught-status", /^This is not a file of something taught, or it is cut off\. /);
    await page.setInputFiles("#lesson-files-input", file("cut.zip", "application/zip", Buffer.from("PK\u0003\u0004cut")));
    await complaint("lesson-alert");
    await page.setInputFiles("#lesson-files-input", file("a.wav", "audio/wav", wav(sounds[0])));
    await says(page, "lesson-alert", /There is no table here/);
    await takes(page, pictures[0], 1);
    await takes(page, pictures[1], 1);
    assert.deepEqual(page.complaints, []);
  });
});

test("an engine that dies in the middle of a training leaves what was learned before", async () => {
  await visit({ path: "/?device=cpu#teach", prepare: keepWorkers }, async (page) => {
    await reach(page, "ready");
    await teachByFiles(page);
    await page.fill("[name=steps]", "3000");
    await page.click("#train");
    await page.waitForFunction(() => /Unfinished, step \d/.test(document.getElementById("taught-list").textContent), null, { timeout: PATIENCE });
    await page.evaluate(() => window.workers.at(-1).dispatchEvent(new ErrorEvent("error", { message: "killed by the test", cancelable: true })));
    await says(page, "train-alert", /The engine stopped at step \d/);
    assertPlain((await page.textContent("#train-alert")).replace(/ What it .*$/, ""));
    await reach(page, "ready");
    await page.getByRole("radio", { name: /^Unfinished, step/ }).check();
    await says(page, "taught-status", /answers from now on/);
    assert.equal((await searched(page, sounds[0]))[0], pictures[0]);
    await page.reload();
    await reach(page, "ready");
    await says(page, "taught-list", /Unfinished, step/);
    assert.ok(await page.isChecked('#taught-list li:nth-child(2) input'));
    assert.deepEqual(page.complaints, []);
  });
});

test("teaching fits a narrow window", async () => {
  await visit({ path: "/?device=cpu#teach", context: { viewport: { width: 390, height: 844 } } }, async (page) => {
    await reach(page, "ready");
    await teachByFiles(page);
    await screenshot(page, "teach-390");
    await page.fill("[name=views]", "");
    await page.click("#train");
    await says(page, "train-status", /^Step \d/);
    await page.locator("#train-running").scrollIntoViewIfNeeded();
    await screenshot(page, "teach-training-390");
    await made(page);
    await page.locator("#taught-result").scrollIntoViewIfNeeded();
    await screenshot(page, "teach-made-390");
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });
});

/** Runs in the page before its own scripts: keeps the workers within the test's reach. */
async function keepWorkers(page) {
  await page.addInitScript(() => {
    window.workers = [];
    const Real = window.Worker;
    window.Worker = class extends Real {
      constructor(...settings) {
        super(...settings);
        window.workers.push(this);
      }
    };
  });
}
