// For researchers: the poster's picture network, from a checkpoint that the visitor brings along, piece by piece.
import { failure, sentence } from "../kit/failure.js";
import { texts } from "../texts.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @typedef {{ engine: EngineClient, device: string }} Running */

/** What a safetensors file says of itself stands within its first MiB, in bytes. */
const HEADER = 2 ** 20 + 8;
/** Larger picture files are not opened at all, in bytes. */
const LARGEST_PICTURE = 64e6;
/** How many of the features are shown. */
const SHOWN = 5;

/** @template {HTMLElement} [Kind=HTMLElement] @param {string} id @returns {Kind} */
const find = (id) => /** @type {Kind} */ (document.getElementById(`vgg16-${id}`));
const checkpoint = /** @type {HTMLInputElement} */ (find("checkpoint"));
const picture = /** @type {HTMLInputElement} */ (find("picture"));
const progress = /** @type {HTMLProgressElement} */ (find("progress"));

/** Whose worker holds the network. @type {EngineClient | null} */
let home = null;
/** Of the last picture. @type {Float32Array | null} */
let features = null;

/** @param {() => Running | null} running where the networks run, once they do */
export function offerVgg16(running) {
  checkpoint.addEventListener("change", () => withFile(checkpoint, running, load));
  picture.addEventListener("change", () => withFile(picture, running, show));
  find("save").addEventListener("click", save);
}

/**
 * Does one thing at a time with a chosen file, and says what went wrong.
 * @param {HTMLInputElement} input @param {() => Running | null} running
 * @param {(file: File, running: Running) => Promise<string>} act gives what to say in the end
 */
async function withFile(input, running, act) {
  const file = input.files?.[0];
  if (!file) return;
  checkpoint.disabled = picture.disabled = true;
  find("alert").textContent = "";
  find("result").hidden = true;
  let status = "";
  try {
    const now = running();
    if (!now) throw failure("engine-failed", texts.vgg16.notReady);
    status = await act(file, now);
  } catch (error) {
    const crashed = error instanceof Error && error.name === "engine-crashed";
    if (crashed) home = null;
    find("alert").textContent = crashed ? texts.vgg16.lost : sentence(error, texts.vgg16.unreadable);
  }
  find("status").textContent = status;
  progress.hidden = true;
  checkpoint.disabled = false;
  picture.disabled = !home;
  // The same file may be chosen again after a failure; what is in use goes on being named.
  if (!status) input.value = "";
}

/** @param {File} file @param {Running} running */
async function load(file, { engine }) {
  home = null;
  const pieces = await engine.vgg16.begin(file.slice(0, HEADER), file.size);
  const total = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
  let done = 0;
  progress.max = total;
  progress.hidden = false;
  for (const { name, start, end } of pieces) {
    progress.value = done;
    find("status").textContent = texts.vgg16.reading(done, total);
    // One piece at a time, so that the page and the worker hold no more than that beside the network.
    await engine.vgg16.put(name, file.slice(start, end));
    done += end - start;
  }
  await engine.vgg16.finish();
  home = engine;
  return texts.vgg16.loaded;
}

/** @param {File} file @param {Running} running */
async function show(file, { engine, device }) {
  if (engine !== home) {
    home = null;
    throw failure("engine-failed", texts.vgg16.lost);
  }
  if (file.size > LARGEST_PICTURE) throw failure("bad-picture", texts.vgg16.largePicture);
  find("status").textContent = texts.vgg16.computing;
  const start = performance.now();
  features = await engine.vgg16.features(file);
  find("seconds").textContent = texts.vgg16.seconds((performance.now() - start) / 1000);
  find("device").textContent = device;
  find("above").textContent = texts.vgg16.aboveZero(features.filter((value) => value > 0).length, features.length);
  /** @type {[number, number][]} */
  const numbered = Array.from(features, (value, number) => [number, value]);
  find("strongest").textContent = texts.vgg16.strongest(numbered.sort(([, a], [, b]) => b - a).slice(0, SHOWN));
  find("result").hidden = false;
  return texts.vgg16.done;
}

/** As `hearsight embed --vgg16` prints them. */
function save() {
  if (!features) return;
  const url = URL.createObjectURL(new Blob([JSON.stringify(Array.from(features))], { type: "application/json" }));
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: "vgg16-fc2.json" });
  link.click();
  // The download has to begin before its address goes.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
