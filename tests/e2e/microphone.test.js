// The microphone that ends, is muted, stands still, never begins, or may not be used: noticed within three seconds, said in one
// sentence, and the way back works without a reload. And nothing goes on listening unseen.
import assert from "node:assert/strict";
import test, { before } from "node:test";
import { chromium } from "playwright-core";
import { BASE_URL, CHROMIUM, LAZY, PATIENCE, alarm, assertPlain, finalRanking, inBrowser, onlyFull, reach, screenshot, visit } from "./browser.js";
import { mirror } from "./mirror.js";
import { clips, decoded, joined, microphone, silence } from "./sounds.js";

const picture = clips[0].picture;
/** What the page may take to notice, with some room for a busy machine, in milliseconds. */
const SOON = 3500;
let speech;
let quiet;
before(async () => {
  speech = await decoded(clips[0].file);
  quiet = await microphone(joined(silence(60)));
});

/** Keeps tracks and contexts within the test's reach. */
const keepAll = (page) =>
  page.addInitScript(() => {
    window.tracks = [];
    window.contexts = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await open(wish);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
    window.AudioContext = class extends AudioContext {
      constructor(...settings) {
        super(...settings);
        window.contexts.push(this);
      }
    };
  });

const live = (page) => page.evaluate(() => window.tracks.filter(({ readyState }) => readyState === "live").length);
const says = (page, selector, pattern, timeout = SOON) =>
  page.waitForFunction(([selector, source]) => new RegExp(source).test(document.querySelector(selector)?.textContent ?? ""), [selector, pattern.source], { timeout });
const listens = (page) => says(page, "#status", /^Listening/, PATIENCE);
const end = () => {
  window.tracks.at(-1).stop();
  window.tracks.at(-1).dispatchEvent(new Event("ended"));
};

/** A card in the lesson, with Record pressed. */
async function record(page) {
  if (!(await page.locator(".lesson-card").count())) await page.locator(`#wall > li[data-id="${picture}"] .opener`).click();
  await page.locator(".lesson-card .record").focus();
  await page.keyboard.press("Space");
}

test("a microphone that ends, with an event or without one, is noticed, and Speak works again", () =>
  visit({ args: quiet, prepare: keepAll }, async (page) => {
    await reach(page, "ready");
    for (const act of [end, end, () => window.tracks.at(-1).stop(), () => window.tracks.at(-1).stop()]) {
      await page.click("#speak");
      await listens(page);
      await page.waitForTimeout(300);
      await page.evaluate(act);
      await page.waitForSelector('body[data-state="ready"]', { timeout: SOON });
      const sentence = await alarm(page);
      assertPlain(sentence);
      assert.match(sentence, /microphone is gone/);
      assert.equal(await live(page), 0);
    }
    assert.deepEqual(page.complaints, []);
  }));

test("what was said before the microphone ended is searched with, and it is said why it is cut", async () => {
  const args = await microphone(joined(silence(0.4), speech, speech, speech, silence(20)));
  await visit({ args, prepare: keepAll }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    await page.waitForFunction(() => window.seen.rankings.some(({ kind }) => kind === "live"), null, { timeout: PATIENCE });
    await page.waitForTimeout(800);
    await page.evaluate(end);
    await says(page, "#alert", /microphone is gone/);
    await finalRanking(page);
    assert.match(await page.textContent("#alert"), /microphone is gone/);
    await screenshot(page, "microphone-gone-1280");
    assert.deepEqual(page.complaints, []);
  });
});

test("permission that is taken back is noticed", async () => {
  const args = quiet.filter((one) => one !== "--use-fake-ui-for-media-stream");
  // A browser without windows does not take it back.
  await visit({ args, prepare: keepAll, whole: true }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    await listens(page);
    await page.context().clearPermissions();
    await says(page, "#alert", /microphone is gone/);
    await page.waitForSelector('body[data-state="ready"]', { timeout: SOON });
  });
});

/** A microphone that is muted until `window.muted` says otherwise. */
const mute = (page) =>
  page.addInitScript(() => {
    window.muted = true;
    window.tracks = [];
    navigator.mediaDevices.getUserMedia = async () => {
      const [track] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
      Object.defineProperty(track, "muted", { get: () => window.muted });
      window.tracks.push(track);
      return new MediaStream([track]);
    };
  });

test("a muted microphone is said to be muted, not far away; and switched on, it is listened to", () =>
  visit({ prepare: mute }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    await says(page, "#alert", /microphone is muted/, PATIENCE);
    assertPlain(await alarm(page));
    await screenshot(page, "microphone-muted-1280");
    await page.click("#speak");
    await reach(page, "ready");
    assert.match(await alarm(page), /microphone is muted/);
    await page.click("#speak");
    await says(page, "#alert", /microphone is muted/, PATIENCE);
    await page.evaluate(() => (window.muted = false));
    await says(page, "#alert", /^$/);
    assert.equal(await page.getAttribute("body", "data-state"), "listening");
    await page.click("#speak");
    assert.match(await alarm(page), /No speech was heard/);
    // On Teach it too.
    await page.evaluate(() => ([window.muted, location.hash] = [true, "#teach"]));
    await record(page);
    await says(page, ".lesson-card .note", /microphone is muted/, PATIENCE);
    await page.keyboard.press("Space");
    await page.waitForTimeout(1000);
    assert.match(await page.textContent(".lesson-card .note"), /microphone is muted/);
    assert.deepEqual(page.complaints, []);
  }));

