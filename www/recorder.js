// One recording from the microphone, on the page's thread: it is kept, not searched with.
import { texts } from "./texts.js";
import { failure } from "./failure.js";

/** @import { Clip, Microphone, Package } from "./types.d.ts" */

const WORKLET = new URL("worklet.js", import.meta.url).href;
/** What the worklet sent last is still on its way when the visitor stops, for this many milliseconds. */
const LAST_BLOCKS = 60;
/** The longest clip that is learned from, in seconds. */
const LONGEST = 20;

export class Recorder {
  /** @type {Microphone | null} */
  #microphone = null;
  /** @type {Float32Array[]} */
  #blocks = [];
  #stopping = false;
  #onLevel;

  /** @param {(level: number, seconds: number) => void} onLevel from 0 to 1 */
  constructor(onLevel) {
    this.#onLevel = onLevel;
  }

  /** @param {Package} program @param {() => void} onFull when nothing more fits */
  async start(program, onFull) {
    if (!navigator.mediaDevices) throw failure("microphone-absent", texts.errors.insecure);
    const { port1, port2 } = new MessageChannel();
    let length = 0;
    port2.onmessage = ({ data }) => {
      const rate = this.#microphone?.sampleRate ?? 48_000;
      if (length > LONGEST * rate) return;
      this.#blocks.push(data);
      length += data.length;
      this.#onLevel(loudness(data), length / rate);
      if (length > LONGEST * rate) onFull();
    };
    this.#microphone = await program.Microphone.open(port1, WORKLET);
    // Let go while the visitor was being asked.
    if (this.#stopping) this.#microphone.close();
  }

  /** @returns {Promise<Clip | null>} null when nothing was recorded */
  async stop() {
    this.#stopping = true;
    const microphone = this.#microphone;
    if (!microphone) return null;
    await new Promise((resolve) => setTimeout(resolve, LAST_BLOCKS));
    microphone.close();
    const sampleRate = microphone.sampleRate;
    const samples = new Float32Array(Math.min(this.#blocks.reduce((sum, block) => sum + block.length, 0), LONGEST * sampleRate));
    let at = 0;
    for (const block of this.#blocks) {
      samples.set(block.subarray(0, samples.length - at), at);
      at = Math.min(samples.length, at + block.length);
    }
    return { samples, sampleRate };
  }
}

/** @param {Float32Array} block */
function loudness(block) {
  let sum = 0;
  for (const sample of block) sum += sample * sample;
  const level = 10 * Math.log10(sum / block.length + 1e-12);
  return Math.min(1, Math.max(0, (level + 60) / 50));
}
