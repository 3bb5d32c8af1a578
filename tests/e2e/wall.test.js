// The wall: order, focus, motion, narrow windows.
import assert from "node:assert/strict";
import test from "node:test";
import { MOVING, finalRanking, order, reach, screenshot, visit, onlyFull } from "./browser.js";

const NARROW = { viewport: { width: 390, height: 844 } };

async function search(page, example = 0) {
  await reach(page, "ready");
  await page.locator(".example").nth(example).click();
  return finalRanking(page);
}

test("the document's order is the ranking's, seen and read alike", () =>
  visit({ seen: true, context: MOVING }, async (page) => {
    await reach(page, "ready");
    const resting = await order(page);
    const ranked = await search(page);
    // Of an answer what is around what is seen is there, each once, and says how many there are.
    assert.equal(new Set(ranked).size, ranked.length);
    assert.ok(ranked.length >= 60 && ranked.length < 200, `${ranked.length}`);
    assert.equal(await page.evaluate(() => document.querySelector("#wall > li").ariaSetSize), String(resting.length));
    const first = await page.$$eval("#wall > li", (items) => items.slice(0, 12).map((item) => ({
      rank: Number(item.querySelector(".rank").textContent),
      score: Number(item.dataset.score),
      shown: item.querySelector(".score").textContent,
      area: item.clientWidth * item.clientHeight,
    })));
    first.forEach(({ rank, score, shown }, index) => {
      assert.equal(rank, index + 1);
      assert.match(shown, /^−?\d\.\d\d$/);
      if (index > 0) assert.ok(score <= first[index - 1].score);
    });
    assert.ok(first[0].area > 3 * first[1].area && first[1].area > 2 * first[11].area);
    // From left to right and from top to bottom.
    await page.waitForTimeout(600);
    const places = await page.$$eval("#wall > li", (items) => items.map((item) => item.getBoundingClientRect()).map(({ x, y }) => ({ x, y })));
    for (let index = 13; index < places.length; index++) {
      const [one, other] = [places[index - 1], places[index]];
      assert.ok(other.y > one.y + 1 || (Math.abs(other.y - one.y) < 1 && other.x > one.x), `place ${index}`);
    }
    await page.click("#reset");
    assert.deepEqual(await order(page), resting);
  }));

test("a new order takes the focus from nobody", () =>
  visit({ seen: true, context: MOVING }, async (page) => {
    await reach(page, "ready");
    await page.locator("#wall button").nth(40).focus();
    const focused = () => page.evaluate(() => document.activeElement.closest("li")?.dataset.id);
    const before = await focused();
    await page.evaluate(() => document.querySelectorAll(".example")[1].dispatchEvent(new MouseEvent("click", { bubbles: true })));
    await finalRanking(page);
    assert.equal(await focused(), before);
  }));

test("photographs glide by transform, and not where motion is unwelcome", async () => {
  for (const reducedMotion of ["no-preference", "reduce"]) {
    await visit({ context: { reducedMotion } }, async (page) => {
      await page.evaluate(() => {
        window.glides = 0;
        const animate = Element.prototype.animate;
        Element.prototype.animate = function (...parts) {
          window.glides++;
          return animate.apply(this, parts);
        };
      });
      await search(page);
      const glides = await page.evaluate(() => window.glides);
      if (reducedMotion === "reduce") assert.equal(glides, 0);
      else assert.ok(glides > 5 && glides < 150, `${glides} glides`);
    });
  }
});

test("a photograph opens with its author, licence and source, and gives the focus back", () =>
  visit({ seen: true, context: MOVING }, async (page) => {
    await page.waitForSelector("#wall > li");
    await page.locator("#wall button").nth(3).focus();
    await page.keyboard.press("Enter");
    for (const part of ["title", "alt", "author", "licence", "source"]) assert.notEqual(await page.textContent(`#picture-${part}`), "");
    await screenshot(page, "picture-1280");
    await page.keyboard.press("Escape");
    assert.ok(!(await page.isVisible("#picture")));
    assert.equal(await page.evaluate(() => document.activeElement.closest("li")?.matches(":nth-child(4)")), true);
  }));

for (const colorScheme of ["light", "dark"]) {
  test(`a narrow window needs no sideways scrolling, ${colorScheme}`, { skip: colorScheme === "dark" && onlyFull("colours take no room") }, () =>
    visit({ context: { ...NARROW, colorScheme } }, async (page) => {
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      await reach(page, "ready");
      assert.ok(await fits());
      assert.ok((await page.evaluate(() => window.seen.shift)) < 0.05);
      await screenshot(page, `ready-390-${colorScheme}`);
      await search(page, 1);
      assert.ok(await fits());
      await page.waitForTimeout(900);
      const box = await page.locator("#wall > li").first().boundingBox();
      assert.ok(box.y >= 0 && box.y + box.height <= 844, "the best match is in sight");
      await screenshot(page, `found-390-${colorScheme}`);
    }));
}
