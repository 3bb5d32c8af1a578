// What was taught: versions that are kept, used, undone, saved to a file, opened from one, named and deleted.
import { element, find, save } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { askToLast } from "../kit/lasting.js";
import { newId } from "../kit/store.js";
import { texts } from "../texts.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Store } from "../kit/store.js" */
/** @import { About, TaughtFile } from "../types.d.ts" */
/** @typedef {{ id: string, about: About, file: Uint8Array<ArrayBuffer> }} Version */

/** How the ids of what interrupted trainings leave begin: two tabs may train at once. */
const UNFINISHED = "unfinished";
/** The id of the note which version is in use. */
const IN_USE = "in-use";

const status = find("taught-status");
const list = find("taught-list");

export class TaughtVersions {
  #store;
  #engine;
  #use;
  /** @type {Version[]} */
  #versions = [];
  /** @type {string | null} */
  #inUse = null;
  /** @type {Promise<void>} */
  #restored;
  /** The training of this page. @type {string | null} */
  #unfinished = null;

  /**
   * @param {Store} store @param {() => EngineClient | null} engine that can be asked just now
   * @param {(file: Uint8Array | null) => Promise<void>} use has the engine answer with this version, or as it came
   */
  constructor(store, engine, use) {
    this.#store = store;
    this.#engine = engine;
    this.#use = use;
    const input = /** @type {HTMLInputElement} */ (find("taught-open-input"));
    find("taught-open").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      input.value = "";
      if (file) this.open(file);
    });
    this.#restored = this.#restore();
    store.onChange((kind) => {
      if (kind === "taught") this.#restored = this.#restored.then(() => this.#look());
    });
  }

  /** What another tab made, named or deleted. */
  async #look() {
    try {
      const ids = await this.#store.ids("taught");
      if (!ids) return;
      const there = new Set(ids);
      const gone = this.#versions.filter(({ id }) => !there.has(id) && id !== this.#unfinished);
      const known = new Set(this.#versions.map(({ id }) => id));
      const fresh = ids.filter((id) => id !== IN_USE && !isUnfinished(id) && !known.has(id));
      if (!gone.length && !fresh.length) return;
      const found = /** @type {(Version | undefined)[]} */ (await Promise.all(fresh.map((id) => this.#store.one("taught", id))));
      this.#versions = [...this.#versions.filter((version) => !gone.includes(version)), ...found.filter((version) => version !== undefined)];
      // What was only named otherwise answers on; what is gone, no longer.
      const isGone = gone.some(({ id }) => id === this.#inUse);
      const heir = this.#versions.find(({ id }) => id === `${this.#inUse}+`);
      if (isGone && heir) this.#inUse = heir.id;
      this.#show();
      if (isGone && !heir) await this.#choose(null);
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  async #restore() {
    try {
      const kept = /** @type {({ id: string } & Partial<Version> & { of?: string })[]} */ (await this.#store.all("taught"));
      this.#versions = /** @type {Version[]} */ (kept.filter(({ file }) => file));
      const of = kept.find(({ id }) => id === IN_USE)?.of;
      this.#inUse = this.#versions.some(({ id }) => id === of) ? (of ?? null) : null;
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
    this.#show();
  }

  /** The version in use, once it is known. @returns {Promise<Version | null>} */
  async inUse() {
    await this.#restored;
    return this.#versions.find(({ id }) => id === this.#inUse) ?? null;
  }

  /** Keeps what a training made, and uses it. @param {TaughtFile} taught */
  async keep(taught) {
    const id = newId("taught");
    await this.#put({ id, ...taught });
    askToLast();
    await this.#choose(id);
  }

  /** What is lost when the tab closes now is only what comes after this. @param {TaughtFile} taught */
  saveUnfinished(taught) {
    this.#unfinished ??= newId(UNFINISHED);
    return this.#put({ id: this.#unfinished, ...taught });
  }

  async forgetUnfinished() {
    const id = this.#unfinished;
    this.#unfinished = null;
    if (id) await this.#remove(id);
  }

  /** @param {File} file */
  async open(file) {
    const engine = this.#engine();
    if (!engine) return void (status.textContent = texts.captions.notReady);
    try {
      const taught = await engine.program.readTaught(file);
      await this.keep(taught);
      status.textContent = texts.teach.opened(taught.about.name);
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** @param {Version} version @param {string | null} [instead] of another one */
  async #put(version, instead = null) {
    await this.#store.keep("taught", version, instead);
    const place = this.#versions.findIndex(({ id }) => id === version.id || id === instead);
    if (place < 0) this.#versions.push(version);
    else this.#versions[place] = version;
    this.#show();
  }

  /** @param {string} id */
  async #remove(id) {
    await this.#store.remove({ taught: [id] });
    this.#versions = this.#versions.filter((version) => version.id !== id);
    this.#show();
  }

  /** Has it answer from now on; null is as it came. @param {string | null} id */
  async #choose(id) {
    const version = this.#versions.find((other) => other.id === id);
    try {
      await this.#use(version?.file ?? null);
      this.#inUse = version?.id ?? null;
      await this.#store.keep("taught", { id: IN_USE, ...(this.#inUse ? { of: this.#inUse } : {}) });
      status.textContent = version ? texts.teach.uses(version.about.name) : texts.teach.usesNone;
    } catch (error) {
      // One that does not fit is not used; it stays in the list.
      status.textContent = sentence(error, texts.errors.unknown);
    }
    this.#show();
  }

  #show() {
    list.replaceChildren(this.#row(null), ...this.#versions.map((version) => this.#row(version)));
  }

  /** @param {Version | null} version null is as it came */
  #row(version) {
    const radio = element("input", { type: "radio", name: "taught", checked: this.#inUse === (version?.id ?? null) });
    radio.addEventListener("change", () => this.#choose(version?.id ?? null));
    const name = version ? (isUnfinished(version.id) ? texts.teach.unfinished(version.about.steps, version.about.recipe.steps) : version.about.name) : texts.teach.asItCame;
    const item = element("li", {}, element("label", {}, radio, " ", element("strong", { textContent: name })));
    if (!version) return item;
    item.append(element("p", { className: "note", textContent: texts.teach.facts(version.about) }));
    const button = (/** @type {string} */ label, /** @type {() => void} */ act) => {
      const made = element("button", { type: "button", className: "quiet", textContent: label, ariaLabel: `${label}: ${name}` });
      made.addEventListener("click", act);
      return made;
    };
    item.append(
      element("div", { className: "tools" },
        button(texts.teach.saveFile, () => save(version.file, "application/octet-stream", `${fileName(name)}.hearsight`)),
        button(texts.teach.saveTensors, () => save(version.file, "application/octet-stream", `${fileName(name)}.safetensors`)),
        button(texts.teach.rename, () => this.#rename(version)),
        button(texts.teach.delete, () => this.#delete(version)),
      ),
    );
    return item;
  }

  /** @param {Version} version */
  async #rename(version) {
    const name = prompt(texts.teach.newName, version.about.name)?.trim();
    const engine = this.#engine();
    if (!name || !engine) return;
    try {
      // What has another name is another version to whoever looks: ids sort by age.
      const renamed = { id: isUnfinished(version.id) ? newId("taught") : `${version.id}+`, ...(await engine.program.renameTaught(version.file, name)) };
      const wasInUse = this.#inUse === version.id;
      await this.#put(renamed, version.id);
      if (wasInUse) await this.#choose(renamed.id);
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** @param {Version} version */
  async #delete(version) {
    if (!confirm(texts.teach.deleteSure(version.about.name))) return;
    try {
      if (this.#inUse === version.id) await this.#choose(null);
      await this.#remove(version.id);
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }
}

/** @param {string} id */
const isUnfinished = (id) => id.startsWith(UNFINISHED);

/** @param {string} name */
export const fileName = (name) => name.replaceAll(/[^\p{L}\p{N} _-]/gu, "").trim() || "taught";
