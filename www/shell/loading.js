// Downloads with progress in bytes, checked before use. What has arrived whole is not fetched again on a retry.
import { failure } from "../kit/failure.js";
import { ROOT } from "../root.js";
import { texts } from "../texts.js";

/** @import { Caption, Parts, Picture, Program, SystemName } from "../types.d.ts" */
/** @typedef {{ bytes: number, sha256: string }} Expected */
/** @typedef {(loaded: number, total: number) => void} OnProgress in bytes */
/** @template T @typedef {{ value: T, bytes: number }} Arrived */

/** The program for the processor with threads and without, each a third of the package, which has WebGPU too. */
const PROGRAMS = { threads: new URL("pkg/threads/", ROOT), cpu: new URL("pkg/cpu/", ROOT), gpu: new URL("pkg/", ROOT) };
/** What does where one is not there, because of the browser or of who built the page. */
const INSTEAD = /** @type {const} */ ({ threads: "cpu", cpu: "gpu" });
/** Threads besides the engine's own that this page may have (www/opened.js). */
const HELPERS = Number(document.documentElement.dataset.helpers ?? 0);
const MODEL = new URL("www/models/model.json", ROOT);
export const GALLERY = new URL("www/gallery/gallery.json", ROOT);
export const CAPTIONS = new URL("www/gallery/captions.json", ROOT);

/** Files are kept as blobs, which the browser may lay on the disk; only the worker has their bytes. @type {Map<string, Promise<Arrived<any>>>} */
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
  /** @param {URL} url @returns {OnProgress} */
  const ofFile = (url) => (loaded, total) => {
    progress.set(url.href, { loaded, total });
    // A sum that grows would be a promise broken: it is told when all of it is known.
    if (progress.size < 3) return;
    const sum = { loaded: 0, total: 0 };
    for (const one of progress.values()) {
      sum.loaded += one.loaded;
      sum.total += one.total;
    }
    onProgress(sum.loaded, sum.total);
  };
  /** @param {URL} url @param {string} what @param {Expected} expected */
  const get = (url, what, expected) => file(url, what, expected, ofFile(url));
  const first = files.student ?? files.speech;
  const [program, speech, index] = await Promise.all([
    loadProgram(kind, ofFile),
    get(new URL(first.file, MODEL), texts.files.speech, first),
    get(new URL(files.index.file, MODEL), texts.files.index, files.index),
  ]);
  return { ...program, speech, index, isWhole: first === files.speech };
}

/** The program with WebGPU, which may take over. @returns {Promise<Program>} */
export const loadGpuProgram = () => loadProgram("gpu", () => () => {});

/** @param {keyof typeof PROGRAMS} kind @param {(url: URL) => OnProgress} ofFile @returns {Promise<Program>} */
async function loadProgram(kind, ofFile) {
  if (kind === "threads" && !HELPERS) return loadProgram(INSTEAD[kind], ofFile);
  const wasm = new URL("hearsight_bg.wasm", PROGRAMS[kind]);
  try {
    const module = await once(wasm, (onProgress) => compile(wasm, onProgress), ofFile(wasm));
    return { module, glue: new URL("hearsight.js", PROGRAMS[kind]).href, helpers: kind === "threads" ? HELPERS : 0 };
  } catch (error) {
    if (kind !== "gpu") return loadProgram(INSTEAD[kind], ofFile);
    throw error;
  }
}