test("sound that is suspended goes on, or it is said that it does not", () =>
  visit({ args: quiet, prepare: keepAll }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    await listens(page);
    await page.evaluate(() => window.contexts.at(-1).suspend());
    await page.waitForFunction(() => window.contexts.at(-1).state === "running", null, { timeout: SOON });
    const before = Number.parseFloat(await page.textContent("#seconds"));
    await page.waitForFunction((before) => Number.parseFloat(document.getElementById("seconds").textContent) > before + 0.5, before, { timeout: PATIENCE });
    // One that cannot be resumed.
    await page.evaluate(() => {
      const context = window.contexts.at(-1);
      context.resume = () => new Promise(() => {});
      return context.suspend();
    });
    await says(page, "#alert", /gives no sound/);
    await page.waitForSelector('body[data-state="ready"]', { timeout: SOON });
    assert.equal(await live(page), 0);
    await page.click("#speak");
    await listens(page);
    assert.deepEqual(page.complaints, []);
  }));

for (const [what, never] of [
  ["resumes", () => (AudioContext.prototype.resume = () => new Promise(() => {}))],
  ["loads its worklet", () => (AudioWorklet.prototype.addModule = () => new Promise(() => {}))],
]) {
  test(`sound that never ${what} gets a sentence, and the microphone is let go`, () =>
    visit({
      args: quiet,
      prepare: async (page) => {
        await keepAll(page);
        await page.addInitScript(never);
      },
    }, async (page) => {
      await reach(page, "ready");
      await page.click("#speak");
      await page.waitForFunction(() => window.tracks.length === 1);
      await says(page, "#alert", /gives no sound/);
      assertPlain(await alarm(page));
      assert.equal(await live(page), 0);
      await page.waitForSelector('body[data-state="ready"]', { timeout: SOON });
      // Stopped in between, it is let go at once.
      await page.click("#speak");
      await page.waitForFunction(() => window.tracks.length === 2);
      await page.click("#speak");
      assert.equal(await live(page), 0);
      // On Teach it too.
      await page.evaluate(() => (location.hash = "#teach"));
      await record(page);
      await says(page, ".lesson-card .note", /gives no sound/);
      assert.equal(await live(page), 0);
      await record(page);
      await page.waitForFunction(() => window.tracks.length === 4);
      await page.keyboard.press("Space");
      assert.equal(await live(page), 0);
      assert.deepEqual(page.complaints, []);
    }));
}

test("a browser that does not answer though it may is said to be late, and Stop works", () =>
  visit({ args: quiet, prepare: (page) => page.addInitScript(() => (navigator.mediaDevices.getUserMedia = () => new Promise(() => {}))) }, async (page) => {
    await reach(page, "ready");
    await page.click("#speak");
    await says(page, "#alert", /has not answered yet/);
    await page.click("#speak");
    assert.equal(await page.getAttribute("body", "data-state"), "ready");
    assert.equal(await page.textContent("#alert"), "");
  }));

test("a recording whose microphone ends, or stands still, is kept as far as it goes and says so", async () => {
  const args = await microphone(joined(silence(0.4), speech, silence(60)));
  await visit({ path: "/?device=cpu#teach", args, prepare: keepAll }, async (page) => {
    await reach(page, "ready");
    await record(page);
    await says(page, ".lesson-card .note", /Recording, [2-9]\.\d s/, PATIENCE);
    await page.evaluate(end);
    await page.waitForSelector(".lesson-card .takes li", { timeout: PATIENCE });
    await says(page, ".lesson-card .note", /microphone is gone/);
    assert.equal(await live(page), 0);
    // Silence alone is no recording.
    await record(page);
    await says(page, ".lesson-card .note", /Recording, 0\.[5-9]/, PATIENCE);
    await page.evaluate(end);
    await says(page, ".lesson-card .note", /microphone is gone/);
    assert.equal(await page.locator(".lesson-card .takes li").count(), 1);
    assert.equal(await page.textContent(".lesson-card .record"), "Record");
    assert.deepEqual(page.complaints, []);
  });
});

test("a page that is left lets go of the microphone, and comes back ready", async () => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, ignoreDefaultArgs: ["--disable-back-forward-cache"], args: ["--no-sandbox", ...quiet] });
  try {
    const context = await browser.newContext({ permissions: ["microphone"], serviceWorkers: "block" });
    const page = await context.newPage();
    await page.goto(`${BASE_URL}/?device=cpu`, { timeout: PATIENCE });
    await reach(page, "ready");
    await page.evaluate(() => addEventListener("pageshow", ({ persisted }) => (window.persisted = persisted)));
    await page.click("#speak");
    await listens(page);
    await page.evaluate(() => document.querySelector("[data-text=credits-list]").click());
    await page.waitForURL(/LICENSE/, { waitUntil: "commit", timeout: PATIENCE });
    await page.waitForTimeout(1000);
    await page.evaluate(() => history.back());
    await page.waitForSelector('body[data-state="ready"]', { timeout: PATIENCE });
    assert.doesNotMatch(await page.textContent("#status"), /Listening/);
    await page.click("#speak");
    await listens(page);
    await says(page, "#seconds", /^[1-9]/, PATIENCE);
  } finally {
    await browser.close();
  }
});

