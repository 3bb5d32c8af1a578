// Sound files, good and bad, and an engine that dies.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { before } from "node:test";
import { alarm, assertPlain, finalRanking, reach, visit } from "./browser.js";
import { clips, decoded, file, joined, silence, wav } from "./sounds.js";

const clip = clips[0];
const ogg = await readFile(new URL(`../../www/examples/${clip.file}`, import.meta.url));
let speech;
before(async () => (speech = await decoded(clip.file)));

test("a chosen file and a dropped one are searched with, and can be played", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#file", file("speech.ogg", "audio/ogg", ogg));
    const chosen = await finalRanking(page);
    assert.ok(chosen.slice(0, 5).includes(clip.picture), `${clip.picture} came ${chosen.indexOf(clip.picture) + 1}th`);
    assert.ok(await page.isVisible("#play"));

    await page.getByRole("button", { name: "Show the whole wall again" }).click();
    assert.equal(await page.getAttribute("#wall", "data-ranking"), "rest");
    await page.evaluate((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], "speech.wav", { type: "audio/wav" }));
      for (const type of ["dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }, [...wav(speech)]);
    const dropped = await finalRanking(page);
    assert.ok(dropped.slice(0, 5).includes(clip.picture));
    assert.deepEqual(page.complaints, []);
  }));

test("a file that comes before the engine is ready is searched with afterwards", () =>
  visit({}, async (page) => {
    await page.setInputFiles("#file", file("speech.ogg", "audio/ogg", ogg));
    assert.ok((await finalRanking(page)).slice(0, 5).includes(clip.picture));
  }));

test("files that cannot be searched with get a sentence each, and the next one works", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    const long = [];
    for (let seconds = 0; seconds < 25; seconds += speech.length / 48_000 + 0.2) long.push(speech, silence(0.2));
    for (const bad of [
      file("broken.mp3", "audio/mpeg", Buffer.from("this is no sound at all")),
      file("cut.ogg", "audio/ogg", ogg.subarray(0, 60)),
      file("empty.wav", "audio/wav", Buffer.alloc(0)),
      file("nothing.wav", "audio/wav", wav(silence(0))),
      file("silent.wav", "audio/wav", wav(silence(2))),
      file("long.wav", "audio/wav", wav(joined(...long))),
    ]) {
      await page.evaluate(() => document.getElementById("alert").replaceChildren());
      await page.setInputFiles("#file", bad);
      const sentence = await alarm(page);
      assertPlain(sentence);
      if (bad.name === "long.wav") assert.match(sentence, /20 seconds/);
      await reach(page, "ready");
    }
    assert.deepEqual(page.complaints, []);
    await page.setInputFiles("#file", file("speech.ogg", "audio/ogg", ogg));
    await finalRanking(page);
    assert.equal(await page.textContent("#alert"), "");
  }));

/** Keeps the page's workers where a test can reach them. */
const keepWorkers = (page) => page.addInitScript(() => {
  window.workers = [];
  window.Worker = class extends Worker {
    constructor(...parts) {
      super(...parts);
      // Engines, not who helps one.
      if (!String(parts[0]).endsWith("/helper.js")) window.workers.push(this);
    }
  };
});

test("a graphics processor that is lost in the middle of a query costs neither the query nor the page", () =>
  visit({ prepare: keepWorkers }, async (page) => {
    await reach(page, "ready");
    await page.evaluate((samples) => {
      const clip = { samples: Float32Array.from(samples), sampleRate: 48_000 };
      window.workers[0].dispatchEvent(new MessageEvent("message", { data: { event: "crashed", reason: "device-lost", clip } }));
    }, [...speech]);
    assert.match(await alarm(page), /graphics processor/);
    assert.ok((await finalRanking(page)).slice(0, 5).includes(clip.picture));
    assert.deepEqual(page.complaints, []);
  }));

test("a dead worker is replaced without a second download, and the page goes on", () => {
  let downloads = 0;
  const prepare = async (page) => {
    page.on("request", (request) => (downloads += Number(/\.(wasm|safetensors)$/.test(request.url()))));
    await keepWorkers(page);
  };
  return visit({ prepare }, async (page) => {
    await reach(page, "ready");
    const before = downloads;
    await page.evaluate(() => window.workers[0].dispatchEvent(new ErrorEvent("error", { message: "unreachable", cancelable: true })));
    assertPlain(await alarm(page));
    await reach(page, "ready");
    assert.equal(await page.evaluate(() => window.workers.length), 2);
    assert.equal(downloads, before);
    assert.equal(await page.getAttribute("body", "data-device"), "cpu");
    await page.setInputFiles("#file", file("speech.ogg", "audio/ogg", ogg));
    await finalRanking(page);

    // In the middle of a search the sound is not lost.
    await page.evaluate(() => {
      const send = window.workers[1].postMessage;
      window.workers[1].postMessage = function (request, ...rest) {
        if (request.method === "search") this.dispatchEvent(new ErrorEvent("error", { cancelable: true }));
        else send.call(this, request, ...rest);
      };
      document.getElementById("wall").dataset.ranking = "before";
    });
    await page.setInputFiles("#file", file("speech.ogg", "audio/ogg", ogg));
    assert.ok((await finalRanking(page)).slice(0, 5).includes(clip.picture));
    assert.equal(await page.evaluate(() => window.workers.length), 3);
  });
});
