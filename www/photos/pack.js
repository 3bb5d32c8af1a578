// Vectors and small copies of the visitor's own pictures, packed: two files in the browser's private file system, or blocks in the
// database where there is none. Nothing in it counts before a record says where it lies, so that what was half written is written
// over (docs/decisions/0016-own-pictures-in-packs.md).
import { darkroom } from "./darkroom.js";
import { failure } from "../kit/named.js";
import { NAME } from "../kit/store.js";

/** @import { Store } from "../kit/store.js" */
/** @typedef {{ vector: Uint8Array<ArrayBuffer>, copy: Uint8Array<ArrayBuffer> }} Piece a vector in f16, and a JPEG */
/**
 * @typedef {object} Place where they lie
 * @property {number} row of the vector, in vectors
 * @property {number} at of the copy, in bytes
 * @property {number} bytes of the copy
 * @property {string} [block] id of the block that they lie in, where there are no files
 */
/** @typedef {{ id: "packed", rows: number, bytes: number }} Lengths of what counts */
/** @typedef {{ id: string, vectors: Uint8Array<ArrayBuffer>, copies: Uint8Array<ArrayBuffer> }} Block */

/** Bytes of a vector: 384 numbers in f16. */
export const VECTOR = 768;
/** The site's folder; slashes would be folders of folders. */
const FOLDER = NAME.replaceAll("/", "~");
const VECTORS = "vectors";
const COPIES = "copies";
/** A file that another tab has just written to is opened anew, so often. */
const TRIES = 4;

export class Pack {
  #store;
  /** Whether there are files; asked when something is first written. @type {Promise<boolean> | null} */
  #hasFiles = null;
  /** Opened files, until somebody writes. @type {Map<string, Promise<File>>} */
  #opened = new Map();
  /** The block that was read last. @type {Block | null} */
  #block = null;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /**
   * Lays pieces down. They count once the records, and with them the lengths and the blocks that are given, are kept.
   * @param {string} id of the batch @param {Piece[]} pieces
   * @returns {Promise<{ places: Place[], fact?: Lengths, blocks: Block[] }>}
   */
  async append(id, pieces) {
    const vectors = joined(pieces.map(({ vector }) => vector));
    const copies = joined(pieces.map(({ copy }) => copy));
    const isFiles = await (this.#hasFiles ??= hasFiles());
    const known = isFiles ? await this.#store.fact("packed") : null;
    const { rows, bytes } = /** @type {Lengths} */ (known ?? { rows: 0, bytes: 0 });
    let at = bytes;
    const places = pieces.map(({ copy }, place) => {
      at += copy.length;
      return { row: rows + place, at: at - copy.length, bytes: copy.length, ...(isFiles ? {} : { block: id }) };
    });
    if (!isFiles) return { places, blocks: [{ id, vectors, copies }] };
    await darkroom("write", FOLDER, [{ name: VECTORS, at: rows * VECTOR, bytes: vectors }, { name: COPIES, at: bytes, bytes: copies }]);
    this.forget();
    return { places, fact: { id: "packed", rows: rows + pieces.length, bytes: at }, blocks: [] };
  }

  /** The vectors of places, one after the other. @param {Place[]} places */
  vectors(places) {
    return this.#all(places.map(({ row, block }) => ({ block, from: row * VECTOR, to: (row + 1) * VECTOR })), VECTORS);
  }

  /** The copies of places, one after the other. @param {Place[]} places */
  copies(places) {
    return this.#all(places.map(({ at, bytes, block }) => ({ block, from: at, to: at + bytes })), COPIES);
  }

  /** Stretches that lie one behind the other are read at once. @param {{ block?: string, from: number, to: number }[]} stretches @param {"vectors" | "copies"} name @returns {Promise<Blob>} */
  async #all(stretches, name) {
    /** @type {{ block?: string, from: number, to: number }[]} */
    const parts = [];
    for (const { block, from, to } of stretches) {
      const last = parts.at(-1);
      if (last && last.to === from && last.block === block) last.to = to;
      else parts.push({ block, from, to });
    }
    /** @type {BlobPart[]} */
    const found = [];
    for (const { block, from, to } of parts) found.push(block ? (await this.#read(block))[name].slice(from, to) : await this.#slice(name, from, to));
    return new Blob(found);
  }

  /** The copy of a place. @param {Place} place @returns {Promise<Blob>} */
  async copy({ at, bytes, block }) {
    const part = block ? (await this.#read(block)).copies.slice(at, at + bytes) : await this.#slice(COPIES, at, at + bytes);
    return new Blob([part], { type: "image/jpeg" });
  }

  /** Writes nothing over copies that are to be gone; their places stay empty. @param {Place[]} places */
  async erase(places) {
    const pieces = places.filter(({ block }) => !block).map(({ at, bytes }) => ({ name: COPIES, at, bytes: new Uint8Array(bytes) }));
    if (pieces.length) await darkroom("write", FOLDER, pieces);
    this.forget();
  }

  /** Deletes the files. */
  async clear() {
    this.forget();
    const root = await navigator.storage?.getDirectory?.().catch(() => null);
    if (!root) return;
    await root.removeEntry(FOLDER, { recursive: true }).catch((error) => {
      if (error?.name !== "NotFoundError") throw failure("storage-failed");
    });
  }

  /** Another tab has written. */
  forget() {
    this.#opened.clear();
    this.#block = null;
  }

  /** @param {string} name @param {number} from @param {number} to in bytes */
  async #slice(name, from, to) {
    for (let tried = 1; ; tried++) {
      try {
        const file = await (this.#opened.get(name) ?? this.#open(name));
        // A file that ends before is not what the record speaks of.
        if (file.size < to) throw failure("storage-failed");
        return new Uint8Array(await file.slice(from, to).arrayBuffer());
      } catch (error) {
        this.#opened.delete(name);
        if (tried === TRIES) throw failure("storage-failed");
      }
    }
  }

  /** @param {string} name @returns {Promise<File>} */
  #open(name) {
    const opening = (async () => {
      const root = await navigator.storage.getDirectory();
      return (await (await root.getDirectoryHandle(FOLDER)).getFileHandle(name)).getFile();
    })();
    opening.catch(() => {});
    this.#opened.set(name, opening);
    return opening;
  }

  /** @param {string} id @returns {Promise<Block>} */
  async #read(id) {
    if (this.#block?.id === id) return this.#block;
    const block = /** @type {Block | undefined} */ (await this.#store.one("blocks", id));
    if (!block) throw failure("storage-failed");
    this.#block = block;
    return block;
  }
}

/** Whether the browser has files of a site's own that a worker can write. */
async function hasFiles() {
  try {
    if (!navigator.storage?.getDirectory || !("FileSystemFileHandle" in globalThis)) return false;
    await darkroom("write", FOLDER, [{ name: "probe", at: 0, bytes: new Uint8Array() }]);
    return true;
  } catch {
    return false;
  }
}

/** @param {Uint8Array[]} pieces @returns {Uint8Array<ArrayBuffer>} */
function joined(pieces) {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
