// The graphics processor comes behind: the page answers on the processor, and changes over between two queries.
import assert from "node:assert/strict";
import test from "node:test";
import { ONLY_FULL, PATIENCE, finalRanking, order, reach, visit, onlyFull } from "./browser.js";
import { clips } from "./sounds.js";

for (const [what, gpu, says] of [
  ["no graphics processor", false, /^Running on: CPU/],
  ["one that the processor plays", true, /WebGPU runs in software here/],
]) {
  test(`where there is ${what}, the program for it is not fetched`, { skip: !gpu && onlyFull("nearly every story is one of these") }, () => {
    const addresses = [];
    const prepare = (page) => void page.on("request", (request) => addresses.push(request.url()));
    return visit({ path: "/", gpu, prepare }, async (page) => {
      await reach(page, "ready");
      await page.waitForFunction((source) => new RegExp(source).test(document.getElementById("device").textContent), says.source, { timeout: PATIENCE });
      await page.locator(".example").first().click();
      assert.ok((await finalRanking(page)).slice(0, 5).includes(clips[0].picture));
      assert.ok(addresses.some((address) => address.endsWith("/pkg/threads/hearsight_bg.wasm")));
      assert.ok(!addresses.some((address) => address.endsWith("/pkg/hearsight_bg.wasm")));
    });
  });
}

test("a host that has only what wasm-pack builds is served with that", () =>
  visit({ prepare: (page) => page.route(/\/pkg\/(cpu|threads)\//, (route) => route.fulfill({ status: 404 })) }, async (page) => {
    await reach(page, "ready");
    await page.locator(".example").first().click();
    assert.ok((await finalRanking(page)).slice(0, 5).includes(clips[0].picture));
  }));

/** WebGPU in software is passed for hardware: the page believes it, and the worker that tries it asks for it by name. */
async function pretend(page) {
  await page.addInitScript(() => {
    const about = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "info");
    Object.defineProperty(GPUAdapter.prototype, "info", { get() { return { vendor: about.get.call(this).vendor, isFallbackAdapter: false }; } });
  });
  await page.route("**/www/worker.js", async (route) => {
    const response = await route.fetch();
    const body = 'self.addEventListener("message", ({ data }) => { if (data.method === "start" && data.args[0].glue.endsWith("/pkg/hearsight.js")) data.args[1].device = "gpu"; });\n' + (await response.text());
    await route.fulfill({ response, body });
  });
}

test("a graphics processor takes over between two queries, and what was shown stays", { skip: ONLY_FULL }, () =>
  visit({ path: "/", gpu: true, prepare: pretend }, async (page) => {
    await reach(page, "ready");
    assert.equal(await page.getAttribute("body", "data-device"), "cpu");
    await page.locator(".example").first().click();
    const before = await finalRanking(page);
    await page.waitForSelector('body[data-device="gpu"][data-network="whole"]', { timeout: 3 * PATIENCE });
    assert.deepEqual(await order(page), before);
    await page.locator(".example").nth(1).click();
    await page.waitForFunction((first) => document.querySelector("#wall > li").dataset.id !== first, before[0], { timeout: PATIENCE });
    assert.deepEqual(page.complaints, []);
  }));
