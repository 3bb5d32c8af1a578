// A lesson: the program plans it; recordings and captions go to the engine one by one, then its training is pulled step by step.
import { keepAwake } from "../shell/awake.js";
import { CAPTIONS, loadCaptions, loadFile } from "../shell/loading.js";
import { decode } from "../shell/sound-files.js";
import { texts } from "../texts.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Caption, Clip, Exam, Package, Plan, Sent, TaughtFile, TeachOptions, Wishes } from "../types.d.ts" */
/** @typedef {{ picture: string, clip: () => Clip, held: boolean }} Taken a recording; one that is held out is only measured by */
/** @typedef {Omit<Sent<TeachOptions>, "steps">} Options what the plan does not say */
/** @typedef {{ step: number, loss: number }} Point */
/**
 * @typedef {object} Listeners
 * @property {(done: number, all: number) => void} listening to the clips
 * @property {(pairs: [string, string][]) => void} contradicting pairs of pictures with the very same recording
 * @property {(point: Point, all: number, secondsLeft: number) => void} stepped
 * @property {(step: number, all: number, now: Exam) => void} examined
 * @property {(taught: TaughtFile) => void} saved so that little is lost
 */

/** What the networks hear, in Hz. */
const HEARD = 16_000;

export class Lesson {
  #engine;
  #program;
  #listeners;
  #cancelled = false;
  /** @type {Promise<void> | null} */
  #paused = null;
  #goOn = () => {};

  /** @param {EngineClient} engine @param {Package} program @param {Listeners} listeners */
  constructor(engine, program, listeners) {
    this.#engine = engine;
    this.#program = program;
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
   * @param {Taken[]} recordings @param {Options} options @param {Wishes} wishes @param {boolean} rehearses captions of the gallery
   * @returns {Promise<TaughtFile | null>} null when it was cancelled
   */
  async run(recordings, options, wishes, rehearses) {
    const captions = rehearses ? ((await loadCaptions())?.captions ?? []) : [];
    const plan = this.#program.planLesson(recordings.map(({ picture, held }) => ({ picture, held })), captions.map(({ split }) => split), wishes);
    await this.#engine.here.make("lesson", "Teaching", { ...options, steps: plan.steps });
    const letSleep = keepAwake();
    try {
      if (!(await this.#listen(plan, recordings, captions))) return null;
      return await this.#learn(plan);
    } finally {
      letSleep();
    }
  }

  /** Takes all clips. @param {Plan} plan @param {Taken[]} recordings @param {Caption[]} captions @returns {Promise<boolean>} false when it was cancelled */
  async #listen(plan, recordings, captions) {
    // The views of a clip follow one another: it is unpacked, or fetched, once.
    let [last, picture, clip] = ["", "", /** @type {Clip | null} */ (null)];
    for (const [done, { source, number, role, view }] of plan.hearings.entries()) {
      if (!clip || last !== `${source} ${number}`) ({ picture, clip } = await said(source === "recording" ? recordings[number] : captions[number]));
      last = `${source} ${number}`;
      await this.#engine.lesson.take(role, picture, clip.samples, clip.sampleRate, view);
      this.#listeners.listening(done + 1, plan.hearings.length);
      await this.#paused;
      if (this.#cancelled) return false;
    }
    return true;
  }

  /** @param {Plan} plan @returns {Promise<TaughtFile | null>} null when it was cancelled */
  async #learn({ steps, exams, saved_every }) {
    this.#listeners.contradicting(await this.#engine.lesson.begin());
    let [start, saved, waited] = [performance.now(), performance.now(), 0];
    await this.#examine(0, steps);
    for (let step = 1; step <= steps; step++) {
      const pause = performance.now();
      await this.#paused;
      waited += performance.now() - pause;
      if (this.#cancelled) return null;
      const point = await this.#engine.lesson.step();
      const left = ((performance.now() - start - waited) / step / 1000) * (steps - step);
      this.#listeners.stepped(point, steps, left);
      if (exams.includes(step)) await this.#examine(step, steps);
      if (performance.now() - saved > 1000 * saved_every && step < steps) {
        this.#listeners.saved(await this.#taught());
        saved = performance.now();
      }
    }
    return this.#taught();
  }

  /** @param {number} step @param {number} all */
  async #examine(step, all) {
    const [, now] = await this.#engine.lesson.examine();
    this.#listeners.examined(step, all, now);
  }

  #taught() {
    return this.#engine.lesson.taught("", new Date().toISOString());
  }
}

/** What was said, and of which picture. @param {Taken | Caption | undefined} one @returns {Promise<{ picture: string, clip: Clip }>} */
async function said(one) {
  if (!one) throw new RangeError("The plan names a clip that there is not.");
  const clip = "clip" in one ? one.clip() : await decode(await loadFile(new URL(one.file, CAPTIONS), texts.files.caption), HEARD);
  return { picture: one.picture, clip };
}
