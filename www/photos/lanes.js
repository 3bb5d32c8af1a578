// Engines that can look at a picture, and who waits for one.

/** @import { EngineClient } from "../shell/engine.js" */

export class Lanes {
  /** @type {EngineClient[]} */
  #free;
  /** @type {((lane: EngineClient) => void)[]} */
  #waiting = [];
  count;

  /** @param {EngineClient[]} lanes */
  constructor(lanes) {
    this.#free = [...lanes];
    this.count = lanes.length;
  }

  /** @returns {Promise<EngineClient>} to be given back */
  take() {
    const lane = this.#free.pop();
    return lane ? Promise.resolve(lane) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** @param {EngineClient} lane */
  give(lane) {
    const next = this.#waiting.shift();
    if (next) next(lane);
    else this.#free.push(lane);
  }
}
