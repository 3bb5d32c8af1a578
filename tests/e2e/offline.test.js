// Without a network: what one visit keeps, and how a new version takes its place. Here the service worker is let in, and
// the page has a host of its own (host.js) that is really gone when the network is cut.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { FULL, PATIENCE, assertPlain, finalRanking, order, reach, screenshot, visit, onlyFull } from "./browser.js";
import { withHost } from "./host.js";
import { clips, file } from "./sounds.js";

/** Not needed to tell versions apart: pictures, sounds, and the network for own pictures come when they are asked for. */
const LATER = /^www\/gallery\/(images|captions)\/|picture\.safetensors$/;
/** Of one picture they are kept; keeping each of the others is only more of the same, and would take half a minute. */
const OTHER_CAPTIONS = new RegExp(`^www/gallery/captions/(?!${clips[0].picture}-)`);
const READY = "Ready to work without a network.";

const context = { serviceWorkers: "allow" };
const kept = (page) => page.waitForFunction((ready) => document.getElementById("offline").textContent.startsWith(ready), READY, { timeout: PATIENCE });
const isNews = (page) => page.waitForFunction(() => /new version/.test(document.getElementById("news").textContent), null, { timeout: PATIENCE });

/** What the worker answers. */
const ask = (page, call) => page.evaluate(async (call) => {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    active.postMessage({ call, used: [] }, [port2]);
  });
}, call);

/** The host's files as an edition that can be told by each of them. */
const edition = (host, name) => ({
  "index.html": host.text("index.html").replace(/<body( data-edition="\w+")?/, `<body data-edition="${name}"`),
  "www/app.js": `${host.text("www/app.js").replace(/\ndocument\.body\.dataset\.script = .*/, "")}\ndocument.body.dataset.script = "${name}";`,
  "www/worker.js": `${host.text("www/worker.js").replace(/\nself\.edition = .*/, "")}\nself.edition = "${name}";`,
});

/** Which edition each part of a running page is of; all of them had better be the same. */
async function editions(page) {
  await reach(page, "ready");
  const { edition, script } = await page.evaluate(() => ({ ...document.body.dataset }));
  const [thread] = page.workers();
  // What page and worker would get if they asked again, after a crash say.
  const again = async (url) => /self\.edition = "(\w+)"/.exec(await (await fetch(url)).text())?.[1];
  const worker = new URL("www/worker.js", page.url()).href;
  return [edition, script, await thread.evaluate("self.edition"), await page.evaluate(again, worker), await thread.evaluate(again, worker)];
}
const all = (name) => Array(5).fill(name);

/** The network is cut on both sides. */
async function cut(page, host) {
  await host.stop();
  await page.context().setOffline(true);
}

/** A new tab of the same visitor. */
async function tab(page, host, path = "?device=cpu") {
  const other = await page.context().newPage();
  await other.goto(host.address + path);
  return other;
}

test("after one visit everything works with the network cut: search, photographs, captions, own pictures", () =>
  withHost({ folder: "/some/folder/", later: OTHER_CAPTIONS }, (host) =>
    visit({ path: `${host.address}?device=cpu`, seen: true, context }, async (page) => {
      await reach(page, "ready");
      await kept(page);
      const [list, network] = ["files.json", "www/models/speech.safetensors"].map((path) => host.asked.indexOf(path));
      assert.ok(list > network, "what the page needs itself comes first");
      await screenshot(page, "offline-1280");
      // The page that fetched it is served from it too, without being loaded again.
      await cut(page, host);
      assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null));
      await page.locator("#wall button").nth(300).click();
      await page.waitForFunction(() => document.querySelectorAll("#picture-captions > li").length === 5, null, { timeout: PATIENCE });

      await page.reload();
      await reach(page, "ready");
      await kept(page);
      assert.ok(await page.evaluate(() => crossOriginIsolated), "the host's policy is kept with the page");
      await page.locator(".example").first().click();
      const found = await finalRanking(page);
      assert.ok(found.slice(0, 5).includes(clips[0].picture));
      await page.click("#reset");
      const resting = await order(page);
      assert.ok(resting.length > 300);
      const broken = await page.$$eval("#wall img", async (images) => {
        for (const image of images) {
          image.scrollIntoView();
          while (!image.src) await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        const outcomes = await Promise.allSettled(images.map((image) => image.decode()));
        return outcomes.filter(({ status }) => status === "rejected").length;
      });
      assert.equal(broken, 0, "every photograph is there");

      await page.locator(`#wall > li[data-id="${clips[0].picture}"] button`).click();
      await page.waitForFunction(() => document.querySelectorAll("#picture-captions > li").length === 5, null, { timeout: PATIENCE });
      await page.locator("#picture-captions > li:not([data-own]) .say").first().click();
      await page.waitForFunction(() => document.querySelector("#picture-captions > li:not([data-own]) .say").ariaPressed === "true");
      await page.keyboard.press("Escape");

      const picture = await readFile(new URL("../fixtures/turned.jpg", import.meta.url));
      await page.setInputFiles("#own-files-input", file("mine.jpg", "image/jpeg", picture));
      await page.waitForFunction(() => / added\./.test(document.getElementById("own-status").textContent), null, { timeout: PATIENCE });
      assert.equal((await order(page)).length, resting.length + 1);

      for (const path of ["", "index.html", "?device=cpu#teach"]) {
        const other = await tab(page, host, path);
        await other.waitForSelector("#wall > li");
        await other.close();
      }
    })));

