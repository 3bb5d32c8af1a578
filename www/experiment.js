// The losses as an experiment: two tiny trainings from the same start, seen on two maps. The engine does every step.
import { find } from "./element.js";
import { sentence } from "./failure.js";
import { texts } from "./texts.js";
import { onView, view } from "./views.js";

/** @import { EngineClient } from "./engine.js" */
/** @import { Surroundings } from "./compare.js" */
/** @import { ExperimentOptions, Pulled } from "./types.d.ts" */
/** @typedef {ExperimentOptions["loss"]} Loss */

const told = texts.experiment;
/** @type {Loss[]} */
const LOSSES = ["baseline", "six-terms"];
/** Steps between two looks, and in all. */
const AT_A_TIME = 5;
const STEPS = 400;

const status = find("experiment-status");
const runButton = find("experiment-run");
const stepButton = /** @type {HTMLButtonElement} */ (find("experiment-step"));
const seedButton = find("experiment-seed");
const rate = /** @type {HTMLSelectElement} */ (find("experiment-rate"));

export class Experiments {
  #page;
  /** @type {EngineClient | null} */
  #engine = null;
  #seed = 1;
  #step = 0;
  #running = false;
  /** One thing at a time. @type {Promise<void>} */
  #last = Promise.resolve();
  /** @type {Map<Loss, Pulled>} */
  #looks = new Map();

  /** @param {Surroundings} page */
  constructor(page) {
    this.#page = page;
    runButton.addEventListener("click", () => (this.#running ? this.#rest() : this.#run()));
    stepButton.addEventListener("click", () => this.#then(() => this.#advance(1)));
    seedButton.addEventListener("click", () => {
      this.#seed += 1;
      this.#again();
    });
    rate.addEventListener("change", () => this.#again());
    for (const loss of LOSSES) new ResizeObserver(() => this.#draw(loss)).observe(find(`map-${loss}`));
    onView((now) => {
      if (now !== "compare") this.#rest();
    });
  }

  /** From new weights, at rest. */
  #again() {
    this.#rest();
    this.#then(() => this.#start());
  }

  #rest() {
    this.#running = false;
    runButton.textContent = told.run;
    stepButton.disabled = false;
  }

  async #run() {
    this.#running = true;
    runButton.textContent = texts.teach.pause;
    stepButton.disabled = true;
    while (this.#running && view() === "compare" && this.#step < STEPS) await this.#then(() => this.#advance(AT_A_TIME));
    this.#rest();
  }

  /** @param {() => Promise<void>} act behind what was asked before */
  #then(act) {
    this.#last = this.#last.then(act).catch((error) => {
      this.#engine = null;
      this.#rest();
      status.textContent = sentence(error, texts.errors.unknown);
    });
    return this.#last;
  }

  async #start() {
    const engine = this.#page.engine();
    if (!engine) return void (status.textContent = texts.captions.notReady);
    status.textContent = told.fetching;
    const pairs = await this.#page.pairs(engine);
    for (const loss of LOSSES) await engine.experimentStart({ loss, learningRate: Number(rate.value), seed: this.#seed, pairs });
    this.#engine = engine;
    this.#step = 0;
    await this.#look(null);
  }

  /** @param {number} count of steps */
  async #advance(count) {
    if (!this.#engine || this.#engine !== this.#page.engine()) await this.#start();
    const engine = this.#engine;
    if (!engine) return this.#rest();
    /** @type {Map<Loss, number>} */
    const losses = new Map();
    for (let more = count; more > 0; more--) {
      for (const loss of LOSSES) {
        const done = await engine.experimentStep(loss);
        losses.set(loss, done.loss);
        this.#step = done.step;
      }
    }
    await this.#look(losses);
  }

  /** @param {Map<Loss, number> | null} losses of the last step */
  async #look(losses) {
    const engine = this.#engine;
    if (!engine) return;
    for (const loss of LOSSES) {
      const look = await engine.experimentLook(loss);
      this.#looks.set(loss, look);
      find(`figures-${loss}`).replaceChildren(...told.figures(look, losses?.get(loss) ?? null).flatMap(([what, number]) => [made("dt", what), made("dd", number)]));
      this.#draw(loss);
    }
    status.textContent = told.step(this.#step, this.#seed);
  }

  /** @param {Loss} loss */
  #draw(loss) {
    const look = this.#looks.get(loss);
    const canvas = /** @type {HTMLCanvasElement} */ (find(`map-${loss}`));
    if (look && canvas.clientWidth > 0) drawPairs(canvas, look);
  }
}

/** @param {"dt" | "dd"} tag @param {string} text */
const made = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

/** A filled dot a caption, a ring its picture, a line between the two. @param {HTMLCanvasElement} canvas @param {Pulled} look */
function drawPairs(canvas, { points, pairs }) {
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(devicePixelRatio, devicePixelRatio);
  const style = getComputedStyle(canvas);
  // Vectors have length one: nothing lies outside this circle, and both maps have the same scale.
  const scale = Math.min(width, height) / 2 - 8;
  const place = (/** @type {[number, number]} */ [x, y]) => /** @type {[number, number]} */ ([width / 2 + x * scale, height / 2 - y * scale]);
  context.strokeStyle = style.getPropertyValue("--line");
  context.beginPath();
  context.arc(width / 2, height / 2, scale, 0, 2 * Math.PI);
  context.stroke();
  context.strokeStyle = style.getPropertyValue("--quiet");
  for (let pair = 0; pair < pairs; pair++) {
    context.beginPath();
    context.moveTo(...place(points[pair]));
    context.lineTo(...place(points[pairs + pair]));
    context.stroke();
  }
  const accent = style.getPropertyValue("--accent");
  points.forEach((point, at) => {
    context.beginPath();
    context.arc(...place(point), 5, 0, 2 * Math.PI);
    context.fillStyle = at < pairs ? accent : style.getPropertyValue("--paper");
    context.strokeStyle = accent;
    context.lineWidth = 2;
    context.fill();
    context.stroke();
  });
}
