// Keeps whole versions of the page, so that it works without a network (docs/decisions/0009-whole-versions.md).
//
// A version is what files.json lists. Its files are kept under their SHA-256, checked, so that versions share what did
// not change. A version counts from the moment in which `current` names it, which is when all of it is there. A page
// gets every file from the version that it was opened with.

/** @import { Answer, Call, FetchEvent, Listed, ServiceWorkerScope, Version } from "./www/service-worker-globals.d.ts" */

const worker = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ (self));
/** The site's root, which may be a folder of a host. */
const ROOT = new URL("./", worker.location.href);
/** The number goes up when what is kept is kept otherwise. */
const NAME = `hearsight 1 ${ROOT.pathname}`;
const LIST = new URL("files.json", ROOT);
/** Where the store has its own things; nothing of the site lies there. */
const CURRENT = new URL("kept/current", ROOT).href;
const VERSIONS = new URL("kept/versions/", ROOT).href;
const PAGES = new URL("kept/pages/", ROOT).href;
const FILES = new URL("kept/files/", ROOT).href;
/** What a page is said to run that came from the network. */
const NETWORK = "network";
/** Browsers end a worker that is long at one thing: it fetches for so many milliseconds, and is asked again. */
const SLICE = 10_000;
/** So many files are fetched at once; the page needs the line too. */
const AT_ONCE = 3;
/** A browser that has less room than this many times what is to come is left alone. */
const ROOM = 1.2;

/** Versions by id, as far as this worker has read them. @type {Map<string, Version>} */
const versions = new Map();
/** What pages and their workers were opened with, by client id, as far as this worker has seen it. @type {Map<string, string>} */
const opened = new Map();
/** What several pages ask for at once is done once. @type {Promise<Answer> | null} */
let keeping = null;

worker.addEventListener("install", () => worker.skipWaiting());

worker.addEventListener("activate", (event) => event.waitUntil(forgetOtherStores()));

worker.addEventListener("message", (event) => {
  event.waitUntil(answerCall(event.data, event.source.id).then((answer) => event.ports[0]?.postMessage(answer)));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = pathOf(request.url);
  if (path === null || request.method !== "GET" || request.headers.has("range")) return;
  event.respondWith(respond(event, path));
});

/** What is asked for, relative to the root; null where it is none of the page's files. @param {string} address */
function pathOf(address) {
  const url = new URL(address);
  if (url.origin !== ROOT.origin || !url.pathname.startsWith(ROOT.pathname)) return null;
  if (url.pathname === LIST.pathname || url.pathname === worker.location.pathname) return null;
  try {
    return decodeURIComponent(url.pathname.slice(ROOT.pathname.length)) || "index.html";
  } catch {
    return null;
  }
}

// ── Serving

/** @param {FetchEvent} event @param {string} path @returns {Promise<Response>} */
async function respond(event, path) {
  const { request } = event;
  // Where the store cannot be read there is no version, and the network answers as if there were no worker.
  const store = await caches.open(NAME).catch(() => null);
  const version = store && (await versionFor(store, event).catch(() => null));
  if (!version) return fetch(request);
  if (version.development && request.mode === "navigate") {
    // Who works on the page wants to see what is on the disk, as long as something serves it.
    try {
      const response = await fetch(request);
      await pin(store, event.resultingClientId, NETWORK);
      return response;
    } catch {
      // Then what was kept, below.
    }
  }
  const listed = version.files.get(path);
  if (!listed) return fetch(request);
  const kept = await store.match(addressOf(version, listed)).catch(() => undefined);
  if (kept) return kept;
  // What is fetched only when asked for, or was lost: it has to be of this version too, or the page is told that it did not come.
  const fresh = await download(listed);
  await store.put(addressOf(version, listed), fresh.clone()).catch(() => {});
  return fresh;
}

/** The version that a request is to be answered from; null for the network. @param {Cache} store @param {FetchEvent} event */
async function versionFor(store, { request, clientId, resultingClientId }) {
  if (request.mode === "navigate") {
    const id = await read(store, CURRENT);
    if (id) await pin(store, resultingClientId, id);
    return id ? versionOf(store, id) : null;
  }
  const id = (await openedWith(store, clientId)) ?? (await likely(store, clientId));
  // A page's own worker is a client of its own, and belongs to the page's version.
  if (id && resultingClientId && request.destination === "worker") await pin(store, resultingClientId, id);
  return id && id !== NETWORK ? versionOf(store, id) : null;
}

