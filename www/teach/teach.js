// The view in which the network is taught: its pictures, its training, and what came of it.
import { Curve } from "./curve.js";
import { element, find, save } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { Lesson } from "./lesson.js";
import { Recordings } from "./recordings.js";
import { TaughtVersions, fileName } from "./taught.js";
import { texts } from "../texts.js";
import { onView, view } from "../shell/views.js";

/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Given } from "../shell/dropped.js" */
/** @import { Surroundings } from "./recordings.js" */
/** @import { Options } from "./lesson.js" */
/** @import { Clip, Match, Package, Score, TaughtFile, TeachOptions } from "../types.d.ts" */
/** @typedef {{ engine: EngineClient, program: Package, speech: Blob }} Ready the engine, the page's own instance of its program, and the weights that ship */
/**
 * @typedef {object} Page what the rest of the page does for it
 * @property {() => Ready | null} ready null until the whole network answers
 * @property {(file: Uint8Array | null) => Promise<void>} use what was taught from now on
 * @property {() => { clip: Clip }[]} queries that the visitor spoke, newest last
 * @property {(id: string) => string} titleOf a picture
 * @property {() => void} changed the lesson's pictures
 */

/** So many of the visitor's own queries are asked again, and so many pictures are shown of each answer. */
const QUERIES = 3;
const SHOWN = 3;

const trainButton = /** @type {HTMLButtonElement} */ (find("train"));
const pauseButton = find("train-pause");
const bar = /** @type {HTMLProgressElement} */ (find("train-progress"));
const status = find("train-status");
const steps = /** @type {HTMLInputElement} */ (document.querySelector("[name=steps]"));
const options = /** @type {HTMLFormElement} */ (find("train-options"));

export class Teach {
  #page;
  #versions;
  #recordings;
  #curve = new Curve(find("train-curve"));
  /** @type {Lesson | null} */
  #lesson = null;
  /** What was made and is not decided upon. @type {TaughtFile | null} */
  #made = null;
  /** Whether that is there after a reload too. */
  #safe = false;

