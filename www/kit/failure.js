// Errors as sentences for the visitor.
import { texts } from "../texts.js";

/** @import { Failure } from "./named.js" */

export { failure } from "./named.js";

/** What the engine and the page raise is named by a code; what the browser raises, by a class such as TypeError. */
const CODE = /^[a-z0-9]+(-[a-z0-9]+)+$/;

/**
 * The sentence of an error, or `otherwise` where it was not written for people. What has details has not been said in the
 * visitor's language yet.
 * @param {unknown} error @param {string} otherwise
 */
export function sentence(error, otherwise) {
  if (!(error instanceof Error) || !CODE.test(error.name)) return otherwise;
  const { name, message, details } = /** @type {Failure} */ (error);
  return (details && texts.failures[name]?.(details)) || message || otherwise;
}
