// Sounds for the tests: the examples decoded by the browser, and wav files for the fake microphone and for the chooser.
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { visit } from "./browser.js";

export const SAMPLE_RATE = 48_000;

const read = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));
const expected = await read("expected.json");
/** The page's examples, each with the picture that it describes: { file, text, voice, picture }. */
export const clips = (await read("../../www/examples/examples.json")).map((clip) => ({ ...clip, picture: expected[clip.file] }));

/** Samples of one of the examples. Any address of the page's will do, and this one is quickly there. */
export function decoded(file) {
  return visit({ path: "/www/icon.svg" }, async (page) => {
    const samples = await page.evaluate(async ({ url, rate }) => {
      const bytes = await (await fetch(url)).arrayBuffer();
      const sound = await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
      return Array.from(sound.getChannelData(0));
    }, { url: `/www/examples/${file}`, rate: SAMPLE_RATE });
    return Float32Array.from(samples);
  });
}

export const silence = (seconds) => new Float32Array(Math.round(seconds * SAMPLE_RATE));

export function joined(...parts) {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Bytes of a wav file: mono, 16 bits. */
export function wav(samples) {
  const bytes = Buffer.alloc(44 + samples.length * 2);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(SAMPLE_RATE, 24);
  bytes.writeUInt32LE(SAMPLE_RATE * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, index) => bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32767), 44 + index * 2));
  return bytes;
}

/** Chromium's switches for a microphone that plays these samples once. */
export async function microphone(samples) {
  const path = join(await mkdtemp(join(tmpdir(), "hearsight-")), "microphone.wav");
  await writeFile(path, wav(samples));
  return ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${path}%noloop`];
}

/** For Playwright's setInputFiles. */
export const file = (name, mimeType, buffer) => ({ name, mimeType, buffer });
