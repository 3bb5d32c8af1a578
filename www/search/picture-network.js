// The picture network: fetched when it is first needed, and brought to each worker once.
import { loadPictureNetwork, pictureVersion } from "../shell/loading.js";

/** @import { EngineClient } from "../shell/engine.js" */

export class PictureNetwork {
  /** Which workers have it. @type {WeakSet<EngineClient>} */
  #brought = new WeakSet();
  /** @type {Promise<string> | null} */
  #version = null;

  /** What its vectors are told apart from those of other networks by. */
  version() {
    return (this.#version ??= pictureVersion());
  }

  /** @param {EngineClient} engine @param {(loaded: number, total: number) => void} onProgress in bytes */
  async bringTo(engine, onProgress) {
    if (this.#brought.has(engine)) return;
    await engine.pictures.bring(await loadPictureNetwork(onProgress));
    this.#brought.add(engine);
  }
}
