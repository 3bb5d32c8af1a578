// Sound from files: dropped anywhere, chosen, or fetched; decoded by the browser and mixed to mono.
import { failure } from "./failure.js";
import { texts } from "./texts.js";

/** @import { Clip } from "./types.d.ts" */

/** Larger files are not opened at all: 20 seconds of studio sound are a tenth of this. */
const LARGEST = 64e6;
/** Longer sound does not get as far as the engine, which says the rest, in seconds. */
const LONGEST = 60;
const SAMPLE_RATE = 48_000;

/** @param {Blob} file @returns {Promise<Clip>} */
export async function decode(file) {
  if (file.size > LARGEST) throw failure("too-long", texts.errors.tooLarge);
  const sound = await read(file);
  if (sound.duration > LONGEST) throw failure("too-long", texts.errors.tooLong(sound.duration));
  const samples = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    const data = sound.getChannelData(channel);
    for (let at = 0; at < samples.length; at++) samples[at] += data[at] / sound.numberOfChannels;
  }
  return { samples, sampleRate: sound.sampleRate };
}

/** @param {Blob} file */
async function read(file) {
  try {
    return await new OfflineAudioContext(1, 1, SAMPLE_RATE).decodeAudioData(await file.arrayBuffer());
  } catch {
    throw failure("unreadable-sound", texts.errors.unreadable);
  }
}

/** @param {URL} url @param {string} what it is @returns {Promise<Blob>} */
export async function fetchSound(url, what) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(response.statusText);
    return await response.blob();
  } catch {
    throw failure("download-failed", texts.errors.fetch(what));
  }
}

/**
 * The chooser and the whole page as a place to drop on.
 * @param {HTMLButtonElement} button @param {HTMLInputElement} input @param {(file: File) => void} onFile
 */
export function acceptFiles(button, input, onFile) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    // The same file may be chosen again.
    input.value = "";
    if (file) onFile(file);
  });
  const carriesFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.dataset.dropping = "";
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete document.body.dataset.dropping;
  });
  addEventListener("drop", (event) => {
    delete document.body.dataset.dropping;
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  });
}
