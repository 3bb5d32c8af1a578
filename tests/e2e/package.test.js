// The package as others use it: the ten-line example, with what wasm-pack built.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { PATIENCE, visit } from "./browser.js";
import { clips, file, silence, wav } from "./sounds.js";

const example = { path: "/docs/example/index.html" };
const repository = (path) => new URL(`../../${path}`, import.meta.url);
const ready = (page) => page.waitForSelector("input:enabled", { timeout: PATIENCE });
/** What the page says of a file. */
async function said(page, recording) {
  await page.evaluate(() => (document.querySelector("output").value = ""));
  await page.setInputFiles("input", recording);
  await page.waitForFunction(() => document.querySelector("output").value !== "", null, { timeout: PATIENCE });
  return page.evaluate(() => document.querySelector("output").value);
}

test("ten lines rank the gallery for a recording, and say what is wrong with another", async () => {
  const { pictures } = JSON.parse(await readFile(repository("www/gallery/gallery.json"), "utf8"));
  await visit(example, async (page) => {
    await ready(page);
    const clip = clips[0];
    const titles = (await said(page, fileURLToPath(repository(`www/examples/${clip.file}`)))).split("; ");
    assert.equal(titles.length, 3);
    for (const title of titles) assert.ok(pictures.some((picture) => picture.title === title), title);
    assert.ok(titles.includes(pictures.find(({ id }) => id === clip.picture).title), titles.join("; "));
    assert.match(await said(page, file("silence.wav", "audio/wav", wav(silence(1)))), /^[A-Z].*\.$/);
    assert.deepEqual(page.complaints, []);
  });
});

test("the package says who it is, and nothing that it offers is of any type", async () => {
  const about = JSON.parse(await readFile(repository("pkg/package.json"), "utf8"));
  assert.equal(about.name, "hearsight");
  assert.equal(about.type, "module");
  assert.equal(about.license, "MIT OR Apache-2.0");
  for (const file of ["hearsight_bg.wasm", "hearsight.js", "hearsight.d.ts", "LICENSE-MIT", "LICENSE-APACHE", "LICENSE.third-party.txt"]) {
    assert.ok(about.files.includes(file), file);
    await readFile(repository(`pkg/${file}`));
  }
  assert.match(await readFile(repository("pkg/README.md"), "utf8"), /^# hearsight\n/);
  const types = await readFile(repository("pkg/hearsight.d.ts"), "utf8");
  const offered = types.slice(0, types.indexOf("export type InitInput"));
  assert.deepEqual(offered.match(/^.*\bany\b.*$/gm)?.filter((line) => !/^\s*(\*|\/)/.test(line)) ?? [], []);
});
