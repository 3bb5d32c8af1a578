// The page's side of the worker: requests that become promises, events that become calls, and an end that is noticed.
import { failure } from "./failure.js";
import { texts } from "./texts.js";
import { trusted } from "./trusted.js";

/** @import { ArchiveFile, Clip, Device, DeviceReport, Event, Exam, ExperimentOptions, Explanation, Heard, KeptPicture, Match, Parts, Piece, Pulled, Ranking, Reply, Request, Role, Row, Said, Stages, SystemFacts, SystemName, TaughtFile, TeachOptions, TemporalTrace } from "./types.d.ts" */
/** @template T @typedef {T extends unknown ? Omit<T, "id"> : never} WithoutId */
/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Waiting */
/** @typedef {{ clip: Clip, ranking?: Ranking, error?: Said }} Finished */
/**
 * @typedef {object} Listeners
 * @property {(heard: Heard) => void} heard
 * @property {(ranking: Ranking) => void} ranking of what was heard so far
 * @property {(reason: string, clip: Clip | null, which: EngineClient) => void} crashed with the live clip, where there was one
 */

export class EngineClient {
  #worker = new Worker(trusted(new URL("worker.js", import.meta.url)), { type: "module" });
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #lastId = 0;
  #listeners;
  #ended = false;

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.#listeners = listeners;
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#crash("engine-crashed", null);
    };
  }

  /** Whether nothing that was asked waits for its answer. */
  get idle() {
    return this.#waiting.size === 0;
  }

  /** @param {Device} device @param {Parts} parts @returns {Promise<DeviceReport>} */
  start(device, parts) {
    return this.#ask({ call: "start", device, parts });
  }

  /** @param {Uint8Array} speech weights of another network than it was started with @param {Uint8Array | null} taught to it @returns {Promise<void>} */
  improve(speech, taught) {
    return this.#ask({ call: "improve", speech, taught });
  }

  /** @param {MessagePort} port where the blocks come in @param {number} sampleRate @returns {Promise<void>} */
  listen(port, sampleRate) {
    return this.#ask({ call: "listen", port, sampleRate }, [port]);
  }

  /** @returns {Promise<Finished | null>} null when nothing was being heard */
  finish() {
    return this.#ask({ call: "finish" });
  }

  /** @returns {Promise<void>} */
  cancel() {
    return this.#ask({ call: "cancel" });
  }

  /** @param {Clip} clip @returns {Promise<Ranking>} */
  search(clip) {
    return this.#ask({ call: "search", clip });
  }

  /** @param {Clip} clip @returns {Promise<Float32Array>} 80 numbers a frame */
  frames(clip) {
    return this.#ask({ call: "frames", clip });
  }

  /** @param {Clip} clip @returns {Promise<Stages>} what became of it on its way to the ranking */
  stages(clip) {
    return this.#ask({ call: "stages", clip });
  }

  /** @param {string} picture @returns {Promise<Ranking>} the pictures most like it */
  alike(picture) {
    return this.#ask({ call: "alike", picture });
  }

  /** @param {Uint8Array} weights @returns {Promise<void>} */
  bringPictureNetwork(weights) {
    return this.#ask({ call: "pictures-bring", weights });
  }

  /** Looks at a file and keeps it. @param {string} picture its new id @param {string} title @param {File} file @returns {Promise<{ picture: KeptPicture, cut: boolean, warning: Said | null }>} */
  seePicture(picture, title, file) {
    return this.#ask({ call: "pictures-see", picture, title, file });
  }

  /** Why a picture answers a clip. @param {string} picture @param {Blob} file of it @param {Clip} clip @returns {Promise<Explanation>} */
  explain(picture, file, clip) {
    return this.#ask({ call: "pictures-explain", picture, file, clip });
  }

  /** Has a picture searched too. @param {string} picture @param {Float32Array} vector @returns {Promise<void>} */
  addPicture(picture, vector) {
    return this.#ask({ call: "pictures-add", picture, vector });
  }

  /** Has a picture searched no longer. @param {string} picture one of the visitor's own @returns {Promise<void>} */
  removePicture(picture) {
    return this.#ask({ call: "pictures-remove", picture });
  }

  /** A new lesson, in the place of the last one. @param {TeachOptions} options @returns {Promise<void>} */
  teachStart(options) {
    return this.#ask({ call: "teach-start", options });
  }

  /** @param {Role} role @param {string} picture @param {Clip} clip @param {number} view 0 is the clip as it is @returns {Promise<void>} */
  teachTake(role, picture, clip, view) {
    return this.#ask({ call: "teach-take", role, picture, clip, view });
  }

  /** @returns {Promise<[string, string][]>} pictures that were taught the very same recording */
  teachBegin() {
    return this.#ask({ call: "teach-begin" });
  }

  /** @returns {Promise<{ step: number, loss: number }>} */
  teachStep() {
    return this.#ask({ call: "teach-step" });
  }

  /** @returns {Promise<[Exam, Exam]>} before and now */
  teachExamine() {
    return this.#ask({ call: "teach-examine" });
  }

  /** @param {Clip} clip @param {number} count @returns {Promise<[Match[], Match[]]>} the first pictures before and now */
  teachCompare(clip, count) {
    return this.#ask({ call: "teach-compare", clip, count });
  }

  /** @param {string} name @param {string} made ISO 8601 @returns {Promise<TaughtFile>} */
  teachResult(name, made) {
    return this.#ask({ call: "teach-result", name, made });
  }

  /** The lesson's memory is given back. @returns {Promise<void>} */
  teachEnd() {
    return this.#ask({ call: "teach-end" });
  }

  /** @param {Uint8Array} file of something taught @param {string | null} name a new one @returns {Promise<TaughtFile>} */
  readTaught(file, name = null) {
    return this.#ask({ call: "taught-read", file, name });
  }

  /** @param {ArchiveFile[]} files @param {Row[]} rows a table of pairs beside them @returns {Promise<Uint8Array<ArrayBuffer>>} a zip */
  pack(files, rows) {
    return this.#ask({ call: "pack", files, rows });
  }

  /** @param {Uint8Array} zip @returns {Promise<{ files: ArchiveFile[], leftOut: { name: string, code: string, sentence: string }[] }>} what cannot be unpacked costs only itself */
  unpack(zip) {
    return this.#ask({ call: "unpack", zip });
  }

  /** @param {Uint8Array} table @returns {Promise<Row[]>} */
  readPairs(table) {
    return this.#ask({ call: "read-pairs", table });
  }

  /** @param {Clip} clip @returns {Promise<Uint8Array<ArrayBuffer>>} */
  wav(clip) {
    return this.#ask({ call: "wav", clip });
  }

  /** @param {Uint8Array} index of the spoken captions @returns {Promise<void>} */
  bringCaptions(index) {
    return this.#ask({ call: "captions", index });
  }

  /** @param {string} id @param {Float32Array} vector @returns {Promise<void>} */
  addCaption(id, vector) {
    return this.#ask({ call: "caption", caption: id, vector });
  }

  /** @param {string} picture @param {number} count @returns {Promise<Match[]>} the captions nearest to it */
  describe(picture, count) {
    return this.#ask({ call: "describe", picture, count });
  }

  /** Begins one loss at work, in the place of the last; the engine has the spoken captions. @param {ExperimentOptions} options @returns {Promise<void>} */
  experimentStart(options) {
    return this.#ask({ call: "experiment-start", options });
  }

  /** @param {ExperimentOptions["loss"]} loss @returns {Promise<{ step: number, loss: number }>} */
  experimentStep(loss) {
    return this.#ask({ call: "experiment-step", loss });
  }

  /** @param {ExperimentOptions["loss"]} loss @returns {Promise<Pulled>} the pairs as they are */
  experimentLook(loss) {
    return this.#ask({ call: "experiment-look", loss });
  }

  /** Takes the file of one of the poster's systems. @param {SystemName} name @param {Uint8Array} weights @returns {Promise<void>} */
  bringSystem(name, weights) {
    return this.#ask({ call: "systems-bring", name, weights });
  }

  /** @param {SystemName} name of a system that was brought @param {Clip} clip @returns {Promise<Ranking>} never sure; scores are inner products of any size */
  rankBy(name, clip) {
    return this.#ask({ call: "systems-rank", name, clip });
  }

  /** What P2's temporal branch makes of a clip; "p2" must have been brought. @param {Clip} clip @returns {Promise<TemporalTrace>} */
  temporal(clip) {
    return this.#ask({ call: "systems-temporal", clip });
  }

  /** @param {SystemName} name of a system that was brought @returns {Promise<SystemFacts>} how it was trained and what was measured */
  systemFacts(name) {
    return this.#ask({ call: "systems-facts", name });
  }

  /** @param {Uint8Array<ArrayBuffer>} header the file's first MiB @param {number} size of the file in bytes @returns {Promise<Piece[]>} what to hand in */
  beginVgg16(header, size) {
    return this.#ask({ call: "vgg16-begin", header, size }, [header.buffer]);
  }

  /** @param {string} name @param {Uint8Array<ArrayBuffer>} bytes the next of this tensor @returns {Promise<void>} */
  putVgg16(name, bytes) {
    return this.#ask({ call: "vgg16-put", name, bytes }, [bytes.buffer]);
  }

  /** @returns {Promise<void>} */
  finishVgg16() {
    return this.#ask({ call: "vgg16-finish" });
  }

  /** @param {Uint8Array<ArrayBuffer>} picture a file's bytes @returns {Promise<Float32Array>} 4096 numbers */
  vgg16Features(picture) {
    return this.#ask({ call: "vgg16-features", picture }, [picture.buffer]);
  }

  /** Ends the worker; what was asked and not answered never will be. */
  end() {
    this.#ended = true;
    this.#worker.terminate();
    this.#waiting.clear();
  }

  /** @param {WithoutId<Request>} request @param {Transferable[]} [transfer] @returns {Promise<any>} */
  #ask(request, transfer = []) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(failure("engine-crashed", texts.errors.unknown));
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...request }, transfer);
    });
  }

  /** @param {Reply | Event} message */
  #receive(message) {
    if ("event" in message) {
      if (message.event === "heard") this.#listeners.heard(message.heard);
      else if (message.event === "ranking") this.#listeners.ranking(message.ranking);
      else this.#crash(message.reason, message.clip);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("error" in message) waiting?.reject(failure(message.error.name, message.error.message, message.error.details));
    else waiting?.resolve(message.result);
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
