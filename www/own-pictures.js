// The visitor's own pictures: chosen, dropped, pasted or taken; looked at one after the other; kept until they are removed.
import { takePhoto } from "./camera.js";
import { failure, sentence } from "./failure.js";
import { texts } from "./texts.js";

/** @import { EngineClient } from "./engine.js" */
/** @import { PictureNetwork } from "./picture-network.js" */
/** @import { OwnPicture, Picture } from "./types.d.ts" */
/** @import { Wall } from "./wall.js" */

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
  /** The engine that can be asked just now. @type {() => EngineClient | null} */
  #engine;
  #network;
  /** @type {Map<string, { picture: Picture, vector: Float32Array, file: Blob }>} */
  #pictures = new Map();
  /** Which worker has the vectors. @type {EngineClient | null} */
  #told = null;
  #restored = false;
  /** @type {File[]} */
  #queue = [];
  #running = false;
  #last = 0;

  /** @param {Wall} wall @param {PictureNetwork} network @param {() => EngineClient | null} engine */
  constructor(wall, network, engine) {
    this.#wall = wall;
    this.#network = network;
    this.#engine = engine;
    cancelButton.addEventListener("click", () => {
      this.#queue = [];
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
        for (const own of await engine.keptPictures()) this.#show(own);
        this.#restored = true;
      }
      for (const [id, { vector }] of this.#pictures) await engine.addPicture(id, vector);
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

  /** Looks at one file at once, unless one of its name is there; gives the id. @param {File} file */
  async bring(file) {
    const title = titleOf(file);
    const known = [...this.#pictures].find(([, { picture }]) => picture.title === title);
    if (known) return known[0];
    const engine = this.#engine();
    if (!engine) throw failure("engine-failed", texts.captions.notReady);
    await this.#network.bringTo(engine, () => {});
    const { picture } = await engine.seePicture(this.#newId(), title, file);
    this.#show(picture);
    return picture.id;
  }

  /** @param {string} id */
  async remove(id) {
    const own = this.#pictures.get(id);
    if (!own) return;
    try {
      await this.#engine()?.removePicture(id);
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
      return;
    }
    this.#pictures.delete(id);
    this.#wall.remove(id);
    URL.revokeObjectURL(own.picture.file);
    status.textContent = texts.own.removed(own.picture.title);
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
          const own = await engine.seePicture(this.#newId(), titleOf(file), file);
          this.#show(own.picture);
          const { warning: problem } = own;
          if (problem) warning ||= sentence(failure(problem.name, problem.message, problem.details), texts.errors.storage);
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
    this.#complain(leftOut, warning);
    cancelButton.hidden = bar.hidden = true;
    this.#running = false;
  }

  /** @param {string[]} leftOut @param {string} warning */
  #complain(leftOut, warning) {
    const lines = leftOut.slice(0, NAMED);
    if (leftOut.length > NAMED) lines.push(texts.own.more(leftOut.length - NAMED));
    if (warning) lines.push(warning);
    find("own-alert").replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  }

  /** @param {OwnPicture} own */
  #show({ id, title, width, height, copy, vector }) {
    const blob = new Blob([copy], { type: "image/jpeg" });
    const file = URL.createObjectURL(blob);
    const picture = { id, title, alt: texts.own.alt(title), author: "", licence: texts.own.kept, source: "", group: "own", file, width, height };
    this.#pictures.set(id, { picture, vector, file: blob });
    this.#wall.add(picture);
  }

  /** Ids sort by age. */
  #newId() {
    this.#last = Math.max(this.#last + 1, Date.now());
    return `own-${this.#last}`;
  }
}

/** @param {File} file */
const titleOf = (file) => file.name.replace(/\.[^.]*$/, "").replaceAll(/[_-]+/g, " ").trim() || texts.own.untitled;

/** Whether a file is to be looked at and not listened to. @param {File} file */
export const isPicture = (file) => file.type.startsWith("image/") || /\.(jpe?g|png|webp|gif|bmp|hei[cf])$/i.test(file.name);

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
      status.textContent = sentence(error, texts.own.noCamera);
    }
  });
  for (const kind of ["files", "folder"]) {
    const input = /** @type {HTMLInputElement} */ (find(`own-${kind}-input`));
    find(`own-${kind}`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])].filter((file) => kind !== "folder" || isPicture(file));
      // The same may be chosen again.
      input.value = "";
      if (files.length) onFiles(files);
      else if (kind === "folder") status.textContent = texts.own.emptyFolder;
    });
  }
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter(isPicture);
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  });
}
