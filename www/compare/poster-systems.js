// The poster's systems: each fetched when it is first needed, and brought to each worker once.
import { loadSystem } from "../shell/loading.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { SystemFacts, SystemName } from "../types.d.ts" */

export class PosterSystems {
  /** Which worker has which. @type {WeakMap<EngineClient, Map<SystemName, Promise<SystemFacts>>>} */
  #brought = new WeakMap();

  /** @param {EngineClient} engine @param {SystemName} name @param {(loaded: number, total: number) => void} onProgress in bytes @returns {Promise<SystemFacts>} */
  bringTo(engine, name, onProgress) {
    const brought = this.#brought.get(engine) ?? new Map();
    this.#brought.set(engine, brought);
    const bring = async () => {
      await engine.systems.bring(name, await loadSystem(name, onProgress));
      return engine.systems.facts(name);
    };
    const facts = brought.get(name) ?? bring();
    brought.set(name, facts);
    facts.catch(() => brought.delete(name));
    return facts;
  }
}
