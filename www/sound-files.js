// Sound from files: dropped anywhere, chosen, or fetched; decoded by the browser and mixed to mono.
import { failure } from "./failure.js";
import { texts } from "./texts.js";

/** @import { Clip } from "./types.d.ts" */

/** Larger files are not opened at all: 20 seconds of studio sound are a tenth of this. */
const LARGEST = 64e6;
/** Longer sound does not get as far as the engine, which says the rest, in seconds. */
const LONGEST = 60;
const SAMPLE_RATE = 48_000;

/** @param {Blob} file @param {number} [sampleRate] of the clip @returns {Promise<Clip>} */
export async function decode(file, sampleRate = SAMPLE_RATE) {
  if (file.size > LARGEST) throw failure("too-long", texts.errors.tooLarge);
  const sound = await read(file, sampleRate);
  if (sound.duration > LONGEST) throw failure("too-long", texts.errors.tooLong(sound.duration));
  const samples = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    const data = sound.getChannelData(channel);
    for (let at = 0; at < samples.length; at++) samples[at] += data[at] / sound.numberOfChannels;
  }
  return { samples, sampleRate: sound.sampleRate };
}

/** @param {Blob} file @param {number} sampleRate */
async function read(file, sampleRate) {
  try {
    return await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(await file.arrayBuffer());
  } catch {
    throw failure("unreadable-sound", texts.errors.unreadable);
  }
}

/**
 * The chooser and the whole page as a place to drop on.
 * @param {HTMLButtonElement} button @param {HTMLInputElement} input @param {(files: File[]) => void} onFiles
 */
export function acceptFiles(button, input, onFiles) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // The same file may be chosen again.
    input.value = "";
    onFiles(files);
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
  addEventListener("drop", async (event) => {
    delete document.body.dataset.dropping;
    if (!carriesFiles(event)) return;
    event.preventDefault();
    onFiles(await dropped(/** @type {DataTransfer} */ (event.dataTransfer)));
  });
}

/** The files that were dropped, with those in dropped folders. @param {DataTransfer} data */
async function dropped(data) {
  // Both have to be asked for before anything is waited for.
  const files = [...data.files];
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.some((entry) => entry.isDirectory)) return files;
  return (await Promise.all(entries.map(filesIn))).flat();
}

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesIn(entry) {
  if (entry.isFile) {
    /** @type {File | null} */
    const file = await new Promise((resolve) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, () => resolve(null)));
    return file ? [file] : [];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  // A reader gives a part at a time, and nothing at the end.
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!part.length) return found;
    found.push(...(await Promise.all(part.map(filesIn))).flat());
  }
}
