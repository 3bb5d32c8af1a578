// One recording from the microphone, on the page's thread: it is kept, not searched with.
import { OpenMicrophone } from "../shell/microphone.js";

/** @import { Failure } from "../kit/named.js" */
/** @import { Clip, Package } from "../types.d.ts" */
/**
 * @typedef {object} Hearing
 * @property {(level: number, seconds: number, muted: boolean) => void} level from 0 to 1
 * @property {() => void} late the browser has not answered yet
 * @property {(why: Failure | null) => void} over nothing more comes, or fits
 */

/** What the worklet sent last is still on its way when the visitor stops, for this many milliseconds. */
const LAST_BLOCKS = 60;
/** The longest clip that is learned from, in seconds. */
const LONGEST = 20;

export class Recorder {
  #microphone;
  #hearing;
  /** @type {Float32Array[]} */
  #blocks = [];
  #length = 0;
  #open = false;
  #muted = false;

  /** @param {Hearing} hearing */
  constructor(hearing) {
    this.#hearing = hearing;
    this.#microphone = new OpenMicrophone({
      late: hearing.late,
      muted: (muted) => (this.#muted = muted),
      gone: (why) => hearing.over(why),
    });
  }

  /** @param {Package} program @returns {Promise<boolean>} false when it was let go meanwhile */
  async start(program) {
    const port = await this.#microphone.open(program);
    if (!port) return false;
    this.#open = true;
    const rate = this.#microphone.sampleRate;
    port.onmessage = ({ data }) => {
      if (this.#length > LONGEST * rate) return;
      this.#blocks.push(data);
      this.#length += data.length;
      this.#hearing.level(loudness(data), this.#length / rate, this.#muted);
      if (this.#length > LONGEST * rate) this.#hearing.over(null);
    };
    return true;
  }

  /** What is wrong with the microphone though it is open. */
  get trouble() {
    return this.#microphone.trouble;
  }

  /** @param {boolean} atOnce as when the page is left @returns {Promise<Clip | null>} null when nothing was recorded */
  async stop(atOnce) {
    if (!this.#open || atOnce) this.#microphone.close();
    if (!this.#open) return null;
    if (!atOnce) await new Promise((resolve) => setTimeout(resolve, LAST_BLOCKS));
    this.#microphone.close();
    const sampleRate = this.#microphone.sampleRate;
    const samples = new Float32Array(Math.min(this.#length, LONGEST * sampleRate));
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
