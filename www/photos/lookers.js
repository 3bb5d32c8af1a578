// More eyes: engines of their own that look at pictures beside the one that answers, while there are many and the machine has the
// processors for it. They end with the run, and give their memory back.
import { EngineClient } from "../shell/engine.js";

/** @import { Parts } from "../types.d.ts" */

/** For fewer pictures none are started. */
const MANY = 40;
/** At most; each takes some 60 MB. */
const MOST = 3;
/** Where the browser tells of so many GB or less, one. */
const SMALL = 4;

export class Lookers {
  #parts;
  /** @type {EngineClient[]} */
  #engines = [];

  /** @param {() => Parts | null} parts of an engine on the processor; none where there is a better one */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Starts them, and tells of each that is ready. @param {number} pictures @param {(looker: EngineClient) => void} onReady */
  start(pictures, onReady) {
    const parts = this.#parts();
    if (!parts || pictures < MANY) return;
    const memory = /** @type {any} */ (navigator).deviceMemory ?? SMALL + 1;
    const count = memory <= SMALL ? 1 : Math.min(MOST, Math.max(1, (navigator.hardwareConcurrency ?? 2) >> 1));
    for (let number = 0; number < count; number++) {
      const looker = new EngineClient({ heard() {}, ranking() {}, crashed() {} });
      this.#engines.push(looker);
      looker.start("cpu", parts).then(() => this.#engines.includes(looker) && onReady(looker), () => looker.end());
    }
  }

  end() {
    for (const looker of this.#engines.splice(0)) looker.end();
  }
}
