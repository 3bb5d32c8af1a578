// The visitor's own pictures: chosen, dropped, pasted or taken; looked at one after the other; kept until they are removed.
import { takePhoto } from "./camera.js";
import { contentOf, isSame } from "./content.js";
import { filesOf, given, sorted } from "./dropped.js";
import { failure, sentence } from "./failure.js";
import { say } from "./frame.js";
import { askToLast } from "./lasting.js";
import { newId } from "./store.js";
import { texts } from "./texts.js";

/** @import { EngineClient } from "./engine.js" */
/** @import { PictureNetwork } from "./picture-network.js" */
/** @import { Store } from "./store.js" */
/** @import { KeptPicture, Picture } from "./types.d.ts" */
/** @import { Wall } from "./wall.js" */
/** @typedef {{ picture: Picture, vector: Float32Array, file: Blob, content: string | null, isKept: boolean }} Own */

/** Larger files are not opened at all: they would not fit into the network's memory. */
const LARGEST = 256e6;
/** So many that were left out are named. */
const NAMED = 3;

const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const bar = /** @type {HTMLProgressElement} */ (find("own-progress"));
const cancelButton = find("own-cancel");
const status = find("own-status");

export class OwnPictures {
  #wall;
  #store;
  #onShow;
  /** The engine that can be asked just now. @type {() => EngineClient | null} */
  #engine;
  #network;
  /** @type {Map<string, Own>} */
  #pictures = new Map();
  /** Which worker has the vectors. @type {EngineClient | null} */
  #told = null;
  #restored = false;
  /** @type {File[]} */
  #queue = [];
  #running = false;
  /** One look at what is kept at a time. @type {Promise<void>} */
  #looking = Promise.resolve();

  /** @param {Wall} wall @param {Store} store @param {PictureNetwork} network @param {() => EngineClient | null} engine @param {(id: string) => void} onShow */
  constructor(wall, store, network, engine, onShow) {
    this.#wall = wall;
    this.#store = store;
    this.#network = network;
    this.#engine = engine;
    this.#onShow = onShow;
    cancelButton.addEventListener("click", () => {
      this.#queue = [];
    });
    store.onChange((kind) => {
      if (kind === "pictures") this.#looking = this.#looking.then(() => this.#look());
    });
  }

  /** @param {string} id of any picture */
  has(id) {
    return this.#pictures.has(id);
  }

  /** The copy that is shown of one of them. @param {string} id of any picture @returns {Blob | null} */
  file(id) {
    return this.#pictures.get(id)?.file ?? null;
  }

