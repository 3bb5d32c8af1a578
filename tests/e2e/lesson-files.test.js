// Zips, folders and sounds of every tool: read as their makers meant them, and names are for people only.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { before } from "node:test";
import { FULL, PATIENCE, assertPlain, finalRanking, reach, screenshot, visit } from "./browser.js";
import { SAMPLE_RATE, clips, decoded, file, joined, silence, wav } from "./sounds.js";
import { zip } from "./zips.js";
import { freeName } from "../../www/kit/paths.js";

const TEACH = "/?device=cpu#teach";
const AWKWARD = new URL("../fixtures/awkward/", import.meta.url);
const [cat, dog] = await Promise.all(["judo-match", clips[0].picture].map((id) => readFile(new URL(`../../www/gallery/images/${id}.webp`, import.meta.url))));
const globe = await readFile(new URL("../../www/gallery/images/globe.webp", import.meta.url));
const photograph = await readFile(new URL("../fixtures/turned.jpg", import.meta.url));
const table = (...rows) => ["image\taudio", ...rows, ""].join("\n");
let speech;
let sound;
let other;
before(async () => {
  speech = await decoded(clips[0].file);
  sound = wav(speech);
  other = wav(joined(silence(0.2), speech));
});

const cards = (page) => page.$$eval(".lesson-card", (all) => all.map((one) => `${one.dataset.picture.replace(/^own-.*/, "own")}: ${one.querySelectorAll(".takes li").length}`));

/** Reads files on Teach it; what is said, and what there is. */
async function read(page, files, input = "#lesson-files-input") {
  await page.setInputFiles(input, files);
  await page.waitForFunction(() => /read\./.test(document.getElementById("lesson-status").textContent), null, { timeout: PATIENCE });
  const said = await page.$$eval("#lesson-alert p", (all) => all.map(({ textContent }) => textContent));
  return { status: await page.textContent("#lesson-status"), said, cards: await cards(page) };
}
const zipped = (files) => file("lesson.zip", "application/zip", zip(files));

const stories = [
  ["an address's spelling, and a disk's", () => ({ "pairs.tsv": table("globe\tclips/1%20b.wav", "judo-match\tC:\\clips\\2.wav"), "clips/1 b.wav": sound, "clips/2.wav": other }), ["globe: 1", "judo-match: 1"]],
  ["a dot and a slash in front", () => ({ "pairs.tsv": table("globe\t./clips/1.wav"), "clips/1.wav": sound }), ["globe: 1"]],
  ["letters that a Mac takes apart", () => ({ "pairs.tsv": table("globe\tclips/schön.wav"), "clips/scho\u0308n.wav": sound }), ["globe: 1"]],
  ["Windows' own separators, in another case", () => ({ "Lesson/Pairs.TSV": table("globe\tClips\\A.WAV"), "Lesson/clips/a.wav": sound }), ["globe: 1"]],
  ["pictures of one name in two folders", () => ({ "pairs.tsv": table("cats/1.webp\t1.wav", "dogs/1.webp\t2.wav"), "cats/1.webp": cat, "dogs/1.webp": dog, "1.wav": sound, "2.wav": sound }), ["own: 1", "own: 1"]],
  ["the same picture under two names", () => ({ "pairs.tsv": table("a/1.webp\t1.wav", "b/1.webp\t2.wav", "./a/1.webp\t2.wav"), "a/1.webp": cat, "b/1.webp": cat, "1.wav": sound, "2.wav": other }), ["own: 2", "own: 1"]],
  ["a picture that came along and is called as one of the gallery", () => ({ "pairs.tsv": table("images/globe.webp\t1.wav"), "images/globe.webp": cat, "1.wav": sound }), ["own: 1"]],
  ["a picture that came along and is the gallery's", () => ({ "pairs.tsv": table("images/globe.webp\t1.wav"), "images/globe.webp": globe, "1.wav": sound }), ["globe: 1"]],
  ["other tables, and what systems leave, before the table", () => ({ "__MACOSX/lesson/._pairs.tsv": "\0\x05\x16\x07junk", "lesson/._pairs.tsv": "junk", "lesson/annotations.tsv": "start\tend\n0\t1\n", "lesson/old/pairs.tsv": table("globe\told.wav"), "lesson/pairs.tsv": table("globe\t1.wav"), "lesson/1.wav": sound }), ["globe: 1"]],
  ["a table by another name beside one that is none", () => ({ "annotations.tsv": "start\tend\n0\t1\n", "mine.tsv": table("globe\t1.wav"), "1.wav": sound }), ["globe: 1"]],
  ["a table in each folder", () => ({ "a/pairs.tsv": table("globe\t1.wav"), "a/1.wav": sound, "b/pairs.tsv": table("judo-match\t1.wav"), "b/1.wav": other }), ["globe: 1", "judo-match: 1"]],
  ["a table that is no Unicode text", () => ({ "pairs.tsv": Buffer.from(table("globe\tschön.wav"), "latin1"), "schön.wav": sound }), ["globe: 1"], ["pairs.tsv: this is no Unicode text, and was read as Windows-1252. If letters look wrong, save it as CSV UTF-8."]],
];

