// The poster's picture network in the browser: a checkpoint from a file, a picture, and torchvision's features of it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { before } from "node:test";
import { assertPlain, PATIENCE, reach, visit, onlyFull } from "./browser.js";
import { seededCheckpoint } from "./seeded-vgg16.js";
import { file } from "./sounds.js";

const fixture = (name) => new URL(`../fixtures/${name}`, import.meta.url).pathname;
const { fc2 } = JSON.parse(await readFile(fixture("vgg16.json"), "utf8"));
let checkpoint;
before(() => (checkpoint = seededCheckpoint()));

/** Chooses a file and waits until the section has dealt with it; gives its complaint. */
async function choose(page, input, chosen) {
  await page.setInputFiles(`#vgg16-${input}`, chosen);
  await page.waitForSelector("#vgg16-checkpoint:enabled", { timeout: PATIENCE });
  return page.textContent("#vgg16-alert");
}

async function open(page) {
  await reach(page, "ready");
  await page.locator(".research summary").click();
}

test("a checkpoint is read in pieces and gives a picture torchvision's features", { skip: onlyFull("natively it is held by tests/vgg16.rs") }, () =>
  visit({}, async (page) => {
    await open(page);
    assert.ok(await page.isDisabled("#vgg16-picture"));
    assert.equal(await choose(page, "checkpoint", checkpoint), "");
    assert.match(await page.textContent("#vgg16-status"), /loaded/);

    assert.equal(await choose(page, "picture", fixture("vgg16.png")), "");
    assert.match(await page.textContent("#vgg16-above"), / of 4096$/);
    const [strongest] = (await page.textContent("#vgg16-strongest")).split(", ");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#vgg16-save")]);
    const features = JSON.parse(await readFile(await download.path(), "utf8"));
    assert.equal(features.length, 4096);
    const [number, value] = strongest.split(": ").map(Number);
    assert.equal(features[number].toFixed(3), value.toFixed(3));
    assert.equal(Math.max(...features), features[number]);
    const largest = Math.max(...fc2.picture.values);
    fc2.picture.values.forEach((expected, index) => {
      const difference = Math.abs(features[index * fc2.picture.every] - expected) / largest;
      assert.ok(difference < 1e-3, `feature ${index * fc2.picture.every} is ${difference} apart`);
    });

    // What cannot be used costs nothing: the network stays, and speech is searched with as before.
    const complaint = await choose(page, "picture", file("broken.png", "image/png", Buffer.from("no picture")));
    assertPlain(complaint);
    assert.equal(await choose(page, "picture", fixture("vgg16.png")), "");
    await page.locator(".example").first().click();
    await page.waitForSelector('#wall[data-ranking="final"]', { timeout: PATIENCE });
    assert.deepEqual(page.complaints, []);
  }));

test("files that are no checkpoint get a sentence each, before they are read whole", () =>
  visit({}, async (page) => {
    await open(page);
    const [speech, picture] = await Promise.all(["speech", "picture"].map((part) => readFile(new URL(`../../www/models/${part}.safetensors`, import.meta.url))));
    for (const [bad, says] of [
      [file("empty.safetensors", "", Buffer.alloc(0)), /not a file of VGG16 weights/],
      [file("text.safetensors", "", Buffer.from("this is no checkpoint")), /not a file of VGG16 weights/],
      [file("picture.safetensors", "", picture), /hearsight-picture-2/],
      [file("speech.safetensors", "", speech), /not a file of VGG16 weights/],
      [file("cut.safetensors", "", (await readFile(checkpoint)).subarray(0, 1e6)), /Copy or download it again/],
      [fixture("vgg16_alexnet.pth"), /not a file of VGG16 weights/],
    ]) {
      const sentence = await choose(page, "checkpoint", bad);
      assertPlain(sentence);
      assert.match(sentence, says);
      assert.ok(await page.isDisabled("#vgg16-picture"));
    }
    assert.deepEqual(page.complaints, []);
  }));
