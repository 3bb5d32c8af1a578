// The one place that opens what the browser keeps for the visitor: an IndexedDB of this site's own, whatever else lies on its
// origin. Some browsers deny it, and then nothing lasts. It may be closed at any time, and is opened again; other tabs and
// the worker are told of what was changed (docs/decisions/0011-one-store-a-site.md).
import { adopt } from "../teach/adoption.js";
import { failure } from "./named.js";
import { finished, opened } from "./requests.js";
import { ROOT } from "../root.js";

/** @typedef {"pictures" | "batches" | "blocks" | "folders" | "recordings" | "taught"} Kind */
/** @typedef {(kind: Kind) => void} Listener */
/**
 * @typedef {object} Change all or nothing
 * @property {Partial<Record<Kind, object[]>>} [keep] with ids; takes the place of what has the same ids
 * @property {Partial<Record<Kind, string[]>>} [remove] ids
 * @property {{ id: string }} [fact] what the store is to know of itself
 */

/** The folder that the page lies in: what is kept outside the database, and locks, go by it too. */
export const NAME = `hearsight ${ROOT.pathname}`;
const VERSION = 2;
/** What was kept before there were versions: own pictures lay one by one, with vector and copy. @type {Kind[]} */
const FIRST = ["pictures", "recordings", "taught"];
/** Own pictures now lie in batches, packed (collection.js); blocks are the packs of browsers without files. @type {Kind[]} */
const KINDS = [...FIRST, "batches", "blocks", "folders"];
/** So often it is opened, and so many milliseconds lie between. */
const TRIES = 12;
const BETWEEN_TRIES = 300;
/** What belongs to the store itself. */
const FACTS = "facts";
/** What browsers say that keep nothing for this page. */
const DENIED = ["SecurityError", "InvalidStateError", "NotSupportedError", "TypeError", "ReferenceError"];

let counted = 0;
/** A new id; ids of one kind sort by age, and two tabs never find the same. @param {string} kind */
export function newId(kind) {
  const last = counted;
  counted = Math.max(last + 1, Date.now());
  return `${kind}-${counted}-${Math.random().toString(36).slice(2, 6)}`;
}

export class Store {
  /** @type {Promise<IDBDatabase | null> | null} */
  #database = null;
  /** @type {Listener[]} */
  #listeners = [];
  #others = "BroadcastChannel" in globalThis ? new BroadcastChannel(NAME) : null;

