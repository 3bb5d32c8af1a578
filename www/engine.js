// The page's side of the worker: requests that become promises, events that become calls, and an end that is noticed.
import { failure } from "./failure.js";
import { texts } from "./texts.js";

/** @import { Clip, Device, DeviceReport, Event, Explanation, Heard, Match, OwnPicture, Parts, Piece, Ranking, Reply, Request } from "./types.d.ts" */
/** @template T @typedef {T extends unknown ? Omit<T, "id"> : never} WithoutId */
/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Waiting */
/** @typedef {{ clip: Clip, ranking?: Ranking, error?: { name: string, message: string } }} Finished */
/**
 * @typedef {object} Listeners
 * @property {(heard: Heard) => void} heard
 * @property {(ranking: Ranking) => void} ranking of what was heard so far
 * @property {(reason: string, clip: Clip | null) => void} crashed with the live clip, where there was one
 */

export class EngineClient {
  #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
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

  /** @param {Device} device @param {Parts} parts @returns {Promise<DeviceReport>} */
  start(device, parts) {
    return this.#ask({ call: "start", device, parts });
  }

  /** @param {Uint8Array} speech weights of a better network than it was started with @returns {Promise<void>} */
  improve(speech) {
    return this.#ask({ call: "improve", speech });
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

  /** @param {string} picture @returns {Promise<Ranking>} the pictures most like it */
  alike(picture) {
    return this.#ask({ call: "alike", picture });
  }

  /** @returns {Promise<OwnPicture[]>} the visitor's own pictures that the browser keeps */
  keptPictures() {
    return this.#ask({ call: "pictures-kept" });
  }

  /** @param {Uint8Array} weights @returns {Promise<void>} */
  bringPictureNetwork(weights) {
    return this.#ask({ call: "pictures-bring", weights });
  }

  /** Looks at a file and keeps it. @param {string} picture its new id @param {string} title @param {File} file @returns {Promise<{ picture: OwnPicture, warning: string }>} */
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

  /** @param {string} picture one of the visitor's own @returns {Promise<void>} */
  removePicture(picture) {
    return this.#ask({ call: "pictures-remove", picture });
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
    if ("error" in message) waiting?.reject(failure(message.error.name, message.error.message));
    else waiting?.resolve(message.result);
  }

  /** @param {string} reason @param {Clip | null} clip */
  #crash(reason, clip) {
    if (this.#ended) return;
    const waiting = [...this.#waiting.values()];
    this.end();
    for (const { reject } of waiting) reject(failure("engine-crashed", texts.errors.unknown));
    this.#listeners.crashed(reason, clip);
  }
}