test("a new version is told, fetched by what changed, and opened as a whole; open pages keep theirs", () =>
  withHost({ later: LATER }, async (host) => {
    host.publish(edition(host, "one"));
    await visit({ path: `${host.address}?device=cpu`, context }, async (page) => {
      await reach(page, "ready");
      await kept(page);
      host.publish(edition(host, "two"));
      host.asked = [];

      const second = await tab(page, host);
      await isNews(second);
      await isNews(page);
      assert.deepEqual(await editions(page), all("one"));
      assert.deepEqual(await editions(second), all("one"), "opened while the new version was not there yet");
      const fetched = new Set(host.asked.filter((path) => !LATER.test(path)));
      for (const path of ["files.json", "service-worker.js"]) fetched.delete(path);
      assert.deepEqual([...fetched].sort(), ["index.html", "www/app.js", "www/worker.js"], "what did not change is taken over");
      await screenshot(page, "new-version-1280");

      const third = await tab(page, host);
      assert.deepEqual(await editions(third), all("two"));
      assert.deepEqual(await editions(page), all("one"), "beside a page of the new version");
      assert.equal(await third.textContent("#news"), "");
      await page.getByRole("button", { name: "Load it now" }).click();
      await page.waitForSelector('[data-edition="two"]');
      assert.deepEqual(await editions(page), all("two"));

      assert.deepEqual(page.complaints, []);

      await cut(page, host);
      await page.reload();
      assert.deepEqual(await editions(page), all("two"));
    });
  }));

test("a new version that arrives damaged, cut or with a file missing is not used, and the old one works on", () =>
  withHost({ later: LATER }, async (host) => {
    host.publish(edition(host, "one"));
    await visit({ path: `${host.address}?device=cpu`, context }, async (page) => {
      await reach(page, "ready");
      await kept(page);
      const good = edition(host, "two");
      host.publish(good);
      const damaged = Buffer.from(good["www/worker.js"]);
      damaged[damaged.length - 3] ^= 1;
      const cases = [["damaged", damaged], ["cut", damaged.subarray(0, 1000)], ["missing", undefined]];
      for (const [what, spoilt] of FULL ? cases : cases.slice(0, 1)) {
        host.spoilt.set("www/worker.js", spoilt);
        assert.equal((await ask(page, "keep")).state, "failed", what);
        const other = await tab(page, host);
        assert.deepEqual(await editions(other), all("one"), what);
        await other.close();
      }
      await page.reload();
      assert.deepEqual(await editions(page), all("one"));
      assert.equal(await page.textContent("#news"), "");
      host.spoilt.clear();
      assert.equal((await ask(page, "keep")).state, "kept");
      await isNews(page);
      await page.reload();
      assert.deepEqual(await editions(page), all("two"));
    });
  }));

