// Speaking: a fake microphone plays a clip of a voice that no network was trained on.
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { MOVING, ONLY_FULL, PATIENCE, alarm, assertPlain, finalRanking, order, reach, screenshot, visit } from "./browser.js";
import { clips, decoded, joined, microphone, silence } from "./sounds.js";

const clip = clips[0];
let speech;
before(async () => (speech = await decoded(clip.file)));

for (const device of ["cpu", "gpu"]) {
  test(`what is spoken brings its picture forward, on the ${device}`, { skip: device === "gpu" && ONLY_FULL }, async () => {
    const args = await microphone(joined(silence(0.7), speech, silence(2.5)));
    await visit({ path: `/?device=${device}`, gpu: device === "gpu", args, context: MOVING }, async (page) => {
      await reach(page, "ready");
      assert.equal(await page.getAttribute("body", "data-device"), device);
      await page.click("#speak");
      await reach(page, "listening");
      // Nobody presses Stop: the silence ends it.
      const ranked = await finalRanking(page);
      const rankings = await page.evaluate(() => window.seen.rankings);
      const live = rankings.filter(({ kind }) => kind === "live").length;
      assert.ok(ranked.slice(0, 5).includes(clip.picture), `${clip.picture} came ${ranked.indexOf(clip.picture) + 1}th`);
      assert.ok(live >= (device === "cpu" ? 2 : 1), `${live} live rankings`);
      assert.match(await page.textContent("#status"), /^Best match: .+, then .+ and .+\.$/);
      assert.ok(Number(await page.getAttribute("#wall", "data-milliseconds")) >= 0);
      assert.deepEqual(page.complaints, []);
      if (device === "cpu") {
        await page.waitForTimeout(600);
        await screenshot(page, "spoken-1280");
        await page.getByRole("button", { name: "Play what I said" }).click();
        assert.equal(await page.textContent("#play"), "Stop playing");
        // At once again.
        await page.click("#speak");
        await reach(page, "listening");
        await page.keyboard.press("Escape");
        await reach(page, "ready");
        assert.equal(await page.getAttribute("#wall", "data-ranking"), "rest");
      }
    });
  });
}

/** The shortest way to an answer on WebGPU, which minutes go into in software; with --full tests/web.rs has the whole network there. */
test("the student answers on the gpu as on the processor", async () => {
  const [onGpu, onCpu] = [await studentsOrder("gpu"), await studentsOrder("cpu")];
  assert.ok(onCpu.slice(0, 10).includes(clip.picture));
  assert.deepEqual(onGpu.slice(0, 10), onCpu.slice(0, 10));
});

/** The wall as the student orders it for the first example; the whole network never comes. */
const studentsOrder = (device) =>
  visit({ path: `/?device=${device}`, gpu: device === "gpu", prepare: (page) => page.route("**/speech.safetensors", () => {}) }, async (page) => {
    await page.waitForSelector('body[data-state="ready"][data-network="student"]', { timeout: 2 * PATIENCE });
    assert.equal(await page.getAttribute("body", "data-device"), device);
    await page.locator(".example").first().click();
    await page.waitForSelector('body[data-state="ready"] #wall[data-ranking="final"]', { timeout: PATIENCE });
    assert.deepEqual(page.complaints, []);
    return order(page);
  });

test("the button stops, by keyboard too, and the microphone is let go", async () => {
  const args = await microphone(joined(silence(0.3), speech, speech, speech, speech));
  await visit({ args, prepare: keepTracks }, async (page) => {
    await reach(page, "ready");
    await page.focus("#speak");
    await page.keyboard.press("Space");
    await page.waitForFunction(() => window.seen.rankings.some(({ kind }) => kind === "live"), null, { timeout: 60_000 });
    await page.waitForTimeout(900);
    await screenshot(page, "listening-1280");
    await page.keyboard.press("Enter");
    await finalRanking(page);
    assert.deepEqual(await page.evaluate(() => window.tracks.map((track) => track.readyState)), ["ended"]);
  });
});

test("a page that is left finishes what was begun", async () => {
  const args = await microphone(joined(silence(0.3), speech, speech, speech, speech));
  await visit({ args, prepare: keepTracks }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    await page.waitForFunction(() => window.seen.rankings.length > 0, null, { timeout: 60_000 });
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await finalRanking(page);
    assert.deepEqual(await page.evaluate(() => window.tracks.map((track) => track.readyState)), ["ended"]);
  });
});

test("silence gets a sentence", async () => {
  const args = await microphone(silence(3));
  await visit({ args }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    await reach(page, "listening");
    await page.waitForTimeout(1500);
    await page.click("#speak");
    assertPlain(await alarm(page));
    await reach(page, "ready");
    assert.deepEqual(page.complaints, []);
  });
});

test("a microphone that is refused gets a sentence, and files still work", () =>
  visit({ permissions: [], args: ["--use-fake-device-for-media-stream"] }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    assertPlain(await alarm(page));
    await reach(page, "ready");
    await page.locator(".example").first().click();
    await finalRanking(page);
    assert.equal(await page.textContent("#alert"), "");
    assert.deepEqual(page.complaints, []);
  }));

test("a microphone that is not there gets a sentence", () =>
  visit({ prepare: refuse("NotFoundError") }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    assertPlain(await alarm(page));
  }));

const refuse = (name) => (page) =>
  page.addInitScript((error) => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException("refused", error);
    };
  }, name);

function keepTracks(page) {
  return page.addInitScript(() => {
    window.tracks = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await open(wish);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  });
}
