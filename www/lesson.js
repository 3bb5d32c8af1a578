// A lesson: recordings and rehearsed captions go to the engine one by one, then its training is pulled step by step.
import { keepAwake } from "./awake.js";
import { CAPTIONS, loadCaptions, loadFile } from "./loading.js";
import { decode } from "./sound-files.js";
import { texts } from "./texts.js";

/** @import { EngineClient } from "./engine.js" */
/** @import { Caption, Clip, Exam, Sent, TaughtFile, TeachOptions } from "./types.d.ts" */
/** @typedef {{ picture: string, clip: () => Clip, held: boolean }} Taken a recording; one that is held out is only measured by */
/** @typedef {{ views: number | null, rehearse: boolean }} Heard changed views of each recording, or as many as suit; whether captions are mixed in */
/** @typedef {{ step: number, loss: number }} Point */
/**
 * @typedef {object} Listeners
 * @property {(done: number, all: number) => void} listening to the clips
 * @property {(pairs: [string, string][]) => void} contradicting pairs of pictures with the very same recording
 * @property {(point: Point, secondsLeft: number) => void} stepped
 * @property {(step: number, now: Exam) => void} examined
 * @property {(taught: TaughtFile) => void} saved so that little is lost
 */

/** The same as by command line: see src/engine/teaching.rs. */
const REHEARSED = 192;
const REMEMBERED = 64;
/** @param {number} recordings @returns {number} views of each, beside the recording as it is */
const viewsOf = (recordings) => Math.min(8, Math.max(1, Math.floor(320 / Math.max(1, recordings))));
/** @param {number} recordings @returns {number} steps that they take */
export const stepsOf = (recordings) => Math.min(500, Math.max(200, Math.floor((recordings * 5) / 4)));
/** What the networks hear, in Hz. */
const HEARD = 16_000;
/** So many exams are taken on the way. */
const EXAMS = 8;
/** Milliseconds between two savings. */
const BETWEEN_SAVINGS = 4000;

export class Lesson {
  #engine;
  #listeners;
  #cancelled = false;
  /** @type {Promise<void> | null} */
  #paused = null;
  #goOn = () => {};

  /** @param {EngineClient} engine @param {Listeners} listeners */
  constructor(engine, listeners) {
    this.#engine = engine;
    this.#listeners = listeners;
  }

  cancel() {
    this.#cancelled = true;
    this.resume();
  }

  pause() {
    this.#paused ??= new Promise((resolve) => (this.#goOn = resolve));
  }

  resume() {
    this.#paused = null;
    this.#goOn();
  }

  get paused() {
    return this.#paused !== null;
  }

  /**
   * @param {Taken[]} recordings @param {Sent<TeachOptions>} options @param {Heard} heard
   * @returns {Promise<TaughtFile | null>} null when it was cancelled
   */
  async run(recordings, options, heard) {
    await this.#engine.here.make("lesson", "Teaching", options);
    const letSleep = keepAwake();
    try {
      return await this.#learn(recordings, options, heard);
    } finally {
      letSleep();
    }
  }

  /** @param {Taken[]} recordings @param {Sent<TeachOptions>} options @param {Heard} heard @returns {Promise<TaughtFile | null>} */
  async #learn(recordings, options, heard) {
    if (!(await this.#listen(recordings, heard))) return null;
    this.#listeners.contradicting(await this.#engine.lesson.begin());
    const between = Math.max(1, Math.round(options.steps / EXAMS));
    let [start, saved, waited] = [performance.now(), performance.now(), 0];
    await this.#examine(0);
    for (let step = 1; step <= options.steps; step++) {
      const pause = performance.now();
      await this.#paused;
      waited += performance.now() - pause;
      if (this.#cancelled) return null;
      const point = await this.#engine.lesson.step();
      const left = ((performance.now() - start - waited) / step / 1000) * (options.steps - step);
      this.#listeners.stepped(point, left);
      if (step % between === 0 || step === options.steps) await this.#examine(step);
      if (performance.now() - saved > BETWEEN_SAVINGS && step < options.steps) {
        this.#listeners.saved(await this.#taught());
        saved = performance.now();
      }
    }
    return this.#taught();
  }

  /** Takes all clips. @param {Taken[]} recordings @param {Heard} heard @returns {Promise<boolean>} false when it was cancelled */
  async #listen(recordings, heard) {
    const learned = recordings.filter(({ held }) => !held);
    const views = heard.views ?? viewsOf(learned.length);
    const withHeld = new Set(recordings.filter(({ held }) => held).map(({ picture }) => picture));
    const captions = heard.rehearse ? await rehearsal() : [];
    const all = learned.length * (views + 1) + captions.length;
    let done = 0;
    /** @param {"learn" | "examine" | "rehearse" | "remember"} role @param {string} picture @param {Clip} clip @param {number} view */
    const take = async (role, picture, clip, view) => {
      await this.#engine.lesson.take(role, picture, clip.samples, clip.sampleRate, view);
      this.#listeners.listening(Math.min(++done, all), all);
      await this.#paused;
      return !this.#cancelled;
    };
    for (const { picture, clip: unpacked, held } of recordings) {
      const clip = unpacked();
      if (held) {
        if (!(await take("examine", picture, clip, 0))) return false;
        continue;
      }
      for (let view = 0; view <= views; view++) if (!(await take("learn", picture, clip, view))) return false;
      // Where there is no other recording to measure by, it is this one as another voice in another room.
      if (!withHeld.has(picture) && !(await take("examine", picture, clip, views + 1))) return false;
    }
    for (const { role, caption } of captions) {
      const clip = await decode(await loadFile(new URL(caption.file, CAPTIONS), texts.files.caption), HEARD);
      if (!(await take(role, caption.picture, clip, 0))) return false;
    }
    return true;
  }

  /** @param {number} step */
  async #examine(step) {
    const [, now] = await this.#engine.lesson.examine();
    this.#listeners.examined(step, now);
  }

  #taught() {
    return this.#engine.lesson.taught("", new Date().toISOString());
  }
}

/** Captions of the gallery: some to rehearse, others to measure by what is forgotten. */
async function rehearsal() {
  const captions = (await loadCaptions())?.captions ?? [];
  return [
    ...spread(captions, "train", REHEARSED).map((caption) => ({ role: /** @type {const} */ ("rehearse"), caption })),
    ...spread(captions, "dev", REMEMBERED).map((caption) => ({ role: /** @type {const} */ ("remember"), caption })),
  ];
}

/** Evenly over the list, so that they are of many pictures. @param {Caption[]} captions @param {string} split @param {number} most */
function spread(captions, split, most) {
  const all = captions.filter((caption) => caption.split === split);
  const count = Math.min(most, all.length);
  return Array.from({ length: count }, (_, place) => /** @type {Caption} */ (all[Math.floor((place * all.length) / count)]));
}
