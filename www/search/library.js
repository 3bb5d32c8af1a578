// The library of spoken captions: fetched when a photograph is first opened, joined by what the visitor says.
import { CAPTIONS, loadCaptions, loadFile } from "../shell/loading.js";
import { decode } from "../shell/sound-files.js";
import { texts } from "../texts.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Caption, Clip, Ranking } from "../types.d.ts" */
/** @typedef {{ clip: Clip, vector: Float32Array }} Own what the visitor said */
/**
 * @typedef {object} Described a caption as it stands beside a photograph
 * @property {string} text
 * @property {string | null} picture id of the photograph that it was made for; null for the visitor's own
 * @property {string} voice
 * @property {number} score
 * @property {() => Promise<Clip>} sound
 */

export class Library {
  /** @type {Map<string, Caption>} */
  #captions = new Map();
  /** @type {Map<string, Own>} */
  #own = new Map();
  /** Whose worker has the captions. @type {EngineClient | null} */
  #brought = null;

  /** What the visitor said becomes a caption, until the page is closed. @param {Clip} clip @param {Ranking} ranking the newest of it */
  add(clip, ranking) {
    const known = [...this.#own].find(([, own]) => own.clip === clip);
    const id = known?.[0] ?? `own ${this.#own.size + 1}`;
    const own = { clip, vector: ranking.vector };
    this.#own.set(id, own);
    return this.#brought?.core.addCaption(id, own.vector);
  }

  /** What the visitor said, newest last. */
  get own() {
    return [...this.#own.values()];
  }

  /** The captions that may be trained on, each with its picture; the engine has them from now on. @param {EngineClient} engine @returns {Promise<[string, string][]>} */
  async pairs(engine) {
    if (this.#brought !== engine) await this.#bring(engine);
    const train = [...this.#captions.values()].filter(({ split }) => split === "train");
    return train.map(({ id, picture }) => [id, picture]);
  }

  /** @param {EngineClient} engine @param {string} picture @param {number} count @returns {Promise<Described[]>} best first */
  async describe(engine, picture, count) {
    if (this.#brought !== engine) await this.#bring(engine);
    const found = await engine.core.describe(picture, count);
    return found.map(({ id, score }) => this.#described(id, score));
  }

  /** @param {EngineClient} engine */
  async #bring(engine) {
    const loaded = await loadCaptions();
    if (loaded) {
      this.#captions = new Map(loaded.captions.map((caption) => [caption.id, caption]));
      await engine.core.bringCaptions(loaded.index);
    }
    for (const [id, { vector }] of this.#own) await engine.core.addCaption(id, vector);
    this.#brought = engine;
  }

  /** @param {string} id @param {number} score @returns {Described} */
  #described(id, score) {
    const own = this.#own.get(id);
    if (own) return { text: texts.captions.own, picture: null, voice: "", score, sound: async () => own.clip };
    const { text, picture, voice, file } = /** @type {Caption} */ (this.#captions.get(id));
    const sound = async () => decode(await loadFile(new URL(file, CAPTIONS), texts.files.caption));
    return { text, picture, voice, score, sound };
  }
}
