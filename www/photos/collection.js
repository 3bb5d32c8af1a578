// The visitor's own pictures as records: what each is called, where it came from, and where its vector and copy lie. They are kept in
// batches; a batch that changes gets a new id, so that two lists of ids tell another tab all (docs/decisions/0016-own-pictures-in-packs.md).
import { failure } from "../kit/named.js";
import { Pack } from "./pack.js";
import { NAME, newId } from "../kit/store.js";

/** @import { Piece } from "./pack.js" */
/** @import { Store } from "../kit/store.js" */
/** @import { Batch, KeptPicture, LeftOut, OldPicture, Source } from "../types.d.ts" */
/** @typedef {Omit<KeptPicture, "lies"> & { piece: Piece }} Draft a picture that is not kept yet */
/** @typedef {{ come: KeptPicture[], gone: string[] }} News */
/** @typedef {(vector: Float32Array) => Promise<Uint8Array<ArrayBuffer>>} ToF16 */

/** Pictures of one batch at most: so many a tab that is killed can lose. */
export const BATCH = 32;

/** One tab does it at a time. @template T @param {string} what @param {() => Promise<T>} act @returns {Promise<T>} */
export const alone = (what, act) => (navigator.locks ? navigator.locks.request(`${NAME} ${what}`, act) : act());

/** What a file is known by that was not opened. @param {Source} source */
export const keyOf = ({ path, size, modified }) => `${path}\n${size}\n${modified}`;

/** @param {Source} source */
const pathOf = ({ folder, path }) => `${folder}\n${path}`;

