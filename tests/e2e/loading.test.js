// From an address to a page that listens.
import assert from "node:assert/strict";
import test from "node:test";
import { MOVING, PATIENCE, alarm, assertPlain, finalRanking, onlyFull, order, reach, screenshot, visit } from "./browser.js";
import { clips } from "./sounds.js";

const slow = (page) => page.route("**/student.safetensors", async (route) => {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await route.continue();
});

test("the page can be read and the wall be looked at before the program arrives", () =>
  visit({ seen: true, prepare: (page) => page.route("**/pkg/**", () => {}) }, async (page) => {
    await page.waitForSelector("#wall > li");
    for (const heading of ["Say what you see.", "How to use it", "How it works", "Nothing leaves your browser", "Credits"]) {
      assert.ok(await page.getByRole("heading", { name: heading }).isVisible(), heading);
    }
    // What is in the upper part of the window comes at once, the rest in sight behind it.
    await page.waitForFunction(() => document.querySelector("#wall img").complete);
    await page.waitForFunction(() => [...document.querySelectorAll("#wall img")].every((image) => image.src || image.getBoundingClientRect().top >= innerHeight));
    const pictures = await page.$$eval("#wall img", (images) => images.map((image) => {
      const { alt, src, width, height } = image;
      const { top, bottom } = image.getBoundingClientRect();
      return { alt, src, width, height, seen: bottom > 0 && top < innerHeight, far: top > 2 * innerHeight };
    }));
    assert.ok(pictures.length > 300);
    assert.ok(pictures.every(({ alt, width, height }) => alt.length > 5 && width > 0 && height > 0));
    assert.ok(pictures.every(({ src, seen, far }) => (!seen || src) && (!far || !src)), "what is far away is not fetched yet");
    await page.locator("#wall img").last().scrollIntoViewIfNeeded();
    await page.waitForFunction(() => [...document.querySelectorAll("#wall img")].at(-1).naturalWidth > 0);
    await page.locator("#wall button").first().click();
    assert.ok(await page.locator("#picture-licence").isVisible());
    assert.ok(await page.isDisabled("#speak"));
  }));

test("the page can be read without any script", () =>
  visit({ context: { javaScriptEnabled: false } }, async (page) => {
    assert.ok(await page.getByRole("heading", { name: "How it works" }).isVisible());
    // Chromium shows what is in <noscript> only where scripts were off from the start.
    assert.match(await page.textContent("noscript"), /This page needs JavaScript/);
  }));

test("loading shows its progress, ends in ready, shifts nothing and complains of nothing", () =>
  visit({ prepare: slow, context: MOVING }, async (page) => {
    await page.waitForFunction(() => /^Downloading [\d.]+ of [\d.]+ MB$/.test(document.getElementById("status").textContent));
    assert.ok(await page.evaluate(() => document.getElementById("progress").max > 1000));
    await reach(page, "ready");
    assert.match(await page.textContent("#status"), /^Ready\. Press Speak/);
    assert.equal(await page.getAttribute("body", "data-device"), "cpu");
    assert.match(await page.textContent("#device"), /^Running on: CPU/);
    assert.ok((await page.evaluate(() => window.seen.states)).includes("preparing"));
    await page.waitForTimeout(500);
    assert.ok((await page.evaluate(() => window.seen.shift)) < 0.05, `shift ${await page.evaluate(() => window.seen.shift)}`);
    // A page that rests draws nothing; the bar's movement is inside it, where nobody can ask for it.
    assert.deepEqual(await page.evaluate(() => [document.getAnimations().length, document.getElementById("progress").getClientRects().length]), [0, 0]);
    assert.deepEqual(page.complaints, []);
    await screenshot(page, "ready-1280");
  }));

for (const [what, answer] of [
  ["of the wrong size", { body: "too short" }],
  ["that are missing", { status: 404, body: "nothing" }],
]) {
  const skip = what === "that are missing" && onlyFull("those of the wrong size go the same way");
  test(`weights ${what} get a sentence, and Try again goes on from there`, { skip }, () => {
    let spoilt = true;
    const prepare = (page) => page.route("**/student.safetensors", (route) => (spoilt ? route.fulfill(answer) : route.continue()));
    return visit({ prepare }, async (page) => {
      await reach(page, "failed");
      assertPlain(await alarm(page));
      assert.ok((await order(page)).length > 300);
      spoilt = false;
      await page.getByRole("button", { name: "Try again" }).click();
      await reach(page, "ready");
      assert.equal(await page.textContent("#alert"), "");
    });
  });
}

test("the student answers while the whole network is on its way, which then takes over", () => {
  let arrive;
  const held = new Promise((resolve) => (arrive = resolve));
  const prepare = (page) => page.route("**/speech.safetensors", async (route) => {
    await held;
    await route.continue();
  });
  return visit({ prepare }, async (page) => {
    await page.waitForSelector('body[data-state="ready"][data-network="student"]', { timeout: PATIENCE });
    assert.match(await page.textContent("#device"), /A small network answers first/);
    await page.locator(".example").first().click();
    await page.waitForSelector('body[data-state="ready"] #wall[data-ranking="final"]', { timeout: PATIENCE });
    assert.match(await page.textContent("#status"), /^Not sure/);
    const first = await order(page);
    arrive();
    await reach(page, "ready");
    assert.doesNotMatch(await page.textContent("#device"), /small network/);
    const again = await finalRanking(page);
    assert.notDeepEqual(again, first, "what only the student has heard is asked again");
    assert.ok(again.slice(0, 5).includes(clips[0].picture));
    assert.deepEqual(page.complaints, []);
  });
});

test("where the whole network does not arrive, the student goes on answering and Try again fetches it", () => {
  let spoilt = true;
  const prepare = (page) => page.route("**/speech.safetensors", (route) => (spoilt ? route.fulfill({ body: "too short" }) : route.continue()));
  return visit({ prepare }, async (page) => {
    const sentence = await alarm(page);
    assertPlain(sentence);
    assert.match(sentence, /smaller network answers/);
    assert.ok(await page.isEnabled("#speak"));
    spoilt = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await reach(page, "ready");
    assert.equal(await page.textContent("#alert"), "");
  });
});

test("without WebAssembly the visitor is told what to do", () =>
  visit({ prepare: (page) => page.addInitScript(() => delete window.WebAssembly) }, async (page) => {
    await reach(page, "failed");
    const sentence = await alarm(page);
    assertPlain(sentence);
    assert.match(sentence, /WebAssembly/);
    assert.deepEqual(page.complaints, []);
  }));

test("a graphics processor that was asked for and is not there gets a sentence and a way on", () =>
  visit({ path: "/?device=gpu" }, async (page) => {
    await reach(page, "failed");
    assertPlain(await alarm(page));
    await page.getByRole("button", { name: "Go on with the processor" }).click();
    await reach(page, "ready");
    assert.equal(await page.getAttribute("body", "data-device"), "cpu");
    await page.locator(".example").first().click();
    await finalRanking(page);
  }));
