// The page's side of the second worker: what is done to picture files besides looking at them.
import { failure } from "../kit/named.js";
import { ROOT } from "../root.js";
import { trusted } from "../kit/trusted.js";

/** @typedef {import("./darkroom-worker.js").Methods} Methods */
/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void }} Waiting */

/** @type {Worker | null} */
let worker = null;
/** @type {Map<number, Waiting>} */
const waiting = new Map();
let last = 0;

/**
 * Calls a method of the worker, which is started when it is first needed.
 * @template {keyof Methods} Name @param {Name} method @param {Parameters<Methods[Name]>} args
 * @returns {Promise<Awaited<ReturnType<Methods[Name]>>>}
 */
export function darkroom(method, ...args) {
  worker ??= started();
  const id = ++last;
  const asked = worker;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    asked.postMessage({ id, method, args });
  });
}

function started() {
  const made = new Worker(trusted(new URL("www/photos/darkroom-worker.js", ROOT)), { type: "module" });
  made.onmessage = ({ data: { id, result, error } }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error) asked?.reject(failure(error));
    else asked?.resolve(result);
  };
  // It ran out of memory, say: whoever asks next gets a new one.
  made.onerror = (event) => {
    event.preventDefault();
    made.terminate();
    worker = null;
    for (const { reject } of waiting.values()) reject(failure("storage-failed"));
    waiting.clear();
  };
  return made;
}
