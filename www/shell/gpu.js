// The graphics processor comes behind: once the processor answers, the program with WebGPU is fetched, where there is something
// for it to run on, and tried beside it.
import { EngineClient } from "./engine.js";
import { loadGpuProgram } from "./loading.js";

/** @import { DeviceReport, Parts } from "../types.d.ts" */
/** @import { Listeners } from "./engine.js" */
/** @typedef {{ engine: EngineClient, device: DeviceReport, parts: Parts }} Started */

/** Whether a graphics processor answers, or one that is only played by the processor. @returns {Promise<"hardware" | "software" | "only">} */
export async function graphics() {
  // Not in TypeScript's own list yet, and its properties moved between versions of the browsers.
  const adapter = await /** @type {any} */ (navigator).gpu?.requestAdapter().catch(() => null);
  if (!adapter) return "only";
  return adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ? "software" : "hardware";
}

/**
 * An engine of its own on the device that is faster.
 * @param {Parts} parts of the engine that answers @param {number} rival milliseconds that this one takes for a clip @param {Listeners} listeners
 * @returns {Promise<Started>}
 */
export async function tryGraphics(parts, rival, listeners) {
  const withGpu = { ...parts, ...(await loadGpuProgram()) };
  const engine = new EngineClient(listeners);
  try {
    return { engine, device: await engine.start("auto", withGpu, rival), parts: withGpu };
  } catch (error) {
    engine.end();
    throw error;
  }
}
