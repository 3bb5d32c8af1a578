// An error whose name is a code. It says nothing by itself, so that the worker and what it shares need no language.

/** @typedef {Error & { details?: Record<string, unknown> }} Failure */

/**
 * @param {string} name a code, as the engine's are
 * @param {string} [sentence] in the visitor's language; without it the page finds one by the name
 * @param {Record<string, unknown>} [details] numbers and names for that sentence
 * @returns {Failure}
 */
export function failure(name, sentence, details = sentence === undefined ? {} : undefined) {
  return Object.assign(new Error(sentence ?? ""), { name }, details && { details });
}
