// The view "Compare": one of the poster's systems beside the shipped network, on the same clip, and the losses as an experiment.
import { find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { Experiments } from "../how/experiment.js";
import { ranked } from "../search/ranked.js";
import { texts } from "../texts.js";
import { onView, view } from "../shell/views.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { PosterSystems } from "./poster-systems.js" */
/** @import { Clip, Picture, Ranking, SystemName } from "../types.d.ts" */
/**
 * @typedef {{ clip: Clip, ranking: Ranking, taught: string }} Answered with the name of what was taught to the network, empty when it answered as it came
 * @typedef {object} Surroundings what the rest of the page does for it
 * @property {() => EngineClient | null} engine null while none answers
 * @property {() => Answered | null} answered what was said last, and the shipped network's answer
 * @property {(id: string) => Picture | null} picture
 * @property {PosterSystems} systems
 * @property {(engine: EngineClient) => Promise<[string, string][]>} pairs spoken captions for training, each with its picture; the engine has them then
 */

const told = texts.compare;
/** What the poster prints: the share of captions whose picture is among ten of 1024. None has survived for P2. @type {Partial<Record<SystemName, number>>} */
const PRINTED = { p0: 0.319, p1: 0.354 };
/** So many pictures stand on each of the two walls. */
const SHOWN = 12;

const chooser = /** @type {HTMLSelectElement} */ (find("system"));
const status = find("systems-status");
const shippedWall = find("shipped-wall");
const systemWall = find("system-wall");

export class Compare {
  #page;
  /** Only the newest answer is shown. */
  #asked = 0;
  #experiments;
  /** Whose ranking stands on the right wall. @type {SystemName | null} */
  #shown = null;

  /** @param {Surroundings} page */
  constructor(page) {
    this.#page = page;
    this.#experiments = new Experiments(page);
    chooser.addEventListener("change", () => this.#compare());
    onView(() => this.heard());
  }

  /** The engine is ready, or the shipped network has answered. */
  heard() {
    if (view() !== "compare") return;
    this.#compare();
    this.#experiments.show();
  }

  async #compare() {
    const asked = ++this.#asked;
    const [engine, answered] = [this.#page.engine(), this.#page.answered()];
    const name = /** @type {SystemName | ""} */ (chooser.value);
    status.ariaLive = "polite";
    find("shipped-taught").textContent = answered?.taught ? texts.teach.inUse(answered.taught) : "";
    shippedWall.replaceChildren(...(answered ? ranked(answered.ranking.results, SHOWN, this.#page.picture) : []));
    if (!engine) return void (status.textContent = texts.captions.notReady);
    try {
      if (!name) return void (status.textContent = told.chooseFirst);
      if (this.#shown !== name) this.#clear();
      const facts = await this.#page.systems.bringTo(engine, name, (loaded, total) => {
        if (chooser.value !== name) return;
        status.textContent = told.fetching(loaded, total);
        // Screen readers hear the beginning and the end of it.
        status.ariaLive = "off";
      });
      if (asked !== this.#asked) return;
      find("system-facts").textContent = `${told.facts(facts)} ${told.printed(PRINTED[name])}`;
      if (!answered) return void (status.textContent = told.speakFirst);
      status.textContent = told.ranking;
      const ranking = await engine.systems.rank(name, answered.clip.samples, answered.clip.sampleRate);
      if (asked !== this.#asked) return;
      this.#shown = name;
      systemWall.replaceChildren(...ranked(ranking.results, SHOWN, this.#page.picture));
      const best = answered.ranking.results[0]?.id ?? "";
      const place = ranking.results.findIndex(({ id }) => id === best) + 1;
      status.ariaLive = "polite";
      status.textContent = told.done(this.#page.picture(best)?.title ?? best, place, ranking.results.length);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#clear();
      status.ariaLive = "polite";
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** What another system said is not shown under a new name. */
  #clear() {
    this.#shown = null;
    find("system-facts").textContent = "";
    systemWall.replaceChildren();
  }
}
