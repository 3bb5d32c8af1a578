// Folders that the visitor chose once, where the browser lets a page keep them: looked through again at the next visit, for what is
// new, changed or gone. Only their names and handles are kept.
import { given as chosen, isCompanion, sorted } from "../shell/dropped.js";
import { element, find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { newId } from "../kit/store.js";
import { texts } from "../texts.js";

/** @import { Collection } from "./collection.js" */
/** @import { Given } from "../shell/dropped.js" */
/** @import { Store } from "../kit/store.js" */
/** @import { Source } from "../types.d.ts" */
/** @typedef {{ id: string, name: string, handle: any }} Folder its handle is a FileSystemDirectoryHandle with permissions, which TypeScript does not know yet */
/** @typedef {{ onFiles: (given: Given[]) => void, remove: (ids: string[]) => void, say: (sentence: string) => void }} Wishes */

/** Files that are asked for at once. */
const AT_ONCE = 64;
/** So many new ones are given before all is looked through; fewer are taken in another way (take-in.js). */
const MANY = 128;
const list = find("own-folders");

export class Folders {
  #store;
  #collection;
  #wishes;
  /** @type {Map<string, Folder>} */
  #folders = new Map();
  /** Ids of pictures that are no longer in a folder. @type {Map<string, string[]>} */
  #gone = new Map();
  #isStopped = false;

  /** @param {Store} store @param {Collection} collection @param {Wishes} wishes */
  constructor(store, collection, wishes) {
    this.#store = store;
    this.#collection = collection;
    this.#wishes = wishes;
  }

  /** Whether the browser lets a page keep folders. */
  static get areKept() {
    return "showDirectoryPicker" in globalThis;
  }

  /** Looks through the kept ones that may be looked through without asking. */
  async restore() {
    if (!Folders.areKept) return;
    for (const folder of /** @type {Folder[]} */ (await this.#store.all("folders"))) this.#folders.set(folder.id, folder);
    this.#draw();
    for (const folder of this.#folders.values()) {
      if ((await allowed(folder, false)) === "granted") await this.#look(folder);
      // Its button is to be seen.
      else /** @type {HTMLDetailsElement} */ (find("own")).open = true;
    }
  }

  /** Has the visitor choose one. */
  async choose() {
    const handle = await /** @type {any} */ (globalThis).showDirectoryPicker({ id: "photographs", mode: "read" }).catch((/** @type {Error} */ error) => {
      if (error.name === "AbortError") return null;
      throw error;
    });
    if (!handle) return;
    let folder = null;
    for (const one of this.#folders.values()) if (await one.handle.isSameEntry(handle)) folder = one;
    folder ??= { id: newId("folder"), name: handle.name, handle };
    this.#folders.set(folder.id, folder);
    // Where nothing can be kept the folder is looked through all the same.
    await this.#store.change({ keep: { folders: [folder] } }).catch(() => {});
    this.#draw();
    await this.#look(folder);
  }

  /** The file of a picture, if its folder can be reached without a question. @param {Source[]} sources @returns {Promise<File | null>} */
  async file(sources) {
    for (const { folder: id, path } of sources) {
      const folder = this.#folders.get(id ?? "");
      if (!folder || (await allowed(folder, false)) !== "granted") continue;
      try {
        const names = path.split("/").slice(1);
        let at = folder.handle;
        for (const name of names.slice(0, -1)) at = await at.getDirectoryHandle(name);
        return await (await at.getFileHandle(names.at(-1))).getFile();
      } catch {
        // It is elsewhere now.
      }
    }
    return null;
  }

  /** No folder is looked through any further. */
  stop() {
    this.#isStopped = true;
  }

  /** Nothing is kept any more. */
  clear() {
    this.#folders.clear();
    this.#gone.clear();
    this.#draw();
  }

  /** @param {Folder} folder */
  async #look(folder) {
    const { say } = this.#wishes;
    this.#isStopped = false;
    say(texts.own.lookingThrough(folder.name, 0));
    /** All files, and new pictures that are not given yet. @type {Given[][]} */
    const [found, waiting] = [[], []];
    /** Paths of pictures. @type {Set<string>} */
    const pictures = new Set();
    let fresh = 0;
    /** @param {Given[]} some pictures, perhaps again @param {number} least of new ones to begin with */
    const give = (some, least) => {
      for (const one of some.filter(({ path }) => !pictures.has(path))) {
        const { path, file } = one;
        pictures.add(path);
        if (!this.#collection.knows({ path, size: file.size, modified: file.lastModified, folder: folder.id })) waiting.push(one);
      }
      if (waiting.length < (fresh ? 1 : least)) return;
      fresh += waiting.length;
      this.#wishes.onFiles(waiting.splice(0));
    };
    try {
      for await (const some of filesIn(folder.handle, `${folder.name}/`)) {
        const given = some.map((one) => ({ ...one, folder: folder.id }));
        found.push(...given);
        say(texts.own.lookingThrough(folder.name, found.length));
        // What may only go with a photograph waits until all are known.
        const stills = (await sorted(given)).picture.filter(({ path }) => !isCompanion(path));
        if (this.#isStopped) return;
        give(stills, MANY);
      }
      const all = (await sorted(found)).picture;
      if (this.#isStopped) return;
      give(all, 1);
      const paths = new Set(found.map(({ path }) => path));
      const ofThis = this.#collection.pictures.filter(({ sources }) => sources.length && sources.every((one) => one.folder === folder.id));
      this.#gone.set(folder.id, ofThis.filter(({ sources }) => !sources.some(({ path }) => paths.has(path))).map(({ id }) => id));
      if (!fresh) say(pictures.size ? texts.own.nothingNew(folder.name, pictures.size) : texts.own.emptyFolder);
    } catch (error) {
      say(sentence(error, texts.own.folderGone(folder.name)));
    }
    this.#draw();
  }

  #draw() {
    list.hidden = this.#folders.size === 0;
    list.replaceChildren(...[...this.#folders.values()].map((folder) => {
      const again = element("button", { type: "button", className: "quiet", textContent: texts.own.lookAgain(folder.name) });
      again.addEventListener("click", async () => {
        if ((await allowed(folder, true)) !== "granted") return this.#wishes.say(texts.own.folderDenied(folder.name));
        await this.#look(folder);
      });
      const gone = this.#gone.get(folder.id) ?? [];
      const remove = element("button", { type: "button", className: "quiet", hidden: gone.length === 0, textContent: texts.own.removeGone(gone.length) });
      remove.addEventListener("click", () => {
        this.#gone.delete(folder.id);
        this.#wishes.remove(gone);
        this.#draw();
      });
      return element("li", {}, again, remove);
    }));
  }
}

/** @param {Folder} folder @param {boolean} ask the visitor, who has just pressed something */
async function allowed({ handle }, ask) {
  const wish = { mode: "read" };
  const known = (await handle.queryPermission?.(wish)) ?? "granted";
  if (known === "granted" || !ask) return known;
  return handle.requestPermission(wish).catch(() => "denied");
}

/** The files of a folder and of those in it, some at a time. @param {any} handle @param {string} path with a slash at its end @returns {AsyncGenerator<Given[]>} */
async function* filesIn(handle, path) {
  /** @type {any[]} */
  const folders = [];
  /** @type {any[]} */
  let files = [];
  const read = () => Promise.all(files.splice(0).map(async (one) => ({ path: path + one.name, file: await one.getFile() })));
  for await (const entry of handle.values()) {
    if (entry.kind === "directory") folders.push(entry);
    else files.push(entry);
    if (files.length === AT_ONCE) yield await read();
  }
  if (files.length) yield await read();
  for (const folder of folders) yield* filesIn(folder, `${path}${folder.name}/`);
}

/** Where folders are not kept, one is chosen as many files. @param {HTMLInputElement} input @returns {Promise<Given[]>} its pictures */
export async function picturesOf(input) {
  const all = chosen(input.files ?? []);
  // The same may be chosen again.
  input.value = "";
  return (await sorted(all)).picture;
}
