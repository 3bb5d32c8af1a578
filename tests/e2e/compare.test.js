// The view "Compare": two systems on one clip, and two losses from one start.
import assert from "node:assert/strict";
import test from "node:test";
import { PATIENCE, finalRanking, reach, screenshot, visit } from "./browser.js";

const ids = (page, wall) => page.$$eval(`#${wall} li`, (items) => items.map((item) => item.dataset.id));
const figures = (page, loss) => page.$$eval(`#figures-${loss} dd`, (items) => items.map((item) => item.textContent));
const step = async (page) => Number((await page.textContent("#experiment-status")).match(/\d+/)?.[0]);

test("a system of the poster is fetched when it is chosen and answers the same clip beside what ships", () => {
  const fetched = [];
  const prepare = (page) => page.on("request", (request) => fetched.push(...(request.url().match(/systems\/p\d/) ?? [])));
  return visit({ path: "/?device=cpu#compare", prepare }, async (page) => {
    await reach(page, "ready");
    await page.locator(".example").first().click();
    const order = await finalRanking(page);
    assert.deepEqual(fetched, []);
    const walls = new Set();
    for (const name of ["p0", "p1", "p2"]) {
      await page.selectOption("#system", name);
      await page.waitForFunction(() => document.querySelectorAll("#system-wall li").length === 12, null, { timeout: PATIENCE });
      walls.add((await ids(page, "system-wall")).join());
      assert.match(await page.textContent("#system-facts"), /parameters, trained on 29,980 clips about 5,996 photographs.* 1,000 photographs.*(prints 3[25] % among ten of 1024|has not survived)/);
    }
    assert.deepEqual(fetched, ["systems/p0", "systems/p1", "systems/p2"]);
    assert.equal(walls.size, 3, "three systems answer in three ways");
    assert.deepEqual(await ids(page, "shipped-wall"), order.slice(0, 12));
    await screenshot(page, "compare-1280");
    assert.deepEqual(page.complaints, []);
  });
});

test("both losses start alike, are run, paused and started anew", () =>
  visit({ path: "/?device=cpu#compare", context: { viewport: { width: 390, height: 844 } } }, async (page) => {
    await reach(page, "ready");
    await page.click("#experiment-step");
    await page.waitForFunction(() => /\b1\b/.test(document.getElementById("experiment-status").textContent), null, { timeout: PATIENCE });
    await page.click("#experiment-run");
    await page.waitForFunction(() => Number(document.getElementById("experiment-status").textContent.match(/\d+/)?.[0]) >= 60, null, { timeout: PATIENCE });
    await page.click("#experiment-run");
    await page.waitForTimeout(1500);
    const at = await step(page);
    const rested = await figures(page, "baseline");
    await page.waitForTimeout(1000);
    assert.equal(await step(page), at, "it rests");
    assert.notDeepEqual(await figures(page, "six-terms"), rested);
    assert.ok(Number.parseInt(rested[1], 10) >= 50, `of the pairs that it learns it finds ${rested[1]}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await screenshot(page, "compare-390");
    await page.click("#experiment-seed");
    await page.waitForFunction(() => /\b0\b.*\b2\b/.test(document.getElementById("experiment-status").textContent), null, { timeout: PATIENCE });
    assert.deepEqual((await figures(page, "baseline")).slice(1), (await figures(page, "six-terms")).slice(1), "the same weights and pairs");
    assert.deepEqual(page.complaints, []);
  }));
