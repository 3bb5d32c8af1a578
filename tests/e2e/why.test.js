// Why this picture: the map over the photograph, the strip under the sound, and how they are moved.
import assert from "node:assert/strict";
import test from "node:test";
import { PATIENCE, finalRanking, reach, screenshot, visit } from "./browser.js";

const explained = (page) => page.waitForFunction(() => /together all moments/.test(document.getElementById("why-status").textContent), null, { timeout: PATIENCE });
const picture = (page, id) => page.$eval(`#${id}`, (canvas) => canvas.toDataURL());

test("a photograph that was found says where and when, by mouse, keyboard and time; the parts make the score", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    await page.locator("#wall button").first().click();
    assert.ok(!(await page.isVisible("#why")), "nothing was said yet");
    await page.keyboard.press("Escape");
    await page.locator(".example").first().click();
    await finalRanking(page);
    const score = await page.textContent("#wall > li:first-child .score");
    await page.locator("#wall button").first().click();
    assert.match(await page.textContent("#why-show"), /7\.7 MB/);
    await page.locator("#why-show").click();
    await explained(page);
    assert.ok((await page.textContent("#why-status")).includes(score), `${await page.textContent("#why-status")} has ${score}`);
    await screenshot(page, "why-1280");
    const whole = await picture(page, "why-map");

    await page.focus("#why-time");
    await page.keyboard.press("ArrowRight");
    assert.match(await page.textContent("#why-status"), /^At [\d.]+ s/);
    const moment = await picture(page, "why-map");
    assert.notEqual(moment, whole);
    await page.locator("#why-strip").hover({ position: { x: 60, y: 10 } });
    assert.notEqual(await picture(page, "why-map"), moment);

    const strip = await picture(page, "why-strip");
    await page.locator("#why-map").click({ position: { x: 40, y: 40 } });
    assert.match(await page.textContent("#why-status"), /^Place 1 down, 1 across/);
    assert.notEqual(await picture(page, "why-strip"), strip);
    await page.focus("#why-map");
    await page.keyboard.press("ArrowDown");
    assert.match(await page.textContent("#why-status"), /^Place 2 down, 1 across/);

    await page.locator("#why-whole").click();
    await explained(page);
    assert.equal(await picture(page, "why-map"), whole);
    await page.locator("#why-play").click();
    await page.waitForFunction((still) => document.getElementById("why-map").toDataURL() !== still, whole);
    await page.keyboard.press("Escape");
    assert.deepEqual(page.complaints, []);
  }));
