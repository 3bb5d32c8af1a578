// The view "Compare": one of the poster's systems beside the shipped network, on the same clip, and the losses as an experiment.
import { find } from "./element.js";
import { sentence } from "./failure.js";
import { Experiments } from "./experiment.js";
import { loadSystem } from "./loading.js";
import { ranked } from "./ranked.js";
import { texts } from "./texts.js";
import { onView, view } from "./views.js";

/** @import { EngineClient } from "./engine.js" */
/** @import { Clip, Picture, Ranking, SystemFacts, SystemName } from "./types.d.ts" */
/**
 * @typedef {object} Surroundings what the rest of the page does for it
 * @property {() => EngineClient | null} engine null while none answers
 * @property {() => { clip: Clip, ranking: Ranking } | null} answered what was said last, and the shipped network's answer
 * @property {(id: string) => Picture | null} picture
 * @property {(engine: EngineClient) => Promise<[string, string][]>} pairs spoken captions for training, each with its picture; the engine has them then
 */

const told = texts.compare;
/** So many pictures stand on each of the two walls. */
const SHOWN = 12;

const chooser = /** @type {HTMLSelectElement} */ (find("system"));
const status = find("systems-status");

export class Compare {
  #page;
  /** Which engine has which systems. @type {WeakMap<EngineClient, Map<SystemName, Promise<SystemFacts>>>} */
  #brought = new WeakMap();
  /** Only the newest answer is shown. */
  #asked = 0;

  /** @param {Surroundings} page */
  constructor(page) {
    this.#page = page;
    new Experiments(page);
    chooser.addEventListener("change", () => this.#compare());
    onView((now) => {
      if (now === "compare") this.#compare();
    });
  }

  /** The shipped network has answered. */
  heard() {
    if (view() === "compare") this.#compare();
  }

  async #compare() {
    const asked = ++this.#asked;
    const [engine, answered] = [this.#page.engine(), this.#page.answered()];
    if (!engine) return void (status.textContent = texts.captions.notReady);
    const name = /** @type {SystemName} */ (chooser.value);
    try {
      status.textContent = answered ? told.ranking : told.speakFirst;
      find("shipped-wall").replaceChildren(...(answered ? ranked(answered.ranking.results, SHOWN, this.#page.picture) : []));
      if (!answered) return;
      const facts = await this.#bring(engine, name);
      if (asked !== this.#asked) return;
      find("system-facts").textContent = told.facts(facts);
      const ranking = await engine.rankBy(name, answered.clip);
      if (asked !== this.#asked) return;
      find("system-wall").replaceChildren(...ranked(ranking.results, SHOWN, this.#page.picture));
      const place = ranking.results.findIndex(({ id }) => id === answered.ranking.results[0]?.id) + 1;
      status.textContent = told.done(this.#page.picture(answered.ranking.results[0]?.id ?? "")?.title ?? "", place, ranking.results.length);
    } catch (error) {
      if (asked !== this.#asked) return;
      find("system-wall").replaceChildren();
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** Fetches a system where it was not yet. @param {EngineClient} engine @param {SystemName} name @returns {Promise<SystemFacts>} */
  #bring(engine, name) {
    const brought = this.#brought.get(engine) ?? new Map();
    this.#brought.set(engine, brought);
    const bring = async () => {
      await engine.bringSystem(name, await loadSystem(name, (loaded, total) => (status.textContent = told.fetching(loaded, total))));
      return engine.systemFacts(name);
    };
    const facts = brought.get(name) ?? bring();
    brought.set(name, facts);
    facts.catch(() => brought.delete(name));
    return facts;
  }
}