/** Compiles the program while it arrives. @param {URL} url @param {OnProgress} onProgress @returns {Promise<Arrived<WebAssembly.Module>>} */
async function compile(url, onProgress) {
  try {
    const { body, total } = await answer(url);
    let bytes = 0;
    const counted = new TransformStream({
      transform(/** @type {Uint8Array} */ part, stream) {
        bytes += part.length;
        onProgress(bytes, Math.max(bytes, total));
        stream.enqueue(part);
      },
    });
    onProgress(0, total);
    const program = new Response(body.pipeThrough(counted), { headers: { "content-type": "application/wasm" } });
    return { value: await WebAssembly.compileStreaming(program), bytes };
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw failure("download-failed", texts.errors.fetch(texts.files.program));
    damaged.add(url.href);
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

/** The whole speech network. @param {OnProgress} onProgress @returns {Promise<Blob>} */
export async function loadWhole(onProgress) {
  const { files } = await json(MODEL, texts.files.model);
  return file(new URL(files.speech.file, MODEL), texts.files.speech, files.speech, onProgress);
}

/** The picture network, for the visitor's own pictures. @param {OnProgress} onProgress @returns {Promise<Blob>} */
export async function loadPictureNetwork(onProgress) {
  const { files } = await json(MODEL, texts.files.model);
  return file(new URL(files.picture.file, MODEL), texts.files.picture, files.picture, onProgress);
}

/** Which picture network it is: the beginning of its file's SHA-256. @returns {Promise<string>} */
export async function pictureVersion() {
  const { files } = await json(MODEL, texts.files.model);
  return files.picture.sha256.slice(0, 16);
}

/** One of the poster's systems with the bundled gallery's vectors; a gallery of one's own has none. @param {SystemName} name @param {OnProgress} onProgress @returns {Promise<Blob>} */
export async function loadSystem(name, onProgress) {
  const { files } = await json(MODEL, texts.files.model);
  const system = files.systems?.[name];
  if (!system) throw failure("no-systems", texts.errors.noSystems);
  return file(new URL(system.file, MODEL), texts.files.speech, system, onProgress);
}

/** The spoken captions with their index; none where the gallery has none. @returns {Promise<{ captions: Caption[], index: Blob } | null>} */
export async function loadCaptions() {
  const { files } = await json(MODEL, texts.files.model);
  if (!files.captions) return null;
  const [list, index] = await Promise.all([
    json(CAPTIONS, texts.files.captions),
    file(new URL(files.captions.file, MODEL), texts.files.captions, files.captions, () => {}),
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

/** @param {URL} url @param {string} what @param {Expected} expected @param {OnProgress} onProgress @returns {Promise<Blob>} */
const file = (url, what, expected, onProgress) => once(url, (onProgress) => download(url, what, expected, onProgress), onProgress);

/**
 * What has arrived is there; what has not is fetched again.
 * @template T @param {URL} url @param {(onProgress: OnProgress) => Promise<Arrived<T>>} make @param {OnProgress} onProgress
 * @returns {Promise<T>}
 */
async function once(url, make, onProgress) {
  const promise = arrived.get(url.href) ?? make(onProgress);
  arrived.set(url.href, promise);
  try {
    const { value, bytes } = await promise;
    onProgress(bytes, bytes);
    return value;
  } catch (error) {
    arrived.delete(url.href);
    throw error;
  }
}

/** @param {URL} url @param {string} what @param {Expected} expected @param {OnProgress} onProgress @returns {Promise<Arrived<Blob>>} */
async function download(url, what, expected, onProgress) {
  const bytes = await read(url, what, expected.bytes, onProgress);
  if (!(await isWhole(bytes, expected))) {
    // The browser's own cache may hold the damaged bytes: the next try goes round it.
    damaged.add(url.href);
    throw failure("download-damaged", texts.errors.damaged(what));
  }
  return { value: new Blob([bytes]), bytes: bytes.length };
}

/** @param {URL} url @param {string} what @param {number} total @param {OnProgress} onProgress */
async function read(url, what, total, onProgress) {
  try {
    const { body } = await answer(url);
    const chunks = [];
    let loaded = 0;
    onProgress(0, total);
    const reader = body.getReader();
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

/** What a host answers, with its length in bytes where that is known. @param {URL} url */
async function answer(url) {
  const { ok, body, headers, statusText } = await fetch(url, { cache: damaged.has(url.href) ? "reload" : "default" });
  if (!ok || !body) throw new Error(statusText);
  // The length of a compressed answer says nothing about the bytes that come out of it.
  return { body, total: headers.has("content-encoding") ? 0 : Number(headers.get("content-length")) };
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
