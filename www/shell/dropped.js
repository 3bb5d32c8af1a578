// What was dropped or chosen, sorted: every file goes where it belongs, whichever view is in sight, and what belongs nowhere is
// named. What systems leave behind is not.
import { baseOf } from "../kit/paths.js";
import { instance } from "./wasm.js";

/** @typedef {"sound" | "picture" | "zip" | "table" | "taught" | "index" | "other"} Sort */
/** @typedef {{ path: string, file: File, folder?: string | null }} Given a file, with its path in the folder that it came in, and the id of a folder that can be looked through again */
/** @typedef {Record<Sort, Given[]>} Sorted */

/** @type {[Sort, RegExp][]} */
const ENDINGS = [
  ["index", /\.hearsight-index$/i],
  ["taught", /\.(hearsight|safetensors)$/i],
  ["zip", /\.zip$/i],
  ["table", /\.(tsv|csv|tab)$/i],
  ["picture", /\.(jpe?g|jfif|jpe|png|apng|webp|gif|bmp|hei[cf]|avif|tiff?|svg|cr2|cr3|nef|arw|dng|raf|orf|rw2)$/i],
  ["sound", /\.(wave?|mp3|mp2|og[ga]|opus|m4[ab]|aac|flac|web[am]|mp4|mov|aiff?|amr|3gpp?|caf|wma|mka|mkv|spx)$/i],
];
/** @type {[Sort, RegExp][]} */
const TYPES = [
  ["picture", /^image\//],
  ["sound", /^(audio|video)\//],
  ["zip", /^application\/(x-)?zip(-compressed)?$/],
  ["table", /^text\/(tab-separated-values|csv)$/],
];
/** How files of a kind begin, for those whose names say nothing. @type {[Sort, RegExp][]} */
const BEGINNINGS = [
  ["zip", /^PK\x03\x04/],
  ["sound", /^(RIFF....WAVE|RF64|OggS|ID3|fLaC|\x1a\x45\xdf\xa3|\xff[\xfb\xf3\xf2\xf1\xf9]|FORM....AIF|#!AMR|....ftyp(M4A|mp4|isom|qt))/s],
  ["picture", /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|BM|....ftyp(hei|mif|avi)|II\*\0|MM\0\*)/s],
];

/** What lies beside a photograph under the same name: its raw data, or the seconds around it. */
const COMPANION = /\.(cr2|cr3|nef|arw|dng|raf|orf|rw2|mov|mp4|aae|xmp)$/i;
const STILL = /\.(jpe?g|jfif|jpe|png|webp|hei[cf]|avif)$/i;

/** Whether a file may only go with a photograph. @param {string} path */
export const isCompanion = (path) => COMPANION.test(path);

/** Without what only goes with a photograph. @param {Given[]} given @returns {Given[]} */
export function alone(given) {
  const stem = (/** @type {string} */ path) => path.replace(/\.[^./]*$/, "").toLowerCase();
  const stills = new Set(given.filter(({ path }) => STILL.test(path)).map(({ path }) => stem(path)));
  return given.filter(({ path }) => !isCompanion(path) || !stills.has(stem(path)));
}

/** @param {Given[]} given @returns {Promise<Sorted>} */
export async function sorted(given) {
  /** @type {Sorted} */
  const found = { sound: [], picture: [], zip: [], table: [], taught: [], index: [], other: [] };
  const { isHidden } = await instance;
  for (const one of given) if (!isHidden(one.path)) found[await sortOf(one.file)].push(one);
  // A table may name any of them.
  if (found.table.length) return found;
  const kept = new Set(alone(given));
  for (const kind of /** @type {Sort[]} */ (["sound", "picture", "other"])) found[kind] = found[kind].filter((one) => kept.has(one));
  return found;
}

/** @param {File} file @returns {Promise<Sort>} */
async function sortOf(file) {
  const by = (/** @type {[Sort, RegExp][]} */ rules, /** @type {string} */ text) => rules.find(([, rule]) => rule.test(text))?.[0];
  return by(ENDINGS, file.name) ?? by(TYPES, file.type) ?? by(BEGINNINGS, await beginning(file)) ?? "other";
}

/** @param {File} file */
async function beginning(file) {
  // A folder that came as a file cannot be read.
  const bytes = await file.slice(0, 16).arrayBuffer().catch(() => new ArrayBuffer(0));
  return String.fromCharCode(...new Uint8Array(bytes));
}

/** @param {Given[]} given */
export const filesOf = (given) => given.map(({ file }) => file);

/** Names for a sentence. @param {Given[]} given */
export const namesOf = (given) => given.map(({ path }) => baseOf(path));

/** What was chosen. @param {Iterable<File>} files @returns {Given[]} */
export const given = (files) => [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/**
 * The whole page as a place to drop on.
 * @param {(given: Given[]) => void} onFiles
 */
export function acceptDrops(onFiles) {
  const carriesFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.dataset.dropping = "";
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete document.body.dataset.dropping;
  });
  addEventListener("drop", async (event) => {
    delete document.body.dataset.dropping;
    if (!carriesFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    onFiles(await dropped(event.dataTransfer));
  });
}

/** The files that were dropped, with those in dropped folders. @param {DataTransfer} data @returns {Promise<Given[]>} */
export async function dropped(data) {
  // Both have to be asked for before anything is waited for.
  const files = [...data.files];
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null).filter((entry) => entry !== null);
  if (!entries.some((entry) => entry.isDirectory)) return given(files);
  return (await Promise.all(entries.map(filesIn))).flat();
}

/** @param {FileSystemEntry} entry @returns {Promise<Given[]>} */
async function filesIn(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    /** @type {File | null} */
    const file = await new Promise((resolve) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null)));
    return file ? [{ path, file }] : [];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  // A reader gives a part at a time, and nothing at the end.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!part.length) return found;
    found.push(...(await Promise.all(part.map(filesIn))).flat());
  }
}
