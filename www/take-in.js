// Pictures on their way in: one after the other is told apart, decoded, looked at, and kept with the others of its batch; what is
// kept is shown and searched. While the engine looks at one, the next is decoded.
import { BATCH, alone, keyOf } from "./collection.js";
import { darkroom } from "./darkroom.js";
import { failure } from "./failure.js";
import { newId } from "./store.js";
import { texts } from "./texts.js";

/** @import { Collection, Draft } from "./collection.js" */
/** @import { Developed } from "./darkroom-worker.js" */
/** @import { Given } from "./dropped.js" */
/** @import { EngineClient } from "./engine.js" */
/** @import { Failure } from "./named.js" */
/** @import { PictureNetwork } from "./picture-network.js" */
/** @import { KeptPicture, LeftOut, Source } from "./types.d.ts" */
/** @typedef {{ given: Given, anew?: KeptPicture }} Task a file; or a picture that is to be looked at anew, since the network is another */
/** @typedef {{ content: string | null, developed: Developed | null }} Prepared */
/**
 * @typedef {object} Progress
 * @property {number} done of the files that were given
 * @property {number} all
 * @property {number} rate pictures a second
 * @property {boolean} isPaused
 */
/**
 * @typedef {object} Outcome
 * @property {number} added @property {number} copies of pictures that are there @property {number} known files that were looked at before
 * @property {LeftOut[]} left @property {string[]} cut names of files that end before their picture does
 * @property {unknown} problem why something is not kept
 */
/**
 * @typedef {object} Surroundings
 * @property {() => EngineClient | null} engine
 * @property {(pictures: KeptPicture[], vectors: Blob, changed: KeptPicture[], engine: EngineClient) => Promise<void>} show new ones with their vectors, and others of which something changed
 * @property {(progress: Progress) => void} onProgress
 */

/** Larger files are not opened at all: they would not fit into the network's memory. */
const LARGEST = 256e6;
/** The longer side of copies in pixels: of what comes by itself, and of what comes by the hundred. */
const COPY = { few: 640, many: 320 };
const FEW = 100;
/** What was looked at is kept after so many milliseconds at the latest. */
const AT_LAST = 2000;
/** How much of the pace is that of the newest picture. */
const NEWEST = 0.1;
/** What says that a file is no picture here; anything else may be otherwise another time. */
const LASTING = ["bad-picture", "heic-picture", "foreign-picture", "large-picture"];

export class TakeIn {
  #collection;
  #network;
  #around;
  /** @type {Task[]} */
  #queue = [];
  /** Resolves when it goes on. @type {{ promise: Promise<void>, goOn: () => void } | null} */
  #paused = null;

  /** @param {Collection} collection @param {PictureNetwork} network @param {Surroundings} around */
  constructor(collection, network, around) {
    this.#collection = collection;
    this.#network = network;
    this.#around = around;
  }

  get waiting() {
    return this.#queue.length;
  }

  get isPaused() {
    return this.#paused !== null;
  }

  /** @param {Task[]} tasks */
  add(tasks) {
    this.#queue.push(...tasks);
  }

  pause() {
    let goOn = () => {};
    const promise = new Promise((/** @type {(value: void) => void} */ resolve) => (goOn = resolve));
    this.#paused ??= { promise, goOn };
  }

  goOn() {
    this.#paused?.goOn();
    this.#paused = null;
  }

  cancel() {
    this.#queue = [];
    this.goOn();
  }

  /** Works off what waits, as long as the engine is the same. @param {EngineClient} engine @param {() => void} onWaiting another tab is at it @param {(loaded: number, total: number) => void} onDownload @returns {Promise<Outcome>} */
  async run(engine, onWaiting, onDownload) {
    const late = setTimeout(onWaiting, 300);
    return alone("taking", async () => {
      clearTimeout(late);
      return this.#work(engine, onDownload);
    });
  }

