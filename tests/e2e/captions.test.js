// Picture to speech: the captions beside a photograph, what they play, and the way to photographs like it.
import assert from "node:assert/strict";
import test from "node:test";
import { finalRanking, order, PATIENCE, reach, screenshot, visit } from "./browser.js";

const rows = (page) => page.$$eval("#picture-captions > li", (items) => items.map((item) => ({
  own: "own" in item.dataset,
  words: item.querySelector(".words").textContent,
  made: item.querySelector(".made").textContent,
  score: Number(item.querySelector(".nearness").textContent.replace("−", "-")),
})));

/** Opens a photograph of the wall and waits for its captions. */
async function open(page, place) {
  await page.locator("#wall button").nth(place).click();
  await page.waitForFunction(() => document.querySelectorAll("#picture-captions > li").length === 5, null, { timeout: PATIENCE });
  return rows(page);
}

test("a photograph is described by the spoken captions nearest to it", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    let described = 0;
    for (let place = 0; place < 8; place++) {
      const captions = await open(page, place);
      captions.forEach(({ score }, index) => assert.ok(index === 0 || score <= captions[index - 1].score, "best first"));
      assert.ok(captions.every(({ words, made }) => words.length > 3 && made.length > 3));
      if (captions.some(({ own }) => own)) described++;
      if (place === 0) await screenshot(page, "captions-1280");
      await page.keyboard.press("Escape");
    }
    assert.ok(described >= 5, `${described} of 8 have a caption of their own among five`);
    assert.deepEqual(page.complaints, []);
  }));

test("a caption is fetched when it is played and not before, and stops when the photograph is closed", () =>
  visit({ prepare: (page) => page.on("request", (request) => request.url().endsWith(".opus") && (page.fetched ??= []).push(request.url())) }, async (page) => {
    await reach(page, "ready");
    await open(page, 0);
    assert.equal(page.fetched, undefined);
    const say = page.locator(".say").first();
    await say.click();
    assert.equal(await say.getAttribute("aria-pressed"), "true");
    await page.waitForFunction(() => !document.querySelector(".say").ariaPressed, null, { timeout: PATIENCE });
    assert.equal(page.fetched.length, 1);
    await say.click();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector(".say").ariaPressed, null, { timeout: 2000 });
    assert.deepEqual(page.complaints, []);
  }));

test("the library is kept out of the way until a photograph is opened, and its absence gets a sentence", () =>
  visit({ prepare: (page) => page.route("**/captions.safetensors", (route) => route.abort()) }, async (page) => {
    await reach(page, "ready");
    await page.locator("#wall button").nth(2).click();
    await page.waitForFunction(() => document.getElementById("picture-captions-note").textContent.includes("could not be downloaded"), null, { timeout: PATIENCE });
    await page.unroute("**/captions.safetensors");
    await page.keyboard.press("Escape");
    assert.equal((await open(page, 2)).length, 5);
  }));

test("a photograph leads to those like it", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    await open(page, 5);
    const [resting, title] = [await order(page), await page.textContent("#picture-title")];
    await page.click("#picture-alike");
    const ranked = await finalRanking(page);
    assert.equal(ranked[0], resting[5]);
    assert.notDeepEqual(ranked, resting);
    assert.ok((await page.textContent("#status")).includes(title));
    assert.equal(await page.isVisible("#picture"), false);
  }));

test("what the visitor says joins the library", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    // One that is nearer to its photograph than all but a few of the captions are.
    await page.locator(".example").nth(2).click();
    await finalRanking(page);
    const captions = await open(page, 0);
    assert.ok(captions.some(({ made }) => made.startsWith("Your recording")), JSON.stringify(captions));
    assert.ok(captions.some(({ made }) => !made.startsWith("Your recording")));
  }));

test("the captions fit a narrow window", () =>
  visit({ context: { viewport: { width: 390, height: 844 } } }, async (page) => {
    await reach(page, "ready");
    await open(page, 1);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await page.locator("#picture-captions-note").scrollIntoViewIfNeeded();
    await screenshot(page, "captions-390");
  }));