  /** Brings what is kept onto the wall, and to an engine that has just started. @param {EngineClient} engine */
  async restore(engine) {
    try {
      if (!this.#restored) {
        for (const own of await this.#store.all("pictures")) this.#show(/** @type {KeptPicture} */ (own), true);
        this.#restored = true;
      }
    } catch (error) {
      // What cannot be reached is no reason to take nothing more.
      status.textContent = sentence(error, texts.own.lost);
    }
    try {
      for (const [id, { vector }] of this.#pictures) await engine.core.addPicture(id, vector);
      this.#told = engine;
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
    }
    this.#run();
  }

  /** Takes files; they are looked at as soon as the engine can. @param {File[]} files */
  add(files) {
    if (!files.length) return;
    this.#queue.push(...files);
    if (!this.#engine()) status.textContent = texts.own.waiting;
    this.#run();
  }

  /** What another tab added, or took away. */
  async #look() {
    const engine = this.#told;
    if (!engine || engine !== this.#engine()) return;
    try {
      const ids = await this.#store.ids("pictures");
      if (!ids) return;
      const there = new Set(ids);
      for (const [id, { isKept }] of this.#pictures) {
        if (!isKept || there.has(id)) continue;
        await engine.core.removePicture(id);
        this.#takeAway(id);
      }
      for (const id of ids.filter((id) => !this.#pictures.has(id))) {
        const own = /** @type {KeptPicture | undefined} */ (await this.#store.one("pictures", id));
        if (!own) continue;
        await engine.core.addPicture(id, own.vector);
        this.#show(own, true);
      }
    } catch (error) {
      if (!(error instanceof Error && error.name === "engine-crashed")) status.textContent = sentence(error, texts.own.lost);
    }
  }

  /** Looks at one file at once, unless the same is there; gives the id. @param {File} file @param {Set<string>} taken pictures that it is not, whatever is in it */
  async bring(file, taken) {
    const content = await contentOf(file);
    for (const [id, own] of this.#pictures) {
      if (taken.has(id)) continue;
      // What was saved from here is the copy that is shown.
      if ((content && own.content === content) || (await isSame(own.file, file))) return id;
    }
    const engine = this.#engine();
    if (!engine) throw failure("engine-failed", texts.captions.notReady);
    await this.#network.bringTo(engine, () => {});
    const { picture, warning } = await this.#see(engine, file);
    this.#show(picture, !warning);
    if (!warning) askToLast();
    return picture.id;
  }

  /** Looks at a file, has it searched and keeps it; what cannot be kept is on the wall all the same. @param {EngineClient} engine @param {File} file */
  async #see(engine, file) {
    const { cut, ...seen } = await engine.pictures.see(newId("own"), titleOf(file), file);
    /** @type {KeptPicture} */
    const picture = { ...seen, content: await contentOf(file) };
    await engine.core.addPicture(picture.id, picture.vector);
    const warning = await this.#store.keep("pictures", picture).then(
      async () => ((await this.#store.lasts()) ? null : failure("not-lasting")),
      (error) => error,
    );
    return { picture, cut, warning };
  }

  /** @param {string} id @param {string[]} recordings that go with it @returns {Promise<boolean>} whether it is gone */
  async remove(id, recordings) {
    const own = this.#pictures.get(id);
    if (!own) return false;
    try {
      await this.#store.remove({ pictures: [id], recordings });
      await this.#engine()?.core.removePicture(id);
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
      return false;
    }
    this.#takeAway(id);
    status.textContent = texts.own.removed(own.picture.title);
    return true;
  }

  /** @param {string} id */
  #takeAway(id) {
    const own = this.#pictures.get(id);
    this.#pictures.delete(id);
    this.#wall.remove(id);
    if (own) URL.revokeObjectURL(own.picture.file);
  }

  /** Works the queue off, one run at a time. */
  async #run() {
    const engine = this.#engine();
    if (this.#running || !this.#queue.length || !engine || engine !== this.#told) return;
    this.#running = true;
    cancelButton.hidden = bar.hidden = false;
    bar.removeAttribute("value");
    /** @type {string[]} */
    const leftOut = [];
    /** @type {string[]} */
    const cut = [];
    let warning = "";
    let done = 0;
    const start = performance.now();
    try {
      await this.#network.bringTo(engine, (loaded, total) => {
        bar.max = total;
        bar.value = loaded;
        status.textContent = texts.own.downloading(loaded, total);
        status.ariaLive = "off";
      });
      // After a crash a new engine goes on with the rest.
      while (engine === this.#engine() && this.#queue.length) {
        bar.max = done + this.#queue.length;
        bar.value = done;
        status.textContent = texts.own.looking(done + 1, bar.max, ((performance.now() - start) / 1000 / Math.max(1, done)) * this.#queue.length);
        const file = /** @type {File} */ (this.#queue[0]);
        try {
          if (file.size > LARGEST) throw failure("bad-picture", texts.own.tooLarge);
          const { picture, cut: isCut, warning: problem } = await this.#see(engine, file);
          this.#show(picture, !problem);
          if (isCut) cut.push(texts.own.cut(file.name));
          if (!problem) askToLast();
          else warning ||= sentence(problem, texts.errors.storage);
        } catch (error) {
          // A crash has nothing to do with the file, or everything: it is not tried again.
          leftOut.push(texts.own.leftOut(file.name, sentence(error, texts.own.unreadable)));
        }
        this.#queue.shift();
        done++;
      }
      status.ariaLive = "polite";
      status.textContent = texts.own.done(done - leftOut.length, this.#pictures.size);
    } catch (error) {
      status.ariaLive = "polite";
      this.#queue = [];
      status.textContent = sentence(error, texts.errors.unknown);
    }
    this.#complain(leftOut, cut, warning);
    cancelButton.hidden = bar.hidden = true;
    this.#running = false;
  }

  /** @param {string[]} leftOut @param {string[]} cut @param {string} warning */
  #complain(leftOut, cut, warning) {
    const lines = leftOut.slice(0, NAMED);
    if (leftOut.length > NAMED) lines.push(texts.own.more(leftOut.length - NAMED));
    lines.push(...cut.slice(0, NAMED));
    if (warning) lines.push(warning);
    find("own-alert").replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  }

  /** @param {KeptPicture} own @param {boolean} isKept by the browser */
  #show({ id, title, width, height, copy, vector, content = null }, isKept) {
    // Another tab may have told of it first.
    if (this.#pictures.has(id)) return;
    const blob = new Blob([copy], { type: "image/jpeg" });
    const file = URL.createObjectURL(blob);
    const picture = { id, title, alt: texts.own.alt(title), author: "", licence: texts.own.kept, source: "", group: "own", file, width, height };
    this.#pictures.set(id, { picture, vector, file: blob, content, isKept });
    this.#wall.add(picture);
    this.#onShow(id);
  }
}

/** @param {File} file */
const titleOf = (file) => file.name.replace(/\.[^.]*$/, "").replaceAll(/[_-]+/g, " ").trim() || texts.own.untitled;

/**
 * The buttons, and pasting.
 * @param {(files: File[]) => void} onFiles
 */
export function acceptPictures(onFiles) {
  find("own-photo").addEventListener("click", async () => {
    try {
      const photo = await takePhoto();
      if (photo) onFiles([photo]);
    } catch (error) {
      say(status, error, texts.own.noCamera);
    }
  });
  for (const kind of ["files", "folder"]) {
    const input = /** @type {HTMLInputElement} */ (find(`own-${kind}-input`));
    find(`own-${kind}`).addEventListener("click", () => input.click());
    // Some telephones know no folders.
    find(`own-${kind}`).hidden = kind === "folder" && !("webkitdirectory" in input);
    input.addEventListener("change", async () => {
      const chosen = given(input.files ?? []);
      // The same may be chosen again.
      input.value = "";
      // Of a folder, what else is in it is nobody's business.
      const files = filesOf(kind === "folder" ? (await sorted(chosen)).picture : chosen);
      if (files.length) onFiles(files);
      else if (kind === "folder") status.textContent = texts.own.emptyFolder;
    });
  }
  addEventListener("paste", async (event) => {
    const files = filesOf((await sorted(given(event.clipboardData?.files ?? []))).picture);
    if (files.length) onFiles(files);
  });
}