  /** @param {EngineClient} engine @param {(loaded: number, total: number) => void} onDownload @returns {Promise<Outcome>} */
  async #work(engine, onDownload) {
    /** @type {Outcome} */
    const outcome = { added: 0, copies: 0, known: 0, left: [], cut: [], problem: null };
    /** @type {{ drafts: Draft[], changed: Map<string, KeptPicture>, left: LeftOut[], since: number }} */
    let held = { drafts: [], changed: new Map(), left: [], since: performance.now() };
    const flush = async () => {
      const { drafts, changed, left } = held;
      held = { drafts: [], changed: new Map(), left: [], since: performance.now() };
      if (!drafts.length && !changed.size && !left.length) return;
      const { pictures, problem } = await this.#collection.keep(drafts, [...changed.values()], left);
      outcome.problem ??= problem;
      outcome.added += pictures.length;
      const vectors = new Blob(drafts.map(({ piece }) => piece.vector));
      await this.#around.show(pictures, vectors, [...changed.values()], engine);
    };
    const longest = this.#queue.length > FEW ? COPY.many : COPY.few;
    /** @type {{ task: Task, prepared: Promise<Prepared> } | null} */
    let ahead = null;
    /** @param {Task | undefined} task */
    const prepare = (task) => {
      if (!task || this.#isKnown(task)) return null;
      const prepared = this.#prepare(task, longest);
      prepared.catch(() => {});
      return { task, prepared };
    };
    let [done, milliseconds, last, told] = [0, 0, performance.now(), 0];
    try {
      while (engine === this.#around.engine() && this.#queue.length) {
        const tell = () => this.#around.onProgress({ done, all: done + this.#queue.length, rate: milliseconds ? 1000 / milliseconds : 0, isPaused: this.isPaused });
        if (this.#paused) {
          await flush();
          if (this.#paused) tell();
          await this.#paused?.promise;
          last = performance.now();
          continue;
        }
        const task = this.#queue[0];
        if (performance.now() - told > 200) {
          told = performance.now();
          tell();
        }
        if (this.#isKnown(task)) outcome.known += 1;
        else {
          try {
            if (await this.#network.bringTo(engine, onDownload)) last = performance.now();
            const { prepared } = ahead?.task === task ? ahead : { prepared: this.#prepare(task, longest) };
            const { content, developed } = await prepared;
            // While this one is looked at.
            ahead = prepare(this.#queue[1]);
            const twin = task.anew ? null : (this.#collection.ofContent(content) ?? held.drafts.find((draft) => content && draft.content === content) ?? null);
            if (twin) {
              outcome.copies += 1;
              if ("lies" in twin) {
                const changed = withSource(held.changed.get(twin.id) ?? twin, sourceOf(task.given));
                if (changed) held.changed.set(twin.id, changed);
              } else twin.sources = withSource(twin, sourceOf(task.given))?.sources ?? twin.sources;
            } else {
              const { draft, isCut } = await this.#see(engine, task, content, developed, longest);
              held.drafts.push(draft);
              if (isCut) outcome.cut.push(task.given.file.name);
            }
          } catch (error) {
            if (error instanceof Error && error.name.startsWith("download")) throw error;
            const why = saidOf(error);
            const left = { ...sourceOf(task.given), why };
            outcome.left.push(left);
            if (LASTING.includes(why.name)) held.left.push(left);
          }
          const now = performance.now();
          milliseconds += (now - last - milliseconds) * (milliseconds ? NEWEST : 1);
          last = now;
        }
        // Unless it was cancelled meanwhile.
        if (this.#queue[0] === task) this.#queue.shift();
        done += 1;
        const isDue = held.drafts.length >= BATCH || done < 4 || this.#queue.length === 0 || performance.now() - held.since > AT_LAST;
        if (isDue && held.drafts.length + held.changed.size + held.left.length) await flush();
      }
    } finally {
      await flush();
    }
    return outcome;
  }

  /** Whether a file was looked at before, as far as its path, size and date say. @param {Task} task */
  #isKnown({ given, anew }) {
    return !anew && this.#collection.knows(sourceOf(given));
  }

  /** @param {Task} task @param {number} longest @returns {Promise<Prepared>} */
  async #prepare({ given: { file }, anew }, longest) {
    if (file.size > LARGEST) throw failure("bad-picture", texts.own.tooLarge);
    const content = anew ? anew.content : await darkroom("content", file);
    if (!anew && this.#collection.ofContent(content)) return { content, developed: null };
    return { content, developed: await darkroom("develop", file, longest) };
  }

  /** Looks at a picture. @param {EngineClient} engine @param {Task} task @param {string | null} content @param {Developed | null} developed @param {number} longest @returns {Promise<{ draft: Draft, isCut: boolean }>} */
  async #see(engine, { given, anew }, content, developed, longest) {
    const { file } = given;
    const source = sourceOf(given);
    const [seen, placed] = developed
      ? [{ copy: developed.copy, width: developed.copyWidth, height: developed.copyHeight }, await engine.pictures.place(developed.rgba, developed.width, developed.height, file)]
      : await engine.pictures.see("", "", file, longest).then((found) => /** @type {const} */ ([found, found.placed]));
    // A file of a folder that changed is the same picture, changed.
    const before = anew ?? (source.folder ? this.#collection.ofPath(source) : null);
    return {
      isCut: placed.cut,
      draft: {
        id: before?.id ?? newId("own"),
        title: anew?.title ?? titleOf(file),
        width: seen.width, height: seen.height,
        content,
        network: await this.#network.version(),
        sources: anew?.sources ?? [source],
        taken: anew?.taken ?? placed.taken ?? null,
        where: anew?.where ?? placed.place ?? null,
        piece: { vector: placed.packed, copy: seen.copy },
      },
    };
  }

  /** One file at once, whatever waits; it is kept, or why not is given. @param {EngineClient} engine @param {File} file */
  async bring(engine, file) {
    await this.#network.bringTo(engine, () => {});
    /** @type {Task} */
    const task = { given: { path: file.name, file } };
    const content = await darkroom("content", file);
    const { draft } = await this.#see(engine, task, content, await darkroom("develop", file, COPY.few), COPY.few);
    const { pictures, problem } = await this.#collection.keep([draft]);
    await this.#around.show(pictures, new Blob([draft.piece.vector]), [], engine);
    return { id: draft.id, problem };
  }
}

/** @param {Given} given @returns {Source} */
const sourceOf = ({ path, file, folder = null }) => ({ path, size: file.size, modified: file.lastModified, folder });

/** @template {{ sources: Source[] }} T @param {T} picture @param {Source} source @returns {T | null} null where it is known */
function withSource(picture, source) {
  if (picture.sources.some((known) => keyOf(known) === keyOf(source))) return null;
  return { ...picture, sources: [...picture.sources.filter(({ path, folder }) => path !== source.path || folder !== source.folder), source] };
}

/** @param {unknown} error */
function saidOf(error) {
  if (!(error instanceof Error)) return { name: "", message: "" };
  const { name, message, details } = /** @type {Failure} */ (error);
  return { name, message, details };
}

/** @param {File} file */
const titleOf = (file) => file.name.replace(/\.[^.]*$/, "").replaceAll(/[_-]+/g, " ").trim() || texts.own.untitled;
