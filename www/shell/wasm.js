// The door to pkg/: whether this browser can run it, and one instance of it for whoever asks (the page and the worker).

/** @import { Package } from "../types.d.ts" */

/** A function that returns a vector: only engines with SIMD find it valid. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

export const hasWebAssembly = () => typeof WebAssembly === "object" && typeof WebAssembly.compile === "function";
export const hasSimd = () => WebAssembly.validate(SIMD);

/** @type {(program: Package) => void} */
let give = () => {};
/** What `instantiate` made, for whoever needs it later. @type {Promise<Package>} */
export const instance = new Promise((resolve) => (give = resolve));

/**
 * @param {WebAssembly.Module} module @param {string} glue address of the JavaScript that goes with it
 * @param {WebAssembly.Memory} [memory] of another instance, to work on it together
 * @returns {Promise<{ program: Package, memory: WebAssembly.Memory }>} ready to use
 */
export async function instantiate(module, glue, memory) {
  /** @type {Package} */
  const program = await import(glue);
  const own = await program.default(/** @type {any} */ ({ module_or_path: module, memory }));
  give(program);
  return { program, memory: own.memory };
}
