// The visitor's own pictures: chosen, dropped, pasted or taken; looked at one after the other; kept until they are removed. Here they
// meet the wall, the engine and other tabs; how they are kept is in collection.js, how they come in in take-in.js.
import { keepAwake } from "../shell/awake.js";
import { carried, unpack } from "./carry.js";
import { Collection } from "./collection.js";
import { contentOf, isSame } from "../kit/content.js";
import { element, find, save } from "../kit/element.js";
import { failure, sentence } from "../kit/failure.js";
import { Folders } from "./folders.js";
import { askToLast } from "../kit/lasting.js";
import { LeftOut, lineOf } from "./left-out.js";
import { TakeIn } from "./take-in.js";
import { texts } from "../texts.js";

/** @import { Given } from "../shell/dropped.js" */
/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Lookers } from "./lookers.js" */
/** @import { PictureNetwork } from "../search/picture-network.js" */
/** @import { Store } from "../kit/store.js" */
/** @import { Outcome } from "./take-in.js" */
/** @import { KeptPicture, Picture } from "../types.d.ts" */
/** @import { Wall } from "../search/wall.js" */

/** So many that were left out are named at once; the list has all. */
const NAMED = 3;
/** For so many the screen stays on. */
const LONG = 20;

const bar = /** @type {HTMLProgressElement} */ (find("own-progress"));
const running = find("own-running");
const pauseButton = find("own-pause");
const status = find("own-status");
const manage = find("own-manage");

export class OwnPictures {
  #wall;
  #onShow;
  #collection;
  #takeIn;
  #folders;
  #network;
  /** The engine that can be asked just now. @type {() => EngineClient | null} */
  #engine;
  /** Which worker has the vectors. @type {EngineClient | null} */
  #told = null;
  #leftOut = new LeftOut();
  #restored = false;
  #running = false;
  /** Files of this visit, by the ids of their pictures' sources: they are shown large as they are. @type {Map<string, File>} */
  #files = new Map();
  /** One look at what is kept at a time. @type {Promise<void>} */
  #looking = Promise.resolve();

