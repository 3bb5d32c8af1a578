// The page's side of the worker: calls that become promises, events that become calls, and an end that is noticed.
import { failure } from "../kit/failure.js";
import { ROOT } from "../root.js";
import { texts } from "../texts.js";
import { trusted } from "../kit/trusted.js";

/** @import { Clip, Device, Event, Heard, Parts, Program, Ranking, Remote, Reply, Rooms } from "../types.d.ts" */
/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Waiting */
/**
 * @typedef {object} Listeners
 * @property {(heard: Heard) => void} heard
 * @property {(ranking: Ranking) => void} ranking of what was heard so far
 * @property {(reason: string, clip: Clip | null, which: EngineClient) => void} crashed with the live clip, where there was one
 */

/** The worker's objects, as they are called from here: what a method gives, it promises. */
export class EngineClient {
  #worker = new Worker(trusted(new URL("www/worker.js", ROOT)), { type: "module" });
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #lastId = 0;
  /** Threads that share the worker's work. @type {Worker[]} */
  #helpers = [];
  /** What they are to run. @type {Program | null} */
  #program = null;
  #listeners;
  #ended = false;
  /** What the numbers of a ranking's order stand for. @type {string[]} */
  ids = [];

  here = this.#room("here");
  program = this.#room("program");
  core = this.#room("engine");
  pictures = this.#room("pictures");
  systems = this.#room("systems");
  vgg16 = this.#room("vgg16");
  lesson = this.#room("lesson");
  /** One loss at work each. */
  experiments = { baseline: this.#room("baseline"), "six-terms": this.#room("six-terms") };

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#crash("engine-crashed", null);
    };
  }

  /** @param {Device} device @param {Parts} parts @param {number} [rival] milliseconds that a graphics processor has to beat */
  async start(device, { module, glue, helpers, speech, index }, rival) {
    this.#program = { module, glue, helpers };
    const report = await this.here.start(this.#program, { device, speech, index, rival });
    this.ids = await this.core.ids();
    return report;
  }

  /** Has the visitor's own pictures searched. @param {string[]} ids @param {Blob} vectors in f16, one after the other */
  async addPictures(ids, vectors) {
    if (!ids.length) return;
    const first = await this.core.addPictures(ids, vectors);
    ids.forEach((id, place) => (this.ids[first + place] = id));
  }

  /** Whether nothing that was asked waits for its answer. */
  get idle() {
    return this.#waiting.size === 0;
  }

  /** Ends the worker; what was asked and not answered never will be. */
  end() {
    this.#ended = true;
    for (const worker of [this.#worker, ...this.#helpers]) worker.terminate();
    this.#waiting.clear();
  }

  /** @template {keyof Rooms} Name @param {Name} room @returns {Remote<Rooms[Name]>} */
  #room(room) {
    /** @param {string} method */
    const call = (method) => (/** @type {unknown[]} */ ...args) => this.#ask(room, method, args);
    return /** @type {Remote<Rooms[Name]>} */ (new Proxy({}, { get: (_, method) => call(String(method)) }));
  }

  /** @param {keyof Rooms} room @param {string} method @param {unknown[]} args @returns {Promise<any>} */
  #ask(room, method, args) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(failure("engine-crashed", texts.errors.unknown));
      this.#waiting.set(id, { resolve, reject });
      // A port has one end at a time: it moves. So do bare bytes: whoever hands them over needs them no more.
      this.#worker.postMessage({ id, room, method, args }, args.filter((one) => one instanceof MessagePort || one instanceof ArrayBuffer));
    });
  }

  /** @param {Reply | Event} message */
  #receive(message) {
    if ("event" in message) {
      if (message.event === "heard") this.#listeners.heard(message.heard);
      else if (message.event === "ranking") this.#listeners.ranking(message.ranking);
      else if (message.event === "shares") this.#help(message.memory, message.helpers);
      else this.#crash(message.reason, message.clip);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("error" in message) waiting?.reject(failure(message.error.name, message.error.message, message.error.details));
    else waiting?.resolve(message.result);
  }

  /** The engine does not wait for helpers, and can do without those that never come. @param {WebAssembly.Memory} memory @param {number} count */
  #help(memory, count) {
    if (this.#ended) return;
    this.#helpers = Array.from({ length: count }, () => {
      const helper = new Worker(trusted(new URL("www/helper.js", ROOT)), { type: "module" });
      helper.onerror = (event) => event.preventDefault();
      // Of one that came and is gone it waits for the work for ever.
      helper.onmessage = () => (helper.onerror = this.#worker.onerror);
      helper.postMessage({ ...this.#program, memory });
      return helper;
    });
  }

  /** @param {string} reason @param {Clip | null} clip */
  #crash(reason, clip) {
    if (this.#ended) return;
    const waiting = [...this.#waiting.values()];
    this.end();
    for (const { reject } of waiting) reject(failure("engine-crashed", texts.errors.unknown));
    this.#listeners.crashed(reason, clip, this);
  }
}
