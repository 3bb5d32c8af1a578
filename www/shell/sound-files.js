// Sound from files, decoded by the browser and brought to one channel.
import { failure } from "../kit/failure.js";
import { texts } from "../texts.js";
import { instance } from "./wasm.js";

/** @import { Clip } from "../types.d.ts" */

/** Larger files are not opened at all: 20 seconds of studio sound are a tenth of this. */
const LARGEST = 64e6;
/** Longer sound does not get as far as the engine, which says the rest, in seconds. */
const LONGEST = 60;
const SAMPLE_RATE = 48_000;

/** @param {Blob} file @param {number} [sampleRate] of the clip @returns {Promise<Clip>} */
export async function decode(file, sampleRate = SAMPLE_RATE) {
  if (file.size > LARGEST) throw failure("too-long", texts.errors.tooLarge);
  const sound = await read(await file.arrayBuffer(), sampleRate);
  if (sound.duration > LONGEST) throw failure("too-long", texts.errors.tooLong(sound.duration));
  const planar = new Float32Array(sound.numberOfChannels * sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) sound.copyFromChannel(planar.subarray(channel * sound.length), channel);
  const { mixChannels } = await instance;
  return { samples: mixChannels(planar, sound.numberOfChannels), sampleRate: sound.sampleRate };
}

/** @param {ArrayBuffer} bytes @param {number} sampleRate */
async function read(bytes, sampleRate) {
  // Decoding takes the bytes away.
  const decoded = (/** @type {ArrayBuffer} */ some) => new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(some);
  try {
    return await decoded(bytes.slice(0)).catch(async (error) => {
      // It may be a wav file whose sizes are wrong.
      const { mendWav } = await instance;
      const again = mendWav(new Uint8Array(bytes));
      if (!again) throw error;
      return decoded(again.buffer);
    });
  } catch {
    throw failure("unreadable-sound", texts.errors.unreadable);
  }
}