  /** @param {Wall} wall @param {Store} store @param {PictureNetwork} network @param {Lookers} lookers @param {() => EngineClient | null} engine @param {() => boolean} isAsked @param {(id: string) => void} onShow */
  constructor(wall, store, network, lookers, engine, isAsked, onShow) {
    this.#wall = wall;
    this.#network = network;
    this.#engine = engine;
    this.#onShow = onShow;
    this.#collection = new Collection(store);
    this.#takeIn = new TakeIn(this.#collection, network, lookers, {
      engine,
      isAsked,
      show: (pictures, vectors, changed, to) => this.#show(pictures, vectors, changed, to, this.#takeIn.waiting > 0),
      onProgress: ({ done, all, rate, isPaused }) => {
        bar.max = all;
        bar.value = done;
        status.textContent = isPaused ? texts.own.paused(done, all) : texts.own.looking(done + 1, all, rate);
      },
    });
    this.#folders = new Folders(store, this.#collection, {
      onFiles: (files) => {
        // What comes by itself is seen to come.
        /** @type {HTMLDetailsElement} */ (find("own")).open = true;
        this.add(files);
      },
      remove: (ids) => this.removeAll(ids, []),
      say: (sentence) => {
        if (!this.#running) status.textContent = sentence;
      },
    });
    find("own-cancel").addEventListener("click", () => this.#cancel());
    pauseButton.addEventListener("click", () => {
      if (this.#takeIn.isPaused) this.#takeIn.goOn();
      else this.#takeIn.pause();
      pauseButton.textContent = this.#takeIn.isPaused ? texts.own.goOn : texts.own.pause;
    });
    store.onChange((kind) => {
      if (kind === "pictures" || kind === "batches") this.#looking = this.#looking.then(() => this.#look());
    });
  }

  get size() {
    return this.#collection.size;
  }

  /** Ids of all, oldest first. */
  get ids() {
    return this.#collection.pictures.map(({ id }) => id);
  }

  /** @param {string} id of any picture */
  has(id) {
    return this.#collection.picture(id) !== null;
  }

  /** The copy that is shown of one of them. @param {string} id of any picture @returns {Promise<Blob | null>} */
  file(id) {
    return this.#collection.copy(id);
  }

  /** Brings what is kept onto the wall, and to an engine that has just started. @param {EngineClient} engine */
  async restore(engine) {
    try {
      const { come } = await this.#collection.look((vector) => engine.pictures.pack(vector));
      this.#place(come);
      this.#refresh();
    } catch (error) {
      // What cannot be reached is no reason to take nothing more.
      status.textContent = sentence(error, texts.own.lost);
    }
    try {
      const pictures = this.#collection.pictures;
      if (pictures.length) {
        await engine.addPictures(pictures.map(({ id }) => id), await this.#collection.vectors(pictures));
        await this.#renew(pictures);
      }
      this.#told = engine;
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
    }
    this.#run();
    if (this.#restored) return;
    this.#restored = true;
    this.#folders.restore().catch(() => {});
  }

  /** What an older network looked at is looked at anew: its file, where that can be reached, or the copy. @param {KeptPicture[]} pictures */
  async #renew(pictures) {
    const version = await this.#network.version();
    const old = pictures.filter(({ network }) => network !== null && network !== version);
    this.#takeIn.add(await Promise.all(old.map(async (picture) => {
      const blob = (await this.#folders.file(picture.sources)) ?? (await this.#collection.copy(picture.id));
      return { anew: picture, given: { path: picture.title, file: new File([blob ?? ""], picture.title) } };
    })));
  }

  /** Takes files; they are looked at as soon as the engine can. @param {Given[]} files */
  add(files) {
    if (!files.length) return;
    this.#takeIn.add(files.map((given) => ({ given })));
    // What lies in a folder that is kept is found there.
    for (const { path, file, folder } of files) if (!folder) this.#files.set(path, file);
    if (!this.#engine()) status.textContent = texts.own.waiting;
    this.#run();
  }

  /** What another tab added, or took away. */
  async #look() {
    const engine = this.#told;
    if (!engine || engine !== this.#engine()) return;
    try {
      const { come, gone } = await this.#collection.look((vector) => engine.pictures.pack(vector));
      if (gone.length) await engine.core.removePictures(gone);
      this.#wall.remove(gone);
      if (come.length) await engine.addPictures(come.map(({ id }) => id), await this.#collection.vectors(come));
      this.#place(come);
    } catch (error) {
      if (!(error instanceof Error && error.name === "engine-crashed")) status.textContent = sentence(error, texts.own.lost);
    }
  }

  /** Looks at one file at once, unless the same is there; gives the id. @param {File} file @param {Set<string>} taken pictures that it is not, whatever is in it */
  async bring(file, taken) {
    const content = await contentOf(file);
    for (const { id, content: known, lies } of this.#collection.pictures) {
      if (taken.has(id)) continue;
      if (content && known === content) return id;
      // What was saved from here is the copy that is shown.
      const copy = lies.bytes === file.size || !this.#collection.isKept(id) ? await this.#collection.copy(id).catch(() => null) : null;
      if (copy && (await isSame(copy, file))) return id;
    }
    const engine = this.#engine();
    if (!engine) throw failure("engine-failed", texts.captions.notReady);
    const { id, problem } = await this.#takeIn.bring(engine, file);
    if (!problem) askToLast();
    return id;
  }

  /** @param {string} id @param {string[]} recordings that go with it @returns {Promise<boolean>} whether it is gone */
  async remove(id, recordings) {
    const title = this.#collection.picture(id)?.title ?? "";
    if (!(await this.removeAll([id], recordings))) return false;
    status.textContent = texts.own.removed(title);
    return true;
  }

  /** @param {string[]} ids @param {string[]} recordings that go with them @returns {Promise<boolean>} whether they are gone */
  async removeAll(ids, recordings) {
    try {
      await this.#collection.remove(ids, recordings);
      await this.#engine()?.core.removePictures(ids);
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
      return false;
    }
    this.#wall.remove(ids);
    this.#refresh();
    return true;
  }

  /** Nothing more comes. */
  #cancel() {
    this.#folders.stop();
    this.#takeIn.cancel();
  }

  /** Everything that is kept of them, folders too. @param {string[]} recordings @returns {Promise<boolean>} */
  async clear(recordings) {
    this.#cancel();
    const ids = this.ids;
    try {
      await this.#collection.clear(recordings);
      await this.#engine()?.core.removePictures(ids);
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
      return false;
    }
    this.#files.clear();
    this.#folders.clear();
    this.#wall.remove(ids);
    this.#refresh();
    status.textContent = texts.own.cleared;
    return true;
  }

  /** Saves all as one file. */
  async carry() {
    try {
      save(await carried(this.#collection), "application/octet-stream", "photographs.hearsight-index");
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
    }
  }

  /** Reads such files. @param {File[]} files */
  async unpack(files) {
    const engine = this.#engine();
    if (!engine) return void (status.textContent = texts.captions.notReady);
    const before = this.#collection.size;
    try {
      for (const file of files) {
        await unpack(file, this.#collection, async (drafts, done, all) => {
          status.textContent = texts.own.importing(done, all);
          const { pictures, problem } = await this.#collection.keep(drafts);
          await this.#show(pictures, new Blob(drafts.map(({ piece }) => piece.vector)), [], engine, done < all);
          if (problem) throw problem;
        });
      }
      await this.#renew(this.#collection.pictures);
      askToLast();
      status.textContent = texts.own.done(this.#collection.size - before, this.#collection.size);
      this.#run();
    } catch (error) {
      status.textContent = sentence(error, texts.own.badIndex);
    } finally {
      this.#wall.settle();
    }
  }

  /** Has one chosen: a folder that is kept where the browser can, or as many files. */
  async chooseFolder() {
    try {
      if (Folders.areKept) await this.#folders.choose();
      else find("own-folder-input").click();
    } catch (error) {
      status.textContent = sentence(error, texts.own.lost);
    }
  }

  /** Works the queue off, one run at a time. */
  async #run() {
    const engine = this.#engine();
    if (this.#running || !this.#takeIn.waiting || !engine || engine !== this.#told) return;
    this.#running = true;
    running.hidden = bar.hidden = false;
    pauseButton.textContent = texts.own.pause;
    bar.removeAttribute("value");
    status.ariaLive = "off";
    const letSleep = this.#takeIn.waiting > LONG ? keepAwake() : () => {};
    try {
      const outcome = await this.#takeIn.run(engine, () => (status.textContent = texts.own.otherTab), (loaded, total) => {
        bar.max = total;
        bar.value = loaded;
        status.textContent = texts.own.downloading(loaded, total);
      });
      status.ariaLive = "polite";
      const sentences = outcome.added || !outcome.renewed ? [texts.own.done(outcome.added, this.#collection.size)] : [];
      if (outcome.renewed) sentences.push(texts.own.renewed(outcome.renewed));
      if (outcome.copies + outcome.known) sentences.push(texts.own.known(outcome.copies + outcome.known));
      status.textContent = sentences.join(" ");
      this.#complain(outcome);
    } catch (error) {
      status.ariaLive = "polite";
      this.#takeIn.cancel();
      status.textContent = sentence(error, texts.errors.unknown);
    }
    this.#wall.settle();
    letSleep();
    running.hidden = bar.hidden = true;
    this.#running = false;
    this.#refresh();
    // What came while the last ones were kept, or what an engine that crashed has left.
    if (this.#takeIn.waiting) this.#run();
  }

  /** @param {Outcome} outcome */
  #complain({ left, cut, problem }) {
    const lines = left.slice(0, NAMED).map(lineOf);
    if (left.length > NAMED) lines.push(texts.own.more(left.length - NAMED));
    lines.push(...cut.slice(0, NAMED).map(texts.own.cut));
    if (problem) lines.push(sentence(problem, texts.errors.storage));
    find("own-alert").replaceChildren(...lines.map((line) => element("p", { textContent: line })));
    this.#leftOut.add(left);
  }

  /** What can be done with what is there. */
  #refresh() {
    manage.hidden = this.#collection.size === 0;
    this.#leftOut.show(this.#collection.left);
  }

  /** Has pictures searched and shown. @param {KeptPicture[]} pictures @param {Blob} vectors @param {KeptPicture[]} changed of which something else changed @param {EngineClient} engine @param {boolean} more come behind them */
  async #show(pictures, vectors, changed, engine, more) {
    // One that takes over gets all.
    if (engine === this.#engine()) await engine.addPictures(pictures.map(({ id }) => id), vectors);
    this.#place([...pictures, ...changed], more);
    if (pictures.some(({ id }) => this.#collection.isKept(id))) askToLast();
  }

  /** @param {KeptPicture[]} pictures oldest first @param {boolean} [more] come behind them */
  #place(pictures, more) {
    if (pictures.length) this.#wall.add(pictures.map((one) => this.#pictureOf(one)).reverse(), more);
    for (const { id } of pictures) this.#onShow(id);
    manage.hidden = this.#collection.size === 0;
  }

  /** @param {KeptPicture} kept @returns {Picture} */
  #pictureOf({ id, title, width, height, sources, taken, where }) {
    return {
      id, title, width, height, taken, where,
      alt: texts.own.alt(title), author: "", licence: texts.own.kept, source: "", group: "own", file: "",
      copies: sources.length > 1 ? sources.length : undefined,
      paths: sources.map(({ path }) => path),
      read: () => this.#collection.copy(id),
      original: async () => this.#files.get(sources[0]?.path ?? "") ?? this.#folders.file(sources),
    };
  }
}
