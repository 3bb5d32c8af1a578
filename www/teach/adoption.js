// Until November 2026 all sites of an origin shared one database. Each of them takes over what lies there, once: nobody knows
// whose it was. It stays there for the others for a while.
import { answer, finished, opened } from "../kit/requests.js";

const SHARED = "hearsight";
/** The fact that it was done. */
const ADOPTED = "adopted";
/** Then it is nobody's any more, in milliseconds. */
const A_WHILE = 30 * 24 * 3_600_000;

/**
 * @param {IDBDatabase} mine @param {string[]} kinds of what is kept @param {string} facts where mine has what it knows of itself
 * @returns {Promise<IDBDatabase>} mine; the shared one while there is no room for two
 */
export async function adopt(mine, kinds, facts) {
  const known = await answer(mine.transaction(facts).objectStore(facts).get(ADOPTED));
  if (known) {
    if (known.shared && Date.now() - known.at > A_WHILE) forget(mine, facts);
    return mine;
  }
  const shared = await opened(indexedDB.open(SHARED)).catch(() => null);
  try {
    const there = shared ? kinds.filter((kind) => shared.objectStoreNames.contains(kind)) : [];
    /** @type {Map<string, { id: string }[]>} */
    const items = new Map();
    for (const kind of there) if (shared) items.set(kind, await answer(shared.transaction(kind).objectStore(kind).getAll()));
    const transaction = mine.transaction([...kinds, facts], "readwrite");
    const done = transaction.objectStore(facts).get(ADOPTED);
    done.onsuccess = () => {
      // Another tab or the worker was quicker, and things may have been removed since.
      if (done.result) return;
      for (const [kind, all] of items) for (const item of all) transaction.objectStore(kind).put(item);
      transaction.objectStore(facts).put({ id: ADOPTED, at: Date.now(), shared: shared !== null });
    };
    await finished(transaction);
  } catch (error) {
    const usable = shared && kinds.every((kind) => shared.objectStoreNames.contains(kind));
    if (!usable) throw error;
    mine.close();
    return shared;
  }
  shared?.close();
  return mine;
}

/** @param {IDBDatabase} mine @param {string} facts */
function forget(mine, facts) {
  indexedDB.deleteDatabase(SHARED);
  mine.transaction(facts, "readwrite").objectStore(facts).put({ id: ADOPTED, at: Date.now(), shared: false });
}