/** @param {Cache} store @param {string} client @param {string} version id */
async function pin(store, client, version) {
  if (!client) return;
  opened.set(client, version);
  await store.put(PAGES + client, new Response(version));
}

/** @param {Cache} store @param {string} client @returns {Promise<string | null>} id of its version, if it is known */
async function openedWith(store, client) {
  return opened.get(client) ?? (client ? read(store, PAGES + client) : null);
}

/** The version of somebody who is not known: a page's worker, as some browsers see it. @param {Cache} store @param {string} client @returns {Promise<string | null>} */
async function likely(store, client) {
  const current = await read(store, CURRENT);
  const pages = await worker.clients.matchAll({ type: "window" });
  const ids = await Promise.all(pages.map(({ id }) => openedWith(store, id)));
  // Chromium gives no name to workers that were there before the first version: their page is the older one.
  if (!client) return ids.find((id) => id !== null && id !== NETWORK && id !== current) ?? current;
  return ids.length > 0 && ids.every((id) => id === ids[0]) ? (ids[0] ?? current) : current;
}

// ── Keeping

/** @param {Call} call @param {string} client @returns {Promise<Answer>} */
async function answerCall({ call, used }, client) {
  try {
    const store = await caches.open(NAME);
    if (call === "keep") {
      keeping ??= keep(store, used).finally(() => (keeping = null));
      const answer = await keeping;
      if (answer.state !== "kept") return answer;
    }
    const [current, own] = [await read(store, CURRENT), await openedWith(store, client)];
    if (!current) return { state: "nothing" };
    return { state: "kept", newer: own !== null && own !== NETWORK && own !== current };
  } catch (error) {
    return { state: isFull(error) ? "full" : "failed" };
  }
}

/**
 * Fetches what is missing of the newest version, for a while; takes it into use when all of it is there.
 * @param {Cache} store @param {string[]} used addresses that the page has asked for, past this worker perhaps @returns {Promise<Answer>}
 */
