// The second worker: picture files are told apart by their content and decoded by the browser here, and packs are written, so that
// neither the page nor the engine waits for it.
import { jpegHead } from "./jpeg-head.js";
import { letGo } from "../kit/let-go.js";

/** @typedef {typeof methods} Methods */
/** @typedef {{ name: string, at: number, bytes: Uint8Array }} Written a piece of a file and its place in it */
/**
 * @typedef {object} Developed a picture that the browser decoded, upright
 * @property {Uint8Array<ArrayBuffer>} rgba four bytes a pixel, for the network
 * @property {number} width @property {number} height of these
 * @property {Uint8Array<ArrayBuffer>} copy a JPEG to show
 * @property {number} copyWidth @property {number} copyHeight
 */

/** Pictures of more pixels are made smaller while they are decoded: what the network sees is 224 pixels wide. */
const MANY = 1_500_000;
/** How long the longer side then is at least. In steps of eighths, as JPEG's own arithmetic allows, where the browser can. */
const SCALED = { exact: 1000, smooth: 1344 };
/** Of copies. */
const QUALITY = 0.82;
/** How files begin that browsers decode faster than we do, or that only they can: JPEG, HEIC, AVIF, TIFF. */
const BROWSERS_OWN = /^(\xff\xd8\xff|....ftyp(hei|hev|mif|msf|avi)|II\*\0|MM\0\*)/s;

const methods = {
  /** SHA-256 of a file in hexadecimal; null on pages that are not secure. @param {Blob} file */
  async content(file) {
    if (!globalThis.crypto?.subtle) return null;
    const bytes = await file.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    letGo(bytes);
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  },

  /** Decodes a file; null where that is better left to the engine. @param {Blob} file @param {number} longest side of the copy in pixels @returns {Promise<Developed | null>} */
  async develop(file, longest) {
    if (!isFaithful()) return null;
    const head = new Uint8Array(await file.slice(0, 1 << 17).arrayBuffer());
    if (!BROWSERS_OWN.test(String.fromCharCode(...head.subarray(0, 16)))) return null;
    const picture = await decoded(file, head).catch(() => null);
    if (!picture) return null;
    try {
      const [width, height] = [picture.width, picture.height];
      const { data } = drawn("seen", picture, width, height).context.getImageData(0, 0, width, height);
      const shrink = Math.min(1, longest / Math.max(width, height));
      const [copyWidth, copyHeight] = [width, height].map((side) => Math.max(1, Math.round(side * shrink)));
      const copy = await copied(picture, copyWidth, copyHeight);
      return { rgba: new Uint8Array(data.buffer), width, height, copy: new Uint8Array(await copy.arrayBuffer()), copyWidth, copyHeight };
    } finally {
      picture.close();
    }
  },

  /** Writes pieces of files of a folder, and has them on the disk. @param {string} folder @param {Written[]} pieces */
  async write(folder, pieces) {
    const root = await navigator.storage.getDirectory();
    const there = await root.getDirectoryHandle(folder, { create: true });
    for (const { name, at, bytes } of pieces) {
      // Not in TypeScript's list of what a page has: only workers have it.
      const handle = await /** @type {any} */ (await there.getFileHandle(name, { create: true })).createSyncAccessHandle();
      try {
        if (handle.write(bytes, { at }) !== bytes.length) throw Object.assign(new Error(), { name: "QuotaExceededError" });
        handle.flush();
      } finally {
        handle.close();
      }
    }
  },
};

/** Whether what is drawn is what is read: some browsers add noise, so that visitors are not known again by it. @type {boolean | null} */
let faithful = null;
function isFaithful() {
  if (faithful !== null) return faithful;
  if (!globalThis.OffscreenCanvas || !globalThis.createImageBitmap) return (faithful = false);
  const context = new OffscreenCanvas(8, 8).getContext("2d", { willReadFrequently: true });
  if (!context) return (faithful = false);
  context.fillStyle = "rgb(12 134 56)";
  context.fillRect(0, 0, 8, 8);
  const { data } = context.getImageData(0, 0, 8, 8);
  return (faithful = data.every((value, place) => value === [12, 134, 56, 255][place % 4]));
}

/** @param {Blob} file @param {Uint8Array} head its beginning @returns {Promise<ImageBitmap>} */
async function decoded(file, head) {
  // As the engine and the training see colours: as the numbers that stand in the file.
  /** @type {ImageBitmapOptions} */
  const plain = { colorSpaceConversion: "none" };
  const jpeg = jpegHead(head);
  if (!jpeg || jpeg.width * jpeg.height <= MANY) return createImageBitmap(file, plain);
  const Decoder = /** @type {any} */ (globalThis).ImageDecoder;
  if (Decoder && jpeg.orientation === 1) {
    const shrink = SCALED.exact / Math.max(jpeg.width, jpeg.height);
    const [desiredWidth, desiredHeight] = [jpeg.width, jpeg.height].map((side) => Math.ceil(side * shrink));
    const decoder = new Decoder({ data: await file.arrayBuffer(), type: "image/jpeg", ...plain, desiredWidth, desiredHeight });
    try {
      const { image } = await decoder.decode();
      const bitmap = await createImageBitmap(image);
      image.close();
      return bitmap;
    } catch {
      // A browser that has it and cannot: the other way is there too.
    } finally {
      decoder.close();
    }
  }
  const isTurned = jpeg.orientation > 4;
  const isWide = isTurned ? jpeg.height > jpeg.width : jpeg.width > jpeg.height;
  return createImageBitmap(file, { ...plain, resizeQuality: "high", [isWide ? "resizeWidth" : "resizeHeight"]: SCALED.smooth });
}

/** One after the other: they share a canvas. @type {Promise<unknown>} */
let before = Promise.resolve();

/** @param {ImageBitmap} picture @param {number} width @param {number} height @returns {Promise<Blob>} */
function copied(picture, width, height) {
  const copy = before.then(() => drawn("copied", picture, width, height).canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY }));
  before = copy.catch(() => {});
  return copy;
}

/** One for the network and one for the copy, used again and again: browsers are slow to give a canvas's memory back. @type {Map<string, OffscreenCanvas>} */
const canvases = new Map();

/** @param {"seen" | "copied"} use @param {ImageBitmap} picture @param {number} width @param {number} height */
function drawn(use, picture, width, height) {
  const canvas = canvases.get(use) ?? new OffscreenCanvas(width, height);
  canvases.set(use, canvas);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  // What is transparent lies on white, as everywhere.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return { canvas, context };
}

self.onmessage = async (/** @type {MessageEvent<{ id: number, method: keyof Methods, args: any[] }>} */ { data: { id, method, args } }) => {
  try {
    const result = await /** @type {any} */ (methods[method])(...args);
    const transfer = result?.rgba ? [result.rgba.buffer, result.copy.buffer] : [];
    self.postMessage({ id, result }, { transfer });
  } catch (error) {
    const isFull = error instanceof Error && error.name === "QuotaExceededError";
    const isUnread = error instanceof Error && error.name === "NotReadableError";
    self.postMessage({ id, error: isFull ? "storage-full" : isUnread || method === "content" ? "file-gone" : "storage-failed" });
  }
};
