// Sound from files, decoded by the browser and brought to one channel.
import { failure } from "./failure.js";
import { texts } from "./texts.js";
import { mended } from "./wav.js";

/** @import { Clip } from "./types.d.ts" */

/** Larger files are not opened at all: 20 seconds of studio sound are a tenth of this. */
const LARGEST = 64e6;
/** Longer sound does not get as far as the engine, which says the rest, in seconds. */
const LONGEST = 60;
const SAMPLE_RATE = 48_000;
/** Channels that take so much of each other away (of their mean energy this part is left) are not added. */
const CANCELLED = 0.05;

/** @param {Blob} file @param {number} [sampleRate] of the clip @returns {Promise<Clip>} */
export async function decode(file, sampleRate = SAMPLE_RATE) {
  if (file.size > LARGEST) throw failure("too-long", texts.errors.tooLarge);
  const sound = await read(await file.arrayBuffer(), sampleRate);
  if (sound.duration > LONGEST) throw failure("too-long", texts.errors.tooLong(sound.duration));
  const channels = Array.from({ length: sound.numberOfChannels }, (_, channel) => sound.getChannelData(channel));
  return { samples: inRange(mono(channels)), sampleRate: sound.sampleRate };
}

/** @param {ArrayBuffer} bytes @param {number} sampleRate */
async function read(bytes, sampleRate) {
  // Decoding takes the bytes away.
  const decoded = (/** @type {ArrayBuffer} */ some) => new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(some);
  try {
    return await decoded(bytes.slice(0)).catch((error) => {
      const again = mended(new Uint8Array(bytes));
      if (!again) throw error;
      return decoded(again);
    });
  } catch {
    throw failure("unreadable-sound", texts.errors.unreadable);
  }
}

/** The mean of the channels; where they are each other's opposite, the loudest of them. @param {Float32Array<ArrayBuffer>[]} channels */
function mono(channels) {
  const [first = new Float32Array()] = channels;
  if (channels.length < 2) return first;
  const mean = new Float32Array(first.length);
  for (const channel of channels) for (let at = 0; at < mean.length; at++) mean[at] = /** @type {number} */ (mean[at]) + /** @type {number} */ (channel[at]) / channels.length;
  const energies = channels.map(energy);
  const all = energies.reduce((sum, one) => sum + one, 0) / channels.length;
  if (energy(mean) >= CANCELLED * all) return mean;
  return channels[energies.indexOf(Math.max(...energies))] ?? mean;
}

/** @param {Float32Array} samples */
function energy(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum;
}

/** Numbers that leave -1 to 1, as some programs write them, are brought back: loudness says nothing. @param {Float32Array<ArrayBuffer>} samples */
function inRange(samples) {
  let peak = 1;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak > 1 && Number.isFinite(peak) ? samples.map((sample) => sample / peak) : samples;
}