export class Collection {
  #store;
  #pack;
  /** By id. @type {Map<string, KeptPicture>} */
  #pictures = new Map();
  /** Which batch has it. @type {Map<string, string>} */
  #batchOf = new Map();
  /** Ids of their pictures. @type {Map<string, Set<string>>} */
  #batches = new Map();
  /** What the browser does not keep. @type {Map<string, Piece>} */
  #loose = new Map();
  /** Ids by content, and by what unopened files are known by. @type {Map<string, string>} */
  #contents = new Map();
  /** @type {Map<string, string>} */
  #sources = new Map();
  /** Ids by folder and path, of folders that can be looked through again. @type {Map<string, string>} */
  #paths = new Map();
  /** Files that are no pictures here. @type {Map<string, LeftOut>} */
  #left = new Map();

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    this.#pack = new Pack(store);
  }

  get size() {
    return this.#pictures.size;
  }

  /** Oldest first. @returns {KeptPicture[]} */
  get pictures() {
    return [...this.#pictures.values()];
  }

  /** @returns {LeftOut[]} */
  get left() {
    return [...this.#left.values()].filter((one) => !this.#sources.has(keyOf(one)));
  }

  /** @param {string} id */
  picture(id) {
    return this.#pictures.get(id) ?? null;
  }

  /** @param {string} id whether the browser keeps it */
  isKept(id) {
    return this.#pictures.has(id) && !this.#loose.has(id);
  }

  /** @param {string | null} content @returns {KeptPicture | null} */
  ofContent(content) {
    return (content && this.picture(this.#contents.get(content) ?? "")) || null;
  }

  /** Whether a file was looked at before, by its path, size and date. @param {Source} source */
  knows(source) {
    return this.#sources.has(keyOf(source)) || this.#left.has(keyOf(source));
  }

  /** The one picture that a file of a folder was, whatever is in it now. @param {Source} source @returns {KeptPicture | null} */
  ofPath(source) {
    const known = this.picture(this.#paths.get(pathOf(source)) ?? "");
    return known?.sources.length === 1 ? known : null;
  }

  /** The small copy of a picture. @param {string} id @returns {Promise<Blob | null>} */
  async copy(id) {
    const loose = this.#loose.get(id);
    if (loose) return new Blob([loose.copy], { type: "image/jpeg" });
    const picture = this.#pictures.get(id);
    return picture ? this.#pack.copy(picture.lies) : null;
  }

  /** The vectors of pictures in their order, in one piece. @param {KeptPicture[]} pictures */
  vectors(pictures) {
    return this.#joined(pictures, ({ vector }) => vector, (some) => this.#pack.vectors(some));
  }

  /** Their copies likewise. @param {KeptPicture[]} pictures */
  copies(pictures) {
    return this.#joined(pictures, ({ copy }) => copy, (some) => this.#pack.copies(some));
  }

  /** @param {KeptPicture[]} pictures @param {(piece: Piece) => Uint8Array<ArrayBuffer>} ofLoose @param {(places: import("./pack.js").Place[]) => Promise<Blob>} ofPacked @returns {Promise<Blob>} */
  #joined(pictures, ofLoose, ofPacked) {
    return alone("writing", async () => {
      /** @type {BlobPart[]} */
      const parts = [];
      for (let from = 0; from < pictures.length; ) {
        const loose = this.#loose.get(pictures[from].id);
        let to = from + 1;
        if (loose) parts.push(ofLoose(loose));
        else {
          while (to < pictures.length && !this.#loose.has(pictures[to].id)) to += 1;
          parts.push(await ofPacked(pictures.slice(from, to).map(({ lies }) => lies)));
        }
        from = to;
      }
      return new Blob(parts);
    });
  }

  /** How long the copy of a picture is, in bytes. @param {KeptPicture} picture */
  sizeOf({ id, lies }) {
    return this.#loose.get(id)?.copy.length ?? lies.bytes;
  }

  /** What is kept now and was not known, and what was and is no more. @param {ToF16} toF16 @returns {Promise<News>} */
  look(toF16) {
    return alone("writing", () => this.#look(toF16));
  }

  /** @param {ToF16} toF16 @returns {Promise<News>} */
  async #look(toF16) {
    const old = await this.#store.ids("pictures");
    if (old?.some((id) => !this.#pictures.has(id))) await this.#adopt(toF16);
    const ids = await this.#store.ids("batches");
    /** @type {News} */
    const news = { come: [], gone: [] };
    // Nothing lasts: what is here is all there is.
    if (!ids) return news;
    const there = new Set(ids);
    const fresh = ids.filter((id) => !this.#batches.has(id));
    const gone = [...this.#batches.keys()].filter((id) => !there.has(id));
    if (fresh.length || gone.length) this.#pack.forget();
    const found = fresh.length === ids.length ? await this.#store.all("batches") : await Promise.all(fresh.map((id) => this.#store.one("batches", id)));
    const missing = new Set(gone.flatMap((id) => [...(this.#batches.get(id) ?? [])]));
    for (const id of gone) this.#batches.delete(id);
    for (const batch of /** @type {(Batch | undefined)[]} */ (found)) {
      if (!batch) continue;
      for (const picture of batch.pictures) {
        missing.delete(picture.id);
        const known = this.#pictures.get(picture.id);
        if (known && known.lies.row !== picture.lies.row) news.gone.push(picture.id);
        if (!known || known.lies.row !== picture.lies.row) news.come.push(picture);
      }
      this.#know(batch);
    }
    // Old ones that could not be moved are kept as well, where they were.
    const unmoved = new Set(old ?? []);
    for (const id of missing) {
      if (unmoved.has(id)) continue;
      news.gone.push(id);
      this.#forget(id);
    }
    news.come.sort((one, other) => (one.id < other.id ? -1 : 1));
    return news;
  }

  /**
   * Keeps new pictures, and what changed of others. What cannot be kept is there until the page is closed, and why is given.
   * @param {Draft[]} drafts one of the id of a picture takes its place @param {KeptPicture[]} changed @param {LeftOut[]} left
   * @returns {Promise<{ pictures: KeptPicture[], problem: unknown }>}
   */
  async keep(drafts, changed = [], left = []) {
    const id = newId("batch");
    /** @type {KeptPicture[]} */
    let pictures = [];
    try {
      await alone("writing", async () => {
        const { places, fact, blocks } = drafts.length ? await this.#pack.append(id, drafts.map(({ piece }) => piece)) : { places: [], fact: undefined, blocks: [] };
        pictures = drafts.map(({ piece: _, ...draft }, place) => ({ ...draft, lies: places[place] }));
        const others = this.#without(new Set(drafts.map(({ id }) => id)), new Map(changed.map((one) => [one.id, one])));
        /** @type {Batch} */
        const batch = { id, pictures, left };
        if (!(await this.#store.change({ keep: { batches: [...others.keep, ...(drafts.length || left.length ? [batch] : [])], blocks }, remove: { batches: others.remove }, fact }))) throw failure("not-lasting");
        for (const one of others.remove) this.#batches.delete(one);
        for (const one of [...others.keep, batch]) this.#know(one);
      });
      return { pictures, problem: null };
    } catch (problem) {
      pictures = drafts.map(({ piece, ...draft }) => ({ ...draft, lies: { row: -1, at: 0, bytes: 0 } }));
      drafts.forEach(({ id, piece }) => this.#loose.set(id, piece));
      for (const one of [...pictures, ...changed]) this.#index(one);
      for (const one of left) this.#left.set(keyOf(one), one);
      return { pictures, problem };
    }
  }

  /** @param {string[]} ids @param {string[]} recordings that go with them */
  async remove(ids, recordings) {
    const going = ids.flatMap((id) => this.picture(id) ?? []);
    await alone("writing", async () => {
      const others = this.#without(new Set(ids), new Map());
      const blocks = new Set(going.flatMap(({ lies }) => lies.block ?? []));
      for (const { id, lies } of this.#pictures.values()) if (lies.block && !ids.includes(id)) blocks.delete(lies.block);
      await this.#store.change({ keep: { batches: others.keep }, remove: { batches: others.remove, pictures: ids, recordings, blocks: [...blocks] } });
      for (const one of others.remove) this.#batches.delete(one);
      for (const one of others.keep) this.#know(one);
      const laid = going.filter(({ id }) => !this.#loose.has(id)).map(({ lies }) => lies);
      for (const id of ids) this.#forget(id);
      if (this.#pictures.size) await this.#pack.erase(laid).catch(() => {});
      else await this.#empty();
    });
  }

  /** Everything, and leaves nothing. @param {string[]} recordings that go with it */
  async clear(recordings) {
    await alone("writing", async () => {
      /** @type {Partial<Record<import("../kit/store.js").Kind, string[]>>} */
      const all = { recordings };
      for (const kind of /** @type {const} */ (["pictures", "batches", "blocks", "folders"])) all[kind] = (await this.#store.ids(kind)) ?? [];
      await this.#store.change({ remove: all });
      await this.#empty();
    });
    for (const id of [...this.#pictures.keys()]) this.#forget(id);
    this.#batches.clear();
    this.#left.clear();
  }

  /** No record speaks of the pack any more. */
  async #empty() {
    await this.#store.change({ fact: /** @type {import("./pack.js").Lengths} */ ({ id: "packed", rows: 0, bytes: 0 }) });
    await this.#pack.clear();
  }

  /** Batches without some pictures, and with others changed: each gets a new id. @param {Set<string>} gone @param {Map<string, KeptPicture>} changed */
  #without(gone, changed) {
    const touched = new Set([...gone, ...changed.keys()].flatMap((id) => this.#batchOf.get(id) ?? []));
    /** @type {Batch[]} */
    const keep = [];
    for (const id of touched) {
      const pictures = [...(this.#batches.get(id) ?? [])].filter((one) => !gone.has(one)).flatMap((one) => changed.get(one) ?? this.picture(one) ?? []);
      const left = [...this.#left.values()].filter((one) => one.batch === id);
      if (pictures.length || left.length) keep.push({ id: newId("batch"), pictures, left });
    }
    return { keep, remove: [...touched] };
  }

  /** @param {Batch} batch */
  #know({ id, pictures, left }) {
    this.#batches.set(id, new Set(pictures.map((picture) => picture.id)));
    for (const picture of pictures) {
      this.#loose.delete(picture.id);
      this.#batchOf.set(picture.id, id);
      this.#index(picture);
    }
    for (const one of left ?? []) this.#left.set(keyOf(one), { ...one, batch: id });
  }

  /** @param {KeptPicture} picture */
  #index(picture) {
    this.#unindex(picture.id);
    this.#pictures.set(picture.id, picture);
    if (picture.content) this.#contents.set(picture.content, picture.id);
    for (const source of picture.sources) {
      this.#sources.set(keyOf(source), picture.id);
      if (source.folder) this.#paths.set(pathOf(source), picture.id);
    }
  }

  /** @param {string} id */
  #unindex(id) {
    const known = this.#pictures.get(id);
    if (!known) return;
    if (known.content && this.#contents.get(known.content) === id) this.#contents.delete(known.content);
    for (const source of known.sources) {
      if (this.#sources.get(keyOf(source)) === id) this.#sources.delete(keyOf(source));
      if (this.#paths.get(pathOf(source)) === id) this.#paths.delete(pathOf(source));
    }
  }

  /** @param {string} id */
  #forget(id) {
    this.#unindex(id);
    this.#pictures.delete(id);
    this.#loose.delete(id);
    this.#batches.get(this.#batchOf.get(id) ?? "")?.delete(id);
    this.#batchOf.delete(id);
  }

  /** Pictures of before there were packs are moved into them, with their ids. @param {ToF16} toF16 */
  async #adopt(toF16) {
    const old = /** @type {OldPicture[]} */ (await this.#store.all("pictures")).filter(({ id }) => !this.#pictures.has(id));
    for (let from = 0; from < old.length; from += BATCH) {
      const some = old.slice(from, from + BATCH);
      const pieces = await Promise.all(some.map(async ({ vector, copy }) => ({ vector: await toF16(vector), copy: new Uint8Array(copy) })));
      const kept = some.map(({ id, title, width, height, content = null }) => ({ id, title, width, height, content, network: null, sources: [], taken: null, where: null }));
      try {
        const id = newId("batch");
        const { places, fact, blocks } = await this.#pack.append(id, pieces);
        const pictures = kept.map((one, place) => ({ ...one, lies: places[place] }));
        await this.#store.change({ keep: { batches: [{ id, pictures, left: [] }], blocks }, remove: { pictures: some.map(({ id }) => id) }, fact });
      } catch {
        // No room for both: they stay where they are, and in memory.
        kept.forEach((one, place) => {
          this.#loose.set(one.id, pieces[place]);
          this.#index({ ...one, lies: { row: -1, at: 0, bytes: 0 } });
        });
      }
    }
  }
}
