// The engine that answers, and which one is next: its parts, its start, the whole network behind the student, the graphics
// processor behind the processor, and another one in the place of one that died.
import { complain } from "./alarm.js";
import { EngineClient } from "./engine.js";
import { failure, sentence } from "../kit/failure.js";
import { graphics, tryGraphics } from "./gpu.js";
import { loadParts, loadWhole } from "./loading.js";
import { whyNone } from "./microphone.js";
import { texts } from "../texts.js";
import { hasSimd, hasWebAssembly, instantiate } from "./wasm.js";

/** @import { Clip, Device, DeviceReport, Package, Parts } from "../types.d.ts" */
/** @import { Listeners } from "./engine.js" */
/** @import { Started } from "./gpu.js" */
/** @import { Machine } from "./machine.js" */
/**
 * @typedef {object} House what the rest of the page does about it
 * @property {Omit<Listeners, "crashed">} live
 * @property {() => Promise<void>} show the gallery, while the engine's parts are on their way
 * @property {(loaded: number, total: number) => void} progress in bytes
 * @property {(engine: EngineClient) => void} started an engine answers
 * @property {(engine: EngineClient) => Promise<void>} restore what is the visitor's own, in an engine that has just come
 * @property {() => void} settled the first answer can be given, and nothing more is fetched for it
 * @property {() => Promise<{ file: Uint8Array, about: { name: string } } | null>} taught what the visitor taught it and keeps in use
 * @property {() => void} changed another network answers, or on another device
 * @property {() => void} failed nothing answers
 * @property {() => Clip | null} asking what is being searched with
 * @property {(clip: Clip) => void} again searches with it as soon as it can be
 * @property {() => boolean} quiet whether nobody would notice that another engine answers
 */

/** Milliseconds until a better engine asks again whether it may take over. */
const BETWEEN_TRIES = 500;
/** How often the engine may be restarted without a single answer in between. */
const RESTARTS = 2;

export class Running {
  /** @type {Parts | null} */
  parts = null;
  /** The program in the page's own thread: for the microphone. @type {Package | null} */
  program = null;
  /** @type {EngineClient | null} */
  engine = null;
  /** @type {DeviceReport | null} */
  device = null;
  /** Name of what was taught to the network that answers; empty when it answers as it came. */
  taught = "";
  /** How much of the whole network has arrived, in bytes. */
  arriving = { loaded: 0, total: 0 };

  #machine;
  #house;
  #listeners;
  /** A worker that waits for the engine's parts. @type {EngineClient | null} */
  #spare = null;
  /** The graphics processor was looked for already. */
  #looked = false;
  /** An engine on the graphics processor that waits until nothing is asked. @type {Started | null} */
  #better = null;
  #restarts = 0;

