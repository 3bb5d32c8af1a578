// Plays a clip once.

/** @import { Clip } from "../types.d.ts" */

export class Player {
  /** @type {AudioContext | null} */
  #context = null;
  #onChange;

  /** @param {(playing: boolean) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get playing() {
    return this.#context !== null;
  }

  /** @param {Clip} clip */
  play({ samples, sampleRate }) {
    this.stop();
    const context = new AudioContext();
    const sound = context.createBuffer(1, Math.max(1, samples.length), sampleRate);
    sound.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(context, { buffer: sound });
    source.connect(context.destination);
    source.onended = () => {
      if (this.#context === context) this.stop();
    };
    source.start();
    this.#context = context;
    this.#onChange(true);
  }

  stop() {
    if (!this.#context) return;
    // It may be closed already when the page is being left.
    this.#context.close().catch(() => {});
    this.#context = null;
    this.#onChange(false);
  }
}
