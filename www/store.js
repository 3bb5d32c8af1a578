// What the browser keeps for the visitor, in IndexedDB; some browsers deny it, and then nothing lasts.
import { failure } from "./named.js";

const NAME = "hearsight";
const VERSION = 2;
/** @typedef {"pictures" | "recordings" | "taught"} Kind */
/** @type {Kind[]} */
const KINDS = ["pictures", "recordings", "taught"];

export class Store {
  /** @type {Promise<IDBDatabase | null>} */
  #database = open().catch(() => null);

  /** Whether what is kept outlasts the page. */
  async lasts() {
    return (await this.#database) !== null;
  }

  /** @template T @param {Kind} kind @returns {Promise<T[]>} sorted by id */
  async all(kind) {
    const database = await this.#database;
    return database ? answer(database.transaction(kind).objectStore(kind).getAll()) : [];
  }

  /** @param {Kind} kind @param {{ id: string }} item takes the place of one with the same id */
  keep(kind, item) {
    return this.#change(kind, (items) => items.put(item));
  }

  /** @param {Kind} kind @param {string} id */
  remove(kind, id) {
    return this.#change(kind, (items) => items.delete(id));
  }

  /** All or nothing: a tab that is closed meanwhile leaves what was there. @param {Kind} kind @param {(items: IDBObjectStore) => void} change */
  async #change(kind, change) {
    const database = await this.#database;
    if (!database) return;
    const transaction = database.transaction(kind, "readwrite");
    change(transaction.objectStore(kind));
    await finished(transaction);
  }
}

/** @returns {Promise<IDBDatabase>} */
async function open() {
  const request = indexedDB.open(NAME, VERSION);
  request.onupgradeneeded = () => {
    const there = request.result.objectStoreNames;
    for (const kind of KINDS) if (!there.contains(kind)) request.result.createObjectStore(kind, { keyPath: "id" });
  };
  const database = await answer(request);
  // Another tab with a newer page wants to go on.
  database.onversionchange = () => database.close();
  return database;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failure("storage-failed"));
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => {
      const full = transaction.error?.name === "QuotaExceededError";
      reject(failure(full ? "storage-full" : "storage-failed"));
    };
  });
}