  /** @param {Machine<any>} machine @param {House} house */
  constructor(machine, house) {
    this.#machine = machine;
    this.#house = house;
    this.#listeners = {
      ...house.live,
      crashed: (/** @type {string} */ reason, /** @type {Clip | null} */ clip, /** @type {EngineClient} */ which) => this.#crashed(reason, clip, which),
    };
  }

  /** The engine that can be asked just now. */
  get up() {
    return this.#machine.isUp ? this.engine : null;
  }

  /** Whether the whole network answers, and not the student. */
  get isWhole() {
    return this.parts?.isWhole ?? false;
  }

  /** The engine with the whole network's weights, as they came. */
  get whole() {
    const { up: engine, program, parts } = this;
    return engine && program && parts?.isWhole ? { engine, program, speech: parts.speech } : null;
  }

  /** Nothing waits for what could come at the same time: the list of pictures, the worker's own modules, the engine's parts. */
  async load() {
    this.#machine.say(texts.starting);
    this.#spare ??= new EngineClient(this.#listeners);
    const runs = hasWebAssembly() && hasSimd();
    // Asked for first: laying out the wall keeps the page's thread for a while.
    const parts = runs ? loadParts(chosenDevice() === "gpu" ? "gpu" : "threads", this.#house.progress) : null;
    const shown = this.#house.show();
    try {
      if (!parts) throw failure("not-supported", hasWebAssembly() ? texts.errors.noSimd : texts.errors.noWebAssembly);
      [this.parts] = await Promise.all([parts, shown]);
      this.#machine.go("arrived", texts.preparing);
      await this.#start(chosenDevice());
    } catch (error) {
      shown.catch(() => {});
      this.#fail(error);
    }
  }

  /** The engine gave an answer: it is well. */
  answered() {
    this.#restarts = 0;
  }

  /** Has the engine answer with something taught, or as it came. @param {Uint8Array | null} file */
  async use(file) {
    const ready = this.whole;
    if (!ready) throw failure("engine-failed", texts.teach.notReady);
    const name = file ? (await ready.engine.program.readTaught(file)).about.name : "";
    await ready.engine.core.improve(ready.speech, file);
    this.taught = name;
    this.#house.changed();
  }

  /** Starts a worker and its engine; the page is preparing by then. @param {Device} on */
  async #start(on) {
    if (!this.parts) return;
    this.engine?.end();
    const starting = this.#spare ?? new EngineClient(this.#listeners);
    this.#spare = null;
    this.engine = starting;
    const { module, glue } = this.parts;
    const instance = this.program ? { program: this.program } : instantiate(module, glue);
    [this.device, { program: this.program }] = await Promise.all([starting.start(on, this.parts), instance]);
    if (this.engine !== starting) return;
    this.#house.changed();
    this.#machine.go("started", whyNone() ? texts.readyWithoutMicrophone : texts.ready);
    this.#house.started(starting);
    this.#improve().then(() => {
      this.#house.settled();
      this.#behind();
    });
  }

  /** The whole network takes over from the student, with what the visitor taught it. */
  async #improve() {
    const improving = this.engine;
    if (!this.parts || !improving) return;
    try {
      const version = await this.#house.taught();
      if (this.parts.isWhole && !version) return;
      const speech = this.parts.isWhole ? this.parts.speech : await loadWhole((loaded, total) => Object.assign(this.arriving, { loaded, total }));
      // What was taught to another network stays in its list, and this one answers as it came.
      const fits = await improving.core.improve(speech, version?.file ?? null).then(
        () => true,
        (error) => {
          if (!error.name.startsWith("bad-taught")) throw error;
          complain(sentence(error, texts.errors.unknown));
          return improving.core.improve(speech, null).then(() => false);
        },
      );
      this.taught = fits ? (version?.about.name ?? "") : "";
      this.parts = { ...this.parts, speech, isWhole: true };
      this.#house.changed();
    } catch (error) {
      // Of a crash is told where it was noticed.
      if (isCrash(error)) return;
      complain(texts.errors.whole(sentence(error, texts.errors.unknown)), { label: texts.retry, act: () => this.#improve() });
    }
  }

  /** Tries the graphics processor behind the visitor's back, where it was left to the page. */
  async #behind() {
    if (this.#looked || chosenDevice() !== "auto" || !this.parts?.isWhole) return;
    this.#looked = true;
    const found = await graphics();
    // What fails here costs nothing: the processor goes on.
    const tried = found === "hardware" ? await this.#tryGraphics(this.parts).catch(() => null) : null;
    if (tried?.device.kind === "gpu") {
      this.#better = tried;
      return this.#takeOver();
    }
    tried?.engine.end();
    if (!this.device) return;
    if (tried) this.device = { ...this.device, why: tried.device.why, measured: tried.device.measured };
    else if (found !== "hardware") this.device = { ...this.device, why: found };
    this.#house.changed();
  }

  /** @param {Parts} parts */
  async #tryGraphics(parts) {
    // With the threads that it has: the other program has none.
    const rival = await this.engine?.core.pace();
    return rival === undefined ? null : tryGraphics(parts, rival, this.#listeners);
  }

  /** The better engine takes the place of the one that answers, once nothing is asked, and no lesson or experiment under way. */
  async #takeOver() {
    if (!this.#better) return;
    if (!this.engine?.idle || this.#machine.state !== "ready" || !this.#house.quiet()) {
      setTimeout(() => this.#takeOver(), BETWEEN_TRIES);
      return;
    }
    this.engine.end();
    ({ engine: this.engine, device: this.device, parts: this.parts } = this.#better);
    this.#better = null;
    this.#house.changed();
    await this.#house.restore(this.engine);
    await this.#improve();
  }

  /** @param {unknown} error */
  #fail(error) {
    // The crash has been dealt with where it was noticed.
    if (isCrash(error)) return;
    this.#machine.go("failed", texts.failed);
    this.#house.failed();
    const message = sentence(error, texts.errors.program);
    if (error instanceof Error && error.name === "not-supported") complain(message);
    else if (error instanceof Error && error.name === "no-gpu") complain(message, { label: texts.useProcessor, act: () => this.#restart() });
    else complain(message, { label: texts.retry, act: () => this.#retry() });
  }

  #retry() {
    if (this.#machine.go("retried", texts.starting)) this.load();
  }

  /** A new engine, on the processor, without helpers: they may be what failed. */
  async #restart() {
    if (this.parts) this.parts = { ...this.parts, helpers: 0 };
    if (!this.#machine.go("restarted", texts.preparing)) return;
    try {
      await this.#start("cpu");
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The engine is gone: a new one on the processor takes over, with what was being asked. @param {string} reason @param {Clip | null} heardSoFar @param {EngineClient} which */
  #crashed(reason, heardSoFar, which) {
    // One that is only tried, or waits, is missed by nobody.
    if (which === this.#better?.engine) this.#better = null;
    if (which === this.#spare) this.#spare = null;
    if (which !== this.engine) return;
    const lost = heardSoFar ?? this.#house.asking();
    if (++this.#restarts > RESTARTS) {
      this.#restarts = 0;
      this.#machine.go("failed", texts.failed);
      return complain(texts.errors.crashedAgain, { label: texts.retry, act: () => this.#retry() });
    }
    complain(reason === "device-lost" ? texts.errors.deviceLost : texts.errors.crashed);
    this.#restart();
    // The page is preparing by now: it waits for the new one.
    if (lost) this.#house.again(lost);
  }
}

/** @param {unknown} error */
export const isCrash = (error) => error instanceof Error && error.name === "engine-crashed";

/** @returns {Device} */
function chosenDevice() {
  const asked = new URLSearchParams(location.search).get("device");
  return asked === "cpu" || asked === "gpu" ? asked : "auto";
}
