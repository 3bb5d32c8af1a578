// The page as visitors get it: its modules joined into a few files, and no other there.
import assert from "node:assert/strict";
import test from "node:test";
import { joinModules } from "../../xtask/join-modules.mjs";
import { finalRanking, reach, visit } from "./browser.js";
import { withHost } from "./host.js";
import { clips, file, wav, decoded } from "./sounds.js";

test("with its modules joined the page is the same: search, another language, teaching, an own picture", () =>
  withHost({ folder: "/some/folder/" }, async (host) => {
    const { files, modules } = await joinModules();
    host.publish(files);
    for (const path of modules.filter((path) => !(path in files))) host.spoilt.set(path, undefined);
    await visit({ path: `${host.address}?device=cpu&language=de` }, async (page) => {
      await reach(page, "ready");
      assert.match(await page.textContent("h1"), /^Sagen/);
      await page.locator(".example").first().click();
      assert.ok((await finalRanking(page)).slice(0, 5).includes(clips[0].picture));
      await page.setInputFiles("#own-files-input", new URL("../fixtures/turned.jpg", import.meta.url).pathname);
      await page.waitForSelector('#wall > li[data-id^="own-"]', { state: "attached" });
      await page.evaluate(() => (location.hash = "#teach"));
      await page.locator("#wall .opener").nth(1).click();
      await page.setInputFiles(".lesson-card input", file("speech.wav", "audio/wav", wav(await decoded(clips[0].file))));
      await page.waitForSelector(".takes li");
      assert.deepEqual(page.complaints, []);
      const asked = new Set(host.asked.filter((path) => path.endsWith(".js")));
      assert.ok(asked.size < 15, [...asked].join(" "));
    });
  }));
