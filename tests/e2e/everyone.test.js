// For everyone: what axe-core finds by WCAG 2.2 AA, on every view, in light and dark, wide and narrow.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { before } from "node:test";
import { finalRanking, reach, visit } from "./browser.js";
import { clips, decoded, file, wav } from "./sounds.js";

const axe = await readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let speech;
before(async () => (speech = await decoded(clips[0].file)));

async function assertAccessible(page, view) {
  // The devtools' door: the page's own policy would not let a stranger's script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values } }), RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.slice(0, 3).map(({ target }) => target).join(", ")}`), []);
}

for (const [colorScheme, width] of [["light", 1280], ["dark", 390]]) {
  test(`axe finds nothing to complain of, ${colorScheme}, ${width} px`, () =>
    visit({ context: { colorScheme, reducedMotion: "reduce", viewport: { width, height: 800 } } }, async (page) => {
      await reach(page, "ready");
      await assertAccessible(page, "at rest");
      await page.locator(".example").first().click();
      await finalRanking(page);
      await assertAccessible(page, "found");
      await page.locator("#wall .opener").first().click();
      await page.waitForSelector("#picture[open]");
      await page.waitForTimeout(1500);
      await assertAccessible(page, "opened");
      await page.keyboard.press("Escape");
      await page.evaluate(() => (location.hash = "#teach"));
      await page.locator("#wall .opener").nth(1).click();
      await page.setInputFiles(".lesson-card input", file("speech.wav", "audio/wav", wav(speech)));
      await page.waitForSelector(".takes li");
      await page.locator("#train-options summary").click();
      await page.locator("#own summary").click();
      await assertAccessible(page, "teaching");
      await page.fill("[name=steps]", "10");
      await page.uncheck("[name=rehearse]");
      await page.locator("#wall .opener").nth(3).click();
      await page.setInputFiles(".lesson-card:nth-child(2) input", file("speech.wav", "audio/wav", wav(speech.toReversed())));
      await page.waitForSelector(".lesson-card:nth-child(2) .takes li");
      await page.click("#train");
      await page.waitForSelector("body[data-teaching=made]");
      await assertAccessible(page, "taught");
      await page.click("#taught-keep");
      await page.waitForSelector("#taught-list li:nth-child(2)");
      await assertAccessible(page, "kept");
    }));
}