  /** @param {Page} page @param {Omit<Surroundings, "changed" | "engine">} surroundings */
  constructor(page, surroundings) {
    this.#page = page;
    const engine = () => page.ready()?.engine ?? null;
    this.#versions = new TaughtVersions(surroundings.store, engine, page.use);
    this.#recordings = new Recordings({
      ...surroundings,
      engine,
      changed: () => {
        this.#settle();
        page.changed();
      },
    });
    options.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#train();
    });
    // What the browser finds wrong must be in sight.
    options.addEventListener("invalid", () => (options.querySelector("details") ?? options).setAttribute("open", ""), true);
    pauseButton.addEventListener("click", () => this.#pause());
    find("train-cancel").addEventListener("click", () => this.#lesson?.cancel());
    find("taught-keep").addEventListener("click", () => this.#keep());
    find("taught-leave").addEventListener("click", () => this.#leave());
    addEventListener("pagehide", () => this.#recordings.leave());
    // Nobody is to be heard by a page that is out of sight.
    document.addEventListener("visibilitychange", () => document.hidden && this.#recordings.leave());
    addEventListener("beforeunload", (event) => {
      if (this.#loses && !("leaving" in document.body.dataset)) event.preventDefault();
    });
    onView(() => {
      if (!this.open) this.#recordings.leave();
      page.changed();
    });
  }

  /** Whether the visitor is here. */
  get open() {
    return view() === "teach";
  }

  /** The wall is complete, and the engine ready. */
  restore() {
    return this.#recordings.restore();
  }

  /** What the engine is to answer with. */
  inUse() {
    return this.#versions.inUse();
  }

  /** The network became ready, or is so no longer. */
  refresh() {
    this.#settle();
    this.#recordings.refresh();
  }

  /** Ids of what was recorded for a picture. @param {string} picture */
  recordingsOf(picture) {
    return this.#recordings.of(picture);
  }

  /** A picture is gone, and its recordings with it. @param {string} picture */
  forget(picture) {
    this.#recordings.forget(picture);
  }

  /** A picture is on the wall. @param {string} picture */
  pictureCame(picture) {
    this.#recordings.pictureCame(picture);
  }

  /** Reads zips, or clips with a table. @param {Given[]} files */
  import(files) {
    return this.#recordings.import(files);
  }

  /** Opens a file of something taught. @param {File} file */
  openFile(file) {
    return this.#versions.open(file);
  }

  /** @param {string} picture */
  has(picture) {
    return this.#recordings.has(picture);
  }

  /** @param {string} picture */
  toggle(picture) {
    this.#recordings.toggle(picture);
  }

  /** Whether leaving the page now loses what somebody has waited for. */
  get #loses() {
    return this.#lesson !== null || (this.#made !== null && !this.#safe);
  }

  #settle() {
    const taken = this.#recordings.taken();
    const count = taken.length;
    const ready = this.#page.ready();
    // Until somebody chooses them.
    const learned = taken.filter(({ held }) => !held).length;
    steps.defaultValue = String(ready?.program.stepsOf(learned) ?? steps.defaultValue);
    trainButton.disabled = count === 0 || !ready || this.#lesson !== null || this.#made !== null;
    if (this.#lesson || this.#made) return;
    tell(!ready ? texts.teach.notReady : count === 0 ? texts.teach.nothing : texts.teach.ready(count));
  }

  // ── Training

  async #train() {
    const ready = this.#page.ready();
    if (!ready || this.#lesson) return;
    const { engine, program, speech } = ready;
    find("train-alert").replaceChildren();
    find("taught-result").hidden = true;
    this.#curve.clear();
    const form = new FormData(options);
    /** @type {Options} */
    const chosen = {
      speech,
      taught: (await this.#versions.inUse())?.file ?? null,
      part: /** @type {TeachOptions["part"]} */ (form.get("part")),
      loss: /** @type {TeachOptions["loss"]} */ (form.get("loss")),
      learningRate: Number(form.get("rate")),
      seed: 1,
    };
    const views = form.get("views");
    const wishes = { views: views ? Number(views) : null, steps: Number(form.get("steps")), rehearse: null, remember: null };
    let step = 0;
    const lesson = new Lesson(engine, program, {
      listening: (done, all) => this.#progress(done, all, texts.teach.listening(done, all)),
      contradicting: (pairs) => pairs.forEach(([one, other]) => this.#complain(texts.teach.contradiction(this.#page.titleOf(one), this.#page.titleOf(other)))),
      stepped: (point, all, left) => {
        step = point.step;
        this.#curve.loss(step / all, point.loss);
        this.#progress(step, all, texts.teach.step(step, all, left));
      },
      examined: (at, all, now) => {
        this.#curve.recall(at / all, now.taught?.r10 ?? null, now.gallery?.r10 ?? null);
        find("train-recall").textContent = texts.teach.recall(now);
      },
      saved: (taught) => this.#versions.saveUnfinished(named(taught, texts.teach.nameless)).catch((error) => this.#complain(sentence(error, texts.errors.storage))),
    });
    this.#lesson = lesson;
    document.body.dataset.teaching = "running";
    find("train-running").hidden = false;
    this.#settle();
    try {
      const made = await lesson.run(this.#recordings.taken(), chosen, wishes, form.get("rehearse") === "on");
      if (made) await this.#show(engine, made);
      else {
        tell(texts.teach.cancelled);
        await this.#versions.forgetUnfinished();
      }
    } catch (error) {
      const crashed = error instanceof Error && error.name === "engine-crashed";
      this.#complain(crashed ? texts.teach.crashed(step) : sentence(error, texts.errors.unknown));
    }
    this.#lesson = null;
    find("train-running").hidden = true;
    document.body.dataset.teaching = this.#made ? "made" : "rest";
    pauseButton.textContent = texts.teach.pause;
    const told = status.textContent;
    this.#settle();
    if (!this.#made && told === texts.teach.cancelled) tell(told);
    if (this.#made) find("taught-result").scrollIntoView({ block: "nearest" });
  }

  #pause() {
    const lesson = this.#lesson;
    if (!lesson) return;
    if (lesson.paused) lesson.resume();
    else lesson.pause();
    pauseButton.textContent = lesson.paused ? texts.teach.resume : texts.teach.pause;
    document.body.dataset.teaching = lesson.paused ? "paused" : "running";
  }

  /** @param {number} done @param {number} all @param {string} told */
  #progress(done, all, told) {
    bar.max = all;
    bar.value = done;
    // Aloud are only the first and the end: nobody wants to hear every step.
    status.ariaLive = done <= 1 ? "polite" : "off";
    status.textContent = told;
  }

  /** Said once, however often it happens. @param {string} message @param {HTMLElement[]} remedies */
  #complain(message, ...remedies) {
    const place = find("train-alert");
    if ([...place.querySelectorAll("p")].some(({ textContent }) => textContent === message)) return;
    place.append(element("p", { textContent: message }), ...remedies);
  }

  // ── What came of it

  /** @param {EngineClient} engine @param {TaughtFile} made */
  async #show(engine, made) {
    this.#made = made;
    this.#safe = await this.#versions.saveUnfinished(named(made, texts.teach.nameless)).then(() => true, () => false);
    const { before, after } = made.about;
    find("taught-figures").replaceChildren(
      ...rows(texts.teach.yours, before.taught, after.taught),
      ...rows(texts.teach.gallery, before.gallery, after.gallery),
    );
    const queries = [];
    for (const { clip } of this.#page.queries().slice(-QUERIES)) queries.push(await engine.lesson.compare(clip.samples, clip.sampleRate, SHOWN).catch(() => null));
    find("taught-queries").replaceChildren(...queries.filter((pair) => pair !== null).map((pair, place) => this.#query(place, pair)));
    find("taught-queries-title").hidden = queries.length === 0;
    await engine.here.free("lesson");
    const name = /** @type {HTMLInputElement} */ (find("taught-name"));
    name.value = texts.teach.nameOf(made.about.pictures, made.about.made);
    find("taught-result").hidden = false;
    tell(texts.teach.done);
  }

  /** @param {number} place @param {[Match[], Match[]]} answers */
  #query(place, [before, now]) {
    const titles = (/** @type {Match[]} */ found) => found.map(({ id }) => this.#page.titleOf(id)).join(", ");
    return element("li", {}, element("strong", {}, texts.teach.query(place + 1)), element("p", {}, texts.teach.beforeIt(titles(before))), element("p", {}, texts.teach.afterIt(titles(now))));
  }

  async #keep() {
    const ready = this.#page.ready();
    if (!this.#made || !ready) return;
    const name = /** @type {HTMLInputElement} */ (find("taught-name")).value.trim() || texts.teach.nameless;
    try {
      find("train-alert").replaceChildren();
      await this.#versions.keep(await ready.engine.program.renameTaught(this.#made.file, name));
      await this.#leave();
      tell(texts.teach.keptVersion(name));
    } catch {
      // It is not kept yet, and not lost either: a file does not need the browser's storage.
      const { file } = this.#made;
      const remedy = element("button", { type: "button", className: "quiet", textContent: texts.teach.saveFile });
      remedy.addEventListener("click", () => {
        save(file, "application/octet-stream", `${fileName(name)}.hearsight`);
        find("train-alert").replaceChildren();
      });
      this.#complain(texts.teach.notKept, remedy);
    }
  }

  async #leave() {
    this.#made = null;
    find("taught-result").hidden = true;
    document.body.dataset.teaching = "rest";
    this.#settle();
    await this.#versions.forgetUnfinished().catch(() => {});
  }
}

/** For screen readers too. @param {string} sentence */
function tell(sentence) {
  status.ariaLive = "polite";
  status.textContent = sentence;
}

/** @param {TaughtFile} taught @param {string} name */
const named = ({ about, file }, name) => ({ about: { ...about, name }, file });

/** @param {string} what @param {Score | null} before @param {Score | null} after */
function rows(what, before, after) {
  if (!before || !after) return [];
  const { percent } = texts.how;
  const cell = (/** @type {string} */ text) => element("td", { textContent: text });
  const heading = element("th", { scope: "row" }, what, element("span", { className: "note" }, ` ${texts.teach.pool(after.clips, after.pictures)}`));
  return [element("tr", {}, heading, cell(percent(before.r1)), cell(percent(after.r1)), cell(percent(before.r10)), cell(percent(after.r10)))];
}
