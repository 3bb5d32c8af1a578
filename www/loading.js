// Downloads with progress in bytes, checked before use. What has arrived whole is not fetched again on a retry.
import { failure } from "./failure.js";
import { texts } from "./texts.js";

/** @import { Caption, Parts, Picture, Program, SystemName } from "./types.d.ts" */
/** @typedef {{ bytes: number, sha256: string }} Expected */
/** @typedef {(loaded: number, total: number) => void} OnProgress in bytes */

const base = new URL(".", import.meta.url);
/** The program for the processor, a third of the other, and the package, which has WebGPU too. */
const PROGRAMS = { cpu: new URL("../pkg/cpu/", base), gpu: new URL("../pkg/", base) };
const MODEL = new URL("models/model.json", base);
export const GALLERY = new URL("gallery/gallery.json", base);
export const CAPTIONS = new URL("gallery/captions.json", base);

/** @type {Map<string, Promise<Uint8Array<ArrayBuffer>>>} */
const arrived = new Map();
/** @type {Set<string>} */
const damaged = new Set();

/** @returns {Promise<Picture[]>} in the wall's resting order */
export async function loadGallery() {
  return (await json(GALLERY, texts.files.gallery)).pictures;
}

/**
 * Everything the engine needs to start: with the student, where there is one, which is quickly here.
 * @param {keyof typeof PROGRAMS} kind of program @param {OnProgress} onProgress
 * @returns {Promise<Parts>}
 */
export async function loadParts(kind, onProgress) {
  const { files } = await json(MODEL, texts.files.model);
  /** Of each file, once its answer has begun. @type {Map<string, { loaded: number, total: number }>} */
  const progress = new Map();
  /** @param {URL} url @param {string} what @param {Expected} [expected] */
  const get = (url, what, expected) => {
    return once(url, what, expected, (loaded, total) => {
      progress.set(url.href, { loaded, total });
      // A sum that grows would be a promise broken: it is told when all of it is known.
      if (progress.size < 3) return;
      const sum = { loaded: 0, total: 0 };
      for (const one of progress.values()) {
        sum.loaded += one.loaded;
        sum.total += one.total;
      }
      onProgress(sum.loaded, sum.total);
    });
  };
  const first = files.student ?? files.speech;
  const [program, speech, index] = await Promise.all([
    loadProgram(kind, (url) => get(url, texts.files.program)),
    get(new URL(first.file, MODEL), texts.files.speech, first),
    get(new URL(files.index.file, MODEL), texts.files.index, files.index),
  ]);
  return { ...program, speech, index, isWhole: first === files.speech };
}

/** The program with WebGPU, which may take over. @returns {Promise<Program>} */
export const loadGpuProgram = () => loadProgram("gpu", (url) => once(url, texts.files.program, undefined, () => {}));

/** @param {keyof typeof PROGRAMS} kind @param {(url: URL) => Promise<Uint8Array<ArrayBuffer>>} get @returns {Promise<Program>} */
async function loadProgram(kind, get) {
  const wasm = new URL("hearsight_bg.wasm", PROGRAMS[kind]);
  try {
    const module = await WebAssembly.compile(await get(wasm));
    return { module, glue: new URL("hearsight.js", PROGRAMS[kind]).href };
  } catch (error) {
    // Whoever built the package with wasm-pack has no other.
    if (kind === "cpu") return loadProgram("gpu", get);
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    arrived.delete(wasm.href);
    throw failure("download-damaged", texts.errors.damaged(texts.files.program));
  }
}

/** The file of a photograph of the gallery. @param {Picture} picture */
export const loadPicture = (picture) => loadFile(new URL(picture.file, GALLERY), texts.files.photograph);

/** A small file as it is. @param {URL} url @param {string} what it is @returns {Promise<Blob>} */
export async function loadFile(url, what) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(response.statusText);
    return await response.blob();
  } catch {
    throw failure("download-failed", texts.errors.fetch(what));
  }
}

