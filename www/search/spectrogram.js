// Draws log-mel frames: one column a frame on a hidden canvas, of which the visible one shows a stretch.
// While somebody speaks the stretch is the last seconds and scrolls evenly, however unevenly the frames arrive.
import { ramp } from "../kit/colours.js";

const BANDS = 80;
const FRAMES_A_SECOND = 100;
/** What the live stretch shows: 5 s. */
const LIVE = 5 * FRAMES_A_SECOND;
/** The longest clip, and room to spare. */
const MOST = 22 * FRAMES_A_SECOND;
/** A clip shorter than this is not stretched over the whole width. */
const LEAST = 1.2 * FRAMES_A_SECOND;
/** Values drawn as the first and the last colour. */
const [QUIET, LOUD] = [-0.55, 1.15];

/** A log-mel value as a share of what is drawn, 0 to 1. @param {number} value */
export const shade = (value) => Math.min(1, Math.max(0, (value - QUIET) / (LOUD - QUIET)));

export class Spectrogram {
  #canvas;
  #context;
  #columns = new OffscreenCanvas(MOST, BANDS);
  #paint = /** @type {OffscreenCanvasRenderingContext2D} */ (this.#columns.getContext("2d"));
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #ramp = ramp(this.#dark.matches);
  /** @type {Float32Array[]} */
  #frames = [];
  #arrived = 0;
  /** How many frames are in sight; runs after `#arrived` evenly. */
  #shown = 0;
  #live = false;
  #last = 0;
  #request = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
    this.#dark.addEventListener("change", () => this.#repaint());
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#clear();
  }

  /** Empties the canvas and begins to scroll. */
  listen() {
    this.#clear();
    this.#live = true;
    this.#last = performance.now();
    cancelAnimationFrame(this.#request);
    this.#request = requestAnimationFrame((now) => this.#step(now));
  }

  /** @param {Float32Array} frames new ones, 80 numbers each */
  add(frames) {
    if (frames.length === 0 || this.#arrived >= MOST) return;
    this.#frames.push(frames);
    this.#draw(frames, this.#arrived);
    this.#arrived = Math.min(MOST, this.#arrived + frames.length / BANDS);
  }

  /** Stops scrolling and shows everything at once. */
  rest() {
    this.#live = false;
    cancelAnimationFrame(this.#request);
    this.#shown = this.#arrived;
    this.#show();
  }

  /** @param {Float32Array} frames of a whole clip */
  whole(frames) {
    this.#clear();
    this.add(frames);
    this.rest();
  }

  /** Empties the canvas. */
  empty() {
    this.#clear();
    this.rest();
  }

  #clear() {
    this.#frames = [];
    this.#arrived = this.#shown = 0;
    this.#paint.fillStyle = this.#ground();
    this.#paint.fillRect(0, 0, MOST, BANDS);
  }

  /** @param {number} now in milliseconds */
  #step(now) {
    if (!this.#live) return;
    const behind = this.#arrived - this.#shown;
    const speed = FRAMES_A_SECOND + 3 * Math.max(0, behind - 15);
    this.#shown = Math.min(this.#arrived, this.#shown + ((now - this.#last) / 1000) * speed);
    this.#last = now;
    this.#show();
    this.#request = requestAnimationFrame((next) => this.#step(next));
  }

  #show() {
    const { width, height } = this.#canvas;
    this.#context.fillStyle = this.#ground();
    this.#context.fillRect(0, 0, width, height);
    const stretch = this.#live ? LIVE : Math.max(LEAST, this.#arrived);
    const from = Math.max(0, this.#shown - stretch);
    const frames = this.#shown - from;
    if (frames > 0) this.#context.drawImage(this.#columns, from, 0, frames, BANDS, 0, 0, (frames / stretch) * width, height);
  }

  /** @param {Float32Array} frames @param {number} at column of the first */
  #draw(frames, at) {
    const count = Math.min(frames.length / BANDS, MOST - at);
    if (count < 1) return;
    const image = this.#paint.createImageData(count, BANDS);
    for (let frame = 0; frame < count; frame++) {
      for (let band = 0; band < BANDS; band++) {
        const colour = Math.round(255 * shade(frames[frame * BANDS + band])) * 4;
        image.data.set(this.#ramp.subarray(colour, colour + 4), ((BANDS - 1 - band) * count + frame) * 4);
      }
    }
    this.#paint.putImageData(image, at, 0);
  }

  #ground() {
    return `rgb(${this.#ramp[0]} ${this.#ramp[1]} ${this.#ramp[2]})`;
  }

  #repaint() {
    this.#ramp = ramp(this.#dark.matches);
    const frames = this.#frames;
    this.#clear();
    for (const some of frames) this.add(some);
    this.#shown = this.#arrived;
    this.#show();
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.max(1, Math.round(clientWidth * devicePixelRatio));
    this.#canvas.height = Math.max(1, Math.round(clientHeight * devicePixelRatio));
    this.#show();
  }
}