async function keep(store, used) {
  const { id, text, version } = await newest();
  const before = await read(store, CURRENT);
  const old = before === null ? null : await versionOf(store, before);
  const there = new Set((await store.keys()).map(({ url }) => url));
  // What somebody asked for once is wanted again.
  const asked = new Set(used.map(pathOf));
  for (const listed of old?.files.values() ?? []) if (old && there.has(addressOf(old, listed))) asked.add(listed.path);
  const files = [...version.files.values()].filter((listed) => !listed.asked || asked.has(listed.path));
  const wanted = new Map(files.map((listed) => [addressOf(version, listed), listed]));
  const missing = [...wanted].filter(([address]) => !there.has(address));
  const sum = (/** @type {Iterable<Listed>} */ files) => [...files].reduce((bytes, listed) => bytes + listed.bytes, 0);
  const total = sum(wanted.values());
  let left = sum(missing.map(([, listed]) => listed));
  if (left > 0 && navigator.storage) {
    const { quota = Infinity, usage = 0 } = await navigator.storage.estimate();
    if (quota - usage < ROOM * left) return { state: "full" };
  }

  const end = performance.now() + SLICE;
  const work = async () => {
    for (let next = missing.shift(); next; next = missing.shift()) {
      const [address, listed] = next;
      await store.put(address, await download(listed));
      left -= listed.bytes;
      if (performance.now() > end) return;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  const failed = ended.find((one) => one.status === "rejected");
  if (failed) {
    // What does not fit as a whole is to take no room at all.
    if (isFull(failed.reason)) await sweep(store);
    throw failed.reason;
  }
  if (missing.length > 0) return { state: "more", loaded: total - left, total };

  if (before !== id) {
    await store.put(VERSIONS + id, new Response(text));
    // From here on the new version is what is opened; before, nothing of it was.
    await store.put(CURRENT, new Response(id));
    if (before === null && !version.development) await takeOver(store, id);
    await tell(store, id);
  }
  await sweep(store);
  return { state: "kept", newer: false };
}

/** The first version serves the pages that had it fetched, too: the network would give them the very same. @param {Cache} store @param {string} id */
async function takeOver(store, id) {
  for (const client of await worker.clients.matchAll({ type: "all", includeUncontrolled: true })) {
    if (client.url.startsWith(ROOT.href)) await pin(store, client.id, id);
  }
  await worker.clients.claim();
}

/** Pages of an older version are told. @param {Cache} store @param {string} id */
async function tell(store, id) {
  for (const page of await worker.clients.matchAll({ type: "window" })) {
    const own = await openedWith(store, page.id);
    if (own !== null && own !== NETWORK && own !== id) page.postMessage("newer");
  }
}

/** What the host has now. @returns {Promise<{ id: string, text: string, version: Version }>} */
async function newest() {
  const response = await fetch(LIST, { cache: "no-cache" });
  if (!response.ok) throw new Error(`files.json: ${response.status}`);
  const text = await response.text();
  const version = parse(text);
  return { id: await sha256(new TextEncoder().encode(text)), text, version };
}

/** One file as it is listed, with the host's headers. @param {Listed} listed @returns {Promise<Response>} */
async function download({ path, bytes: length, sha256: expected }) {
  // Some hosts send index.html elsewhere, to where it is the folder's own.
  const address = path === "index.html" ? "" : path.split("/").map(encodeURIComponent).join("/");
  // What lies damaged on the way, in the browser's own cache say, is gone round once.
  for (const cache of /** @type {RequestCache[]} */ (["no-cache", "reload"])) {
    const response = await fetch(new URL(address, ROOT), /** @type {RequestInit} */ ({ cache, priority: "low" }));
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    const bytes = await response.arrayBuffer();
    if (bytes.byteLength !== length || (await sha256(bytes)) !== expected) continue;
    const headers = new Headers(response.headers);
    // The bytes are unpacked by now.
    headers.delete("content-encoding");
    headers.set("content-length", String(length));
    return new Response(bytes, { headers });
  }
  throw new Error(`${path} is not what files.json says`);
}

// ── The store

/** @param {Cache} store @param {string} address @returns {Promise<string | null>} */
async function read(store, address) {
  return (await (await store.match(address))?.text()) ?? null;
}

/** @param {Cache} store @param {string} id @returns {Promise<Version | null>} */
async function versionOf(store, id) {
  const known = versions.get(id);
  if (known) return known;
  const text = await read(store, VERSIONS + id);
  if (text === null) return null;
  const version = parse(text);
  versions.set(id, version);
  return version;
}

/** @param {string} text @returns {Version} */
function parse(text) {
  const { development = false, policy, files } = JSON.parse(text);
  return { development, policy, files: new Map(files.map((/** @type {Listed} */ listed) => [listed.path, listed])) };
}

/** The policy belongs to it, because the host's headers are kept with the content; the ending, because the type is. @param {Version} version @param {Listed} listed */
const addressOf = ({ policy }, { path, sha256 }) => `${FILES}${policy.slice(0, 16)}/${sha256}.${path.split(".").at(-1)}`;

/** Forgets what belongs neither to the current version nor to one that is open. @param {Cache} store */
async function sweep(store) {
  const keys = (await store.keys()).map(({ url }) => url);
  const wanted = new Set([CURRENT]);
  const ids = new Set(opened.values());
  const current = await read(store, CURRENT);
  if (current) ids.add(current);
  for (const page of keys.filter((url) => url.startsWith(PAGES))) {
    const client = page.slice(PAGES.length);
    if (!opened.has(client) && !(await worker.clients.get(client))) continue;
    wanted.add(page);
    ids.add((await openedWith(store, client)) ?? NETWORK);
  }
  for (const id of ids) {
    const version = id === NETWORK ? null : await versionOf(store, id);
    if (!version) continue;
    wanted.add(VERSIONS + id);
    for (const listed of version.files.values()) wanted.add(addressOf(version, listed));
  }
  await Promise.all(keys.filter((url) => !wanted.has(url)).map((url) => store.delete(url)));
}

async function forgetOtherStores() {
  const mine = (await caches.keys()).filter((name) => name.startsWith("hearsight ") && name.endsWith(` ${ROOT.pathname}`));
  await Promise.all(mine.filter((name) => name !== NAME).map((name) => caches.delete(name)));
}

/** @param {BufferSource} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {unknown} error */
const isFull = (error) => error instanceof DOMException && error.name === "QuotaExceededError";
