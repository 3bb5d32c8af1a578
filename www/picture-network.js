// The picture network: fetched when it is first needed, and brought to each worker once.
import { loadPictureNetwork, pictureVersion } from "./loading.js";

/** @import { EngineClient } from "./engine.js" */

export class PictureNetwork {
  /** Which worker has it. @type {EngineClient | null} */
  #brought = null;
  /** @type {Promise<string> | null} */
  #version = null;

  /** What its vectors are told apart from those of other networks by. */
  version() {
    return (this.#version ??= pictureVersion());
  }

  /** @param {EngineClient} engine @param {(loaded: number, total: number) => void} onProgress in bytes @returns {Promise<boolean>} whether it was not there before */
  async bringTo(engine, onProgress) {
    if (this.#brought === engine) return false;
    await engine.pictures.bring(await loadPictureNetwork(onProgress));
    this.#brought = engine;
    return true;
  }
}
