// IndexedDB's requests and transactions as promises.
import { failure } from "./named.js";

/** A database that does not open in so many milliseconds does not: some browsers never answer. */
const PATIENCE = 10_000;

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBOpenDBRequest} request @param {(made: IDBDatabase) => void} [onNew] @returns {Promise<IDBDatabase>} */
export async function opened(request, onNew) {
  request.onupgradeneeded = () => (onNew ? onNew(request.result) : request.transaction?.abort());
  let late = 0;
  const limit = new Promise((_, reject) => (late = setTimeout(() => reject(failure("storage-failed")), PATIENCE)));
  try {
    return await Promise.race([answer(request), /** @type {Promise<never>} */ (limit)]);
  } finally {
    clearTimeout(late);
  }
}

/**
 * A browser that closes a database may leave without a word what was asked of it just then; so its end is listened for.
 * @param {IDBTransaction} transaction @returns {Promise<void>}
 */
export function finished(transaction) {
  const over = new AbortController();
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => {
        const full = transaction.error?.name === "QuotaExceededError";
        reject(failure(full ? "storage-full" : "storage-failed"));
      };
      transaction.db.addEventListener("close", () => reject(failure("storage-failed")), { signal: over.signal });
    })
  ).finally(() => over.abort());
}