/** The whole speech network. @param {OnProgress} onProgress @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function loadWhole(onProgress) {
  const { files } = await json(MODEL, texts.files.model);
  return once(new URL(files.speech.file, MODEL), texts.files.speech, files.speech, onProgress);
}

/** The picture network, for the visitor's own pictures. @param {OnProgress} onProgress @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function loadPictureNetwork(onProgress) {
  const { files } = await json(MODEL, texts.files.model);
  return once(new URL(files.picture.file, MODEL), texts.files.picture, files.picture, onProgress);
}

/** One of the poster's systems with the bundled gallery's vectors; a gallery of one's own has none. @param {SystemName} name @param {OnProgress} onProgress @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function loadSystem(name, onProgress) {
  const { files } = await json(MODEL, texts.files.model);
  const file = files.systems?.[name];
  if (!file) throw failure("no-systems", texts.errors.noSystems);
  return once(new URL(file.file, MODEL), texts.files.speech, file, onProgress);
}

/** The spoken captions with their index; none where the gallery has none. @returns {Promise<{ captions: Caption[], index: Uint8Array<ArrayBuffer> } | null>} */
export async function loadCaptions() {
  const { files } = await json(MODEL, texts.files.model);
  if (!files.captions) return null;
  const [list, index] = await Promise.all([
    json(CAPTIONS, texts.files.captions),
    once(new URL(files.captions.file, MODEL), texts.files.captions, files.captions, () => {}),
  ]);
  return { captions: list.captions, index };
}

/** @param {URL} url @param {string} what @returns {Promise<any>} */
async function json(url, what) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(response.statusText);
    return await response.json();
  } catch {
    throw failure("download-failed", texts.errors.fetch(what));
  }
}

/**
 * @param {URL} url @param {string} what @param {Expected | undefined} expected
 * @param {OnProgress} onProgress
 */
async function once(url, what, expected, onProgress) {
  const promise = arrived.get(url.href) ?? download(url, what, expected, onProgress);
  arrived.set(url.href, promise);
  try {
    const bytes = await promise;
    onProgress(bytes.length, bytes.length);
    return bytes;
  } catch (error) {
    arrived.delete(url.href);
    throw error;
  }
}

/**
 * @param {URL} url @param {string} what @param {Expected | undefined} expected
 * @param {OnProgress} onProgress
 */
async function download(url, what, expected, onProgress) {
  const bytes = await read(url, what, expected?.bytes, onProgress);
  if (expected && !(await isWhole(bytes, expected))) {
    // The browser's own cache may hold the damaged bytes: the next try goes round it.
    damaged.add(url.href);
    throw failure("download-damaged", texts.errors.damaged(what));
  }
  return bytes;
}

/**
 * @param {URL} url @param {string} what @param {number | undefined} size
 * @param {OnProgress} onProgress
 */
async function read(url, what, size, onProgress) {
  try {
    const response = await fetch(url, { cache: damaged.has(url.href) ? "reload" : "default" });
    if (!response.ok || !response.body) throw new Error(response.statusText);
    // The length of a compressed answer says nothing about the bytes that come out of it.
    const length = response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length"));
    const total = size ?? length;
    const chunks = [];
    let loaded = 0;
    onProgress(0, total);
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      loaded += part.value.length;
      onProgress(loaded, Math.max(loaded, total));
    }
    return joined(chunks, loaded);
  } catch {
    throw failure("download-failed", texts.errors.fetch(what));
  }
}

/** @param {Uint8Array[]} chunks @param {number} length */
function joined(chunks, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Browsers offer no digest on pages that are not secure; there the length has to do.
 * @param {Uint8Array<ArrayBuffer>} bytes @param {Expected} expected
 */
async function isWhole(bytes, expected) {
  if (bytes.length !== expected.bytes) return false;
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === expected.sha256;
}
