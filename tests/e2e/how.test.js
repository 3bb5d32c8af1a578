// The lesson "How it works": spoken once, walked with the keys of a clicker, and every number is of that clip.
import assert from "node:assert/strict";
import test from "node:test";
import { PATIENCE, assertPlain, finalRanking, onlyFull, reach, screenshot, visit } from "./browser.js";
import { clips } from "./sounds.js";

const STAGES = 9;

const title = (page) => page.textContent("#stage-title");
const facts = (page) => page.$$eval("#stage-facts > div", (items) => Object.fromEntries(items.map((item) => [item.children[0].textContent, item.children[1].textContent])));
const number = (text) => Number(text.replace("−", "-").replace(/[^\d.-]/g, ""));

/** Colours of the drawing: one would be an empty sheet. */
const colours = (page) =>
  page.$eval("#stage-canvas", (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4 * 97) found.add(data.subarray(at, at + 4).join());
    return found.size;
  });

/** Presses a key and waits until that stage stands there with its numbers. */
async function walk(page, key, stage) {
  await page.keyboard.press(key);
  await page.waitForFunction((wanted) => document.body.dataset.stage === String(wanted) && document.querySelectorAll("#stage-facts > div").length > 0 && document.getElementById("stage-status").textContent === "", stage, { timeout: PATIENCE });
}

for (const [width, height] of [[1280, 800], [390, 844]]) {
  test(`a class walks from the voice to the ranking, ${width} px`, { skip: width < 1280 && onlyFull("the same walk on a phone") }, () =>
    visit({ path: "/?device=cpu#how", context: { viewport: { width, height } } }, async (page) => {
      await reach(page, "ready");
      await page.keyboard.press("PageDown");
      assertPlain(await page.textContent("#stage-status"));
      assert.equal(await page.getAttribute("body", "data-stage"), "0");
      await page.locator(".example").first().click();
      const [best] = await finalRanking(page);
      await page.waitForSelector('body[data-stage="1"]');
      const titles = new Set();
      for (let stage = 1; stage <= STAGES; stage++) {
        await walk(page, stage === 1 ? "Shift" : "PageDown", stage);
        titles.add(await title(page));
        await page.waitForTimeout(300);
        await screenshot(page, `how-${stage}-${width}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `stage ${stage} is too wide`);
        if (stage < STAGES) assert.ok((await colours(page)) > 2, `stage ${stage} is empty`);
      }
      assert.equal(titles.size, STAGES);
      assert.equal(await page.locator("#stage-ranking li").count(), 10);
      const shown = await page.textContent("#stage-ranking li .title");
      assert.equal(shown, await page.$eval(`#wall li[data-id="${best}"] .title`, (item) => item.textContent));
      assert.deepEqual(page.complaints, []);
    }));
}

test("what is pointed at and what was said change the numbers; the score is the sum of its moments", () =>
  visit({ path: "/?device=cpu#how" }, async (page) => {
    await reach(page, "ready");
    await page.locator(".example").first().click();
    await finalRanking(page);
    await page.waitForSelector('body[data-stage="1"]');
    const sound = await (await walk(page, "Shift", 1), facts(page));
    await walk(page, "ArrowRight", 2);
    const frame = await facts(page);
    await page.keyboard.press("ArrowUp");
    assert.notDeepEqual(await facts(page), frame);
    for (let stage = 3; stage <= 8; stage++) await walk(page, "ArrowRight", stage);
    const box = await page.locator("#stage-canvas").boundingBox();
    await page.mouse.move(box.x + box.width - 1, box.y + box.height / 2);
    const [, , soFar, whole] = Object.values(await facts(page)).map(number);
    assert.ok(Math.abs(soFar - whole) < 0.002, `${soFar} of ${whole}`);
    const score = number(await page.$eval("#wall li .score", (item) => item.textContent));
    assert.ok(Math.abs(score - whole) < 0.006, `${score} on the wall, ${whole} here`);
    await page.keyboard.press("Home");
    await page.locator(".example").nth(1).click();
    await finalRanking(page);
    await page.waitForSelector('body[data-stage="1"]');
    await walk(page, "Shift", 1);
    assert.notDeepEqual(await facts(page), sound);
    assert.deepEqual(page.complaints, []);
  }));