test("where Speak is out of sight, nothing listens", () =>
  visit({ args: quiet, prepare: keepAll }, async (page) => {
    await reach(page, "ready");
    for (const leave of [
      () => page.click(".go-teach"),
      async () => {
        await page.click(".go-how");
        await page.evaluate(() => (document.body.dataset.stage = "3"));
      },
    ]) {
      await page.evaluate(() => (location.hash = ""));
      await page.click("#speak");
      await listens(page);
      await leave();
      await page.waitForSelector('body[data-state="ready"]', { timeout: 1500 });
      assert.equal(await live(page), 0);
    }
    // In sight, it goes on.
    await page.evaluate(() => (location.hash = ""));
    await page.click("#speak");
    await listens(page);
    await page.click(".go-compare");
    await page.waitForTimeout(800);
    assert.equal(await page.getAttribute("body", "data-state"), "listening");
    await page.click("#speak");
    await reach(page, "ready");
    // And a recording ends when another tab is looked at.
    await page.evaluate(() => (location.hash = "#teach"));
    await record(page);
    await says(page, ".lesson-card .note", /Recording, 0\.[5-9]/, PATIENCE);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    assert.equal(await live(page), 0);
    assert.deepEqual(page.complaints, []);
  }));

/** A page of another origin that frames this one. @param {(page: import("playwright-core").Page, frame: import("playwright-core").Frame, address: string) => Promise<void>} story */
const framed = (allow, story) =>
  mirror({}, (site) =>
    mirror({ folders: [], pages: { "/": `<!doctype html><title>Host</title><style>iframe { width: 100%; height: 90vh }</style><iframe src="${site}/?device=cpu" ${allow}></iframe>` } }, async (host) => {
      await inBrowser([LAZY, ...quiet], async (browser) => {
        const page = await browser.newPage({ serviceWorkers: "block" });
        try {
          await page.goto(host, { timeout: PATIENCE });
          const frame = await (await page.waitForSelector("iframe")).contentFrame();
          await reach(frame, "ready");
          await story(page, frame, `${site}/?device=cpu`);
        } finally {
          await page.close();
        }
      });
    }));

test("a frame that may not use the microphone says so, with the way out", () =>
  framed("", async (page, frame, address) => {
    assert.match(await frame.textContent("#status"), /Choose a sound file/);
    await frame.click("#speak");
    await says(frame, "#alert", /^This frame may not use the microphone: open the page in its own tab\./);
    assert.equal(await frame.getAttribute("#alert a", "href"), address);
    assert.equal(await frame.getAttribute("#alert a", "target"), "_blank");
    await screenshot(page, "frame-1280");
    await frame.evaluate(() => (location.hash = "#teach"));
    await record({ locator: (selector) => frame.locator(selector), keyboard: page.keyboard });
    await says(frame, ".lesson-card .note", /^This frame may not use the microphone/);
    await frame.evaluate(() => {
      document.getElementById("own").open = true;
      document.getElementById("own-photo").click();
    });
    await says(frame, "#own-status", /^This frame may not use the camera/);
  }));

test("a frame that may use the microphone listens", () =>
  framed('allow="microphone; camera"', async (_, frame) => {
    await frame.click("#speak");
    await says(frame, "#status", /^Listening/, PATIENCE);
  }));

for (const [what, script] of [
  ["without mediaDevices", () => Object.defineProperty(navigator, "mediaDevices", { value: undefined })],
  ["that never heard of them", () => delete Navigator.prototype.mediaDevices],
  ["whose mediaDevices ask nobody", () => (MediaDevices.prototype.getUserMedia = undefined)],
]) {
  const skip = what !== "without mediaDevices" && onlyFull("the others are told the same way");
  test(`a browser ${what} is told where there is a microphone`, { skip }, () =>
    visit({ prepare: (page) => page.addInitScript(script) }, async (page) => {
      await reach(page, "ready");
      assert.match(await page.textContent("#status"), /Choose a sound file/);
      await page.click("#speak");
      const sentence = await alarm(page);
      assertPlain(sentence);
      assert.match(sentence, /^This browser has no microphone: open the page in Safari or Chrome/);
      await page.evaluate(() => (location.hash = "#teach"));
      await record(page);
      await says(page, ".lesson-card .note", /^This browser has no microphone/);
      await page.evaluate(() => {
        document.getElementById("own").open = true;
        document.getElementById("own-photo").click();
      });
      await says(page, "#own-status", /^This browser has no camera/);
      assert.deepEqual(page.complaints, []);
    }));
}
