// A thread that does a part of the engine's work: another instance of the program, on the engine's memory.
import { instantiate } from "./shell/wasm.js";

/** @import { Shared } from "./types.d.ts" */

self.onmessage = async (/** @type {MessageEvent<Shared>} */ { data: { module, glue, memory } }) => {
  const { program } = await instantiate(module, glue, memory);
  // The engine may count on it from here on.
  self.postMessage("here");
  program.help?.();
};
