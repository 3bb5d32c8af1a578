// The view "How it works": what becomes of one clip, stage by stage, for a class that looks at a projector. Arrow keys
// and clickers walk; up and down point at another frame, filter or moment. Every number is the engine's.
import { element, find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { ranked } from "../search/ranked.js";
import { show } from "../search/shown.js";
import { sheet } from "./stage-drawings.js";
import { TEMPORAL, stagesOf } from "./stages.js";
import { texts } from "../texts.js";
import { onView, view } from "../shell/views.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Followed, Stage } from "./stages.js" */
/** @import { Clip, Picture, Stages, TemporalTrace } from "../types.d.ts" */
/**
 * @typedef {object} Surroundings what the rest of the page does for it
 * @property {() => Clip | null} clip what was said last
 * @property {() => EngineClient | null} engine null while none answers
 * @property {(id: string) => Picture | null} picture
 * @property {(engine: EngineClient, clip: Clip, onProgress: (loaded: number, total: number) => void) => Promise<TemporalTrace>} temporal of the poster's second system
 */
const told = texts.how;
/** So many pictures stand in the last stage. */
const RANKED = 10;

const canvas = /** @type {HTMLCanvasElement} */ (find("stage-canvas"));
const ranking = find("stage-ranking");
const status = find("stage-status");
const backButton = /** @type {HTMLButtonElement} */ (find("stage-back"));
const nextButton = /** @type {HTMLButtonElement} */ (find("stage-next"));
const fullButton = find("stage-full");

export class How {
  #page;
  /** 0 is where the visitor speaks. */
  #at = 0;
  /** What is pointed at, in each stage. @type {Map<number, number>} */
  #places = new Map();
  /** @type {Followed | null} */
  #followed = null;
  /** The clip that is being followed just now. @type {{ clip: Clip, stages: Promise<Stages> } | null} */
  #following = null;
  /** @type {Map<string, HTMLImageElement>} */
  #thumbnails = new Map();
  /** @type {Stage[]} */
  #stages;

  /** @param {Surroundings} page */
  constructor(page) {
    this.#page = page;
    this.#stages = stagesOf((id) => this.#thumbnail(id), (id) => page.picture(id)?.title ?? id);
    backButton.addEventListener("click", () => this.#go(this.#at - 1));
    nextButton.addEventListener("click", () => this.#go(this.#at + 1));
    fullButton.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
    document.addEventListener("fullscreenchange", () => (fullButton.textContent = document.fullscreenElement ? told.leaveFull : told.full));
    fullButton.hidden = !document.fullscreenEnabled;
    addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("pointermove", (event) => this.#point(event));
    canvas.addEventListener("pointerdown", (event) => this.#point(event));
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
    onView((now) => {
      if (now === "how") this.#go(page.clip() ? Math.max(1, this.#at) : 0);
    });
  }

  /** The network has answered what was said, perhaps another network than before. */
  heard() {
    this.#places.clear();
    this.#followed = null;
    if (view() === "how") this.#go(Math.max(1, this.#at));
  }

  /** @param {number} to */
  async #go(to) {
    if (to < 0 || to > this.#stages.length) return;
    status.textContent = "";
    if (to > 0 && !this.#page.clip()) {
      to = 0;
      status.textContent = told.speakFirst;
    }
    if ((this.#at === 0) !== (to === 0)) scrollTo({ top: 0, behavior: "instant" });
    this.#at = to;
    document.body.dataset.stage = String(to);
    backButton.disabled = to === 0;
    nextButton.disabled = to === this.#stages.length;
    find("stage-count").textContent = told.count(to, this.#stages.length);
    if (to === 0) {
      find("stage-title").textContent = told.speak.title;
      find("stage-text").textContent = told.speak.text;
      return;
    }
    await this.#follow();
  }

  /** Has the engine say what became of the clip, once, and shows the stage. */
  async #follow() {
    const [clip, engine, at] = [this.#page.clip(), this.#page.engine(), this.#at];
    if (!clip || at === 0) return;
    if (!engine) return void (status.textContent = texts.captions.notReady);
    try {
      if (this.#followed?.clip !== clip) {
        this.#followed = null;
        this.#show();
        status.textContent = told.computing;
        if (this.#following?.clip !== clip) this.#following = { clip, stages: engine.core.stages(clip.samples, clip.sampleRate) };
        const { stages } = this.#following;
        const answered = await stages.finally(() => (this.#following = null));
        if (this.#page.clip() !== clip) return;
        this.#followed ??= { clip, stages: answered, temporal: null };
        status.textContent = "";
      }
      const followed = this.#followed;
      if (at === TEMPORAL && !followed.temporal) {
        this.#show();
        followed.temporal = await this.#page.temporal(engine, clip, (loaded, total) => (status.textContent = told.fetching(loaded, total)));
        status.textContent = "";
      }
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
    if (this.#at === at) this.#show();
  }

  #show() {
    const [stage, followed] = [this.#stages[this.#at - 1], this.#followed];
    find("stage-title").textContent = stage.title;
    find("stage-text").textContent = followed ? stage.text(followed) : "";
    if (!followed) find("stage-facts").replaceChildren();
    canvas.hidden = !stage.draw || !followed;
    ranking.hidden = Boolean(stage.draw);
    if (followed && !stage.draw) ranking.replaceChildren(...ranked(followed.stages.results, RANKED, this.#page.picture));
    this.#draw();
  }

  /** What is pointed at. @param {Stage} stage @param {Followed} followed */
  #place(stage, followed) {
    const place = this.#places.get(this.#at) ?? stage.first(followed);
    return Math.max(0, Math.min(stage.places(followed) - 1, place));
  }

  #draw() {
    const [stage, followed] = [this.#stages[this.#at - 1], this.#followed];
    if (view() !== "how" || !stage || !followed) return;
    const at = this.#place(stage, followed);
    const facts = stage.facts(followed, at);
    find("stage-facts").replaceChildren(...facts.map(([what, number]) => element("div", {}, element("dt", { textContent: what }), element("dd", { textContent: number }))));
    canvas.ariaLabel = `${stage.title}: ${facts.map((fact) => fact.join(" ")).join(", ")}`;
    if (stage.draw && canvas.clientWidth > 0) stage.draw(sheet(canvas), followed, at);
  }

  /** @param {string} id @returns {HTMLImageElement | null} as soon as it is there */
  #thumbnail(id) {
    const known = this.#thumbnails.get(id);
    if (known) return known.complete && known.naturalWidth > 0 ? known : null;
    const picture = this.#page.picture(id);
    if (!picture) return null;
    const image = element("img");
    show(image, picture);
    image.addEventListener("load", () => this.#draw(), { once: true });
    this.#thumbnails.set(id, image);
    return null;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (view() !== "how" || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, dialog")) return;
    const last = this.#stages.length;
    const to = { ArrowRight: this.#at + 1, PageDown: this.#at + 1, ArrowLeft: this.#at - 1, PageUp: this.#at - 1, Home: 0, End: last }[event.key];
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (to !== undefined) this.#go(Math.max(0, Math.min(last, to)));
    else if (by !== undefined && this.#at > 0) this.#turn(by);
    else return;
    event.preventDefault();
  }

  /** Points at the next or the last place. @param {number} by */
  #turn(by) {
    const [stage, followed] = [this.#stages[this.#at - 1], this.#followed];
    if (!followed) return;
    const count = stage.places(followed);
    if (count > 0) this.#places.set(this.#at, (this.#place(stage, followed) + by + count) % count);
    this.#draw();
  }

  /** The pointer chooses too, where the places lie side by side or one below the other. @param {PointerEvent} event */
  #point(event) {
    const [stage, followed] = [this.#stages[this.#at - 1], this.#followed];
    if (!followed || !stage) return;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const share = stage.across ? x / stage.across : stage.below === undefined ? -1 : (y - stage.below) / (1 - stage.below);
    if (share < 0 || share >= 1) return;
    this.#places.set(this.#at, Math.floor(share * stage.places(followed)));
    this.#draw();
  }
}
