// The visitor's own pictures: onto the wall, into the search, kept, removed; and what cannot be a picture.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { PATIENCE, finalRanking, order, reach, screenshot, visit } from "./browser.js";
import { clips, file } from "./sounds.js";

const clip = clips[0];
const twin = await readFile(new URL(`../../www/gallery/images/${clip.picture}.webp`, import.meta.url));
const other = await readFile(new URL("../fixtures/turned.jpg", import.meta.url));
const mine = [file("my-twin.webp", "image/webp", twin), file("from_the_phone.jpg", "image/jpeg", other)];

/** The same photograph as another file: bytes behind a picture's end are no part of it. */
const another = (number) => Buffer.concat([other, Buffer.from(`${number}`)]);

const done = (page) => page.waitForFunction(() => / added\./.test(document.getElementById("own-status").textContent), null, { timeout: PATIENCE });
const titles = (page) => page.$$eval("#wall .title", (spans) => spans.map((span) => span.textContent));

test("chosen pictures join the wall, are found by voice, survive a reload, and can be removed", () =>
  visit({ seen: true }, async (page) => {
    await reach(page, "ready");
    assert.match(await page.textContent("#own"), /7\.7 MB/);
    await page.setInputFiles("#own-files-input", mine);
    await done(page);
    assert.equal((await order(page)).length, 330);
    assert.deepEqual((await titles(page)).slice(0, 2).sort(), ["from the phone", "my twin"]);
    await screenshot(page, "own-1280");

    await page.locator(".example").first().click();
    const found = await finalRanking(page);
    const shown = await titles(page);
    const place = shown.indexOf("my twin");
    assert.ok(Math.abs(place - found.indexOf(clip.picture)) === 1, "a twin stands beside its original");

    await page.reload();
    await reach(page, "ready");
    await page.waitForFunction(() => document.querySelectorAll("#wall > li").length === 330);
    await page.getByRole("button", { name: "Your picture “my twin”" }).click();
    assert.match(await page.textContent("#picture-licence"), /this browser only/);
    await page.locator("#picture-remove").click();
    await page.waitForFunction(() => document.querySelectorAll("#wall > li").length === 329);
    await page.locator(".example").first().click();
    assert.ok(!(await finalRanking(page)).some((id) => !/^own-/.test(id) && id === "my twin"));
    await page.reload();
    await reach(page, "ready");
    await page.waitForFunction(() => document.querySelectorAll("#wall > li").length === 329);
    assert.ok(!(await titles(page)).includes("my twin"));
    assert.deepEqual(page.complaints, []);
  }));

test("files that are no pictures are named with a sentence each, and the others are added", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#own-files-input", [
      file("archive.jpg", "image/jpeg", Buffer.from("PK\u0003\u0004 an archive")),
      file("phone.heic", "image/heic", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic")),
      file("cut.webp", "image/webp", twin.subarray(0, twin.length / 2)),
      file("huge.bmp", "image/bmp", hugeBitmap()),
      mine[1],
    ]);
    await done(page);
    const alert = await page.textContent("#own-alert");
    for (const part of ["archive.jpg", "HEIC", "cut.webp", "One other file was left out"]) assert.ok(alert.includes(part), `${part} in ${alert}`);
    assert.equal((await order(page)).length, 329);
    await page.setInputFiles("#own-files-input", [file("huge.bmp", "image/bmp", hugeBitmap()), file("half.jpg", "image/jpeg", other.subarray(0, other.length / 2))]);
    await page.waitForFunction(() => /megapixels/.test(document.getElementById("own-alert").textContent), null, { timeout: PATIENCE });
    assert.match(await page.textContent("#own-alert"), /half\.jpg ends before its picture does/);
    assert.equal((await order(page)).length, 330, "what is there of it is used");
    assert.deepEqual(page.complaints, []);
  }));

test("dropped and pasted pictures are added while a dropped sound is searched with, and many can be stopped", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    const put = (kind, bytes) => page.evaluate(([type, values]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(values)], "put.jpg", { type: "image/jpeg" }));
      const event = type === "paste" ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true }) : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event);
    }, [kind, [...bytes]]);
    await put("drop", other);
    await page.waitForFunction(() => document.querySelectorAll("#wall > li").length === 329, null, { timeout: PATIENCE });
    await put("paste", another("pasted"));
    await page.waitForFunction(() => document.querySelectorAll("#wall > li").length === 330, null, { timeout: PATIENCE });
    await page.setInputFiles("#own-files-input", Array.from({ length: 40 }, (_, number) => file(`${number}.jpg`, "image/jpeg", another(number))));
    await page.waitForFunction(() => /picture \d+ of 40/.test(document.getElementById("own-status").textContent), null, { timeout: PATIENCE });
    await page.getByRole("button", { name: "Stop here" }).click();
    await done(page);
    const count = (await order(page)).length;
    assert.ok(count > 330 && count < 370, `${count}`);
    assert.deepEqual(page.complaints, []);
  }));

test("a photo is taken with the camera, or left, or refused with a sentence", async () => {
  const args = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
  await visit({ args, permissions: ["camera"] }, async (page) => {
    await reach(page, "ready");
    await page.locator("#own summary").click();
    for (const [button, count] of [["Leave it", 328], ["Take the photo", 329]]) {
      await page.locator("#own-photo").click();
      await page.getByRole("button", { name: button }).click();
      await page.waitForFunction(() => document.getElementById("camera-view").srcObject === null);
      if (count > 328) await done(page);
      assert.equal((await order(page)).length, count);
    }
    assert.equal((await titles(page))[0], "Photo");
    assert.deepEqual(page.complaints, []);
  });
  await visit({ permissions: [] }, async (page) => {
    await reach(page, "ready");
    await page.locator("#own summary").click();
    await page.locator("#own-photo").click();
    await page.waitForFunction(() => /[Cc]amera/.test(document.getElementById("own-status").textContent));
    assert.deepEqual(page.complaints, []);
  });
});

test("where the browser keeps nothing, pictures are there until the page is closed, and the page says so", () =>
  visit({ prepare: (page) => page.route("**/store.js", (route) => route.fulfill({ contentType: "text/javascript", body: denied })) }, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#own-files-input", [mine[1]]);
    await done(page);
    assert.match(await page.textContent("#own-alert"), /until you close it/);
    assert.equal((await order(page)).length, 329);
  }));

/** The page's own store in a browser that denies it a database. */
const denied = `Object.defineProperty(globalThis, "indexedDB", { value: { open() { throw new DOMException("denied", "SecurityError"); } } });\n${
  await readFile(new URL("../../www/kit/store.js", import.meta.url), "utf8")}`;

/** The header of a bitmap of 200 megapixels. */
function hugeBitmap() {
  const bytes = Buffer.alloc(1024);
  bytes.write("BM");
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(16_000, 18);
  bytes.writeInt32LE(12_500, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}
