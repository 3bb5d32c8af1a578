// Threads share the engine's work where the page may have them; everywhere else it does all of it.
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import test from "node:test";
import { PATIENCE, alarm, assertPlain, finalRanking, reach, visit } from "./browser.js";
import { clips } from "./sounds.js";

/** Why stories of threads are not told here. */
const skip = availableParallelism() < 2 && "threads need more than one processor";

/**
 * A page to which this is done before it opens, and which is asked for the first example.
 * @returns what it says of its device, its five foremost pictures, the programs that it fetched, and its complaints
 */
async function answered(prepare = () => {}) {
  const programs = new Set();
  const watched = (page) => {
    page.on("request", (request) => programs.add(new URL(request.url()).pathname.match(/^\/pkg\/.*(?=hearsight)/)?.[0]));
    return prepare(page);
  };
  return visit({ prepare: watched }, async (page) => {
    await reach(page, "ready");
    const foremost = await first(page);
    return { says: await page.textContent("#device"), foremost, programs: [...programs].filter(Boolean), complaints: page.complaints };
  });
}

/** The five foremost pictures for the first example. */
async function first(page) {
  await page.locator(".example").first().click();
  return (await finalRanking(page)).slice(0, 5);
}

test("an isolated page shares its work among threads, and says the same as one that does not", { skip }, async () => {
  const shared = await answered();
  assert.match(shared.says, /^Running on: CPU × [2-4] \(/);
  assert.deepEqual(shared.programs, ["/pkg/threads/"]);
  assert.deepEqual(shared.complaints, []);
  const alone = await answered((page) => page.route((url) => url.pathname === "/", async (route) => {
    const response = await route.fetch();
    const headers = Object.fromEntries(Object.entries(response.headers()).filter(([name]) => !name.startsWith("cross-origin-")));
    await route.fulfill({ response, headers });
  }));
  assert.match(alone.says, /^Running on: CPU \(/);
  assert.deepEqual(alone.programs, ["/pkg/cpu/"]);
  assert.deepEqual(alone.complaints, []);
  assert.deepEqual(shared.foremost, alone.foremost);
});

test("a browser that has no room for shared memory is served without threads", { skip }, async () => {
  const { says, complaints } = await answered((page) => page.addInitScript(() => {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = function (about) {
      if (about.shared) throw new RangeError("could not allocate memory");
      return new Memory(about);
    };
  }));
  assert.match(says, /^Running on: CPU \(/);
  assert.deepEqual(complaints, []);
});

test("a helper that never comes is not missed", { skip }, async () => {
  const { says, foremost } = await answered((page) => page.route("**/www/helper.js", (route) => route.fulfill({ status: 404 })));
  assert.match(says, /^Running on: CPU × /);
  assert.ok(foremost.includes(clips[0].picture));
});

test("an engine whose helper is lost is replaced by one without", { skip }, () =>
  visit({ prepare: (page) => page.route("**/www/helper.js", async (route) => {
    const body = 'onmessage = () => { postMessage("here"); throw new Error("lost"); };';
    await route.fulfill({ response: await route.fetch(), body });
  }) }, async (page) => {
    assertPlain(await alarm(page));
    await page.waitForFunction(() => document.getElementById("device").textContent.startsWith("Running on: CPU ("), null, { timeout: PATIENCE });
    await reach(page, "ready");
    assert.ok((await first(page)).includes(clips[0].picture));
  }));