test("a first visit that is cut short leaves the browser's own message, and the next goes on from there", { skip: onlyFull("a version that arrives cut is one too") }, () =>
  withHost({ later: LATER }, async (host) => {
    // The last of the list.
    host.spoilt.set("www/worklet.js", null);
    await visit({ path: `${host.address}?device=cpu`, context }, async (page) => {
      await reach(page, "ready");
      // All but this one, and no more of it comes.
      const files = () => page.evaluate(async () => (await (await caches.open((await caches.keys())[0])).keys()).length);
      for (let before = -1, now = 0; before < now || !host.asked.includes("www/worklet.js"); [before, now] = [now, await files()]) await page.waitForTimeout(3000);
      await cut(page, host);
      await assert.rejects(page.reload(), /net::ERR_/);

      host.spoilt.clear();
      host.asked = [];
      await host.start();
      await page.context().setOffline(false);
      await page.goto(`${host.address}?device=cpu`);
      await kept(page);
      assert.ok(host.asked.includes("www/worklet.js"));
      // What a page fetches of its own accord says nothing here; these wait until somebody wants them.
      for (const path of ["www/gallery/captions.safetensors", `www/examples/${clips[0].file}`]) assert.ok(!host.asked.includes(path), `${path} was kept already`);
      await cut(page, host);
      await page.reload();
      await reach(page, "ready");
    });
  }));

test("a page under development shows what is on the disk, and what was kept when nothing serves it", { skip: onlyFull("for who works on the page") }, () =>
  withHost({ later: LATER, development: true }, async (host) => {
    host.publish(edition(host, "one"));
    await visit({ path: `${host.address}?device=cpu`, context }, async (page) => {
      await reach(page, "ready");
      await kept(page);
      host.publish(edition(host, "two"));
      await page.reload();
      assert.deepEqual(await editions(page), all("two"));
      assert.equal(await page.textContent("#news"), "");
      assert.equal((await ask(page, "keep")).state, "kept");
      await cut(page, host);
      await page.reload();
      assert.deepEqual(await editions(page), all("two"));
    });
  }));

test("a visitor who saves data is asked first", () =>
  withHost({ later: LATER }, (host) => {
    const prepare = (page) => page.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
    return visit({ path: `${host.address}?device=cpu`, context, prepare }, async (page) => {
      const keep = page.getByRole("button", { name: "Keep it for use without a network" });
      await keep.waitFor({ timeout: PATIENCE });
      assert.ok(!host.asked.includes("files.json"));
      host.spoilt.set("www/worklet.js", undefined);
      await keep.click();
      await page.waitForFunction(() => document.getElementById("offline").textContent.startsWith("Not everything"), null, { timeout: PATIENCE });
      assertPlain((await page.textContent("#offline")).replace(/ Try again$/, ""));
      host.spoilt.clear();
      await page.getByRole("button", { name: "Try again" }).click();
      await kept(page);
    });
  }));

test("where there is no room, or no worker, the page works as ever", async () => {
  await withHost({ later: LATER }, async (host) => {
    const small = async (page) => {
      const session = await page.context().newCDPSession(page);
      await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(host.address).origin, quotaSize: host.bytes / 2 });
    };
    await visit({ path: `${host.address}?device=cpu`, context, prepare: small }, async (page) => {
      await page.waitForFunction(() => document.getElementById("offline").textContent !== "", null, { timeout: PATIENCE });
      assertPlain(await page.textContent("#offline"));
      assert.match(await page.textContent("#offline"), /no room/);
      await page.reload();
      await reach(page, "ready");
      assert.deepEqual(page.complaints, []);
    });
    const denied = (page) => page.addInitScript(() => (ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException("denied", "SecurityError"))));
    await visit({ path: `${host.address}?device=cpu`, context, prepare: denied }, async (page) => {
      await reach(page, "ready");
      await page.locator(".example").first().click();
      await finalRanking(page);
      assert.equal(await page.textContent("#offline"), "");
      assert.deepEqual(page.complaints, []);
    });
  });
});

test("the page can be installed", () =>
  withHost({ later: LATER }, (host) =>
    visit({ path: `${host.address}?device=cpu`, context }, async (page) => {
      await reach(page, "ready");
      const session = await page.context().newCDPSession(page);
      const { errors, data } = await session.send("Page.getAppManifest");
      assert.deepEqual(errors, []);
      const { icons } = JSON.parse(data);
      for (const { src, sizes, type } of icons.filter(({ type }) => type === "image/png")) {
        const bytes = Buffer.from(host.text("www/manifest.webmanifest") && (await (await fetch(new URL(src, `${host.address}www/`))).arrayBuffer()));
        assert.equal(type, "image/png");
        // Width and height of a png stand in its first chunk.
        assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
      }
      const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
      assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"), []);
    })));
