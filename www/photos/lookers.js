// While many pictures wait, engines of their own look at them, so that the one that answers is free, and its memory stays small: they end
// with the run, and give theirs back.
import { EngineClient } from "../shell/engine.js";

/** @import { Program } from "../types.d.ts" */

/** For fewer pictures none are started. */
const MANY = 40;
/** One for so many processors, and at most so many: each takes some 60 MB. */
const PROCESSORS = 4;
const MOST = 2;
/** Where the browser tells of so many GB or less, one. */
const SMALL = 4;

export class Lookers {
  #program;
  /** @type {EngineClient[]} */
  #engines = [];

  /** @param {() => Program | null} program that looks on the processor; none where there is something better */
  constructor(program) {
    this.#program = program;
  }

  /** Starts them; gives those that did start. @param {number} pictures @returns {Promise<EngineClient[]>} */
  async start(pictures) {
    const program = this.#program();
    if (!program || pictures < MANY) return [];
    const isSmall = (/** @type {any} */ (navigator).deviceMemory ?? SMALL + 1) <= SMALL;
    const count = isSmall ? 1 : Math.max(1, Math.min(MOST, Math.floor((navigator.hardwareConcurrency ?? 1) / PROCESSORS)));
    this.#engines = Array.from({ length: count }, () => new EngineClient({ heard() {}, ranking() {}, crashed() {} }));
    const started = await Promise.all(this.#engines.map((looker) => looker.here.look(program).then(() => [looker], () => [])));
    return started.flat();
  }

  end() {
    for (const looker of this.#engines.splice(0)) looker.end();
  }
}
