// Why this picture? The matchmap of a query and a photograph: where in it, and when in the sound, the score comes from.
import { find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { Player } from "./player.js";
import { Spectrogram } from "./spectrogram.js";
import { texts } from "../texts.js";

/** @import { Clip, Explanation, Picture } from "../types.d.ts" */
/**
 * @typedef {object} Query
 * @property {Clip} clip
 * @property {(picture: Picture, onProgress: (loaded: number, total: number) => void) => Promise<Explanation>} explain
 * @property {() => Promise<Float32Array>} frames 80 numbers each
 */

/** A moment is shown with so many before and after it: a fifth of a second. */
const AROUND = 2;
/** What is played of a region's best moment, in seconds to each side. */
const BESIDE = 0.35;
/** Darkness over what adds nothing to the score. */
const VEIL = 0.78;

const image = /** @type {HTMLImageElement} */ (find("picture-image"));
const map = /** @type {HTMLCanvasElement} */ (find("why-map"));
const strip = /** @type {HTMLCanvasElement} */ (find("why-strip"));
const slider = /** @type {HTMLInputElement} */ (find("why-time"));
const showButton = /** @type {HTMLButtonElement} */ (find("why-show"));
const playButton = find("why-play");
const status = find("why-status");
const view = find("why-view");

export class Why {
  #spectrogram = new Spectrogram(/** @type {HTMLCanvasElement} */ (find("why-sound")));
  #player = new Player((playing) => {
    playButton.textContent = playing ? texts.pause : texts.why.play;
    if (!playing) this.#still();
  });
  #query = /** @type {(() => Query | null)} */ (() => null);
  /** @type {Picture | null} */
  #picture = null;
  /** @type {{ query: Query, explanation: Explanation } | null} */
  #shown = null;
  /** The moment under the hand; null for the whole query. @type {number | null} */
  #moment = null;
  /** The region whose moments the strip shows; null for all. @type {number | null} */
  #region = null;
  #request = 0;

  /** @param {() => Query | null} query what the wall is ranked by, if it is */
  constructor(query) {
    this.#query = query;
    showButton.addEventListener("click", () => this.#explain());
    playButton.addEventListener("click", () => (this.#player.playing ? this.#player.stop() : this.#play(null)));
    slider.addEventListener("input", () => this.#look(Number(slider.value)));
    for (const canvas of [strip, find("why-sound")]) {
      canvas.addEventListener("pointermove", (event) => this.#point(event, canvas));
      canvas.addEventListener("pointerdown", (event) => this.#point(event, canvas));
    }
    find("why-whole").addEventListener("click", () => {
      this.#player.stop();
      this.#region = null;
      this.#look(null);
    });
    map.addEventListener("click", (event) => {
      const box = map.getBoundingClientRect();
      this.#choose((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    map.addEventListener("keydown", (event) => this.#walk(event));
    new ResizeObserver(() => this.#draw()).observe(image);
    new ResizeObserver(() => this.#draw()).observe(strip);
  }

  /** A photograph was opened. @param {Picture} picture */
  open(picture) {
    this.close();
    this.#picture = picture;
    find("why").hidden = this.#query() === null;
    showButton.hidden = false;
    showButton.disabled = false;
    status.textContent = "";
  }

  close() {
    this.#player.stop();
    this.#picture = this.#shown = this.#moment = this.#region = null;
    map.hidden = view.hidden = true;
  }

  async #explain() {
    const [picture, query] = [this.#picture, this.#query()];
    if (!picture || !query) return;
    showButton.disabled = true;
    status.textContent = texts.why.computing;
    try {
      const explanation = await query.explain(picture, (loaded, total) => {
        if (this.#picture === picture) status.textContent = texts.own.downloading(loaded, total);
      });
      const frames = await query.frames();
      if (this.#picture !== picture) return;
      this.#shown = { query, explanation };
      showButton.hidden = true;
      map.hidden = view.hidden = false;
      slider.max = String(explanation.moments - 1);
      this.#spectrogram.whole(frames);
      this.#look(null);
      map.focus({ preventScroll: true });
    } catch (error) {
      if (this.#picture !== picture) return;
      showButton.disabled = false;
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** @param {number | null} moment */
  #look(moment) {
    this.#moment = moment;
    const shown = this.#shown;
    if (!shown) return;
    const { explanation } = shown;
    if (moment !== null) slider.value = String(moment);
    slider.setAttribute("aria-valuetext", texts.seconds(Math.max(0, explanation.start + (moment ?? 0) * explanation.step)));
    if (!this.#player.playing) status.textContent = this.#said(explanation);
    this.#draw();
  }

  /** @param {Explanation} explanation */
  #said({ side, start, step, score }) {
    if (this.#region !== null) {
      const best = strongest(this.#curve());
      return texts.why.region(Math.floor(this.#region / side) + 1, (this.#region % side) + 1, start + (best + 0.5) * step);
    }
    return this.#moment === null ? texts.why.whole(score) : texts.why.moment(start + (this.#moment + 0.5) * step);
  }

  /** @param {PointerEvent} event @param {HTMLElement} canvas */
  #point(event, canvas) {
    const shown = this.#shown;
    if (!shown || this.#player.playing) return;
    const { clip } = shown.query;
    const box = canvas.getBoundingClientRect();
    const seconds = ((event.clientX - box.left) / box.width) * (clip.samples.length / clip.sampleRate);
    this.#look(momentAt(shown.explanation, seconds));
  }

  /** A region is pressed: the strip shows its moments, and the best is heard. @param {number} x @param {number} y from 0 to 1 */
  #choose(x, y) {
    const shown = this.#shown;
    if (!shown) return;
    const { side } = shown.explanation;
    const cell = (/** @type {number} */ at) => Math.min(side - 1, Math.max(0, Math.floor(at * side)));
    this.#select(cell(y) * side + cell(x));
  }

  /** @param {number} region */
  #select(region) {
    const shown = this.#shown;
    if (!shown) return;
    this.#player.stop();
    this.#region = region;
    const { start, step } = shown.explanation;
    const best = strongest(this.#curve());
    this.#look(best);
    this.#play(start + (best + 0.5) * step);
  }

  /** Arrows walk over the regions; Enter hears the one again. @param {KeyboardEvent} event */
  #walk(event) {
    const shown = this.#shown;
    if (!shown) return;
    const { side } = shown.explanation;
    const middle = Math.floor((side * side) / 2);
    const at = this.#region ?? middle;
    const [row, column] = [Math.floor(at / side), at % side];
    const to = { ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Enter: [row, column] }[event.key];
    if (!to) return;
    event.preventDefault();
    if (to.every((place) => place >= 0 && place < side)) this.#select(to[0] * side + to[1]);
  }

  /** Plays the query with the map moving, or what is around a time. @param {number | null} around in seconds */
  #play(around) {
    const shown = this.#shown;
    if (!shown) return;
    const { samples, sampleRate } = shown.query.clip;
    const from = around === null ? 0 : Math.max(0, Math.floor((around - BESIDE) * sampleRate));
    const to = around === null ? samples.length : Math.ceil((around + BESIDE) * sampleRate);
    this.#player.play({ samples: samples.slice(from, to), sampleRate });
    const began = performance.now();
    const follow = () => {
      if (!this.#player.playing) return;
      this.#look(momentAt(shown.explanation, from / sampleRate + (performance.now() - began) / 1000));
      this.#request = requestAnimationFrame(follow);
    };
    if (around === null) this.#region = null;
    follow();
  }

  #still() {
    cancelAnimationFrame(this.#request);
    if (this.#shown && this.#region === null) this.#look(null);
  }

  /** What each moment adds: of all regions, or of the one that was pressed. */
  #curve() {
    const { moments, side, values } = /** @type {{ explanation: Explanation }} */ (this.#shown).explanation;
    const regions = side * side;
    return Float32Array.from({ length: moments }, (_, moment) => {
      if (this.#region !== null) return values[moment * regions + this.#region];
      let sum = 0;
      for (let region = 0; region < regions; region++) sum += values[moment * regions + region];
      return sum;
    });
  }

  #draw() {
    const shown = this.#shown;
    if (!shown || map.hidden) return;
    drawMap(shown.explanation, this.#moment, this.#region);
    drawStrip(shown, this.#curve(), this.#moment);
  }
}

/** @param {Explanation} explanation @param {number} seconds into the clip */
const momentAt = ({ moments, start, step }, seconds) => Math.min(moments - 1, Math.max(0, Math.floor((seconds - start) / step)));

/** @param {Float32Array} values */
const strongest = (values) => values.indexOf(Math.max(...values));

/** Darkens what adds nothing. @param {Explanation} explanation @param {number | null} moment @param {number | null} region */
function drawMap({ moments, side, values }, moment, region) {
  // The photograph lies within its element as `object-fit: contain` puts it.
  const [width, height] = [image.naturalWidth || 1, image.naturalHeight || 1];
  const scale = Math.min(image.clientWidth / width, image.clientHeight / height);
  Object.assign(map.style, { width: `${width * scale}px`, height: `${height * scale}px` });
  const regions = side * side;
  const sums = new Float32Array(regions);
  const [from, to] = moment === null ? [0, moments] : [Math.max(0, moment - AROUND), Math.min(moments, moment + AROUND + 1)];
  for (let at = from; at < to; at++) for (let place = 0; place < regions; place++) sums[place] += values[at * regions + place];
  const most = Math.max(...sums, 1e-6);
  const cells = new OffscreenCanvas(side, side);
  const paint = /** @type {OffscreenCanvasRenderingContext2D} */ (cells.getContext("2d"));
  const veil = paint.createImageData(side, side);
  sums.forEach((sum, place) => (veil.data[place * 4 + 3] = 255 * VEIL * (1 - Math.max(0, sum) / most)));
  paint.putImageData(veil, 0, 0);
  const context = /** @type {CanvasRenderingContext2D} */ (map.getContext("2d"));
  context.clearRect(0, 0, map.width, map.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(cells, 0, 0, map.width, map.height);
  if (region === null) return;
  const [across, down] = [map.width / side, map.height / side];
  context.strokeStyle = "#fff";
  context.lineWidth = 4;
  context.strokeRect((region % side) * across, Math.floor(region / side) * down, across, down);
}

/** @param {{ query: Query, explanation: Explanation }} shown @param {Float32Array} curve @param {number | null} moment */
function drawStrip({ query: { clip }, explanation: { start, step } }, curve, moment) {
  strip.width = Math.max(1, Math.round(strip.clientWidth * devicePixelRatio));
  strip.height = Math.max(1, Math.round(strip.clientHeight * devicePixelRatio));
  const context = /** @type {CanvasRenderingContext2D} */ (strip.getContext("2d"));
  const style = getComputedStyle(strip);
  const across = strip.width / (clip.samples.length / clip.sampleRate);
  const [top, bottom] = [Math.max(...curve, 1e-6), Math.min(...curve, 0)];
  const zero = (top / (top - bottom)) * strip.height;
  curve.forEach((value, at) => {
    const height = (value / (top - bottom)) * strip.height;
    context.fillStyle = style.getPropertyValue(at === moment ? "--ink" : value >= 0 ? "--accent" : "--quiet");
    context.fillRect((start + at * step) * across, zero - Math.max(0, height), Math.max(1, step * across - 1), Math.max(1, Math.abs(height)));
  });
}
