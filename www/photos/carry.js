// "Take my index along": all that is kept of the visitor's own pictures in one file, for another browser or machine, and back. First a
// line that names the format, then the length of the list of pictures (four bytes), the list as JSON, all vectors, and all copies.
import { failure } from "../kit/failure.js";
import { VECTOR } from "./pack.js";
import { texts } from "../texts.js";

/** @import { Collection, Draft } from "./collection.js" */
/** @import { KeptPicture, Source } from "../types.d.ts" */
/** @typedef {Omit<KeptPicture, "lies"> & { bytes: number }} Listed a picture and the length of its copy */

const FORMAT = "hearsight-index-1\n";
/** Longer lists are none. */
const LONGEST = 1 << 28;
/** Copies of more bytes are none. */
const LARGEST = 1 << 24;

/** Pictures that are in memory at once; what is read is kept in batches of as many. */
const AT_ONCE = 256;

/** @param {Collection} collection @returns {Promise<Blob>} */
export async function carried(collection) {
  const pictures = collection.pictures;
  /** Browsers lay larger blobs on the disk. @type {Blob[]} */
  const laid = [];
  for (let from = 0; from < pictures.length; from += AT_ONCE) laid.push(await collection.copies(pictures.slice(from, from + AT_ONCE)));
  /** @type {Listed[]} */
  const list = pictures.map(({ lies, ...picture }) => ({ ...picture, sources: picture.sources.map((source) => ({ ...source, folder: null })), bytes: collection.sizeOf({ lies, ...picture }) }));
  const text = new TextEncoder().encode(JSON.stringify({ pictures: list }));
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, text.length, true);
  return new Blob([FORMAT, length, text, await collection.vectors(pictures), ...laid]);
}

/**
 * Reads such a file, some pictures at a time; those that are there already are passed over.
 * @param {Blob} file @param {Collection} collection @param {(drafts: Draft[], done: number, all: number) => Promise<void>} take
 */
export async function unpack(file, collection, take) {
  const damaged = () => failure("bad-index-file", texts.own.badIndex);
  const head = new Uint8Array(await file.slice(0, FORMAT.length + 4).arrayBuffer());
  if (head.length < FORMAT.length + 4 || new TextDecoder().decode(head.subarray(0, FORMAT.length)) !== FORMAT) throw damaged();
  const length = new DataView(head.buffer).getUint32(FORMAT.length, true);
  if (length > LONGEST || length > file.size) throw damaged();
  const begin = head.length + length;
  const list = listOf(await file.slice(head.length, begin).text());
  const vectors = begin + list.length * VECTOR;
  if (vectors + list.reduce((sum, { bytes }) => sum + bytes, 0) !== file.size) throw damaged();
  let at = vectors;
  for (let from = 0; from < list.length; from += AT_ONCE) {
    const some = list.slice(from, from + AT_ONCE);
    const size = some.reduce((sum, { bytes }) => sum + bytes, 0);
    const [numbers, copies] = await Promise.all([
      file.slice(begin + from * VECTOR, begin + (from + some.length) * VECTOR).arrayBuffer(),
      file.slice(at, at + size).arrayBuffer(),
    ]);
    at += size;
    let copyAt = 0;
    const drafts = some.flatMap(({ bytes, ...picture }, place) => {
      const copy = new Uint8Array(copies.slice(copyAt, copyAt + bytes));
      copyAt += bytes;
      const isKnown = collection.picture(picture.id) || collection.ofContent(picture.content);
      return isKnown ? [] : [{ ...picture, piece: { vector: new Uint8Array(numbers.slice(place * VECTOR, (place + 1) * VECTOR)), copy } }];
    });
    await take(drafts, from + some.length, list.length);
  }

  /** @param {string} text @returns {Listed[]} */
  function listOf(text) {
    try {
      const { pictures } = JSON.parse(text);
      if (!Array.isArray(pictures)) throw damaged();
      return pictures.map((/** @type {any} */ one) => {
        const isText = (/** @type {unknown} */ value) => typeof value === "string" && value.length < 4096;
        const isSize = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0;
        const isOne = isText(one.id) && /^own-[\w-]+$/.test(one.id) && isText(one.title) && isSize(one.width) && isSize(one.height) && isSize(one.bytes) && one.bytes < LARGEST;
        if (!isOne) throw damaged();
        const sources = (Array.isArray(one.sources) ? one.sources : []).filter((/** @type {Source} */ source) => isText(source?.path) && isSize(source.size) && Number.isFinite(source.modified));
        const isPlace = Array.isArray(one.where) && one.where.length === 2 && one.where.every(Number.isFinite);
        return {
          id: one.id, title: one.title, width: one.width, height: one.height, bytes: one.bytes,
          content: isText(one.content) ? one.content : null, network: isText(one.network) ? one.network : null, taken: isText(one.taken) ? one.taken : null,
          where: isPlace ? one.where : null,
          sources: sources.map((/** @type {Source} */ { path, size, modified }) => ({ path, size, modified, folder: null })),
        };
      });
    } catch {
      throw damaged();
    }
  }
}
