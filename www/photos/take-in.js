// Pictures on their way in: one after the other is told apart, decoded, looked at, and kept with the others of its batch; what is
// kept is shown and searched. While engines look at some, the next is decoded.
import { BATCH, alone, keyOf } from "./collection.js";
import { darkroom } from "./darkroom.js";
import { failure } from "../kit/failure.js";
import { Lanes } from "./lanes.js";
import { newId } from "../kit/store.js";
import { texts } from "../texts.js";

/** @import { Collection, Draft } from "./collection.js" */
/** @import { Developed } from "./darkroom-worker.js" */
/** @import { Given } from "../shell/dropped.js" */
/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Failure } from "../kit/named.js" */
/** @import { Lookers } from "./lookers.js" */
/** @import { PictureNetwork } from "../search/picture-network.js" */
/** @import { KeptPicture, LeftOut, Source } from "../types.d.ts" */
/** @typedef {{ given: Given, anew?: KeptPicture, isAgain?: boolean }} Task a file; or a picture that is to be looked at anew, since the network is another */
/** @typedef {{ content: string | null, developed: Developed | null }} Prepared */
/** @typedef {{ drafts: Draft[], changed: Map<string, KeptPicture>, left: LeftOut[], since: number }} Held what is not kept yet */
/** @typedef {{ engine: EngineClient, outcome: Outcome, held: Held, longest: number, lanes: Lanes | null }} Run lanes once something has to be looked at */
/**
 * @typedef {object} Progress
 * @property {number} done of the files that were given
 * @property {number} all
 * @property {number} rate pictures a second
 * @property {boolean} isPaused
 */
/**
 * @typedef {object} Outcome
 * @property {number} added @property {number} renewed looked at anew @property {number} copies of pictures that are there @property {number} known files that were looked at before
 * @property {LeftOut[]} left @property {string[]} cut names of files that end before their picture does
 * @property {unknown} problem why something is not kept
 */
/**
 * @typedef {object} Surroundings
 * @property {() => EngineClient | null} engine
 * @property {() => boolean} isAsked whether somebody searches just now
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
/** How long it waits while somebody searches, in milliseconds. */
const A_MOMENT = 100;
/** How much of the pace is that of the newest picture. */
const NEWEST = 0.1;
/** What says that a file is no picture here; anything else may be otherwise another time. */
const LASTING = ["bad-picture", "heic-picture", "foreign-picture", "large-picture"];

export class TakeIn {
  #collection;
  #network;
  #around;
  #lookers;
  /** @type {Task[]} */
  #queue = [];
  /** Resolves when it goes on. @type {{ promise: Promise<void>, goOn: () => void } | null} */
  #paused = null;

  /** @param {Collection} collection @param {PictureNetwork} network @param {Lookers} lookers @param {Surroundings} around */
  constructor(collection, network, lookers, around) {
    this.#lookers = lookers;
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
    /** @type {Run} */
    const run = { engine, outcome: { added: 0, renewed: 0, copies: 0, known: 0, left: [], cut: [], problem: null }, held: nothing(), longest: this.#queue.length > FEW ? COPY.many : COPY.few, lanes: null };
    /** What is on its way just now. @type {Set<Promise<void>>} */
    const flying = new Set();
    let [done, milliseconds, last, told] = [0, 0, performance.now(), 0];
    const tell = () => this.#around.onProgress({ done, all: done + flying.size + this.#queue.length, rate: milliseconds ? 1000 / milliseconds : 0, isPaused: this.isPaused });
    try {
      while (engine === this.#around.engine() && this.#queue.length + flying.size) {
        if (this.#paused) {
          await Promise.all(flying);
          await this.#flush(run);
          if (this.#paused) tell();
          await this.#paused?.promise;
          last = performance.now();
          continue;
        }
        if (performance.now() - told > 200) {
          told = performance.now();
          tell();
        }
        // One more than there are eyes: it is decoded meanwhile.
        while (this.#queue.length && flying.size <= (run.lanes?.count ?? 0)) {
          const task = /** @type {Task} */ (this.#queue.shift());
          if (this.#isKnown(task)) {
            run.outcome.known += 1;
            done += 1;
            continue;
          }
          if (!run.lanes) {
            run.lanes = await this.#lanes(engine, onDownload);
            last = performance.now();
          }
          const flight = this.#one(task, run).finally(() => {
            flying.delete(flight);
            done += 1;
            const now = performance.now();
            milliseconds += (now - last - milliseconds) * (milliseconds ? NEWEST : 1);
            last = now;
          });
          flying.add(flight);
        }
        // All of them may have been known.
        if (flying.size) await Promise.race(flying);
        const { drafts, changed, left, since } = run.held;
        const isDue = drafts.length >= BATCH || done < 4 || this.#queue.length + flying.size === 0 || performance.now() - since > AT_LAST;
        if (isDue && drafts.length + changed.size + left.length) await this.#flush(run);
      }
    } finally {
      await Promise.all(flying);
      this.#lookers.end();
      await this.#flush(run);
    }
    return run.outcome;
  }

  /** Those that look: engines of their own where many wait, or the one that answers. @param {EngineClient} engine @param {(loaded: number, total: number) => void} onDownload */
  async #lanes(engine, onDownload) {
    const lookers = await this.#lookers.start(this.#queue.length);
    for (const lane of lookers.length ? lookers : [engine]) await this.#network.bringTo(lane, onDownload);
    // What only looks has the next picture before it has done with one: the file is read meanwhile.
    return new Lanes(lookers.length ? [...lookers, ...lookers] : [engine]);
  }