  constructor() {
    if (this.#others) this.#others.onmessage = ({ data }) => this.#changed([data]);
    // A page that slept was not told.
    globalThis.document?.addEventListener("visibilitychange", () => document.hidden || this.#changed(KINDS));
    globalThis.window?.addEventListener("pageshow", ({ persisted }) => persisted && this.#changed(KINDS));
  }

  /** Whether what is kept outlasts the page. */
  async lasts() {
    return (await this.#open()) !== null;
  }

  /** Is told when somebody else may have changed what is kept: another tab, the worker, the visitor in the browser's settings. @param {Listener} listener */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** @template T @param {Kind} kind @returns {Promise<T[]>} sorted by id */
  async all(kind) {
    return (await this.#transact([kind], "readonly", (items) => items(kind).getAll())) ?? [];
  }

  /** @param {Kind} kind @returns {Promise<string[] | null>} null where nothing lasts */
  async ids(kind) {
    return this.#transact([kind], "readonly", (items) => items(kind).getAllKeys());
  }

  /** @template T @param {Kind} kind @param {string} id @returns {Promise<T | undefined>} */
  async one(kind, id) {
    return this.#transact([kind], "readonly", (items) => items(kind).get(id));
  }

  /** @param {Kind} kind @param {{ id: string }} item takes the place of one with the same id @param {string | null} [instead] of another one */
  async keep(kind, item, instead = null) {
    await this.#transact([kind], "readwrite", (items) => {
      if (instead !== null && instead !== item.id) items(kind).delete(instead);
      return items(kind).put(item);
    });
    this.#tell([kind]);
  }

  /** All or nothing. @param {Partial<Record<Kind, string[]>>} ids of each kind */
  async remove(ids) {
    await this.change({ remove: ids });
  }

  /** @param {Change} change @returns {Promise<boolean>} false where nothing lasts */
  async change({ keep = {}, remove = {}, fact }) {
    const kinds = KINDS.filter((kind) => keep[kind]?.length || remove[kind]?.length);
    if (!kinds.length && !fact) return true;
    const done = await this.#transact(fact ? [...kinds, FACTS] : kinds, "readwrite", (items) => {
      for (const kind of kinds) {
        for (const id of remove[kind] ?? []) items(kind).delete(id);
        for (const item of keep[kind] ?? []) items(kind).put(item);
      }
      if (fact) items(FACTS).put(fact);
    });
    this.#tell(kinds);
    return done !== null;
  }

  /** What the store knows of itself. @template T @param {string} id @returns {Promise<T | undefined>} */
  async fact(id) {
    return (await this.#transact([FACTS], "readonly", (items) => items(FACTS).get(id))) ?? undefined;
  }

  /** Everything of a kind, what other tabs have kept meanwhile too. @param {Kind} kind */
  async clear(kind) {
    await this.#transact([kind], "readwrite", (items) => items(kind).clear());
    this.#tell([kind]);
  }

  /**
   * All or nothing: a tab that is closed meanwhile leaves what was there. A database that was closed is opened once more.
   * @template T @param {string[]} kinds @param {IDBTransactionMode} mode
   * @param {(items: (kind: string) => IDBObjectStore) => IDBRequest<T> | void} act
   * @returns {Promise<any>} null where nothing lasts
   */
  async #transact(kinds, mode, act) {
    for (let again = false; ; again = true) {
      const database = await this.#open();
      if (!database) return null;
      try {
        const transaction = database.transaction(kinds, mode);
        const request = act((kind) => transaction.objectStore(kind));
        await finished(transaction);
        // What was closed may have been emptied.
        if (again) this.#changed(KINDS);
        return request?.result;
      } catch (error) {
        if (error instanceof Error && error.name === "storage-full") throw error;
        if (again) throw failure("storage-failed");
        this.#forget(database);
      }
    }
  }

  /** @returns {Promise<IDBDatabase | null>} null where the browser keeps nothing */
  #open() {
    const opening = (this.#database ??= this.#connect());
    opening.catch(() => {
      // Not for good: it is tried again by whoever asks next.
      if (this.#database === opening) this.#database = null;
    });
    return opening;
  }

  async #connect() {
    let database;
    for (let tried = 1; !database; tried++) {
      try {
        database = await opened(indexedDB.open(NAME, VERSION), (made) => {
          for (const name of [...KINDS, FACTS]) if (!made.objectStoreNames.contains(name)) made.createObjectStore(name, { keyPath: "id" });
        });
      } catch (error) {
        const name = error instanceof Error ? error.name : "";
        if (DENIED.includes(name)) return null;
        if (name === "VersionError") throw failure("storage-newer");
        // While the browser clears a site's data it closes what is opened, too.
        if (name !== "AbortError" || tried === TRIES) throw failure("storage-failed");
        await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES));
      }
    }
    const mine = await adopt(database, FIRST, FACTS);
    // The browser closes it when the visitor clears the site's data; and another tab with a newer page wants to go on.
    mine.onclose = () => this.#lost(mine);
    mine.onversionchange = () => {
      mine.close();
      this.#lost(mine);
    };
    return mine;
  }

  /** @param {IDBDatabase} database */
  #lost(database) {
    this.#forget(database);
    this.#changed(KINDS);
  }

  /** @param {IDBDatabase} database that is of no more use */
  #forget(database) {
    database.onclose = database.onversionchange = null;
    database.close();
    this.#database = null;
  }

  /** @param {Kind[]} kinds */
  #tell(kinds) {
    for (const kind of kinds) this.#others?.postMessage(kind);
  }

  /** @param {Kind[]} kinds */
  #changed(kinds) {
    for (const kind of kinds) for (const listener of this.#listeners) listener(kind);
  }
}

