// The losses as an experiment: two tiny trainings from the same start, seen on two maps. The engine does every step.
import { element, find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { sheet } from "./stage-drawings.js";
import { texts } from "../texts.js";
import { onView } from "../shell/views.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Surroundings } from "../compare/compare.js" */
/** @import { ExperimentOptions, Pulled } from "../types.d.ts" */
/** @typedef {ExperimentOptions["loss"]} Loss */
/** @typedef {[number, number][]} Points */

const told = texts.experiment;
/** @type {Loss[]} */
const LOSSES = ["baseline", "six-terms"];
/** Steps between two looks, and after which a run comes to rest. */
const AT_A_TIME = 2;
const RUN = 300;
/** Points glide to where they were pulled for so long, in milliseconds; a run waits for them. */
const GLIDE = 120;

const status = find("experiment-status");
const runButton = find("experiment-run");
const stepButton = /** @type {HTMLButtonElement} */ (find("experiment-step"));
const seedButton = find("experiment-seed");
const rate = /** @type {HTMLSelectElement} */ (find("experiment-rate"));
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Experiments {
  #page;
  /** Whose worker has the experiments. @type {EngineClient | null} */
  #engine = null;
  #seed = 1;
  #step = 0;
  #running = false;
  #starting = false;
  /** One thing at a time. @type {Promise<void>} */
  #last = Promise.resolve();
  /** @type {Map<Loss, Pulled>} */
  #looks = new Map();
  #maps = new Map(LOSSES.map((loss) => [loss, new PairMap(/** @type {HTMLCanvasElement} */ (find(`map-${loss}`)))]));

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
    onView((now) => {
      if (now !== "compare") this.#rest();
    });
  }

  /** The start is seen before anything was pulled. */
  show() {
    if (this.#starting || !this.#page.engine() || this.#engine === this.#page.engine()) return;
    this.#again();
  }

  /** From new weights, at rest. */
  #again() {
    this.#rest();
    this.#starting = true;
    this.#then(() => this.#start()).finally(() => (this.#starting = false));
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
    let last = 0;
    await this.#then(async () => {
      if (await this.#stands()) last = this.#step + RUN;
    });
    while (this.#running && this.#step < last) await this.#then(() => this.#advance(AT_A_TIME));
    this.#rest();
    this.#tell();
  }

  /** @param {() => Promise<unknown>} act behind what was asked before */
  #then(act) {
    this.#last = this.#last.then(async () => void (await act())).catch((error) => {
      this.#engine = null;
      this.#rest();
      status.ariaLive = "polite";
      status.textContent = sentence(error, texts.errors.unknown);
    });
    return this.#last;
  }

  async #start() {
    const engine = this.#page.engine();
    if (!engine) return void (status.textContent = texts.captions.notReady);
    status.textContent = told.fetching;
    const pairs = await this.#page.pairs(engine);
    for (const loss of LOSSES) await engine.here.make(loss, "Experiment", { loss, learningRate: Number(rate.value), seed: this.#seed, pairs });
    this.#engine = engine;
    this.#step = 0;
    await this.#look(new Map());
    this.#tell();
  }

  /** Starts where nothing stands in this engine's worker; whether something does then. */
  async #stands() {
    if (!this.#engine || this.#engine !== this.#page.engine()) await this.#start();
    return this.#engine !== null;
  }

  /** @param {number} count of steps */
  async #advance(count) {
    if (!(await this.#stands())) return this.#rest();
    const engine = /** @type {EngineClient} */ (this.#engine);
    /** @type {Map<Loss, number>} */
    const losses = new Map();
    for (let more = count; more > 0; more--) {
      for (const loss of LOSSES) {
        const done = await engine.experiments[loss].step();
        losses.set(loss, done.loss);
        this.#step = done.step;
      }
    }
    await this.#look(losses);
    if (!this.#running) this.#tell();
  }

  /** @param {Map<Loss, number>} losses of the last step; none before the first */
  async #look(losses) {
    const engine = /** @type {EngineClient} */ (this.#engine);
    const looks = [];
    for (const loss of LOSSES) looks.push({ loss, look: await engine.experiments[loss].look() });
    status.ariaLive = "off";
    status.textContent = told.step(this.#step, this.#seed);
    const glides = looks.map(({ loss, look }) => {
      this.#looks.set(loss, look);
      find(`figures-${loss}`).replaceChildren(
        ...told.figures(look, losses.get(loss) ?? null).flatMap(([what, number]) => [element("dt", { textContent: what }), element("dd", { textContent: number })]),
      );
      return this.#maps.get(loss)?.show(look, this.#step > 0);
    });
    await Promise.all(glides);
  }

  /** Screen readers hear how it stands when it comes to rest, and not every step. */
  #tell() {
    const [baseline, sixTerms] = LOSSES.map((loss) => this.#looks.get(loss));
    if (!baseline || !sixTerms || !this.#engine) return;
    status.ariaLive = "polite";
    status.textContent = told.rested(this.#step, this.#seed, baseline, sixTerms);
  }
}

/** The pairs on a sheet: a filled dot a caption, a ring its photograph, a line between the two. */
class PairMap {
  #canvas;
  #pairs = 0;
  /** Where they are drawn. @type {Points} */
  #points = [];

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    for (const change of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(change).addEventListener("change", () => this.#draw());
  }

  /** @param {Pulled} look @param {boolean} glide from where the points were @returns {Promise<void>} when they are there */
  async show({ points, pairs }, glide) {
    this.#pairs = pairs;
    const from = this.#points;
    const began = performance.now();
    const moves = glide && from.length === points.length && !still.matches && !document.hidden;
    for (let part = moves ? 0 : 1; part < 1; part = Math.min(1, (performance.now() - began) / GLIDE)) {
      const mixed = (/** @type {number} */ at, /** @type {0 | 1} */ axis) => from[at][axis] + (points[at][axis] - from[at][axis]) * part;
      this.#points = points.map((_, at) => [mixed(at, 0), mixed(at, 1)]);
      this.#draw();
      await new Promise(requestAnimationFrame);
    }
    this.#points = points;
    this.#draw();
  }

  #draw() {
    if (this.#canvas.clientWidth === 0) return;
    const { context, width, height, colour } = sheet(this.#canvas);
    // Vectors have length one, and both maps the same scale; a quarter of the radius more than that leaves room for a middle that is off the centre.
    const scale = (Math.min(width, height) / 2 - 8) / 1.25;
    const place = (/** @type {[number, number]} */ [x, y]) => /** @type {[number, number]} */ ([width / 2 + x * scale, height / 2 - y * scale]);
    context.lineWidth = 1.5;
    context.strokeStyle = colour("--quiet");
    context.beginPath();
    for (let pair = 0; pair < this.#pairs; pair++) {
      context.moveTo(...place(this.#points[pair]));
      context.lineTo(...place(this.#points[this.#pairs + pair]));
    }
    context.stroke();
    context.strokeStyle = colour("--accent");
    this.#points.forEach((point, at) => {
      const isCaption = at < this.#pairs;
      context.beginPath();
      // A caption that has reached its photograph stands inside the ring.
      context.arc(...place(point), isCaption ? 3 : 5.5, 0, 2 * Math.PI);
      context.fillStyle = colour("--accent");
      if (isCaption) context.fill();
      else context.stroke();
    });
  }
}