test("zips are read as their makers meant them", () =>
  visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    page.on("dialog", (dialog) => dialog.accept());
    // Names, folders and letters are read by the library, which tests/awkward asks; what becomes of pictures is the page's.
    const told = FULL ? stories : stories.filter(([what]) => /picture/.test(what));
    for (const [what, files, expected, said = []] of told) {
      const got = await read(page, zipped(files()));
      assert.deepEqual(got.said, said, what);
      assert.deepEqual(got.cards.sort(), expected.sort(), what);
      await page.click("#lesson-clear");
      await page.waitForFunction(() => document.querySelectorAll(".lesson-card").length === 0);
    }
    // Read again, nothing is there twice.
    const [, files] = stories.find(([what]) => what === "the same picture under two names");
    await read(page, zipped(files()));
    const before = await cards(page);
    const again = await read(page, zipped(files()));
    assert.match(again.status, /^0 recordings were read\. 3 recordings were there already\.$/);
    assert.deepEqual(again.cards, before);
    assert.deepEqual(page.complaints, []);
  }));

test("two zips with clips of one name are two lessons, and one that cannot be read is named", () =>
  visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    const lesson = (name, picture, clip) => file(name, "application/zip", zip({ "pairs.tsv": table(`${picture}\tclips/1.wav`), "clips/1.wav": clip }));
    const got = await read(page, [lesson("a.zip", "globe", sound), lesson("b.zip", "judo-match", other), file("c.zip", "application/zip", Buffer.from("PK\u0003\u0004cut"))]);
    assert.match(got.status, /^2 recordings/);
    assert.deepEqual(got.cards, ["globe: 1", "judo-match: 1"]);
    assert.equal(got.said.length, 1);
    assert.match(got.said[0], /^c\.zip: /);
    // Clips in a zip, and their table beside it.
    const beside = await read(page, [file("pairs.tsv", "", Buffer.from(table("globe\tsome/2.wav"))), file("some.zip", "application/zip", zip({ "some/2.wav": other }))]);
    assert.match(beside.status, /^1 recording was read/);
    assert.deepEqual(page.complaints, []);
  }));

test("a folder is read by its own table, whatever else lies in it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearsight-"));
  const inside = { "annotations.tsv": "start\tend\n0\t1\n", "my.tsv": "a\tb\n1\t2\n", "pairs.tsv": table("globe\tclips/1.wav"), "old/pairs.tsv": table("globe\told.wav"), "._pairs.tsv": "junk", ".~lock.pairs.tsv#": "x", "Thumbs.db": "x", "clips/1.wav": sound, "backup.zip": zip({ "pairs.tsv": table("globe\t1.wav"), "1.wav": other }) };
  for (const [path, content] of Object.entries(inside)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    const got = await read(page, folder, "#lesson-folder-input");
    assert.deepEqual([got.status, got.said, got.cards], ["1 recording was read.", [], ["globe: 1"]]);
    assert.deepEqual(page.complaints, []);
  });
});

test("own pictures of one title, and one called as the gallery's, are saved and read again as what they are", async () => {
  let saved;
  await visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#own-files-input", [file("Photo.jpg", "image/jpeg", photograph), file("photo.webp", "image/webp", cat), file("globe.webp", "image/webp", dog)]);
    await page.waitForFunction(() => document.querySelectorAll('#wall > li[data-id^="own-"]').length === 3, null, { timeout: PATIENCE });
    const own = await page.$$eval('#wall > li[data-id^="own-"]', (all) => all.map((one) => one.dataset.id));
    for (const id of [...own, "globe"]) {
      await page.locator(`#wall > li[data-id="${id}"] .opener`).click();
      await page.locator(`.lesson-card[data-picture="${id}"] input`).setInputFiles(file("a.wav", "audio/wav", sound));
      await page.waitForSelector(`.lesson-card[data-picture="${id}"] .takes li`, { timeout: PATIENCE });
    }
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#lesson-export")]);
    saved = await readFile(await download.path());
    // Here they are known by what is in them.
    const again = await read(page, file("z.zip", "application/zip", saved));
    assert.match(again.status, /4 recordings were there already/);
    assert.equal(await page.locator('#wall > li[data-id^="own-"]').count(), 3);
    // A packing that fails does not speak of reading.
    await page.evaluate(() => {
      const send = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (request, ...rest) {
        if (request.method !== "pack") return send.call(this, request, ...rest);
        this.dispatchEvent(new MessageEvent("message", { data: { id: request.id, error: { name: "bad-archive", message: "This zip file cannot be read (EscapeAscii { .. }).", details: { cause: "EscapeAscii" } } } }));
      };
    });
    await page.click("#lesson-export");
    await page.waitForFunction(() => /could not be packed/.test(document.getElementById("lesson-status").textContent));
    assertPlain(await page.textContent("#lesson-status"));
    assert.deepEqual(page.complaints, []);
  });
  await visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    const got = await read(page, file("z.zip", "application/zip", saved));
    assert.match(got.status, /^4 recordings were read\.$/);
    assert.deepEqual(got.cards.sort(), ["globe: 1", "own: 1", "own: 1", "own: 1"]);
    assert.deepEqual(got.said, []);
    await screenshot(page, "read-again-1280");
  });
});

