// What was asked last, and its answer: the ranking of a clip, of a photograph's likes, and the same again by a better network.
import { complain, settle } from "../shell/alarm.js";
import { find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { isCrash } from "../shell/running.js";
import { texts } from "../texts.js";

/** @import { Clip, Picture, Ranking } from "../types.d.ts" */
/** @import { Answered } from "../compare/compare.js" */
/** @import { Machine } from "../shell/machine.js" */
/** @import { Running } from "../shell/running.js" */
/** @import { Wall } from "./wall.js" */
/** @import { Sound } from "./sound.js" */
/**
 * @typedef {object} Told
 * @property {(ranking: Ranking) => void} answered
 * @property {() => void} reveal the place where something is about to happen
 */

/** For developers: `?debug` lists the pictures farthest from each clip in the console. */
const isDebugged = new URLSearchParams(location.search).has("debug");

export class Asking {
  /** The last answer, what it answers, and what was taught to the network that gave it. @type {Answered | null} */
  answered = null;

  #machine;
  #running;
  #sound;
  #wall;
  #told;
  /** The clip that only the student has heard. @type {Clip | null} */
  #byStudent = null;

  /** @param {Machine<any>} machine @param {Running} running @param {Sound} sound @param {Wall} wall @param {Told} told */
  constructor(machine, running, sound, wall, told) {
    this.#machine = machine;
    this.#running = running;
    this.#sound = sound;
    this.#wall = wall;
    this.#told = told;
  }

  /** Searches with a sound as soon as nothing else is done. @param {Clip} clip @param {boolean} spoken and not a file */
  whenReady(clip, spoken) {
    this.#machine.whenReady(() => {
      this.#sound.keep(clip, spoken);
      this.search(clip);
    });
  }

  /** @param {Clip} clip */
  async search({ samples, sampleRate }) {
    const { engine } = this.#running;
    if (!engine || !this.#machine.go("asked", texts.searching)) return;
    this.#told.reveal();
    const { core } = engine;
    await this.answer(
      core.frames(samples, sampleRate).then((frames) => {
        this.#sound.whole(frames, samples.length / sampleRate);
        return core.search(samples, sampleRate);
      }),
    );
  }

  /** The page is searching by then. @param {Promise<Ranking>} asked */
  async answer(asked) {
    const { engine, isWhole } = this.#running;
    const ids = engine?.ids ?? [];
    try {
      const ranking = await asked;
      const { clip } = this.#sound;
      this.#running.answered();
      this.#byStudent = isWhole ? null : clip;
      const titles = this.#wall.showFinal(ranking, ids, 3);
      this.answered = clip && { clip, ranking, taught: this.#running.taught };
      this.#told.answered(ranking);
      // The student is often wrong, and how sure it is was never measured.
      const said = ranking.sure && this.#running.isWhole ? texts.found(titles) : texts.unsure(titles);
      this.#machine.go("answered", this.#wall.foundNothing ? texts.wallNothing : said);
      if (clip && engine && isDebugged) console.table(await engine.core.farthest(clip.samples, clip.sampleRate, 10));
      this.again();
    } catch (error) {
      if (isCrash(error)) return;
      this.#wall.rest();
      this.#machine.go("answered", texts.readyAgain);
      complain(sentence(error, texts.errors.unknown));
    }
  }

  /** What only the student has heard is asked again as soon as the whole network answers. */
  again() {
    const [{ engine, isWhole }, clip] = [this.#running, this.#byStudent];
    if (!clip || clip !== this.#sound.clip || !isWhole || !engine || !this.#wall.ranked) return;
    if (this.#machine.state === "ready" && this.#machine.go("asked", texts.searching)) this.answer(engine.core.search(clip.samples, clip.sampleRate));
  }

  /** Photographs like this one. @param {Picture} picture @param {() => void} reveal the wall, as soon as they are there */
  async alike(picture, reveal) {
    const { engine } = this.#running;
    if (!engine || this.#machine.state !== "ready") return reveal();
    settle();
    try {
      const ranking = await engine.core.alike(picture.id);
      this.#byStudent = null;
      // The first is the photograph itself.
      const [, ...titles] = this.#wall.showFinal(ranking, engine.ids, 4);
      reveal();
      this.#machine.say(texts.alike(picture.title, titles));
      find("wall").scrollIntoView({ block: "start", behavior: "instant" });
    } catch (error) {
      reveal();
      complain(sentence(error, texts.errors.unknown));
    }
  }
}