  /** Keeps what was looked at, and shows it. @param {Run} run */
  async #flush(run) {
    const { drafts, changed, left } = run.held;
    run.held = nothing();
    if (!drafts.length && !changed.size && !left.length) return;
    const known = new Set(drafts.map(({ id }) => id).filter((id) => this.#collection.picture(id)));
    const { pictures, problem } = await this.#collection.keep(drafts, [...changed.values()], left);
    run.outcome.problem ??= problem;
    run.outcome.added += pictures.filter(({ id }) => !known.has(id)).length;
    run.outcome.renewed += known.size;
    await this.#around.show(pictures, new Blob(drafts.map(({ piece }) => piece.vector)), [...changed.values()], run.engine);
  }

  /** One file from its beginning to its draft. @param {Task} task @param {Run} run */
  async #one(task, run) {
    const { given, anew } = task;
    const { outcome, longest } = run;
    try {
      const { content, developed } = await this.#prepare(task, longest);
      if (!anew && this.#isTwin(content, given, run)) return void (outcome.copies += 1);
      const lanes = /** @type {Lanes} */ (run.lanes);
      const lane = await lanes.take();
      let isDead = false;
      try {
        // Whoever asks something goes first.
        while (this.#around.isAsked() && run.engine === this.#around.engine()) await new Promise((resolve) => setTimeout(resolve, A_MOMENT));
        const { draft, isCut } = await this.#see(lane, task, content, developed, longest);
        // Two that are the same may have been on their way at once.
        if (!anew && this.#isTwin(content, given, run)) return void (outcome.copies += 1);
        run.held.drafts.push(draft);
        if (isCut) outcome.cut.push(given.file.name);
      } catch (error) {
        isDead = saidOf(error).name === "engine-crashed";
        throw error;
      } finally {
        // The one that answers goes on for one that died; where it died itself, the run is over.
        if (isDead) await this.#network.bringTo(run.engine, () => {}).catch(() => {});
        lanes.give(isDead ? run.engine : lane);
      }
    } catch (error) {
      const why = saidOf(error);
      // A crash has nothing to do with the file, or everything: it is tried once more.
      if (why.name === "engine-crashed" && !task.isAgain) return void this.#queue.unshift({ ...task, isAgain: true });
      const left = { ...sourceOf(given), why };
      outcome.left.push(left);
      if (LASTING.includes(why.name)) run.held.left.push(left);
    }
  }

  /** Whether the same is there already; then it is one with that. @param {string | null} content @param {Given} given @param {Run} run */
  #isTwin(content, given, { held }) {
    const source = sourceOf(given);
    const draft = held.drafts.find((one) => content && one.content === content);
    if (draft) draft.sources = withSource(draft, source)?.sources ?? draft.sources;
    const twin = draft ? null : this.#collection.ofContent(content);
    const changed = twin && withSource(held.changed.get(twin.id) ?? twin, source);
    if (changed) held.changed.set(changed.id, changed);
    return Boolean(draft || twin);
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
      ? [{ copy: developed.copy, width: developed.copyWidth, height: developed.copyHeight }, await engine.pictures.place(developed.rgba.buffer, developed.width, developed.height, file)]
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

/** @returns {Held} */
const nothing = () => ({ drafts: [], changed: new Map(), left: [], since: performance.now() });

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