/** Kinds of zip that others pack; each gets a sentence of its own. */
const kinds = { encrypted: /password/, bzip2: /compression/, lzma: /compression/, cut: /cut off/ };
test("a zip that cannot be read says why", { skip: !existsSync(new URL("zip/", AWKWARD)) }, () =>
  visit({ path: TEACH }, async (page) => {
    await reach(page, "ready");
    for (const [name, pattern] of Object.entries(kinds)) {
      const got = await read(page, file(`${name}.zip`, "application/zip", await readFile(new URL(`zip/${name}.zip`, AWKWARD))));
      assert.match(got.said[0], pattern, name);
      assertPlain(got.said[0]);
    }
    const got = await read(page, file("one-entry-lzma.zip", "application/zip", await readFile(new URL("zip/one-entry-lzma.zip", AWKWARD))));
    assert.match(got.said.join(" "), /manual\.pdf: It uses a compression/);
  }));

test("what is transparent lies on a ground", { skip: !existsSync(new URL("picture/", AWKWARD)) }, () =>
  visit({ seen: true }, async (page) => {
    await reach(page, "ready");
    await page.setInputFiles("#own-files-input", file("icon.png", "image/png", await readFile(new URL("picture/black-on-nothing.png", AWKWARD))));
    await page.waitForSelector('#wall > li[data-id^="own-"] img[src]', { timeout: PATIENCE });
    const brightest = await page.evaluate(async () => {
      const image = document.querySelector('#wall > li[data-id^="own-"] img');
      await image.decode();
      const pen = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
      pen.drawImage(image, 0, 0);
      return Math.max(...pen.getImageData(0, 0, image.naturalWidth, image.naturalHeight).data.filter((_, place) => place % 4 === 0));
    });
    assert.ok(brightest > 200, `${brightest}`);
  }));

/** A wav file: `format` 1 is 16 bits, 3 is 32 bits float; frames of several channels; what stands before the sound. */
function written(format, channels, { before = Buffer.alloc(0) } = {}) {
  const length = channels[0].length;
  const width = format === 3 ? 4 : 2;
  const data = Buffer.alloc(length * channels.length * width);
  for (let at = 0; at < length; at++) {
    channels.forEach((channel, place) => {
      const to = (at * channels.length + place) * width;
      if (format === 3) data.writeFloatLE(channel[at], to);
      else data.writeInt16LE(Math.round(channel[at] * 32767), to);
    });
  }
  const head = Buffer.alloc(24);
  head.write("fmt ");
  head.writeUInt32LE(16, 4);
  head.writeUInt16LE(format, 8);
  head.writeUInt16LE(channels.length, 10);
  head.writeUInt32LE(SAMPLE_RATE, 12);
  head.writeUInt32LE(SAMPLE_RATE * channels.length * width, 16);
  head.writeUInt16LE(channels.length * width, 20);
  head.writeUInt16LE(width * 8, 22);
  const chunk = Buffer.alloc(8);
  chunk.write("data");
  chunk.writeUInt32LE(data.length, 4);
  const all = Buffer.concat([Buffer.from("RIFF\0\0\0\0WAVE"), head, before, chunk, data]);
  all.writeUInt32LE(all.length - 8, 4);
  return all;
}

test("sound of any scale, of channels that cancel each other, and under a wrong header is heard", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    const negative = speech.map((sample) => -sample);
    const odd = Buffer.concat([Buffer.from("LIST\x05\0\0\0"), Buffer.from("12345")]);
    for (const [what, bytes] of [
      ["left against right", written(1, [speech, negative])],
      ["left against right, and one silent", written(1, [speech, negative, silence(speech.length / SAMPLE_RATE)])],
      ["numbers of 16 bits as floats", written(3, [speech.map((sample) => sample * 32768)])],
      ["a chunk without its empty byte", written(1, [speech], { before: odd })],
    ]) {
      await page.evaluate(() => (document.getElementById("wall").dataset.ranking = "before"));
      await page.setInputFiles("#file", file("odd.wav", "audio/wav", bytes));
      const found = await finalRanking(page);
      assert.equal(await page.textContent("#alert"), "", what);
      if (!process.env.FAKE) assert.ok(found.slice(0, 5).includes(clips[0].picture), `${what}: ${found.indexOf(clips[0].picture) + 1}th`);
    }
    assert.deepEqual(page.complaints, []);
  }));

test("names are free on any system", () => {
  const taken = new Set();
  assert.deepEqual(["Photo", "photo", "a/b:c", "..."].map((title) => freeName(title, ".jpg", taken)), ["Photo.jpg", "photo (2).jpg", "a b c.jpg", "_.jpg"]);
});
